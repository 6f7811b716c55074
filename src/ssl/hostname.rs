//! Host names as TLS needs them: Python's `idna` codec, which is IDNA 2003, and what counts as an address.

use super::error::{Error, Result};
use crate::ssl::text::abridged;
use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::net::IpAddr;
use stringprep::tables;
use unicode_normalization::UnicodeNormalization;

const ACE_PREFIX: &str = "xn--";
const LABEL_MAX: usize = 63;
/// A longer name cannot be prepared into a valid one, and trying would take seconds.
const UNPREPARED_MAX: usize = 64 * 1024;
/// The characters that IDNA 2003 accepts as dots between labels.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{FF0E}', '\u{FF61}'];

/// Why a name is refused, in the words of Python's codec.
type Refusal = Cow<'static, str>;

/// Gives the ASCII form of a server's name, as it is sent, matched and reported. Addresses pass unchanged.
/// Python: the conversion of `server_hostname`
pub fn encode(name: &str) -> Result<CString> {
    encode_as("server_hostname", name)
}

fn encode_as(argument: &str, name: &str) -> Result<CString> {
    let ascii = to_ascii(name).map_err(|refusal| {
        Error::value(format_args!("{argument} {} is no host name: {refusal}", abridged(name)))
    })?;
    let ascii = CString::new(ascii)
        .map_err(|_| Error::type_error(format!("{argument} must be text without null characters")))?;
    if ascii.is_empty() || ascii.as_bytes()[0] == b'.' {
        let words = format!("{argument} cannot be an empty string or start with a leading dot.");
        return Err(Error::value(words));
    }
    Ok(ascii)
}

/// Like [`encode`], for a host that is connected to, sent or verified: a text that some resolvers read as an IPv4 address,
/// but that is not written as one, is refused. Resolvers read 127.0.0.010 as 127.0.0.8 and 127.1 as 127.0.0.1, while it is
/// compared with certificates as 127.0.0.10 or as a name. So the host connected to would not be the one verified.
pub fn checked(argument: &str, host: &str) -> Result<CString> {
    let ascii = encode_as(argument, host)?;
    refuse_ambiguous(argument, super::text::as_str(&ascii))?;
    Ok(ascii)
}

/// The name to look up for a host that is not verified: resolvers accept only ASCII.
pub(crate) fn to_look_up(host: &str) -> Result<Cow<'_, str>> {
    if host.is_ascii() {
        refuse_ambiguous("host", host)?;
        return Ok(host.into());
    }
    Ok(super::text::as_str(&checked("host", host)?).to_string().into())
}

fn refuse_ambiguous(argument: &str, host: &str) -> Result<()> {
    if !looks_like_ipv4(host) || is_ip_literal(host).is_some() {
        return Ok(());
    }
    Err(Error::value(format!(
        "{argument} {} is no IPv4 address, and no name: write four decimal numbers up to 255 without leading zeros, \
         as in 127.0.0.1",
        abridged(host)
    )))
}

/// Tells whether some resolver reads a host as an IPv4 address, or as IPv6 that ends in one: up to four numbers, decimal,
/// octal or hexadecimal, followed by nothing, a dot or (in older resolvers) a space and any text.
fn looks_like_ipv4(host: &str) -> bool {
    // Nearly all hosts are names, which begin otherwise.
    if !host.starts_with(|first: char| first.is_ascii_digit()) && !host.contains(':') {
        return false;
    }
    let text = host.split([' ', '\t', '\n', '\r', '\x0B', '\x0C']).next().unwrap_or_default();
    let (is_tail, text) = text.rsplit_once(':').map_or((false, text), |(_, tail)| (true, tail));
    let text = text.strip_suffix('.').unwrap_or(text);
    let parts = text.split('.').count();
    let fitting = if is_tail { 2..=4 } else { 1..=4 };
    fitting.contains(&parts) && text.split('.').all(is_number)
}

fn is_number(text: &str) -> bool {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// What a peer must prove to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// An address: no SNI is sent, and only entries for addresses match.
    Address(IpAddr),
    /// A name as SNI and certificates have it: without the final dot.
    Name(CString),
}

