//! The answer to the name by which a client asks for a server.

use super::Events;
use crate::lock::user_code;
use crate::openssl::handler::Alert;
use crate::ssl::context::{Context, Refusal, SniCallback};
use crate::ssl::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};

/// Marks that an SNI callback is running until it is dropped, which happens even if the callback panics.
struct Choosing<'a>(&'a AtomicBool);

impl Choosing<'_> {
    fn begin(mark: &AtomicBool) -> Choosing<'_> {
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
    /// Calls the SNI callback.
    pub(super) fn choose(&self, name: Option<&[u8]>) -> Result<bool, Alert> {
        let Some((context, callback)) = self.sni_callback() else { return Ok(false) };
        let Err(refusal) = self.answer_name(name, &callback, &context) else { return Ok(true) };
        if let Some(cause) = refusal.cause {
            self.fail(cause);
        }
        Err(Alert(refusal.alert))
    }

    fn sni_callback(&self) -> Option<(Context, SniCallback)> {
        let now = self.context.get();
        [now, self.first.clone()].into_iter().find_map(|context| {
            let callback = context.callbacks().sni.clone();
            callback.map(|callback| (context, callback))
        })
    }

    fn answer_name(
        &self,
        name: Option<&[u8]>,
        callback: &SniCallback,
        context: &Context,
    ) -> Result<(), Refusal> {
        let failed = |words| Refusal { alert: Refusal::INTERNAL_ERROR, cause: Some(Error::value(words)) };
        let name =
            name.map(|name| ascii(name).ok_or_else(|| failed("the server name is not ASCII"))).transpose()?;
        let _choosing = Choosing::begin(&self.choosing);
        let answer = self.lend(|connection| user_code(|| callback(connection, name, context)));
        answer.unwrap_or_else(|| Err(failed("the connection is gone")))
    }
}

fn ascii(name: &[u8]) -> Option<&str> {
    std::str::from_utf8(name).ok().filter(|name| name.is_ascii())
}
