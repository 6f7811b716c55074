//! Times as text, and certificates between DER and PEM.
//!
//! The input: what to do, then the text or the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::ffi::{CStr, CString};
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::{give, owned};
use tlsock_fuzz::reader::Reader;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let kind = input.byte();
    let text = CString::new(input.0.split(|byte| *byte == 0).next().unwrap_or(b"")).expect("no NUL");
    match kind & 3 {
        0 | 1 => time(&text),
        2 => pem(&text),
        _ => der(input.0),
    }
});

/// What was read, written in the usual way, is read as the same.
fn time(text: &CStr) {
    let Some(seconds) = read(text) else { return };
    let written = write(seconds);
    if let Some(written) = written {
        assert_eq!(read(&written), Some(seconds), "{text:?} was written as {written:?}");
    }
}

fn read(text: &CStr) -> Option<i64> {
    // SAFETY: text and a place for a number.
    give("cert_time_to_seconds", |out, error| unsafe {
        tlsock_cert_time_to_seconds(text.as_ptr(), out, error)
    })
    .ok()
}

/// Years of four digits can be written.
fn write(seconds: i64) -> Option<CString> {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let mut year = 1970 + days * 400 / 146_097 - 2;
    while first_day(year + 1) <= days {
        year += 1;
    }
    let mut day = days - first_day(year);
    let mut month = 0;
    while day >= length(year, month) {
        day -= length(year, month);
        month += 1;
    }
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    let name = MONTHS[month];
    let text = format!("{name} {:2} {hour:02}:{minute:02}:{second:02} {year:04} GMT", day + 1);
    (1..=9999).contains(&year).then(|| CString::new(text).expect("no NUL"))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn length(year: i64, month: usize) -> i64 {
    [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
}

/// Days from 1970, counted another way than the library's.
fn first_day(year: i64) -> i64 {
    let before = year - 1;
    365 * (year - 1970) + (before / 4 - 492) - (before / 100 - 19) + (before / 400 - 4)
}

/// What was decoded, encoded again, is decoded as the same.
fn pem(text: &CStr) {
    // SAFETY: text and a place for bytes.
    let decoded =
        owned("pem_to_der", |out, error| unsafe { tlsock_pem_cert_to_der_cert(text.as_ptr(), out, error) });
    if let Ok(decoded) = decoded {
        der(&decoded.expect("bytes, perhaps none"));
    }
}

fn der(data: &[u8]) {
    // SAFETY: bytes of the length given and a place for bytes.
    let encoded = owned("der_to_pem", |out, error| unsafe {
        tlsock_der_cert_to_pem_cert(data.as_ptr().cast(), data.len(), out, error)
    });
    let encoded = CString::new(encoded.expect("any bytes encode").expect("text")).expect("no NUL");
    // SAFETY: text and a place for bytes.
    let decoded = owned("pem_to_der", |out, error| unsafe {
        tlsock_pem_cert_to_der_cert(encoded.as_ptr(), out, error)
    });
    assert_eq!(decoded.expect("its own text decodes").as_deref(), Some(data));
}
