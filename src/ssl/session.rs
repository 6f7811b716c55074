//! A session that can be resumed. Python: `SSLSession`

mod data;
mod heading;
mod stored;
mod trust;
mod witness;

pub(crate) use stored::Stored;
pub(crate) use trust::{Allowed, Asked, Beyond, LastId, Maker, NameCheck, Trust};
pub(crate) use witness::{Record, Witness};

use super::context::Context;
use crate::openssl::session::SslSession;
use std::sync::Arc;

/// A handle on a session. Immutable.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    session: SslSession,
    /// What it proves. There is no handle on the context here: a session callback that keeps sessions would then keep its
    /// own context alive for ever.
    record: Record,
}

impl Session {
    pub(crate) fn new(session: SslSession, record: Record) -> Session {
        Session(Arc::new(Inner { session, record }))
    }

    pub(crate) fn raw(&self) -> &SslSession {
        &self.0.session
    }

    pub(crate) fn is_of(&self, context: &Context) -> bool {
        self.0.record.context.is(context)
    }

    /// What it proves.
    pub(crate) fn trust(&self) -> &Arc<Trust> {
        &self.0.record.trust
    }

    /// Python: `SSLSession.id`
    pub fn id(&self) -> &[u8] {
        self.0.session.id()
    }

    /// Python: `SSLSession.time`
    pub fn time(&self) -> i64 {
        self.0.session.time()
    }

    /// Python: `SSLSession.timeout`
    pub fn timeout(&self) -> i64 {
        self.0.session.timeout()
    }

    /// The end of the time in which it may be resumed, in seconds since 1970.
    pub(crate) fn end(&self) -> i64 {
        self.0.session.end()
    }

    /// Python: `SSLSession.ticket_lifetime_hint`
    pub fn ticket_lifetime_hint(&self) -> u64 {
        self.0.session.ticket_lifetime_hint()
    }

    /// Python: `SSLSession.has_ticket`
    pub fn has_ticket(&self) -> bool {
        self.0.session.has_ticket()
    }

    /// Python: `a == b`
    pub fn equal(&self, other: &Session) -> bool {
        self.id() == other.id()
    }
}
