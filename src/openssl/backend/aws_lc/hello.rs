//! Looking at a ClientHello before anything is made of it.

use super::settings;
use crate::openssl::alert::Alert;
use crate::openssl::sys;
use std::os::raw::{c_int, c_void};

/// What looks: it says how to go on, and where that is to end the connection, by which alert.
pub type Look = unsafe extern "C" fn(ssl: *mut sys::SSL, alert: *mut c_int, _: *mut c_void) -> c_int;

/// Has a context's servers call this with each ClientHello. AWS-LC has two callbacks for it, one after the other: the first can
/// choose the alert, the second can wait.
pub unsafe fn install(ctx: *mut sys::SSL_CTX, look: Look) {
    // SAFETY: the caller's context is alive, and the callback and the function that is its argument stay; so below.
    unsafe { sys::SSL_CTX_set_client_hello_cb(ctx, Some(first), look as *mut c_void) };
    // SAFETY: as above.
    unsafe { sys::SSL_CTX_set_select_certificate_cb(ctx, Some(second)) };
}

unsafe extern "C" fn first(ssl: *mut sys::SSL, alert: *mut c_int, look: *mut c_void) -> c_int {
    // SAFETY: `install` passes such a function.
    let look = unsafe { std::mem::transmute::<*mut c_void, Look>(look) };
    // SAFETY: libssl calls with a live SSL.
    let settings = unsafe { settings::of(ssl) }.filter(|settings| !settings.health.is_broken_off());
    let Some(settings) = settings else { return sys::SSL_CLIENT_HELLO_ERROR };
    // SAFETY: libssl's own arguments.
    let answer = unsafe { look(ssl, alert, std::ptr::null_mut()) };
    let waits = answer == sys::SSL_CLIENT_HELLO_RETRY;
    settings.waits.set(waits);
    if !waits && settings.health.is_barred() {
        // SAFETY: libssl gives a place for the number.
        unsafe { alert.write(c_int::from(Alert::HANDSHAKE_FAILURE.0)) };
        return sys::SSL_CLIENT_HELLO_ERROR;
    }
    if waits { sys::SSL_CLIENT_HELLO_SUCCESS } else { answer }
}

unsafe extern "C" fn second(hello: *const sys::SSL_CLIENT_HELLO) -> sys::ssl_select_cert_result_t {
    // SAFETY: libssl calls with a live ClientHello of a live SSL; so below.
    let ssl = unsafe { (*hello).ssl };
    // SAFETY: as above.
    match unsafe { settings::of(ssl) } {
        Some(settings) if settings.waits.replace(false) => {
            sys::ssl_select_cert_result_t_ssl_select_cert_retry
        }
        _ => sys::ssl_select_cert_result_t_ssl_select_cert_success,
    }
}
