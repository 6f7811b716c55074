//! What a caller hands over with a callback.

use crate::lock::user_code;
use crate::ssl::Result;
use std::ffi::c_void;
use std::sync::{Arc, OnceLock};

/// Frees the userdata of a callback.
pub type FreeUserdata = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// The userdata of a callback, freed when its last owner is dropped.
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
    set: impl FnOnce(Option<F>) -> Result<()>,
) -> Result<()> {
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
        if let Some(free) = self.free.get() {
            user_code(|| unsafe { free(self.pointer) });
        }
    }
}
