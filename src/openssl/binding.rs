//! Channel bindings and exported keys, which tie something outside to one connection.

use super::backend::{self, export, settings};
use super::x509::{X509, digest};
use super::{Result, cvt, ssl::Ssl, sys};
use std::ffi::CStr;

/// OpenSSL's name of the digest of a certificate's signature. MD5 and SHA-1 count as SHA-256 (RFC 5929, section 4.1); None
/// if the signature has no digest of its own.
fn end_point_digest(certificate: &X509) -> Result<Option<&'static CStr>> {
    let digest = backend::x509::signature_info(certificate)?.and_then(|signature| signature.digest);
    Ok(digest.map(|digest| if [c"MD5", c"SHA1"].contains(&digest) { c"SHA256" } else { digest }))
}

impl Ssl {
    /// Keying material derived from the connection's secrets (RFC 5705). In TLS 1.2, no context and an empty context give
    /// different results.
    pub fn export_keying_material(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        keys: &mut [u8],
    ) -> Result<()> {
        // SAFETY: the SSL is alive.
        unsafe { export::check_label(self.as_ptr(), label) }?;
        // SAFETY: pointers and lengths are those of slices; a context of length 0 is not read.
        cvt(|| unsafe {
            sys::SSL_export_keying_material(
                self.as_ptr(),
                keys.as_mut_ptr(),
                keys.len(),
                label.as_ptr().cast(),
                label.len(),
                context.map_or(std::ptr::null(), <[u8]>::as_ptr),
                context.map_or(0, <[u8]>::len),
                context.is_some().into(),
            )
        })
    }

    /// Tells whether a TLS 1.2 connection uses the extended master secret, which depends on the whole handshake (RFC 7627).
    pub fn has_extended_master_secret(&self) -> bool {
        // SAFETY: the SSL is alive.
        unsafe { sys::SSL_get_extms_support(self.as_ptr()) == 1 }
    }

    /// Tells whether no further handshake can follow on this connection.
    pub fn refuses_renegotiation(&self) -> bool {
        // SAFETY: the SSL is alive.
        unsafe { settings::refuses_renegotiation(self.as_ptr()) }
    }
}

/// The digest of the certificate that a server has sent (RFC 5929, section 4.1); None if it sent none or no digest is
/// defined for it.
pub fn server_end_point(shown: Option<X509>) -> Result<Option<Vec<u8>>> {
    let Some(certificate) = shown else { return Ok(None) };
    let Some(name) = end_point_digest(&certificate)? else { return Ok(None) };
    digest(name, &certificate.to_der()?).map(Some)
}
