//! Certificates.

mod extension;
pub(super) mod name;
mod read;

pub use extension::{AccessMethod, GeneralName};
pub use name::{NameEntry, NameValue};

use super::{Result, asn1, attempt, cvt, cvt_p, library, mem, pkey::PKey, quietly, sys};
use crate::openssl::error::{Cause, Entry};
use name::Name;
use std::ffi::CStr;
use std::os::raw::{c_int, c_long, c_uint};
use std::ptr::{NonNull, null_mut};

/// A certificate, shared by reference count.
#[derive(Debug)]
pub struct X509(NonNull<sys::X509>);

// SAFETY: the reference count is atomic, and the parts that are read are set when the certificate is parsed, or guarded by
// a lock of OpenSSL.
unsafe impl Send for X509 {}
// SAFETY: the same.
unsafe impl Sync for X509 {}

/// How a certificate is signed.
#[derive(Clone, Copy, Debug)]
pub struct SignatureInfo {
    /// OpenSSL's name of the digest; None where the algorithm brings its own.
    pub digest: Option<&'static CStr>,
    /// How many bits of strength that has, as OpenSSL counts them.
    pub bits: i32,
}

impl X509 {
    /// Takes over one reference; None for NULL.
    pub(super) unsafe fn from_raw(x509: *mut sys::X509) -> Option<X509> {
        NonNull::new(x509).map(X509)
    }

    /// The pointer, lent.
    pub(super) fn as_ptr(&self) -> *mut sys::X509 {
        self.0.as_ptr()
    }

    /// The DER bytes.
    pub fn to_der(&self) -> Result<Vec<u8>> {
        // SAFETY: the certificate is alive.
        asn1::to_der(|out| unsafe { sys::i2d_X509(self.as_ptr(), out) })
    }

    /// The DER bytes, followed by what it is trusted or rejected for, if that was given (TRUSTED CERTIFICATE).
    pub fn to_trusted_der(&self) -> Result<Vec<u8>> {
        // SAFETY: the certificate is alive.
        asn1::to_der(|out| unsafe { sys::i2d_X509_AUX(self.as_ptr(), out) })
    }

    /// The public key.
    pub(super) fn public_key(&self) -> Result<PKey> {
        // SAFETY: the certificate is alive.
        let key = cvt_p(|| unsafe { sys::X509_get_pubkey(self.as_ptr()) })?;
        // SAFETY: the reference is ours.
        unsafe { PKey::from_raw(key) }.ok_or(Cause::Untold)
    }

    /// The SHA-256 of the public key with its kind (SubjectPublicKeyInfo).
    pub fn key_digest(&self) -> Result<Vec<u8>> {
        // SAFETY: the certificate is alive; the key is its own.
        let key = unsafe { sys::X509_get_X509_PUBKEY(self.as_ptr()) };
        // SAFETY: as above.
        digest(c"SHA256", &asn1::to_der(|out| unsafe { sys::i2d_X509_PUBKEY(key, out) })?)
    }

    /// The PEM text.
    pub fn to_pem(&self) -> Result<Vec<u8>> {
        // SAFETY: both are alive.
        mem::printed(|out| cvt(|| unsafe { sys::PEM_write_bio_X509(out, self.as_ptr()) }))
    }

    /// The kind of the public key, by OpenSSL's number; 0 for none that OpenSSL knows. A private key that is a provider's
    /// need not have one. A key that could not be read, as when there was no memory for it, is of the kind that it says it is.
    pub fn key_kind(&self) -> c_int {
        // SAFETY: the certificate is alive; so below.
        let key = quietly(|| unsafe { sys::X509_get0_pubkey(self.as_ptr()) });
        if !key.is_null() {
            // SAFETY: not NULL, and as alive as the certificate.
            return unsafe { sys::EVP_PKEY_id(key) };
        }
        // SAFETY: as above; the key is the certificate's own, and so is what it tells.
        let own = unsafe { sys::X509_get_X509_PUBKEY(self.as_ptr()) };
        let mut algorithm = null_mut();
        // SAFETY: as above; NULL is for what is not asked for.
        let told =
            unsafe { sys::X509_PUBKEY_get0_param(&mut algorithm, null_mut(), null_mut(), null_mut(), own) };
        // SAFETY: not NULL where it was told.
        if told == 1 { unsafe { sys::OBJ_obj2nid(algorithm) } } else { 0 }
    }

