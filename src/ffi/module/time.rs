//! Parses the times in a certificate.

use crate::ffi::boundary::{call, output, text};
use crate::ssl::{Error, Status};
use std::ffi::c_char;

/// Reads a certificate's time, such as "Jan  5 09:34:43 2018 GMT", as seconds since 1970.
/// Returns: VALUE for text that is not such a time.
/// Python: cert_time_to_seconds(cert_time)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_cert_time_to_seconds(
    cert_time: *const c_char,
    seconds: *mut i64,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let (cert_time, seconds) = (text(cert_time, "cert_time")?, output(seconds, "seconds")?);
        seconds.set(crate::ssl::cert_time_to_seconds(cert_time)?);
        Ok(())
    })
}
