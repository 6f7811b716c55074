//! Asks about the name of the server that a client has sent.

use super::{Events, gone};
use crate::lock::user_code;
use crate::openssl::ctx::Hooks;
use crate::openssl::handler::Alert;
use crate::ssl::context::{Callbacks, Context, Refusal, SniCallback};
use crate::ssl::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};

/// Marks that a callback is running that may choose the context, until it is dropped, which happens even if the callback
/// panics.
pub(super) struct Choosing<'a>(&'a AtomicBool);

impl Choosing<'_> {
    pub fn begin(mark: &AtomicBool) -> Choosing<'_> {
        mark.store(true, Ordering::Relaxed);
        Choosing(mark)
    }
}

impl Drop for Choosing<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Events {
    /// Records that the connection now uses an `SSL_CTX` with these hooks. libssl also calls those of the first one.
    pub fn uses(&self, hooks: Hooks) {
        self.asked.store(self.always_asked || hooks.server_names, Ordering::Relaxed);
    }

    /// The callback of the context that the connection has by now, otherwise that of the first one, as in libssl.
    pub(super) fn of_contexts<C>(&self, pick: impl Fn(&Callbacks) -> Option<C>) -> Option<(Context, C)> {
        let now = self.context.get();
        [now, self.first.clone()].into_iter().find_map(|context| {
            let callback = pick(&context.callbacks());
            callback.map(|callback| (context, callback))
        })
    }

    /// Calls the SNI callback.
    pub(super) fn choose(&self, name: Option<&[u8]>) -> Result<bool, Alert> {
        let Some((context, callback)) = self.of_contexts(|callbacks| callbacks.sni.clone()) else {
            return Ok(false);
        };
        let Err(refusal) = self.answer_name(name, &callback, &context) else { return Ok(true) };
        if let Some(cause) = refusal.cause {
            self.fail(cause);
        }
        Err(Alert(refusal.alert))
    }

    fn answer_name(
        &self,
        name: Option<&[u8]>,
        callback: &SniCallback,
        context: &Context,
    ) -> Result<(), Refusal> {
        let failed = |cause| Refusal { alert: Refusal::INTERNAL_ERROR, cause: Some(cause) };
        let not_ascii = || failed(Error::value("the server name is not ASCII"));
        let name = name.map(|name| ascii(name).ok_or_else(not_ascii)).transpose()?;
        let _choosing = Choosing::begin(&self.choosing);
        let answer = self.lend(|connection| user_code(|| callback(connection, name, context)));
        answer.unwrap_or_else(|| Err(failed(gone())))
    }
}

fn ascii(name: &[u8]) -> Option<&str> {
    std::str::from_utf8(name).ok().filter(|name| name.is_ascii())
}
