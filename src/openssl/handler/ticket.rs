//! Session tickets, by the keys that a server was given.

use super::guarded;
use crate::openssl::backend::ticket::Mac;
use crate::openssl::lent::Lent;
use crate::openssl::sys;
use crate::openssl::ticket::{Found, Ticket};
use std::os::raw::{c_int, c_uchar};

pub(in crate::openssl) unsafe extern "C" fn ticket_key(
    ssl: *mut sys::SSL,
    name: *mut c_uchar,
    iv: *mut c_uchar,
    cipher: *mut sys::EVP_CIPHER_CTX,
    mac: *mut Mac,
    sealing: c_int,
) -> c_int {
    const FAILED: c_int = -1;
    const UNKNOWN: c_int = 0;
    const GOOD: c_int = 1;
    const GOOD_BUT_RENEW: c_int = 2;
    // SAFETY: libssl gives places for a name and an IV, and two contexts, until this function returns.
    let ticket = unsafe { Ticket::new(name, iv, cipher, mac) };
    // SAFETY: libssl calls with a live SSL; so below.
    let Some(lent) = (unsafe { Lent::new(ssl) }) else { return FAILED };
    // SAFETY: as above.
    unsafe {
        guarded(ssl, FAILED, |handler| {
            let Some(keys) = handler.ticket_keys() else { return FAILED };
            if sealing == 1 {
                return ticket.seal(&keys).map_or(FAILED, |()| GOOD);
            }
            match ticket.open(&keys) {
                // A client of TLS 1.3 uses a ticket once, and needs another one for the next time.
                Ok(Found::Newest) if !lent.is_tls_1_3() => GOOD,
                Ok(Found::Newest | Found::Older) => GOOD_BUT_RENEW,
                Ok(Found::Unknown) => UNKNOWN,
                Err(_) => FAILED,
            }
        })
    }
}
