//! The callback that takes the key log.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle};
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Status};
use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

/// Takes one line of the key log, without its newline; line is lent for the time of the call. It is secret: anyone who has
/// it can decrypt the connection. A failure during a handshake ends it. Later, the call in progress is completed first and
/// then returns the failure; a read that has bytes to return leaves it to the next read. See "Callbacks" above for
/// what a callback may do and when userdata is freed.
/// Extension.
pub type KeylogCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        line: *const c_char,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Hands each key log line to a callback, beside any key log file.
/// Returns: SSL.
/// Extension.
/// OpenSSL: SSL_CTX_set_keylog_callback
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_keylog_callback(
    context: *mut Context,
    callback: KeylogCallback,
    userdata: *mut c_void,
    free_userdata: FreeUserdata,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        install(
            userdata,
            free_userdata,
            |userdata| wrap(callback, userdata),
            |callback| context.set_keylog_callback(callback),
        )
    })
}

fn wrap(callback: KeylogCallback, userdata: Arc<Userdata>) -> Option<ssl::KeylogCallback> {
    let callback = callback?;
    Some(Arc::new(move |connection, line| {
        let (connection, pointer) = (Connection::lend(connection), userdata.pointer());
        callback_result(|error| unsafe { callback(pointer, &*connection, line.as_ptr(), error) })
    }))
}
