//! A server's choice among the application protocols that its client offers (ALPN).

use super::guarded;
use crate::openssl::{bytes_at, sys};
use std::os::raw::{c_int, c_uchar, c_uint, c_void};

/// A server's answer to the protocols that its client offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlpnAnswer<'a> {
    /// One of those that the client has offered, 1 to 255 bytes of its list.
    Chosen(&'a [u8]),
    /// The connection has no protocol.
    NoProtocol,
    /// The handshake ends with the alert no_application_protocol.
    Refused,
}

pub(in crate::openssl) unsafe extern "C" fn alpn_select(
    ssl: *mut sys::SSL,
    out: *mut *const c_uchar,
    out_len: *mut c_uchar,
    offered: *const c_uchar,
    offered_len: c_uint,
    _: *mut c_void,
) -> c_int {
    // SAFETY: libssl gives offered_len readable bytes.
    let offered = unsafe { bytes_at(offered, offered_len as usize) };
    let refused = AlpnAnswer::Refused;
    // SAFETY: libssl calls with a live SSL.
    match unsafe { guarded(ssl, refused, |handler| handler.select_alpn(offered)) } {
        AlpnAnswer::NoProtocol => sys::SSL_TLSEXT_ERR_NOACK,
        AlpnAnswer::Chosen(chosen) if chosen.len() <= 255 => {
            // SAFETY: libssl gives a place for the answer, which points into its own bytes.
            unsafe { out.write(chosen.as_ptr()) };
            // SAFETY: as above; the length was checked.
            unsafe { out_len.write(chosen.len() as c_uchar) };
            sys::SSL_TLSEXT_ERR_OK
        }
        AlpnAnswer::Chosen(_) | AlpnAnswer::Refused => sys::SSL_TLSEXT_ERR_ALERT_FATAL,
    }
}
