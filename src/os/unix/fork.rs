//! Connections after a fork. Both processes then have the same keys and the same position in the stream, over one socket:
//! the first one that uses the connection owns it, and the other one must not use it again.
//!
//! Each connection has a word in memory that the processes share. The process that uses the connection first writes its own
//! mark there; the other one finds the word changed. The word is checked only after a fork.

use crate::os::{OwnedSocket, Result};
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use std::cell::RefCell;
use std::ops::Deref;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Once};

const PAGE: usize = 4096;
const WORDS: usize = PAGE / size_of::<AtomicU64>();

/// Changes with each fork, and is odd while one is in progress.
static EPOCH: AtomicU64 = AtomicU64::new(0);
/// The number of forks between this process and the first one.
static DEPTH: AtomicU64 = AtomicU64::new(0);
/// The number of this process; 0 before it is drawn.
static NUMBER: AtomicU64 = AtomicU64::new(0);
/// Counts the numbers that were drawn, in memory that all processes share which may have a connection in common.
static DRAWN: AtomicPtr<AtomicU64> = AtomicPtr::new(std::ptr::null_mut());

unsafe extern "C" fn next_epoch() {
    EPOCH.fetch_add(1, Ordering::SeqCst);
}

unsafe extern "C" fn in_child() {
    DEPTH.fetch_add(1, Ordering::SeqCst);
    NUMBER.store(0, Ordering::SeqCst);
    EPOCH.fetch_add(1, Ordering::SeqCst);
}

fn watch_forks() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // If there is no memory for it, forks are not noticed; everything else works.
        // SAFETY: the functions only count.
        unsafe { libc::pthread_atfork(Some(next_epoch), Some(next_epoch), Some(in_child)) };
    });
}

/// A number that tells this process from those that it was forked from. Children of one process may have the same.
pub fn generation() -> u64 {
    watch_forks();
    DEPTH.load(Ordering::Relaxed)
}

/// The process that has done something last.
pub struct Process(AtomicU64);

impl Process {
    /// This process.
    pub fn here() -> Process {
        watch_forks();
        Process(AtomicU64::new(DEPTH.load(Ordering::Relaxed)))
    }

    /// Tells whether it was this one.
    #[inline]
    pub fn is_here(&self) -> bool {
        self.0.load(Ordering::Relaxed) == DEPTH.load(Ordering::Relaxed)
    }

