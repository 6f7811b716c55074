//! The callback that answers a ClientHello.

use super::Connection;
use crate::ffi::boundary::{call, callback_answer, handle};
use crate::ffi::handle::Loan;
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Refusal, Status};
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::{from_ref, null};
use std::sync::Arc;

/// Chooses the answer to a ClientHello. server_name is ASCII as sent (A-labels), NULL if the client named no
/// server. context is the one that the callback was set on; to choose another certificate, set another context with
/// tlsock_socket_set_context or tlsock_object_set_context. Return 0 to go on, an alert number
/// (TLSOCK_ALERT_DESCRIPTION_*) to refuse with that alert, 256 to refuse with the alert of number 0, -1 to fail
/// with handshake_failure; any other value sends internal_error, and so does TLSOCK_WANT_CALLBACK, which is no
/// alert: this callback cannot wait, but that for the ClientHello can. See "Callbacks" above for what a callback may do
/// and when userdata is freed.
/// Python: the callable of sni_callback
pub type SniCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        server_name: *const c_char,
        context: *mut Context,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Sets the callback that answers a ClientHello: see tlsock_sni_callback. It is also called if the client named no
/// server.
/// Ours: it is called before a session is looked up. A session is resumed only for the name, the context and the
/// trust that it was made with. A number that is no alert refuses with internal_error; in Python the client gets no alert.
/// Returns: VALUE on a TLS_CLIENT context, SSL.
/// Python: SSLContext.sni_callback = callback
/// OpenSSL: SSL_CTX_set_tlsext_servername_callback
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_sni_callback(
    context: *mut Context,
    callback: SniCallback,
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
            |callback| context.set_sni_callback(callback),
        )
    })
}

/// Like set_sni_callback, but a name that is not a valid host name fails the handshake.
/// Returns: VALUE on a TLS_CLIENT context, SSL.
/// Python: SSLContext.set_servername_callback(callback)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_servername_callback(
    context: *mut Context,
    callback: SniCallback,
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
            |callback| context.set_servername_callback(callback),
        )
    })
}

fn wrap(callback: SniCallback, userdata: Arc<Userdata>) -> Option<ssl::SniCallback> {
    let callback = callback?;
    Some(Arc::new(move |connection, name, context| {
        let name = name.map(|name| CString::new(name).unwrap_or_default());
        let name = name.as_ref().map_or(null(), |name| name.as_ptr());
        let connection = Connection::lend(connection);
        let _loan = Loan::new(Some(context));
        let context = from_ref(context).cast_mut();
        let answer = callback_answer(|error| unsafe {
            callback(userdata.pointer(), &*connection, name, context, error)
        });
        understand(answer)
    }))
}

/// Refuses with alert 0, whose number would mean to go on.
const REFUSE_WITH_0: c_int = 256;
/// No alert has this number.
const WANT_CALLBACK: c_int = Status::WantCallback as c_int;

fn understand((answer, cause): (c_int, Option<Error>)) -> Result<(), Refusal> {
    match (answer, u8::try_from(answer)) {
        (0, _) => Ok(()),
        (WANT_CALLBACK, _) => {
            Err(Refusal { alert: Refusal::INTERNAL_ERROR, cause: Some(Error::want_callback()) })
        }
        (_, Ok(alert)) => Err(Refusal { alert, cause }),
        (REFUSE_WITH_0, _) => Err(Refusal { alert: 0, cause }),
        (-1, _) => Err(Refusal { alert: Refusal::HANDSHAKE_FAILURE, cause }),
        (other, _) => {
            let words = || Error::value(format_args!("the SNI callback returned {other}, which is no alert"));
            Err(Refusal { alert: Refusal::INTERNAL_ERROR, cause: Some(cause.unwrap_or_else(words)) })
        }
    }
}
