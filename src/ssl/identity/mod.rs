//! What a side proves who it is with: its certificate, the chain to a root, and its private key.

mod password;
mod pkcs12;
mod read;
mod request;
mod scts;
mod signer;
mod staple;
mod uri;

pub use password::{Password, PasswordCallback};
pub use request::{CaName, IdentityRequest};
pub(crate) use scts::check as check_scts;
pub(crate) use signer::take_failure;
pub use signer::{SignRequest, SignerCallback, SignerWait};
pub(crate) use staple::Staple;

use super::certificate::{Certificate, CertificateList};
use super::error::{Error, Result, check_length};
use super::file;
use super::origin::Origin;
use crate::openssl::signer::{Signer, SignerFailure};
use crate::openssl::x509::X509;
use crate::openssl::{self, cert_and_key::CertAndKey};
use std::path::Path;
use std::sync::Arc;

/// A certificate chain and its private key, and the OCSP response and timestamps that a server sends with it, if it has some.
/// Immutable; clones name the same one, and any number of contexts may use it.
#[derive(Clone)]
pub struct Identity {
    parts: Arc<CertAndKey>,
    staple: Option<Arc<Staple>>,
}

impl Identity {
    /// Reads the chain and the key from PEM files; without `keyfile` the key is in `certfile`.
    pub fn from_files<'a>(
        certfile: &Path,
        keyfile: Option<&Path>,
        password: impl Into<Password<'a>>,
    ) -> Result<Identity> {
        let cert = file::read("certfile", certfile)?;
        let key = keyfile.map(|file| file::read("keyfile", file)).transpose()?;
        let of_cert = Origin::file("certfile", certfile);
        let of_key = keyfile.map_or(of_cert, |file| Origin::file("keyfile", file));
        read::check_pem(&cert, of_cert)?;
        if let Some(key) = &key {
            read::check_pem(key, of_key)?;
        }
        let key = key.as_ref().unwrap_or(&cert);
        read::pair((&cert, of_cert), (key, of_key), password.into()).map(Identity::new)
    }

    /// Reads them from memory: PEM or DER; without `key` it is in `cert`.
    pub fn from_data<'a>(
        cert: &[u8],
        key: Option<&[u8]>,
        password: impl Into<Password<'a>>,
    ) -> Result<Identity> {
        check_length(cert, "cert")?;
        check_length(key.unwrap_or_default(), "key")?;
        let of_cert = Origin::argument("cert");
        let of_key = if key.is_some() { Origin::argument("key") } else { of_cert };
        read::pair((cert, of_cert), (key.unwrap_or(cert), of_key), password.into()).map(Identity::new)
    }

    /// Reads a PKCS#12 file: its first key that has a certificate there, and the certificates that lead from it to a
    /// root, in order. Without a password, or with an empty one, the file must have none.
    pub fn from_pkcs12(data: &[u8], password: Option<&[u8]>) -> Result<Identity> {
        pkcs12::identity(data, password, Origin::argument("data")).map(Identity::new)
    }

    /// Reads the certificates and the key that OpenSSL's stores have under these URIs: files, and what the providers of the
    /// process serve, such as `pkcs11:`. Without `key` both are under `cert`.
    pub fn from_uri<'a>(
        cert: &str,
        key: Option<&str>,
        password: impl Into<Password<'a>>,
    ) -> Result<Identity> {
        uri::identity(cert, key, password.into()).map(Identity::new)
    }

    /// Makes the identity of a key that is elsewhere: `chain` is the certificates, PEM or DER, and `signer` signs for the
    /// first one's key, RSA, ECDSA or Ed25519, in TLS 1.2 and above.
    pub fn from_signer(chain: &[u8], wait: SignerWait, signer: SignerCallback) -> Result<Identity> {
        check_length(chain, "chain")?;
        let origin = Origin::argument("chain");
        let (leaf, chain) = read::chain(chain, origin)?;
        let signer: Arc<dyn Signer> = Arc::new(signer::CallbackSigner(signer, wait));
        let key = openssl::signer::key(&leaf, &signer).map_err(|failure| match failure {
            SignerFailure::KeyType => Error::not_implemented(format_args!(
                "{origin}: signers are for keys of RSA, ECDSA and Ed25519 only"
            )),
            SignerFailure::OpenSsl(entry) => origin.faulty("its key cannot be used", entry),
        })?;
        let may_wait = wait == SignerWait::MayWait;
        Ok(Identity::new(CertAndKey { leaf, chain, key, signer: Some(signer), may_wait, scts: None }))
    }

    fn new(parts: CertAndKey) -> Identity {
        Identity { parts: Arc::new(parts), staple: None }
    }

    /// Makes an identity of the same certificates and key with an OCSP response, in DER, that a server sends with it.
    pub fn with_ocsp_response(&self, response: &[u8]) -> Result<Identity> {
        check_length(response, "response")?;
        let staple = Staple::among(response, std::iter::once(&*self.parts), "this identity")?;
        Ok(Identity { parts: Arc::clone(&self.parts), staple: Some(Arc::new(staple)) })
    }

    /// Makes an identity of the same certificates and key with the timestamps, a SignedCertificateTimestampList (RFC 6962,
    /// section 3.3), that a server sends with the first certificate to clients that ask for them. Empty: without any.
    pub fn with_scts(&self, list: &[u8]) -> Result<Identity> {
        check_length(list, "scts")?;
        let scts = scts::to_send(list)?;
        let CertAndKey { leaf, chain, key, signer, may_wait, .. } = &*self.parts;
        let (leaf, chain, key, signer) = (leaf.clone(), chain.clone(), key.clone(), signer.clone());
        let parts = Arc::new(CertAndKey { leaf, chain, key, signer, may_wait: *may_wait, scts });
        Ok(Identity { parts, staple: self.staple.clone() })
    }

    /// The certificates: this side's own one first, then the chain as peers get it.
    pub fn certificates(&self) -> CertificateList {
        let certificates = std::iter::once(&self.parts.leaf).chain(&self.parts.chain);
        let wrapped = |x509: &X509| Certificate::new(x509.clone(), false);
        certificates.map(wrapped).collect::<Vec<_>>().into()
    }

    /// As OpenSSL takes it.
    pub(crate) fn parts(&self) -> &Arc<CertAndKey> {
        &self.parts
    }

    /// The response to send with it.
    pub(crate) fn staple(&self) -> Option<&Arc<Staple>> {
        self.staple.as_ref()
    }
}

/// The certificates of authorities, PEM or one after the other in DER.
pub(crate) fn authorities(data: &[u8]) -> Result<Vec<X509>> {
    check_length(data, "certificates")?;
    read::all(data, Origin::argument("certificates"))
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("certificates", &self.certificates()).finish_non_exhaustive()
    }
}
