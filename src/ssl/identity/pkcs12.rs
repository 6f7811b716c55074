//! PKCS#12 files: which of their certificates are this side's chain.

use crate::openssl::cert_and_key::CertAndKey;
use crate::openssl::error::Cause;
use crate::openssl::pem::KeyFailure;
use crate::openssl::pkcs12::{self, Contents, MOST_ITERATIONS, MOST_PARTS, Pkcs12Failure, UNSUPPORTED};
use crate::openssl::pkey::PKey;
use crate::openssl::x509::X509;
use crate::ssl::error::{Error, Result};
use crate::ssl::origin::Origin;
use crate::ssl::seconds_now;
use std::cmp::Reverse;

/// Many times what holds a long chain.
const LONGEST: usize = 16 * 1024 * 1024;

/// How many signatures are verified to tell certificates of one name apart: more than a chain of any use needs.
const MOST_SIGNATURES: usize = 1000;

/// Reads a file.
pub(super) fn identity(data: &[u8], password: Option<&[u8]>, origin: Origin<'_>) -> Result<CertAndKey> {
    if data.len() > LONGEST {
        return Err(Error::value(format_args!("{origin} cannot be longer than {LONGEST} bytes")));
    }
    let password = password.unwrap_or_default();
    let contents =
        pkcs12::read(data, password).map_err(|failure| refusal(failure, !password.is_empty(), origin))?;
    let Contents { certificates, keys } = contents;
    from_parts(certificates, keys, origin)
}

/// The key, its certificate and those that lead from there to a root.
pub(super) fn from_parts(certificates: Vec<X509>, keys: Vec<PKey>, origin: Origin<'_>) -> Result<CertAndKey> {
    if keys.is_empty() {
        return Err(origin.faulty("no private key was found", Cause::Untold));
    }
    if certificates.is_empty() {
        return Err(origin.faulty("no certificate was found", Cause::Untold));
    }
    let mut mismatch = Cause::Untold;
    for key in keys {
        for x509 in &certificates {
            match x509.check_private_key(&key) {
                Ok(()) => {
                    x509.check_extensions().map_err(|entry| origin.bad_entry(1, entry))?;
                    let chain = path(x509, &certificates)
                        .map_err(|cause| origin.faulty("a certificate in it cannot be read", cause))?;
                    let leaf = x509.clone();
                    return Ok(CertAndKey { leaf, chain, key, signer: None, may_wait: false, scts: None });
                }
                Err(cause) if mismatch.entry().is_none() => mismatch = cause,
                Err(_) => {}
            }
        }
    }
    Err(origin.faulty("the private key is not that of any certificate in it", mismatch))
}

/// A certificate's issuer, the issuer's issuer, and so on, among these.
fn path(leaf: &X509, among: &[X509]) -> std::result::Result<Vec<X509>, Cause> {
    let mut path: Vec<X509> = Vec::new();
    let mut signatures = MOST_SIGNATURES;
    let mut rest: Vec<&X509> = among.iter().filter(|one| !one.is_same(leaf)).collect();
    loop {
        let last = path.last().unwrap_or(leaf);
        if last.is_issued_by(last)? {
            return Ok(path);
        }
        let Some(index) = issuer(last, &rest, &mut signatures)? else { return Ok(path) };
        path.push(rest.swap_remove(index).clone());
    }
}

/// Where the issuer of a certificate is among these. Of several that have its name the key that made the signature tells; of
/// those that one comes first that is valid now, and then for longest.
fn issuer(of: &X509, among: &[&X509], signatures: &mut usize) -> std::result::Result<Option<usize>, Cause> {
    let mut named = Vec::new();
    for (index, one) in among.iter().enumerate() {
        if of.is_issued_by(one)? {
            named.push(index);
        }
    }
    if named.len() < 2 {
        return Ok(named.first().copied());
    }
    let now = seconds_now();
    named.sort_by_key(|index| Reverse(among[*index].preference(now)));
    for index in &named {
        *signatures = signatures.checked_sub(1).ok_or(Cause::Untold)?;
        if of.is_signed_by(among[*index])? {
            return Ok(Some(*index));
        }
    }
    Ok(None)
}

fn refusal(failure: Pkcs12Failure, had_password: bool, origin: Origin<'_>) -> Error {
    let (what, entry) = match failure {
        Pkcs12Failure::Costly => {
            let what = format!("its keys take more than {MOST_ITERATIONS} iterations");
            return origin.faulty(&what, Cause::Untold);
        }
        Pkcs12Failure::Crowded => {
            let what = format!("it has more than {MOST_PARTS} certificates and keys");
            return origin.faulty(&what, Cause::Untold);
        }
        Pkcs12Failure::Key(KeyFailure::Unsupported(entry)) => (UNSUPPORTED, entry),
        Pkcs12Failure::Key(KeyFailure::Password(entry)) if had_password => {
            ("the password is wrong, or the file is damaged", entry)
        }
        Pkcs12Failure::Key(KeyFailure::Password(entry)) => ("it needs a password, or is damaged", entry),
        Pkcs12Failure::Key(KeyFailure::Broken(entry)) => ("it is no PKCS#12 file, or is damaged", entry),
        Pkcs12Failure::Key(KeyFailure::Missing) => ("no private key was found", Cause::Untold),
    };
    origin.faulty(what, entry)
}
