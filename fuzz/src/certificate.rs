//! Asks a certificate everything and compares the answers with each other.

use crate::c::*;
use crate::call::{Outcome, at, call, give, owned, peer_text, text};
use crate::handle::Handle;
use serde_json::Value;
use std::ffi::CString;
use std::ptr::null;

/// Loads a certificate.
pub fn load(data: &[u8]) -> Outcome<Handle<tlsock_certificate>> {
    // SAFETY: bytes of the length given and a place for a handle.
    let made = give("certificate_new_data", |out, error| unsafe {
        tlsock_certificate_new_data(data.as_ptr().cast(), data.len(), out, error)
    });
    // SAFETY: ours.
    made.map(|one| unsafe { Handle::new(one) }.expect("a handle"))
}

/// The bytes that something lends.
///
/// # Safety
/// What lends them is live.
pub unsafe fn slice<'a>(slice: tlsock_slice) -> &'a [u8] {
    if slice.data.is_null() {
        assert_eq!(slice.len, 0);
        return &[];
    }
    // SAFETY: the caller's word.
    unsafe { std::slice::from_raw_parts(slice.data, slice.len) }
}

/// Asks everything.
///
/// # Safety
/// The certificate is live.
pub unsafe fn inspect(certificate: *const tlsock_certificate) {
    // SAFETY: a live certificate, as the caller promises.
    unsafe {
        let der = slice(tlsock_certificate_der(certificate));
        let pem = text(tlsock_certificate_pem(certificate)).expect("a certificate has PEM");
        round_trip(certificate, der, pem);
        let subject = pairs(certificate, tlsock_certificate_subject_count, tlsock_certificate_subject_at);
        let issuer = pairs(certificate, tlsock_certificate_issuer_count, tlsock_certificate_issuer_at);
        text(tlsock_certificate_subject_text(certificate));
        text(tlsock_certificate_issuer_text(certificate));
        let names = alt_names(certificate);
        let ocsp = uris(certificate, tlsock_certificate_ocsp_count, tlsock_certificate_ocsp_at);
        let issuers =
            uris(certificate, tlsock_certificate_ca_issuers_count, tlsock_certificate_ca_issuers_at);
        let points = uris(
            certificate,
            tlsock_certificate_crl_distribution_points_count,
            tlsock_certificate_crl_distribution_points_at,
        );
        let times = [
            (
                "notBefore",
                tlsock_certificate_not_before(certificate),
                tlsock_certificate_not_before_time(certificate),
            ),
            (
                "notAfter",
                tlsock_certificate_not_after(certificate),
                tlsock_certificate_not_after_time(certificate),
            ),
        ];
        for (_, words, seconds) in times {
            compare_time(text(words), seconds);
        }
        fingerprint(certificate);
        let json = give("certificate_json", |out, error| tlsock_certificate_json(certificate, out, error));
        let json = match json {
            Ok(json) => text(json).expect("JSON is text"),
            Err(failure) => {
                let told = [TLSOCK_VALUE, TLSOCK_SSL].contains(&failure.status);
                return assert!(told, "{failure:?}");
            }
        };
        let json: Value = serde_json::from_str(json).expect("it is JSON");
        assert_eq!(count(&json["subject"]), subject, "{json}");
        assert_eq!(count(&json["issuer"]), issuer, "{json}");
        assert_eq!(json["subjectAltName"].as_array().map_or(0, Vec::len), names, "{json}");
        for (key, found) in [("OCSP", ocsp), ("caIssuers", issuers), ("crlDistributionPoints", points)] {
            assert_eq!(json[key].as_array().map_or(0, Vec::len), found, "{json}");
        }
        assert_eq!(json["serialNumber"].as_str(), text(tlsock_certificate_serial_number(certificate)));
        assert_eq!(json["version"].as_i64(), Some(tlsock_certificate_version(certificate).into()));
        for (key, words, _) in times {
            assert_eq!(json[key].as_str(), text(words));
        }
    }
}

