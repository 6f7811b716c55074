//! What can be asked of an object, and the little that can be set.

use crate::ffi::boundary::{
    ask, buffer, call, handle, optional, optional_bytes, optional_text, output, place, text,
};
use crate::ffi::bytes::{Bytes, c_text};
use crate::ffi::cipher::RawCipher;
use crate::ssl::{Certificate, CertificateList, CipherList, Context, Error, Object, Session, Status, wipe};
use std::ffi::{CStr, c_char, c_void};

/// Asks a TLS 1.3 client for its certificate after the handshake. The request goes out with the next
/// write, the answer comes in with a later read.
/// Returns: SSL (not TLS 1.3, not a server, not offered, ...).
/// Python: SSLObject.verify_client_post_handshake()
/// OpenSSL: SSL_verify_client_post_handshake
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_verify_client_post_handshake(
    object: *mut Object,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(object, "object") }?.verify_client_post_handshake())
}

/// Gives the peer's certificate if it was verified. *certificate is NULL when the peer showed none
/// (Python's None) and when the context does not verify (Python's {}): see peer_certificate for those.
/// Returns: VALUE before the end of the handshake.
/// Python: SSLObject.getpeercert()
/// OpenSSL: SSL_get1_peer_certificate
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_getpeercert(
    object: *const Object,
    certificate: *mut *mut Certificate,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(certificate, "certificate")?;
        let object = unsafe { handle(object, "object") }?;
        output.give_or_null(object.getpeercert()?);
        Ok(())
    })
}

/// Gives the peer's certificate, verified or not; *certificate is NULL when the peer showed none. Check
/// tlsock_certificate_verified before trusting a word of it; tlsock_certificate_der has its bytes.
/// Returns: VALUE before the end of the handshake.
/// Python: SSLObject.getpeercert(binary_form=True)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_peer_certificate(
    object: *const Object,
    certificate: *mut *mut Certificate,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(certificate, "certificate")?;
        let object = unsafe { handle(object, "object") }?;
        output.give_or_null(object.peer_certificate()?);
        Ok(())
    })
}

/// Lists the chain as verification built it, the peer first and the trust anchor last; empty if there is
/// none or the session was resumed.
/// Python: SSLObject.get_verified_chain()
/// OpenSSL: SSL_get0_verified_chain
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_get_verified_chain(
    object: *const Object,
    chain: *mut *mut CertificateList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(chain, "chain")?;
        let object = unsafe { handle(object, "object") }?;
        output.give(object.get_verified_chain()?);
        Ok(())
    })
}

/// Lists the certificates exactly as the peer sent them; empty if it sent none or the session was resumed.
/// Python: SSLObject.get_unverified_chain()
/// OpenSSL: SSL_get_peer_cert_chain
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_get_unverified_chain(
    object: *const Object,
    chain: *mut *mut CertificateList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(chain, "chain")?;
        let object = unsafe { handle(object, "object") }?;
        output.give(object.get_unverified_chain()?);
        Ok(())
    })
}

/// Lists the chain of a peer that was verified, which is built and checked again with what is trusted now, the peer first:
/// for a session that was resumed, whose chain nobody keeps (the certificates between are those that the session has: in a
/// server's ticket none). Empty if the peer was not verified, or does not pass now.
/// Extension.
/// OpenSSL: X509_verify_cert
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_verify_again(
    object: *const Object,
    chain: *mut *mut CertificateList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(chain, "chain")?;
        let object = unsafe { handle(object, "object") }?;
        output.give(object.verify_again()?);
        Ok(())
    })
}

/// Fills the cipher in use. Returns false, and touches nothing, while there is none.
/// Python: SSLObject.cipher()
/// OpenSSL: SSL_get_current_cipher
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_cipher(object: *const Object, cipher: *mut RawCipher) -> bool {
    ask(false, || {
        unsafe { optional(object) }.as_deref().is_some_and(|engine| RawCipher::store(engine.cipher(), cipher))
    })
}

/// Lists the ciphers both sides have, in the server's order; read it with _at. *ciphers is NULL on a
/// client and before the handshake.
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
            .map_or(std::ptr::null(), |engine| engine.version().map_or(std::ptr::null(), CStr::as_ptr))
    })
}

/// Returns the group of the key exchange, such as "x25519", lent by the object; NULL before the end of the
/// handshake and where there was none.
/// Extension.
/// OpenSSL: `SSL_get_negotiated_group`, `SSL_group_to_name`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_group(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.group())))
}

/// Returns the name of the compression in use, static; NULL for none, as ever by default.
/// Python: SSLObject.compression()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_compression(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.compression()))
    })
}

/// Returns the application protocol agreed on, lent by the object; NULL for none.
/// Python: SSLObject.selected_alpn_protocol()
/// OpenSSL: SSL_get0_alpn_selected
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_selected_alpn_protocol(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.selected_alpn_protocol()))
    })
}

/// Returns NULL: NPN is gone from TLS.
/// Python: SSLObject.selected_npn_protocol()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_selected_npn_protocol(object: *const Object) -> *const c_char {
    let _ = object;
    std::ptr::null()
}