/// What an encoded name demands of the peer.
pub(crate) fn peer(name: &CStr) -> Peer {
    if let Some(address) = is_ip_literal(super::text::as_str(name)) {
        return Peer::Address(address);
    }
    let bytes = name.to_bytes();
    Peer::Name(super::text::text(bytes.strip_suffix(b".").unwrap_or(bytes)))
}

/// The address that a name is, if it is one. A zone only says where to connect and is ignored. With brackets it is a name.
pub fn is_ip_literal(name: &str) -> Option<IpAddr> {
    match name.split_once('%') {
        Some((address, zone)) if !zone.is_empty() => address.parse().ok().map(IpAddr::V6),
        _ => name.parse().ok(),
    }
}

/// The error for a name that this OpenSSL does not verify and says nothing about.
pub(crate) fn unverifiable(name: &str) -> Error {
    let quoted = abridged(name);
    Error::value(format_args!(
        "server_hostname {quoted} is no name that OpenSSL verifies: {}",
        obstacle(name)
    ))
}

/// What OpenSSL 4 objects to in a name (`X509_VERIFY_PARAM_set1_host`), and what to do about it.
fn obstacle(name: &str) -> &'static str {
    let in_names = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let hyphen_at_an_end = |label: &str| label.starts_with('-') || label.ends_with('-');
    match name {
        _ if name.contains('*') => "it is a pattern: pass the name of one host",
        _ if name.starts_with('[') && name.ends_with(']') => "it has brackets: pass an address without them",
        _ if !name.chars().all(in_names) => {
            "it has a character that is not a letter, a digit, '-', '_' or '.': pass a name as in a certificate"
        }
        _ if name.split('.').any(hyphen_at_an_end) => {
            "a label begins or ends with '-': pass a name as in a certificate"
        }
        _ if name.len() < 2 => "it is a single character: pass the full name, as in a certificate",
        _ if name.len() > 256 => "it is longer than 256 bytes: pass a name as in a certificate",
        _ => "pass a name as in a certificate",
    }
}

/// A second name to accept for a host with an underscore: OpenSSL lets a `*` in a certificate match only letters, digits and
/// hyphens, so the `*` itself must be asked for. None where that would match more than such a `*` should: it stands for
/// one label and needs at least two after it.
pub(crate) fn starred(name: &CStr) -> Option<CString> {
    let name = super::text::as_str(name);
    let (first, rest) = name.split_once('.')?;
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let ace = first.get(..ACE_PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(ACE_PREFIX));
    let fits = name.contains('_') && plain(name) && rest.contains('.') && !first.is_empty() && !ace;
    fits.then(|| super::text::text(format!("*.{rest}")))
}

fn to_ascii(name: &str) -> std::result::Result<String, Refusal> {
    if name.is_ascii() {
        check_ascii(name)?;
        return Ok(name.to_string());
    }
    if name.len() > UNPREPARED_MAX {
        return Err("name too long".into());
    }
    let (labels, dot) = match name.strip_suffix(DOTS) {
        Some(labels) => (labels, "."),
        None => (name, ""),
    };
    let labels: Vec<Cow<'_, str>> =
        labels.split(DOTS).map(label_to_ascii).collect::<std::result::Result<_, _>>()?;
    Ok(labels.join(".") + dot)
}

/// Checks a name that is ASCII already; it is kept as it is. The last label may be empty, which is the root's.
fn check_ascii(name: &str) -> std::result::Result<(), Refusal> {
    let (labels, last) = name.rsplit_once('.').map_or((None, name), |(labels, last)| (Some(labels), last));
    labels.into_iter().flat_map(|labels| labels.split('.')).try_for_each(check_length)?;
    if last.is_empty() { Ok(()) } else { check_length(last) }
}

fn label_to_ascii(label: &str) -> std::result::Result<Cow<'_, str>, Refusal> {
    let ascii = if label.is_ascii() { Cow::Borrowed(label) } else { Cow::Owned(prepared_to_ascii(label)?) };
    check_length(&ascii)?;
    Ok(ascii)
}

