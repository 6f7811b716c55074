//! The algorithms by which the two sides have signed in a handshake, by the names of TLS (IANA: TLS SignatureScheme).

use crate::openssl::ssl::Ssl;
use crate::openssl::{sys, x509::X509};
use std::ffi::CStr;
use std::os::raw::c_int;

/// `NID_kx_rsa`: the server proves who it is by decrypting.
const BY_DECRYPTING: c_int = 1037;

/// What OpenSSL 3.0 tells of a signature.
#[derive(Clone, Copy, Debug)]
struct Signature {
    /// The number of the key's kind; RSA-PSS stands for both of its kinds of key.
    kind: c_int,
    digest: c_int,
}

impl Signature {
    /// The name in TLS; `is_pss_key` is asked where the key makes the difference. None for what has none.
    fn name(self, is_pss_key: impl FnOnce() -> bool) -> Option<&'static CStr> {
        match self.kind {
            sys::EVP_PKEY_RSA => self.of_digest(c"rsa_pkcs1_sha1", RSA_PKCS1),
            sys::EVP_PKEY_RSA_PSS if is_pss_key() => self.of_digest(c"", RSA_PSS_PSS),
            sys::EVP_PKEY_RSA_PSS => self.of_digest(c"", RSA_PSS_RSAE),
            sys::EVP_PKEY_EC => self.of_digest(c"ecdsa_sha1", ECDSA),
            sys::EVP_PKEY_ED25519 => Some(c"ed25519"),
            sys::EVP_PKEY_ED448 => Some(c"ed448"),
            _ => None,
        }
    }

    fn of_digest(self, sha1: &'static CStr, sha2: [&'static CStr; 3]) -> Option<&'static CStr> {
        let [sha256, sha384, sha512] = sha2;
        match self.digest {
            sys::NID_sha1 => Some(sha1).filter(|name| !name.is_empty()),
            sys::NID_sha256 => Some(sha256),
            sys::NID_sha384 => Some(sha384),
            sys::NID_sha512 => Some(sha512),
            _ => None,
        }
    }
}

const RSA_PKCS1: [&CStr; 3] = [c"rsa_pkcs1_sha256", c"rsa_pkcs1_sha384", c"rsa_pkcs1_sha512"];
const RSA_PSS_RSAE: [&CStr; 3] = [c"rsa_pss_rsae_sha256", c"rsa_pss_rsae_sha384", c"rsa_pss_rsae_sha512"];
const RSA_PSS_PSS: [&CStr; 3] = [c"rsa_pss_pss_sha256", c"rsa_pss_pss_sha384", c"rsa_pss_pss_sha512"];
const ECDSA: [&CStr; 3] = [c"ecdsa_secp256r1_sha256", c"ecdsa_secp384r1_sha384", c"ecdsa_secp521r1_sha512"];

impl Ssl {
    /// How this side has signed; `shown` is the certificate that it has shown.
    pub fn own_sigalg(&self, shown: Option<X509>) -> Option<&'static CStr> {
        if self.is_server() && self.key_exchange() == Some(BY_DECRYPTING) {
            return None;
        }
        let signature = self.signature(sys::SSL_get_signature_type_nid, sys::SSL_get_signature_nid)?;
        signature.name(|| shown.is_some_and(|shown| shown.has_pss_key()))
    }

    /// How the peer has signed.
    pub fn peer_sigalg(&self) -> Option<&'static CStr> {
        let signature =
            self.signature(sys::SSL_get_peer_signature_type_nid, sys::SSL_get_peer_signature_nid)?;
        signature.name(|| self.peer_certificate().is_some_and(|shown| shown.has_pss_key()))
    }

    /// How keys were exchanged, by OpenSSL's number.
    fn key_exchange(&self) -> Option<c_int> {
        // SAFETY: the SSL is alive; ciphers are static.
        let cipher = unsafe { sys::SSL_get_current_cipher(self.as_ptr()) };
        // SAFETY: not NULL, so a static cipher.
        (!cipher.is_null()).then(|| unsafe { sys::SSL_CIPHER_get_kx_nid(cipher) })
    }

    fn signature(
        &self,
        kind_of: unsafe extern "C" fn(*const sys::SSL, *mut c_int) -> c_int,
        digest_of: unsafe fn(*mut sys::SSL, *mut c_int) -> c_int,
    ) -> Option<Signature> {
        let (mut kind, mut digest): (c_int, c_int) = (0, 0);
        // SAFETY: the SSL is alive, and the place is ours.
        if unsafe { kind_of(self.as_ptr(), &mut kind) } != 1 {
            return None;
        }
        // SAFETY: as above.
        unsafe { digest_of(self.as_ptr(), &mut digest) };
        Some(Signature { kind, digest })
    }
}

impl X509 {
    /// Tells whether the key is for RSA-PSS alone.
    fn has_pss_key(&self) -> bool {
        // SAFETY: the certificate is alive.
        let key = unsafe { sys::X509_get0_pubkey(self.as_ptr()) };
        // SAFETY: the certificate's own key.
        !key.is_null() && unsafe { sys::EVP_PKEY_id(key) } == sys::EVP_PKEY_RSA_PSS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_tls() {
        let name = |kind, digest, is_pss: bool| Signature { kind, digest }.name(|| is_pss);
        for (digest, bits) in [(sys::NID_sha256, 256), (sys::NID_sha384, 384), (sys::NID_sha512, 512)] {
            let curve = if bits == 512 { 521 } else { bits };
            for (kind, is_pss, expected) in [
                (sys::EVP_PKEY_RSA, false, format!("rsa_pkcs1_sha{bits}")),
                (sys::EVP_PKEY_RSA_PSS, false, format!("rsa_pss_rsae_sha{bits}")),
                (sys::EVP_PKEY_RSA_PSS, true, format!("rsa_pss_pss_sha{bits}")),
                (sys::EVP_PKEY_EC, false, format!("ecdsa_secp{curve}r1_sha{bits}")),
            ] {
                assert_eq!(name(kind, digest, is_pss).and_then(|name| name.to_str().ok()), Some(&*expected));
            }
        }
        assert_eq!(name(sys::EVP_PKEY_ED448, 0, false), Some(c"ed448"));
        assert_eq!(name(sys::EVP_PKEY_RSA_PSS, sys::NID_sha1, false), None);
        assert_eq!(name(sys::EVP_PKEY_RSA, sys::NID_sha1, false), Some(c"rsa_pkcs1_sha1"));
        assert_eq!(name(sys::EVP_PKEY_EC, sys::NID_md5, false), None);
        assert_eq!(name(0, sys::NID_sha256, false), None);
    }
}
