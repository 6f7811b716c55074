//! A thread's time with a connection: several calls of libssl's, none of which waits.

use super::{Core, Engine, buffers, follow};
use crate::lock::ReentrantMutexGuard;
use crate::openssl::bio::{Sink, Source};
use crate::openssl::handler::Handler;
use crate::openssl::ssl::{Failure, IoResult, Ssl};
use crate::ssl::context::Context;
use crate::ssl::error::{Error, Phase, Result, Status};
use crate::ssl::events::{Happened, Panicked};
use crate::ssl::identity;
use crate::ssl::outcome::{self, Circumstances};
use crate::ssl::session::{Asked, Session};
use crate::ssl::warning;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Keeps other threads out.
pub(crate) struct Turn<'a> {
    engine: &'a Engine,
    core: ReentrantMutexGuard<'a, Core>,
}

/// Marks the end of libssl's work, also when it panics.
struct Busy<'a>(&'a Cell<bool>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.core.buffers.leave(&self.core.ssl);
    }
}

impl<'a> Turn<'a> {
    pub(super) fn take(engine: &'a Engine) -> Result<Turn<'a>> {
        let core = engine.core.lock();
        if core.busy.get() {
            return Err(Error::value(
                "this connection is inside one of its own callbacks: it cannot read, write or shake hands there",
            ));
        }
        engine.events.check_not_aborted()?;
        Ok(Turn { engine, core })
    }

    /// Marks that libssl is at work.
    fn enter(&self) -> Busy<'_> {
        self.core.busy.set(true);
        Busy(&self.core.busy)
    }

    /// Makes one call of libssl's and turns its failure into an error.
    fn run<T>(&self, phase: Phase, call: impl FnOnce(&Ssl) -> IoResult<T>) -> Result<T> {
        let busy = self.enter();
        if !self.core.begun.get() {
            self.take_up()?;
        }
        let (before, shakes) = (self.engine.outgoing.total(), !self.core.ssl.is_init_finished());
        let result = call(&self.core.ssl);
        if let Some(failure) = result.as_ref().err().and_then(|_| identity::take_failure()) {
            self.engine.events.fail(failure);
        }
        warning::tell_noted();
        drop(busy);
        self.note_put_out(phase, shakes, before);
        match (result, self.engine.events.take()) {
            (Ok(value), None) => Ok(value),
            (Err(failure), None) => Err(self.error(failure, Happened::default(), phase)),
            (result, Some(happened)) => self.outcome(result, happened, phase),
        }
    }

    /// What reading puts out answers the peer, what a call in a handshake does belongs to that.
    fn note_put_out(&self, phase: Phase, shakes: bool, before: u64) {
        let total = self.engine.outgoing.total();
        if total == before {
            return;
        }
        if phase == Phase::Read {
            self.engine.answered.store(total, Ordering::Relaxed);
        }
        if shakes {
            self.engine.shaken.store(total, Ordering::Relaxed);
        }
    }

    fn error(&self, failure: Failure, happened: Happened, phase: Phase) -> Error {
        let verify_result = self.core.ssl.verify_result();
        let hostname = self.engine.hostname.as_deref();
        outcome::error(failure, happened, &Circumstances { phase, verify_result, hostname })
    }

    /// What callbacks failed with comes before what libssl made of it.
    fn outcome<T>(&self, result: IoResult<T>, mut happened: Happened, phase: Phase) -> Result<T> {
        if let Some(Panicked { error: panic, in_handshake }) = happened.panic.take() {
            // Only now: libssl may have had an alert to send.
            if in_handshake {
                self.engine.events.abort(&panic);
            }
            return Err(panic.in_phase(phase));
        }
        let failed = happened.failure.take();
        match (result, failed) {
            (Ok(value), None) => Ok(value),
            (Ok(_), Some(failed)) => Err(failed.in_phase(phase)),
            // What libssl has to say then is that it could not go on.
            (Err(_), Some(failed)) if self.engine.events.has_aborted() => Err(failed.in_phase(phase)),
            (Err(failure), failed) => Err(self.because(self.error(failure, happened, phase), failed)),
        }
    }

