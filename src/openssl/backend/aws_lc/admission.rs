//! Clients about whom the program has not decided when libssl has finished with them. There are none here: libssl stops at their
//! verification (`verify::ask_again`), and refuses them there.

use crate::openssl::sys;
use std::os::raw::c_int;

/// How many tickets of TLS 1.3 a connection makes where it ends a handshake.
pub unsafe fn tickets(_: *mut sys::SSL) -> usize {
    0
}

/// Has a connection make this number of them.
pub unsafe fn set_tickets(_: *mut sys::SSL, _: usize) {}

/// Has a connection refuse its client's signature, if it has not seen it yet.
pub unsafe fn refuse_signatures(_: *mut sys::SSL) {}

/// Has a connection make a further ticket.
pub unsafe fn make_ticket(_: *mut sys::SSL) -> c_int {
    0
}
