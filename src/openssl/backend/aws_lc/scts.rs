//! The extension of certificate timestamps, which AWS-LC sends and reads itself: of a connection it has one list, whichever
//! certificate that shows, so a server is told which one once that is chosen.

use super::settings;
use crate::openssl::{Result, bytes_at, cvt, sys};
use std::os::raw::c_uint;
use std::ptr::null;

/// AWS-LC takes no extensions of the program's, and needs none.
pub unsafe fn install(
    _: *mut sys::SSL_CTX,
    _: sys::SendExtension,
    _: sys::FreeExtension,
    _: sys::ReceiveExtension,
) -> Result<()> {
    Ok(())
}

/// No place of the extension is a ClientHello.
pub fn asks(_: c_uint) -> bool {
    false
}

/// Has a client's connection ask for them.
pub unsafe fn ask(ssl: *mut sys::SSL) {
    // SAFETY: the caller's connection is alive; so below.
    unsafe { sys::SSL_enable_signed_cert_timestamps(ssl) };
    // SAFETY: as above.
    if let Some(settings) = unsafe { settings::of(ssl) } {
        settings.own().ask_for_scts();
    }
}

/// Tells whether a connection has to be asked for its timestamps, or told those that have come, when its handshake goes on.
pub unsafe fn are_due(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { settings::of(ssl) }.is_some_and(|settings| settings.own().scts_are_due())
}

/// Has a server send these with the certificate that it has chosen.
pub unsafe fn send(ssl: *mut sys::SSL, list: &[u8]) -> Result<()> {
    // SAFETY: the caller's connection is alive; pointer and length are those of one slice, which is copied.
    cvt(|| unsafe { sys::SSL_set_signed_cert_timestamp_list(ssl, list.as_ptr(), list.len()) })?;
    // SAFETY: as above.
    if let Some(settings) = unsafe { settings::of(ssl) } {
        settings.own().scts_have_gone();
    }
    Ok(())
}

/// Those that a server has sent in this handshake, lent by the connection.
pub unsafe fn received<'a>(ssl: *mut sys::SSL) -> Option<&'a [u8]> {
    // SAFETY: the caller's connection is alive; so below.
    let own = unsafe { settings::of(ssl) }?.own();
    // SAFETY: as above.
    let session = unsafe { sys::SSL_get_session(ssl) };
    // SAFETY: as above.
    if unsafe { sys::SSL_get_pending_cipher(ssl) }.is_null() {
        own.offers(session);
    }
    // A session brings those of the handshake in which it was made.
    // SAFETY: as above.
    if own.has_offered(session) || unsafe { sys::SSL_session_reused(ssl) } != 0 {
        return None;
    }
    let (mut list, mut len) = (null(), 0);
    // SAFETY: as above; both places are ours.
    unsafe { sys::SSL_get0_signed_cert_timestamp_list(ssl, &mut list, &mut len) };
    // SAFETY: libssl gives that many bytes.
    let list = Some(unsafe { bytes_at(list, len) }).filter(|list| !list.is_empty())?;
    own.scts_have_gone();
    Some(list)
}
