//! A session that can be resumed. Python: `SSLSession`

mod data;

use super::context::{Beliefs, Context, Identity};
use super::error::{Error, Result};
use crate::openssl::session::SslSession;
use std::ffi::CString;
use std::sync::Arc;

/// What the connection that made a session had asked of its peer. Resuming asks nothing again, so a session is
/// refused where more is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trust {
    /// The peer's certificate was verified.
    pub verified: bool,
    /// The name it was checked for.
    pub hostname: Option<CString>,
}

/// A handle on a session. Immutable.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    session: SslSession,
    /// Not a handle: a context whose session callback keeps sessions would never end.
    context: Identity,
    beliefs: Beliefs,
    trust: Trust,
}

impl Session {
    pub(crate) fn new(session: SslSession, context: &Context, trust: Trust) -> Result<Session> {
        let (identity, beliefs) = (context.identity(), context.beliefs()?);
        Ok(Session(Arc::new(Inner { session, context: identity, beliefs, trust })))
    }

    pub(crate) fn raw(&self) -> &SslSession {
        &self.0.session
    }

    pub(crate) fn is_of(&self, context: &Context) -> bool {
        self.0.context.is(context)
    }

    /// Checks that resuming skips no check that a full handshake would make.
    pub(crate) fn vouches_for(&self, asked: &Trust) -> Result<()> {
        let own = &self.0.trust;
        if asked.verified && !own.verified {
            return Err(Error::value(
                "session was made without verifying the peer: this connection asks for verification",
            ));
        }
        if asked.hostname.is_some() && asked.hostname != own.hostname {
            return Err(Error::value("session was made for another server_hostname"));
        }
        Ok(())
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
