//! Looking at a ClientHello before anything is made of it.

use crate::openssl::sys;
use std::os::raw::{c_int, c_void};
use std::ptr::null_mut;

/// What looks: it says how to go on, and where that is to end the connection, by which alert.
pub type Look = unsafe extern "C" fn(ssl: *mut sys::SSL, alert: *mut c_int, _: *mut c_void) -> c_int;

/// Has a context's servers call this with each ClientHello.
pub unsafe fn install(ctx: *mut sys::SSL_CTX, look: Look) {
    // SAFETY: the caller's context is alive, and the callback stays.
    unsafe { sys::SSL_CTX_set_client_hello_cb(ctx, Some(look), null_mut()) };
}
