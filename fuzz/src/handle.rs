//! Handles that free themselves.

use crate::c::*;

/// What the library gave to us to free.
pub struct Handle<T: Freed>(*mut T);

// SAFETY: by the header every handle may be used, and freed, in any thread.
unsafe impl<T: Freed> Send for Handle<T> {}
// SAFETY: the same.
unsafe impl<T: Freed> Sync for Handle<T> {}

/// What can be freed.
pub trait Freed {
    /// Frees it.
    ///
    /// # Safety
    /// The handle is ours and was not freed before.
    unsafe fn free(handle: *mut Self);
}

impl<T: Freed> Handle<T> {
    /// Takes a handle over, if there is one.
    ///
    /// # Safety
    /// The pointer is NULL or a handle that is ours to free.
    pub unsafe fn new(handle: *mut T) -> Option<Handle<T>> {
        (!handle.is_null()).then_some(Handle(handle))
    }

    /// The handle, for a call.
    pub fn raw(&self) -> *mut T {
        self.0
    }
}

impl<T: Freed> Drop for Handle<T> {
    fn drop(&mut self) {
        // SAFETY: ours, and freed only here.
        unsafe { T::free(self.0) }
    }
}

/// The handle's pointer, or NULL.
pub fn raw<T: Freed>(handle: Option<&Handle<T>>) -> *mut T {
    handle.map_or(std::ptr::null_mut(), Handle::raw)
}

macro_rules! freed {
    ($($handle:ident by $free:ident,)*) => {$(
        impl Freed for $handle {
            unsafe fn free(handle: *mut Self) {
                // SAFETY: the caller's word.
                unsafe { $free(handle) }
            }
        }
    )*};
}

freed! {
    tlsock_context by tlsock_context_free,
    tlsock_bio by tlsock_bio_free,
    tlsock_object by tlsock_object_free,
    tlsock_identity by tlsock_identity_free,
    tlsock_socket by tlsock_socket_free,
    tlsock_session by tlsock_session_free,
    tlsock_certificate by tlsock_certificate_free,
    tlsock_certificate_list by tlsock_certificate_list_free,
    tlsock_cipher_list by tlsock_cipher_list_free,
}
