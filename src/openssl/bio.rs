//! A BIO method over contiguous memory: what libssl reads is fed into one pipe, what it writes comes out of
//! another. It never blocks and never fails for want of room, so libssl never has half a record to remember.

use super::{Result, cvt_p, pool, sys};
use parking_lot::Mutex;
use std::os::raw::{c_char, c_int, c_long, c_void};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// A queue of bytes in one piece of memory, with an end that can be marked. Any thread may use it.
#[derive(Default)]
pub struct Pipe {
    state: Mutex<State>,
    /// What the state says, for those who only ask.
    queued: AtomicUsize,
    fills: AtomicU64,
    eof: AtomicBool,
}

#[derive(Default)]
struct State {
    /// A buffer of the pool's while bytes wait, else empty.
    data: Vec<u8>,
    start: usize,
    end: usize,
    lent: Option<Lent>,
    /// What the last read found missing.
    wanted: usize,
}

/// The rest of a caller's bytes, while [`Pipe::lend`] runs.
struct Lent(NonNull<u8>, usize);

// SAFETY: the bytes are only read, and stay borrowed by `lend` for as long as they are here.
unsafe impl Send for Lent {}

const CTRL_PENDING: c_int = 10;

/// So few bytes are copied rather than keep a large buffer from its pool.
const SMALL: usize = 4096;

impl State {
    fn own(&self) -> usize {
        self.end - self.start
    }

    fn pending(&self) -> usize {
        self.own() + self.lent.as_ref().map_or(0, |lent| lent.1)
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            pool::give_back(std::mem::take(&mut self.data));
        }
    }

    fn append(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.data[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
    }

    fn make_room(&mut self, count: usize) {
        if self.data.len() - self.end >= count {
            return;
        }
        let mut larger = pool::take((self.own() + count).max(2 * self.own()));
        larger[..self.own()].copy_from_slice(&self.data[self.start..self.end]);
        (self.start, self.end) = (0, self.own());
        pool::give_back(std::mem::replace(&mut self.data, larger));
    }

    fn read(&mut self, buffer: &mut [u8]) -> usize {
        let count = self.own().min(buffer.len());
        if count > 0 {
            buffer[..count].copy_from_slice(&self.data[self.start..self.start + count]);
            self.consume(count);
        }
        let count = count + self.read_lent(&mut buffer[count..]);
        self.wanted = buffer.len() - count;
        count
    }

    fn read_lent(&mut self, buffer: &mut [u8]) -> usize {
        let Some(Lent(data, len)) = &mut self.lent else { return 0 };
        let count = (*len).min(buffer.len());
        // SAFETY: `lend` keeps the bytes borrowed, and count is within what is left of them.
        let bytes = unsafe { std::slice::from_raw_parts(data.as_ptr(), count) };
        buffer[..count].copy_from_slice(bytes);
        // SAFETY: count is at most len, so this stays within the bytes or one past them.
        *data = unsafe { data.add(count) };
        *len -= count;
        count
    }
}

impl Pipe {
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock();
        let result = change(&mut state);
        self.queued.store(state.pending(), Ordering::Release);
        result
    }

    /// As `change`, by what was put in.
    fn fill<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        self.change(|state| {
            let result = change(state);
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
            let rest = state.data[state.start..state.end].to_vec();
            state.consume(rest.len());
            rest
        })
    }

    /// Appends bytes.
    pub fn write(&self, data: &[u8]) {
        self.fill(|state| state.append(data));
    }

    /// Appends the first `count` bytes of a buffer of the pool's, without copying where nothing waits.
    pub fn put(&self, buffer: Vec<u8>, count: usize) {
        let old = self.fill(|state| {
            if state.own() > 0 || count < SMALL {
                state.append(&buffer[..count]);
                return buffer;
            }
            (state.start, state.end) = (0, count);
            std::mem::replace(&mut state.data, buffer)
        });
        pool::give_back(old);
    }

    /// Counts how often something was put in: who found it empty can tell whether that is still so.
    pub fn fills(&self) -> u64 {
        self.fills.load(Ordering::Acquire)
    }

    /// How many bytes the last read lacked: libssl asks for the rest of one record, never for more.
    pub fn wanted(&self) -> usize {
        self.state.lock().wanted
    }

    /// Hands the waiting bytes to `sink`, which says how many it took; they are then gone. The queue is locked
    /// meanwhile, so that two who drain it cannot change the order.
    pub fn drain<E>(
        &self,
        sink: impl FnOnce(&[u8]) -> std::result::Result<usize, E>,
    ) -> std::result::Result<(), E> {
        self.change(|state| {
            if state.own() == 0 {
                return Ok(());
            }
            let taken = sink(&state.data[state.start..state.end])?;
            state.consume(taken);
            Ok(())
        })
    }

    /// Lets `work` read from the caller's bytes without copying them in, after what is queued already. Returns
    /// how many of them were used.
    pub fn lend<R>(&self, bytes: &[u8], work: impl FnOnce() -> R) -> (R, usize) {
        let data = NonNull::from(bytes).cast();
        self.change(|state| state.lent = Some(Lent(data, bytes.len())));
        let loan = Loan(self);
        let result = work();
        (result, bytes.len() - loan.end())
    }

    /// Ends a loan: how many bytes are left of it.
    fn unlend(&self) -> usize {
        self.change(|state| state.lent.take().map_or(0, |lent| lent.1))
    }
}

