//! `tlsock_certificate_*` and `tlsock_certificate_list_*`. Every getter accepts NULL.

use super::boundary::{ask, borrowed, bytes, call, free, handle, optional_text, output, place};
use super::bytes::{Bytes, Slice, Text, c_text};
use super::handle::lend;
use crate::ssl::certificate::{NameAttribute, PeerText, SubjectAltName};
use crate::ssl::{Certificate, CertificateList, Error, Status};
use std::ffi::{c_char, c_int, c_void};

/// Python: a (name, value) pair of a certificate's subject or issuer. Pairs with the same rdn form one relative
/// distinguished name; rdn counts from 0. binary: the value is bytes (a BIT STRING, or a value that is not text).
/// name and value are lent by the certificate.
#[repr(C)]
pub struct NamePair {
    pub name: *const c_char,
    pub value: Text,
    pub rdn: usize,
    pub binary: bool,
}

/// Python: an entry of subjectAltName. type is Python's name for it: "DNS", "IP Address", "email", "URI", "DirName",
/// "Registered ID", "othername", "X400Name", "EdiPartyName". A DirName's value is in RFC 2253 form
/// (tlsock_certificate_json has it in full). A name that is not UTF-8 is given as its bytes;
/// tlsock_certificate_json fails on it, as Python does. type is static, value lent by the certificate.
#[repr(C)]
pub struct AltName {
    pub r#type: *const c_char,
    pub value: Text,
}

impl From<&NameAttribute> for NamePair {
    fn from(attribute: &NameAttribute) -> NamePair {
        let NameAttribute { name, value, rdn, binary } = attribute;
        NamePair { name: name.as_ptr(), value: lent(Some(value)), rdn: *rdn, binary: *binary }
    }
}

impl From<&SubjectAltName> for AltName {
    fn from(name: &SubjectAltName) -> AltName {
        AltName { r#type: name.kind.as_ptr(), value: lent(Some(&name.value)) }
    }
}

fn lent(text: Option<&PeerText>) -> Text {
    Text::new(text.map(PeerText::with_nul))
}

/// Reads a field; `neutral` for NULL.
unsafe fn field<'a, T>(
    certificate: *const Certificate,
    neutral: T,
    read: impl FnOnce(&'a Certificate) -> T,
) -> T {
    ask(None, || unsafe { borrowed(certificate) }.map(read)).unwrap_or(neutral)
}

/// Fills an item, if the caller wants it and it is not past the end.
unsafe fn fill<'a, T: 'a, C: From<&'a T>>(
    certificate: *const Certificate,
    list: impl FnOnce(&'a Certificate) -> &'a [T],
    index: usize,
    item: *mut C,
) -> bool {
    unsafe {
        field(certificate, false, |certificate| {
            let filled = list(certificate).get(index).zip(output(item, "item").ok());
            filled.map(|(found, item)| item.set(C::from(found))).is_some()
        })
    }
}

/// Reads a certificate from DER, or the first one in a PEM text. It is not verified.
/// Returns: SSL.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_new_data(
    data: *const c_void,
    data_len: usize,
    certificate: *mut *mut Certificate,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let certificate = place(certificate, "certificate")?;
        certificate.give(Certificate::from_data(unsafe { bytes(data, data_len, "data") }?)?);
        Ok(())
    })
}

/// Frees a certificate. NULL is ignored. Never free one that a list or an error lends.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_free(certificate: *mut Certificate) {
    unsafe { free(certificate) }
}

/// Tells whether two certificates have the same bytes; NULL equals nothing, not even NULL.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_equal(
    certificate: *const Certificate,
    other: *const Certificate,
) -> bool {
    unsafe { field(certificate, false, |certificate| field(other, false, |other| certificate.equal(other))) }
}

/// Tells whether the certificate came from a connection that had verified it (and the host name, if that was to be
/// checked).
/// Extension: in Python a dict that is not empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_verified(certificate: *const Certificate) -> bool {
    unsafe { field(certificate, false, Certificate::verified) }
}

