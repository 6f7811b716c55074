//! The C entries: NULL, the end of a list, and what they lend.

// A test is one story of many calls on the same handle.
#![allow(clippy::multiple_unsafe_ops_per_block)]

use super::certs;
use super::{every_alt_name, names};
use crate::certs::forge::Forged;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use tlsock::{Certificate, CertificateList, Error, Status};

#[repr(C)]
struct Text {
    data: *const c_char,
    len: usize,
}

#[repr(C)]
struct NamePair {
    name: *const c_char,
    value: Text,
    rdn: usize,
    binary: bool,
}

#[repr(C)]
struct AltName {
    kind: *const c_char,
    value: Text,
}

#[repr(C)]
struct Bytes {
    data: *mut u8,
    len: usize,
}

#[allow(improper_ctypes)]
unsafe extern "C" {
    fn tlsock_certificate_new_data(
        data: *const c_void,
        data_len: usize,
        certificate: *mut *mut Certificate,
        error: *mut *mut Error,
    ) -> Status;
    fn tlsock_certificate_free(certificate: *mut Certificate);
    fn tlsock_certificate_equal(certificate: *const Certificate, other: *const Certificate) -> bool;
    fn tlsock_certificate_verified(certificate: *const Certificate) -> bool;
    fn tlsock_certificate_der(certificate: *const Certificate) -> Text;
    fn tlsock_certificate_pem(certificate: *const Certificate) -> *const c_char;
    fn tlsock_certificate_json(
        certificate: *const Certificate,
        json: *mut *const c_char,
        error: *mut *mut Error,
    ) -> Status;
    fn tlsock_certificate_subject_count(certificate: *const Certificate) -> usize;
    fn tlsock_certificate_subject_at(certificate: *const Certificate, at: usize, pair: *mut NamePair)
    -> bool;
    fn tlsock_certificate_issuer_at(certificate: *const Certificate, at: usize, pair: *mut NamePair) -> bool;
    fn tlsock_certificate_serial_number(certificate: *const Certificate) -> *const c_char;
    fn tlsock_certificate_not_after_time(certificate: *const Certificate) -> i64;
    fn tlsock_certificate_subject_alt_name_count(certificate: *const Certificate) -> usize;
    fn tlsock_certificate_subject_alt_name_at(
        certificate: *const Certificate,
        at: usize,
        name: *mut AltName,
    ) -> bool;
    fn tlsock_certificate_ocsp_at(certificate: *const Certificate, at: usize) -> Text;
    fn tlsock_certificate_fingerprint(
        certificate: *const Certificate,
        digest: *const c_char,
        fingerprint: *mut Bytes,
        error: *mut *mut Error,
    ) -> Status;
    fn tlsock_bytes_free(bytes: *mut Bytes);
    fn tlsock_certificate_list_count(certificates: *const CertificateList) -> usize;
    fn tlsock_certificate_list_at(certificates: *const CertificateList, at: usize) -> *const Certificate;
    fn tlsock_certificate_list_free(certificates: *mut CertificateList);
}

struct Owned(*mut Certificate);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: made by new_data and freed once.
        unsafe { tlsock_certificate_free(self.0) }
    }
}

fn new_data(data: &[u8]) -> (Status, Owned) {
    let mut certificate = null_mut();
    // SAFETY: pointer and length are those of one slice; the error may be NULL.
    let status = unsafe {
        tlsock_certificate_new_data(data.as_ptr().cast(), data.len(), &mut certificate, null_mut())
    };
    (status, Owned(certificate))
}

fn bytes_of(text: &Text) -> &[u8] {
    // SAFETY: what the library lends has len bytes and a NUL behind them.
    unsafe { std::slice::from_raw_parts(text.data.cast(), text.len + 1) }
}

fn empty_pair() -> NamePair {
    NamePair { name: null(), value: Text { data: null(), len: 7 }, rdn: 7, binary: true }
}

#[test]
fn names_are_lent_with_their_nuls() {
    let (status, certificate) = new_data(&names()[1].der());
    assert_eq!(status, Status::Ok);
    let mut pair = empty_pair();
    // SAFETY: the handle is alive.
    unsafe {
        assert_eq!(tlsock_certificate_subject_count(certificate.0), 1);
        assert!(tlsock_certificate_subject_at(certificate.0, 0, &mut pair));
        assert_eq!(CStr::from_ptr(pair.name), c"commonName");
        assert!(!tlsock_certificate_subject_at(certificate.0, 0, null_mut()));
    }
    assert_eq!(bytes_of(&pair.value), b"good.example\0.evil.example\0");
    assert_eq!((pair.rdn, pair.binary), (0, false));
}

