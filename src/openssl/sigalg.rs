//! How the two sides prove that they have their keys, and keys that change.

use super::backend::io;
use super::failure::IoCall;
use super::ssl::{Failure, IoResult, Ssl};
use super::{sys, x509::X509};
use std::os::raw::c_int;

impl Ssl {
    /// The certificate of this side, which it need not have shown.
    pub fn own_certificate(&self) -> Option<X509> {
        // SAFETY: the SSL is alive.
        let x509 = unsafe { sys::SSL_get_certificate(self.as_ptr()) };
        // SAFETY: the connection's own certificate, or NULL.
        unsafe { X509::from_shared(x509) }
    }

    /// Changes the keys by which this side encrypts (RFC 8446, 4.6.3), and asks the peer to change its own if told so.
    pub fn key_update(&self, request_peer: bool) -> IoResult<()> {
        if self.shutdown_state().0 {
            return Err(Failure::protocol_is_shutdown());
        }
        // SAFETY: the SSL is alive.
        let asked = super::cvt(|| unsafe { sys::SSL_key_update(self.as_ptr(), c_int::from(request_peer)) });
        asked.map_err(|cause| Failure { code: sys::SSL_ERROR_SSL, entry: cause.entry().cloned() })?;
        // SAFETY: the SSL is alive and no other thread is inside.
        self.io(IoCall::Handshake, || unsafe { io::send_key_update(self.as_ptr()) })
    }
}
