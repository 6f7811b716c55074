//! A ClientHello, before libssl has chosen anything: the program sees it first, then the name of the server is looked at.

use super::{Alert, Reply, guarded, server_name};
use crate::openssl::{lent::Lent, sys};
use std::os::raw::{c_int, c_void};

pub(in crate::openssl) unsafe extern "C" fn client_hello(
    ssl: *mut sys::SSL,
    alert: *mut c_int,
    _: *mut c_void,
) -> c_int {
    // SAFETY: libssl calls with a live SSL.
    let Some(lent) = (unsafe { Lent::new(ssl) }) else { return sys::SSL_CLIENT_HELLO_ERROR };
    let failed = Err(Alert::INTERNAL_ERROR);
    // SAFETY: the same.
    let considered = match unsafe { guarded(ssl, failed, |handler| handler.show_client_hello(&lent)) } {
        Ok(Reply::Pending) => return sys::SSL_CLIENT_HELLO_RETRY,
        // SAFETY: the same.
        Ok(Reply::Given) => unsafe { server_name::consider(ssl, &lent) },
        Err(alert) => Err(alert),
    };
    let Err(refused) = considered else { return sys::SSL_CLIENT_HELLO_SUCCESS };
    // SAFETY: libssl gives a place for the number.
    unsafe { alert.write(refused.number()) };
    sys::SSL_CLIENT_HELLO_ERROR
}