    /// Names what a callback failed with. An operation that goes on later keeps it until it is done.
    fn because(&self, error: Error, failed: Option<Error>) -> Error {
        match failed {
            Some(failed) if error.is_want() => {
                self.engine.events.fail(failed);
                error
            }
            Some(failed) => error.because_of(failed),
            None => error,
        }
    }

    /// What a callback failed with in a read that goes on later.
    pub fn take_failure(&self) -> Option<Error> {
        let failed = self.engine.events.take()?.failure.take()?;
        Some(failed.in_phase(Phase::Read))
    }

    /// Before the handshake starts, takes up what was set on the context since this connection was made and
    /// Python reads live.
    fn take_up(&self) -> Result<()> {
        let Core { ssl, generations, begun, .. } = &*self.core;
        if !ssl.in_before() {
            begun.set(true);
            self.core.offered.take();
            return Ok(());
        }
        let context = self.engine.context();
        let mut generations = generations.borrow_mut();
        let Some(own) = generations.last() else { return Ok(()) };
        let later = context.later_than(own)?;
        match context.with_hooks(own)? {
            Some(ctx) => {
                ssl.set_ctx(&ctx, &later.store)?;
                self.engine.events.uses(ctx.hooks());
                generations.push(ctx);
            }
            None => ssl.set_store(&later.store),
        }
        follow(ssl, &context)?;
        if let Some(ciphers) = later.ciphers {
            ssl.set_ciphers(&ciphers)?;
        }
        self.offer(&context)
    }

    /// Offers the session that was set, unless it vouches for less than is asked now: the handshake is a full one then.
    fn offer(&self, context: &Context) -> Result<()> {
        let Core { ssl, offered, .. } = &*self.core;
        let offered = offered.borrow();
        let Some(session) = &*offered else { return Ok(()) };
        let witness = &self.engine.events.witness;
        let asked = ssl.lent().map(|ssl| Asked::by(&ssl, context, witness.names()));
        let covers = |asked: &Asked| session.is_of(context) && session.trust().covers(asked);
        let session = Some(session).filter(|_| asked.as_ref().is_some_and(covers));
        ssl.set_session(session.map(Session::raw))?;
        witness.offers(session.map(|session| Arc::clone(session.trust())));
        Ok(())
    }

    /// Python: `do_handshake()`
    pub fn do_handshake(&self) -> Result<()> {
        self.run(Phase::Handshake, Ssl::do_handshake)
    }

