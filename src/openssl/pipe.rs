//! A queue of bytes in memory, between libssl and whoever moves its ciphertext.

use super::pool;
use crate::lock::Mutex;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// A queue of bytes in one piece of memory, with an end that can be marked. Any thread may use it.
#[derive(Default)]
pub struct Pipe {
    state: Mutex<State>,
    /// What the state says, for those who only ask.
    queued: AtomicUsize,
    fills: AtomicU64,
    /// All bytes that were ever put in.
    total: AtomicU64,
    eof: AtomicBool,
    wanted: AtomicUsize,
    lost: AtomicBool,
}

/// Memory was short.
#[derive(Clone, Copy, Debug)]
pub struct NoRoom;

#[derive(Default)]
struct State {
    /// A buffer of the pool's while bytes wait, else empty.
    data: Vec<u8>,
    start: usize,
    end: usize,
    /// Where, from the start, there are records that hold no application data, and of which type: a kernel has to
    /// make them.
    records: Vec<(Range<usize>, u8)>,
}

/// So few bytes are copied rather than keep a large buffer from its pool.
const SMALL: usize = 4096;

impl State {
    fn len(&self) -> usize {
        self.end - self.start
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
        self.records.retain_mut(|(part, _)| {
            *part = part.start.saturating_sub(count)..part.end.saturating_sub(count);
            part.start < part.end
        });
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            pool::give_back(std::mem::take(&mut self.data));
        }
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), NoRoom> {
        self.make_room(bytes.len())?;
        self.data[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
        Ok(())
    }

    fn append_record(&mut self, record_type: u8, bytes: &[u8]) -> Result<(), NoRoom> {
        self.records.try_reserve(1).map_err(|_| NoRoom)?;
        let part = self.len()..self.len() + bytes.len();
        self.append(bytes)?;
        self.records.push((part, record_type));
        Ok(())
    }

    /// Appends a part of a buffer. Where there is no room it goes into that very buffer, if both fit.
    fn append_part(&mut self, mut buffer: Vec<u8>, part: Range<usize>) -> Result<Vec<u8>, NoRoom> {
        if self.append(&buffer[part.clone()]).is_ok() {
            return Ok(buffer);
        }
        let (first, all) = (self.len(), self.len() + part.len());
        if all > buffer.len() {
            return Err(NoRoom);
        }
        buffer.copy_within(part, first);
        buffer[..first].copy_from_slice(&self.data[self.start..self.end]);
        (self.start, self.end) = (0, all);
        Ok(std::mem::replace(&mut self.data, buffer))
    }

    /// The length of what comes first and belongs together, and its type of record.
    fn first(&self) -> (usize, Option<u8>) {
        match self.records.first() {
            Some((part, record_type)) if part.start == 0 => (part.end, Some(*record_type)),
            Some((part, _)) => (part.start, None),
            None => (self.len(), None),
        }
    }

    fn make_room(&mut self, count: usize) -> Result<(), NoRoom> {
        if self.data.len() - self.end >= count {
            return Ok(());
        }
        let mut larger = pool::take((self.len() + count).max(2 * self.len())).ok_or(NoRoom)?;
        larger[..self.len()].copy_from_slice(&self.data[self.start..self.end]);
        (self.start, self.end) = (0, self.len());
        pool::give_back(std::mem::replace(&mut self.data, larger));
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> usize {
        let count = self.len().min(buffer.len());
        if count > 0 {
            buffer[..count].copy_from_slice(&self.data[self.start..self.start + count]);
            self.consume(count);
        }
        count
    }
}

impl Pipe {
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock();
        let result = change(&mut state);
        self.queued.store(state.len(), Ordering::Release);
        result
    }

    /// As `change`, by what was put in.
    fn fill<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        self.change(|state| {
            let before = state.len();
            let result = change(state);
            self.total.fetch_add((state.len() - before) as u64, Ordering::Release);
            self.fills.fetch_add(1, Ordering::Release);
            result
        })
    }

    /// How many bytes wait to be read.
    pub fn pending(&self) -> usize {
        self.queued.load(Ordering::Acquire)
    }

    /// Tells whether the end was marked and all is read.
    pub fn at_eof(&self) -> bool {
        self.eof_marked() && self.pending() == 0
    }

    /// Tells whether nothing waits and more can come.
    pub fn is_dry(&self) -> bool {
        !self.eof_marked() && self.pending() == 0
    }

    /// Tells whether the end was marked.
    pub fn eof_marked(&self) -> bool {
        self.eof.load(Ordering::Acquire)
    }

    /// Marks the end.
    pub fn mark_eof(&self) {
        self.fill(|_| self.eof.store(true, Ordering::Release));
    }

    /// Takes up to `buffer.len()` bytes out.
    pub fn read(&self, buffer: &mut [u8]) -> usize {
        self.change(|state| state.read(buffer))
    }

    /// Takes everything out.
    pub fn take(&self) -> Vec<u8> {
        self.change(|state| {
            let mut rest = std::mem::take(&mut state.data);
            rest.truncate(state.end);
            rest.drain(..state.start);
            (state.start, state.end) = (0, 0);
            state.records.clear();
            rest
        })
    }

    /// Appends bytes, or none of them.
    pub fn write(&self, data: &[u8]) -> Result<(), NoRoom> {
        self.fill(|state| state.append(data))
    }

    /// Appends what a kernel has to make a record of this type of.
    pub fn write_record(&self, record_type: u8, data: &[u8]) -> Result<(), NoRoom> {
        self.fill(|state| state.append_record(record_type, data))
    }

    /// Appends a part of a buffer of the pool's, without copying where nothing waits, and gives the buffer back
    /// otherwise. An empty part counts as put in, too. Bytes for which there is no memory are lost, and the queue is
    /// of no use from then on.
    pub fn put(&self, buffer: Vec<u8>, part: Range<usize>) {
        if part.is_empty() {
            self.fills.fetch_add(1, Ordering::Release);
            return pool::give_back(buffer);
        }
        let old = self.fill(|state| {
            if state.len() > 0 || part.len() < SMALL {
                return state.append_part(buffer, part).unwrap_or_else(|NoRoom| {
                    self.lost.store(true, Ordering::Release);
                    Vec::new()
                });
            }
            (state.start, state.end) = (part.start, part.end);
            std::mem::replace(&mut state.data, buffer)
        });
        pool::give_back(old);
    }

    /// Tells whether bytes were lost.
    pub fn has_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }

    /// Counts how often something was put in: who found it empty can tell whether that is still so.
    pub fn fills(&self) -> u64 {
        self.fills.load(Ordering::Acquire)
    }

    /// How many bytes were ever put in.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Acquire)
    }

    /// Tells whether bytes wait that were among the first `count` put in.
    pub fn holds_of_first(&self, count: u64) -> bool {
        let pending = self.pending() as u64;
        pending > 0 && self.total() - pending < count
    }

    /// How many bytes libssl's last read lacked: it asks for the rest of one record, never for more.
    pub fn wanted(&self) -> usize {
        self.wanted.load(Ordering::Relaxed)
    }

    pub(super) fn set_wanted(&self, count: usize) {
        self.wanted.store(count, Ordering::Relaxed);
    }

    /// Hands the waiting bytes to `sink`, with the type of record that a kernel has to make of them, if any. It says
    /// how many it took; they are then gone. The queue is locked meanwhile, so that two who drain it cannot change
    /// the order.
    pub fn drain<E>(&self, mut sink: impl FnMut(&[u8], Option<u8>) -> Result<usize, E>) -> Result<(), E> {
        self.change(|state| {
            while state.len() > 0 {
                let (len, record_type) = state.first();
                let taken = sink(&state.data[state.start..state.start + len], record_type)?;
                state.consume(taken);
                if taken < len {
                    break;
                }
            }
            Ok(())
        })
    }
}