/// The bytes load again as the same certificate, in either form.
unsafe fn round_trip(certificate: *const tlsock_certificate, der: &[u8], pem: &str) {
    let again = load(der).expect("its own DER bytes load");
    let from_pem = load(pem.as_bytes()).expect("its own PEM text loads");
    // SAFETY: live certificates and text.
    unsafe {
        assert!(tlsock_certificate_equal(certificate, again.raw()), "DER does not come back");
        assert!(tlsock_certificate_equal(certificate, from_pem.raw()), "PEM does not come back");
        assert!(!tlsock_certificate_equal(certificate, null()));
        let c = CString::new(pem).expect("PEM has no NUL");
        let decoded = owned("pem_to_der", |out, error| tlsock_pem_cert_to_der_cert(c.as_ptr(), out, error));
        assert_eq!(decoded.expect("its own PEM decodes").as_deref(), Some(der));
    }
    // SAFETY: bytes of the length given.
    let encoded = owned("der_to_pem", |out, error| unsafe {
        tlsock_der_cert_to_pem_cert(der.as_ptr().cast(), der.len(), out, error)
    });
    assert_eq!(encoded.expect("any bytes encode").as_deref(), Some(pem.as_bytes()));
}

type Count = unsafe extern "C" fn(*const tlsock_certificate) -> usize;

unsafe fn pairs(
    certificate: *const tlsock_certificate,
    count: Count,
    entry: unsafe extern "C" fn(*const tlsock_certificate, usize, *mut tlsock_name_pair) -> bool,
) -> usize {
    // SAFETY: a live certificate, as the caller promises.
    unsafe {
        let count = count(certificate);
        assert!(at("name", |place| entry(certificate, count, place)).is_none());
        let mut rdn = 0;
        for index in 0..count {
            let pair = at("name", |place| entry(certificate, index, place)).expect("one");
            assert!(!text(pair.name).expect("a name").is_empty());
            assert!(pair.rdn == rdn || (index > 0 && pair.rdn > rdn), "rdn {} after {rdn}", pair.rdn);
            rdn = pair.rdn;
            if !pair.binary {
                assert!(peer_text(pair.value).is_some());
            }
        }
        count
    }
}

unsafe fn alt_names(certificate: *const tlsock_certificate) -> usize {
    // SAFETY: a live certificate, as the caller promises.
    unsafe {
        let entry = tlsock_certificate_subject_alt_name_at;
        let count = tlsock_certificate_subject_alt_name_count(certificate);
        assert!(at("alt_name", |place| entry(certificate, count, place)).is_none());
        for index in 0..count {
            let name = at("alt_name", |place| entry(certificate, index, place)).expect("one");
            assert!(text(name.r#type).is_some() && peer_text(name.value).is_some());
        }
        count
    }
}

unsafe fn uris(
    certificate: *const tlsock_certificate,
    count: Count,
    entry: unsafe extern "C" fn(*const tlsock_certificate, usize) -> tlsock_text,
) -> usize {
    // SAFETY: a live certificate, as the caller promises.
    unsafe {
        let count = count(certificate);
        assert!((0..count).all(|index| peer_text(entry(certificate, index)).is_some()));
        assert!(peer_text(entry(certificate, count)).is_none());
        count
    }
}

/// Where the text can be read as a time, it is the same one.
fn compare_time(words: Option<&str>, seconds: i64) {
    let Some(words) = words else { return assert_eq!(seconds, i64::MIN) };
    let c = CString::new(words).expect("no NUL in text");
    // SAFETY: text and a place for a number.
    let read = give("cert_time_to_seconds", |out, error| unsafe {
        tlsock_cert_time_to_seconds(c.as_ptr(), out, error)
    });
    if let Ok(read) = read {
        assert_eq!(read, seconds, "{words}");
    }
}

unsafe fn fingerprint(certificate: *const tlsock_certificate) {
    // SAFETY: a live certificate, as the caller promises, and text.
    unsafe {
        let digest = |name| {
            owned("fingerprint", |out, error| tlsock_certificate_fingerprint(certificate, name, out, error))
        };
        assert_eq!(digest(null()).expect("SHA-256").expect("bytes").len(), 32);
        let unknown = digest(c"sha257".as_ptr());
        assert!(unknown.is_err_and(|failure| failure.status == TLSOCK_VALUE));
    }
    call("null certificate", |error| unsafe { tlsock_certificate_json(null(), &mut null(), error) })
        .expect_err("NULL is refused");
}

fn count(name: &Value) -> usize {
    name.as_array().map_or(0, |rdns| rdns.iter().filter_map(Value::as_array).map(Vec::len).sum())
}
