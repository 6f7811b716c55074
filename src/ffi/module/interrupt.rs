//! The callback for signals that interrupt a call.

use crate::ffi::boundary::{call, callback_result};
use crate::ffi::userdata::{FreeUserdata, Userdata};
use crate::ssl::{Error, InterruptHandler, Result, Status, set_interrupt_callback};
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// Called when a signal has interrupted a call that waits: in the thread of that call and outside the signal handler, so
/// that it may do anything. Return OK to go on with the rest of the timeout, anything else to
/// end the call with INTERRUPTED; *error, from tlsock_error_new, becomes the cause of its error
/// (tlsock_error_cause). See "Callbacks" above for what a callback may do and when userdata is freed.
/// Python: PyErr_CheckSignals
pub type InterruptCallback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, error: *mut *mut Error) -> c_int>;

/// Sets the callback, for the whole process, that is called when a signal interrupts a socket's call that waits for the
/// network: languages that run signal handlers between calls run them there. With NULL, the default, signals change
/// nothing. Only signal handlers without SA_RESTART interrupt reliably. A call that the callback has ended leaves the
/// connection as a timeout does: connect, accept, recv, do_handshake, close_write and unwrap can be repeated, a send is
/// repeated with the same data, a sendfile continues after what it has sent. If accept was doing a peer's handshake,
/// that peer is closed. Inside the callback the socket may be closed or read; a call that would have to wait for another
/// call, such as a send after a send was interrupted, is VALUE. Waiting for another thread or for a name look-up is not
/// interrupted.
/// Returns: nothing beyond the conventions.
/// Python: PyErr_CheckSignals, which each interrupted call makes
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_set_interrupt_callback(
    callback: InterruptCallback,
    userdata: *mut c_void,
    free_userdata: FreeUserdata,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        set_interrupt_callback(handler(callback, Userdata::new(userdata, free_userdata)));
        Ok(())
    })
}

fn handler(callback: InterruptCallback, userdata: Userdata) -> Option<InterruptHandler> {
    let callback = callback?;
    Some(Arc::new(move || -> Result<()> {
        callback_result(|error| unsafe { callback(userdata.pointer(), error) })
    }))
}