    /// Records that it is this one now.
    pub fn move_here(&self) {
        self.0.store(DEPTH.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

/// The process in which something was made, and the last one that has used it.
pub struct Origin {
    made: Process,
    used: Process,
}

impl Origin {
    /// This process.
    pub fn here() -> Origin {
        Origin { made: Process::here(), used: Process::here() }
    }

    /// Tells whether it was made in this process.
    pub fn is_here(&self) -> bool {
        self.made.is_here()
    }

    /// Records that this process uses it.
    pub fn mark_used(&self) {
        self.used.move_here();
    }

    /// Tells whether this process has used it.
    pub fn is_used(&self) -> bool {
        self.used.is_here()
    }

    fn move_here(&self) {
        self.made.move_here();
    }
}

/// Words that a process shares with its children.
struct Page(NonNull<AtomicU64>);

// SAFETY: the words are atomic and stay until the last owner drops them.
unsafe impl Send for Page {}
// SAFETY: the same.
unsafe impl Sync for Page {}

impl Page {
    fn new() -> Result<Page> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: new memory at an address that the system chooses.
        let memory = unsafe { mmap_anonymous(std::ptr::null_mut(), PAGE, access, MapFlags::SHARED) };
        let memory = memory.map_err(rustix::io::Errno::raw_os_error)?;
        NonNull::new(memory.cast()).map(Page).ok_or(rustix::io::Errno::NOMEM.raw_os_error())
    }

    fn word(&self, index: usize) -> &AtomicU64 {
        assert!(index < WORDS);
        // SAFETY: within the page.
        let word = unsafe { self.0.add(index) };
        // SAFETY: zero bytes are a valid atomic, and the page lives as long as this borrow.
        unsafe { word.as_ref() }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: ours, and no word of it is in use any more.
        let _ = unsafe { munmap(self.0.as_ptr().cast(), PAGE) };
    }
}

/// The page from which a thread takes words. It is per thread so that there is no lock that a fork could leave locked.
struct Supply {
    page: Arc<Page>,
    next: usize,
    epoch: u64,
}

thread_local! {
    static SUPPLY: RefCell<Option<Supply>> = const { RefCell::new(None) };
}

/// A word that no other connection has: after a fork both processes continue with new pages.
fn take_word() -> Result<(Arc<Page>, usize)> {
    let epoch = EPOCH.load(Ordering::Acquire);
    let taken = SUPPLY.try_with(|supply| {
        let mut supply = supply.borrow_mut();
        let usable = supply.take().filter(|supply| supply.next < WORDS && supply.epoch == epoch);
        let Supply { page, next, .. } = match usable {
            Some(supply) => supply,
            None => Supply { page: Arc::new(Page::new()?), next: 0, epoch },
        };
        *supply = Some(Supply { page: Arc::clone(&page), next: next + 1, epoch });
        Ok((page, next))
    });
    // While a thread ends, its supply is gone already.
    taken.unwrap_or_else(|_| Ok((Arc::new(Page::new()?), 0)))
}

/// Decides which process may use a connection.
pub struct Ownership {
    page: Arc<Page>,
    index: usize,
    /// The value that this process last found or wrote in the word.
    seen: AtomicU64,
    epoch: AtomicU64,
    origin: Origin,
}

impl Ownership {
    /// A connection of this process.
    pub fn new() -> Result<Ownership> {
        let origin = Origin::here();
        let epoch = EPOCH.load(Ordering::Acquire) & !1;
        let (page, index) = take_word()?;
        let mark = new_mark()?;
        page.word(index).store(mark, Ordering::Release);
        Ok(Ownership { page, index, seen: AtomicU64::new(mark), epoch: AtomicU64::new(epoch), origin })
    }

    /// Uses the connection; false if another process has used it since the fork.
    pub fn go_on(&self) -> bool {
        let epoch = EPOCH.load(Ordering::Acquire);
        epoch == self.epoch.load(Ordering::Relaxed) || self.claim(epoch)
    }

    #[cold]
    fn claim(&self, epoch: u64) -> bool {
        let Ok(mark) = new_mark() else { return false };
        let seen = self.seen.load(Ordering::Acquire);
        let word = self.page.word(self.index);
        match word.compare_exchange(seen, mark, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => self.seen.store(mark, Ordering::Release),
            // Another thread of this process has written it.
            Err(current) if current >> 32 == mark >> 32 => {}
            Err(_) => return false,
        }
        self.origin.move_here();
        if epoch % 2 == 0 {
            self.epoch.store(epoch, Ordering::Relaxed);
        }
        true
    }

    /// Tells whether this process made the connection or has used it.
    pub fn is_ours(&self) -> bool {
        self.origin.is_here()
    }
}

/// Closes this process's copy of a descriptor, even if it is also held by threads of the parent that do not exist here.
pub fn close_copy(fd: Arc<impl Deref<Target = OwnedSocket>>) {
    match Arc::try_unwrap(fd) {
        Ok(fd) => drop(fd),
        Err(shared) => {
            // SAFETY: nothing in this process uses it any more, and what is forgotten here is never dropped.
            unsafe { rustix::io::close(shared.as_raw_fd()) };
            std::mem::forget(shared);
        }
    }
}

/// The number of this process, which none has with which it may share a connection. The system's own does not tell processes apart:
/// in each namespace one is the first.
fn process_number() -> Result<u64> {
    let known = NUMBER.load(Ordering::Acquire);
    if known != 0 {
        return Ok(known);
    }
    let drawn = drawn()?.fetch_add(1, Ordering::AcqRel) + 1;
    // Another thread may have been faster.
    let set = NUMBER.compare_exchange(0, drawn, Ordering::AcqRel, Ordering::Acquire);
    Ok(set.map_or_else(|faster| faster, |_| drawn))
}

/// There is no lock that a fork could leave locked.
fn drawn() -> Result<&'static AtomicU64> {
    if DRAWN.load(Ordering::Acquire).is_null() {
        let page = Page::new()?;
        let first = page.0.as_ptr();
        if DRAWN.compare_exchange(std::ptr::null_mut(), first, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            std::mem::forget(page);
        }
    }
    // SAFETY: the first word of a page that is never given back.
    Ok(unsafe { &*DRAWN.load(Ordering::Acquire) })
}

/// A value that no process has put into a word before, and whose upper half tells which process it is.
fn new_mark() -> Result<u64> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    Ok(process_number()? << 32 | u64::from(COUNT.fetch_add(1, Ordering::Relaxed)))
}
