//! The callback that takes sessions which can be resumed.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle};
use crate::ffi::handle::Room;
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Session, Status};
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// Takes a session that can now be resumed: in TLS 1.3 each ticket as it arrives, during a read. The callback owns
/// the session and must free it, whatever it returns. A failure ends the handshake if the session comes during it
/// (TLS 1.2). Later, the call in progress is completed first and then returns the failure; a read that has bytes to
/// return leaves it to the next read. See "Callbacks" above for what a callback may do and when userdata is freed.
/// Extension.
pub type SessionCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        session: *mut Session,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Passes each session that can be resumed to a callback as it arrives. In TLS 1.3 this is the only reliable way to
/// get one. The first callback counts for connections made later, one that replaces another at once.
/// Returns: SSL.
/// Extension: CPython's session attribute is empty until tickets have been read.
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
