//! Choosing this side's certificate once it is known what the peer wants.

use super::guarded;
use crate::openssl::ctx::Identity;
use crate::openssl::lent::Lent;
use crate::openssl::ssl::Ssl;
use crate::openssl::{Result, sys};
use std::os::raw::{c_int, c_void};
use std::sync::Arc;

const GO_ON: c_int = 1;
const FAILED: c_int = 0;

unsafe extern "C" fn choose(ssl: *mut sys::SSL, _: *mut c_void) -> c_int {
    // SAFETY: libssl calls with a live SSL.
    let Some(lent) = (unsafe { Lent::new(ssl) }) else { return FAILED };
    // SAFETY: the same.
    match unsafe { guarded(ssl, Err(()), |handler| handler.choose_identity(&lent)) } {
        Ok(()) => GO_ON,
        Err(()) => FAILED,
    }
}

impl Ssl {
    /// Has the handler choose this side's identity in each handshake, or no longer. Another context takes it back.
    pub fn set_identity_choice(&self, on: bool) {
        let choose = on.then_some(choose as sys::CertCallback);
        // SAFETY: the SSL is alive and the callback stays; it takes no argument.
        unsafe { sys::SSL_set_cert_cb(self.as_ptr(), choose, std::ptr::null_mut()) }
    }
}

impl Lent<'_> {
    /// Uses this identity and no other, or none.
    pub fn use_identity(&self, identity: Option<&Arc<Identity>>) -> Result<()> {
        // SAFETY: the connection is alive.
        unsafe { sys::SSL_certs_clear(self.as_ptr()) };
        identity.map_or(Ok(()), |identity| identity.give(self.as_ptr()))
    }
}
