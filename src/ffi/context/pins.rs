//! Keys that a peer must have.

use crate::ffi::boundary::{call, handle, slice, text};
use crate::ssl::{Context, Error, Result, Status};
use std::ffi::c_char;

/// Pins keys: beside passing the check, the peer's chain as verification built it must have a certificate with one of
/// them, be it the peer's own, an intermediate or the root; otherwise the handshake fails with CERT_VERIFICATION (verify
/// code 50) and tlsock_error_cause names the pins that were seen. A pin is "sha256//" and the SHA-256 of a
/// SubjectPublicKeyInfo in base64, as curl writes it; of curl's list each pin is an element of its own here. A chain that
/// was not proved (CERT_NONE, or a verify callback that overrides the check) counts by the peer's own certificate alone.
/// A refusal under CERT_NONE ends the connection without an alert. A peer that proves itself by a pre-shared key shows no
/// certificate and passes: see set_psk_required; so does a client that shows none where none is required. A server that proves
/// itself by nothing (anonymous ciphers) is refused, without an alert too. Pins count until the
/// peer has been checked, also where the handshake has begun; sessions made under other pins are not resumed, and a handshake that
/// has offered one before ends where the server takes it. count 0 unpins. If one pin is refused, those of before stay. The context keeps a copy.
/// Returns: VALUE for what is not a pin, which it names.
/// Extension: curl --pinnedpubkey
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_pins(
    context: *mut Context,
    pins: *const *const c_char,
    count: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let pins = unsafe { slice(pins, count, "pins") }?;
        let pins = pins.iter().map(|pin| unsafe { text(*pin, "pins[i]") }).collect::<Result<Vec<_>>>()?;
        context.set_pins(&pins)
    })
}
