//! Host names as TLS wants them: Python's `idna` codec, which is IDNA 2003, and what counts as an address.

use super::error::{Error, Result};
use super::module::abridged;
use std::borrow::Cow;
use std::ffi::CString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use stringprep::tables;
use unicode_normalization::UnicodeNormalization;

const ACE_PREFIX: &str = "xn--";
const LABEL_MAX: usize = 63;
/// More than any name that could still shrink to one; preparing it would take seconds.
const UNPREPARED_MAX: usize = 64 * 1024;
/// What IDNA 2003 takes for a full stop between labels.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{FF0E}', '\u{FF61}'];

/// Why a name is refused, in the codec's words.
type Refusal = Cow<'static, str>;

/// Gives the ASCII form of a server's name, as it is sent, matched and reported. Addresses pass unchanged.
/// Python: what `server_hostname` goes through
pub fn encode(name: &str) -> Result<CString> {
    let ascii = to_ascii(name).map_err(|refusal| {
        Error::value(format_args!("server_hostname {} is no host name: {refusal}", abridged(name)))
    })?;
    let ascii = CString::new(ascii)
        .map_err(|_| Error::type_error("server_hostname must be text without null characters"))?;
    if ascii.is_empty() || ascii.as_bytes()[0] == b'.' {
        return Err(Error::value("server_hostname cannot be an empty string or start with a leading dot."));
    }
    Ok(ascii)
}

/// Tells whether a name is an address, to which no SNI is sent and which only address entries match. Brackets
/// and zones make a name of it; zeros in front of a decimal number do not.
pub fn is_ip_literal(name: &str) -> Option<IpAddr> {
    dotted_quad(name).map(IpAddr::V4).or_else(|| ipv6(name).map(IpAddr::V6))
}

fn dotted_quad(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        *octet = decimal_octet(parts.next()?)?;
    }
    parts.next().is_none().then(|| octets.into())
}

fn decimal_octet(text: &str) -> Option<u8> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = text.trim_start_matches('0');
    if value.is_empty() { Some(0) } else { value.parse().ok() }
}

/// The standard library reads IPv6 the same way but for zeros in a dotted tail, so that is rewritten.
fn ipv6(text: &str) -> Option<Ipv6Addr> {
    let (head, tail) = text.rsplit_once(':')?;
    match dotted_quad(tail) {
        Some(quad) => format!("{head}:{quad}").parse().ok(),
        None => text.parse().ok(),
    }
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

/// A name that is ASCII already is kept as it is. Its last label may be empty: that is the root's.
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
    // No character takes less than one, and the crate's time grows with the square.
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

/// RFC 3491, but characters that Unicode 3.2 did not have pass as in Python, which makes only small letters
/// of capitals among them. The `nameprep` of the crate the tables are from refuses them.
fn nameprep(label: &str) -> std::result::Result<String, Refusal> {
    let mapped: String =
        label.chars().filter(|&c| !tables::commonly_mapped_to_nothing(c)).flat_map(fold).collect();
    let normalized = normalize(&mapped);
    if let Some(c) = normalized.chars().find(|&c| prohibited(c)) {
        return Err(format!("invalid character U+{:04X}", u32::from(c)).into());
    }
    check_direction(&normalized)?;
    Ok(normalized)
}

/// Table B.2, and lower case for what it does not know.
fn fold(c: char) -> Vec<char> {
    let folded: Vec<char> = tables::case_fold_for_nfkc(c).collect();
    if folded == [c] { c.to_lowercase().flat_map(tables::case_fold_for_nfkc).collect() } else { folded }
}

/// NFKC of Unicode 3.2: what was not assigned then stays as it is, and nothing combines across it.
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

/// A label with right-to-left characters has no left-to-right ones, and begins and ends with the former.
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
