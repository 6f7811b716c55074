//! Sessions that can be resumed.

use super::error::{Cause, Entry};
use super::{Result, asn1, backend, bytes_at, cvt, cvt_p, length, sys};
use std::marker::PhantomData;
use std::os::raw::{c_long, c_uint};
use std::ptr::{NonNull, null_mut};

/// The session ID context of a session that no connection takes: all others are longer.
const SPOILED: &[u8] = b"none";

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
            let session = cvt_p(|| unsafe { sys::d2i_SSL_SESSION(null_mut(), data, len) })?;
            // SAFETY: d2i gave us the only reference.
            unsafe { SslSession::from_raw(session) }.ok_or(Cause::Untold)
        })
    }

    /// Appends the DER bytes, which include secrets. The buffer grows exactly once, with room for `more` bytes after them.
    pub fn append_der(&self, buffer: &mut Vec<u8>, more: usize) -> Result<()> {
        // SAFETY: the session is alive; NULL only asks for the length.
        let len = length(|| unsafe { sys::i2d_SSL_SESSION(self.as_ptr(), null_mut()) })?;
        if len == 0 {
            return Err(Cause::Untold);
        }
        let start = buffer.len();
        buffer.try_reserve_exact(len + more).map_err(|_| Entry::memory())?;
        buffer.resize(start + len, 0);
        let mut end = buffer[start..].as_mut_ptr();
        // SAFETY: the buffer has room for the length that OpenSSL gave.
        let written = length(|| unsafe { sys::i2d_SSL_SESSION(self.as_ptr(), &mut end) })?;
        if written == len { Ok(()) } else { Err(Cause::Untold) }
    }

    /// Another session with the same content.
    pub(super) fn duplicate(&self) -> Result<SslSession> {
        // SAFETY: the session is alive.
        let copy = unsafe { backend::session::duplicate(self.as_ptr()) }?;
        // SAFETY: the reference is ours.
        unsafe { SslSession::from_raw(copy) }.ok_or(Cause::Untold)
    }

    pub(super) fn as_ptr(&self) -> *mut sys::SSL_SESSION {
        self.0.as_ptr()
    }

    /// Gives the reference away.
    pub(super) fn into_raw(self) -> *mut sys::SSL_SESSION {
        let session = self.as_ptr();
        std::mem::forget(self);
        session
    }

    /// The id, up to 32 bytes.
    pub fn id(&self) -> &[u8] {
        // SAFETY: the session is alive for as long as this is borrowed.
        unsafe { id_of(self.as_ptr()) }
    }

    /// Tells whether no connection takes it.
    pub fn is_spoiled(&self) -> bool {
        let mut len: c_uint = 0;
        // SAFETY: the session is alive, len is ours.
        let context = unsafe { sys::SSL_SESSION_get0_id_context(self.as_ptr(), &mut len) };
        // SAFETY: the context is inside the session and len long.
        unsafe { bytes_at(context, len as usize) == SPOILED }
    }

    /// Tells whether a server may know it again: it has an id or a ticket, and has not failed.
    pub fn is_resumable(&self) -> bool {
        // SAFETY: the session is alive.
        unsafe { sys::SSL_SESSION_is_resumable(self.as_ptr()) != 0 }
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

    /// The end of the time in which it may be resumed, in seconds since 1970.
    pub fn end(&self) -> i64 {
        self.time().saturating_add(self.timeout())
    }

    /// The lifetime that the server gave its ticket; 0 without a ticket.
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

/// The id of a session, which the caller says is alive for that long.
unsafe fn id_of<'a>(session: *const sys::SSL_SESSION) -> &'a [u8] {
    let mut len: c_uint = 0;
    // SAFETY: the session is alive, len is ours.
    let id = unsafe { sys::SSL_SESSION_get_id(session, &mut len) };
    // SAFETY: the id is inside the session and len long.
    unsafe { bytes_at(id, len as usize) }
}

/// The session of a connection, lent.
pub struct Current<'a> {
    session: NonNull<sys::SSL_SESSION>,
    lender: PhantomData<&'a ()>,
}

impl Current<'_> {
    /// Borrows a session; None for NULL. The caller promises that it stays alive that long.
    pub(super) unsafe fn new<'a>(session: *mut sys::SSL_SESSION) -> Option<Current<'a>> {
        NonNull::new(session).map(|session| Current { session, lender: PhantomData })
    }

    fn as_ptr(&self) -> *mut sys::SSL_SESSION {
        self.session.as_ptr()
    }

    /// The id, up to 32 bytes.
    pub fn id(&self) -> &[u8] {
        // SAFETY: the session is alive for as long as this is borrowed.
        unsafe { id_of(self.as_ptr()) }
    }

    /// For how many seconds it may be resumed.
    pub fn timeout(&self) -> i64 {
        // SAFETY: the session is alive; so below.
        unsafe { sys::SSL_SESSION_get_timeout(self.as_ptr()) as i64 }
    }

    /// Sets for how many seconds it may be resumed.
    pub fn set_timeout(&self, seconds: i64) {
        let seconds = c_long::try_from(seconds).unwrap_or(c_long::MAX);
        // SAFETY: as above; OpenSSL locks the cache that the session may be in.
        unsafe { sys::SSL_SESSION_set_timeout(self.as_ptr(), seconds) };
    }

    /// Makes the session unusable: it gets a session ID context that no connection has, as all others are longer.
    pub fn spoil(&self) -> Result<()> {
        let len = SPOILED.len() as c_uint;
        // SAFETY: the session is alive; pointer and length are those of one slice.
        cvt(|| unsafe { sys::SSL_SESSION_set1_id_context(self.as_ptr(), SPOILED.as_ptr(), len) })
    }

    /// Stores with the session until when what it proves is valid, in seconds since 1970; its tickets tell that too. Only for a
    /// session that is in no cache yet.
    pub fn end_proof(&self, until: i64) -> Result<()> {
        // SAFETY: the session is alive.
        unsafe { backend::session::end_proof(self.as_ptr(), until) }
    }
}
