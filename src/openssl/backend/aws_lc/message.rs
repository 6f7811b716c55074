//! The messages of a connection. AWS-LC takes each that is no longer than it would have its own ones be, whatever shorter limit a
//! program has set for its peer's certificates: so it is looked here how long those are, before anything is made of them.

use super::health;
use crate::openssl::alert::Alert;
use crate::openssl::{bytes_at, handler, sys};
use std::os::raw::{c_int, c_void};

const SSL_R_EXCESSIVE_MESSAGE_SIZE: c_int = 152;
/// AWS-LC takes each message up to this length.
const ALWAYS_TAKEN: usize = 16_384;
/// What comes before a message's content: its kind, and its length.
const HEADER: usize = 4;
/// The kinds of messages that OpenSSL holds to the limit: Certificate and CertificateRequest, which names authorities.
const LIMITED: [u8; 2] = [11, 13];

/// Starts or stops passing the messages to the handler.
pub unsafe fn watch(ssl: *mut sys::SSL, told: bool) {
    // SAFETY: the caller's connection is alive.
    let checked = unsafe { sys::SSL_get_max_cert_list(ssl) } < ALWAYS_TAKEN;
    let callback = match (checked, told) {
        (false, false) => None,
        (false, true) => Some(handler::message as MessageCallback),
        (true, false) => Some(check as MessageCallback),
        (true, true) => Some(check_and_tell as MessageCallback),
    };
    // SAFETY: the caller's connection is alive, and the callback stays.
    unsafe { sys::SSL_set_msg_callback(ssl, callback) }
}

type MessageCallback =
    unsafe extern "C" fn(c_int, c_int, c_int, *const c_void, usize, *mut sys::SSL, *mut c_void);

unsafe extern "C" fn check_and_tell(
    written: c_int,
    version: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
    ssl: *mut sys::SSL,
    argument: *mut c_void,
) {
    // SAFETY: as libssl has called; so below.
    if unsafe { is_taken(ssl, written, content_type, data, len) } {
        // SAFETY: as above.
        unsafe { handler::message(written, version, content_type, data, len, ssl, argument) }
    }
}

unsafe extern "C" fn check(
    written: c_int,
    _version: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
    ssl: *mut sys::SSL,
    _argument: *mut c_void,
) {
    // SAFETY: as libssl has called.
    unsafe { is_taken(ssl, written, content_type, data, len) };
}

/// Tells whether a message may be as long as it is. If not, the peer is told, and the handshake cannot end well any more.
unsafe fn is_taken(
    ssl: *mut sys::SSL,
    written: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
) -> bool {
    if written != 0 || content_type != sys::SSL3_RT_HANDSHAKE {
        return true;
    }
    // SAFETY: libssl gives that many bytes of a live SSL; so below.
    let message = unsafe { bytes_at(data.cast(), len) };
    // SAFETY: as above.
    let limit = unsafe { sys::SSL_get_max_cert_list(ssl) };
    if !is_too_long(message, limit) {
        return true;
    }
    // SAFETY: as above.
    unsafe { health::break_off(ssl, SSL_R_EXCESSIVE_MESSAGE_SIZE, Alert::ILLEGAL_PARAMETER) };
    false
}

fn is_too_long(message: &[u8], limit: usize) -> bool {
    message.first().is_some_and(|kind| LIMITED.contains(kind)) && message.len().saturating_sub(HEADER) > limit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_and_requests_for_them_have_a_limit() {
        for (kind, limited) in [(1, false), (2, false), (11, true), (13, true), (15, false), (20, false)] {
            let message = [kind, 0, 0, 3, 1, 2, 3];
            assert_eq!(
                [2, 3, 4].map(|limit| is_too_long(&message, limit)),
                [limited, false, false],
                "{kind}"
            );
        }
        assert!(!is_too_long(&[], 0));
    }
}
