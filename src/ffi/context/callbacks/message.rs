//! Who sees the protocol's messages.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle};
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Status};
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// Sees one protocol message, never application data. direction: TLSOCK_MESSAGE_*; version: a
/// TLSVersion number; content_type: TLSOCK_CONTENT_TYPE_*; msg_type: the alert or handshake type by its
/// number, -1 if none. A failure ends the handshake; after that it is returned by the operation under way,
/// after it is done; by the next read, where a read has bytes to give.
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

/// Shows every protocol message to a callback, for debugging.
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