#[test]
fn past_the_end_nothing_is_touched() {
    let (_, certificate) = new_data(&Forged::alt_names(every_alt_name()).der());
    let mut pair = empty_pair();
    let mut name = AltName { kind: null(), value: Text { data: null(), len: 7 } };
    // SAFETY: the handle is alive.
    unsafe {
        assert!(!tlsock_certificate_issuer_at(certificate.0, 1, &mut pair));
        assert!(!tlsock_certificate_issuer_at(certificate.0, usize::MAX, &mut pair));
        assert_eq!((pair.name, pair.value.len, pair.rdn), (null(), 7, 7));
        let count = tlsock_certificate_subject_alt_name_count(certificate.0);
        assert_eq!(count, every_alt_name().len());
        assert!(!tlsock_certificate_subject_alt_name_at(certificate.0, count, &mut name));
        assert_eq!((name.kind, name.value.len), (null(), 7));
        assert!(tlsock_certificate_subject_alt_name_at(certificate.0, 1, &mut name));
        assert_eq!(CStr::from_ptr(name.kind), c"DNS");
        assert!(tlsock_certificate_ocsp_at(certificate.0, 0).data.is_null());
    }
    assert_eq!(bytes_of(&name.value), b"nul\0.example\0");
}

#[test]
fn null_is_no_certificate() {
    let none = null::<Certificate>();
    let mut json = null();
    // SAFETY: NULL is allowed everywhere.
    unsafe {
        assert!(!tlsock_certificate_equal(none, none) && !tlsock_certificate_verified(none));
        assert!(tlsock_certificate_der(none).data.is_null() && tlsock_certificate_pem(none).is_null());
        assert!(tlsock_certificate_serial_number(none).is_null());
        assert_eq!(tlsock_certificate_not_after_time(none), i64::MIN);
        assert_eq!(tlsock_certificate_subject_count(none), 0);
        assert!(!tlsock_certificate_subject_at(none, 0, &mut empty_pair()));
        assert_eq!(tlsock_certificate_json(none, &mut json, null_mut()), Status::Value);
        assert_eq!(tlsock_certificate_fingerprint(none, null(), null_mut(), null_mut()), Status::Value);
        assert_eq!(tlsock_certificate_list_count(null()), 0);
        assert!(tlsock_certificate_list_at(null(), 0).is_null());
        tlsock_certificate_list_free(null_mut());
        tlsock_certificate_free(null_mut());
    }
    assert!(json.is_null());
}

#[test]
fn failures_say_why_and_leave_outputs_alone() {
    let marker = std::ptr::dangling_mut::<Certificate>();
    let mut certificate = marker;
    let mut error = null_mut();
    // SAFETY: NULL is checked before it is read.
    let status = unsafe { tlsock_certificate_new_data(null(), 4, &mut certificate, &mut error) };
    // SAFETY: on failure the error is ours.
    let error = unsafe { Box::from_raw(error) };
    assert_eq!((status, error.message()), (Status::Value, "data must not be NULL"));
    assert_eq!(certificate, marker);
    assert_eq!(new_data(b"junk").0, Status::Ssl);
    let pem = certs::read("ca.pem");
    // SAFETY: pointer and length are those of one slice.
    let no_output =
        unsafe { tlsock_certificate_new_data(pem.as_ptr().cast(), pem.len(), null_mut(), null_mut()) };
    assert_eq!(no_output, Status::Value);
}

#[test]
fn a_list_lends_its_certificates() {
    let certificate = Certificate::from_data(&certs::read("ca.pem")).unwrap();
    let list = Box::into_raw(Box::new(CertificateList::from(vec![certificate.clone()])));
    // SAFETY: the list is alive until it is freed at the end.
    unsafe {
        assert_eq!(tlsock_certificate_list_count(list), 1);
        assert!(tlsock_certificate_equal(tlsock_certificate_list_at(list, 0), &certificate));
        assert!(tlsock_certificate_list_at(list, 1).is_null());
        tlsock_certificate_list_free(list);
    }
}

#[test]
fn fingerprints_are_owned_bytes() {
    let (_, certificate) = new_data(&certs::read("ca.pem"));
    let mut digest = Bytes { data: null_mut(), len: 0 };
    // SAFETY: the handle is alive, and so is the place for the digest.
    unsafe {
        let unknown = tlsock_certificate_fingerprint(certificate.0, c"md0".as_ptr(), &mut digest, null_mut());
        assert_eq!((unknown, digest.data), (Status::Value, null_mut()));
        let status = tlsock_certificate_fingerprint(certificate.0, null(), &mut digest, null_mut());
        assert_eq!((status, digest.len), (Status::Ok, 32));
        tlsock_bytes_free(&mut digest);
    }
}
