//! Encrypted ClientHello (RFC 9849).

use crate::ffi::boundary::{ask, bytes, call, handle, optional, optional_bytes};
use crate::ssl::{Context, Error, Status};
use std::ffi::c_void;

/// Has clients encrypt their ClientHello (ECH, RFC 9849) for the server that has published this ECHConfigList: the bytes of
/// `ech` in its HTTPS record of DNS, not their base64. What a network can read is then the public name of the configuration
/// in place of server_hostname; the groups, ciphers and application protocols are the same inside and outside. The first
/// configuration counts that can be used; others are passed over. A connection with configurations speaks TLS 1.3 alone.
/// A server that does not decrypt the ClientHello fails the handshake with SSL and the reason ECH_REQUIRED, after its
/// certificate was checked against the public name (CERT_VERIFICATION if that fails, also under CERT_NONE):
/// tlsock_error_ech_retry_configs then has the configurations to connect again with. Nothing is sent without encryption
/// instead. Pins, verify callbacks and keys of this side are not used in such a handshake. Sessions are not offered: each
/// handshake is a full one. A pre-shared key cannot be offered either: once a callback gives one, the handshake fails with
/// SSL before its first message, and its cause is NOT_IMPLEMENTED. NULL and a length of 0 end it. Counts for connections
/// made from now on.
/// Returns: VALUE for bytes that are no list, for a list without a configuration that can be used, and for a TLS_SERVER
/// context, and then the old list stays; NOT_IMPLEMENTED without TLSOCK_HAS_ECH. Making a connection is VALUE if the context
/// excludes TLS 1.3.
/// Extension.
/// OpenSSL: SSL_set1_ech_config_list
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_ech_configs(
    context: *mut Context,
    configs: *const c_void,
    configs_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_ech_configs(unsafe { optional_bytes(configs, configs_len, "configs") }?)
    })
}

/// Returns what tlsock_context_set_ech_grease has set; false for NULL.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_ech_grease(context: *const Context) -> bool {
    ask(false, || unsafe { optional(context) }.as_deref().is_some_and(Context::ech_grease))
}

/// Sets whether clients without configurations send something that looks like an encrypted ClientHello (GREASE, RFC 9849,
/// section 6.2), so that those who have some do not stand out. It encrypts nothing. Off at first. Counts for connections
/// made from now on.
/// Returns: VALUE on a TLS_SERVER context; NOT_IMPLEMENTED without TLSOCK_HAS_ECH, unless it is false.
/// Extension.
/// OpenSSL: SSL_OP_ECH_GREASE
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_ech_grease(
    context: *mut Context,
    on: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_ech_grease(on))
}

/// Replaces the keys by which a server decrypts ClientHellos (ECH, RFC 9849). keys and former are text in PEM: of each key
/// a PRIVATE KEY without a password, then the ECHCONFIG that is for it, as tlsock_generate_ech_keys and `openssl ech`
/// write them; other blocks are passed over. The configurations of keys are sent to clients whose ClientHello cannot be
/// decrypted, to connect again with; former only decrypt, for clients that still have older configurations, and may be NULL
/// with a length of 0. The server needs a certificate for each public name too: such a client gets that of its outer
/// ClientHello. Where the ClientHello is decrypted, callbacks, SNI and ALPN see the inner one. Counts for connections made
/// from now on, so keys can be replaced while a server runs; a context that an SNI callback sets has no say in it. Both
/// lengths 0: none any more.
/// Returns: VALUE for text without a key, a key that cannot be read or is encrypted, that is not for the ECHCONFIG after it
/// or has none, an ECHCONFIG that cannot be used, configurations of keys that are too long for one list, former without
/// keys, and a TLS_CLIENT context, and then the old keys stay; NOT_IMPLEMENTED without TLSOCK_HAS_ECH.
/// Extension.
/// OpenSSL: SSL_CTX_set1_echstore, OSSL_ECHSTORE_read_pem
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_load_ech_keys(
    context: *mut Context,
    keys: *const c_void,
    keys_len: usize,
    former: *const c_void,
    former_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let keys = unsafe { bytes(keys, keys_len, "keys") }?;
        context.load_ech_keys(keys, unsafe { bytes(former, former_len, "former") }?)
    })
}
