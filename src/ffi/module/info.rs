//! The version and features of the OpenSSL in use.

use crate::ffi::boundary::ask;
use crate::ffi::handle;
use crate::ssl::VersionInfo;
use std::ffi::{c_char, c_int};

/// Texts for C: a static array that ends with NULL.
struct Texts([*const c_char; crate::ssl::CHANNEL_BINDING_TYPES.len() + 1]);

// SAFETY: the texts are static and never written.
unsafe impl Sync for Texts {}

static CHANNEL_BINDING_TYPES: Texts = {
    let [unique, exporter, end_point] = crate::ssl::CHANNEL_BINDING_TYPES;
    Texts([unique.as_ptr(), exporter.as_ptr(), end_point.as_ptr(), std::ptr::null()])
};

/// Tells whether the OpenSSL in use, or AWS-LC in its place, has a feature, one of TLSOCK_HAS_*; false for an unknown one.
/// Python: HAS_ALPN, HAS_TLSv1_3, ...
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_has(feature: c_int) -> bool {
    ask(false, || crate::ssl::has(feature))
}

/// Returns the types that get_channel_binding accepts, a static array that ends with NULL.
/// Python: CHANNEL_BINDING_TYPES
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_channel_binding_types() -> *const *const c_char {
    CHANNEL_BINDING_TYPES.0.as_ptr()
}

/// Returns the name of a TLSOCK_PROTOCOL_*, such as "PROTOCOL_TLS"; "<unknown>" for others. Static.
/// Python: get_protocol_name(protocol_code)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_get_protocol_name(protocol: c_int) -> *const c_char {
    ask(c"<unknown>", || crate::ssl::get_protocol_name(protocol)).as_ptr()
}

/// Returns which library does the work: "openssl", or "aws-lc" in a build with that in its place. Static.
/// Extension: in Python the text of OPENSSL_VERSION begins with it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_backend() -> *const c_char {
    ask(c"", crate::ssl::backend).as_ptr()
}

/// Returns the version text of the OpenSSL in use. Static.
/// Python: OPENSSL_VERSION
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_openssl_version() -> *const c_char {
    ask(c"", crate::ssl::openssl_version).as_ptr()
}

/// Returns the version of the OpenSSL in use as five numbers.
/// Python: OPENSSL_VERSION_INFO
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_openssl_version_info() -> VersionInfo {
    ask(VersionInfo::default(), crate::ssl::openssl_version_info)
}

/// Returns the version of the OpenSSL in use as one number, such as 0x30000160.
/// Python: OPENSSL_VERSION_NUMBER
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_openssl_version_number() -> u64 {
    ask(0, crate::ssl::openssl_version_number)
}

/// Returns how many handles this process was given and has not freed yet, of every type, errors, lists and owned
/// bytes included. 0 once all are freed: for tests that look for leaks.
/// Extension: Python's objects free themselves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_handle_count() -> usize {
    handle::count()
}
