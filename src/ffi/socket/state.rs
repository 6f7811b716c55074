//! What can be asked of a socket, and the little that can be set.

use crate::ffi::boundary::{
    ask, buffer, call, handle, optional, optional_bytes, optional_text, output, place, text,
};
use crate::ffi::bytes::{Bytes, c_text};
use crate::ffi::cipher::RawCipher;
use crate::ssl::{Certificate, CertificateList, CipherList, Context, Error, Session, Socket, Status, wipe};
use std::ffi::{CStr, c_char, c_void};

/// Asks a TLS 1.3 client for its certificate after the handshake. The request goes out with the next
/// write, the answer comes in with a later read.
/// Returns: SSL (not TLS 1.3, not a server, not offered, ...), VALUE without TLS.
/// Python: SSLSocket.verify_client_post_handshake()
/// OpenSSL: SSL_verify_client_post_handshake
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_verify_client_post_handshake(
    socket: *mut Socket,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(socket, "socket") }?.verify_client_post_handshake())
}

/// Gives the peer's certificate if it was verified. *certificate is NULL when the peer showed none
/// (Python's None) and when the context does not verify (Python's {}): see peer_certificate for those.
/// Returns: VALUE before the end of the handshake, OS (ENOTCONN) before connect.
/// Python: SSLSocket.getpeercert()
/// OpenSSL: SSL_get1_peer_certificate
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_getpeercert(
    socket: *const Socket,
    certificate: *mut *mut Certificate,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(certificate, "certificate")?;
        let socket = unsafe { handle(socket, "socket") }?;
        output.give_or_null(socket.connection()?.getpeercert()?);
        Ok(())
    })
}

/// Gives the peer's certificate, verified or not; *certificate is NULL when the peer showed none. Check
/// tlsock_certificate_verified before trusting a word of it; tlsock_certificate_der has its bytes.
/// Returns: VALUE before the end of the handshake, OS (ENOTCONN) before connect.
/// Python: SSLSocket.getpeercert(binary_form=True)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_peer_certificate(
    socket: *const Socket,
    certificate: *mut *mut Certificate,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(certificate, "certificate")?;
        let socket = unsafe { handle(socket, "socket") }?;
        output.give_or_null(socket.connection()?.peer_certificate()?);
        Ok(())
    })
}

/// Lists the chain as verification built it, the peer first and the trust anchor last; empty if there is
/// none or the session was resumed.
/// Returns: OS before the socket is connected (ENOTCONN) and after close (EBADF), VALUE without TLS.
/// Python: SSLSocket.get_verified_chain()
/// OpenSSL: SSL_get0_verified_chain
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_get_verified_chain(
    socket: *const Socket,
    chain: *mut *mut CertificateList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(chain, "chain")?;
        let socket = unsafe { handle(socket, "socket") }?;
        output.give(socket.connection()?.get_verified_chain()?);
        Ok(())
    })
}

/// Lists the certificates exactly as the peer sent them; empty if it sent none or the session was resumed.
/// Returns: as get_verified_chain.
/// Python: SSLSocket.get_unverified_chain()
/// OpenSSL: SSL_get_peer_cert_chain
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_get_unverified_chain(
    socket: *const Socket,
    chain: *mut *mut CertificateList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(chain, "chain")?;
        let socket = unsafe { handle(socket, "socket") }?;
        output.give(socket.connection()?.get_unverified_chain()?);
        Ok(())
    })
}

/// Lists the chain of a peer that was verified, which is built and checked again with what is trusted now, the peer first:
/// for a session that was resumed, whose chain nobody keeps (the certificates between are those that the session has: in a
/// server's ticket none). Empty if the peer was not verified, or does not pass now.
/// Returns: as get_verified_chain.
/// Extension.
/// OpenSSL: X509_verify_cert
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_verify_again(
    socket: *const Socket,
    chain: *mut *mut CertificateList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(chain, "chain")?;
        let socket = unsafe { handle(socket, "socket") }?;
        output.give(socket.connection()?.verify_again()?);
        Ok(())
    })
}

/// Fills the cipher in use. Returns false, and touches nothing, while there is none.
/// Python: SSLSocket.cipher()
/// OpenSSL: SSL_get_current_cipher
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_cipher(socket: *const Socket, cipher: *mut RawCipher) -> bool {
    ask(false, || {
        unsafe { optional(socket) }
            .as_deref()
            .and_then(Socket::engine)
            .is_some_and(|engine| RawCipher::store(engine.cipher(), cipher))
    })
}

