//! Turns the failure of a libssl call into Python's error. This is done nowhere else.

use super::certificate::Certificate;
use super::ech::Rejection;
use super::error::{Error, Phase, Status};
use super::events::{Happened, Refused};
use crate::openssl::ctx::verify_text;
use crate::openssl::error::{self as codes, Entry};
use crate::openssl::ssl::{Failure, NO_THREAD, SSL_ERROR_WANT_RETRY_VERIFY};
use std::ffi::CString;

const SSL_ERROR_SSL: i32 = 1;
pub(crate) const SSL_ERROR_WANT_READ: i32 = 2;
const SSL_ERROR_WANT_WRITE: i32 = 3;
const SSL_ERROR_WANT_X509_LOOKUP: i32 = 4;
const SSL_ERROR_SYSCALL: i32 = 5;
pub(crate) const SSL_ERROR_ZERO_RETURN: i32 = 6;
const SSL_ERROR_WANT_CONNECT: i32 = 7;
const SSL_ERROR_EOF: i32 = 8;
const SSL_ERROR_INVALID_ERROR_CODE: i32 = 10;
const SSL_ERROR_WANT_CLIENT_HELLO: i32 = 11;

const HOSTNAME_MISMATCH: i32 = 62;
const IP_ADDRESS_MISMATCH: i32 = 64;

const EOF_TEXT: &str = "EOF occurred in violation of protocol";

/// What an error needs beyond libssl's failure.
pub(crate) struct Circumstances<'a> {
    pub phase: Phase,
    pub verify_result: i32,
    /// The names of which the certificate must be for one.
    pub expected: &'a [CString],
    /// The server has not decrypted the client's Encrypted ClientHello.
    pub rejection: Option<Rejection>,
}

/// Makes the error of a failed call.
pub(crate) fn error(failure: Failure, happened: Happened, at: &Circumstances<'_>) -> Error {
    let error = base(failure, happened.refused.as_deref(), at);
    if error.is_want() {
        return error;
    }
    let refused = error.status() == Status::CertVerification;
    let error = error.in_phase(at.phase).with(|detail| {
        detail.alert_sent = happened.alert_sent;
        detail.alert_received = happened.alert_received;
    });
    match refused {
        true => verification(error, happened.refused.map(|refused| *refused), at),
        false => error,
    }
}

fn base(failure: Failure, refused: Option<&Refused>, at: &Circumstances<'_>) -> Error {
    let plain =
        |code, words: &str| Error::from_entry(Status::Ssl, code, failure.entry.as_ref(), Some(words), None);
    match failure.code {
        SSL_ERROR_WANT_READ => Error::want_read(),
        SSL_ERROR_WANT_WRITE => Error::want_write(),
        SSL_ERROR_ZERO_RETURN => zero_return(failure.entry.as_ref()),
        SSL_ERROR_WANT_X509_LOOKUP | SSL_ERROR_WANT_CLIENT_HELLO | SSL_ERROR_WANT_RETRY_VERIFY => {
            Error::want_callback()
        }
        NO_THREAD => no_thread(failure.entry.as_ref().map_or(0, |entry| entry.reason_number)),
        SSL_ERROR_WANT_CONNECT => plain(7, "The operation did not complete (connect)"),
        SSL_ERROR_SYSCALL | SSL_ERROR_SSL => from_queue(&failure, refused, at),
        _ => plain(i64::from(SSL_ERROR_INVALID_ERROR_CODE), "Invalid error code"),
    }
}

fn no_thread(errno: i32) -> Error {
    let why = crate::os::error_text(errno);
    Error::os_with(errno, format_args!("no thread for a handshake whose signer may wait: {why}"))
}

fn zero_return(entry: Option<&Entry>) -> Error {
    let code = i64::from(SSL_ERROR_ZERO_RETURN);
    Error::from_entry(Status::ZeroReturn, code, entry, Some("TLS/SSL connection has been closed (EOF)"), None)
}

/// The error of a call on a connection that the peer has closed.
pub(crate) fn closed(phase: Phase) -> Error {
    zero_return(None).in_phase(phase)
}

/// The error for a stream that ended without close_notify.
pub(crate) fn cut_off(phase: Phase) -> Error {
    eof(None).in_phase(phase)
}

