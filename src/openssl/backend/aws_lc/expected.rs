//! The names for which a peer's certificate has to be, where AWS-LC cannot keep them.

use crate::openssl::{Result, cvt, sys};
use std::cell::RefCell;

/// The names and the address; empty for none.
#[derive(Default)]
pub(super) struct Expected {
    pub(super) hosts: RefCell<Vec<Box<[u8]>>>,
    pub(super) address: RefCell<Vec<u8>>,
}

impl Expected {
    /// Tells a verification.
    pub(super) unsafe fn tell(&self, param: *mut sys::X509_VERIFY_PARAM) -> Result<()> {
        for host in &*self.hosts.borrow() {
            // SAFETY: the caller's parameters are alive; pointer and length are those of one slice; so below.
            cvt(|| unsafe { sys::X509_VERIFY_PARAM_add1_host(param, host.as_ptr().cast(), host.len()) })?;
        }
        let address = self.address.borrow();
        if address.is_empty() {
            return Ok(());
        }
        // SAFETY: as above.
        cvt(|| unsafe { sys::X509_VERIFY_PARAM_set1_ip(param, address.as_ptr(), address.len()) })
    }
}
