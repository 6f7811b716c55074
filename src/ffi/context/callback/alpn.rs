//! The callback that chooses an application protocol.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle};
use crate::ffi::bytes::{Slice, c_text};
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Status};
use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

/// Chooses one of the application protocols that a client offers. server_name is the name that the client has sent, NULL
/// if it sent none. protocols has count names, in the client's order: 1 to 255 bytes each, which need not be text, and all
/// together less than 64 KiB. They are lent for the time of the call. Write the index of one of them to *chosen; it has
/// count before, which means none. Return a status: any but OK, and an index beyond count, refuses the client with
/// no_application_protocol, and the handshake fails with the callback's error. It cannot wait. See "Callbacks" above for
/// what a callback may do and when userdata is freed.
/// Extension.
pub type AlpnCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        server_name: *const c_char,
        protocols: *const Slice,
        count: usize,
        chosen: *mut usize,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Sets the callback that chooses a server's application protocol, in place of the list of
/// tlsock_context_set_alpn_protocols: see tlsock_alpn_callback. It is called for each ClientHello that offers protocols:
/// also where a session is resumed, and twice where a HelloRetryRequest has asked for a second one, whose answer counts.
/// It is called after the SNI callback, and is the one of the context that this has chosen.
/// Returns: VALUE on a TLS_CLIENT context.
/// Extension: node's ALPNCallback, Go's GetConfigForClient
/// OpenSSL: SSL_CTX_set_alpn_select_cb
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_alpn_callback(
    context: *mut Context,
    callback: AlpnCallback,
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
            |callback| context.set_alpn_callback(callback),
        )
    })
}

fn wrap(callback: AlpnCallback, userdata: Arc<Userdata>) -> Option<ssl::AlpnCallback> {
    let callback = callback?;
    Some(Arc::new(move |connection, server_name, protocols| {
        let (connection, pointer) = (Connection::lend(connection), userdata.pointer());
        let mut offered = Vec::new();
        offered.try_reserve_exact(protocols.len()).map_err(|_| Error::no_memory())?;
        offered.extend(protocols.iter().map(|name| Slice::new(Some(name))));
        let (list, count) = (offered.as_ptr(), offered.len());
        let mut chosen = count;
        callback_result(|error| unsafe {
            callback(pointer, &*connection, c_text(server_name), list, count, &mut chosen, error)
        })?;
        Ok(Some(chosen).filter(|chosen| *chosen != count))
    }))
}
