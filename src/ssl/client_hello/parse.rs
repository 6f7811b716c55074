//! Reads a ClientHello (RFC 8446, section 4.1.2, and RFC 5246, section 7.4.1.2).

use super::ClientHello;
use crate::openssl::host_name::{SERVER_NAME, host_name};
use std::collections::TryReserveError;
use std::ffi::CString;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

const SUPPORTED_GROUPS: u16 = 10;
const EC_POINT_FORMATS: u16 = 11;
const SIGNATURE_ALGORITHMS: u16 = 13;
pub(super) const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;

/// Why a ClientHello cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// A part of it that has a meaning here is malformed.
    Malformed,
    /// There is no memory for it.
    Memory,
}

impl From<TryReserveError> for Unread {
    fn from(_: TryReserveError) -> Unread {
        Unread::Memory
    }
}

type Read<T> = Result<T, Unread>;

fn whole<T>(value: Option<T>) -> Read<T> {
    value.ok_or(Unread::Malformed)
}

impl ClientHello {
    /// Reads the message, from its type on.
    pub(crate) fn parse(message: Arc<Vec<u8>>, second: bool) -> Read<ClientHello> {
        const HEAD: usize = 4;
        const RANDOM: usize = 32;
        let mut body = Block { data: &message, at: 0, end: message.len() };
        body.take(HEAD)?;
        let legacy_version = body.number()?;
        body.take(RANDOM)?;
        let session_id = body.block(Length::Byte)?.range();
        let ciphers = body.block(Length::Two)?.numbers()?;
        body.block(Length::Byte)?;
        let extensions = if body.is_over() { Vec::new() } else { body.block(Length::Two)?.extensions()? };
        whole(body.is_over().then_some(()))?;
        let find = |wanted| {
            let found = extensions.iter().find(|(kind, _)| *kind == wanted);
            found.map(|(_, data)| Block { data: &message, at: data.start, end: data.end })
        };
        let list = |kind, length| find(kind).map_or(Ok(Vec::new()), |found| found.only(length)?.numbers());
        let mut versions = list(SUPPORTED_VERSIONS, Length::Byte)?;
        if versions.is_empty() {
            versions.push(legacy_version);
        }
        Ok(ClientHello {
            second,
            legacy_version,
            session_id,
            server_name: find(SERVER_NAME).map(|found| found.name()).transpose()?,
            alpn: find(ALPN).map_or(Ok(Vec::new()), |found| found.only(Length::Two)?.protocols())?,
            versions,
            ciphers,
            groups: list(SUPPORTED_GROUPS, Length::Two)?,
            signature_algorithms: list(SIGNATURE_ALGORITHMS, Length::Two)?,
            point_formats: match find(EC_POINT_FORMATS) {
                Some(found) => found.only(Length::Byte)?.range(),
                None => 0..0,
            },
            extensions,
            ja3_string: OnceLock::new(),
            ja3: OnceLock::new(),
            ja4: OnceLock::new(),
            message: Arc::clone(&message),
        })
    }
}

/// How the length of a block is written before it.
#[derive(Clone, Copy)]
enum Length {
    Byte,
    Two,
}

