//! Sessions that can be resumed.

use super::error::Entry;
use super::{Result, asn1, cvt_p, error, sys};
use std::os::raw::c_uint;
use std::ptr::{NonNull, null_mut};

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

    /// Reads a session from DER, which must hold nothing else.
    pub fn from_der(der: &[u8]) -> Result<SslSession> {
        asn1::from_der(der, |data, len| {
            // SAFETY: data and len are those of one slice.
            let session = cvt_p(unsafe { sys::d2i_SSL_SESSION(null_mut(), data, len) })?;
            // SAFETY: d2i gave us the only reference.
            unsafe { SslSession::from_raw(session) }.ok_or(None)
        })
    }

    /// Appends the DER bytes, secrets included, to a buffer whose room is made exactly once: `more` bytes are
    /// left for what follows.
    pub fn append_der(&self, buffer: &mut Vec<u8>, more: usize) -> Result<()> {
        // SAFETY: the session is alive; NULL only asks for the length.
        let len = unsafe { sys::i2d_SSL_SESSION(self.as_ptr(), null_mut()) };
        let len = usize::try_from(len).ok().filter(|len| *len > 0).ok_or_else(error::take)?;
        let start = buffer.len();
        buffer.try_reserve_exact(len + more).map_err(|_| Entry::memory())?;
        buffer.resize(start + len, 0);
        let mut end = buffer[start..].as_mut_ptr();
        // SAFETY: the buffer has room for the length that OpenSSL told.
        let written = unsafe { sys::i2d_SSL_SESSION(self.as_ptr(), &mut end) };
        if usize::try_from(written) == Ok(len) { Ok(()) } else { Err(error::take()) }
    }

    /// Another session with the same content.
    pub(super) fn duplicate(&self) -> Result<SslSession> {
        // SAFETY: the session is alive and only read.
        let copy = cvt_p(unsafe { sys::SSL_SESSION_dup(self.as_ptr()) })?;
        // SAFETY: dup gave us the only reference.
        unsafe { SslSession::from_raw(copy) }.ok_or(None)
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
