//! A queue of bytes in memory, between libssl and the code that moves its ciphertext.

use super::pool;
use crate::lock::Mutex;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// A queue of bytes in one piece of memory, with an end that can be marked. Any thread may use it.
#[derive(Default)]
pub struct Pipe {
    state: Mutex<State>,
    /// Copies of the state, which can be read without the lock.
    queued: AtomicUsize,
    fills: AtomicU64,
    /// How many bytes were ever put in.
    total: AtomicU64,
    eof: AtomicBool,
    wanted: AtomicUsize,
    lost: AtomicBool,
    discarded: AtomicBool,
}

/// Room for bytes to come. What is not used is given back when this is dropped.
pub struct Room<'a>(&'a Pipe);

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.0.change(State::let_go_of_room);
    }
}

/// There was no memory.
#[derive(Clone, Copy, Debug)]
pub struct NoRoom;

#[derive(Default)]
struct State {
    /// A buffer of the pool while bytes wait; otherwise empty.
    data: Vec<u8>,
    start: usize,
    end: usize,
    /// The positions, counted from the start, of bytes that are not application data, each with its record type: the kernel
    /// makes records of them.
    records: Vec<(Range<usize>, u8)>,
}

/// Fewer bytes than this are copied, so that the large buffer they came in returns to its pool.
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

    /// Appends a part of a buffer. If there is no memory for that, the queue moves into that buffer, if both fit.
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

    /// The length of the first bytes that belong together, and their record type.
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

    fn let_go_of_room(&mut self) {
        if self.len() == 0 {
            pool::give_back(std::mem::take(&mut self.data));
        }
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

    /// Like `change`, for a change that puts bytes in.
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

    /// Tells whether the end was marked and everything was read.
    pub fn at_eof(&self) -> bool {
        self.eof_marked() && self.pending() == 0
    }

    /// Tells whether nothing waits, but more may come.
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

    /// Takes out up to `buffer.len()` bytes.
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

    /// Throws away what waits, which will never go out.
    pub fn discard(&self) {
        if !self.take().is_empty() {
            self.discarded.store(true, Ordering::Release);
        }
    }

    /// Tells whether bytes were thrown away.
    pub fn has_discarded(&self) -> bool {
        self.discarded.load(Ordering::Acquire)
    }

    /// Takes room for this many bytes, which then can be appended without any more memory, unless more are.
    pub fn reserve(&self, count: usize) -> Result<Room<'_>, NoRoom> {
        self.change(|state| state.make_room(count))?;
        Ok(Room(self))
    }

    /// Appends the bytes, or none of them if there is no memory.
    pub fn write(&self, data: &[u8]) -> Result<(), NoRoom> {
        self.fill(|state| state.append(data))
    }

    /// Appends bytes that the kernel must send as a record of this type.
    pub fn write_record(&self, record_type: u8, data: &[u8]) -> Result<(), NoRoom> {
        self.fill(|state| state.append_record(record_type, data))
    }

    /// Appends a part of a buffer of the pool. If nothing waits, the buffer becomes the queue without a copy; otherwise it
    /// goes back to the pool. An empty part counts as a fill too. If there is no memory, the bytes are lost and the queue
    /// cannot be used any more.
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

    /// How often something was put in. A caller that found the queue empty can tell by it whether that still holds.
    pub fn fills(&self) -> u64 {
        self.fills.load(Ordering::Acquire)
    }

    /// How many bytes were ever put in.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Acquire)
    }

    /// Tells whether any of the first `count` bytes that were put in still wait.
    pub fn holds_of_first(&self, count: u64) -> bool {
        let pending = self.pending() as u64;
        pending > 0 && self.total() - pending < count
    }

    /// How many bytes were missing in libssl's last read, which asks for the rest of one record and never for more.
    pub fn wanted(&self) -> usize {
        self.wanted.load(Ordering::Relaxed)
    }

    pub(super) fn set_wanted(&self, count: usize) {
        self.wanted.store(count, Ordering::Relaxed);
    }

    /// Passes the waiting bytes to `sink`, with the type of the record that the kernel must make of them, if any. Removes as
    /// many as it took. The queue stays locked meanwhile, so that two callers cannot change the order.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn room_of(pipe: &Pipe) -> usize {
        let state = pipe.state.lock();
        state.data.len() - state.end
    }

    #[test]
    fn reserved_room_is_there_and_goes_if_it_is_not_used() {
        let pipe = Pipe::default();
        let room = pipe.reserve(10_000).unwrap();
        assert!(room_of(&pipe) >= 10_000);
        assert_eq!((pipe.pending(), pipe.fills(), pipe.total()), (0, 0, 0));
        drop(room);
        assert_eq!(room_of(&pipe), 0);
        let room = pipe.reserve(10_000).unwrap();
        pipe.write(b"waits").unwrap();
        drop(room);
        let mut got = [0; 10];
        assert_eq!((pipe.pending(), pipe.read(&mut got)), (5, 5));
        assert_eq!(&got[..5], b"waits");
        assert_eq!(room_of(&pipe), 0);
    }
}
