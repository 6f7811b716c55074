//! Sessions that can be resumed.

use super::sys;
use std::os::raw::c_uint;
use std::ptr::NonNull;

/// A session, shared by reference count.
pub struct SslSession(NonNull<sys::SSL_SESSION>);

// SAFETY: the reference count is atomic, and a session is not changed once it can be resumed.
unsafe impl Send for SslSession {}
// SAFETY: the same.
unsafe impl Sync for SslSession {}

impl SslSession {
    /// Takes over one reference; None for NULL.
    pub(super) unsafe fn from_raw(session: *mut sys::SSL_SESSION) -> Option<SslSession> {
        NonNull::new(session).map(SslSession)
    }

    pub(super) fn as_ptr(&self) -> *mut sys::SSL_SESSION {
        self.0.as_ptr()
    }

    /// The id, up to 32 bytes.
    pub fn id(&self) -> &[u8] {
        let mut len: c_uint = 0;
        // SAFETY: the session is alive, len is ours.
        let id = unsafe { sys::SSL_SESSION_get_id(self.as_ptr(), &mut len) };
        if id.is_null() || len == 0 {
            return &[];
        }
        // SAFETY: the id is inside the session and len long.
        unsafe { std::slice::from_raw_parts(id, len as usize) }
    }

    /// When it was made, in seconds since 1970.
    pub fn time(&self) -> i64 {
        // SAFETY: the session is alive.
        unsafe { sys::SSL_SESSION_get_time(self.as_ptr()) as i64 }
    }

    /// For how many seconds it may be resumed.
    pub fn timeout(&self) -> i64 {
        // SAFETY: the session is alive.
        unsafe { sys::SSL_SESSION_get_timeout(self.as_ptr()) as i64 }
    }

    /// The lifetime the server gave its ticket; 0 without one.
    pub fn ticket_lifetime_hint(&self) -> u64 {
        // SAFETY: the session is alive.
        unsafe { sys::SSL_SESSION_get_ticket_lifetime_hint(self.as_ptr()) as u64 }
    }

    /// Tells whether there is a ticket.
    pub fn has_ticket(&self) -> bool {
        // SAFETY: the session is alive.
        unsafe { sys::SSL_SESSION_has_ticket(self.as_ptr()) != 0 }
    }
}

impl Drop for SslSession {
    fn drop(&mut self) {
        // SAFETY: the one reference we own.
        unsafe { sys::SSL_SESSION_free(self.as_ptr()) }
    }
}
