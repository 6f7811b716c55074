//! The userdata that a program passes with a callback.

use crate::lock::user_code;
use crate::ssl::Error;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::sync::{Arc, OnceLock};

/// Frees the userdata of a callback: once, when the callback can no longer be called. See "Callbacks" above for where it
/// is called from and what it may do.
pub type FreeUserdata = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// The userdata of a callback, freed when its last owner is dropped and no lock is held.
pub struct Userdata {
    pointer: *mut c_void,
    /// Empty while the userdata still belongs to the caller.
    free: OnceLock<unsafe extern "C" fn(*mut c_void)>,
}

/// Sets a callback that comes with userdata, which becomes ours only if that succeeds. Userdata without a callback is
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

// SAFETY: the header requires that a callback and its userdata may be used from any thread.
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

    /// The pointer to pass to the callback.
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

/// Userdata that is no longer needed.
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
    /// How many calls of the library this thread is inside, and whether any userdata waits to be freed.
    static CALLS: Cell<(usize, bool)> = const { Cell::new((0, false)) };
    static WAITING: RefCell<Vec<Freeing>> = const { RefCell::new(Vec::new()) };
}

/// A call of the library. Userdata whose last owner is dropped during it, perhaps under a lock, is freed when the call ends
/// and holds no lock. There is one exception: a call that a callback makes, around which its connection stays locked.
pub struct Inside(());

impl Inside {
    pub fn enter() -> Inside {
        let (calls, waiting) = CALLS.get();
        CALLS.set((calls + 1, waiting));
        Inside(())
    }

    /// Defers freeing; returns it if there is no call to wait for, while a thread ends, and if there is no memory.
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