    /// Checks that this is its private key.
    pub fn check_private_key(&self, key: &PKey) -> Result<()> {
        // SAFETY: both are alive.
        cvt(|| unsafe { sys::X509_check_private_key(self.as_ptr(), key.as_ptr()) })
    }

    /// Tells whether the names and key identifiers say that another one has issued this one. Fails where the names agree, but
    /// what else counts cannot be read. A key of a kind that OpenSSL does not know has issued nothing.
    pub fn is_issued_by(&self, issuer: &X509) -> Result<bool> {
        const EXTENSIONS_UNREAD: c_int = 1;
        const OTHER_NAME: c_int = 29;
        const OTHER_SERIAL: c_int = 31;
        let verdict = issue_verdict(issuer, self)?;
        if verdict == sys::X509_V_OK || (OTHER_NAME..=OTHER_SERIAL).contains(&verdict) {
            return Ok(verdict == sys::X509_V_OK);
        }
        // OpenSSL keeps what it could not read for lack of memory, and says then no other than of what nobody can read.
        // So it does of a key whose kind it had no memory to compare.
        let again = issue_verdict(&issuer.read_again()?, &self.read_again()?)?;
        match verdict {
            _ if again != verdict => Err(Entry::memory().into()),
            EXTENSIONS_UNREAD => Err(Cause::Untold),
            _ => Ok(false),
        }
    }

    /// Tells whether another one's key has made the signature.
    pub fn is_signed_by(&self, issuer: &X509) -> Result<bool> {
        let verified = issuer.public_key().and_then(|key| {
            // SAFETY: both are alive.
            cvt(|| unsafe { sys::X509_verify(self.as_ptr(), key.as_ptr()) })
        });
        match verified {
            Err(cause) if cause.is_memory() => Err(cause),
            verified => Ok(verified.is_ok()),
        }
    }

    /// What OpenSSL prefers of certificates that fit alike: one that is valid at this time, then the one that is for longest.
    pub fn preference(&self, now: i64) -> (bool, i64) {
        let since = self.not_before_seconds().unwrap_or(i64::MAX);
        let until = self.not_after_seconds().unwrap_or(i64::MIN);
        ((since..=until).contains(&now), until)
    }

    fn read_again(&self) -> Result<X509> {
        X509::from_der(&self.to_der()?)
    }

    /// Tells whether two are the same certificate.
    pub fn is_same(&self, other: &X509) -> bool {
        // SAFETY: both are alive.
        quietly(|| unsafe { sys::X509_cmp(self.as_ptr(), other.as_ptr()) }) == 0
    }

    /// The version number, which counts from 0.
    pub fn version(&self) -> c_long {
        // SAFETY: the certificate is alive.
        unsafe { sys::X509_get_version(self.as_ptr()) }
    }

    /// The serial number: whether it is negative, and its big-endian magnitude.
    pub fn serial_number(&self) -> (bool, &[u8]) {
        // SAFETY: the certificate is alive.
        let serial = unsafe { sys::X509_get_serialNumber(self.as_ptr()) }.cast_const().cast();
        // SAFETY: lent by the certificate.
        let kind = unsafe { asn1::string_type(serial) };
        // SAFETY: the same.
        (kind & sys::V_ASN1_NEG != 0, unsafe { asn1::content(serial) })
    }

    /// The subject as DER.
    pub fn subject_der(&self) -> Result<Vec<u8>> {
        // SAFETY: the certificate is alive.
        let name = unsafe { sys::X509_get_subject_name(self.as_ptr()) };
        // SAFETY: the name is the certificate's.
        asn1::to_der(|out| unsafe { sys::i2d_X509_NAME(name, out) })
    }

    /// The attributes of the subject, in order.
    pub fn subject(&self) -> Result<Vec<NameEntry>> {
        self.subject_name().entries()
    }

    /// The subject in one line, as in RFC 2253.
    pub fn subject_rfc2253(&self) -> Result<Vec<u8>> {
        self.subject_name().to_rfc2253()
    }

    /// The attributes of the issuer, in order.
    pub fn issuer(&self) -> Result<Vec<NameEntry>> {
        self.issuer_name().entries()
    }

    /// The issuer in one line, as in RFC 2253.
    pub fn issuer_rfc2253(&self) -> Result<Vec<u8>> {
        self.issuer_name().to_rfc2253()
    }

