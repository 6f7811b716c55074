//! Writing to what may be a pipe without its signal.

/// Runs a write of this thread; where nobody reads the pipe any more it fails with EPIPE, and no SIGPIPE is raised.
pub fn without_sigpipe<T>(write: impl FnOnce() -> T) -> T {
    let _blocked = system::Blocked::new();
    write()
}

#[cfg(unix)]
mod system {
    use std::ffi::c_int;
    use std::mem::MaybeUninit;
    use std::ptr::null_mut;

    const SIGPIPE: c_int = 13;
    const SIG_BLOCK: c_int = if cfg!(any(target_os = "linux", target_os = "android")) { 0 } else { 1 };
    const SIG_SETMASK: c_int = if cfg!(any(target_os = "linux", target_os = "android")) { 2 } else { 3 };

    /// A `sigset_t`: none is larger.
    #[repr(C, align(16))]
    #[derive(Clone, Copy)]
    struct Signals([u8; 128]);

    unsafe extern "C" {
        fn sigemptyset(set: *mut Signals) -> c_int;
        fn sigaddset(set: *mut Signals, signal: c_int) -> c_int;
        fn sigismember(set: *const Signals, signal: c_int) -> c_int;
        fn sigpending(set: *mut Signals) -> c_int;
        fn sigwait(set: *const Signals, signal: *mut c_int) -> c_int;
        fn pthread_sigmask(how: c_int, set: *const Signals, old: *mut Signals) -> c_int;
    }

    /// SIGPIPE is held back from this thread; one that comes meanwhile is taken.
    pub struct Blocked {
        before: Option<Signals>,
    }

    impl Blocked {
        pub fn new() -> Blocked {
            // One that waits already, held back by somebody else, is theirs; another is not told apart from it.
            if pending() {
                return Blocked { before: None };
            }
            let mut before = MaybeUninit::zeroed();
            // SAFETY: both sets are alive.
            let done = unsafe { pthread_sigmask(SIG_BLOCK, &sigpipe(), before.as_mut_ptr()) };
            // SAFETY: zeros are a set, whatever was written over them.
            Blocked { before: (done == 0).then(|| unsafe { before.assume_init() }) }
        }
    }

    impl Drop for Blocked {
        fn drop(&mut self) {
            let Some(before) = self.before else { return };
            if pending() {
                let mut signal = 0;
                // SAFETY: the set and the number are alive. It returns at once, for one is pending.
                unsafe { sigwait(&sigpipe(), &mut signal) };
            }
            // SAFETY: the set is alive, and NULL asks for nothing.
            unsafe { pthread_sigmask(SIG_SETMASK, &before, null_mut()) };
        }
    }

    fn sigpipe() -> Signals {
        let mut set = Signals([0; 128]);
        // SAFETY: the set is alive.
        unsafe { sigemptyset(&mut set) };
        // SAFETY: the same.
        unsafe { sigaddset(&mut set, SIGPIPE) };
        set
    }

    fn pending() -> bool {
        let mut set = Signals([0; 128]);
        // SAFETY: the set is alive.
        let told = unsafe { sigpending(&mut set) };
        // SAFETY: the same.
        told == 0 && unsafe { sigismember(&set, SIGPIPE) } == 1
    }
}

#[cfg(not(unix))]
mod system {
    /// There is no such signal.
    pub struct Blocked;

    impl Blocked {
        pub fn new() -> Blocked {
            Blocked
        }
    }
}