    /// Python: `read()`. 0 is the clean end.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Some(error) = self.core.kept_failure.take() {
            return Err(error);
        }
        if self.has_nothing() {
            return Err(Error::want_read());
        }
        self.use_buffers();
        let mut count = 0;
        let half_closed = self.core.half_closed.get();
        let result = self.run(Phase::Read, |ssl| {
            count = ssl.read(buffer).or_else(|failure| clean_end(ssl, half_closed, failure))?;
            Ok(count)
        });
        match result {
            // A callback has failed, but what was decrypted is not lost.
            Err(failed) if count > 0 => {
                self.keep_failure(failed);
                Ok(count)
            }
            result => {
                self.note_end(&result);
                result
            }
        }
    }

    fn note_end(&self, result: &Result<usize>) {
        let told = match result {
            Ok(count) => *count == 0,
            Err(error) => error.status() == Status::ZeroReturn,
        };
        if told {
            self.engine.told_end.store(true, Ordering::Relaxed);
        }
    }

    fn use_buffers(&self) {
        if self.core.buffers.used() {
            buffers::keep(&self.engine.core);
        }
    }

    /// Tells whether reading could only find that bytes are missing. After a failure or a close_notify there is
    /// something to say.
    pub fn has_nothing(&self) -> bool {
        let ssl = &self.core.ssl;
        ssl.is_dry() && ssl.is_init_finished() && !ssl.has_pending() && !ssl.shutdown_state().1
    }

    /// Decrypts the next record, and counts what waits to be read. Not while a failure waits for the next read: libssl
    /// tells once what is wrong with a record, and then of an end.
    pub fn peek(&self) -> Result<usize> {
        if self.keeps_failure() {
            return Ok(0);
        }
        self.run(Phase::Read, Ssl::peek)
    }

    /// Keeps a failure for the next read. There is no other one: reading takes it, and looking ahead stops at it.
    pub fn keep_failure(&self, error: Error) {
        self.core.kept_failure.replace(Some(error));
    }

    /// Tells whether a failure waits for the next read.
    pub fn keeps_failure(&self) -> bool {
        self.core.kept_failure.borrow().is_some()
    }

    /// Python: `pending()`
    pub fn pending(&self) -> usize {
        self.core.ssl.pending()
    }

    /// Python: `write()`. Takes all of the data or none.
    pub fn write(&self, data: &[u8]) -> Result<usize> {
        self.use_buffers();
        self.run(Phase::Write, |ssl| ssl.write(data))
    }

    /// Python: `unwrap()`: sends close_notify and takes the peer's. Ours: data in front of it fail the call, as in
    /// Python, but stay readable.
    pub fn shutdown(&self) -> Result<()> {
        self.run(Phase::Shutdown, |ssl| match send_close_notify(ssl)? {
            true => Ok(()),
            false => take_close_notify(ssl),
        })
    }

    /// Sends close_notify; reading goes on.
    pub fn close_write(&self) -> Result<()> {
        self.core.half_closed.set(true);
        self.run(Phase::Shutdown, |ssl| match ssl.shutdown_state() {
            (true, _) => Ok(()),
            (false, _) => ssl.shutdown().map(|_| ()),
        })
    }

    /// Python: `verify_client_post_handshake()`
    pub fn verify_client_post_handshake(&self) -> Result<()> {
        let _busy = self.enter();
        Ok(self.core.ssl.verify_client_post_handshake()?)
    }

    /// Lets `work` read these bytes, after those that wait in the pipe. Returns how many of them were used.
    pub fn lend<R>(&self, bytes: &[u8], work: impl FnOnce() -> R) -> (R, usize) {
        self.core.ssl.lend(bytes, work)
    }

    /// Lets `work` read from `source` what neither the pipe nor lent bytes have.
    pub fn lend_source<R>(&self, source: &mut Source<'_>, work: impl FnOnce() -> R) -> R {
        self.core.ssl.lend_source(source, work)
    }

    /// Lets `work` write to `sink`, for as long as nothing waits in the pipe, which takes what the sink leaves.
    pub fn lend_sink<R>(&self, sink: &mut Sink<'_>, work: impl FnOnce() -> R) -> R {
        self.core.ssl.lend_sink(sink, work)
    }
}

/// The peer's close_notify is the end of the stream, unless ours was sent to end all of TLS.
fn clean_end(ssl: &Ssl, half_closed: bool, failure: Failure) -> IoResult<usize> {
    let (sent, received) = ssl.shutdown_state();
    let ended = failure.code == outcome::SSL_ERROR_ZERO_RETURN && received && (half_closed || !sent);
    if ended { Ok(0) } else { Err(failure) }
}

/// Sends close_notify unless that was done: true when both sides' are through. A connection that has failed, or is in
/// its handshake, has an answer of its own.
fn send_close_notify(ssl: &Ssl) -> IoResult<bool> {
    let waits = ssl.shutdown_state() == (true, false) && ssl.is_init_finished();
    if waits { Ok(false) } else { ssl.shutdown() }
}

/// Looks for the peer's close_notify without taking the data in front of it, which `SSL_shutdown` would throw away.
fn take_close_notify(ssl: &Ssl) -> IoResult<()> {
    match ssl.peek() {
        Ok(_) => Err(Failure::data_after_close_notify()),
        // A fatal alert in its place ends the connection too, as it does for `SSL_shutdown`.
        Err(_) if ssl.shutdown_state().1 => Ok(()),
        Err(failure) => Err(failure),
    }
}
