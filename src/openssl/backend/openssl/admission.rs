//! Clients about whom the program has not decided when libssl has finished with them.

use crate::openssl::sys;
use std::os::raw::{c_int, c_void};

/// How many tickets of TLS 1.3 a connection makes where it ends a handshake.
pub unsafe fn tickets(ssl: *mut sys::SSL) -> usize {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_get_num_tickets(ssl) }
}

/// Has a connection make this number of them.
pub unsafe fn set_tickets(ssl: *mut sys::SSL, count: usize) {
    // SAFETY: the caller's connection is alive. It cannot fail.
    unsafe { sys::SSL_set_num_tickets(ssl, count) };
}

/// Has a connection refuse its client's signature, if it has not seen it yet.
pub unsafe fn refuse_signatures(ssl: *mut sys::SSL) {
    // SAFETY: the caller's connection is alive, and the callback stays.
    unsafe { sys::SSL_set_security_callback(ssl, Some(refuse_signature)) };
}

/// Has a connection make a further ticket.
pub unsafe fn make_ticket(ssl: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's connection is alive.
    unsafe { sys::SSL_new_session_ticket(ssl) }
}

/// A security callback that does not allow how the client has signed. Nothing else matters to a connection that ends.
unsafe extern "C" fn refuse_signature(
    _: *const sys::SSL,
    _: *const sys::SSL_CTX,
    operation: c_int,
    _: c_int,
    _: c_int,
    _: *mut c_void,
    _: *mut c_void,
) -> c_int {
    const SIGALG_CHECK: c_int = 13 | 5 << 16;
    c_int::from(operation != SIGALG_CHECK)
}
