//! A BIO method over memory: libssl reads from one pipe and writes to another, and during a call both can bypass their
//! pipe. It never blocks. It refuses bytes only where there is no memory for them: then libssl keeps the rest of a record, and its
//! next write begins with that.

use super::backend::reasons;
use super::handler::{Admission, Handler};
use super::{Result, cvt_new, ktls::Ktls, pipe::Pipe, sys};
use once_cell::sync::OnceCell;
use std::cell::Cell;
use std::os::raw::{c_char, c_int, c_long, c_void};
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;

const CTRL_PENDING: c_int = 10;

/// Fills a buffer with bytes that libssl wants, and tells how many there were.
pub type Source<'a> = dyn FnMut(&mut [u8]) -> usize + 'a;
/// Takes bytes that libssl writes, and tells how many it took.
pub type Sink<'a> = dyn FnMut(&[u8]) -> usize + 'a;

/// libssl's end of the transport, for both directions as a socket is. Only the thread that is inside the connection uses it.
pub(super) struct End {
    incoming: Arc<Pipe>,
    outgoing: Arc<Pipe>,
    handler: Arc<dyn Handler>,
    of_server: bool,
    /// The unread part of the bytes that a caller lends.
    lent: Cell<Option<Borrowed>>,
    source: Cell<Option<NonNull<Source<'static>>>>,
    sink: Cell<Option<NonNull<Sink<'static>>>>,
    /// The connection is being freed.
    gone: Cell<bool>,
    /// libssl keeps a record, or a part of one, for which there was no memory. Whatever it writes next is that.
    holds_back: Cell<bool>,
    pub ktls: Ktls,
}

#[derive(Clone, Copy)]
struct Borrowed(NonNull<u8>, usize);

impl End {
    pub fn new(
        incoming: Arc<Pipe>,
        outgoing: Arc<Pipe>,
        of_server: bool,
        handler: Arc<dyn Handler>,
    ) -> Rc<End> {
        Rc::new(End {
            incoming,
            outgoing,
            handler,
            of_server,
            lent: Cell::new(None),
            source: Cell::new(None),
            sink: Cell::new(None),
            gone: Cell::new(false),
            holds_back: Cell::new(false),
            ktls: Ktls::default(),
        })
    }

    /// Lets `work` read these bytes, after those of the pipe. Returns how many of them were used.
    pub fn lend<R>(&self, bytes: &[u8], work: impl FnOnce() -> R) -> (R, usize) {
        let loan = EndOfLoan(&self.lent);
        self.lent.set(Some(Borrowed(NonNull::from(bytes).cast(), bytes.len())));
        let result = work();
        let used = bytes.len() - self.left();
        drop(loan);
        (result, used)
    }

    /// Lets `work` read from `source` once the pipe and the lent bytes are used up.
    pub fn lend_source<R>(&self, source: &mut Source<'_>, work: impl FnOnce() -> R) -> R {
        let _loan = EndOfLoan(&self.source);
        // SAFETY: only the lifetime changes, and the loan ends before it does.
        let source = unsafe {
            std::mem::transmute::<NonNull<Source<'_>>, NonNull<Source<'static>>>(NonNull::from(source))
        };
        self.source.set(Some(source));
        work()
    }

    /// Lets `work` write to `sink` as long as the pipe is empty; the pipe takes what the sink does not.
    pub fn lend_sink<R>(&self, sink: &mut Sink<'_>, work: impl FnOnce() -> R) -> R {
        let _loan = EndOfLoan(&self.sink);
        // SAFETY: only the lifetime changes, and the loan ends before it does.
        let sink =
            unsafe { std::mem::transmute::<NonNull<Sink<'_>>, NonNull<Sink<'static>>>(NonNull::from(sink)) };
        self.sink.set(Some(sink));
        work()
    }

    /// How many of the lent bytes are left.
    fn left(&self) -> usize {
        self.lent.get().map_or(0, |lent| lent.1)
    }

    /// Tells whether nothing can be read now, but more may come.
    pub fn is_dry(&self) -> bool {
        self.left() == 0 && self.source.get().is_none() && self.incoming.is_dry()
    }

    /// Takes nothing more, and gives nothing: libssl, which comes to the end of what it was at, would send an alert.
    pub fn give_up(&self) {
        self.gone.set(true);
    }