fn prepared_to_ascii(label: &str) -> std::result::Result<String, Refusal> {
    let prepared = nameprep(label)?;
    if prepared.is_ascii() {
        return Ok(prepared);
    }
    if prepared.starts_with(ACE_PREFIX) {
        return Err("label starts with ACE prefix".into());
    }
    // Each character takes at least one in the result, and the crate's running time grows with the square of the length.
    if prepared.chars().nth(LABEL_MAX).is_some() {
        return Err("label too long".into());
    }
    let encoded = punycode::encode(&prepared).map_err(|()| Refusal::from("label too long"))?;
    Ok(format!("{ACE_PREFIX}{encoded}"))
}

fn check_length(label: &str) -> std::result::Result<(), Refusal> {
    match label.len() {
        0 => Err("label empty".into()),
        1..=LABEL_MAX => Ok(()),
        _ => Err("label too long".into()),
    }
}

/// RFC 3491, except that characters unknown to Unicode 3.2 pass as they are, as in Python. The `nameprep` of the crate that
/// the tables are from refuses such characters.
fn nameprep(label: &str) -> std::result::Result<String, Refusal> {
    let kept = label.chars().filter(|&c| !tables::commonly_mapped_to_nothing(c));
    let mapped: String = kept.flat_map(tables::case_fold_for_nfkc).collect();
    let normalized = normalize(&mapped);
    if let Some(c) = normalized.chars().find(|&c| prohibited(c)) {
        return Err(format!("invalid character U+{:04X}", u32::from(c)).into());
    }
    check_direction(&normalized)?;
    Ok(normalized)
}

/// NFKC of Unicode 3.2: characters that were unassigned then stay as they are, and nothing combines across them.
fn normalize(text: &str) -> String {
    text.split_inclusive(tables::unassigned_code_point)
        .flat_map(|part| {
            let unassigned = part.chars().next_back().filter(|&c| tables::unassigned_code_point(c));
            let assigned = &part[..part.len() - unassigned.map_or(0, char::len_utf8)];
            assigned.nfkc().chain(unassigned)
        })
        .collect()
}

fn prohibited(c: char) -> bool {
    tables::non_ascii_space_character(c)
        || tables::non_ascii_control_character(c)
        || tables::private_use(c)
        || tables::non_character_code_point(c)
        || tables::inappropriate_for_plain_text(c)
        || tables::inappropriate_for_canonical_representation(c)
        || tables::change_display_properties_or_deprecated(c)
        || tables::tagging_character(c)
}

/// A label with right-to-left characters must have no left-to-right ones, and must begin and end with right-to-left ones.
fn check_direction(label: &str) -> std::result::Result<(), Refusal> {
    if !label.chars().any(right_to_left) {
        return Ok(());
    }
    if label.chars().any(left_to_right) {
        return Err("violation of BIDI requirement 2".into());
    }
    if !label.starts_with(right_to_left) || !label.ends_with(right_to_left) {
        return Err("violation of BIDI requirement 3".into());
    }
    Ok(())
}

fn right_to_left(c: char) -> bool {
    tables::bidi_r_or_al(c) && !tables::unassigned_code_point(c)
}

fn left_to_right(c: char) -> bool {
    tables::bidi_l(c) && !tables::unassigned_code_point(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_verified_is_refused_with_its_cause() {
        let long = "a.".repeat(129);
        for (name, cause) in [
            ("*.example.org", "it is a pattern"),
            ("[::1]", "it has brackets"),
            ("a b", "it has a character that"),
            ("a\nb", "it has a character that"),
            ("-a.example.org", "a label begins or ends with '-'"),
            ("xn--.example.org", "a label begins or ends with '-'"),
            ("a", "it is a single character"),
            (long.trim_end_matches('.'), "it is longer than 256 bytes"),
            ("example.org", "pass a name as in a certificate"),
        ] {
            let error = unverifiable(name);
            let expected =
                format!("server_hostname {} is no name that OpenSSL verifies: {cause}", abridged(name));
            assert!(error.message().starts_with(&expected), "{}", error.message());
        }
    }
}