/// A part of the message that is read from its beginning.
struct Block<'a> {
    data: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Block<'a> {
    fn is_over(&self) -> bool {
        self.at == self.end
    }

    fn range(&self) -> Range<usize> {
        self.at..self.end
    }

    fn take(&mut self, count: usize) -> Read<Range<usize>> {
        let end = whole(self.at.checked_add(count).filter(|end| *end <= self.end))?;
        let taken = self.at..end;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Read<u8> {
        let at = self.take(1)?;
        whole(self.data.get(at.start).copied())
    }

    fn number(&mut self) -> Read<u16> {
        Ok(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    /// The bytes after a length.
    fn block(&mut self, length: Length) -> Read<Block<'a>> {
        let count = match length {
            Length::Byte => usize::from(self.byte()?),
            Length::Two => usize::from(self.number()?),
        };
        let Range { start: at, end } = self.take(count)?;
        Ok(Block { data: self.data, at, end })
    }

    /// The same, if nothing follows and they are not empty.
    fn only(mut self, length: Length) -> Read<Block<'a>> {
        let block = self.block(length)?;
        whole(Some(block).filter(|block| self.is_over() && !block.is_over()))
    }

    fn numbers(mut self) -> Read<Vec<u16>> {
        let mut all = Vec::new();
        all.try_reserve_exact(self.range().len() / 2)?;
        while !self.is_over() {
            all.push(self.number()?);
        }
        Ok(all)
    }

    fn protocols(mut self) -> Read<Vec<Range<usize>>> {
        let mut all = Vec::new();
        while !self.is_over() {
            let name = self.block(Length::Byte)?.range();
            all.try_reserve(1)?;
            all.push(whole(Some(name).filter(|name| !name.is_empty()))?);
        }
        Ok(all)
    }

    fn extensions(mut self) -> Read<Vec<(u16, Range<usize>)>> {
        let mut all = Vec::new();
        while !self.is_over() {
            all.try_reserve(1)?;
            all.push((self.number()?, self.block(Length::Two)?.range()));
        }
        Ok(all)
    }

    fn name(&self) -> Read<CString> {
        let name = whole(host_name(&self.data[self.range()]).filter(|name| name.is_ascii()))?;
        whole(CString::new(name).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ClientHello with one cipher and these extensions.
    fn hello(extensions: &[(u16, &[u8])]) -> Vec<u8> {
        let mut all = Vec::new();
        for (kind, data) in extensions {
            all.extend(kind.to_be_bytes());
            all.extend((data.len() as u16).to_be_bytes());
            all.extend(*data);
        }
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 2, 0x13, 1, 1, 0]);
        body.extend((all.len() as u16).to_be_bytes());
        body.extend(all);
        let mut message = vec![1, 0];
        message.extend((body.len() as u16).to_be_bytes());
        message.extend(body);
        message
    }

    fn read(message: &[u8]) -> Option<ClientHello> {
        let read = ClientHello::parse(Arc::new(message.to_vec()), false);
        assert_ne!(read.as_ref().err(), Some(&Unread::Memory));
        read.ok()
    }

    #[test]
    fn every_prefix_and_every_longer_message_is_refused() {
        let whole = hello(&[(10, &[0, 2, 0, 29]), (43, &[2, 3, 4]), (0x1a1a, &[])]);
        assert!(read(&whole).is_some());
        let bare = whole.len() - 2 - (4 + 4) - (4 + 3) - 4;
        for len in 0..whole.len() {
            // TLS 1.2 allows a ClientHello without a block of extensions.
            assert_eq!(read(&whole[..len]).is_some(), len == bare, "{len}");
        }
        assert!(read(&[&whole[..], &[0]].concat()).is_none());
    }

    #[test]
    fn a_malformed_list_is_no_list() {
        let bad: [(u16, &[u8]); 20] = [
            (0, &[0, 4, 1, 0, 1, b'a']),
            (0, &[0, 5, 0, 0, 2, 0xC3, 0xA9]),
            (0, &[]),
            (10, &[]),
            (10, &[0, 0]),
            (10, &[0, 1, 0]),
            (10, &[0, 2, 0, 29, 0]),
            (10, &[0, 4, 0, 29]),
            (11, &[]),
            (11, &[0]),
            (11, &[2, 0]),
            (13, &[0, 0]),
            (13, &[0, 3, 4, 3, 5]),
            (16, &[0, 0]),
            (16, &[0, 1, 0]),
            (16, &[0, 3, 2, b'h', b'2', 0]),
            (16, &[0, 3, 3, b'h', b'2']),
            (43, &[0]),
            (43, &[1, 3]),
            (43, &[4, 3, 4]),
        ];
        for one in bad {
            assert!(read(&hello(&[one])).is_none(), "{one:?}");
        }
    }
}
