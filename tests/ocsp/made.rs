//! OCSP responses of every kind, made with OpenSSL's own functions.
#![allow(clippy::multiple_unsafe_ops_per_block)] // one straight line of calls makes a response

use crate::certs;
use openssl_sys as ffi;
use std::os::raw::{c_char, c_int, c_long, c_ulong, c_void};
use std::ptr::null_mut;

unsafe extern "C" {
    fn OCSP_basic_add1_status(
        response: *mut ffi::OCSP_BASICRESP,
        id: *mut ffi::OCSP_CERTID,
        status: c_int,
        reason: c_int,
        revoked: *mut ffi::ASN1_TIME,
        this_update: *mut ffi::ASN1_TIME,
        next_update: *mut ffi::ASN1_TIME,
    ) -> *mut c_void;
    fn OCSP_basic_sign(
        response: *mut ffi::OCSP_BASICRESP,
        signer: *mut ffi::X509,
        key: *mut ffi::EVP_PKEY,
        digest: *const ffi::EVP_MD,
        certs: *mut ffi::stack_st_X509,
        flags: c_ulong,
    ) -> c_int;
    fn PEM_read_bio_PrivateKey(
        bio: *mut ffi::BIO,
        out: *mut *mut ffi::EVP_PKEY,
        callback: *mut c_void,
        userdata: *mut c_void,
    ) -> *mut ffi::EVP_PKEY;
    fn OCSP_BASICRESP_add_ext(response: *mut ffi::OCSP_BASICRESP, extension: *mut c_void, at: c_int)
    -> c_int;
    fn OCSP_SINGLERESP_add_ext(single: *mut c_void, extension: *mut c_void, at: c_int) -> c_int;
    fn X509V3_EXT_conf_nid(
        config: *mut c_void,
        context: *mut c_void,
        kind: c_int,
        value: *const c_char,
    ) -> *mut c_void;
    fn X509_EXTENSION_set_critical(extension: *mut c_void, critical: c_int) -> c_int;
    fn X509_gmtime_adj(time: *mut ffi::ASN1_TIME, seconds: c_long) -> *mut ffi::ASN1_TIME;
}

/// What a response says of one certificate, and who signs it.
#[derive(Clone)]
pub struct Made {
    pub leaf: Vec<u8>,
    pub issuer: Vec<u8>,
    pub status: c_int,
    pub reason: c_int,
    /// Seconds from now.
    pub this_update: i64,
    pub next_update: Option<i64>,
    pub digest: &'static [u8],
    pub signer: Vec<u8>,
    pub key: Vec<u8>,
    /// The digest that is signed.
    pub signed: &'static [u8],
    /// The signer's certificate comes with it.
    pub with_signer: bool,
    /// What else is said of the same certificate before this: with which status, and until how many seconds from now.
    pub before: Vec<(c_int, i64)>,
    /// Where a critical extension is that nobody knows.
    pub critical: Option<Place>,
}

/// A part of a response that can have extensions.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    Whole,
    Single,
}

pub const GOOD: c_int = 0;
pub const REVOKED: c_int = 1;
pub const UNKNOWN: c_int = 2;

impl Made {
    /// A good response for a certificate of the tests' intermediate, which signs it.
    pub fn good(leaf: &str) -> Made {
        Made {
            leaf: certs::read(&format!("{leaf}.pem")),
            issuer: certs::read("inter.pem"),
            status: GOOD,
            reason: -1,
            this_update: -60,
            next_update: Some(3600),
            digest: b"SHA1\0",
            signer: certs::read("inter.pem"),
            key: certs::read("inter.key"),
            signed: b"SHA256\0",
            with_signer: true,
            before: Vec::new(),
            critical: None,
        }
    }

