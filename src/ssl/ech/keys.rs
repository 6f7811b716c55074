//! The private keys of a server, each before its ECHConfigList, in PEM: as OpenSSL's `openssl ech` writes them.

use super::configs::{self, Config};
use crate::openssl::ech::{EchStore, Fit};
use crate::openssl::pem::{self, KeyFailure};
use crate::openssl::pkey::PKey;
use crate::ssl::error::{Error, Result};
use crate::ssl::text::abridged;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

const CONFIGS: &[u8] = b"ECHCONFIG";
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// A key and the list that is for it.
struct Pair<'a> {
    key: PKey,
    block: &'a [u8],
    list: Vec<u8>,
}

/// The keys of one text.
#[derive(Default)]
pub(crate) struct Pairs<'a> {
    pairs: Vec<Pair<'a>>,
    argument: &'a str,
}

impl<'a> Pairs<'a> {
    /// Reads a text. Blocks of other kinds are passed over.
    pub fn of(text: &'a [u8], argument: &'a str) -> Result<Pairs<'a>> {
        let mut pairs = Vec::new();
        let mut key = None;
        for (label, block) in blocks(text) {
            if label.ends_with(b"PRIVATE KEY") {
                if key.replace(read_key(block, argument, pairs.len() + 1)?).is_some() {
                    return Err(lone_key(argument, pairs.len() + 1));
                }
            } else if label == CONFIGS {
                let number = pairs.len() + 1;
                let key = key.take().ok_or_else(|| lone_configs(argument, number))?;
                pairs.try_reserve(1)?;
                pairs.push(Pair { key, block, list: decoded(block, argument, number)? });
            }
        }
        match key {
            Some(_) => Err(lone_key(argument, pairs.len() + 1)),
            None if pairs.is_empty() => Err(Error::value(format_args!(
                "{argument} has no key for Encrypted ClientHello: it takes a PRIVATE KEY and an ECHCONFIG in PEM"
            ))),
            None => Ok(Pairs { pairs, argument }),
        }
    }

    /// What clients need to use these keys, as one list.
    pub fn configs(&self) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        for (index, pair) in self.pairs.iter().enumerate() {
            all.extend(self.split(index, pair)?);
        }
        configs::join(all.iter().map(Config::bytes))
    }

    fn split<'b>(&self, index: usize, pair: &'b Pair<'_>) -> Result<Vec<Config<'b>>> {
        configs::split(&pair.list, &format!("ECHCONFIG {} of {}", index + 1, self.argument))
    }

    fn add_to(&self, store: &mut EchStore, for_retry: bool, ids: &mut Vec<u8>) -> Result<()> {
        for (index, pair) in self.pairs.iter().enumerate() {
            ids.extend(self.split(index, pair)?.iter().filter_map(Config::id));
            let (number, argument) = (index + 1, self.argument);
            let refusal = match store.add_key(&pair.key, pair.block, &pair.list, for_retry)? {
                Fit::Fits => continue,
                Fit::Foreign => {
                    format!("private key {number} of {argument} is not that of the ECHCONFIG after it")
                }
                Fit::Unusable => format!("ECHCONFIG {number} of {argument} is not one that can be used"),
            };
            return Err(Error::value(refusal));
        }
        Ok(())
    }
}

/// What a server decrypts with.
pub(crate) struct Keys {
    /// The keys and their configurations.
    pub store: Arc<EchStore>,
    /// Two have the same number: OpenSSL would try the first one alone.
    pub ambiguous: bool,
}

impl Keys {
    /// `current` are told to clients whose ClientHello cannot be decrypted, `former` only decrypt.
    pub fn new(current: &Pairs<'_>, former: &Pairs<'_>) -> Result<Keys> {
        let mut store = EchStore::new()?;
        let mut ids = Vec::new();
        current.add_to(&mut store, true, &mut ids)?;
        former.add_to(&mut store, false, &mut ids)?;
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        Ok(Keys { store: Arc::new(store), ambiguous: ids.len() < count })
    }
}

/// The blocks of a text in PEM: what stands after BEGIN, and the whole block.
fn blocks(mut text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let block = &text[find(text, BEGIN)?..];
        let rest = &block[BEGIN.len()..];
        let label = &rest[..find(rest, DASHES)?];
        let end = find(block, END)? + END.len();
        let end = end + find(&block[end..], DASHES)? + DASHES.len();
        let whole;
        (whole, text) = block.split_at(end);
        Some((label, whole))
    })
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window == word)
}

fn read_key(block: &[u8], argument: &str, number: usize) -> Result<PKey> {
    let mut encrypted = false;
    let key = pem::private_key(block, &mut |_| {
        encrypted = true;
        None
    });
    let refused = |why: &str| Error::value(format_args!("private key {number} of {argument} {why}"));
    key.map_err(|failure| match failure {
        KeyFailure::Broken(cause) if cause.is_memory() => Error::no_memory(),
        _ if encrypted => refused("is encrypted: it has to be without a password"),
        _ => refused("cannot be read"),
    })
}

fn decoded(block: &[u8], argument: &str, number: usize) -> Result<Vec<u8>> {
    let body = block.strip_prefix(BEGIN).and_then(|block| block.strip_prefix(CONFIGS));
    let body = body.and_then(|body| body.strip_prefix(DASHES)).unwrap_or_default();
    let body = &body[..find(body, END).unwrap_or(body.len())];
    let text: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(&text).map_err(|_| {
        Error::value(format_args!(
            "ECHCONFIG {number} of {argument} is not base64: {}",
            abridged(&shown(&text))
        ))
    })
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn lone_key(argument: &str, number: usize) -> Error {
    Error::value(format_args!("private key {number} of {argument} has no ECHCONFIG after it"))
}

fn lone_configs(argument: &str, number: usize) -> Error {
    Error::value(format_args!("ECHCONFIG {number} of {argument} has no private key before it"))
}
