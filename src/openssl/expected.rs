//! Which server a client asks for, and for whom its certificate has to be.

use super::{Result, cvt, cvt_long, ssl::Ssl, sys};
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
        // SAFETY: the parameters live as long as the SSL; so below.
        let param = unsafe { sys::SSL_get0_param(self.as_ptr()) };
        // SAFETY: as above; NULL is for none.
        cvt(|| unsafe { sys::X509_VERIFY_PARAM_set1_host(param, null_mut(), 0) })?;
        // SAFETY: as above.
        cvt(|| unsafe { sys::X509_VERIFY_PARAM_set1_ip(param, null_mut(), 0) })
    }

    /// Adds a DNS name for which the peer's certificate may be.
    pub fn expect_host_or(&self, name: &CStr) -> Result<()> {
        // SAFETY: the parameters live as long as the SSL.
        let param = unsafe { sys::SSL_get0_param(self.as_ptr()) };
        let bytes = name.to_bytes();
        // SAFETY: pointer and length are those of one text; OpenSSL copies it.
        cvt(|| unsafe { sys::X509_VERIFY_PARAM_add1_host(param, bytes.as_ptr().cast(), bytes.len()) })
    }

    /// Sets the address the peer's certificate must be for.
    pub fn expect_ip(&self, address: IpAddr) -> Result<()> {
        // SAFETY: the parameters live as long as the SSL.
        let param = unsafe { sys::SSL_get0_param(self.as_ptr()) };
        let octets = match address {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets().to_vec(),
        };
        // SAFETY: pointer and length are those of one slice; OpenSSL copies it.
        cvt(|| unsafe { sys::X509_VERIFY_PARAM_set1_ip(param, octets.as_ptr(), octets.len()) })
    }
}
