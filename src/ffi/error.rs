//! `tlsock_error_*`. Every getter accepts NULL, so an error can be printed without a check.

mod status;

use super::boundary::{ask, borrowed, free, text};
use super::bytes::{Slice, Text, c_text};
use super::handle::{Room, lend};
use crate::ssl::error::Detail;
use crate::ssl::{Certificate, Error, Phase, Status};
use std::ffi::{CString, c_char, c_int};

/// Reads a detail; `neutral` if the error is NULL or has no details.
unsafe fn detail<'a, T>(error: *const Error, neutral: T, read: impl FnOnce(&'a Detail) -> T) -> T {
    ask(None, || unsafe { borrowed(error) }.and_then(Error::detail).map(read)).unwrap_or(neutral)
}

unsafe fn detail_text(error: *const Error, read: impl FnOnce(&Detail) -> &Option<CString>) -> *const c_char {
    unsafe { detail(error, std::ptr::null(), |known| c_text(read(known).as_deref())) }
}

/// Makes an error for a callback to return. status is any except OK; the message is copied. Returns NULL if there is no
/// memory or an argument is wrong.
/// Extension: in Python a callback raises.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_new(status: c_int, message: *const c_char) -> *mut Error {
    ask(std::ptr::null_mut(), || {
        let known = Status::from_number(status).filter(|status| *status != Status::Ok);
        match (known, unsafe { text(message, "message") }) {
            (Some(status), Ok(message)) => {
                Room::new().map_or(std::ptr::null_mut(), |room| room.give(Error::new(status, message)))
            }
            _ => std::ptr::null_mut(),
        }
    })
}

/// Frees an error. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_free(error: *mut Error) {
    unsafe { free(error) }
}

/// Returns the status the call returned; OK for NULL.
/// Python: the class of the exception
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_status(error: *const Error) -> Status {
    ask(Status::Ok, || unsafe { borrowed(error) }.map_or(Status::Ok, Error::status))
}

/// Returns the message, such as "[SSL: WRONG_VERSION_NUMBER] wrong version number". Never NULL; "" for a
/// NULL error.
/// Python: str(error)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_message(error: *const Error) -> *const c_char {
    unsafe { detail(error, c"".as_ptr(), |known| known.message.as_ptr()) }
}

/// Returns the part of OpenSSL that failed, such as "SSL", "X509" or "PEM"; NULL if unknown.
/// Python: SSLError.library
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_library(error: *const Error) -> *const c_char {
    unsafe { detail_text(error, |known| &known.library) }
}

/// Returns OpenSSL's name of the reason, such as "CERTIFICATE_VERIFY_FAILED"; NULL if there is none.
/// Python: SSLError.reason
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_reason(error: *const Error) -> *const c_char {
    unsafe { detail_text(error, |known| &known.reason) }
}

/// Returns the number of the error: a TLSOCK_SSL_ERROR_* after I/O, otherwise OpenSSL's reason number; 0 if
/// there is none.
/// Python: SSLError.errno
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_code(error: *const Error) -> i64 {
    unsafe { detail(error, 0, |known| known.code) }
}

/// Returns OpenSSL's verify code of a CERT_VERIFICATION, such as 62 for a wrong host name; 0 for any other status.
/// Python: SSLCertVerificationError.verify_code
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_verify_code(error: *const Error) -> c_int {
    unsafe { detail(error, 0, |known| known.verify_code) }
}

/// Returns the text of the verify code; NULL unless the status is CERT_VERIFICATION.
/// Python: SSLCertVerificationError.verify_message
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_verify_message(error: *const Error) -> *const c_char {
    unsafe { detail_text(error, |known| &known.verify_message) }
}

/// Returns the system's error number of an OS error (errno, or the Winsock number); 0 for any other status.
/// Python: OSError.errno (OSError.winerror)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_os_errno(error: *const Error) -> c_int {
    unsafe { detail(error, 0, |known| known.os_errno) }
}

/// Returns the name of the file that the error is about (certificate, key, CA or DH file, or key log); NULL if none.
/// Python: OSError.filename
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_filename(error: *const Error) -> *const c_char {
    unsafe { detail_text(error, |known| &known.filename) }
}

/// Returns what the connection was doing. An ACCEPT error is the listener's, a HANDSHAKE error concerns one peer.
/// Extension: Python leaves it to the traceback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_phase(error: *const Error) -> Phase {
    unsafe { detail(error, Phase::None, |known| known.phase) }
}

/// Returns the number of the alert that we sent to the peer with this error; -1 if none.
/// Extension: TLSOCK_ALERT_DESCRIPTION_* or a newer number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_alert_sent(error: *const Error) -> c_int {
    unsafe { detail(error, -1, |known| known.alert_sent.map_or(-1, c_int::from)) }
}

/// Returns the number of the alert that the peer sent to us; -1 if none.
/// Extension: TLSOCK_ALERT_DESCRIPTION_* or a newer number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_alert_received(error: *const Error) -> c_int {
    unsafe { detail(error, -1, |known| known.alert_received.map_or(-1, c_int::from)) }
}

/// Returns at which depth of the chain verification failed: 0 is the peer's own certificate; -1 if unknown.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_depth(error: *const Error) -> c_int {
    unsafe { detail(error, -1, |known| known.depth.map_or(-1, |depth| depth as c_int)) }
}

/// Returns the certificate that verification refused, lent by the error; NULL if none.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_certificate(error: *const Error) -> *const Certificate {
    unsafe { detail(error, std::ptr::null(), |known| lend(known.certificate.as_ref(), error)) }
}

/// Returns the host name or address that the certificate should have named, several with ", " in between; NULL if none.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_expected_name(error: *const Error) -> *const c_char {
    unsafe { detail_text(error, |known| &known.expected_name) }
}

/// Returns the number of names in the peer's certificate, none of which matched the expected one.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_offered_name_count(error: *const Error) -> usize {
    unsafe { detail(error, 0, |known| known.offered_names.len()) }
}

/// Returns one of the names in the peer's certificate; data is NULL past the end.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_offered_name_at(error: *const Error, index: usize) -> Text {
    let name = unsafe { detail(error, None, |known| known.offered_names.get(index)) };
    Text::new(name.map(|name| name.with_nul()))
}

/// Returns the verify flag without which the chain would have passed: VERIFY_X509_STRICT,
/// VERIFY_CRL_CHECK_LEAF or VERIFY_CRL_CHECK_CHAIN; 0 if no single flag decided.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_verify_flag(error: *const Error) -> u64 {
    unsafe { detail(error, 0, |known| known.verify_flag) }
}

/// Returns the ECHConfigList that the server has sent as it rejected an Encrypted ClientHello (reason ECH_REQUIRED) and
/// proved to be the one with the public name, lent by the error: for tlsock_context_set_ech_configs and one more try.
/// len is 0 and data is not NULL if it has proved that and sent none: it does without. data is NULL otherwise.
/// Extension.
/// OpenSSL: SSL_ech_get1_retry_config
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_ech_retry_configs(error: *const Error) -> Slice {
    Slice::new(unsafe { detail(error, None, |known| known.ech_retry_configs.as_deref()) })
}

/// Returns the error that led to this one, such as that of a callback that made the call fail, lent by this one; NULL
/// if none.
/// Python: error.__context__
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_error_cause(error: *const Error) -> *const Error {
    unsafe { detail(error, std::ptr::null(), |known| lend(known.cause.as_ref(), error)) }
}
