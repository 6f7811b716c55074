//! What certificates are trusted for.

use super::encode::{oid, sequence, value};
use super::forge::{Forged, good_chain};
use crate::openssl::backend::rules::trust::{PeerUse, Standing, overlooked, rejected_at, standing};
use crate::openssl::{asn1, cvt_p, library, quietly, sys, x509::X509};
use std::os::raw::{c_int, c_long, c_uchar};
use std::ptr::null_mut;

unsafe extern "C" {
    fn X509_check_trust(x509: *mut sys::X509, id: c_int, flags: c_int) -> c_int;
    fn d2i_X509_AUX(out: *mut *mut sys::X509, der: *mut *const c_uchar, len: c_long) -> *mut sys::X509;
}

const SERVER: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 1];
const CLIENT: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 2];
const EMAIL: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 4];
const ANY: &[u8] = &[0x55, 0x1D, 0x25, 0];

/// The uses of a list; None for no list.
type Uses = Option<&'static [&'static [u8]]>;

const LISTS: [Uses; 8] = [
    None,
    Some(&[]),
    Some(&[SERVER]),
    Some(&[CLIENT]),
    Some(&[EMAIL]),
    Some(&[ANY]),
    Some(&[EMAIL, SERVER]),
    Some(&[CLIENT, ANY]),
];

/// What stands behind the DER of a certificate that is trusted and rejected for these.
fn behind(trust: Uses, reject: Uses) -> Vec<u8> {
    let list = |tag, uses: Uses| {
        let uses = uses.map(|uses| uses.iter().map(|one| oid(one)).collect::<Vec<_>>().concat());
        uses.map_or(Vec::new(), |uses| value(tag, &uses))
    };
    sequence(&[list(0x30, trust), list(0xA0, reject)])
}

fn by_openssl(forged: &Forged, behind: &[u8], wanted: PeerUse) -> Standing {
    const SSL_CLIENT: c_int = 2;
    const SSL_SERVER: c_int = 3;
    library::init().expect("OpenSSL");
    let read = asn1::from_der(&[&forged.der(), behind].concat(), |data, len| {
        // SAFETY: data and len are those of one slice.
        cvt_p(|| unsafe { d2i_X509_AUX(null_mut(), data, len) })
    });
    // SAFETY: the only reference.
    let x509 = unsafe { X509::from_raw(read.expect("it can be read")) }.expect("a certificate");
    let id = if wanted == PeerUse::Server { SSL_SERVER } else { SSL_CLIENT };
    // SAFETY: the certificate is alive.
    match quietly(|| unsafe { X509_check_trust(x509.as_ptr(), id, 0) }) {
        1 => Standing::Trusted,
        2 => Standing::Rejected,
        _ => Standing::Open,
    }
}

#[test]
fn a_certificate_is_trusted_for_what_openssl_trusts_it_for() {
    let (itself, another) = (good_chain(1).remove(0), good_chain(2).remove(0));
    let mut seen = [0; 3];
    for (trust, reject) in LISTS.into_iter().flat_map(|trust| LISTS.map(|reject| (trust, reject))) {
        let behind = behind(trust, reject);
        for wanted in [PeerUse::Server, PeerUse::Client] {
            let found = standing(&behind, wanted);
            let case = format!("{trust:x?} {reject:x?} {wanted:?}");
            assert_eq!(found, by_openssl(&another, &behind, wanted), "{case}");
            // Of one that has signed itself nothing need be said.
            let alone = if found == Standing::Open { Standing::Trusted } else { found };
            assert_eq!(alone, by_openssl(&itself, &behind, wanted), "{case}: itself");
            seen[found as usize] += 1;
        }
    }
    assert!(seen.into_iter().all(|count| count > 5), "{seen:?}");
}

/// AWS-LC finds a use where it is named itself, and otherwise nothing.
#[test]
fn what_is_overlooked_is_told() {
    let told = |trust, reject| overlooked(&behind(trust, reject), PeerUse::Server);
    assert_eq!(overlooked(&[], PeerUse::Server), None);
    assert_eq!(told(None, None), None);
    assert_eq!(told(Some(&[EMAIL, SERVER]), None), None);
    assert_eq!(told(None, Some(&[SERVER])), None);
    assert_eq!(told(Some(&[ANY]), None), Some(Standing::Trusted));
    assert_eq!(told(None, Some(&[EMAIL])), Some(Standing::Open));
    assert_eq!(told(Some(&[EMAIL]), None), Some(Standing::Rejected));
    assert_eq!(told(None, Some(&[ANY])), Some(Standing::Rejected));
}

#[test]
fn the_first_certificate_of_which_anything_is_said_decides() {
    let (good, bad) = (behind(Some(&[ANY]), None), behind(Some(&[EMAIL]), None));
    let (open, none) = (behind(None, Some(&[EMAIL])), Vec::new());
    let at = |chain: [&Vec<u8>; 3]| rejected_at(chain.map(Vec::as_slice), PeerUse::Server);
    assert_eq!(at([&none, &none, &none]), None);
    assert_eq!(at([&none, &bad, &good]), Some(1));
    assert_eq!(at([&none, &good, &bad]), None);
    assert_eq!(at([&none, &open, &bad]), Some(2));
    assert_eq!(at([&bad, &none, &none]), Some(0));
}

#[test]
fn uses_that_cannot_be_read_trust_nobody() {
    let good = behind(Some(&[SERVER]), None);
    assert_eq!(standing(&good, PeerUse::Server), Standing::Trusted);
    for damaged in
        [&good[..good.len() - 1], &[0x30], &[0x31, 0], &[0x30, 2, 0x30, 1], &[0x30, 4, 0x30, 2, 5, 0]]
    {
        assert_eq!(standing(damaged, PeerUse::Server), Standing::Rejected, "{damaged:x?}");
    }
    assert_eq!(standing(&[&good[..], &[0x30, 0]].concat(), PeerUse::Server), Standing::Rejected);
}
