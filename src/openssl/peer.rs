//! What is known of the peer in addition to what it has sent in this handshake.

use super::backend::{ocsp, verify};
use super::retry::Retry;
use super::{Result, ssl::Ssl, sys, x509::X509};
use std::ffi::CString;

impl Ssl {
    /// Has a client ask for an OCSP response.
    pub fn request_staple(&self) -> Result<()> {
        // SAFETY: the SSL is alive.
        unsafe { ocsp::request(self.as_ptr()) }
    }

    /// The server name that the client has sent (SNI); known on both sides.
    pub fn server_name(&self) -> Option<CString> {
        // SAFETY: the SSL is alive.
        let name = unsafe { sys::SSL_get_servername(self.as_ptr(), sys::TLSEXT_NAMETYPE_host_name) };
        // SAFETY: NULL or text that ends in NUL, which lives until libssl is called again.
        unsafe { super::text_at(name) }.map(Into::into)
    }

    /// Verifies the peer's certificate as a handshake would now, and gives the chain; empty if it does not verify.
    pub fn verify_again(&self) -> Result<Vec<X509>> {
        let Some(leaf) = self.peer_certificate() else { return Ok(Vec::new()) };
        let sent = X509::stack(&self.peer_chain()?)?;
        // SAFETY: all are alive until the verification is freed, which happens first.
        let again = unsafe { Retry::of(self.as_ptr(), leaf.as_ptr(), sent.as_ptr()) }?;
        // SAFETY: the verification is complete. A failure is an answer, not an error.
        let passed = super::quietly(|| unsafe { verify::verify(again.as_ptr(), self.as_ptr()) } == 1);
        if !passed {
            return Ok(Vec::new());
        }
        // SAFETY: the verification is alive.
        let chain = unsafe { sys::X509_STORE_CTX_get0_chain(again.as_ptr()) };
        // SAFETY: the verification's own list, which lives as long.
        unsafe { X509::list(chain) }
    }
}
