//! The callbacks that give pre-shared keys.

use super::Connection;
use crate::ffi::boundary::{ask, call, callback_result, handle, optional, optional_text};
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Result, Status};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr::null;
use std::sync::Arc;

/// Room for an identity and its NUL.
const IDENTITY_SIZE: usize = 256;

/// Gives a client's identity and key for the server's hint (NULL if there is none, as always in TLS 1.3). Write
/// NUL-terminated text into identity (at most 255 bytes), the key into psk and its length into *psk_len. To decline,
/// leave *psk_len at 0: TLS 1.3 may then go on with certificates. Return a status; any but OK aborts the handshake.
/// See "Callbacks" above for what a callback may do and when userdata is freed.
/// Python: the callable of set_psk_client_callback
pub type PskClientCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        hint: *const c_char,
        identity: *mut c_char,
        identity_size: usize,
        psk: *mut u8,
        psk_size: usize,
        psk_len: *mut usize,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Gives the key for a client's identity (NULL if it is empty): the key into psk, its length into *psk_len. To
/// decline, leave *psk_len at 0. Return a status; any but OK aborts the handshake. See "Callbacks" above for what a
/// callback may do and when userdata is freed.
/// Python: the callable of set_psk_server_callback
pub type PskServerCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        identity: *const c_char,
        psk: *mut u8,
        psk_size: usize,
        psk_len: *mut usize,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Sets the callback that gives a client its pre-shared key. With CERT_NONE a server that declines the key in TLS
/// 1.3 is not authenticated at all.
/// Ours: a callback that fails aborts the handshake; a key of length 0 declines.
/// Returns: SSL on a TLS_SERVER context, NOT_IMPLEMENTED without PSK.
/// Python: SSLContext.set_psk_client_callback(callback)
/// OpenSSL: SSL_CTX_set_psk_client_callback
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_psk_client_callback(
    context: *mut Context,
    callback: PskClientCallback,
    userdata: *mut c_void,
    free_userdata: FreeUserdata,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let set = |callback| context.set_psk_client_callback(callback);
        install(userdata, free_userdata, |userdata| client(callback, userdata), set)
    })
}

/// Sets the callback that gives a server the key of an identity, and the hint that is sent to clients of TLS 1.2
/// (at most 256 bytes, or NULL). A NULL callback clears both.
/// Ours: a callback that fails aborts the handshake; a key of length 0 declines.
/// Ours: a change ends the sessions that the server alone would resume: the next callback may not know their keys.
/// Returns: SSL on a TLS_CLIENT context, VALUE for a long hint, NOT_IMPLEMENTED without PSK.
/// Python: SSLContext.set_psk_server_callback(callback, identity_hint)
/// OpenSSL: SSL_CTX_set_psk_server_callback, SSL_CTX_use_psk_identity_hint
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_psk_server_callback(
    context: *mut Context,
    callback: PskServerCallback,
    identity_hint: *const c_char,
    userdata: *mut c_void,
    free_userdata: FreeUserdata,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let hint = unsafe { optional_text(identity_hint, "identity_hint") }?;
        let set = |callback| context.set_psk_server_callback(callback, hint);
        install(userdata, free_userdata, |userdata| server(callback, userdata), set)
    })
}

/// Tells whether a handshake without a pre-shared key fails.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_psk_required(context: *const Context) -> bool {
    ask(false, || unsafe { optional(context) }.as_deref().is_some_and(Context::psk_required))
}

/// Sets whether a handshake without a pre-shared key fails; counts for each that is not over. In TLS 1.3 a key that the
/// server declines falls back to certificates otherwise. A client refuses the server's certificate with an alert; a
/// server, and a client that verifies nothing, end the connection without one at the end of the handshake, before any
/// data. A session counts if it was made by a handshake that had to use a key; one that was offered before this was set
/// ends the handshake, as does a key by then on a server of TLS 1.3, which cannot tell the two apart. OpenSSL's server that has a certificate
/// uses a key in TLS 1.3 only with TLS_AES_128_GCM_SHA256: set_ciphersuites puts that first.
/// Returns: NOT_IMPLEMENTED without PSK. The handshake: SSL or CERT_VERIFICATION.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_psk_required(
    context: *mut Context,
    required: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_psk_required(required))
}

/// Text from the wire for C, which ends at its first NUL.
fn c_text(text: Option<&str>) -> Option<CString> {
    text.map(|text| CString::new(text).unwrap_or_default())
}

fn client(callback: PskClientCallback, userdata: Arc<Userdata>) -> Option<ssl::PskClientCallback> {
    let callback = callback?;
    Some(Arc::new(move |connection, hint, key| {
        let hint = c_text(hint);
        let hint = hint.as_ref().map_or(null(), |hint| hint.as_ptr());
        let (connection, pointer) = (Connection::lend(connection), userdata.pointer());
        let (mut identity, mut len) = ([0u8; IDENTITY_SIZE], 0);
        callback_result(|error| unsafe {
            let (text, text_size) = (identity.as_mut_ptr().cast(), identity.len());
            callback(
                pointer,
                &*connection,
                hint,
                text,
                text_size,
                key.as_mut_ptr(),
                key.len(),
                &mut len,
                error,
            )
        })?;
        Ok((terminated(&identity)?, len))
    }))
}

fn terminated(identity: &[u8]) -> Result<Vec<u8>> {
    let text = CStr::from_bytes_until_nul(identity);
    let text = text.map_err(|_| Error::value("identity is not NUL-terminated"))?;
    Ok(text.to_bytes().to_vec())
}

fn server(callback: PskServerCallback, userdata: Arc<Userdata>) -> Option<ssl::PskServerCallback> {
    let callback = callback?;
    Some(Arc::new(move |connection, identity, key| {
        let identity = c_text(identity);
        let identity = identity.as_ref().map_or(null(), |identity| identity.as_ptr());
        let (connection, pointer) = (Connection::lend(connection), userdata.pointer());
        let mut len = 0;
        callback_result(|error| unsafe {
            callback(pointer, &*connection, identity, key.as_mut_ptr(), key.len(), &mut len, error)
        })?;
        Ok(len)
    }))
}
