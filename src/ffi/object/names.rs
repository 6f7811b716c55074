//! The names of a server: which one is sent, and of which its certificate must be for one.

use crate::ffi::boundary::{ask, call, handle, optional, optional_text, slice, text};
use crate::ffi::bytes::c_text;
use crate::ssl::{Error, Object, Result, Status};
use std::ffi::c_char;

/// Has the peer's certificate be for one of these names instead of for the server_hostname: host names, of which any one
/// will do, or one address. For a client that checks host names, before its handshake begins. What is sent (SNI) stays:
/// see set_server_name. A session is resumed only if it was made for the same names. On failure the names of before count.
/// Returns: VALUE without any name, where this connection checks none, on a server, once the handshake has begun, for a
/// name that server_hostname would not be either, and for an address beside another name.
/// Extension.
/// OpenSSL: X509_VERIFY_PARAM_add1_host, X509_VERIFY_PARAM_set1_ip
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_set_expected_names(
    object: *mut Object,
    names: *const *const c_char,
    count: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let object = unsafe { handle(object, "object") }?;
        let names = unsafe { slice(names, count, "names") }?;
        let names =
            names.iter().map(|name| unsafe { text(*name, "names[i]") }).collect::<Result<Vec<_>>>()?;
        object.set_expected_names(&names)
    })
}

/// Has a client ask for this name (SNI) instead of its server_hostname, before its handshake begins; NULL asks for no
/// name at all. What the certificate must be for stays. On failure nothing has changed.
/// Returns: VALUE on a server, once the handshake has begun, for an address and for a name that server_hostname would not
/// be either; SSL.
/// Extension.
/// OpenSSL: SSL_set_tlsext_host_name
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_set_server_name(
    object: *mut Object,
    server_name: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let object = unsafe { handle(object, "object") }?;
        object.set_server_name(unsafe { optional_text(server_name, "server_name") }?)
    })
}

/// Returns the name by which the client has asked for the server (RFC 6066, server_name), as it was sent, lent by
/// the object; NULL if there is none, and before the handshake has begun. It is known on both ends.
/// Extension.
/// OpenSSL: SSL_get_servername
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_server_name(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.server_name()))
    })
}
