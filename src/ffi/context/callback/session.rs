//! The callback that takes sessions as they become resumable.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle};
use crate::ffi::handle::Room;
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Session, Status};
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// Takes a session that can now be resumed: in TLS 1.3 each ticket as it arrives, during a read. The session is the
/// callback's to keep and free, whatever it returns. A failure ends the handshake if the session comes within it
/// (TLS 1.2). Later, the operation under way is done first and then returns the failure; a read that has bytes to
/// give leaves it to the next read. See "Callbacks" above for what a callback may do and when userdata is freed.
/// Extension.
pub type SessionCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        session: *mut Session,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Hands over each resumable session as it arrives; the way to resume TLS 1.3 without guessing when. A first
/// callback counts only for connections made after it was set.
/// Returns: SSL.
/// Extension: CPython's session attribute is empty until tickets were read.
/// OpenSSL: SSL_CTX_sess_set_new_cb
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_session_callback(
    context: *mut Context,
    callback: SessionCallback,
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
            |callback| context.set_session_callback(callback),
        )
    })
}

fn wrap(callback: SessionCallback, userdata: Arc<Userdata>) -> Option<ssl::SessionCallback> {
    let callback = callback?;
    Some(Arc::new(move |connection, session| {
        let (connection, pointer) = (Connection::lend(connection), userdata.pointer());
        let session = Room::new()?.give(session);
        callback_result(|error| unsafe { callback(pointer, &*connection, session, error) })
    }))
}
