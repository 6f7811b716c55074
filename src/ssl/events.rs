//! What libssl tells a connection while it works, kept until the call under way is done.

use super::context::Context;
use super::error::Error;
use crate::openssl::handler::Handler;
use crate::openssl::x509::X509;
use parking_lot::{Mutex, RwLock};
use std::any::Any;

/// A certificate that verification refused.
pub(crate) struct Refusal {
    pub code: i32,
    pub depth: u32,
    pub certificate: Option<X509>,
    /// The verify flag without which it would have passed; 0 if no single one decided.
    pub flag: u64,
}

/// What happened during one call.
#[derive(Default)]
pub(crate) struct Happened {
    pub alert_sent: Option<u8>,
    pub alert_received: Option<u8>,
    pub refusal: Option<Refusal>,
    /// The failure of a callback.
    pub failure: Option<Error>,
}

/// The connection's side of libssl's callbacks.
pub(crate) struct Events {
    /// The context in use: an SNI callback may change it.
    pub context: RwLock<Context>,
    happened: Mutex<Happened>,
}

impl Events {
    pub fn new(context: Context) -> Events {
        Events { context: RwLock::new(context), happened: Mutex::default() }
    }

    /// Takes what happened since the last time.
    pub fn take(&self) -> Happened {
        std::mem::take(&mut *self.happened.lock())
    }
}

impl Handler for Events {
    fn alert(&self, written: bool, description: u8) {
        let mut happened = self.happened.lock();
        match written {
            true => happened.alert_sent = Some(description),
            false => happened.alert_received = Some(description),
        }
    }

    fn verify_failed(&self, code: i32, depth: u32, certificate: Option<X509>, flag: u64) {
        let mut happened = self.happened.lock();
        // The first one is what verification stops at.
        if happened.refusal.is_none() {
            happened.refusal = Some(Refusal { code, depth, certificate, flag });
        }
    }

    fn select_alpn<'a>(&self, offered: &'a [u8]) -> Option<&'a [u8]> {
        crate::test_panic::point("callback");
        let own = self.context.read().server_alpn();
        super::context::select_alpn(&own, offered)
    }

    fn panicked(&self, panic: Box<dyn Any + Send>) {
        self.happened.lock().failure = Some(super::panicked(&*panic));
    }
}
