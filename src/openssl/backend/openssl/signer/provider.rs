//! The provider, and the library context it is loaded into.

use super::{KeyType, OK, keymgmt, signature};
use crate::openssl::{Result, cvt, cvt_new, sys};
use once_cell::sync::OnceCell;
use std::ffi::CStr;
use std::os::raw::{c_int, c_void};
use std::ptr::null;

const NAME: &CStr = c"tlsock";
const PROPERTIES: &CStr = c"provider=tlsock";

/// A table for OpenSSL, which is static and only read.
struct Static<T>(T);

// SAFETY: nobody writes to it, and what it points to is static.
unsafe impl<T> Sync for Static<T> {}
// SAFETY: the same.
unsafe impl<T> Send for Static<T> {}

const fn algorithm(names: &'static CStr, functions: &'static [sys::OSSL_DISPATCH]) -> sys::OSSL_ALGORITHM {
    sys::OSSL_ALGORITHM {
        algorithm_names: names.as_ptr(),
        property_definition: PROPERTIES.as_ptr(),
        implementation: functions.as_ptr(),
        algorithm_description: null(),
    }
}

const END: sys::OSSL_ALGORITHM = sys::OSSL_ALGORITHM {
    algorithm_names: null(),
    property_definition: null(),
    implementation: null(),
    algorithm_description: null(),
};

static KEYS: Static<[sys::OSSL_ALGORITHM; 5]> = Static([
    algorithm(c"RSA:rsaEncryption:1.2.840.113549.1.1.1", keymgmt::functions::<{ KeyType::RSA }>()),
    algorithm(c"RSA-PSS:RSASSA-PSS:1.2.840.113549.1.1.10", keymgmt::functions::<{ KeyType::RSA_PSS }>()),
    algorithm(c"EC:id-ecPublicKey:1.2.840.10045.2.1", keymgmt::functions::<{ KeyType::EC }>()),
    algorithm(c"ED25519:1.3.101.112", keymgmt::functions::<{ KeyType::ED25519 }>()),
    END,
]);

static SIGNATURES: Static<[sys::OSSL_ALGORITHM; 4]> = Static([
    algorithm(c"RSA:rsaEncryption:1.2.840.113549.1.1.1", signature::FUNCTIONS),
    algorithm(c"ECDSA", signature::FUNCTIONS),
    algorithm(c"ED25519:1.3.101.112", signature::FUNCTIONS),
    END,
]);

static FUNCTIONS: [sys::OSSL_DISPATCH; 2] = [
    sys::OSSL_DISPATCH::new(sys::OSSL_FUNC_PROVIDER_QUERY_OPERATION, query as *const c_void),
    sys::OSSL_DISPATCH::END,
];

unsafe extern "C" fn query(
    _: *mut c_void,
    operation: c_int,
    no_cache: *mut c_int,
) -> *const sys::OSSL_ALGORITHM {
    // SAFETY: OpenSSL gives a place for the answer.
    unsafe { no_cache.write(0) };
    match operation {
        sys::OSSL_OP_KEYMGMT => KEYS.0.as_ptr(),
        sys::OSSL_OP_SIGNATURE => SIGNATURES.0.as_ptr(),
        _ => null(),
    }
}

unsafe extern "C" fn init(
    handle: *const c_void,
    _: *const sys::OSSL_DISPATCH,
    functions: *mut *const sys::OSSL_DISPATCH,
    context: *mut *mut c_void,
) -> c_int {
    // SAFETY: OpenSSL gives a place for each answer; so below.
    unsafe { functions.write(FUNCTIONS.as_ptr()) };
    // SAFETY: as above. The context is not used, but may not be NULL.
    unsafe { context.write(handle.cast_mut()) };
    OK
}

/// The library context that has this provider and no other, made when the first key is. It stays: keys point into it.
pub(super) fn library() -> Result<*mut sys::OSSL_LIB_CTX> {
    static LIBRARY: OnceCell<Static<*mut sys::OSSL_LIB_CTX>> = OnceCell::new();
    LIBRARY.get_or_try_init(make).map(|made| made.0)
}

fn make() -> Result<Static<*mut sys::OSSL_LIB_CTX>> {
    // SAFETY: no preconditions.
    let library = cvt_new(|| unsafe { sys::OSSL_LIB_CTX_new() })?.as_ptr();
    let loaded = load(library);
    if loaded.is_err() {
        // SAFETY: ours, and nobody has seen it.
        unsafe { sys::OSSL_LIB_CTX_free(library) };
    }
    loaded.map(|()| Static(library))
}

fn load(library: *mut sys::OSSL_LIB_CTX) -> Result<()> {
    // SAFETY: the library context is alive, the name ends in NUL, and the function stays; so below.
    cvt(|| unsafe { sys::OSSL_PROVIDER_add_builtin(library, NAME.as_ptr(), Some(init)) })?;
    // SAFETY: as above.
    cvt_new(|| unsafe { sys::OSSL_PROVIDER_load(library, NAME.as_ptr()) }).map(drop)
}
