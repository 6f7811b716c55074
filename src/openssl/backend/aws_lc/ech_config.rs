//! Configurations of Encrypted ClientHello (RFC 9849, section 4): what AWS-LC can use of them, and what those look like that this library
//! makes. AWS-LC passes over what it cannot use, and says nothing where nothing is left: so it only gets what it uses.

use super::parts::Parts;
use crate::openssl::ech_kind::VERSION;
use std::ops::RangeInclusive;

/// DHKEM(X25519, HKDF-SHA256)
const X25519: usize = 0x20;
const HKDF_SHA256: usize = 1;
/// AES-128-GCM, AES-256-GCM and ChaCha20-Poly1305.
const AEADS: RangeInclusive<usize> = 1..=3;
const AES_128_GCM: u8 = 1;
/// The size of a public key for X25519.
const KEY: usize = 32;
/// Extensions from this number on have to be understood.
const MANDATORY: usize = 0x8000;
/// The shortest name for which OpenSSL makes a configuration.
const SHORTEST_NAME: usize = 4;
const LONGEST_LABEL: usize = 63;

/// A configuration that a client can use.
pub(super) struct EchConfig<'a> {
    /// All of it.
    pub whole: &'a [u8],
    /// The name that stays visible.
    pub public_name: &'a [u8],
    /// The public key.
    pub public_key: &'a [u8],
    /// A server can use it too: it has to understand all of what it offers.
    pub is_for_servers: bool,
}