    /// The response in DER.
    pub fn der(&self) -> Vec<u8> {
        // SAFETY: a straight line of calls with what the call before has made; a test may leak.
        unsafe {
            let basic = ffi::OCSP_BASICRESP_new();
            let id = ffi::OCSP_cert_to_id(
                ffi::EVP_get_digestbyname(self.digest.as_ptr().cast::<c_char>()),
                x509(&self.leaf),
                x509(&self.issuer),
            );
            let say = |status, reason, this_update, next_update: Option<i64>| {
                let revoked = if status == REVOKED { at(-3600) } else { null_mut() };
                let next = next_update.map_or(null_mut(), |seconds| at(seconds));
                let said = OCSP_basic_add1_status(basic, id, status, reason, revoked, at(this_update), next);
                assert!(!said.is_null());
                said
            };
            for (status, until) in &self.before {
                say(*status, -1, until.min(&0) - 60, Some(*until));
            }
            let single = say(self.status, self.reason, self.this_update, self.next_update);
            match self.critical {
                Some(Place::Whole) => assert_eq!(OCSP_BASICRESP_add_ext(basic, unknown_extension(), -1), 1),
                Some(Place::Single) => {
                    assert_eq!(OCSP_SINGLERESP_add_ext(single, unknown_extension(), -1), 1)
                }
                None => {}
            }
            let (signer, key) = (x509(&self.signer), private_key(&self.key));
            assert_eq!(
                OCSP_basic_sign(
                    basic,
                    signer,
                    key,
                    ffi::EVP_get_digestbyname(self.signed.as_ptr().cast::<c_char>()),
                    null_mut(),
                    c_ulong::from(!self.with_signer)
                ),
                1
            );
            to_der(ffi::OCSP_response_create(0, basic))
        }
    }
}

/// A response without an answer, which gives only the reason.
pub fn unanswered(status: c_int) -> Vec<u8> {
    // SAFETY: no preconditions; without an answer there is no basic response.
    unsafe { to_der(ffi::OCSP_response_create(status, null_mut())) }
}

/// A critical extension that has no meaning in a response.
unsafe fn unknown_extension() -> *mut c_void {
    const NID_NETSCAPE_COMMENT: c_int = 78;
    // SAFETY: no configuration is needed for plain text.
    let made =
        unsafe { X509V3_EXT_conf_nid(null_mut(), null_mut(), NID_NETSCAPE_COMMENT, c"mind this".as_ptr()) };
    assert!(!made.is_null());
    // SAFETY: not NULL.
    unsafe { X509_EXTENSION_set_critical(made, 1) };
    made
}

unsafe fn bio(data: &[u8]) -> *mut ffi::BIO {
    // SAFETY: the data outlives the test's use of the BIO.
    unsafe { ffi::BIO_new_mem_buf(data.as_ptr().cast(), data.len() as c_int) }
}

unsafe fn x509(pem: &[u8]) -> *mut ffi::X509 {
    // SAFETY: the BIO is alive.
    let found = unsafe { ffi::PEM_read_bio_X509(bio(pem), null_mut(), None, null_mut()) };
    assert!(!found.is_null());
    found
}

unsafe fn private_key(pem: &[u8]) -> *mut ffi::EVP_PKEY {
    // SAFETY: the BIO is alive; the key has no password.
    unsafe { PEM_read_bio_PrivateKey(bio(pem), null_mut(), null_mut(), null_mut()) }
}

/// A certificate with other dates, in seconds from now, signed again by the tests' intermediate.
pub fn dated(pem: &[u8], since: i64, until: i64) -> Vec<u8> {
    // SAFETY: as for `Made::der`.
    unsafe {
        let certificate = x509(pem);
        X509_gmtime_adj(ffi::X509_getm_notBefore(certificate), since as c_long);
        X509_gmtime_adj(ffi::X509_getm_notAfter(certificate), until as c_long);
        assert!(ffi::X509_sign(certificate, private_key(&certs::read("inter.key")), ffi::EVP_sha256()) > 0);
        let (out, mut data) = (ffi::BIO_new(ffi::BIO_s_mem()), null_mut());
        assert_eq!(ffi::PEM_write_bio_X509(out, certificate), 1);
        let len = ffi::BIO_get_mem_data(out, &mut data);
        std::slice::from_raw_parts(data.cast::<u8>(), len as usize).to_vec()
    }
}

unsafe fn at(seconds: i64) -> *mut ffi::ASN1_TIME {
    // SAFETY: NULL asks for a new time.
    unsafe { X509_gmtime_adj(null_mut(), seconds as c_long) }
}

unsafe fn to_der(response: *mut ffi::OCSP_RESPONSE) -> Vec<u8> {
    let mut out = null_mut();
    // SAFETY: the response is alive; NULL asks for a buffer.
    let len = unsafe { ffi::i2d_OCSP_RESPONSE(response, &mut out) };
    assert!(len > 0);
    // SAFETY: the buffer has this length.
    unsafe { std::slice::from_raw_parts(out, len as usize) }.to_vec()
}
