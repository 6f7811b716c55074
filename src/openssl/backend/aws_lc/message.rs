//! The messages of a connection. AWS-LC takes each that is no longer than it would have its own ones be, whatever shorter limit a
//! program has set for its peer's certificates: so it is looked here how long those are, before anything is made of them.

use super::overhear::overhear;
use super::{health, settings};
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
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return };
    settings.shows_messages.set(told);
    // SAFETY: as above.
    unsafe { listen(ssl) }
}

/// Has AWS-LC show the messages if anybody looks at them: the program, its limit, or Encrypted ClientHello.
pub(super) unsafe fn listen(ssl: *mut sys::SSL) {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return };
    // SAFETY: as above.
    let is_limited = unsafe { sys::SSL_get_max_cert_list(ssl) } < ALWAYS_TAKEN;
    let is_needed = is_limited || settings.shows_messages.get() || settings.ech.get().is_some();
    // SAFETY: as above, and the callback stays.
    unsafe { sys::SSL_set_msg_callback(ssl, is_needed.then_some(look)) }
}

unsafe extern "C" fn look(
    written: c_int,
    version: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
    ssl: *mut sys::SSL,
    argument: *mut c_void,
) {
    // SAFETY: libssl calls with a live SSL; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return };
    // SAFETY: libssl gives that many bytes.
    let message = unsafe { bytes_at(data.cast(), len) };
    // SAFETY: as above.
    unsafe { overhear(ssl, written != 0, content_type, message) };
    // SAFETY: as above.
    let is_taken = unsafe { is_taken(ssl, written != 0, content_type, message) };
    // OpenSSL shows what was encrypted to nobody.
    if is_taken && settings.shows_messages.get() && content_type != sys::SSL3_RT_CLIENT_HELLO_INNER {
        // SAFETY: libssl's own arguments.
        unsafe { handler::message(written, version, content_type, data, len, ssl, argument) }
    }
}

/// Tells whether a message may be as long as it is. If not, the peer is told, and the handshake cannot end well any more.
unsafe fn is_taken(ssl: *mut sys::SSL, written: bool, content_type: c_int, message: &[u8]) -> bool {
    if written || content_type != sys::SSL3_RT_HANDSHAKE {
        return true;
    }
    // SAFETY: the caller's connection is alive; so below.
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
