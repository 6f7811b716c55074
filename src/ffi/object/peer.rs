//! The peer's certificates, and the session with it.

use crate::ffi::boundary::{ask, call, handle, optional, output, place};
use crate::ffi::bytes::Bytes;
use crate::ssl::{Certificate, CertificateList, Error, Object, OcspStatus, Session, Status};
use std::ffi::c_int;

/// Requests a TLS 1.3 client's certificate after the handshake. The request is sent with the next write; the answer
/// arrives during a later read.
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

/// Gives the peer's certificate if it was verified. *certificate is NULL if the peer sent none (Python's None) and if
/// the context does not verify (Python's {}): see peer_certificate for the latter.
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

/// Gives the peer's certificate, verified or not; *certificate is NULL if the peer sent none. Check
/// tlsock_certificate_verified before you trust anything in it; tlsock_certificate_der has its bytes.
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

/// Gives the result of verifying the peer's certificate, even if a failure is allowed: 0 if nothing is wrong (there
/// may be no certificate), otherwise OpenSSL's X509_V_ERR_* number.
/// Returns: VALUE before the end of the handshake.
/// Extension: node's socket.authorizationError
/// OpenSSL: SSL_get_verify_result
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_verify_result(
    object: *const Object,
    result: *mut c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(result, "result")?;
        let object = unsafe { handle(object, "object") }?;
        output.set(object.verify_result()?);
        Ok(())
    })
}

/// Gives the OCSP response that the server has sent in its last full handshake, in DER and whether it was accepted or
/// not. data is NULL without one: on servers, after a resumption, and if context_set_ocsp has not asked for one.
/// Returns: nothing beyond the conventions.
/// Extension.
/// OpenSSL: SSL_get_tlsext_status_ocsp_resp
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_ocsp_response(
    object: *const Object,
    response: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(response, "response")?;
        let object = unsafe { handle(object, "object") }?;
        output.set(Bytes::new(object.ocsp_response())?);
        Ok(())
    })
}

/// Returns what that response says of the server's certificate; status is NONE if it was not checked or is not valid.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_ocsp_status(object: *const Object) -> OcspStatus {
    ask(OcspStatus::default(), || {
        let object = unsafe { optional(object) };
        object.map(|object| object.ocsp_status()).unwrap_or_default()
    })
}

/// Gives the timestamps that came with the server's certificate in its last full handshake, whether the server was accepted or
/// not: a SignedCertificateTimestampList (RFC 6962, section 3.3), for which two bytes tell the length of the whole and of
/// each timestamp. Nobody has checked them. data is NULL without any: on servers, after a resumption, and if
/// tlsock_context_set_scts_requested has not asked.
/// Returns: nothing beyond the conventions.
/// Extension.
/// OpenSSL: SSL_get0_peer_scts
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_scts(
    object: *const Object,
    scts: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(scts, "scts")?;
        let object = unsafe { handle(object, "object") }?;
        output.set(Bytes::new(object.scts()?)?);
        Ok(())
    })
}

/// Tells whether a verify callback has accepted the peer's certificate though the check had refused it: see
/// TLSOCK_VERIFY_CALLBACK_INSECURE_OVERRIDE. Such a certificate does not count as verified; object_verify_result says why.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_verify_overridden(object: *const Object) -> bool {
    ask(false, || unsafe { optional(object) }.as_deref().is_some_and(|object| object.verify_overridden()))
}

/// Lists the chain that verification built, the peer first and the trust anchor last; empty if there is none or
/// the session was resumed.
/// Returns: nothing beyond the conventions.
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

/// Verifies a verified peer again, with what is trusted now, and lists its chain, the peer first: for a resumed session,
/// whose chain is not kept. (The intermediate certificates are those in the session; a server's ticket has none.)
/// Empty if the peer was not verified, or does not verify now.
/// Returns: SSL.
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

/// Lists the certificates exactly as the peer sent them; empty if it sent none or the session was resumed.
/// Returns: nothing beyond the conventions.
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

/// Gives a new handle on the current session; *session is NULL if there is none. Ours: there is none before the end
/// of the handshake. In TLS 1.3 a client's session can be resumed only after it has read something: see
/// tlsock_context_set_session_callback.
/// Returns: nothing beyond the conventions.
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

/// Offers a session for resumption; it must come from the same context. Ours: a session proves only what its own
/// handshake has proved. If this handshake demands more or something else when it begins (CAs, revocation
/// lists, flags, the security level), a certificate has expired since, or the session's cipher is not allowed any more
/// (TLS 1.2), the handshake is a full one.
/// Returns: VALUE for another context's session, one made without verification or for another name if this
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

/// Tells whether the handshake resumed a session, or used a pre-shared key.
/// Python: SSLObject.session_reused
/// OpenSSL: SSL_session_reused
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_object_session_reused(object: *const Object) -> bool {
    ask(false, || unsafe { optional(object) }.as_deref().is_some_and(|object| object.session_reused()))
}
