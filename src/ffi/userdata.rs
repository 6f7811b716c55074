//! What a caller hands over with a callback.

use std::ffi::c_void;

/// Frees the userdata of a callback.
pub type FreeUserdata = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// The userdata of a callback, freed when its last owner is dropped.
pub struct Userdata {
    pointer: *mut c_void,
    free: FreeUserdata,
}

// SAFETY: by the header's contract a callback and its userdata may be used from any thread.
unsafe impl Send for Userdata {}
// SAFETY: the same.
unsafe impl Sync for Userdata {}

impl Userdata {
    /// Takes ownership.
    pub fn new(pointer: *mut c_void, free: FreeUserdata) -> Userdata {
        Userdata { pointer, free }
    }

    /// The pointer to call back with.
    pub fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for Userdata {
    fn drop(&mut self) {
        if let Some(free) = self.free {
            unsafe { free(self.pointer) }
        }
    }
}
