//! JA3 and JA4: what tells programs apart by the ClientHellos that they send.

use super::ClientHello;
use super::parse::ALPN;
use crate::openssl::host_name::SERVER_NAME;
use crate::openssl::x509::digest;
use crate::ssl::text::{text, try_text};
use std::ffi::{CStr, CString};
use std::fmt::{self, Display, Formatter};
use std::sync::OnceLock;

impl ClientHello {
    /// What JA3 makes its digest of: version, ciphers, extensions, groups and point formats, as decimal numbers. None
    /// without memory for it.
    pub fn ja3_string(&self) -> Option<&CStr> {
        once(&self.ja3_string, || {
            try_text(format_args!(
                "{},{},{},{},{}",
                self.legacy_version,
                Joined(known(self.ciphers.iter().copied()), "-"),
                Joined(known(self.kinds()), "-"),
                Joined(known(self.groups.iter().copied()), "-"),
                Joined(self.bytes(&self.point_formats).iter(), "-"),
            ))
        })
    }

    /// JA3: the MD5 of that, in hexadecimal; None where OpenSSL has no MD5.
    pub fn ja3(&self) -> Option<&CStr> {
        once(&self.ja3, || Some(text(hex_digest(c"MD5", self.ja3_string()?)?)))
    }

    /// JA4 of a client over TCP; None where OpenSSL has no SHA-256, and without memory.
    pub fn ja4(&self) -> Option<&CStr> {
        once(&self.ja4, || Some(text(format!("{}_{}_{}", self.ja4_a(), self.ja4_b()?, self.ja4_c()?))))
    }

    /// The types of the extensions.
    fn kinds(&self) -> impl Iterator<Item = u16> + Clone {
        self.extensions.iter().map(|(kind, _)| *kind)
    }

    /// The part that a person can read.
    fn ja4_a(&self) -> String {
        const MOST: usize = 99;
        let version = known(self.versions.iter().copied()).max().map_or("00", version_name);
        let ciphers = known(self.ciphers.iter().copied()).count().min(MOST);
        let extensions = known(self.kinds()).count().min(MOST);
        let (first, last) = self.alpn_at(0).map_or(('0', '0'), ends);
        let name = if self.kinds().any(|kind| kind == SERVER_NAME) { 'd' } else { 'i' };
        format!("t{version}{name}{ciphers:02}{extensions:02}{first}{last}")
    }

    /// The ciphers, sorted.
    fn ja4_b(&self) -> Option<String> {
        let ciphers = sorted(known(self.ciphers.iter().copied()))?;
        short_digest(&try_text(Joined(ciphers.iter().copied().map(Four), ","))?)
    }

    /// The extensions, sorted, and the signature algorithms in their order.
    fn ja4_c(&self) -> Option<String> {
        let extensions = sorted(known(self.kinds()).filter(|kind| !matches!(*kind, SERVER_NAME | ALPN)))?;
        let extensions = Joined(extensions.iter().copied().map(Four), ",");
        let algorithms = known(self.signature_algorithms.iter().copied()).map(Four);
        let before = if algorithms.clone().next().is_some() { "_" } else { "" };
        short_digest(&try_text(format_args!("{extensions}{before}{}", Joined(algorithms, ",")))?)
    }
}

/// The text that was made before, otherwise a new one, which is kept if it can be made.
fn once(kept: &OnceLock<CString>, make: impl FnOnce() -> Option<CString>) -> Option<&CStr> {
    if kept.get().is_none() {
        let _ = kept.set(make()?);
    }
    kept.get().map(CString::as_c_str)
}

fn sorted(numbers: impl Iterator<Item = u16> + Clone) -> Option<Vec<u16>> {
    let mut all = Vec::new();
    all.try_reserve_exact(numbers.clone().count()).ok()?;
    all.extend(numbers);
    all.sort_unstable();
    Some(all)
}

/// Leaves out what a client has made up (GREASE): both bytes are the same, and end in A.
fn known(numbers: impl Iterator<Item = u16> + Clone) -> impl Iterator<Item = u16> + Clone {
    numbers.filter(|number| number & 0x0F0F != 0x0A0A || number >> 8 != number & 0xFF)
}

/// A number as four hexadecimal digits.
struct Four(u16);

impl Display for Four {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{:04x}", self.0)
    }
}

/// Items with a text between them.
struct Joined<I>(I, &'static str);

impl<I: Iterator<Item: Display> + Clone> Display for Joined<I> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for item in self.0.clone() {
            write!(out, "{between}{item}")?;
            between = self.1;
        }
        Ok(())
    }
}

fn version_name(number: u16) -> &'static str {
    match number {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        _ => "00",
    }
}

/// The first and the last character of a protocol: of its text, or of its hexadecimal digits where one of the two is no
/// letter or digit.
fn ends(protocol: &[u8]) -> (char, char) {
    let (Some(first), Some(last)) = (protocol.first(), protocol.last()) else { return ('0', '0') };
    let digit = |number: u8| char::from_digit(number.into(), 16).unwrap_or('0');
    match first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        true => (char::from(*first), char::from(*last)),
        false => (digit(first >> 4), digit(last & 0xF)),
    }
}

/// The first twelve digits of the SHA-256; zeros where there is nothing.
fn short_digest(words: &CStr) -> Option<String> {
    const LEN: usize = 12;
    if words.is_empty() {
        return Some("0".repeat(LEN));
    }
    let mut digits = hex_digest(c"SHA256", words)?;
    digits.truncate(LEN);
    Some(digits)
}

fn hex_digest(name: &CStr, words: &CStr) -> Option<String> {
    let bytes = digest(name, words.to_bytes()).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
