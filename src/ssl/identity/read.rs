//! Certificates and keys in PEM and DER.

use super::Password;
use crate::openssl::cert_and_key::CertAndKey;
use crate::openssl::error::Cause;
use crate::openssl::pem;
use crate::openssl::x509::X509;
use crate::ssl::error::Result;
use crate::ssl::origin::Origin;

/// A chain and its key, of which the first certificate is.
pub(super) fn pair(
    (cert, of_cert): (&[u8], Origin<'_>),
    (key, of_key): (&[u8], Origin<'_>),
    password: Password<'_>,
) -> Result<CertAndKey> {
    let (leaf, chain) = chain(cert, of_cert)?;
    let key = password.read_key(key, of_key)?;
    leaf.check_private_key(&key).map_err(|entry| of_key.mismatch(entry, of_cert))?;
    Ok(CertAndKey { leaf, chain, key, signer: None, may_wait: false, scts: None })
}

/// A certificate and those between it and a root.
pub(super) fn chain(data: &[u8], origin: Origin<'_>) -> Result<(X509, Vec<X509>)> {
    let mut certificates = certificates(data, origin)?.into_iter();
    let leaf =
        certificates.next().ok_or_else(|| origin.unreadable("no certificate was found", Cause::Untold))?;
    // libssl would accept malformed extensions without an error; Python refuses them.
    leaf.check_extensions().map_err(|entry| origin.bad_entry(1, entry))?;
    Ok((leaf, certificates.collect()))
}

fn certificates(data: &[u8], origin: Origin<'_>) -> Result<Vec<X509>> {
    let broken = |entry| origin.unreadable("the certificate cannot be read", entry);
    if !pem::is_pem(data) {
        return Ok(vec![X509::from_der(data).map_err(broken)?]);
    }
    let mut certificates = Vec::new();
    for x509 in pem::each_certificate(data)? {
        // For the certificates after the first, Python reports OpenSSL's reason.
        let told = |entry| match certificates.len() {
            0 => broken(entry),
            before => origin.bad_entry(before + 1, entry),
        };
        let x509 = x509.map_err(told)?;
        certificates.push(x509);
    }
    Ok(certificates)
}

/// All certificates, of which there must be one.
pub(super) fn all(data: &[u8], origin: Origin<'_>) -> Result<Vec<X509>> {
    if pem::is_pem(data) {
        let certificates = certificates(data, origin)?;
        return match certificates.is_empty() {
            true => Err(origin.faulty("no certificate was found", Cause::Untold)),
            false => Ok(certificates),
        };
    }
    let certificates = X509::all_from_der(data)?.collect::<std::result::Result<Vec<_>, _>>();
    certificates.map_err(|entry| origin.faulty("the certificate cannot be read", entry))
}

/// Files must be PEM, as in Python: a DER file has no room for a key beside the certificate.
pub(super) fn check_pem(data: &[u8], origin: Origin<'_>) -> Result<()> {
    match pem::is_pem(data) {
        true => Ok(()),
        false => Err(origin.unreadable("the file is not PEM (DER is read from memory)", Cause::Untold)),
    }
}
