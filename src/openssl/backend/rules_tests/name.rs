//! Names, compared by their characters.

use super::Dice;
use super::encode::{oid, sequence, value};
use crate::openssl::backend::rules::name::is_same;
use crate::openssl::der::{SEQUENCE, element};
use crate::openssl::{asn1, cvt_p, library, sys};
use std::os::raw::{c_int, c_long, c_uchar};
use std::ptr::null_mut;

unsafe extern "C" {
    fn d2i_X509_NAME(
        out: *mut *mut sys::X509_NAME,
        der: *mut *const c_uchar,
        len: c_long,
    ) -> *mut sys::X509_NAME;
    fn X509_NAME_free(name: *mut sys::X509_NAME);
    fn X509_NAME_cmp(one: *const sys::X509_NAME, other: *const sys::X509_NAME) -> c_int;
}

/// OpenSSL's verdict; None if it cannot read one of them.
fn by_openssl(one: &[u8], other: &[u8]) -> Option<bool> {
    library::init().expect("OpenSSL");
    let read = |der: &[u8]| {
        asn1::from_der(der, |data, len| {
            // SAFETY: data and len are those of one slice.
            cvt_p(|| unsafe { d2i_X509_NAME(null_mut(), data, len) })
        })
    };
    let one = read(one).ok()?;
    let other = read(other);
    // SAFETY: both are alive.
    let same = other.as_ref().is_ok_and(|other| unsafe { X509_NAME_cmp(one, *other) } == 0);
    // SAFETY: ours, and freed once; so below.
    unsafe { X509_NAME_free(one) };
    let other = other.ok()?;
    // SAFETY: as above.
    unsafe { X509_NAME_free(other) };
    Some(same)
}

fn here(one: &[u8], other: &[u8]) -> bool {
    let content = |der| element(der, SEQUENCE).expect("a name").0;
    is_same(content(one), content(other))
}

/// The tags of strings, and one that is no text.
const TAGS: [u8; 8] = [12, 19, 20, 22, 26, 28, 30, 4];

const TEXTS: [&str; 10] =
    ["Root", "root", "ROOT ", "  ro ot", "ro\tot", "ro  ot", "\u{e9}cole", "\u{c9}cole", "", " "];

fn encoded(tag: u8, text: &str) -> Vec<u8> {
    match tag {
        12 => text.as_bytes().to_vec(),
        28 => text.chars().flat_map(|letter| u32::from(letter).to_be_bytes()).collect(),
        30 => text.chars().flat_map(|letter| (u32::from(letter) as u16).to_be_bytes()).collect(),
        _ => text.chars().map(|letter| u32::from(letter) as u8).collect(),
    }
}

fn any_name(dice: &mut Dice) -> Vec<u8> {
    let attribute = |dice: &mut Dice| {
        let tag = *dice.pick(&TAGS);
        let text: &&str = dice.pick(&TEXTS);
        let value = value(tag, &encoded(tag, text));
        sequence(&[oid(&[0x55, 4, *dice.pick(&[3, 10])]), value])
    };
    let parts = (0..1 + dice.below(2)).map(|_| {
        let mut attributes: Vec<_> = (0..1 + dice.below(2)).map(|_| attribute(dice)).collect();
        attributes.sort();
        value(0x31, &attributes.concat())
    });
    sequence(&parts.collect::<Vec<_>>())
}

#[test]
fn names_are_the_same_where_openssl_says_so() {
    let single = |tag: u8, text: &str| {
        let attribute = sequence(&[oid(&[0x55, 4, 3]), value(tag, &encoded(tag, text))]);
        sequence(&[value(0x31, &attribute)])
    };
    let (mut same, mut differ) = (0, 0);
    let mut compare = |one: &[u8], other: &[u8]| {
        let Some(theirs) = by_openssl(one, other) else { return };
        assert_eq!(here(one, other), theirs, "{one:02x?} {other:02x?}");
        *(if theirs { &mut same } else { &mut differ }) += 1;
    };
    for (tag, other) in TAGS.into_iter().flat_map(|tag| TAGS.map(|other| (tag, other))) {
        for (text, another) in TEXTS.into_iter().flat_map(|text| TEXTS.map(|other| (text, other))) {
            compare(&single(tag, text), &single(other, another));
        }
    }
    let mut dice = Dice(0x0DDB_A115_0DDB_A115);
    for _ in 0..4000 {
        compare(&any_name(&mut dice), &any_name(&mut dice));
    }
    assert!(same > 300 && differ > 1000, "{same}, {differ}");
}
