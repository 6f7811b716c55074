//! A BIO method over contiguous memory: what libssl reads is fed into one pipe, what it writes comes out of
//! another. It never blocks and never fails for want of room, so libssl never has half a record to remember.

use super::{Result, cvt_p, sys};
use parking_lot::Mutex;
use std::os::raw::{c_char, c_int, c_long, c_void};
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};

/// A queue of bytes in one piece of memory, with an end that can be marked. Any thread may use it.
#[derive(Default)]
pub struct Pipe(Mutex<State>);

#[derive(Default)]
struct State {
    data: Vec<u8>,
    start: usize,
    eof: bool,
    lent: Option<Lent>,
    fills: u64,
    /// What the last read found missing.
    wanted: usize,
}

/// The rest of a caller's bytes, while [`Pipe::lend`] runs.
struct Lent(NonNull<u8>, usize);

// SAFETY: the bytes are only read, and stay borrowed by `lend` for as long as they are here.
unsafe impl Send for Lent {}

const CTRL_PENDING: c_int = 10;

/// A queue keeps at most this much memory when it runs empty.
const KEEP: usize = 32 * 1024;

impl State {
    fn own(&self) -> usize {
        self.data.len() - self.start
    }

    fn pending(&self) -> usize {
        self.own() + self.lent.as_ref().map_or(0, |lent| lent.1)
    }

    fn consume(&mut self, count: usize) {
        self.start += count;
        if self.start == self.data.len() {
            self.start = 0;
            self.data.clear();
            self.data.shrink_to(KEEP);
        }
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
    /// How many bytes wait to be read.
    pub fn pending(&self) -> usize {
        self.0.lock().pending()
    }

    /// Tells whether the end was marked and all is read.
    pub fn at_eof(&self) -> bool {
        let state = self.0.lock();
        state.eof && state.pending() == 0
    }

    /// Tells whether the end was marked.
    pub fn eof_marked(&self) -> bool {
        self.0.lock().eof
    }

    /// Marks the end.
    pub fn mark_eof(&self) {
        let mut state = self.0.lock();
        state.eof = true;
        state.fills += 1;
    }

    /// Takes up to `buffer.len()` bytes out.
    pub fn read(&self, buffer: &mut [u8]) -> usize {
        self.0.lock().read(buffer)
    }

    /// Takes everything out.
    pub fn take(&self) -> Vec<u8> {
        let mut state = self.0.lock();
        let start = std::mem::take(&mut state.start);
        let rest = state.data.split_off(start);
        state.data = Vec::new();
        rest
    }

    /// Appends bytes.
    pub fn write(&self, data: &[u8]) {
        let mut state = self.0.lock();
        if state.start > state.data.len() / 2 {
            let start = std::mem::take(&mut state.start);
            state.data.drain(..start);
        }
        state.data.extend_from_slice(data);
        state.fills += 1;
    }

    /// Counts how often something was put in: who found it empty can tell whether that is still so.
    pub fn fills(&self) -> u64 {
        self.0.lock().fills
    }

    /// How many bytes the last read lacked: libssl asks for the rest of one record, never for more.
    pub fn wanted(&self) -> usize {
        self.0.lock().wanted
    }

    /// Hands the waiting bytes to `sink`, which says how many it took; they are then gone. The queue is locked
    /// meanwhile, so that two who drain it cannot change the order.
    pub fn drain<E>(
        &self,
        sink: impl FnOnce(&[u8]) -> std::result::Result<usize, E>,
    ) -> std::result::Result<(), E> {
        let mut state = self.0.lock();
        if state.own() == 0 {
            return Ok(());
        }
        let taken = sink(&state.data[state.start..])?;
        state.consume(taken);
        Ok(())
    }

    /// Lets `work` read from the caller's bytes without copying them in, after what is queued already. Returns
    /// how many of them were used.
    pub fn lend<R>(&self, bytes: &[u8], work: impl FnOnce() -> R) -> (R, usize) {
        let data = NonNull::from(bytes).cast();
        self.0.lock().lent = Some(Lent(data, bytes.len()));
        let guard = Unlend(self);
        let result = work();
        let left = self.0.lock().lent.as_ref().map_or(0, |lent| lent.1);
        drop(guard);
        (result, bytes.len() - left)
    }
}

/// Ends a loan, also when the work panics.
struct Unlend<'a>(&'a Pipe);

impl Drop for Unlend<'_> {
    fn drop(&mut self) {
        self.0.0.lock().lent = None;
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
