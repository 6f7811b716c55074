//! The algorithms by which the two sides have signed in a handshake, by the names of TLS (IANA: TLS SignatureScheme).

use super::settings;
use crate::openssl::ssl::Ssl;
use crate::openssl::{sys, text_at, x509::X509};
use std::ffi::CStr;
use std::os::raw::c_int;

impl Ssl {
    /// How this side has signed, where it has shown this certificate.
    pub fn own_sigalg(&self, shown: Option<X509>) -> Option<&'static CStr> {
        shown?;
        // SAFETY: the SSL is alive.
        let settings = unsafe { settings::of(self.as_ptr()) }?;
        name(settings.own().signed_by())
    }

    /// How the peer has signed. AWS-LC tells it of the handshake whose session was resumed too.
    pub fn peer_sigalg(&self) -> Option<&'static CStr> {
        if self.session_reused() {
            return None;
        }
        // SAFETY: the SSL is alive.
        name(unsafe { sys::SSL_get_peer_signature_algorithm(self.as_ptr()) })
    }
}

fn name(number: u16) -> Option<&'static CStr> {
    const WITH_CURVE: c_int = 1;
    // SAFETY: any number is allowed.
    let name = unsafe { sys::SSL_get_signature_algorithm_name(number, WITH_CURVE) };
    // SAFETY: NULL or static text.
    unsafe { text_at(name) }
}
