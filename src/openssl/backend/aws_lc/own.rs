//! What a connection's own side proves who it is with, as far as AWS-LC does not keep it.

use crate::openssl::cert_and_key::CertAndKey;
use crate::openssl::signing::Scheme;
use crate::openssl::sys;
use crate::openssl::x509::X509;
use crate::os::Process;
use std::cell::{Cell, RefCell};
use std::ptr::null;
use std::sync::Arc;

/// The identities of one connection, and what is to come of them.
pub(super) struct Own {
    /// Those of its context, each of another kind of key.
    identities: RefCell<Arc<[Arc<CertAndKey>]>>,
    /// The one that was given to this connection alone.
    given: RefCell<Option<Arc<CertAndKey>>>,
    awaited: Cell<Option<Box<Awaited>>>,
    /// By which algorithm this side has signed, or 0.
    signed_by: Cell<u16>,
    /// By which algorithms this side signs, if it has to choose an identity by them.
    algorithms: RefCell<Vec<u16>>,
    /// A client asks for certificate timestamps.
    asks_for_scts: Cell<bool>,
    /// They were sent or received.
    scts_have_gone: Cell<bool>,
    /// The session that a client offers, only to be compared.
    offered: Cell<*const sys::SSL_SESSION>,
}

/// A signature that was asked for and has not come.
pub(super) struct Awaited {
    pub algorithm: u16,
    pub scheme: Scheme,
    pub message: Vec<u8>,
    pub identity: Arc<CertAndKey>,
    /// That asked.
    pub process: Process,
}

impl Default for Own {
    fn default() -> Own {
        Own {
            identities: RefCell::default(),
            given: RefCell::default(),
            awaited: Cell::default(),
            signed_by: Cell::default(),
            algorithms: RefCell::default(),
            asks_for_scts: Cell::default(),
            scts_have_gone: Cell::default(),
            offered: Cell::new(null()),
        }
    }
}

impl Own {
    /// The connection has got a context with these.
    pub(super) fn know(&self, identities: &Arc<[Arc<CertAndKey>]>) {
        let old = (self.identities.replace(Arc::clone(identities)), self.given.take());
        self.scts_have_gone.set(false);
        // They may be the last that use a signer, which is the program's.
        drop(old);
    }

    /// The connection was given this one, or none.
    pub(super) fn choose(&self, identity: Option<&Arc<CertAndKey>>) {
        drop(self.given.replace(identity.map(Arc::clone)));
    }

    /// Those of its context.
    pub(super) fn identities(&self) -> Arc<[Arc<CertAndKey>]> {
        Arc::clone(&self.identities.borrow())
    }

    /// Tells whether it was given one of its own.
    pub(super) fn is_given(&self) -> bool {
        self.given.borrow().is_some()
    }

    /// This side signs by these algorithms.
    pub(super) fn sign_by(&self, algorithms: impl FnOnce() -> Vec<u16>) {
        if !self.identities.borrow().is_empty() {
            self.algorithms.replace(algorithms());
        }
    }

    /// Tells whether there is no certificate at all.
    pub(super) fn lacks_certificate(&self) -> bool {
        self.identities.borrow().is_empty() && !self.is_given()
    }

    /// This side has signed.
    pub(super) fn has_signed_by(&self, algorithm: u16) {
        self.signed_by.set(algorithm);
    }

    /// By which algorithm it has, or 0.
    pub(super) fn signed_by(&self) -> u16 {
        self.signed_by.get()
    }

    /// By which algorithms this side signs, in its order.
    pub(super) fn algorithms(&self) -> Vec<u16> {
        self.algorithms.borrow().clone()
    }

    /// The identity whose certificate the connection shows.
    pub(super) unsafe fn shown(&self, ssl: *mut sys::SSL) -> Option<Arc<CertAndKey>> {
        // SAFETY: the caller's connection is alive.
        let leaf = unsafe { sys::SSL_get_certificate(ssl) };
        // SAFETY: NULL or the connection's own certificate.
        let leaf = unsafe { X509::from_shared(leaf) }?;
        let given = self.given.borrow().clone().filter(|given| given.leaf == leaf);
        given.or_else(|| self.identities.borrow().iter().find(|known| known.leaf == leaf).cloned())
    }

    /// The signature has not come.
    pub(super) fn wait_for(&self, awaited: Awaited) {
        self.awaited.set(Some(Box::new(awaited)));
    }

    /// Tells whether another process waits.
    pub(super) fn is_awaited_elsewhere(&self) -> bool {
        let awaited = self.awaited.take();
        let elsewhere = awaited.as_ref().is_some_and(|awaited| !awaited.process.is_here());
        self.awaited.set(awaited);
        elsewhere
    }

    /// What was waited for.
    pub(super) fn take_awaited(&self) -> Option<Box<Awaited>> {
        self.awaited.take()
    }

    /// A client asks for certificate timestamps.
    pub(super) fn ask_for_scts(&self) {
        self.asks_for_scts.set(true);
    }

    /// Tells whether there may be timestamps that were neither sent nor received.
    pub(super) fn scts_are_due(&self) -> bool {
        let has_some = |identity: &Arc<CertAndKey>| identity.scts.is_some();
        let may_come = || {
            self.asks_for_scts.get()
                || self.given.borrow().as_ref().is_some_and(has_some)
                || self.identities.borrow().iter().any(has_some)
        };
        !self.scts_have_gone.get() && may_come()
    }

    /// A client begins with this session, or NULL.
    pub(super) fn offers(&self, session: *const sys::SSL_SESSION) {
        self.offered.set(session);
    }

    /// Tells whether this is the session that a client began with.
    pub(super) fn has_offered(&self, session: *const sys::SSL_SESSION) -> bool {
        self.offered.get() == session
    }

    /// They were sent or received.
    pub(super) fn scts_have_gone(&self) {
        self.scts_have_gone.set(true);
    }
}
