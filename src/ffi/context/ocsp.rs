//! OCSP responses that come with a server's certificate.

use crate::ffi::boundary::{ask, bytes, call, handle, optional};
use crate::ssl::{Context, Error, Ocsp, Status};
use std::ffi::{c_int, c_void};

/// Returns the TLSOCK_OCSP_* mode: what a client demands of the OCSP responses of servers.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_ocsp(context: *const Context) -> c_int {
    ask(0, || unsafe { optional(context) }.as_deref().map_or(0, |context| context.ocsp() as c_int))
}

/// Sets what a client demands of the OCSP response (RFC 6960) that comes with a server's certificate. OCSP_REQUEST asks
/// for one; if it comes, it must be signed by the issuer of the certificate or by a certificate that the issuer has issued
/// for OCSP signing, be for this certificate, valid now (5 minutes of slack; without an end, for 7 days), and say that the
/// certificate is good. OCSP_REQUIRE refuses servers that send none, and so does OCSP_REQUEST if the certificate
/// itself demands one (must-staple, RFC 7633). A refusal is CERT_VERIFICATION with verify code 23 (revoked), 73 (no response),
/// 74 (not valid) or 75 (unknown). Of several answers about the certificate the worst that is valid now counts; a response
/// with a critical extension is not valid, nor one whose signature, or its signer's key or certificate, is weaker than the
/// security level asks of certificates. Without verification of the server (CERT_NONE, a verify callback that overrides the
/// check) OCSP_REQUEST checks nothing, and OCSP_REQUIRE fails the handshake with SSL, whose cause is VALUE. A server that
/// proves itself by a pre-shared key shows no certificate and passes: see set_psk_required. A session is resumed at most until the response ends, and only under the same mode. Counts for
/// connections made from now on. The default is OCSP_IGNORE.
/// Returns: VALUE for another mode or a TLS_SERVER context, SSL.
/// Extension. RFC 6066, section 8; RFC 8446, section 4.4.2.1.
/// OpenSSL: SSL_set_tlsext_status_type, SSL_CTX_set_tlsext_status_cb
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_ocsp(
    context: *mut Context,
    mode: c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_ocsp(Ocsp::from_number(mode)?))
}

/// Sets the OCSP response, in DER, that a server sends to clients that ask for it, with the certificate that it is for:
/// one for each certificate, replacing the one before. It is not sent any more once it ends. A length of 0 removes all.
/// Returns: VALUE for bytes that are no response with an answer, for a response that is not for a certificate of this context or
/// not valid now, and for a TLS_CLIENT context, and then the old one stays; SSL.
/// Extension.
/// OpenSSL: SSL_set_tlsext_status_ocsp_resp
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_ocsp_response(
    context: *mut Context,
    response: *const c_void,
    response_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_ocsp_response(unsafe { bytes(response, response_len, "response") }?)
    })
}