    /// Tells whether libssl keeps a record for which there was no memory.
    pub fn holds_back(&self) -> bool {
        self.holds_back.get()
    }

    /// Tells whether libssl would go on with what has ended: the connection, or by a callback its handshake.
    fn is_broken(&self) -> bool {
        self.gone.get() || self.handler.has_aborted()
    }

    /// Tells whether a client's bytes stay where they are until the program has decided about it.
    fn is_held(&self) -> bool {
        self.of_server && self.handler.admission() == Admission::Open
    }

    fn read(&self, buffer: &mut [u8]) -> usize {
        let count = if self.incoming.pending() > 0 { self.incoming.read(buffer) } else { 0 };
        if self.incoming.has_lost() {
            // Bytes from other sources come after the lost ones, so they must not be read.
            return count;
        }
        let count = count + self.read_lent(&mut buffer[count..]);
        let count = count + self.read_source(&mut buffer[count..]);
        self.incoming.set_wanted(buffer.len() - count);
        count
    }

    fn read_lent(&self, buffer: &mut [u8]) -> usize {
        let Some(Borrowed(data, len)) = self.lent.get() else { return 0 };
        let count = len.min(buffer.len());
        // SAFETY: `lend` keeps the bytes borrowed, and count is within what is left of them.
        let bytes = unsafe { std::slice::from_raw_parts(data.as_ptr(), count) };
        buffer[..count].copy_from_slice(bytes);
        // SAFETY: count is at most len, so this stays within the bytes or one past them.
        let rest = unsafe { data.add(count) };
        self.lent.set(Some(Borrowed(rest, len - count)));
        count
    }

    fn read_source(&self, buffer: &mut [u8]) -> usize {
        let Some(mut source) = self.source.get().filter(|_| !buffer.is_empty()) else { return 0 };
        // SAFETY: `lend_source` keeps the source borrowed, and it is not called from within itself.
        let source = unsafe { source.as_mut() };
        source(buffer).min(buffer.len())
    }

    /// Tells how many bytes were taken: all, unless there is no memory.
    pub fn write(&self, bytes: &[u8]) -> usize {
        if let Some(record_type) = self.ktls.take_record_type() {
            return self.outgoing.write_record(record_type, bytes).map_or(0, |()| bytes.len());
        }
        let taken = if self.outgoing.pending() == 0 { self.write_to_sink(bytes) } else { 0 };
        if taken == bytes.len() {
            return taken;
        }
        self.outgoing.write(&bytes[taken..]).map_or(taken, |()| bytes.len())
    }

    fn write_to_sink(&self, bytes: &[u8]) -> usize {
        let Some(mut sink) = self.sink.get() else { return 0 };
        // SAFETY: `lend_sink` keeps the sink borrowed, and it is not called from within itself.
        let sink = unsafe { sink.as_mut() };
        sink(bytes).min(bytes.len())
    }
}

/// Ends a loan when it is dropped, which happens even if the work panics.
struct EndOfLoan<'a, T>(&'a Cell<Option<T>>);

impl<T> Drop for EndOfLoan<'_, T> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

/// Makes a BIO of an end. The caller owns the only reference.
pub(super) fn over(end: Rc<End>) -> Result<*mut sys::BIO> {
    let method = method()?;
    // SAFETY: the method is complete and lives for ever.
    let bio = cvt_new(|| unsafe { sys::BIO_new(method) })?.as_ptr();
    // SAFETY: the BIO is ours; `destroy` takes the end back.
    unsafe { sys::BIO_set_data(bio, Rc::into_raw(end).cast_mut().cast()) };
    // SAFETY: the BIO is ours.
    unsafe { sys::BIO_set_init(bio, 1) };
    Ok(bio)
}

struct BioMethod(NonNull<sys::BIO_METHOD>);

// SAFETY: a method is not changed once it is in use.
unsafe impl Send for BioMethod {}
// SAFETY: the same.
unsafe impl Sync for BioMethod {}

fn method() -> Result<*mut sys::BIO_METHOD> {
    static METHOD: OnceCell<BioMethod> = OnceCell::new();
    Ok(METHOD.get_or_try_init(new_method)?.0.as_ptr())
}

