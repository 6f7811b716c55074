//! The sessions of TLS 1.3 that a context's servers keep.

use crate::lock::Mutex;
use crate::openssl::session::SslSession;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};

/// How long an id is.
pub(super) const ID: usize = 32;
pub(super) type Id = [u8; ID];
/// As many as AWS-LC keeps of TLS 1.2.
const MOST: usize = 20_480;

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
    pub(super) fn keep(&self, id: Id, session: SslSession) {
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

    /// Finds the session of an id.
    pub(super) fn find(&self, id: &Id) -> Option<SslSession> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openssl::sys;

    /// A session of this moment, which lasts this long.
    fn session(made: u64, seconds: u32) -> SslSession {
        // SAFETY: no preconditions.
        let method = unsafe { sys::TLS_method() };
        // SAFETY: methods are static.
        let ctx = unsafe { sys::SSL_CTX_new(method) };
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