/// Returns the DER bytes.
/// Python: getpeercert(binary_form=True)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_der(certificate: *const Certificate) -> Slice {
    unsafe { field(certificate, Slice::new(None), |certificate| Slice::new(Some(certificate.der()))) }
}

/// Returns the PEM text, as der_cert_to_pem_cert writes it; NULL only for a NULL certificate.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_pem(certificate: *const Certificate) -> *const c_char {
    unsafe { field(certificate, c_text(None), |certificate| certificate.pem().as_ptr()) }
}

/// Gives Python's dict as JSON text, with the same keys and values (tuples are arrays, bytes are hex). *json is
/// lent by the certificate.
/// Returns: VALUE for names that are not text, SSL.
/// Python: getpeercert(), get_ca_certs()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_json(
    certificate: *const Certificate,
    json: *mut *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let json = output(json, "json")?;
        json.set(unsafe { handle(certificate, "certificate") }?.json()?.as_ptr());
        Ok(())
    })
}

/// Returns the number of name pairs in the subject.
/// Python: "subject"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_subject_count(certificate: *const Certificate) -> usize {
    unsafe { field(certificate, 0, |certificate| certificate.subject().len()) }
}

/// Fills in one name pair of the subject. Past the end it returns false and changes nothing.
/// Python: "subject"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_subject_at(
    certificate: *const Certificate,
    index: usize,
    pair: *mut NamePair,
) -> bool {
    unsafe { fill(certificate, Certificate::subject, index, pair) }
}

/// Returns the subject in one line (RFC 2253, escaped), for people to read, not to compare.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_subject_text(certificate: *const Certificate) -> *const c_char {
    unsafe { field(certificate, c_text(None), |certificate| c_text(certificate.subject_text())) }
}

/// Returns the number of name pairs in the issuer.
/// Python: "issuer"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_issuer_count(certificate: *const Certificate) -> usize {
    unsafe { field(certificate, 0, |certificate| certificate.issuer().len()) }
}

/// Fills in one name pair of the issuer. Past the end it returns false and changes nothing.
/// Python: "issuer"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_issuer_at(
    certificate: *const Certificate,
    index: usize,
    pair: *mut NamePair,
) -> bool {
    unsafe { fill(certificate, Certificate::issuer, index, pair) }
}

/// Returns the issuer in one line (RFC 2253, escaped), for people to read, not to compare.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_issuer_text(certificate: *const Certificate) -> *const c_char {
    unsafe { field(certificate, c_text(None), |certificate| c_text(certificate.issuer_text())) }
}

/// Returns the X.509 version counted from 1: 3 for nearly all certificates.
/// Python: "version"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_version(certificate: *const Certificate) -> c_int {
    unsafe { field(certificate, 0, Certificate::version) }
}

/// Returns the serial number in upper-case hex, two digits a byte.
/// Python: "serialNumber"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_serial_number(certificate: *const Certificate) -> *const c_char {
    unsafe { field(certificate, c_text(None), |certificate| certificate.serial_number().as_ptr()) }
}

/// Returns the start of validity as text, such as "Jan  5 09:34:43 2018 GMT"; "Bad time value" if
/// unreadable, as in Python.
/// Python: "notBefore"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_not_before(certificate: *const Certificate) -> *const c_char {
    unsafe { field(certificate, c_text(None), |certificate| c_text(certificate.not_before())) }
}

/// Returns the end of validity as text.
/// Python: "notAfter"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_not_after(certificate: *const Certificate) -> *const c_char {
    unsafe { field(certificate, c_text(None), |certificate| c_text(certificate.not_after())) }
}

/// Returns the start of validity in seconds since 1970; INT64_MIN if unreadable.
/// Extension: cert_time_to_seconds("notBefore").
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_not_before_time(certificate: *const Certificate) -> i64 {
    unsafe { field(certificate, None, Certificate::not_before_time) }.unwrap_or(i64::MIN)
}

