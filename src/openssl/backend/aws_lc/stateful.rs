//! Sessions of TLS 1.3 that a server keeps itself (`OP_NO_TICKET`). AWS-LC resumes TLS 1.3 by tickets alone. So, as OpenSSL does
//! it, there is a ticket that is no more than the id of a session, which is kept where AWS-LC would keep one of TLS 1.2: in the
//! context or by its callbacks.

use super::settings;
use crate::lock::Mutex;
use crate::openssl::session::SslSession;
use crate::openssl::{Result, bytes_at, cvt, rand, sys};
use std::collections::{HashMap, VecDeque};
use std::os::raw::c_int;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicI64, Ordering};

const ID: usize = 32;
type Id = [u8; ID];
/// As many as AWS-LC keeps of TLS 1.2.
const MOST: usize = 20_480;
/// A message has no room for the ticket of a larger session.
const LARGEST: usize = 65_000;

const DONE: c_int = 1;
const FAILED: c_int = 0;

static METHOD: sys::SSL_TICKET_AEAD_METHOD =
    sys::SSL_TICKET_AEAD_METHOD { max_overhead: Some(max_overhead), seal: Some(seal), open: Some(open) };

/// The sessions that a context keeps, until they are over or there are too many.
#[derive(Default)]
pub(super) struct Sessions {
    kept: Mutex<Kept>,
    /// Is read under other locks.
    count: AtomicI64,
}

#[derive(Default)]
struct Kept {
    by_id: HashMap<Id, SslSession>,
    /// The oldest first.
    ids: VecDeque<Id>,
}

