//! Certificates in PEM. Behind a certificate a block may say what it is trusted for. Where that counts, and which labels there
//! are, depends on what is read, as with the functions that OpenSSL and Python use for each.

use super::{next_block, no_password};
use crate::openssl::error::{Cause, ERR_R_ASN1_LIB, Entry, LIB_PEM};
use crate::openssl::mem::MemReader;
use crate::openssl::x509::X509;
use crate::openssl::{Result, bytes_at, sequence, sys, text_at, try_collect};
use std::ffi::CStr;
use std::os::raw::{c_char, c_long};
use std::ptr::null_mut;

/// The label that stands for `X509 CERTIFICATE` too.
const PLAIN: &CStr = c"CERTIFICATE";
/// The label of a certificate with what it is trusted for; asked for, it stands for the others too.
const TRUSTED: &CStr = c"TRUSTED CERTIFICATE";

/// Where what is behind a certificate says what it is trusted for.
#[derive(Clone, Copy)]
enum Settings {
    /// Nowhere, and a block labelled TRUSTED is skipped: `PEM_read_bio_X509`.
    Nowhere,
    /// In each block: `PEM_read_bio_X509_AUX`.
    Everywhere,
    /// In those that are labelled TRUSTED: `PEM_X509_INFO_read_bio`.
    AsLabelled,
}

/// Reads a certificate and the chain behind it one by one, skipping other blocks. An error ends the iteration.
pub fn each_certificate(pem: &[u8]) -> Result<impl Iterator<Item = Result<X509>>> {
    let mut first = true;
    each(pem, move || if std::mem::take(&mut first) { Settings::Everywhere } else { Settings::Nowhere })
}

/// Reads certificates that say nothing of what they are trusted for, as [`each_certificate`] does.
pub fn each_plain_certificate(pem: &[u8]) -> Result<impl Iterator<Item = Result<X509>>> {
    each(pem, || Settings::Nowhere)
}

/// Reads the certificates of a file of authorities, possibly none.
pub fn authorities(pem: &[u8]) -> Result<Vec<X509>> {
    try_collect(each(pem, || Settings::AsLabelled)?)
}

fn each(pem: &[u8], mut settings: impl FnMut() -> Settings) -> Result<impl Iterator<Item = Result<X509>>> {
    let bio = MemReader::new(pem)?;
    Ok(sequence(move || {
        let settings = settings();
        let wanted = if matches!(settings, Settings::Nowhere) { PLAIN } else { TRUSTED };
        PemBlock::next(&bio, pem, wanted)?.map(|block| block.certificate(settings)).transpose()
    }))
}

/// What is between the lines of a block, decoded, and its label.
struct PemBlock {
    label: *mut c_char,
    data: *mut u8,
    len: c_long,
}

impl PemBlock {
    /// Reads the next block with a wanted label; None after the last.
    fn next(bio: &MemReader<'_>, pem: &[u8], wanted: &CStr) -> Result<Option<PemBlock>> {
        let mut block = PemBlock { label: null_mut(), data: null_mut(), len: 0 };
        let data = next_block(bio, pem, || {
            let PemBlock { label, data, len } = &mut block;
            // SAFETY: the BIO is alive, the label ends in NUL, no_password needs no data; the rest takes what was read.
            unsafe {
                sys::PEM_bytes_read_bio(
                    data,
                    len,
                    label,
                    wanted.as_ptr(),
                    bio.as_ptr(),
                    Some(no_password),
                    null_mut(),
                )
            };
            *data
        });
        Ok(data?.map(|_| block))
    }

    fn certificate(&self, settings: Settings) -> Result<X509> {
        // SAFETY: NULL, or OpenSSL's text, which is freed with this.
        let label = unsafe { text_at(self.label) };
        // SAFETY: OpenSSL has made that many bytes, which are freed with this.
        let der = unsafe { bytes_at(self.data, usize::try_from(self.len).unwrap_or(0)) };
        let read = match settings {
            Settings::Nowhere => X509::start_of_der(der),
            Settings::Everywhere => X509::from_trusted_der(der),
            Settings::AsLabelled if label == Some(TRUSTED) => X509::from_trusted_der(der),
            Settings::AsLabelled => X509::start_of_der(der),
        };
        // What OpenSSL's functions for PEM say of it.
        read.map_err(|cause| if cause.is_memory() { cause } else { asn1_failure() })
    }
}

impl Drop for PemBlock {
    fn drop(&mut self) {
        // SAFETY: NULL, or ours to free, once.
        unsafe { sys::OPENSSL_free(self.label.cast()) };
        // SAFETY: the same.
        unsafe { sys::OPENSSL_free(self.data.cast()) };
    }
}

fn asn1_failure() -> Cause {
    Entry::of(LIB_PEM, ERR_R_ASN1_LIB).into()
}