/// Returns the end of validity in seconds since 1970; INT64_MIN if unreadable.
/// Extension: cert_time_to_seconds("notAfter").
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_not_after_time(certificate: *const Certificate) -> i64 {
    unsafe { field(certificate, None, Certificate::not_after_time) }.unwrap_or(i64::MIN)
}

/// Returns the number of alternative names.
/// Python: "subjectAltName"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_subject_alt_name_count(certificate: *const Certificate) -> usize {
    unsafe { field(certificate, 0, |certificate| certificate.subject_alt_names().len()) }
}

/// Fills in one alternative name. Past the end it returns false and changes nothing.
/// Python: "subjectAltName"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_subject_alt_name_at(
    certificate: *const Certificate,
    index: usize,
    name: *mut AltName,
) -> bool {
    unsafe { fill(certificate, Certificate::subject_alt_names, index, name) }
}

/// Returns the number of OCSP addresses.
/// Python: "OCSP"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_ocsp_count(certificate: *const Certificate) -> usize {
    unsafe { field(certificate, 0, |certificate| certificate.ocsp().len()) }
}

/// Returns one OCSP address; data is NULL past the end.
/// Python: "OCSP"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_ocsp_at(certificate: *const Certificate, index: usize) -> Text {
    unsafe { field(certificate, lent(None), |certificate| lent(certificate.ocsp().get(index))) }
}

/// Returns the number of addresses of the issuer's certificate.
/// Python: "caIssuers"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_ca_issuers_count(certificate: *const Certificate) -> usize {
    unsafe { field(certificate, 0, |certificate| certificate.ca_issuers().len()) }
}

/// Returns one address of the issuer's certificate; data is NULL past the end.
/// Python: "caIssuers"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_ca_issuers_at(
    certificate: *const Certificate,
    index: usize,
) -> Text {
    unsafe { field(certificate, lent(None), |certificate| lent(certificate.ca_issuers().get(index))) }
}

/// Returns the number of addresses of revocation lists.
/// Python: "crlDistributionPoints"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_crl_distribution_points_count(
    certificate: *const Certificate,
) -> usize {
    unsafe { field(certificate, 0, |certificate| certificate.crl_distribution_points().len()) }
}

/// Returns one address of a revocation list; data is NULL past the end.
/// Python: "crlDistributionPoints"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_crl_distribution_points_at(
    certificate: *const Certificate,
    index: usize,
) -> Text {
    unsafe {
        field(certificate, lent(None), |certificate| lent(certificate.crl_distribution_points().get(index)))
    }
}

/// Gives the digest of the DER bytes; digest NULL means "sha256".
/// Returns: VALUE for a digest OpenSSL lacks.
/// Extension: hashlib.new(digest, der).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_fingerprint(
    certificate: *const Certificate,
    digest: *const c_char,
    fingerprint: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let certificate = unsafe { handle(certificate, "certificate") }?;
        let digest = unsafe { optional_text(digest, "digest") }?;
        let fingerprint = output(fingerprint, "fingerprint")?;
        fingerprint.set(Bytes::new(Some(certificate.fingerprint(digest)?))?);
        Ok(())
    })
}

unsafe fn slice_of<'a>(certificates: *const CertificateList) -> &'a [Certificate] {
    ask(None, || unsafe { borrowed(certificates) }).map_or(&[], CertificateList::as_slice)
}

/// Returns the number of certificates in a list.
/// Python: len(SSLContext.get_ca_certs())
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_list_count(certificates: *const CertificateList) -> usize {
    unsafe { slice_of(certificates) }.len()
}

/// Returns one certificate, lent by the list; NULL past the end.
/// Python: an entry of SSLContext.get_ca_certs()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_list_at(
    certificates: *const CertificateList,
    index: usize,
) -> *const Certificate {
    lend(unsafe { slice_of(certificates) }.get(index), certificates)
}

/// Frees a list, and with it the certificates that it lends. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_certificate_list_free(certificates: *mut CertificateList) {
    unsafe { free(certificates) }
}