/// Lists the ciphers both sides have, in the server's order; read it with _at. *ciphers is NULL on a
/// client and before the handshake.
/// Python: SSLSocket.shared_ciphers()
/// OpenSSL: SSL_get_client_ciphers
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_shared_ciphers(
    socket: *const Socket,
    ciphers: *mut *mut CipherList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(ciphers, "ciphers")?;
        output.give_or_null(unsafe { handle(socket, "socket") }?.shared_ciphers());
        Ok(())
    })
}

/// Returns "TLSv1.3", "TLSv1.2", ..., static; NULL before the end of the handshake.
/// Python: SSLSocket.version()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_version(socket: *const Socket) -> *const c_char {
    ask(std::ptr::null(), || {
        unsafe { optional(socket) }
            .as_deref()
            .and_then(Socket::engine)
            .map_or(std::ptr::null(), |engine| engine.version().map_or(std::ptr::null(), CStr::as_ptr))
    })
}

/// Returns the group of the key exchange, such as "x25519", lent by the socket; NULL before the end of the
/// handshake and where there was none.
/// Extension.
/// OpenSSL: `SSL_get_negotiated_group`, `SSL_group_to_name`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_group(socket: *const Socket) -> *const c_char {
    ask(std::ptr::null(), || c_text(unsafe { optional(socket) }.as_deref().and_then(|socket| socket.group())))
}

/// Returns the name of the compression in use, static; NULL for none, as ever by default.
/// Python: SSLSocket.compression()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_compression(socket: *const Socket) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(socket) }.as_deref().and_then(|socket| socket.compression()))
    })
}

/// Returns the application protocol agreed on, lent by the socket; NULL for none.
/// Python: SSLSocket.selected_alpn_protocol()
/// OpenSSL: SSL_get0_alpn_selected
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_selected_alpn_protocol(socket: *const Socket) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(socket) }.as_deref().and_then(|socket| socket.selected_alpn_protocol()))
    })
}

/// Returns NULL: NPN is gone from TLS.
/// Python: SSLSocket.selected_npn_protocol()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_selected_npn_protocol(socket: *const Socket) -> *const c_char {
    let _ = socket;
    std::ptr::null()
}

/// Gives the bytes that bind an outer login, SCRAM for one, to this connection; data is NULL before the handshake is
/// finished. type NULL is "tls-unique". Python has no other; "tls-exporter" (RFC 9266, 32 bytes) and "tls-server-end-point"
/// (RFC 5929, the digest of the server's certificate; a server that has resumed a session does not know it). Ours:
/// where a type is not defined it is refused: tls-unique over TLS 1.3, tls-exporter over TLS 1.2 without the extended
/// master secret or where renegotiation is allowed.
/// Returns: VALUE for a type not in tlsock_channel_binding_types, or not defined for this connection; SSL.
/// Python: SSLSocket.get_channel_binding(cb_type)
/// OpenSSL: SSL_get_finished, SSL_get_peer_finished, SSL_export_keying_material
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_get_channel_binding(
    socket: *const Socket,
    r#type: *const c_char,
    binding: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(binding, "binding")?;
        let socket = unsafe { handle(socket, "socket") }?;
        let kind = unsafe { optional_text(r#type, "type") }?;
        output.set(Bytes::new(socket.get_channel_binding(kind)?)?);
        Ok(())
    })
}

/// Fills out with keys made of the connection's secrets for a use of their own, the same on both ends (RFC 5705; RFC 8446,
/// 7.5). label is text of your protocol, such as "EXPORTER-my-protocol"; context are bytes of it that count too, NULL for
/// none: over TLS 1.2 that differs from no bytes. On failure out is not touched. Secret.
/// Returns: VALUE before the end of the handshake, for out_len 0 and over TLS 1.2 without the extended master secret
/// (RFC 7627), OS (ENOTCONN) before connect; SSL for a label that is TLS's own, or an out_len beyond what the hash can give.
/// Extension.
/// OpenSSL: SSL_export_keying_material
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_export_keying_material(
    socket: *const Socket,
    label: *const c_char,
    context: *const c_void,
    context_len: usize,
    out: *mut c_void,
    out_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        let label = unsafe { text(label, "label") }?;
        let context = unsafe { optional_bytes(context, context_len, "context") }?;
        unsafe { buffer(out, out_len, "out") }?;
        let mut keys = socket.export_keying_material(label, context, out_len)?;
        // What out and context share, if anything, is read by now.
        unsafe { buffer(out, out_len, "out") }?.copy_from_slice(&keys);
        wipe(&mut keys);
        Ok(())
    })
}