fn new_method() -> Result<BioMethod> {
    // SAFETY: the name is static text.
    let made =
        BioMethod(cvt_new(|| unsafe { sys::BIO_meth_new(sys::BIO_TYPE_NONE, c"tlsock pipe".as_ptr()) })?);
    let method = made.0.as_ptr();
    // SAFETY: the method is ours and not yet in use; so for the calls below.
    unsafe { sys::BIO_meth_set_write__fixed_rust(method, Some(write)) };
    // SAFETY: as above.
    unsafe { sys::BIO_meth_set_read__fixed_rust(method, Some(read)) };
    // SAFETY: as above.
    unsafe { sys::BIO_meth_set_ctrl__fixed_rust(method, Some(ctrl)) };
    // SAFETY: as above.
    unsafe { sys::BIO_meth_set_destroy__fixed_rust(method, Some(destroy)) };
    Ok(made)
}

unsafe fn end<'a>(bio: *mut sys::BIO) -> Option<&'a End> {
    // SAFETY: libssl calls with a BIO of ours.
    let data = unsafe { sys::BIO_get_data(bio) };
    // SAFETY: NULL or the end that `over` put there, which lives until `destroy`.
    unsafe { data.cast::<End>().as_ref() }
}

unsafe extern "C" fn write(bio: *mut sys::BIO, data: *const c_char, len: c_int) -> c_int {
    // SAFETY: the BIO is ours.
    unsafe { sys::BIO_clear_retry_flags(bio) };
    // SAFETY: the BIO is ours.
    let (Some(end), Ok(count)) = (unsafe { end(bio) }, usize::try_from(len)) else { return -1 };
    if end.is_broken() {
        return -1;
    }
    if count == 0 {
        return 0;
    }
    // SAFETY: libssl gives len readable bytes.
    let taken = end.write(unsafe { std::slice::from_raw_parts(data.cast(), count) });
    end.holds_back.set(taken < count);
    if taken == 0 {
        reasons::raise_memory();
        return -1;
    }
    taken as c_int
}

unsafe extern "C" fn read(bio: *mut sys::BIO, buffer: *mut c_char, size: c_int) -> c_int {
    // SAFETY: the BIO is ours.
    unsafe { sys::BIO_clear_retry_flags(bio) };
    // SAFETY: the BIO is ours.
    let (Some(end), Ok(size)) = (unsafe { end(bio) }, usize::try_from(size)) else { return -1 };
    if end.is_broken() {
        return -1;
    }
    if size == 0 {
        return 0;
    }
    if end.is_held() {
        // SAFETY: the BIO is ours.
        unsafe { sys::BIO_set_retry_read(bio) };
        return -1;
    }
    // SAFETY: libssl gives size writable bytes.
    let count = end.read(unsafe { std::slice::from_raw_parts_mut(buffer.cast(), size) });
    if count > 0 {
        return count as c_int;
    }
    if end.incoming.has_lost() {
        reasons::raise_memory();
        return -1;
    }
    if end.incoming.eof_marked() {
        return 0;
    }
    // SAFETY: the BIO is ours.
    unsafe { sys::BIO_set_retry_read(bio) };
    -1
}

unsafe extern "C" fn ctrl(
    bio: *mut sys::BIO,
    command: c_int,
    number: c_long,
    pointer: *mut c_void,
) -> c_long {
    // SAFETY: the BIO is ours.
    let Some(end) = (unsafe { end(bio) }) else { return 0 };
    match command {
        sys::BIO_CTRL_FLUSH => 1,
        sys::BIO_CTRL_EOF => c_long::from(end.left() == 0 && end.incoming.at_eof()),
        CTRL_PENDING => c_long::try_from(end.incoming.pending() + end.left()).unwrap_or(c_long::MAX),
        _ => end.ktls.ctrl(command, number, pointer),
    }
}

unsafe extern "C" fn destroy(bio: *mut sys::BIO) -> c_int {
    // SAFETY: the BIO is ours.
    let data = unsafe { sys::BIO_get_data(bio) }.cast::<End>();
    // SAFETY: the BIO is ours; after this no one finds the end.
    unsafe { sys::BIO_set_data(bio, std::ptr::null_mut()) };
    if !data.is_null() {
        // SAFETY: the reference that `over` gave up.
        drop(unsafe { Rc::from_raw(data) });
    }
    1
}
