//! The keys, as OpenSSL handles those of a provider.

use super::{FAILED, KeyType, OK, SignerKey, params, public_key};
use crate::openssl::{queue::preserving, sys};
use std::os::raw::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null;

const PRIVATE: c_int = 0x01;
const SIGNATURE: c_int = 12;

/// The functions for one kind of key.
pub(super) const fn functions<const KIND: u8>() -> &'static [sys::OSSL_DISPATCH] {
    const {
        &[
            sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_KEYMGMT_NEW, new::<KIND> as *const c_void),
            sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_KEYMGMT_FREE, free as *const c_void),
            sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_KEYMGMT_HAS, has as *const c_void),
            sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_KEYMGMT_MATCH, matches as *const c_void),
            sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_KEYMGMT_IMPORT, import as *const c_void),
            sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_KEYMGMT_IMPORT_TYPES, import_types as *const c_void),
            sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_KEYMGMT_EXPORT, export as *const c_void),
            sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_KEYMGMT_EXPORT_TYPES, import_types as *const c_void),
            sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_KEYMGMT_GET_PARAMS, get_params as *const c_void),
            sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable_params as *const c_void),
            sys::OSSL_DISPATCH::new(
                sys::OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME,
                operation_name::<KIND> as *const c_void,
            ),
            sys::OSSL_DISPATCH::END,
        ]
    }
}

unsafe extern "C" fn new<const KIND: u8>(_: *mut c_void) -> *mut c_void {
    Box::into_raw(Box::new(SignerKey { kind: KeyType::numbered(KIND), public: None, signer: None })).cast()
}

/// The last of a key may be the last of its signer, which belongs to others.
unsafe extern "C" fn free(key: *mut c_void) {
    if key.is_null() {
        return;
    }
    // SAFETY: made by `new`, and freed once.
    let key = unsafe { Box::from_raw(key.cast::<SignerKey>()) };
    let _ = preserving(|| catch_unwind(AssertUnwindSafe(|| drop(key))));
}

unsafe fn lent<'a>(key: *const c_void) -> Option<&'a SignerKey> {
    // SAFETY: NULL or a key of this provider, alive during the call.
    unsafe { key.cast::<SignerKey>().as_ref() }
}

unsafe extern "C" fn has(key: *const c_void, selection: c_int) -> c_int {
    // SAFETY: OpenSSL calls with a key of this provider.
    let Some(key) = (unsafe { lent(key) }) else { return FAILED };
    let private = selection & PRIVATE == 0 || key.signer.is_some();
    c_int::from(private && key.public.is_some())
}

/// Compares the public halves: nobody sees the private ones.
unsafe extern "C" fn matches(one: *const c_void, other: *const c_void, _: c_int) -> c_int {
    // SAFETY: OpenSSL calls with keys of this provider.
    let one = unsafe { lent(one) }.and_then(|key| key.public.as_ref());
    // SAFETY: the same.
    let other = unsafe { lent(other) }.and_then(|key| key.public.as_ref());
    let Some((one, other)) = one.zip(other) else { return FAILED };
    c_int::from(preserving(|| one.has_same_public_key(other)))
}

/// Takes over a key of ours, or the public half of another provider's key, which OpenSSL compares with ours.
unsafe extern "C" fn import(key: *mut c_void, _: c_int, params: *const sys::OSSL_PARAM) -> c_int {
    // SAFETY: a key of this provider, which nobody else has yet.
    let Some(key) = (unsafe { key.cast::<SignerKey>().as_mut() }) else { return FAILED };
    // SAFETY: OpenSSL's parameters end.
    if let Some(ours) = unsafe { params::key(params) } {
        (key.public, key.signer) = (ours.public.clone(), ours.signer.clone());
        return OK;
    }
    key.public = preserving(|| public_key(key.kind, params)).ok();
    c_int::from(key.public.is_some())
}

unsafe extern "C" fn import_types(_: c_int) -> *const sys::OSSL_PARAM {
    params::IMPORTABLE.0.as_ptr()
}

/// Gives another provider the public half. There is no private one to give: OpenSSL signs by us then.
unsafe extern "C" fn export(
    key: *mut c_void,
    selection: c_int,
    take: sys::KeyExport,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: OpenSSL calls with a key of this provider.
    let Some(public) = (unsafe { lent(key) }).and_then(|key| key.public.as_ref()) else { return FAILED };
    if selection & PRIVATE != 0 {
        return FAILED;
    }
    // SAFETY: the key is alive; OpenSSL's own function and its argument.
    unsafe { sys::EVP_PKEY_export(public.as_ptr(), sys::PUBLIC_KEY, Some(take), argument) }
}

/// What the public half says of itself: size, security, group, digest.
unsafe extern "C" fn get_params(key: *mut c_void, params: *mut sys::OSSL_PARAM) -> c_int {
    // SAFETY: OpenSSL calls with a key of this provider.
    let Some(public) = (unsafe { lent(key) }).and_then(|key| key.public.as_ref()) else { return FAILED };
    // SAFETY: the key is alive, and OpenSSL's parameters end.
    preserving(|| unsafe { sys::EVP_PKEY_get_params(public.as_ptr(), params) })
}

unsafe extern "C" fn gettable_params(_: *mut c_void) -> *const sys::OSSL_PARAM {
    params::GETTABLE.0.as_ptr()
}

unsafe extern "C" fn operation_name<const KIND: u8>(operation: c_int) -> *const c_char {
    if operation == SIGNATURE { KeyType::numbered(KIND).signs_by().as_ptr() } else { null() }
}
