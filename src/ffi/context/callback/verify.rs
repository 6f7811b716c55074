//! The callback that judges a peer beside OpenSSL.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle};
use crate::ffi::handle::Loan;
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Status, Verification, VerifyOverride};
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// Judges a peer whose certificate was checked; verification tells what was found, and is lent for the time of the
/// call with all that it gives. Return a status: WANT_CALLBACK waits; any other but OK
/// refuses the peer, which is told by an alert (on a server that has waited: see "Waiting"); the operation
/// fails with CERT_VERIFICATION (the verify code is that of the check, or 50, "application verification failure",
/// where it had passed), the callback's words in its message and its error as tlsock_error_cause. Where verify_mode is
/// CERT_NONE nothing is demanded and the callback is asked whatever was found: a refusal then ends the connection
/// without an alert, with the callback's status. See "Callbacks" above for what a callback may do and when userdata
/// is freed.
/// Extension.
pub type VerifyCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        verification: *const Verification,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Adds a callback to the check of peers: of servers, and of clients that show a certificate, also after the handshake
/// (verify_client_post_handshake). With flags 0 it is called when the check has passed, host name included, and may
/// refuse. With TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE it is called when the check has failed as well, and OK
/// accepts: see tlsock_socket_verify_overridden. The check stops at the first thing that is wrong: of a chain that could
/// not be built, say, neither the name nor the dates were looked at. Handshakes that begin from now on resume no session: a
/// resumed one would not be judged. One that has offered a session before ends where that is resumed. (In a further handshake of TLS 1.2 a server can resume the session of that connection
/// itself.) Where the answer comes late the check is made again, on a server before a client is accepted. A peer that proves itself by a pre-shared key shows no certificate, and is not judged.
/// A server that proves itself by nothing (anonymous ciphers) is refused, without an alert. On a server whose SNI
/// callback chooses another context the callbacks of both are asked, and where both verify, both have to allow what the
/// check has refused.
/// Returns: VALUE for unknown flags.
/// Extension: Go's VerifyConnection, node's checkServerIdentity
/// OpenSSL: SSL_CTX_set_cert_verify_callback
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_verify_callback(
    context: *mut Context,
    flags: u32,
    callback: VerifyCallback,
    userdata: *mut c_void,
    free_userdata: FreeUserdata,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let may_override = VerifyOverride::from_bits(flags)?;
        install(
            userdata,
            free_userdata,
            |userdata| wrap(callback, userdata),
            |callback| {
                context.set_verify_callback(may_override, callback);
                Ok(())
            },
        )
    })
}

fn wrap(callback: VerifyCallback, userdata: Arc<Userdata>) -> Option<ssl::VerifyCallback> {
    let callback = callback?;
    Some(Arc::new(move |connection, verification| {
        let (connection, pointer) = (Connection::lend(connection), userdata.pointer());
        let _loan = Loan::new(Some(verification));
        callback_result(|error| unsafe { callback(pointer, &*connection, verification, error) })
    }))
}
