//! Where the default CAs are searched for.

use crate::ffi::boundary::{ask, borrowed, call, free, place};
use crate::ffi::bytes::c_text;
use crate::ssl::{Error, Status, VerifyPaths};
use std::ffi::{CStr, c_char};

unsafe fn path(
    paths: *const VerifyPaths,
    read: impl for<'a> FnOnce(&'a VerifyPaths) -> Option<&'a CStr>,
) -> *const c_char {
    ask(std::ptr::null(), || c_text(unsafe { borrowed(paths) }.and_then(read)))
}

/// Gives the paths where the default CAs are searched for now; see tlsock_environment_trusted.
/// Returns: nothing beyond the conventions.
/// Python: get_default_verify_paths()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_get_default_verify_paths(
    paths: *mut *mut VerifyPaths,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        place(paths, "paths")?.give(crate::ssl::get_default_verify_paths());
        Ok(())
    })
}

/// Frees the paths. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verify_paths_free(paths: *mut VerifyPaths) {
    unsafe { free(paths) }
}

/// Returns the CA file in use, lent by paths; NULL if it does not exist.
/// Python: DefaultVerifyPaths.cafile
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verify_paths_cafile(paths: *const VerifyPaths) -> *const c_char {
    unsafe { path(paths, VerifyPaths::cafile) }
}

/// Returns the CA directory in use, lent by paths; NULL if it does not exist.
/// Python: DefaultVerifyPaths.capath
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verify_paths_capath(paths: *const VerifyPaths) -> *const c_char {
    unsafe { path(paths, VerifyPaths::capath) }
}

/// Returns the name of the environment variable for the file, "SSL_CERT_FILE".
/// Python: DefaultVerifyPaths.openssl_cafile_env
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verify_paths_openssl_cafile_env(paths: *const VerifyPaths) -> *const c_char {
    unsafe { path(paths, |paths| Some(paths.openssl_cafile_env())) }
}

/// Returns the file built into OpenSSL.
/// Python: DefaultVerifyPaths.openssl_cafile
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verify_paths_openssl_cafile(paths: *const VerifyPaths) -> *const c_char {
    unsafe { path(paths, |paths| Some(paths.openssl_cafile())) }
}

/// Returns the name of the environment variable for the directory, "SSL_CERT_DIR".
/// Python: DefaultVerifyPaths.openssl_capath_env
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verify_paths_openssl_capath_env(paths: *const VerifyPaths) -> *const c_char {
    unsafe { path(paths, |paths| Some(paths.openssl_capath_env())) }
}

/// Returns the directory built into OpenSSL.
/// Python: DefaultVerifyPaths.openssl_capath
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verify_paths_openssl_capath(paths: *const VerifyPaths) -> *const c_char {
    unsafe { path(paths, |paths| Some(paths.openssl_capath())) }
}
