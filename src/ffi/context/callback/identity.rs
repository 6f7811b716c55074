//! The callback that chooses an identity.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle};
use crate::ffi::handle::Loan;
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, IdentityRequest, Status};
use std::ffi::{c_int, c_void};
use std::ptr::from_ref;
use std::sync::Arc;

/// Chooses this side's identity for one connection, by what its peer wants: on a server when the ClientHello is there,
/// on a client when the server asks for a certificate. request is lent for the time of the call: read it with
/// tlsock_identity_request_*, and answer with tlsock_identity_request_use; without an answer this side shows no
/// certificate. Return a status: WANT_CALLBACK waits, any other but OK ends the handshake with internal_error. See "Callbacks" above for what a
/// callback may do and when userdata is freed.
/// Extension.
pub type IdentityCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        request: *mut IdentityRequest,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Sets the callback that chooses an identity for each connection, in place of those that the context has: see
/// tlsock_identity_callback. It is not called where a session is resumed. On a server it comes
/// after the SNI callback, and is the one of the context that this has chosen.
/// Returns: nothing beyond the conventions.
/// Extension.
/// OpenSSL: SSL_set_cert_cb
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_identity_callback(
    context: *mut Context,
    callback: IdentityCallback,
    userdata: *mut c_void,
    free_userdata: FreeUserdata,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let set = |callback| {
            context.set_identity_callback(callback);
            Ok(())
        };
        install(userdata, free_userdata, |userdata| wrap(callback, userdata), set)
    })
}

fn wrap(callback: IdentityCallback, userdata: Arc<Userdata>) -> Option<ssl::IdentityCallback> {
    let callback = callback?;
    Some(Arc::new(move |connection, request| {
        let connection = Connection::lend(connection);
        let _loan = Loan::new(Some(request));
        let request = from_ref(request).cast_mut();
        callback_result(|error| unsafe { callback(userdata.pointer(), &*connection, request, error) })
    }))
}
