//! The callback that sees each message of the protocol.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle};
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Status};
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// Sees one protocol message, never application data. direction: TLSOCK_MESSAGE_*; version: the number of a TLS
/// version as on the wire; content_type: TLSOCK_CONTENT_TYPE_*; msg_type: the number of the alert or of the
/// handshake message, -1 if there is none. data is lent for the time of the call. A failure during a handshake ends
/// it. Later, the call in progress is completed first and then returns the failure; a read that has bytes to return
/// leaves it to the next read. See "Callbacks" above for what a callback may do and when userdata is freed.
/// Python: the callable of SSLContext._msg_callback
pub type MessageCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        direction: c_int,
        version: c_int,
        content_type: c_int,
        msg_type: c_int,
        data: *const u8,
        len: usize,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Passes every protocol message to a callback, for debugging.
/// Returns: nothing beyond the conventions.
/// Python: SSLContext._msg_callback = callback
/// OpenSSL: SSL_CTX_set_msg_callback
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_message_callback(
    context: *mut Context,
    callback: MessageCallback,
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
            |callback| {
                context.set_message_callback(callback);
                Ok(())
            },
        )
    })
}

fn wrap(callback: MessageCallback, userdata: Arc<Userdata>) -> Option<ssl::MessageCallback> {
    let callback = callback?;
    Some(Arc::new(move |connection, message| {
        let (connection, pointer) = (Connection::lend(connection), userdata.pointer());
        callback_result(|error| unsafe {
            callback(
                pointer,
                &*connection,
                c_int::from(message.written),
                message.version,
                message.content_type,
                message.msg_type,
                message.data.as_ptr(),
                message.data.len(),
                error,
            )
        })
    }))
}