/// Gives a new handle on the context in use.
/// Python: SSLSocket.context
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_context(
    socket: *const Socket,
    context: *mut *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(context, "context")?;
        output.give(unsafe { handle(socket, "socket") }?.context());
        Ok(())
    })
}

/// Switches to another context's certificate and callbacks, as an SNI callback does to choose a
/// certificate. Options, versions, ciphers and verification stay. Ours: a server asks its client for no less
/// than the context it has when the ClientHello is there: of the two verify modes and of each verify flag the
/// stricter counts.
/// Inside this connection's own callbacks only an SNI callback can do so.
/// Returns: VALUE inside any other callback of this connection.
/// Python: SSLSocket.context = context
/// OpenSSL: SSL_set_SSL_CTX
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_set_context(
    socket: *mut Socket,
    context: *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.set_context(&*unsafe { handle(context, "context") }?)
    })
}

/// Tells whether this is the server's end.
/// Python: SSLSocket.server_side
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_server_side(socket: *const Socket) -> bool {
    ask(false, || unsafe { optional(socket) }.as_deref().is_some_and(|socket| socket.server_side()))
}

/// Returns the name by which the client has asked for the server (RFC 6066, server_name), as it was sent, lent by the
/// socket; NULL for none, and before it is known. On both ends.
/// Extension.
/// OpenSSL: SSL_get_servername
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_server_name(socket: *const Socket) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(socket) }.as_deref().and_then(|socket| socket.server_name()))
    })
}

/// Returns the name the peer must prove, as ASCII (A-labels), lent by the socket; NULL for none.
/// Python: SSLSocket.server_hostname
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_server_hostname(socket: *const Socket) -> *const c_char {
    ask(std::ptr::null(), || {
        c_text(unsafe { optional(socket) }.as_deref().and_then(|socket| socket.server_hostname()))
    })
}

/// Gives a new handle on the current session; *session is NULL if there is none. Ours: there is none before the end of
/// the handshake. A TLS 1.3 client gets one that resumes only after it has read something: see
/// tlsock_context_set_session_callback.
/// Python: SSLSocket.session
/// OpenSSL: SSL_get1_session
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_session(
    socket: *const Socket,
    session: *mut *mut Session,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(session, "session")?;
        let socket = unsafe { handle(socket, "socket") }?;
        let session = socket.engine().map_or(Ok(None), |engine| engine.session())?;
        output.give_or_null(session);
        Ok(())
    })
}

/// Offers a session for resumption; it must come from the same context. Ours: it vouches for what its handshake
/// has proved. If more or other than that is asked when this handshake begins (CAs, revocation lists, flags, the
/// security level), or a certificate has expired since, the handshake is a full one.
/// Returns: VALUE for another context's session, one made without verifying or for another name where this
/// connection checks it, on a server, and once the handshake has begun; SSL.
/// Python: SSLSocket.session = session
/// OpenSSL: SSL_set_session
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_set_session(
    socket: *mut Socket,
    session: *const Session,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let socket = unsafe { handle(socket, "socket") }?;
        socket.set_session(&*unsafe { handle(session, "session") }?)
    })
}

/// Tells whether the handshake resumed a session, or used a key shared before.
/// Python: SSLSocket.session_reused
/// OpenSSL: SSL_session_reused
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_session_reused(socket: *const Socket) -> bool {
    ask(false, || {
        unsafe { optional(socket) }
            .as_deref()
            .and_then(Socket::engine)
            .is_some_and(|engine| engine.session_reused())
    })
}

/// Returns the pointer set_userdata stored; NULL at first.
/// Extension: any attribute of a Python object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_userdata(socket: *const Socket) -> *mut c_void {
    ask(std::ptr::null_mut(), || {
        unsafe { optional(socket) }.as_deref().map_or(std::ptr::null_mut(), Socket::userdata)
    })
}

/// Stores a pointer of yours, which the library hands to callbacks and never follows or frees.
/// Extension: any attribute of a Python object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_socket_set_userdata(socket: *mut Socket, userdata: *mut c_void) {
    ask((), || {
        if let Some(socket) = unsafe { optional(socket) } {
            socket.set_userdata(userdata);
        }
    })
}