impl Sessions {
    /// Keeps a session that was just made. Without memory for it, it is one that cannot be resumed.
    fn keep(&self, id: Id, session: SslSession) {
        let mut kept = self.kept.lock();
        kept.drop_old(session.time());
        if kept.by_id.try_reserve(1).is_ok() && kept.ids.try_reserve(1).is_ok() {
            kept.by_id.insert(id, session);
            kept.ids.push_back(id);
        }
        self.count.store(i64::try_from(kept.ids.len()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// How many it keeps.
    pub(super) fn count(&self) -> i64 {
        self.count.load(Ordering::Relaxed)
    }

    fn find(&self, id: &Id) -> Option<SslSession> {
        self.kept.lock().by_id.get(id)?.duplicate().ok()
    }
}

impl Kept {
    /// Makes room for one more.
    fn drop_old(&mut self, now: i64) {
        while let Some(oldest) = self.ids.front() {
            let is_over = self.by_id.get(oldest).is_none_or(|session| session.end() <= now);
            if !is_over && self.ids.len() < MOST {
                return;
            }
            self.by_id.remove(oldest);
            self.ids.pop_front();
        }
    }
}

/// Has a context's servers keep their sessions of TLS 1.3 themselves, or make tickets of them.
pub(super) unsafe fn install(ctx: *mut sys::SSL_CTX, on: bool) {
    let method = if on { &raw const METHOD } else { null() };
    // SAFETY: the caller's context is alive, and the method is static.
    unsafe { sys::SSL_CTX_set_ticket_aead_method(ctx, method) }
}

/// Is told that a server is about to look for a session of TLS 1.3. With its option for no tickets AWS-LC would look for none.
pub(super) unsafe fn begin(ssl: *mut sys::SSL) {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return };
    // At a high level a connection makes no tickets though its context would.
    // SAFETY: a connection holds the context that it was made of.
    if unsafe { settings::context_options(settings.made_of()) } & sys::SSL_OP_NO_TICKET != 0 {
        // SAFETY: as above.
        unsafe { sys::SSL_clear_options(ssl, sys::SSL_OP_NO_TICKET as u32) };
    }
}

unsafe extern "C" fn max_overhead(_: *mut sys::SSL) -> usize {
    ID
}

/// Makes a ticket: an id, then as many zeros that it is no shorter than the session, since AWS-LC has no more room for what comes of
/// it than the ticket is long.
unsafe extern "C" fn seal(
    ssl: *mut sys::SSL,
    out: *mut u8,
    out_len: *mut usize,
    _: usize,
    session: *const u8,
    len: usize,
) -> c_int {
    // SAFETY: libssl gives the bytes of a session.
    let bytes = unsafe { bytes_at(session, len) };
    let mut id = [0; ID];
    if rand::bytes(&mut id).is_err() {
        return FAILED;
    }
    let size = if bytes.len() > LARGEST { ID } else { bytes.len().max(ID) };
    // SAFETY: libssl calls with a live SSL.
    if size >= bytes.len() && unsafe { keep(ssl, bytes, id) }.is_err() {
        return FAILED;
    }
    // SAFETY: libssl gives room for the session and `max_overhead`, which the bytes of the session may be in; so below.
    unsafe { out.write_bytes(0, size) };
    // SAFETY: as above.
    unsafe { out.copy_from_nonoverlapping(id.as_ptr(), ID) };
    // SAFETY: libssl gives a place for the length.
    unsafe { out_len.write(size) };
    DONE
}

/// Keeps a session as AWS-LC would one of TLS 1.2.
unsafe fn keep(ssl: *mut sys::SSL, bytes: &[u8], id: Id) -> Result<()> {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return Ok(()) };
    let ctx = settings.made_of();
    let session = SslSession::from_der(bytes)?;
    // SAFETY: the session is ours alone; pointer and length are those of one array.
    cvt(|| unsafe { sys::SSL_SESSION_set1_id(session.as_ptr(), id.as_ptr(), ID) })?;
    // SAFETY: a connection holds the context that it was made of; so below.
    let mode = unsafe { sys::SSL_CTX_get_session_cache_mode(ctx) };
    if mode & sys::SSL_SESS_CACHE_NO_INTERNAL_STORE == 0 && !session.is_spoiled() {
        // SAFETY: as above.
        if let Some(sessions) = unsafe { settings::sessions_of(ctx) } {
            sessions.keep(id, session.duplicate()?);
        }
    }
    // SAFETY: as above.
    if let Some(new_session) = unsafe { sys::SSL_CTX_sess_get_new_cb(ctx) } {
        let session = session.into_raw();
        // SAFETY: as libssl would call it: with a reference, which is the callback's if it says so.
        if unsafe { new_session(ssl, session) } == 0 {
            // SAFETY: the callback has not taken it.
            unsafe { sys::SSL_SESSION_free(session) };
        }
    }
    Ok(())
}

unsafe extern "C" fn open(
    ssl: *mut sys::SSL,
    out: *mut u8,
    out_len: *mut usize,
    room: usize,
    ticket: *const u8,
    len: usize,
) -> sys::ssl_ticket_aead_result_t {
    const FOUND: sys::ssl_ticket_aead_result_t = sys::ssl_ticket_aead_result_t_ssl_ticket_aead_success;
    const UNKNOWN: sys::ssl_ticket_aead_result_t =
        sys::ssl_ticket_aead_result_t_ssl_ticket_aead_ignore_ticket;
    // SAFETY: libssl gives the bytes of a ticket.
    let Some(id) = unsafe { bytes_at(ticket, len) }.first_chunk::<ID>() else { return UNKNOWN };
    // SAFETY: libssl calls with a live SSL.
    let Some(session) = (unsafe { find(ssl, id) }) else { return UNKNOWN };
    let (mut bytes, mut len) = (null_mut(), 0);
    // SAFETY: the session is alive; both are places of ours.
    if unsafe { sys::SSL_SESSION_to_bytes_for_ticket(session.as_ptr(), &mut bytes, &mut len) } != 1 {
        return UNKNOWN;
    }
    let fits = len <= room;
    if fits {
        // SAFETY: there is room, and the bytes have that length; they are in a place of their own.
        unsafe { out.copy_from_nonoverlapping(bytes, len) };
        // SAFETY: libssl gives a place for the length.
        unsafe { out_len.write(len) };
    }
    // SAFETY: the bytes are ours; AWS-LC wipes what it frees.
    unsafe { sys::OPENSSL_free(bytes.cast()) };
    if fits { FOUND } else { UNKNOWN }
}

/// Finds a session as AWS-LC would one of TLS 1.2.
unsafe fn find(ssl: *mut sys::SSL, id: &Id) -> Option<SslSession> {
    // SAFETY: the caller's connection is alive; so below.
    let ctx = unsafe { settings::of(ssl) }?.made_of();
    // SAFETY: a connection holds the context that it was made of; so below.
    let mode = unsafe { sys::SSL_CTX_get_session_cache_mode(ctx) };
    if mode & sys::SSL_SESS_CACHE_NO_INTERNAL_LOOKUP == 0 {
        // SAFETY: as above.
        if let Some(found) = unsafe { settings::sessions_of(ctx) }.and_then(|sessions| sessions.find(id)) {
            return Some(found);
        }
    }
    // SAFETY: as above.
    let stored_session = unsafe { sys::SSL_CTX_sess_get_get_cb(ctx) }?;
    let mut shared: c_int = 1;
    // SAFETY: as libssl would call it: with the id and its length, and a place for the answer.
    let found = unsafe { stored_session(ssl, id.as_ptr(), ID as c_int, &mut shared) };
    if shared != 0 && !found.is_null() {
        // SAFETY: the session is alive; the reference is ours.
        unsafe { sys::SSL_SESSION_up_ref(found) };
    }
    // SAFETY: NULL or a reference of ours.
    unsafe { SslSession::from_raw(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session of this moment, which lasts this long.
    fn session(made: u64, seconds: u32) -> SslSession {
        // SAFETY: no preconditions; methods are static.
        let ctx = unsafe { sys::SSL_CTX_new(sys::TLS_method()) };
        // SAFETY: the context is alive.
        let session = unsafe { sys::SSL_SESSION_new(ctx) };
        // SAFETY: nobody uses it any more.
        unsafe { sys::SSL_CTX_free(ctx) };
        // SAFETY: the session is ours; so below.
        unsafe { sys::SSL_SESSION_set_time(session, made) };
        // SAFETY: as above.
        unsafe { sys::SSL_SESSION_set_timeout(session, seconds.into()) };
        // SAFETY: as above.
        unsafe { SslSession::from_raw(session) }.expect("a session")
    }

    fn id(number: usize) -> Id {
        let mut id = [0; ID];
        id[..8].copy_from_slice(&number.to_be_bytes());
        id
    }

    #[test]
    fn a_session_is_kept_until_it_is_over() {
        let sessions = Sessions::default();
        (0..3).for_each(|number| sessions.keep(id(number), session(1000, 10)));
        sessions.keep(id(3), session(1009, 10));
        assert_eq!((sessions.count(), sessions.find(&id(0)).is_some()), (4, true));
        sessions.keep(id(4), session(1010, 10));
        assert_eq!(sessions.count(), 2);
        assert!((0..5).all(|number| sessions.find(&id(number)).is_some() == (number > 2)));
    }

    #[test]
    fn the_oldest_goes_where_there_are_too_many() {
        let sessions = Sessions::default();
        let one = session(1000, 10);
        let add = |number| sessions.keep(id(number), one.duplicate().expect("a reference"));
        (0..MOST + 2).for_each(add);
        assert_eq!(sessions.count(), 20_480);
        let found = |number| sessions.find(&id(number)).is_some();
        assert!(!found(0) && !found(1) && found(2) && found(MOST + 1));
    }
}
