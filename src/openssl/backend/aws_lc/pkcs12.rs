//! PKCS#12: certificates and a private key in one file, under a password (RFC 7292). AWS-LC refuses a file with several keys.

pub use crate::openssl::contents::{Contents, MOST_PARTS, Pkcs12Failure};
pub use crate::openssl::cost::MOST as MOST_ITERATIONS;

use crate::openssl::cost::{self, Budget};
use crate::openssl::error::{Cause, Entry, LIB_PKCS12, PKCS12_R_MAC_VERIFY_FAILURE};
use crate::openssl::pem::KeyFailure;
use crate::openssl::{
    asn1, attempt_or, chain::X509Stack, cvt_p, error, library, pkey::PKey, sys, x509::X509,
};
use std::ffi::CString;
use std::ptr::null_mut;

type Outcome<T> = Result<T, Pkcs12Failure>;

/// Reads a file.
pub fn read(der: &[u8], password: &[u8]) -> Outcome<Contents> {
    library::init()?;
    let file = Pkcs12::parse(der)?;
    // The digest has one number more than what is encrypted, and what is encrypted is found only after it was decrypted: AWS-LC
    // itself takes no file whose numbers are above a limit of its own.
    if !Budget::new().spend(cost::of(der).ok_or(Cause::Untold)?) {
        return Err(Pkcs12Failure::Costly);
    }
    // AWS-LC takes texts: it would read another password than the one given.
    let password = CString::new(password).map_err(|_| wrong_password())?;
    let (mut key, mut leaf, mut rest) = (null_mut(), null_mut(), null_mut());
    let parse = || {
        // SAFETY: the file is alive, the text ends in NUL, and all places are ours.
        unsafe { sys::PKCS12_parse(file.0, password.as_ptr(), &mut key, &mut leaf, &mut rest) }
    };
    attempt_or(error::take_all, parse, |result| result == 1)
        .map_err(|found| Pkcs12Failure::Key(KeyFailure::of(&found, true)))?;
    // SAFETY: the list is ours; NULL is an empty one.
    let rest = unsafe { X509Stack::from_raw(rest) };
    let mut found = Contents::default();
    // SAFETY: the references are ours, or NULL.
    found.keys.extend(unsafe { PKey::from_raw(key) });
    // SAFETY: as above.
    found.certificates.extend(unsafe { X509::from_raw(leaf) });
    // SAFETY: the list is alive.
    found.certificates.extend(unsafe { X509::list(rest.as_ptr()) }?);
    if found.certificates.len() + found.keys.len() > MOST_PARTS {
        return Err(Pkcs12Failure::Crowded);
    }
    Ok(found)
}

fn wrong_password() -> Pkcs12Failure {
    Pkcs12Failure::Key(KeyFailure::Password(Entry::of(LIB_PKCS12, PKCS12_R_MAC_VERIFY_FAILURE).into()))
}

struct Pkcs12(*mut sys::PKCS12);

impl Pkcs12 {
    fn parse(der: &[u8]) -> Outcome<Pkcs12> {
        asn1::from_der(der, |data, len| {
            // SAFETY: data and len are those of one slice.
            Ok(Pkcs12(cvt_p(|| unsafe { sys::d2i_PKCS12(null_mut(), data, len as usize) })?))
        })
    }
}

impl Drop for Pkcs12 {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::PKCS12_free(self.0) }
    }
}
