//! Data in several pieces, divided so that every record except the last is full.

use crate::ssl::error::{Error, Result};
use crate::ssl::object::RECORD_SIZE;

/// How much is encrypted before it is sent, so that one system call sends several records.
const CHUNK: usize = 4 * RECORD_SIZE;

/// How far a send has come.
#[derive(Clone, Copy, Default)]
pub(super) struct Progress {
    /// How many bytes libssl has taken.
    pub done: usize,
    /// It is in the middle of what follows up to here.
    pub begun: usize,
}

impl Progress {
    /// The end of what libssl has seen.
    pub fn end(&self) -> usize {
        self.done.max(self.begun)
    }
}

/// The pieces of one send.
pub(super) struct Parts<'a> {
    parts: &'a [&'a [u8]],
    len: usize,
}

impl<'a> Parts<'a> {
    pub fn new(parts: &'a [&'a [u8]]) -> Result<Parts<'a>> {
        let sum = parts.iter().try_fold(0_usize, |sum, part| sum.checked_add(part.len()));
        let len = sum.ok_or_else(|| Error::value("parts are longer than memory can be"))?;
        Ok(Parts { parts, len })
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// The next chunk to send: all that was begun, to which libssl wants to come back, or else one as of `chunk`.
    pub fn next<'b>(&'b self, progress: Progress, joined: &'b mut Vec<u8>) -> Result<&'b [u8]> {
        let begun = progress.begun.min(self.len).saturating_sub(progress.done);
        match self.from(progress.done) {
            Some((first, _)) if begun > 0 && begun <= first.len() => Ok(&first[..begun]),
            Some((first, rest)) if begun > 0 => {
                joined.clear();
                joined.try_reserve_exact(begun)?;
                join(first, rest, begun, joined);
                Ok(joined)
            }
            _ => Ok(self.chunk(progress.done, joined)),
        }
    }

    /// The next chunk to send after the first `done` bytes. Large pieces are returned as they are, small ones are joined in
    /// `joined`.
    pub fn chunk<'b>(&'b self, done: usize, joined: &'b mut Vec<u8>) -> &'b [u8] {
        let Some((first, rest)) = self.from(done) else { return &[] };
        let is_last = done + first.len() == self.len;
        if is_last {
            return &first[..first.len().min(CHUNK)];
        }
        if first.len() >= RECORD_SIZE {
            // The rest of this piece shares a record with the beginning of the next one.
            return &first[..(first.len() / RECORD_SIZE * RECORD_SIZE).min(CHUNK)];
        }
        joined.clear();
        if joined.try_reserve_exact(RECORD_SIZE.min(self.len - done)).is_err() {
            return first;
        }
        join(first, rest, RECORD_SIZE, joined);
        joined
    }

    /// The last `N` bytes before `end`; if there are fewer, zeros follow them.
    pub fn before<const N: usize>(&self, end: usize) -> [u8; N] {
        let start = end.saturating_sub(N);
        let (mut bytes, mut at) = ([0; N], start);
        while at < end {
            let Some((first, _)) = self.from(at) else { break };
            let piece = &first[..first.len().min(end - at)];
            bytes[at - start..][..piece.len()].copy_from_slice(piece);
            at += piece.len();
        }
        bytes
    }

    /// The pieces after the first `done` bytes; the first of them is not empty.
    fn from(&self, done: usize) -> Option<(&'a [u8], &'a [&'a [u8]])> {
        let mut skip = done;
        for (index, part) in self.parts.iter().enumerate() {
            if skip < part.len() {
                return Some((&part[skip..], &self.parts[index + 1..]));
            }
            skip -= part.len();
        }
        None
    }
}

/// Appends the first bytes of these pieces until there are `size`.
fn join(first: &[u8], rest: &[&[u8]], size: usize, joined: &mut Vec<u8>) {
    for part in std::iter::once(&first).chain(rest) {
        let room = size - joined.len();
        joined.extend_from_slice(&part[..part.len().min(room)]);
        if joined.len() == size {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(pieces: &[&[u8]]) -> Vec<usize> {
        let parts = Parts::new(pieces).unwrap();
        let (mut done, mut all, mut lens) = (0, Vec::new(), Vec::new());
        while done < parts.len() {
            let mut joined = Vec::new();
            let chunk = parts.chunk(done, &mut joined);
            all.extend_from_slice(chunk);
            lens.push(chunk.len());
            done += chunk.len();
            let last = &all[all.len().saturating_sub(40)..];
            let padded = parts.before::<40>(done);
            let (told, rest) = padded.split_at(last.len());
            assert_eq!((told, rest), (last, &[0; 40][last.len()..]));
        }
        assert_eq!(all, pieces.concat());
        lens
    }

    #[test]
    fn records_are_full_across_borders() {
        let bytes: Vec<u8> = (0..140_000_u32).map(|number| (number % 251) as u8).collect();
        assert_eq!(chunks(&[]), [0_usize; 0]);
        assert_eq!(chunks(&[b"", b"", b"a", b""]), [1]);
        assert_eq!(chunks(&[b"one", b"", b"two"]), [6]);
        assert_eq!(chunks(&[&bytes[..65536]]), [65536]);
        assert_eq!(chunks(&[&bytes[..100], &bytes[..16384]]), [16384, 100]);
        assert_eq!(chunks(&[&bytes[..16400], &bytes[..10], &bytes[..5]]), [16384, 31]);
        assert_eq!(chunks(&[&bytes[..], b"end"]), [65536, 65536, 8931]);
        let small: Vec<&[u8]> = bytes[..35_000].chunks(7).collect();
        assert_eq!(chunks(&small), [16384, 16384, 2232]);
    }
    #[test]
    fn what_was_begun_comes_in_one_piece() {
        let pieces: [&[u8]; 4] = [b"abc", b"", b"defg", b"hi"];
        let parts = Parts::new(&pieces).unwrap();
        let next = |done, begun| {
            let mut joined = Vec::new();
            let chunk = parts.next(Progress { done, begun }, &mut joined).unwrap();
            String::from_utf8(chunk.to_vec()).unwrap()
        };
        assert_eq!(next(0, 0), "abcdefghi");
        for (done, begun, wanted) in
            [(0, 2, "ab"), (0, 3, "abc"), (0, 4, "abcd"), (2, 8, "cdefgh"), (4, 9, "efghi"), (7, 7, "hi")]
        {
            assert_eq!(next(done, begun), wanted, "{done} {begun}");
        }
    }
}
