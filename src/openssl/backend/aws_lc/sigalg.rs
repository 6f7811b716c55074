//! The algorithms by which the two sides have signed in a handshake, by the names of TLS (IANA: TLS SignatureScheme).

use crate::openssl::ssl::Ssl;
use crate::openssl::{sys, text_at, x509::X509};
use std::ffi::CStr;
use std::os::raw::c_int;

impl Ssl {
    /// How this side has signed, which AWS-LC does not tell.
    pub fn own_sigalg(&self, _: Option<X509>) -> Option<&'static CStr> {
        None
    }

    /// How the peer has signed.
    pub fn peer_sigalg(&self) -> Option<&'static CStr> {
        const WITH_CURVE: c_int = 1;
        // SAFETY: the SSL is alive.
        let number = unsafe { sys::SSL_get_peer_signature_algorithm(self.as_ptr()) };
        // SAFETY: any number is allowed; the text is static.
        unsafe { text_at(sys::SSL_get_signature_algorithm_name(number, WITH_CURVE)) }
    }
}