/// Ends a loan, also when the work panics.
struct Loan<'a>(&'a Pipe);

impl Loan<'_> {
    fn end(self) -> usize {
        std::mem::ManuallyDrop::new(self).0.unlend()
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        self.0.unlend();
    }
}

/// Makes a BIO that reads from, or writes to, a pipe. The caller owns the one reference.
pub(super) fn over_pipe(pipe: Arc<Pipe>) -> Result<*mut sys::BIO> {
    let method = method()?;
    // SAFETY: the method is complete and lives for ever.
    let bio = cvt_p(unsafe { sys::BIO_new(method) })?;
    // SAFETY: the BIO is ours; `destroy` takes the pipe back.
    unsafe { sys::BIO_set_data(bio, Arc::into_raw(pipe).cast_mut().cast()) };
    // SAFETY: the BIO is ours.
    unsafe { sys::BIO_set_init(bio, 1) };
    Ok(bio)
}

struct Method(*mut sys::BIO_METHOD);

// SAFETY: a method is not changed once it is in use.
unsafe impl Send for Method {}
// SAFETY: the same.
unsafe impl Sync for Method {}

fn method() -> Result<*mut sys::BIO_METHOD> {
    static METHOD: OnceLock<Method> = OnceLock::new();
    if let Some(method) = METHOD.get() {
        return Ok(method.0);
    }
    let made = new_method()?;
    Ok(METHOD.get_or_init(|| Method(made)).0)
}

fn new_method() -> Result<*mut sys::BIO_METHOD> {
    // SAFETY: the name is static text.
    let method = cvt_p(unsafe { sys::BIO_meth_new(sys::BIO_TYPE_NONE, c"tlsock pipe".as_ptr()) })?;
    // SAFETY: the method is ours and not yet in use; so for the calls below.
    unsafe { sys::BIO_meth_set_write__fixed_rust(method, Some(write)) };
    // SAFETY: as above.
    unsafe { sys::BIO_meth_set_read__fixed_rust(method, Some(read)) };
    // SAFETY: as above.
    unsafe { sys::BIO_meth_set_ctrl__fixed_rust(method, Some(ctrl)) };
    // SAFETY: as above.
    unsafe { sys::BIO_meth_set_destroy__fixed_rust(method, Some(destroy)) };
    Ok(method)
}

unsafe fn pipe<'a>(bio: *mut sys::BIO) -> Option<&'a Pipe> {
    // SAFETY: libssl calls with a BIO of ours.
    let data = unsafe { sys::BIO_get_data(bio) };
    // SAFETY: NULL or the pipe that `over_pipe` put there, which lives until `destroy`.
    unsafe { data.cast::<Pipe>().as_ref() }
}

unsafe extern "C" fn write(bio: *mut sys::BIO, data: *const c_char, len: c_int) -> c_int {
    // SAFETY: the BIO is ours.
    unsafe { sys::BIO_clear_retry_flags(bio) };
    // SAFETY: the BIO is ours.
    let (Some(pipe), Ok(count)) = (unsafe { pipe(bio) }, usize::try_from(len)) else { return -1 };
    if count > 0 {
        // SAFETY: libssl gives len readable bytes.
        pipe.write(unsafe { std::slice::from_raw_parts(data.cast(), count) });
    }
    len
}

unsafe extern "C" fn read(bio: *mut sys::BIO, buffer: *mut c_char, size: c_int) -> c_int {
    // SAFETY: the BIO is ours.
    unsafe { sys::BIO_clear_retry_flags(bio) };
    // SAFETY: the BIO is ours.
    let (Some(pipe), Ok(size)) = (unsafe { pipe(bio) }, usize::try_from(size)) else { return -1 };
    if size == 0 {
        return 0;
    }
    // SAFETY: libssl gives size writable bytes.
    let count = pipe.read(unsafe { std::slice::from_raw_parts_mut(buffer.cast(), size) });
    if count > 0 {
        return count as c_int;
    }
    if pipe.eof_marked() {
        return 0;
    }
    // SAFETY: the BIO is ours.
    unsafe { sys::BIO_set_retry_read(bio) };
    -1
}

unsafe extern "C" fn ctrl(bio: *mut sys::BIO, command: c_int, _: c_long, _: *mut c_void) -> c_long {
    // SAFETY: the BIO is ours.
    let Some(pipe) = (unsafe { pipe(bio) }) else { return 0 };
    match command {
        sys::BIO_CTRL_FLUSH => 1,
        sys::BIO_CTRL_EOF => c_long::from(pipe.at_eof()),
        CTRL_PENDING => c_long::try_from(pipe.pending()).unwrap_or(c_long::MAX),
        _ => 0,
    }
}

unsafe extern "C" fn destroy(bio: *mut sys::BIO) -> c_int {
    // SAFETY: the BIO is ours.
    let data = unsafe { sys::BIO_get_data(bio) }.cast::<Pipe>();
    // SAFETY: the BIO is ours; nobody may find the pipe again.
    unsafe { sys::BIO_set_data(bio, std::ptr::null_mut()) };
    if !data.is_null() {
        // SAFETY: the reference that `over_pipe` gave up.
        drop(unsafe { Arc::from_raw(data) });
    }
    1
}
