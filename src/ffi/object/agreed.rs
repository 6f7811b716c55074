//! What both sides agreed on.

use crate::ffi::boundary::{
    ask, buffer, call, handle, optional, optional_bytes, optional_text, output, place, text,
};
use crate::ffi::bytes::{Bytes, c_text};
use crate::ffi::cipher::RawCipher;
use crate::ssl::{Certificate, CipherList, Error, Object, Status, wipe};
use std::ffi::{CStr, c_char, c_int, c_void};

/// Fills in the cipher in use. If there is none yet, it returns false and changes nothing.
/// Python: SSLObject.cipher()
/// OpenSSL: SSL_get_current_cipher
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_cipher(object: *const Object, cipher: *mut RawCipher) -> bool {
    ask(false, || {
        unsafe { optional(object) }.as_deref().is_some_and(|object| RawCipher::store(object.cipher(), cipher))
    })
}

/// Lists the ciphers that both sides have, in the server's order; read the list with _at. *ciphers is NULL on a client
/// and before the handshake.
/// Returns: nothing beyond the conventions.
/// Python: SSLObject.shared_ciphers()
/// OpenSSL: SSL_get_client_ciphers
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_shared_ciphers(
    object: *const Object,
    ciphers: *mut *mut CipherList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(ciphers, "ciphers")?;
        output.give_or_null(unsafe { handle(object, "object") }?.shared_ciphers());
        Ok(())
    })
}

/// Returns "TLSv1.3", "TLSv1.2", ..., static; NULL before the end of the handshake.
/// Python: SSLObject.version()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_version(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        unsafe { optional(object) }
            .as_deref()
            .map_or(std::ptr::null(), |object| object.version().map_or(std::ptr::null(), CStr::as_ptr))
    })
}

/// Returns the group of the key exchange, such as "x25519", lent by the object; NULL before the end of the
/// handshake and if there was no key exchange.
/// Extension.
/// OpenSSL: SSL_get_negotiated_group, SSL_group_to_name
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_group(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.group())))
}

/// Returns the name of the compression in use, static; NULL for none, which is the default.
/// Python: SSLObject.compression()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_compression(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.compression()))
    })
}

/// Returns the application protocol that was agreed on, lent by the object; NULL for none. In one that is no text, which only an
/// ALPN callback can choose, U+FFFD stands for a NUL and for what is not UTF-8.
/// Python: SSLObject.selected_alpn_protocol()
/// OpenSSL: SSL_get0_alpn_selected
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_selected_alpn_protocol(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.selected_alpn_protocol()))
    })
}

/// Returns NULL: NPN was removed from TLS.
/// Python: SSLObject.selected_npn_protocol()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_selected_npn_protocol(object: *const Object) -> *const c_char {
    let _ = object;
    std::ptr::null()
}

/// Gives the bytes of the last Finished message: with own true the one that this side sent, otherwise the peer's; data
/// is NULL before the end of the handshake.
/// Returns: nothing beyond the conventions.
/// Extension: node's socket.getFinished() and getPeerFinished()
/// OpenSSL: SSL_get_finished, SSL_get_peer_finished
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_finished(
    object: *const Object,
    own: bool,
    finished: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(finished, "finished")?;
        let object = unsafe { handle(object, "object") }?;
        output.set(Bytes::new(object.finished(own))?);
        Ok(())
    })
}

/// Gives the bytes that bind an outer login, such as SCRAM, to this connection; data is NULL before the handshake
/// is finished. type NULL means "tls-unique", the only one that Python has; the others are "tls-exporter" (RFC
/// 9266, 32 bytes) and "tls-server-end-point" (RFC 5929, the digest of the server's certificate; a server that has
/// resumed a session does not know it). Ours: a type that is not defined for the connection is refused: tls-unique over
/// TLS 1.3, tls-exporter over TLS 1.2 without the extended master secret or with renegotiation allowed.
/// Returns: VALUE for a type not in tlsock_channel_binding_types, or not defined for this connection; SSL.
/// Python: SSLObject.get_channel_binding(cb_type)
/// OpenSSL: SSL_get_finished, SSL_get_peer_finished, SSL_export_keying_material
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_get_channel_binding(
    object: *const Object,
    r#type: *const c_char,
    binding: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(binding, "binding")?;
        let object = unsafe { handle(object, "object") }?;
        let kind = unsafe { optional_text(r#type, "type") }?;
        output.set(Bytes::new(object.get_channel_binding(kind)?)?);
        Ok(())
    })
}

