//! Parses the PEM text of a file and finds the entries that cannot be read.

use super::Bundle;
use crate::openssl::error::Cause;
use crate::openssl::{Result, pem};
use crate::ssl::error::{self, Error};
use std::fmt;
use std::sync::Arc;

/// After this many unreadable entries the rest is not tried: it would take long and is hardly better.
const MOST: usize = 100;

/// What could be read, and the fault of the rest.
pub(super) struct Parsed {
    pub bundle: Arc<Bundle>,
    pub fault: Option<FileFault>,
}

/// What is wrong with a file.
pub(super) enum FileFault {
    /// It has neither certificates nor revocation lists.
    Empty,
    /// Entries that cannot be read: the first of them, and how many more there are.
    Unreadable(Unreadable, usize),
}

/// An entry that cannot be read.
pub(super) struct Unreadable {
    /// Counts from 1.
    number: usize,
    /// Of its first line; counts from 1.
    line: usize,
    found: Cause,
}

impl FileFault {
    /// Tells whether a second attempt may succeed: OpenSSL gave no reason, so it may have been out of memory.
    pub fn may_pass(&self) -> bool {
        matches!(self, FileFault::Unreadable(first, _) if first.found.entry().is_none())
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileFault::Empty => f.write_str("there is no certificate and no revocation list"),
            FileFault::Unreadable(first, 0) => first.fmt(f),
            FileFault::Unreadable(first, more) if more + 1 == MOST => {
                write!(f, "{first}; nor can {more} more, and what follows was not tried")
            }
            FileFault::Unreadable(first, more) => write!(f, "{first}; nor can {more} more"),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} (line {}) cannot be read", self.number, self.line)?;
        match &self.found {
            Cause::Told(entry) => write!(f, ": {}", Error::openssl(entry.clone()).message()),
            Cause::Untold => Ok(()),
        }
    }
}

/// Reads all entries that can be read. Fails only when there is no memory, which is no fault of the file.
pub(super) fn parse(data: &[u8]) -> error::Result<Parsed> {
    match unless_short(whole(data))? {
        Ok(bundle) => {
            let empty = bundle.certificates.is_empty() && bundle.crls.is_empty();
            Ok(Parsed { bundle: Arc::new(bundle), fault: empty.then_some(FileFault::Empty) })
        }
        Err(found) => one_by_one(data, found),
    }
}

fn unless_short<T>(read: Result<T>) -> error::Result<Result<T>> {
    match read {
        Err(cause) if cause.is_memory() => Err(Error::no_memory()),
        read => Ok(read),
    }
}

fn whole(data: &[u8]) -> Result<Bundle> {
    Ok(Bundle { certificates: pem::authorities(data)?, crls: pem::crls(data)? })
}

/// Parses each entry by itself, so that a broken one does not hide the others.
fn one_by_one(data: &[u8], found: Cause) -> error::Result<Parsed> {
    let mut bundle = Bundle::default();
    let mut faults = Vec::new();
    for (index, (line, entry)) in entries(data).into_iter().enumerate() {
        if faults.len() == MOST {
            break;
        }
        match unless_short(whole(entry))? {
            Ok(read) if !read.certificates.is_empty() || !read.crls.is_empty() => {
                bundle.certificates.extend(read.certificates);
                bundle.crls.extend(read.crls);
            }
            read => faults.push(Unreadable {
                number: index + 1,
                line,
                found: read.err().unwrap_or(Cause::Untold),
            }),
        }
    }
    let more = faults.len().saturating_sub(1);
    let first = faults.into_iter().next().unwrap_or(Unreadable { number: 1, line: 1, found });
    Ok(Parsed { bundle: Arc::new(bundle), fault: Some(FileFault::Unreadable(first, more)) })
}

/// The certificates and revocation lists of a PEM text, each with the number of its first line.
fn entries(data: &[u8]) -> Vec<(usize, &[u8])> {
    let mut entries = Vec::new();
    let mut begun: Option<(usize, usize)> = None;
    let mut end = |begun: &mut Option<(usize, usize)>, at: usize| {
        entries.extend(begun.take().map(|(line, start)| (line, &data[start..at])));
    };
    let mut at = 0;
    for (index, line) in data.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if line.starts_with(BEGIN) {
            end(&mut begun, at);
            begun = is_wanted(line).then_some((index + 1, at));
        }
        at += line.len();
    }
    end(&mut begun, at);
    entries
}

const BEGIN: &[u8] = b"-----BEGIN ";

fn is_wanted(line: &[u8]) -> bool {
    const WANTED: [&[u8]; 4] =
        [b"CERTIFICATE-----", b"X509 CERTIFICATE-----", b"TRUSTED CERTIFICATE-----", b"X509 CRL-----"];
    let label = &line[BEGIN.len()..];
    WANTED.iter().any(|wanted| label.starts_with(wanted))
}
