//! Encrypted ClientHello (RFC 9849), which OpenSSL has since 4.0. What the backends do otherwise is in `backend::ech`.

use super::backend::{ech, names, settings};
use super::lent::Lent;
use super::verification::LentVerification;
use super::{quietly, sys};
use std::ffi::CString;

pub use super::backend::ech::{EchStore, KEYS_BELONG_TO_CONTEXTS};
pub use super::ech_kind::{Ech, Fit, VERSION};

impl Lent<'_> {
    /// What has become of it.
    pub fn ech(&self) -> Ech {
        // SAFETY: the connection is alive; so below.
        unsafe { ech::status(self.as_ptr()) }.0
    }

    /// The name that was sent in clear, of a connection on which it was tried.
    pub fn ech_outer_name(&self) -> Option<CString> {
        // SAFETY: as above.
        unsafe { ech::status(self.as_ptr()) }.1
    }

    /// The first name for which the peer's certificate has to be. The public name takes the place of all of them once a server has
    /// not confirmed.
    pub fn first_expected_host(&self) -> Option<CString> {
        let mut first = None;
        // SAFETY: the connection is alive.
        unsafe {
            names::each_host(self.as_ptr(), |name| first = first.take().or_else(|| CString::new(name).ok()))
        };
        first
    }

    /// Has a client that encrypts its ClientHello offer TLS 1.3 alone. False if it may not speak it.
    pub fn need_tls_1_3(&self) -> bool {
        const OP_NO_TLS_1_3: u64 = 1 << 29;
        // SAFETY: the connection is alive; so below.
        let options = unsafe { settings::options(self.as_ptr()) };
        // SAFETY: as above.
        let max = unsafe { sys::SSL_get_max_proto_version(self.as_ptr()) };
        let may = options & OP_NO_TLS_1_3 == 0 && (max == 0 || max >= sys::TLS1_3_VERSION);
        // SAFETY: as above.
        may && quietly(|| unsafe { sys::SSL_set_min_proto_version(self.as_ptr(), sys::TLS1_3_VERSION) }) == 1
    }
}

impl LentVerification {
    /// After a rejection the certificate is verified for the public name: an address that was expected too does not count.
    pub(super) fn expect_public_name(&self) {
        if self.lent().is_some_and(|ssl| ssl.ech() == Ech::Unconfirmed) {
            // SAFETY: the parameters are the verification's own.
            unsafe { ech::expect_no_address(self.param()) };
        }
    }
}
