//! Another context for a connection.

use super::{Core, Engine, ech, settings};
use crate::ssl::context::Context;
use crate::ssl::error::{Error, Result};
use std::sync::Arc;

impl Engine {
    /// Python: `context = context`. Options, versions, ciphers and verification stay. Ours: a server demands of its client
    /// at least what the context demands that is set when the ClientHello is handled.
    pub fn set_context(&self, context: &Context) -> Result<()> {
        let old = self.replace_context(context)?;
        // This may be the last handle on it, and freeing it runs code of the program: not under our lock.
        drop(old);
        Ok(())
    }

    fn replace_context(&self, context: &Context) -> Result<Context> {
        let core = self.core()?;
        // This frees certificates; once libssl has chosen one, it points into them.
        if core.busy.get() && !self.events.is_choosing() {
            return Err(Error::value(
                "this connection is inside one of its own callbacks: of those only an SNI callback can set its context",
            ));
        }
        if core.ssl.is_left() {
            return Err(Error::value(
                "this connection waits for a signature by the identity that it has: its context cannot be set before",
            ));
        }
        let snapshot = context.snapshot()?;
        ech::check_goes_on(&core.ssl, &snapshot.ech, &self.events.ech)?;
        let ctx = match core.ssl.is_server() {
            // What it was asked of was decrypted.
            true if self.events.is_choosing() => snapshot.ctx,
            _ => core.as_it_was_made(context, snapshot.ctx)?,
        };
        // First: a session that proves nothing does no harm where the rest is refused.
        if core.is_under_way() && !self.events.is_choosing() {
            self.mix(&core)?;
        }
        core.ssl.set_ctx(&ctx, &snapshot.store)?;
        self.events.uses(ctx.hooks());
        self.events.is_signed_by(ctx.sigalgs());
        self.events.shelf.set(None);
        core.generations.borrow_mut().push(Arc::clone(&ctx));
        // Nobody goes on with half of one context and half of another.
        let followed = settings::follow(&core.ssl, context, &self.events, &ctx);
        followed.inspect_err(|failure| self.events.abort(failure))?;
        Ok(self.events.context.replace(context.clone()))
    }

    /// The context was changed during a handshake, so nobody can tell which one has verified the peer: the session that
    /// results proves nothing.
    fn mix(&self, core: &Core) -> Result<()> {
        self.events.witness.mixes();
        let Some(ssl) = core.ssl.lent().filter(|ssl| ssl.is_server() && !ssl.is_resumed()) else {
            return Ok(());
        };
        ssl.session().map_or(Ok(()), |session| Ok(session.spoil()?))
    }
}