    fn subject_name(&self) -> Name<'_> {
        // SAFETY: the certificate is alive.
        let name = unsafe { sys::X509_get_subject_name(self.as_ptr()) };
        // SAFETY: lent by the certificate.
        unsafe { Name::new(name) }
    }

    fn issuer_name(&self) -> Name<'_> {
        // SAFETY: the certificate is alive.
        let name = unsafe { sys::X509_get_issuer_name(self.as_ptr()) };
        // SAFETY: lent by the certificate.
        unsafe { Name::new(name) }
    }

    /// The start of validity, as OpenSSL prints it.
    pub fn not_before_text(&self) -> Result<Vec<u8>> {
        // SAFETY: lent by the certificate.
        unsafe { asn1::time_text(self.not_before()) }
    }

    /// The start of validity in seconds since 1970.
    pub fn not_before_seconds(&self) -> Result<i64> {
        // SAFETY: lent by the certificate.
        unsafe { asn1::time_seconds(self.not_before()) }
    }

    /// The end of validity, as OpenSSL prints it.
    pub fn not_after_text(&self) -> Result<Vec<u8>> {
        // SAFETY: lent by the certificate.
        unsafe { asn1::time_text(self.not_after()) }
    }

    /// The end of validity in seconds since 1970.
    pub fn not_after_seconds(&self) -> Result<i64> {
        // SAFETY: lent by the certificate.
        unsafe { asn1::time_seconds(self.not_after()) }
    }

    fn not_before(&self) -> *const sys::ASN1_TIME {
        // SAFETY: the certificate is alive.
        unsafe { sys::X509_getm_notBefore(self.as_ptr()) }
    }

    fn not_after(&self) -> *const sys::ASN1_TIME {
        // SAFETY: the certificate is alive.
        unsafe { sys::X509_getm_notAfter(self.as_ptr()) }
    }

    /// Fails if an extension that OpenSSL itself uses cannot be parsed.
    pub fn check_extensions(&self) -> Result<()> {
        // SAFETY: the certificate is alive; -1 only parses its extensions.
        cvt(|| unsafe { sys::X509_check_purpose(self.as_ptr(), -1, 0) })
    }

    /// Tells whether it may sign certificates, or is of a version too old to say so.
    pub fn is_ca(&self) -> bool {
        // SAFETY: the certificate is alive.
        quietly(|| unsafe { sys::X509_check_ca(self.as_ptr()) } > 0)
    }
}

/// What OpenSSL says of a certificate's issuer.
fn issue_verdict(issuer: &X509, subject: &X509) -> Result<c_int> {
    let mut verdict = sys::X509_V_OK;
    let ask = || {
        // SAFETY: both are alive.
        verdict = unsafe { sys::X509_check_issued(issuer.as_ptr(), subject.as_ptr()) };
        verdict
    };
    match attempt(ask, |verdict| verdict == sys::X509_V_OK) {
        Err(cause) if cause.is_memory() => Err(cause),
        _ => Ok(verdict),
    }
}

impl PartialEq for X509 {
    fn eq(&self, other: &X509) -> bool {
        // SAFETY: both are alive.
        quietly(|| unsafe { sys::X509_cmp(self.as_ptr(), other.as_ptr()) == 0 })
    }
}

impl Clone for X509 {
    fn clone(&self) -> X509 {
        // SAFETY: the certificate is alive; its count cannot overflow before memory is full.
        unsafe { sys::X509_up_ref(self.as_ptr()) };
        X509(self.0)
    }
}

impl Drop for X509 {
    fn drop(&mut self) {
        // SAFETY: the one reference we own.
        unsafe { sys::X509_free(self.as_ptr()) }
    }
}

/// The digest of bytes; an error if OpenSSL lacks the digest.
pub fn digest(name: &CStr, data: &[u8]) -> Result<Vec<u8>> {
    library::init()?;
    // SAFETY: NULL selects the default library context and properties.
    let kind = cvt_p(|| unsafe { sys::EVP_MD_fetch(null_mut(), name.as_ptr(), std::ptr::null()) })?;
    let mut digest = vec![0; sys::EVP_MAX_MD_SIZE as usize];
    let mut len: c_uint = 0;
    // SAFETY: the buffer is large enough for every digest.
    let done = cvt(|| unsafe {
        sys::EVP_Digest(data.as_ptr().cast(), data.len(), digest.as_mut_ptr(), &mut len, kind, null_mut())
    });
    // SAFETY: ours to free, once.
    unsafe { sys::EVP_MD_free(kind) };
    done?;
    digest.truncate(len as usize);
    Ok(digest)
}
