//! `tlsock_identity_request_*`: what the peer of a handshake wants of this side's certificate.

use crate::ffi::boundary::{ask, borrowed, borrowed_argument, call, optional_handle};
use crate::ffi::bytes::{Slice, c_text};
use crate::ssl::identity::CaName;
use crate::ssl::{Error, Identity, IdentityRequest, Status};
use std::ffi::{c_char, c_int};

/// Reads a field; `neutral` for NULL.
unsafe fn field<'a, T>(
    request: *const IdentityRequest,
    neutral: T,
    read: impl FnOnce(&'a IdentityRequest) -> T,
) -> T {
    ask(None, || unsafe { borrowed(request) }.map(read)).unwrap_or(neutral)
}

/// Tells whether this side is a server.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_request_server_side(request: *const IdentityRequest) -> bool {
    unsafe { field(request, false, IdentityRequest::server_side) }
}

/// Returns the name of the server that the client has sent, ASCII, lent by the request; NULL if it sent none.
/// Extension.
/// OpenSSL: SSL_get_servername
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_request_server_name(
    request: *const IdentityRequest,
) -> *const c_char {
    unsafe { field(request, c_text(None), |request| c_text(request.server_name())) }
}

/// Returns how many signature algorithms the peer takes.
/// Extension.
/// OpenSSL: SSL_get_sigalgs
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_request_signature_algorithm_count(
    request: *const IdentityRequest,
) -> usize {
    unsafe { field(request, 0, |request| request.signature_algorithms().len()) }
}

/// Returns one signature algorithm that the peer takes, in its order, by its number in TLS ("SignatureScheme" of RFC 8446,
/// section 4.2.3: 0x0403 is ecdsa_secp256r1_sha256); 0 past the end.
/// Extension.
/// OpenSSL: SSL_get_sigalgs
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_request_signature_algorithm_at(
    request: *const IdentityRequest,
    index: usize,
) -> c_int {
    let number = |request: &IdentityRequest| request.signature_algorithms().get(index).copied();
    unsafe { field(request, None, number) }.map_or(0, c_int::from)
}

/// Returns how many authorities the peer names of which it wants certificates; 0 is any.
/// Extension.
/// OpenSSL: SSL_get0_peer_CA_list
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_request_ca_name_count(request: *const IdentityRequest) -> usize {
    unsafe { field(request, 0, |request| request.ca_names().len()) }
}

/// Returns the name of one authority as DER, lent by the request; data is NULL past the end.
/// Extension.
/// OpenSSL: SSL_get0_peer_CA_list
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_request_ca_name_at(
    request: *const IdentityRequest,
    index: usize,
) -> Slice {
    let der = |request: &'static IdentityRequest| request.ca_names().get(index).map(|name| &*name.der);
    Slice::new(unsafe { field(request, None, der) })
}

/// Returns the name of one authority in one line (RFC 2253, escaped), for people to read; NULL past the end. It is lent
/// by the request.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_request_ca_name_text_at(
    request: *const IdentityRequest,
    index: usize,
) -> *const c_char {
    let text = |name: &'static CaName| name.text.as_c_str();
    unsafe { field(request, c_text(None), |request| c_text(request.ca_names().get(index).map(text))) }
}

/// Answers a request with an identity, or with none if it is NULL: this side then shows no certificate, with which a
/// server fails. The last answer counts. The connection keeps the identity; the handle stays the caller's.
/// Returns: nothing beyond the conventions.
/// Extension.
/// OpenSSL: SSL_use_cert_and_key
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_request_use(
    request: *mut IdentityRequest,
    identity: *const Identity,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let request = unsafe { borrowed_argument(request, "request") }?;
        let identity = unsafe { optional_handle(identity, "identity") }?;
        request.answer(identity.as_deref().cloned());
        Ok(())
    })
}
