//! The callback that sees a ClientHello before anything is chosen.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle};
use crate::ffi::handle::Loan;
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, ClientHello, Context, Error, Refusal, Status};
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// Sees a client's first message before anything is chosen: client_hello is lent for the time of the call, with all that
/// it gives. To choose certificate, ALPN and the rest, set another context with tlsock_socket_set_context or
/// tlsock_object_set_context. Return a status: OK goes on, WANT_CALLBACK waits, any other refuses the client with the
/// alert that is in *alert by then (TLSOCK_ALERT_DESCRIPTION_*, at first handshake_failure; internal_error for what is
/// no alert). See "Callbacks" above for what a callback may do and when userdata is freed.
/// Extension.
pub type ClientHelloCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        client_hello: *const ClientHello,
        alert: *mut c_int,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Sets the callback that sees each ClientHello: see tlsock_client_hello_callback. It comes first: before the version, the cipher and a session are chosen, and before the
/// SNI callback, which is that of the context that this one has set, otherwise that of the first. It is called for resumed
/// sessions too, and twice in a handshake whose first ClientHello the server answers with HelloRetryRequest: see
/// tlsock_client_hello_is_second. A connection that gets another context is not shown to the callback of that one until
/// its next ClientHello. A ClientHello that is malformed is refused with decode_error, and one in the format of SSL 2 with
/// protocol_version: the callback does not see them.
/// Returns: VALUE on a TLS_CLIENT context.
/// Extension: Go's GetConfigForClient
/// OpenSSL: SSL_CTX_set_client_hello_cb
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_client_hello_callback(
    context: *mut Context,
    callback: ClientHelloCallback,
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
            |callback| context.set_client_hello_callback(callback),
        )
    })
}

fn wrap(callback: ClientHelloCallback, userdata: Arc<Userdata>) -> Option<ssl::ClientHelloCallback> {
    let callback = callback?;
    Some(Arc::new(move |connection, hello| {
        let connection = Connection::lend(connection);
        let _loan = Loan::new(Some(hello));
        let mut alert = c_int::from(Refusal::HANDSHAKE_FAILURE);
        let answer = callback_result(|error| unsafe {
            callback(userdata.pointer(), &*connection, hello, &mut alert, error)
        });
        answer.map_err(|cause| Refusal {
            alert: u8::try_from(alert).unwrap_or(Refusal::INTERNAL_ERROR),
            cause: Some(cause),
        })
    }))
}