impl<'a> EchConfig<'a> {
    /// Reads one. None for one that is not of the format or that a client has to pass over.
    pub(super) fn read(whole: &'a [u8]) -> Option<EchConfig<'a>> {
        let mut outside = Parts(whole);
        let version = outside.number(2)?;
        let mut inside = Parts(outside.counted(2)?);
        if version != usize::from(VERSION) || !outside.is_empty() {
            return None;
        }
        let _id = inside.number(1)?;
        let algorithm = inside.number(2)?;
        let public_key = inside.counted(2)?;
        let suites = suites(inside.counted(2)?)?;
        let _max_name_length = inside.number(1)?;
        let public_name = inside.counted(1)?;
        let extensions = extensions(inside.counted(2)?)?;
        let is_usable = inside.is_empty()
            && algorithm == X25519
            && public_key.len() == KEY
            && suites.iter().any(is_known)
            && is_public_name(public_name)
            && extensions.iter().all(|kind| *kind < MANDATORY);
        let is_for_servers = extensions.is_empty() && suites.iter().all(is_known);
        is_usable.then_some(EchConfig { whole, public_name, public_key, is_for_servers })
    }
}

/// How keys are derived and what encrypts.
type Suite = (usize, usize);

fn is_known(suite: &Suite) -> bool {
    suite.0 == HKDF_SHA256 && AEADS.contains(&suite.1)
}

fn suites(bytes: &[u8]) -> Option<Vec<Suite>> {
    let (mut rest, mut all) = (Parts(bytes), Vec::new());
    while !rest.is_empty() {
        all.push((rest.number(2)?, rest.number(2)?));
    }
    Some(all)
}

/// The kinds of the extensions.
fn extensions(bytes: &[u8]) -> Option<Vec<usize>> {
    let (mut rest, mut all) = (Parts(bytes), Vec::new());
    while !rest.is_empty() {
        all.push(rest.number(2)?);
        rest.counted(2)?;
    }
    Some(all)
}

/// Tells whether it is a host name that no program takes for an address.
fn is_public_name(name: &[u8]) -> bool {
    let last = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let hex = last.strip_prefix(b"0x").or_else(|| last.strip_prefix(b"0X"));
    let is_number = last.iter().all(u8::is_ascii_digit)
        || hex.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    name.split(|byte| *byte == b'.').all(is_label) && !is_number
}

fn is_label(label: &[u8]) -> bool {
    let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    (1..=LONGEST_LABEL).contains(&label.len())
        && label.iter().all(is_inside)
        && label.first() != Some(&b'-')
        && label.last() != Some(&b'-')
}

/// The configurations of a list, each with its head; None if it is not of the format.
pub(super) fn split(list: &[u8]) -> Option<Vec<&[u8]>> {
    const HEAD: usize = 4;
    let mut outside = Parts(list);
    let mut rest = Parts(outside.counted(2).filter(|_| outside.is_empty())?);
    let mut all = Vec::new();
    while !rest.is_empty() {
        let length = Parts(rest.0.get(2..)?).number(2)?;
        all.push(rest.take(HEAD + length)?);
    }
    Some(all)
}

/// Makes a list of one configuration.
pub(super) fn list_of(config: &[u8]) -> Vec<u8> {
    let mut list = Vec::new();
    add_counted(&mut list, config);
    list
}

/// Makes a configuration for a public key; None for a name that cannot be public.
pub(super) fn write(id: u8, public_key: &[u8], public_name: &[u8], max_name_length: u8) -> Option<Vec<u8>> {
    let length = u8::try_from(public_name.len()).ok().filter(|_| public_name.len() >= SHORTEST_NAME)?;
    let mut content = vec![id, 0, X25519 as u8];
    add_counted(&mut content, public_key);
    add_counted(&mut content, &[0, HKDF_SHA256 as u8, 0, AES_128_GCM]);
    content.extend([max_name_length, length]);
    content.extend_from_slice(public_name);
    add_counted(&mut content, &[]);
    let mut config = VERSION.to_be_bytes().to_vec();
    add_counted(&mut config, &content);
    EchConfig::read(&config).is_some().then_some(config)
}

/// Adds bytes that are not more than two bytes can count.
fn add_counted(all: &mut Vec<u8>, bytes: &[u8]) {
    all.extend((bytes.len() as u16).to_be_bytes());
    all.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &[u8] = b"other.example";

    fn good() -> Vec<u8> {
        write(7, &[9; KEY], NAME, 3).expect("a configuration")
    }

    /// One with other suites and extensions.
    fn with(suites: &[u8], extensions: &[u8]) -> Vec<u8> {
        let mut content = vec![7, 0, 0x20];
        add_counted(&mut content, &[9; KEY]);
        add_counted(&mut content, suites);
        content.extend([0, NAME.len() as u8]);
        content.extend_from_slice(NAME);
        add_counted(&mut content, extensions);
        let mut config = vec![0xFE, 0x0D];
        add_counted(&mut config, &content);
        config
    }

    fn uses(config: &[u8]) -> Option<bool> {
        EchConfig::read(config).map(|config| config.is_for_servers)
    }

    #[test]
    fn what_is_written_is_read() {
        let config = good();
        let read = EchConfig::read(&config).expect("what was written");
        assert_eq!((read.whole, read.public_name, read.public_key), (&config[..], NAME, &[9; KEY][..]));
        assert!(read.is_for_servers);
        assert_eq!(config[4..7], [7, 0, 0x20]);
        assert_eq!(split(&list_of(&config)), Some(vec![&config[..]]));
    }

    #[test]
    fn what_cannot_be_used_is_passed_over() {
        let config = good();
        for len in 0..config.len() {
            assert_eq!(uses(&config[..len]), None);
        }
        assert_eq!(uses(&[&config[..], b"x"].concat()), None);
        for place in [0, 1, 2, 3, 5, 6, 7, 8] {
            let mut other = config.clone();
            other[place] ^= 1;
            assert_eq!(uses(&other), None, "{place}");
        }
    }

    #[test]
    fn a_server_has_to_know_all_that_it_offers() {
        let (known, unknown) = ([0, 1, 0, 3], [0, 2, 0, 1]);
        assert_eq!(uses(&with(&known, &[])), Some(true));
        assert_eq!(uses(&with(&[unknown, known].concat(), &[])), Some(false));
        assert_eq!(uses(&with(&unknown, &[])), None);
        assert_eq!(uses(&with(&[], &[])), None);
        assert_eq!(uses(&with(&known[..3], &[])), None);
        assert_eq!(uses(&with(&known, &[0x7F, 0xFF, 0, 1, 5])), Some(false));
        assert_eq!(uses(&with(&known, &[0x80, 0, 0, 0])), None);
        assert_eq!(uses(&with(&known, &[0, 1, 0, 1])), None);
    }

    #[test]
    fn names_that_may_be_public() {
        let label = [b'a'; 64];
        let long = [&label[1..], b".example"].concat();
        let bad: [&[u8]; 14] = [
            b"",
            b".a",
            b"a.",
            b"a..b",
            b"-a.b",
            b"a-.b",
            b"a_b.c",
            b"a b.c",
            b"1.2.3",
            b"a.0x1f",
            b"a.0X",
            b"12",
            &label,
            b"\xC3\xBC.example",
        ];
        for name in bad {
            assert!(!is_public_name(name), "{name:?}");
        }
        for name in [&b"a"[..], b"a-b.c0", b"0x1f.a", b"A.B", &long] {
            assert!(is_public_name(name), "{name:?}");
        }
        assert!(write(1, &[9; KEY], b"a.b", 0).is_none() && write(1, &[9; KEY], b"a.bc", 0).is_some());
        let longest = ["a".repeat(63).as_str(); 4].join(".");
        assert!(write(1, &[9; KEY], longest.as_bytes(), 0).is_some());
        assert!(write(1, &[9; KEY], format!("{longest}.a").as_bytes(), 0).is_none());
    }

    #[test]
    fn a_list_that_is_none() {
        for list in [&[][..], &[0], &[0, 1], &[0, 3, 1, 2, 3], &[0, 5, 1, 2, 0, 2, 3], &[0, 0, 0]] {
            assert_eq!(split(list), None, "{list:?}");
        }
        assert_eq!(split(&[0, 0]), Some(vec![]));
    }
}
