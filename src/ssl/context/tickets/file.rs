//! Files of ticket keys, in the forms of nginx and HAProxy.

use super::Placed;
use crate::openssl::ticket::TicketKey;
use crate::ssl::error::{Error, Result};
use crate::ssl::file::{self, Data, naming, quoted};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Display;
use std::path::Path;

/// How many keys HAProxy uses, and demands of a file.
const USED: usize = 3;
/// Which of these encrypts.
const SEALING: usize = 1;
/// The largest key and the byte that the padding of its base64 stands for.
const ROOM: usize = 81;

/// Whose form a file of ticket keys has. It is told, not guessed: the first 48 bytes of a file in base64 would be a key as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketKeyFormat {
    /// Each file is one key, as it is. The first file encrypts.
    Nginx,
    /// One file has a key in base64 on each line. The last three count, and the last but one encrypts.
    HaProxy,
}

impl TicketKeyFormat {
    /// Checks a number from outside.
    pub fn from_number(number: i32) -> Result<TicketKeyFormat> {
        match number {
            1 => Ok(TicketKeyFormat::Nginx),
            2 => Ok(TicketKeyFormat::HaProxy),
            other => {
                Err(Error::value(format_args!("format {other} is not one of TICKET_KEYS_NGINX and _HAPROXY")))
            }
        }
    }
}

/// The keys of these files, the one that encrypts first.
pub(super) fn read<'a>(format: TicketKeyFormat, files: &[&'a Path]) -> Result<Vec<Placed<'a>>> {
    match (format, files) {
        (_, []) => Err(Error::value("files is empty: it has to name a file of ticket keys")),
        (TicketKeyFormat::Nginx, files) => {
            let mut keys = Vec::new();
            for (index, path) in files.iter().enumerate() {
                keys.try_reserve(1)?;
                keys.push(whole(index, path)?);
            }
            Ok(keys)
        }
        (TicketKeyFormat::HaProxy, [path]) => lines(path),
        (TicketKeyFormat::HaProxy, _) => {
            Err(Error::value(format_args!("files has {} names: HAProxy's keys are in one file", files.len())))
        }
    }
}

fn refused(path: &Path, why: impl Display) -> Error {
    naming(Error::value(why), path)
}

/// Reads a file that is one key.
fn whole(index: usize, path: &Path) -> Result<Placed<'_>> {
    let place = format!("files[{index}] {}", quoted(path));
    let data = file::read(&format!("files[{index}]"), path)?;
    if is_text(&data) {
        return Err(refused(
            path,
            format_args!(
                "{place} is text, and a key of nginx is random bytes: TICKET_KEYS_HAPROXY reads keys in base64"
            ),
        ));
    }
    match TicketKey::new(&data) {
        Some(key) => Ok(Placed { key, place, file: Some(path) }),
        None => Err(refused(
            path,
            format_args!(
                "{place} has {} bytes: a ticket key has 48 bytes (AES-128) or 80 (AES-256)",
                data.len()
            ),
        )),
    }
}

/// Tells base64 and what else is made of its letters from random bytes, of which not one key in 10^27 is.
fn is_text(data: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte);
    !data.is_empty() && data.iter().all(is_letter)
}

/// Reads a file with a key on each line. All lines are checked, since half of a file is one of other keys.
fn lines(path: &Path) -> Result<Vec<Placed<'_>>> {
    let data = file::read("files[0]", path)?;
    let text = data.strip_suffix(b"\n").unwrap_or(&data);
    let (mut keys, mut len): (Vec<Placed<'_>>, _) = (Vec::new(), None);
    for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let one = key_of(line.strip_suffix(b"\r").unwrap_or(line), format!("line {}", index + 1), path)?;
        let (own, first) = (one.key.len(), *len.get_or_insert(one.key.len()));
        if own != first {
            return Err(one.refused(format_args!(
                "is a key of {own} bytes, and line 1 one of {first}: all must be as long"
            )));
        }
        if keys.len() == USED {
            keys.remove(0);
        }
        keys.push(one);
    }
    if keys.len() < USED {
        return Err(refused(
            path,
            format_args!(
                "files[0] {} has {} keys: HAProxy demands {USED}, of which the last but one encrypts",
                quoted(path),
                keys.len()
            ),
        ));
    }
    keys.swap(0, SEALING);
    Ok(keys)
}

fn key_of<'a>(line: &[u8], place: String, path: &'a Path) -> Result<Placed<'a>> {
    let place = format!("{place} of files[0] {}", quoted(path));
    let mut bytes = Data::zeroed(ROOM)?;
    let key = STANDARD
        .decode_slice(line, bytes.as_mut_slice())
        .ok()
        .and_then(|len| TicketKey::cipher_first(&bytes[..len]));
    match key {
        Some(key) => Ok(Placed { key, place, file: Some(path) }),
        None => Err(refused(path, format_args!("{place} is not a key of 48 or 80 bytes in base64"))),
    }
}
