//! `tlsock_verification_*`: what a verify callback sees.

use super::boundary::{ask, borrowed};
use super::bytes::{Text, c_text};
use super::handle::lend;
use crate::ssl::{Certificate, CertificateList, Verification};
use std::ffi::{c_char, c_int};
use std::ptr::null;

unsafe fn field<'a, T>(
    verification: *const Verification,
    neutral: T,
    get: impl FnOnce(&'a Verification) -> T,
) -> T {
    ask(None, || unsafe { borrowed(verification) }.map(get)).unwrap_or(neutral)
}

/// Returns 0 if the check has passed, otherwise OpenSSL's X509_V_ERR_* number.
/// Extension.
/// OpenSSL: X509_STORE_CTX_get_error
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verification_code(verification: *const Verification) -> c_int {
    unsafe { field(verification, 0, Verification::code) }
}

/// Returns OpenSSL's text for the code, lent by the verification; NULL if the check has passed.
/// Extension.
/// OpenSSL: X509_verify_cert_error_string
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verification_message(verification: *const Verification) -> *const c_char {
    unsafe { field(verification, null(), |seen| c_text(seen.message())) }
}

/// Returns how deep in the chain the certificate is that has failed, 0 for the peer's own; -1 if the check has passed.
/// Extension.
/// OpenSSL: X509_STORE_CTX_get_error_depth
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verification_depth(verification: *const Verification) -> c_int {
    unsafe { field(verification, -1, |seen| seen.depth().map_or(-1, |depth| depth as c_int)) }
}

/// Returns the peer's own certificate, lent by the verification.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verification_certificate(
    verification: *const Verification,
) -> *const Certificate {
    unsafe { field(verification, null(), |seen| lend(Some(seen.certificate()), verification)) }
}

/// Returns the chain as it was built, the peer first and the trust anchor last, lent by the verification. Of a check
/// that has failed it is what was built by then.
/// Extension.
/// OpenSSL: X509_STORE_CTX_get0_chain
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verification_chain(
    verification: *const Verification,
) -> *const CertificateList {
    unsafe { field(verification, null(), |seen| lend(Some(seen.chain()), verification)) }
}

/// Returns the certificates as the peer has sent them, its own first, lent by the verification.
/// Extension.
/// OpenSSL: X509_STORE_CTX_get0_untrusted
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verification_sent_chain(
    verification: *const Verification,
) -> *const CertificateList {
    unsafe { field(verification, null(), |seen| lend(Some(seen.sent_chain()), verification)) }
}

/// Returns how many names the certificate may be for; 0 where no name is checked.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verification_expected_name_count(verification: *const Verification) -> usize {
    unsafe { field(verification, 0, |seen| seen.expected_names().len()) }
}

/// Returns one of the names or the address that the certificate may be for, lent by the verification; NULL past the end.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verification_expected_name_at(
    verification: *const Verification,
    index: usize,
) -> *const c_char {
    unsafe {
        field(verification, null(), |seen| {
            c_text(seen.expected_names().get(index).map(std::ffi::CString::as_c_str))
        })
    }
}

/// Returns how many names and addresses the certificate is for.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verification_offered_name_count(verification: *const Verification) -> usize {
    unsafe { field(verification, 0, |seen| seen.offered_names().len()) }
}

/// Returns one of the names and addresses that the certificate is for, lent by the verification; data is NULL past the
/// end.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_verification_offered_name_at(
    verification: *const Verification,
    index: usize,
) -> Text {
    let name = unsafe { field(verification, None, |seen| seen.offered_names().get(index)) };
    Text::new(name.map(|name| name.with_nul()))
}
