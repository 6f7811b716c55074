//! The messages of a connection.

use crate::openssl::{handler, sys};

/// Starts or stops passing them to the handler. OpenSSL itself looks how long they are.
pub unsafe fn watch(ssl: *mut sys::SSL, told: bool) {
    // SAFETY: the caller's connection is alive, and the callback stays.
    unsafe { sys::SSL_set_msg_callback(ssl, told.then_some(handler::message)) }
}
