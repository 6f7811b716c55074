//! The context with Python's default settings.

use crate::ffi::boundary::{call, optional_bytes, optional_path, place};
use crate::ssl::{Context, Error, Status};
use std::ffi::{c_char, c_int, c_void};

/// Makes a context with Python's recommended settings. Purpose SERVER_AUTH is for clients: certificates and host
/// names are verified with the CAs given here or, if none are given, the system's. CLIENT_AUTH is for servers: add
/// load_cert_chain. cafile, capath and cadata are as in load_verify_locations, and each may be NULL. Keys are logged to
/// the file named by the environment variable SSLKEYLOGFILE. Ours: if that file cannot be written, there is a
/// RuntimeWarning (see tlsock_set_warning_callback) and no failure.
/// Returns: VALUE for another purpose, OS, SSL.
/// Python: create_default_context(purpose, cafile, capath, cadata)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_create_default_context(
    purpose: c_int,
    cafile: *const c_char,
    capath: *const c_char,
    cadata: *const c_void,
    cadata_len: usize,
    context: *mut *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(context, "context")?;
        let cafile = unsafe { optional_path(cafile, "cafile") }?;
        let capath = unsafe { optional_path(capath, "capath") }?;
        let cadata = unsafe { optional_bytes(cadata, cadata_len, "cadata") }?;
        output.give(Context::create_default(purpose, cafile, capath, cadata)?);
        Ok(())
    })
}