fn from_queue(failure: &Failure, refusal: Option<&Refused>, at: &Circumstances<'_>) -> Error {
    let code = i64::from(failure.code);
    let Some(entry) = &failure.entry else { return eof(None) };
    if entry.library_number == codes::LIB_SYS {
        return Error::os(entry.reason_number);
    }
    if entry.is(codes::LIB_SSL, codes::SSL_R_CERTIFICATE_VERIFY_FAILED) {
        return refused(code, entry, at);
    }
    if entry.is(codes::LIB_SSL, codes::SSL_R_INVALID_STATUS_RESPONSE) {
        if let Some(refusal) = refusal {
            return refused_by_response(code, entry, refusal);
        }
    }
    if let (Some(rejection), true) = (&at.rejection, entry.is(codes::LIB_SSL, codes::SSL_R_ECH_REQUIRED)) {
        return rejected(code, entry, rejection, at);
    }
    let ended = entry.is(codes::LIB_SSL, codes::SSL_R_UNEXPECTED_EOF_WHILE_READING);
    match failure.code == SSL_ERROR_SSL && ended {
        true => eof(Some(entry)),
        false => Error::from_entry(Status::Ssl, code, Some(entry), None, None),
    }
}

fn eof(entry: Option<&Entry>) -> Error {
    Error::from_entry(Status::Eof, i64::from(SSL_ERROR_EOF), entry, Some(EOF_TEXT), None)
}

fn refused(code: i64, entry: &Entry, at: &Circumstances<'_>) -> Error {
    let name = joined(at.expected, "' or '");
    let words = match at.verify_result {
        HOSTNAME_MISMATCH => Some(format!("Hostname mismatch, certificate is not valid for '{name}'.")),
        IP_ADDRESS_MISMATCH => Some(format!("IP address mismatch, certificate is not valid for '{name}'.")),
        other => verify_text(other),
    };
    let words = words.map(|words| match at.rejection {
        Some(_) => format!("{words} The server has rejected the Encrypted ClientHello"),
        None => words,
    });
    Error::from_entry(Status::CertVerification, code, Some(entry), None, words.as_deref())
        .with(|detail| detail.verify_code = at.verify_result)
}

/// The error for a server that has not decrypted the ClientHello: what it has proved decides what follows from that.
fn rejected(code: i64, entry: &Entry, rejection: &Rejection, at: &Circumstances<'_>) -> Error {
    let words = rejection.words();
    let told = rejection.configs.as_ref().ok().filter(|_| rejection.proved);
    let configs = told.map(|configs| configs.clone().unwrap_or_default());
    if at.verify_result == 0 {
        let error = Error::from_entry(Status::Ssl, code, Some(entry), Some(&words), None);
        return error.with(|detail| detail.ech_retry_configs = configs);
    }
    let why = verify_text(at.verify_result);
    Error::from_entry(Status::CertVerification, code, Some(entry), Some(&words), why.as_deref())
        .with(|detail| detail.verify_code = at.verify_result)
}

/// The error for a certificate that an OCSP response has refused, or that lacks one.
fn refused_by_response(code: i64, entry: &Entry, refusal: &Refused) -> Error {
    let text = verify_text(refusal.code);
    let words =
        [text.as_deref(), refusal.words.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(": ");
    Error::from_entry(Status::CertVerification, code, Some(entry), None, Some(&words))
        .with(|detail| detail.verify_code = refusal.code)
}

/// Adds what OpenSSL itself does not report: which certificate was refused, and the names that did not match.
fn verification(error: Error, refused: Option<Refused>, at: &Circumstances<'_>) -> Error {
    error.with(|detail| {
        let Some(refused) = refused else { return };
        detail.depth = Some(refused.depth);
        detail.verify_flag = refused.flag;
        let certificate = refused.certificate.map(|x509| Certificate::new(x509, false));
        if matches!(refused.code, HOSTNAME_MISMATCH | IP_ADDRESS_MISMATCH) {
            detail.expected_name = Some(super::text::text(joined(at.expected, ", ")));
            // Without memory for all of them none is told: a part would mislead.
            detail.offered_names =
                certificate.as_ref().and_then(|one| one.offered_names().ok()).unwrap_or_default();
        }
        detail.certificate = certificate;
    })
}

fn joined(names: &[CString], between: &str) -> String {
    let names: Vec<_> = names.iter().map(|name| name.to_string_lossy()).collect();
    names.join(between)
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_libssl_does_not_have() {
        let at = Circumstances { phase: Phase::Read, verify_result: 0, expected: &[], rejection: None };
        let error = base(Failure { code: 99, entry: None }, None, &at);
        assert_eq!((error.status(), error.message()), (Status::Ssl, "Invalid error code"));
        assert_eq!(error.detail().map(|detail| detail.code), Some(10));
    }
}
