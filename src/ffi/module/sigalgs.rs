//! Signature algorithms.

use crate::ffi::boundary::{call, output};
use crate::ffi::bytes::Bytes;
use crate::ssl::{Error, Status};

/// Gives the names of the signature algorithms that the OpenSSL in use knows, separated by colons, as
/// tlsock_context_set_server_sigalgs takes them. Text, ASCII.
/// Returns: nothing beyond the conventions.
/// Extension: get_sigalgs() of Python 3.15, here for every OpenSSL
/// OpenSSL: SSL_get1_builtin_sigalgs
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_get_sigalgs(sigalgs: *mut Bytes, error: *mut *mut Error) -> Status {
    call(error, || {
        let output = output(sigalgs, "sigalgs")?;
        output.set(Bytes::copy(crate::ssl::get_sigalgs()?.join(":").as_bytes())?);
        Ok(())
    })
}
