//! What becomes of a connection in a fork. Both processes then hold the same keys and the same place in the stream,
//! over one socket: the first of them that goes on with it has it, and the other one must not touch it again.
//!
//! Each connection has a word in memory that the processes share. Whoever goes on with the connection writes there
//! who they are; the other one finds it changed. That is looked at only after a fork.

use crate::os::{OwnedSocket, Result};
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use std::cell::RefCell;
use std::ops::Deref;
use std::os::fd::AsRawFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Once};

const PAGE: usize = 4096;
const WORDS: usize = PAGE / size_of::<AtomicU64>();

/// Changes with each fork, and is odd while one is under way.
static EPOCH: AtomicU64 = AtomicU64::new(0);
/// How many forks lie between this process and the first one.
static DEPTH: AtomicU64 = AtomicU64::new(0);

unsafe extern "C" fn next_epoch() {
    EPOCH.fetch_add(1, Ordering::SeqCst);
}

unsafe extern "C" fn in_child() {
    DEPTH.fetch_add(1, Ordering::SeqCst);
    EPOCH.fetch_add(1, Ordering::SeqCst);
}

fn watch_forks() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without memory for it there is no check; nothing else is lost.
        // SAFETY: the functions only count.
        unsafe { libc::pthread_atfork(Some(next_epoch), Some(next_epoch), Some(in_child)) };
    });
}

/// The process that something was made in, and the last one that has used it.
pub struct Origin {
    made: AtomicU64,
    used: AtomicU64,
}

impl Origin {
    /// This process.
    pub fn here() -> Origin {
        watch_forks();
        let depth = DEPTH.load(Ordering::Relaxed);
        Origin { made: AtomicU64::new(depth), used: AtomicU64::new(depth) }
    }

    /// Tells whether this is still the process.
    pub fn is_here(&self) -> bool {
        self.made.load(Ordering::Relaxed) == DEPTH.load(Ordering::Relaxed)
    }

    /// Notes that this process uses it.
    pub fn mark_used(&self) {
        self.used.store(DEPTH.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Tells whether this process has used it.
    pub fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed) == DEPTH.load(Ordering::Relaxed)
    }

    fn move_here(&self) {
        self.made.store(DEPTH.load(Ordering::Relaxed), Ordering::Relaxed);
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
        // SAFETY: memory at a place of the system's choice.
        let memory = unsafe { mmap_anonymous(std::ptr::null_mut(), PAGE, access, MapFlags::SHARED) };
        let memory = memory.map_err(rustix::io::Errno::raw_os_error)?;
        NonNull::new(memory.cast()).map(Page).ok_or(rustix::io::Errno::NOMEM.raw_os_error())
    }

    fn word(&self, index: usize) -> &AtomicU64 {
        assert!(index < WORDS);
        // SAFETY: within the page.
        let word = unsafe { self.0.add(index) };
        // SAFETY: zero bytes are an atomic, and the page lives as long as this borrow.
        unsafe { word.as_ref() }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: ours, and nobody has a word of it any more.
        let _ = unsafe { munmap(self.0.as_ptr().cast(), PAGE) };
    }
}

/// The page that a thread takes words from: no lock that a fork could find held.
struct Supply {
    page: Arc<Page>,
    next: usize,
    epoch: u64,
}

thread_local! {
    static SUPPLY: RefCell<Option<Supply>> = const { RefCell::new(None) };
}

/// A word that nobody else has: after a fork both processes go on with pages of their own.
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
    // At the end of a thread there is no supply any more.
    taken.unwrap_or_else(|_| Ok((Arc::new(Page::new()?), 0)))
}

/// Who may use a connection.
pub struct Ownership {
    page: Arc<Page>,
    index: usize,
    /// What this process found or wrote in the word.
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
        let mark = new_mark();
        page.word(index).store(mark, Ordering::Release);
        Ok(Ownership { page, index, seen: AtomicU64::new(mark), epoch: AtomicU64::new(epoch), origin })
    }

    /// Goes on with the connection; false when another process has done so since the fork.
    pub fn go_on(&self) -> bool {
        let epoch = EPOCH.load(Ordering::Acquire);
        epoch == self.epoch.load(Ordering::Relaxed) || self.claim(epoch)
    }

    #[cold]
    fn claim(&self, epoch: u64) -> bool {
        let (seen, mark) = (self.seen.load(Ordering::Acquire), new_mark());
        let word = self.page.word(self.index);
        match word.compare_exchange(seen, mark, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => self.seen.store(mark, Ordering::Release),
            // Another thread of this process was faster.
            Err(current) if current >> 32 == mark >> 32 => {}
            Err(_) => return false,
        }
        self.origin.move_here();
        if epoch % 2 == 0 {
            self.epoch.store(epoch, Ordering::Relaxed);
        }
        true
    }

    /// Tells whether this process made the connection or has gone on with it.
    pub fn is_ours(&self) -> bool {
        self.origin.is_here()
    }
}

/// Closes this process's copy of a descriptor that threads of its parent's, which are not here, hold too.
pub fn close_copy(fd: Arc<impl Deref<Target = OwnedSocket>>) {
    match Arc::try_unwrap(fd) {
        Ok(fd) => drop(fd),
        Err(shared) => {
            // SAFETY: nobody in this process uses it any more, nor drops what is forgotten here.
            unsafe { rustix::io::close(shared.as_raw_fd()) };
            std::mem::forget(shared);
        }
    }
}

/// A number of this process that was never used before.
fn new_mark() -> u64 {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    u64::from(std::process::id()) << 32 | u64::from(COUNT.fetch_add(1, Ordering::Relaxed))
}
