//! OpenSSL's way to pass values between providers.

use super::SignerKey;
use crate::openssl::{bytes_at, sys, text_at};
use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_uint, c_void};
use std::ptr::{null, null_mut};

const PARAM_INTEGER: c_uint = 1;
const PARAM_UTF8_STRING: c_uint = 4;
const PARAM_OCTET_STRING: c_uint = 5;
const UNMODIFIED: usize = usize::MAX;

/// The name under which a key of ours stands. Only this library makes keys in the library context that knows it.
const KEY: &CStr = c"tlsock-key";

/// Values that never change, for OpenSSL to read.
pub(super) struct Table<const N: usize>(pub [sys::OSSL_PARAM; N]);

// SAFETY: nobody writes to it, and what it points to is static.
unsafe impl<const N: usize> Sync for Table<N> {}

const END: sys::OSSL_PARAM = param(null(), 0, null_mut(), 0);

const fn param(
    key: *const c_char,
    data_type: c_uint,
    data: *mut c_void,
    data_size: usize,
) -> sys::OSSL_PARAM {
    sys::OSSL_PARAM { key, data_type, data, data_size, return_size: UNMODIFIED }
}

/// What a signature can be told.
pub(super) static SETTABLE: Table<3> = Table([
    param(c"pad-mode".as_ptr(), PARAM_UTF8_STRING, null_mut(), 0),
    param(c"saltlen".as_ptr(), PARAM_UTF8_STRING, null_mut(), 0),
    END,
]);

/// What a key can be made of here.
pub(super) static IMPORTABLE: Table<2> = Table([param(KEY.as_ptr(), PARAM_OCTET_STRING, null_mut(), 0), END]);

/// What a key says of itself.
pub(super) static GETTABLE: Table<7> = Table([
    param(c"bits".as_ptr(), PARAM_INTEGER, null_mut(), 0),
    param(c"security-bits".as_ptr(), PARAM_INTEGER, null_mut(), 0),
    param(c"max-size".as_ptr(), PARAM_INTEGER, null_mut(), 0),
    param(c"default-digest".as_ptr(), PARAM_UTF8_STRING, null_mut(), 0),
    param(c"mandatory-digest".as_ptr(), PARAM_UTF8_STRING, null_mut(), 0),
    param(c"group".as_ptr(), PARAM_UTF8_STRING, null_mut(), 0),
    END,
]);

/// Where a key stands, to be passed to this provider.
pub(super) struct KeyAddress([u8; size_of::<usize>()]);

impl KeyAddress {
    pub fn of(key: &SignerKey) -> KeyAddress {
        KeyAddress(std::ptr::from_ref(key).expose_provenance().to_ne_bytes())
    }

    /// The values that name it, which are good as long as this is.
    pub fn params(&self) -> [sys::OSSL_PARAM; 2] {
        let data = self.0.as_ptr().cast_mut().cast();
        [param(KEY.as_ptr(), PARAM_OCTET_STRING, data, self.0.len()), END]
    }
}

/// The key that stands in these values, for the time of the call.
pub(super) unsafe fn key<'a>(params: *const sys::OSSL_PARAM) -> Option<&'a SignerKey> {
    // SAFETY: the values are alive and end, as the caller promises.
    let value = unsafe { found(params, KEY) }?;
    // SAFETY: the value has that many bytes.
    let bytes = unsafe { bytes_at(value.data.cast_const().cast(), value.data_size) };
    let address = usize::from_ne_bytes(bytes.try_into().ok()?);
    // SAFETY: only `KeyAddress` is passed under this name, of a key that is alive during the call.
    unsafe { std::ptr::with_exposed_provenance::<SignerKey>(address).as_ref() }
}

/// A number or a word.
pub(super) enum Value<'a> {
    Number(c_int),
    Word(&'a CStr),
}

/// The value of this name.
pub(super) unsafe fn value<'a>(params: *const sys::OSSL_PARAM, name: &CStr) -> Option<Value<'a>> {
    // SAFETY: the values are alive and end, as the caller promises.
    let value = unsafe { found(params, name) }?;
    if value.data_type == PARAM_INTEGER {
        let mut number = 0;
        // SAFETY: a value of this type, and a place of ours.
        let read = unsafe { sys::OSSL_PARAM_get_int(value, &mut number) };
        return (read == 1).then_some(Value::Number(number));
    }
    // SAFETY: text that ends in NUL, by OpenSSL's rule for this type.
    let text = unsafe { text_at(value.data.cast_const().cast()) }?;
    (value.data_type == PARAM_UTF8_STRING).then_some(Value::Word(text))
}

unsafe fn found<'a>(params: *const sys::OSSL_PARAM, name: &CStr) -> Option<&'a sys::OSSL_PARAM> {
    if params.is_null() {
        return None;
    }
    // SAFETY: the values are alive and end, as the caller promises.
    let value = unsafe { sys::OSSL_PARAM_locate_const(params, name.as_ptr()) };
    // SAFETY: NULL or one of the values.
    unsafe { value.as_ref() }
}
