//! Writing without SIGPIPE to a file that may be a pipe, and threads that leave the program's signals to its own.

use libc::{
    SIG_BLOCK, SIG_SETMASK, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGPIPE, SIGSEGV, SIGSYS, SIGTRAP,
    pthread_sigmask, sigaddset, sigdelset, sigemptyset, sigfillset, sigismember, sigpending,
};
use libc::{sigset_t, sigwait};
use std::mem::MaybeUninit;
use std::ptr::null_mut;

/// Runs a write on this thread. If a pipe has no reader any more it fails with EPIPE, and no SIGPIPE is raised.
pub fn without_sigpipe<T>(write: impl FnOnce() -> T) -> T {
    let _blocked = Blocked::new();
    write()
}

/// Starts a thread that gets none of the signals that are sent to the process: they are for the program's own threads, some of
/// which wait for them. It gets those that its own faults raise.
pub fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    let mut before = empty();
    // SAFETY: both sets are alive.
    let done = unsafe { pthread_sigmask(SIG_BLOCK, &sent(), &mut before) };
    let started = start();
    if done == 0 {
        // SAFETY: the set is alive; NULL means that the old set is not needed.
        unsafe { pthread_sigmask(SIG_SETMASK, &before, null_mut()) };
    }
    started
}

/// The signals that others send.
fn sent() -> sigset_t {
    let mut set = empty();
    // SAFETY: the set is alive; so below.
    unsafe { sigfillset(&mut set) };
    for fault in [SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP] {
        // SAFETY: as above.
        unsafe { sigdelset(&mut set, fault) };
    }
    set
}

/// SIGPIPE is blocked for this thread; one that is raised meanwhile is consumed.
struct Blocked {
    before: Option<sigset_t>,
}

impl Blocked {
    fn new() -> Blocked {
        // If a SIGPIPE is pending already, the program has blocked it and it is the program's. A second one would be merged
        // with it, so nothing has to be done.
        if is_pending() {
            return Blocked { before: None };
        }
        let mut before = empty();
        // SAFETY: both sets are alive.
        let done = unsafe { pthread_sigmask(SIG_BLOCK, &sigpipe(), &mut before) };
        Blocked { before: Some(before).filter(|_| done == 0) }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        let Some(before) = self.before else { return };
        if is_pending() {
            let mut signal = 0;
            // SAFETY: the set and the number are alive. It returns at once, because one is pending.
            unsafe { sigwait(&sigpipe(), &mut signal) };
        }
        // SAFETY: the set is alive; NULL means that the old set is not needed.
        unsafe { pthread_sigmask(SIG_SETMASK, &before, null_mut()) };
    }
}

fn empty() -> sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the place is large enough.
    unsafe { sigemptyset(set.as_mut_ptr()) };
    // SAFETY: written by the call, which cannot fail.
    unsafe { set.assume_init() }
}

fn sigpipe() -> sigset_t {
    let mut set = empty();
    // SAFETY: the set is alive.
    unsafe { sigaddset(&mut set, SIGPIPE) };
    set
}

fn is_pending() -> bool {
    let mut set = empty();
    // SAFETY: the set is alive.
    let told = unsafe { sigpending(&mut set) };
    // SAFETY: the same.
    told == 0 && unsafe { sigismember(&set, SIGPIPE) } == 1
}
