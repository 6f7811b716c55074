//! Signed certificate timestamps (RFC 6962, section 3.3): clients ask for them, servers send them with their certificate.

use super::{Alert, Handler, guarded};
use crate::openssl::backend::scts;
use crate::openssl::{bytes_at, lent::Lent, mem, sys};
use std::os::raw::{c_int, c_uchar, c_uint, c_void};

/// libssl asks for each ClientHello of a client, and for each ServerHello or certificate of a server that was asked.
pub(in crate::openssl) unsafe extern "C" fn send_scts(
    ssl: *mut sys::SSL,
    _: c_uint,
    place: c_uint,
    out: *mut *const c_uchar,
    out_len: *mut usize,
    _: *mut sys::X509,
    depth: usize,
    _: *mut c_int,
    _: *mut c_void,
) -> c_int {
    const NOTHING: c_int = 0;
    const SENT: c_int = 1;
    if scts::asks(place) {
        // SAFETY: libssl calls with a live SSL. To ask is the extension without content.
        return c_int::from(unsafe { guarded(ssl, false, |handler| handler.asks_for_scts()) });
    }
    // SAFETY: as above; so below.
    let Some(lent) = (unsafe { Lent::new(ssl) }).filter(|lent| lent.is_server() && depth == 0) else {
        return NOTHING;
    };
    // SAFETY: as above.
    let Some(list) = (unsafe { guarded(ssl, None, |handler| handler.scts(&lent)) }) else { return NOTHING };
    let Ok(copy) = mem::given(&list) else { return NOTHING };
    // SAFETY: libssl gives a place for the address, which it hands to `free_scts`; so below.
    unsafe { out.write(copy.as_ptr()) };
    // SAFETY: as above.
    unsafe { out_len.write(list.len()) };
    SENT
}

pub(in crate::openssl) unsafe extern "C" fn free_scts(
    _: *mut sys::SSL,
    _: c_uint,
    _: c_uint,
    out: *const c_uchar,
    _: *mut c_void,
) {
    // SAFETY: NULL or the copy of `send_scts`.
    unsafe { sys::OPENSSL_free(out.cast_mut().cast()) };
}

pub(in crate::openssl) unsafe extern "C" fn receive_scts(
    ssl: *mut sys::SSL,
    _: c_uint,
    _: c_uint,
    data: *const c_uchar,
    len: usize,
    _: *mut sys::X509,
    depth: usize,
    alert: *mut c_int,
    _: *mut c_void,
) -> c_int {
    const REFUSED: c_int = 0;
    const TAKEN: c_int = 1;
    // SAFETY: libssl calls with a live SSL; so below.
    let Some(lent) = (unsafe { Lent::new(ssl) }) else { return REFUSED };
    // Servers are asked only, and only the first certificate is the server's own.
    if lent.is_server() || depth > 0 {
        return TAKEN;
    }
    // SAFETY: libssl gives len readable bytes.
    let list = unsafe { bytes_at(data, len) };
    // SAFETY: as above.
    let taken = unsafe { guarded(ssl, Err(Alert::INTERNAL_ERROR), |handler| handler.receive_scts(list)) };
    let Err(refused) = taken else { return TAKEN };
    // SAFETY: libssl gives a place for the number.
    unsafe { alert.write(refused.number()) };
    REFUSED
}

/// Where libssl sends and reads the extension itself: a handshake goes on, in which a server may have chosen its certificate by now,
/// and a client may have got one.
pub(super) unsafe fn scts_on_the_way(lent: &Lent<'_>) {
    let ssl = lent.as_ptr();
    // SAFETY: libssl calls with a live SSL; so below.
    if !unsafe { scts::are_due(ssl) } {
        return;
    }
    if lent.is_server() {
        let send = |handler: &dyn Handler| {
            // SAFETY: as above. Where there is no memory for them they are not sent.
            handler.scts(lent).is_none_or(|list| unsafe { scts::send(ssl, &list) }.is_ok())
        };
        // SAFETY: as above.
        unsafe { guarded(ssl, false, send) };
        return;
    }
    // SAFETY: as above; the list lives as long as libssl is in its callback.
    let Some(list) = (unsafe { scts::received(ssl) }) else { return };
    // What is malformed libssl has refused.
    // SAFETY: as above.
    let _ = unsafe { guarded(ssl, Err(Alert::INTERNAL_ERROR), |handler| handler.receive_scts(list)) };
}