/// Fills all of out with keying material that is derived from the connection's secrets and is the same on both sides
/// (RFC 5705; RFC 8446, section 7.5). label is a text of your protocol, such as "EXPORTER-my-protocol"; context is
/// further bytes of your protocol, or NULL: over TLS 1.2, NULL and no bytes give different results. On failure out is not
/// changed. The result is secret.
/// Returns: VALUE before the end of the handshake, for out_len 0 and over TLS 1.2 without the extended master
/// secret (RFC 7627); SSL for a label that TLS itself uses, or an out_len beyond what the hash can give.
/// Extension.
/// OpenSSL: SSL_export_keying_material
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_export_keying_material(
    object: *const Object,
    label: *const c_char,
    context: *const c_void,
    context_len: usize,
    out: *mut c_void,
    out_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let object = unsafe { handle(object, "object") }?;
        let label = unsafe { text(label, "label") }?;
        let context = unsafe { optional_bytes(context, context_len, "context") }?;
        unsafe { buffer(out, out_len, "out") }?;
        let mut keys = object.export_keying_material(label, context, out_len)?;
        // If out and context overlap, context has been read by now.
        unsafe { buffer(out, out_len, "out") }?.copy_from_slice(&keys);
        wipe(&mut keys);
        Ok(())
    })
}

/// Returns how the client has signed in the handshake, by the name of TLS such as "ecdsa_secp256r1_sha256", static;
/// NULL if it showed no certificate (also where a session was resumed) and before the end of the handshake.
/// Extension: SSLObject.client_sigalg() of Python 3.15
/// OpenSSL: SSL_get_signature_type_nid, SSL_get_peer_signature_type_nid
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_client_sigalg(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.client_sigalg()))
    })
}

/// Returns how the server has signed in the handshake, by the name of TLS such as "rsa_pss_rsae_sha256", static;
/// NULL if it has not (a session was resumed, or a key shared before was used) and before the end of the handshake.
/// Extension: SSLObject.server_sigalg() of Python 3.15
/// OpenSSL: SSL_get_signature_type_nid, SSL_get_peer_signature_type_nid
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_server_sigalg(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.server_sigalg()))
    })
}

/// Gives the certificate that this side has shown to the peer; *certificate is NULL if it has shown none: a client that was
/// not asked for one, a handshake with a key shared before, or a session that was resumed. tlsock_certificate_verified is false for it.
/// Returns: VALUE before the end of the handshake.
/// Extension.
/// OpenSSL: SSL_get_certificate
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_own_certificate(
    object: *const Object,
    certificate: *mut *mut Certificate,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(certificate, "certificate")?;
        let object = unsafe { handle(object, "object") }?;
        output.give_or_null(object.own_certificate()?);
        Ok(())
    })
}

/// Changes the keys by which this side encrypts, in TLS 1.3 (RFC 8446, 4.6.3), for a connection that lasts long; with
/// request_peer the peer is asked to change its own, which it does when it reads that. The message is in what is to be sent when the call returns.
/// Returns: VALUE before the end of the handshake and below TLS 1.3; SSL, also after close_write.
/// Extension.
/// OpenSSL: SSL_key_update
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_key_update(
    object: *mut Object,
    request_peer: bool,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(object, "object") }?.key_update(request_peer))
}

/// Returns what has become of Encrypted ClientHello on this connection: a TLSOCK_ECH_STATUS_*. On a client it is known once
/// the server has answered, and stays after a rejection has failed the handshake.
/// Extension.
/// OpenSSL: SSL_ech_get1_status
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_ech_status(object: *const Object) -> c_int {
    ask(0, || unsafe { optional(object) }.map_or(0, |object| object.ech_status() as c_int))
}

/// Returns the name that was sent in clear in place of server_name, where the ClientHello was encrypted, lent by the
/// object; NULL before the end of the handshake and if there was none. tlsock_object_server_name is the real one.
/// Extension.
/// OpenSSL: SSL_ech_get1_status
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_ech_outer_name(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.ech_outer_name()))
    })
}

/// Gives all facts of the connection in one line of JSON, for a log: server_side, version, cipher, bits, group,
/// server_sigalg, client_sigalg, alpn, server_name, ech (none, grease, accepted or backend), ech_outer_name, session_reused, verified (the peer's certificate counts as
/// verified), verify_result (a number of OpenSSL), verify_overridden, peer (null if it showed no certificate) and chain (as verification
/// built it, empty for a resumed session). Of a certificate: subject, issuer, serial_number, not_after (seconds since
/// 1970) and sha256, the fingerprint in hex. A text is null where there is none. Later versions may add keys.
/// Returns: VALUE before the end of the handshake; SSL.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_info_json(
    object: *const Object,
    json: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(json, "json")?;
        let object = unsafe { handle(object, "object") }?;
        output.set(Bytes::copy(object.info_json()?.to_bytes())?);
        Ok(())
    })
}
