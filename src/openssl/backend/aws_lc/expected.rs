//! The names for which a peer's certificate has to be, where AWS-LC cannot keep them.

use crate::openssl::{Result, bytes_at, cvt, sys};
use std::cell::RefCell;
use std::ptr::null;

/// The names and the address; empty for none.
#[derive(Default)]
pub(super) struct Expected {
    pub(super) hosts: RefCell<Vec<Box<[u8]>>>,
    pub(super) address: RefCell<Vec<u8>>,
}

impl Expected {
    /// This name, and no other.
    pub(super) fn public(name: &[u8]) -> Expected {
        Expected { hosts: RefCell::new(vec![name.into()]), address: RefCell::default() }
    }

    /// Tells a verification, which may have been told before.
    pub(super) unsafe fn tell(&self, param: *mut sys::X509_VERIFY_PARAM) -> Result<()> {
        let mut tell = sys::X509_VERIFY_PARAM_set1_host as unsafe extern "C" fn(_, _, _) -> _;
        for host in &*self.hosts.borrow() {
            // SAFETY: the caller's parameters are alive; pointer and length are those of one slice; so below.
            cvt(|| unsafe { tell(param, host.as_ptr().cast(), host.len()) })?;
            tell = sys::X509_VERIFY_PARAM_add1_host;
        }
        let address = self.address.borrow();
        if address.is_empty() {
            return Ok(());
        }
        // SAFETY: as above.
        cvt(|| unsafe { sys::X509_VERIFY_PARAM_set1_ip(param, address.as_ptr(), address.len()) })
    }
}

/// The name in clear for which a server has to prove itself that has not decrypted a client's ClientHello; None otherwise.
pub(super) unsafe fn public_name<'a>(ssl: *mut sys::SSL) -> Option<&'a [u8]> {
    let (mut name, mut len) = (null(), 0);
    // SAFETY: the caller's connection is alive, and the places are ours.
    unsafe { sys::SSL_get0_ech_name_override(ssl, &mut name, &mut len) };
    // SAFETY: the connection's own bytes, which it keeps during its handshake.
    Some(unsafe { bytes_at(name.cast(), len) }).filter(|name| !name.is_empty())
}
