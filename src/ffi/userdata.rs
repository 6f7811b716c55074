//! What a caller hands over with a callback.

use crate::lock::user_code;
use crate::ssl::Error;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::sync::{Arc, OnceLock};

/// Frees the userdata of a callback: once, when nothing can call the callback any more. From where it is called and
/// what it may do: see "Callbacks" above.
pub type FreeUserdata = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// The userdata of a callback, freed when its last owner is dropped and no lock is held.
pub struct Userdata {
    pointer: *mut c_void,
    /// Empty while the userdata is still the caller's.
    free: OnceLock<unsafe extern "C" fn(*mut c_void)>,
}

/// Sets a callback that comes with userdata, which is ours only if that succeeds. Userdata without a callback is
/// freed at once.
pub fn install<F>(
    userdata: *mut c_void,
    free: FreeUserdata,
    wrap: impl FnOnce(Arc<Userdata>) -> Option<F>,
    set: impl FnOnce(Option<F>) -> Result<(), Error>,
) -> Result<(), Error> {
    let userdata = Arc::new(Userdata { pointer: userdata, free: OnceLock::new() });
    set(wrap(Arc::clone(&userdata)))?;
    userdata.own(free);
    Ok(())
}

// SAFETY: by the header's contract a callback and its userdata may be used from any thread.
unsafe impl Send for Userdata {}
// SAFETY: the same.
unsafe impl Sync for Userdata {}

impl Userdata {
    /// Takes ownership.
    pub fn new(pointer: *mut c_void, free: FreeUserdata) -> Userdata {
        let userdata = Userdata { pointer, free: OnceLock::new() };
        userdata.own(free);
        userdata
    }

    fn own(&self, free: FreeUserdata) {
        if let Some(free) = free {
            let _ = self.free.set(free);
        }
    }

    /// The pointer to call back with.
    pub fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for Userdata {
    fn drop(&mut self) {
        let Some(free) = self.free.get() else { return };
        let freeing = Freeing { free: *free, pointer: self.pointer };
        if let Err(freeing) = Inside::put_off(freeing) {
            freeing.run();
        }
    }
}

/// Userdata that nobody needs any more.
struct Freeing {
    free: unsafe extern "C" fn(*mut c_void),
    pointer: *mut c_void,
}

impl Freeing {
    fn run(self) {
        user_code(|| unsafe { (self.free)(self.pointer) });
    }
}

thread_local! {
    /// How many calls of the library this thread is inside of, and whether any userdata waits.
    static CALLS: Cell<(usize, bool)> = const { Cell::new((0, false)) };
    static WAITING: RefCell<Vec<Freeing>> = const { RefCell::new(Vec::new()) };
}

/// A call of the library. Userdata that its last owner drops meanwhile, under whatever locks, is freed when the call is
/// over and holds none. The one exception is a call that a callback makes: its connection is held around it.
pub struct Inside(());

impl Inside {
    pub fn enter() -> Inside {
        let (calls, waiting) = CALLS.get();
        CALLS.set((calls + 1, waiting));
        Inside(())
    }

    /// Gives it back where there is no call to wait for, at the end of a thread, and where memory is short.
    fn put_off(freeing: Freeing) -> Result<(), Freeing> {
        let (calls, _) = CALLS.get();
        if calls == 0
            || !WAITING.try_with(|waiting| waiting.borrow_mut().try_reserve(1).is_ok()).unwrap_or(false)
        {
            return Err(freeing);
        }
        WAITING.with(|waiting| waiting.borrow_mut().push(freeing));
        CALLS.set((calls, true));
        Ok(())
    }

    fn free_waiting() {
        while let (calls, true) = CALLS.get() {
            CALLS.set((calls, false));
            let waiting = WAITING.try_with(|waiting| std::mem::take(&mut *waiting.borrow_mut()));
            waiting.unwrap_or_default().into_iter().for_each(Freeing::run);
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let (calls, waiting) = CALLS.get();
        CALLS.set((calls - 1, waiting));
        if waiting {
            Inside::free_waiting();
        }
    }
}
