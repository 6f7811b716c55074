//! What is known of the peer in addition to what it has sent in this handshake.

use super::backend::{ocsp, settings, verify};
use super::verify::Retry;
use super::{Result, attempt, cvt, ssl::Ssl, sys, x509::X509};
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
        let again = Retry::new()?;
        // SAFETY: the SSL is alive.
        let store = unsafe { settings::store(self.as_ptr()) };
        // SAFETY: all are alive until the verification is freed, which happens first.
        cvt(|| unsafe { sys::X509_STORE_CTX_init(again.as_ptr(), store, leaf.as_ptr(), sent.as_ptr()) })?;
        self.set_terms(&again)?;
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

    /// Sets purpose, flags, names and security level to those of this connection.
    fn set_terms(&self, retry: &Retry) -> Result<()> {
        let terms = if self.is_server() { c"ssl_client" } else { c"ssl_server" };
        // SAFETY: the verification is alive, the text is static.
        cvt(|| unsafe { sys::X509_STORE_CTX_set_default(retry.as_ptr(), terms.as_ptr()) })?;
        // SAFETY: the verification is alive, and its parameters live as long.
        let own = unsafe { sys::X509_STORE_CTX_get0_param(retry.as_ptr()) };
        // SAFETY: the SSL is alive.
        let level = unsafe { settings::security_level(self.as_ptr()) };
        // SAFETY: the parameters are the verification's own.
        unsafe { verify::set_level(own, level) };
        // SAFETY: the SSL is alive; OpenSSL makes a copy.
        let param = unsafe { sys::SSL_get0_param(self.as_ptr()) };
        // SAFETY: both are alive.
        attempt(|| unsafe { sys::X509_VERIFY_PARAM_set1(own, param) }, |set| set == 1).map(|_| ())
    }
}
