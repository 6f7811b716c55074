//! Which server a client asks for, and for whom its certificate has to be.

use super::backend::names;
use super::{Result, cvt_long, ssl::Ssl, sys};
use std::ffi::CStr;
use std::net::IpAddr;
use std::ptr::null_mut;

impl Ssl {
    /// Sets the name to ask for (SNI).
    pub fn set_server_name(&self, name: &CStr) -> Result<()> {
        // SAFETY: the text ends in NUL; OpenSSL copies it.
        cvt_long(|| unsafe { sys::SSL_set_tlsext_host_name(self.as_ptr(), name.as_ptr().cast_mut()) })
    }

    /// Asks for no name.
    pub fn clear_server_name(&self) -> Result<()> {
        // SAFETY: NULL takes back what was set.
        cvt_long(|| unsafe { sys::SSL_set_tlsext_host_name(self.as_ptr(), null_mut()) })
    }

    /// Has the peer's certificate be for whatever it is for, until names are added.
    pub fn expect_nobody(&self) -> Result<()> {
        // SAFETY: the SSL is alive.
        unsafe { names::expect_nobody(self.as_ptr()) }
    }

    /// Adds a DNS name for which the peer's certificate may be.
    pub fn expect_host_or(&self, name: &CStr) -> Result<()> {
        // SAFETY: the SSL is alive.
        unsafe { names::expect_host_or(self.as_ptr(), name) }
    }

    /// Sets the address the peer's certificate must be for.
    pub fn expect_ip(&self, address: IpAddr) -> Result<()> {
        let octets = match address {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets().to_vec(),
        };
        // SAFETY: the SSL is alive.
        unsafe { names::expect_ip(self.as_ptr(), &octets) }
    }
}