/// Gives the bytes that bind an outer login, SCRAM for one, to this connection; data is NULL before the handshake is
/// finished. type NULL is "tls-unique". Python has no other; "tls-exporter" (RFC 9266, 32 bytes) and "tls-server-end-point"
/// (RFC 5929, the digest of the server's certificate; a server that has resumed a session does not know it). Ours:
/// where a type is not defined it is refused: tls-unique over TLS 1.3, tls-exporter over TLS 1.2 without the extended
/// master secret or where renegotiation is allowed.
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

/// Fills out with keys made of the connection's secrets for a use of their own, the same on both ends (RFC 5705; RFC 8446,
/// 7.5). label is text of your protocol, such as "EXPORTER-my-protocol"; context are bytes of it that count too, NULL for
/// none: over TLS 1.2 that differs from no bytes. On failure out is not touched. Secret.
/// Returns: VALUE before the end of the handshake, for out_len 0 and over TLS 1.2 without the extended master secret
/// (RFC 7627); SSL for a label that is TLS's own, or an out_len beyond what the hash can give.
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
        // What out and context share, if anything, is read by now.
        unsafe { buffer(out, out_len, "out") }?.copy_from_slice(&keys);
        wipe(&mut keys);
        Ok(())
    })
}

/// Gives a new handle on the context in use.
/// Python: SSLObject.context
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_context(
    object: *const Object,
    context: *mut *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(context, "context")?;
        output.give(unsafe { handle(object, "object") }?.context());
        Ok(())
    })
}

/// Switches to another context's certificate and callbacks, as an SNI callback does to choose a
/// certificate. Options, versions, ciphers and verification stay. Ours: a server asks its client for no less
/// than the context it has when the ClientHello is there: of the two verify modes and of each verify flag the
/// stricter counts.
/// Inside this connection's own callbacks only an SNI callback can do so.
/// Returns: VALUE inside any other callback of this connection.
/// Python: SSLObject.context = context
/// OpenSSL: SSL_set_SSL_CTX
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_set_context(
    object: *mut Object,
    context: *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let object = unsafe { handle(object, "object") }?;
        object.set_context(&*unsafe { handle(context, "context") }?)
    })
}

/// Tells whether this is the server's end.
/// Python: SSLObject.server_side
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_server_side(object: *const Object) -> bool {
    ask(false, || unsafe { optional(object) }.as_deref().is_some_and(|object| object.server_side()))
}

/// Returns the name by which the client has asked for the server (RFC 6066, server_name), as it was sent, lent by the
/// object; NULL for none, and before it is known. On both ends.
/// Extension.
/// OpenSSL: SSL_get_servername
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_server_name(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.server_name()))
    })
}

/// Returns the name the peer must prove, as ASCII (A-labels), lent by the object; NULL for none.
/// Python: SSLObject.server_hostname
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_server_hostname(object: *const Object) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(object) }.as_deref().and_then(|object| object.server_hostname()))
    })
}

/// Gives a new handle on the current session; *session is NULL if there is none. Ours: there is none before the end of
/// the handshake. A TLS 1.3 client gets one that resumes only after it has read something: see
/// tlsock_context_set_session_callback.
/// Python: SSLObject.session
/// OpenSSL: SSL_get1_session
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_session(
    object: *const Object,
    session: *mut *mut Session,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(session, "session")?;
        let object = unsafe { handle(object, "object") }?;
        output.give_or_null(object.session()?);
        Ok(())
    })
}

/// Offers a session for resumption; it must come from the same context. Ours: it vouches for what its handshake
/// has proved. If more or other than that is asked when this handshake begins (CAs, revocation lists, flags, the
/// security level), or a certificate has expired since, the handshake is a full one.
/// Returns: VALUE for another context's session, one made without verifying or for another name where this
/// connection checks it, on a server, and once the handshake has begun; SSL.
/// Python: SSLObject.session = session
/// OpenSSL: SSL_set_session
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_set_session(
    object: *mut Object,
    session: *const Session,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let object = unsafe { handle(object, "object") }?;
        object.set_session(&*unsafe { handle(session, "session") }?)
    })
}

/// Tells whether the handshake resumed a session, or used a key shared before.
/// Python: SSLObject.session_reused
/// OpenSSL: SSL_session_reused
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_session_reused(object: *const Object) -> bool {
    ask(false, || unsafe { optional(object) }.as_deref().is_some_and(|engine| engine.session_reused()))
}

/// Returns the pointer set_userdata stored; NULL at first.
/// Extension: any attribute of a Python object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_userdata(object: *const Object) -> *mut c_void {
    ask(std::ptr::null_mut(), || {
        unsafe { optional(object) }.as_deref().map_or(std::ptr::null_mut(), Object::userdata)
    })
}

/// Stores a pointer of yours, which the library hands to callbacks and never follows or frees.
/// Extension: any attribute of a Python object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_set_userdata(object: *mut Object, userdata: *mut c_void) {
    ask((), || {
        if let Some(object) = unsafe { optional(object) } {
            object.set_userdata(userdata);
        }
    })
}
