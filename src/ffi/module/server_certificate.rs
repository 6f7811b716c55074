//! The certificate of a server.

use crate::ffi::boundary::{call, optional_path, output, text};
use crate::ffi::bytes::Bytes;
use crate::ffi::socket::port_number;
use crate::ssl::{Error, Status, Timeout, get_server_certificate};
use std::ffi::{c_char, c_int};

/// Connects to a server and gives its certificate as PEM. ssl_version is TLSOCK_PROTOCOL_TLS_CLIENT or another;
/// ca_certs is a CA file to verify it with, or NULL for no verification. The host name is never checked.
/// timeout, in seconds, covers everything. The environment variable SSLKEYLOGFILE is used as by
/// tlsock_create_default_context.
/// Returns: I/O statuses.
/// Python: get_server_certificate((host, port), ssl_version, ca_certs, timeout)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_get_server_certificate(
    host: *const c_char,
    port: c_int,
    ssl_version: c_int,
    ca_certs: *const c_char,
    timeout: f64,
    pem: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(pem, "pem")?;
        let host = unsafe { text(host, "host") }?;
        let ca_certs = unsafe { optional_path(ca_certs, "ca_certs") }?;
        let (port, timeout) = (port_number(port)?, Timeout::from_seconds(timeout)?);
        let found = get_server_certificate(host, port, ssl_version, ca_certs, timeout)?;
        output.set(Bytes::new(Some(found.into_bytes()))?);
        Ok(())
    })
}
