//! A thread's exclusive use of a connection: one or more calls of libssl, none of which waits.

use super::{Core, Engine, buffers, settings};
use crate::lock::ReentrantMutexGuard;
use crate::openssl::bio::{Sink, Source};
use crate::openssl::feature::Feature;
use crate::openssl::handler::Handler;
use crate::openssl::pipe::{NoRoom, Room};
use crate::openssl::ssl::{Failure, IoResult, Ssl};
use crate::ssl::error::{Error, Phase, Result, Status};
use crate::ssl::events::{Happened, Panicked};
use crate::ssl::identity;
use crate::ssl::outcome::{self, Circumstances};
use crate::ssl::session::NameCheck;
use crate::ssl::warning;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Keeps other threads out of the connection until it is dropped.
pub(crate) struct Turn<'a> {
    pub(super) engine: &'a Engine,
    pub(super) core: ReentrantMutexGuard<'a, Core>,
}

/// Marks the connection as busy until it is dropped, which happens even if libssl's caller panics.
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
        let core = engine.core()?;
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

    /// Makes one call of libssl and turns its failure into an error, and that of a callback.
    fn run<T>(&self, phase: Phase, call: impl FnOnce(&Ssl) -> IoResult<T>) -> Result<T> {
        let (value, failed) = self.run_beside(phase, call)?;
        failed.map_or(Ok(value), Err)
    }

    /// The same, but gives the failure of a callback beside what libssl has done.
    fn run_beside<T>(
        &self,
        phase: Phase,
        call: impl FnOnce(&Ssl) -> IoResult<T>,
    ) -> Result<(T, Option<Error>)> {
        let busy = self.enter();
        self.follow_trust();
        if !self.engine.events.is_admitted() {
            self.decide(phase)?;
        }
        // A call that ends TLS does not begin it: what is set after it still counts.
        if !self.core.begun.get() && phase != Phase::Shutdown {
            self.catch_up()?;
        }
        let shakes = !(self.engine.events.is_admitted() && self.core.ssl.has_shaken());
        let before = self.engine.outgoing.total();
        let mut result = call(&self.core.ssl);
        if !self.engine.events.is_admitted() {
            result = self.unless_open(result);
        }
        if let Some(failure) = result.as_ref().err().and_then(|_| identity::take_failure()) {
            self.engine.events.fail(failure);
        }
        if result.is_err() {
            check_not_lost(&self.core.ssl)?;
        }
        warning::tell_noted();
        drop(busy);
        self.note_put_out(phase, shakes, before);
        match (result, self.engine.events.take()) {
            (Ok(value), None) => Ok((value, None)),
            (Err(failure), None) => Err(self.error(failure, Happened::default(), phase)),
            (result, Some(happened)) => self.outcome(result, happened, phase),
        }
    }

    /// Records whether the call has produced bytes for the peer: in a read they are answers, in a handshake a part of it.
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

    pub(super) fn error(&self, failure: Failure, happened: Happened, phase: Phase) -> Error {
        let verify_result = match &happened.refused {
            Some(refused) if !self.core.ssl.is_admitted() => refused.code,
            _ => self.core.ssl.verify_result(),
        };
        let rejection = self.core.rejection(&failure, &self.engine.events.ech);
        let names = match &rejection {
            Some(rejection) => Arc::new(NameCheck::new(true, rejection.name.clone())),
            None => self.engine.events.witness.names(),
        };
        let expected = names.names();
        outcome::error(failure, happened, &Circumstances { phase, verify_result, expected, rejection })
    }

    /// The failure of a callback takes precedence over what libssl made of it.
    fn outcome<T>(
        &self,
        result: IoResult<T>,
        mut happened: Happened,
        phase: Phase,
    ) -> Result<(T, Option<Error>)> {
        if let Some(Panicked { error: panic, in_handshake }) = happened.panic.take() {
            // Only after libssl has returned, because it may have had to send an alert.
            if in_handshake {
                self.engine.events.abort(&panic);
            }
            let panic = panic.in_phase(phase);
            return match result {
                Ok(value) if !in_handshake => Ok((value, Some(panic))),
                _ => Err(panic),
            };
        }
        let failed = happened.failure.take();
        match (result, failed) {
            // libssl's own error then only says that it could not go on.
            (_, Some(failed)) if self.engine.events.has_aborted() => Err(failed.in_phase(phase)),
            (Ok(value), failed) => Ok((value, failed.map(|failed| failed.in_phase(phase)))),
            (Err(failure), failed) => Err(self.because(self.error(failure, happened, phase), failed)),
        }
    }

    /// Adds a callback's failure to an error. If the operation is to be repeated, the failure is kept until it is done.
    pub(super) fn because(&self, error: Error, failed: Option<Error>) -> Error {
        match failed {
            Some(failed) if error.is_want() => {
                self.engine.events.fail(failed);
                error
            }
            Some(failed) => error.because_of(failed),
            None => error,
        }
    }

    /// The failure of a callback during a read that is to be repeated.
    pub fn take_failure(&self) -> Option<Error> {
        let failed = self.engine.events.take()?.failure.take()?;
        Some(failed.in_phase(Phase::Read))
    }

    /// Before the handshake starts, takes over settings made on the context since this connection was made that Python
    /// reads at this point.
    fn catch_up(&self) -> Result<()> {
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
        let own = Arc::clone(own);
        match context.with_hooks(&own)? {
            Some(ctx) => {
                ssl.set_ctx(&ctx, &later.store)?;
                self.engine.events.uses(ctx.hooks());
                generations.push(ctx);
            }
            None => ssl.set_store(&later.store),
        }
        settings::follow(ssl, &context, &self.engine.events, &own)?;
        if let Some(ciphers) = later.ciphers {
            ssl.set_ciphers(&ciphers)?;
        }
        self.offer(&context, later.edits)
    }

    /// Has a handshake that goes on verify against the store that the context has by now: libssl may have stopped at a peer, and
    /// verifies it again. At other times it says itself that a step begins.
    fn follow_trust(&self) {
        let (ssl, events) = (&self.core.ssl, &self.engine.events);
        if !events.may_trust_others() || ssl.is_init_finished() || ssl.in_before() || ssl.is_left() {
            return;
        }
        if let Some(ssl) = ssl.lent() {
            events.follow_trust(&ssl);
        }
    }

    /// Python: `do_handshake()`
    pub fn do_handshake(&self) -> Result<()> {
        self.run(Phase::Handshake, Ssl::do_handshake)
    }

    /// Python: `read()`. 0 is the end of the peer's data, by close_notify.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.tell_kept_failure()?;
        if self.has_nothing() {
            return Err(Error::want_read());
        }
        self.use_buffers();
        let mut count = 0;
        let half_closed = self.core.half_closed.get();
        let result = self.run(Phase::Read, |ssl| {
            let read = ssl
                .read(buffer)
                .or_else(|failure| clean_end(ssl, half_closed, failure, self.engine.is_peer_closed()))?;
            // What a client sends that was not accepted is for nobody.
            if !self.engine.events.is_admitted() {
                return Err(Failure::certificate_verify_failed());
            }
            count = read;
            Ok(count)
        });
        match result {
            // A callback has failed; the decrypted data is returned first.
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

    /// Tells whether a read can only report that bytes are missing. After a failure or a close_notify it has something else
    /// to report.
    pub fn has_nothing(&self) -> bool {
        let ssl = &self.core.ssl;
        ssl.is_dry() && ssl.is_init_finished() && !ssl.has_pending() && !ssl.shutdown_state().1
    }

    /// Decrypts the next record and gives the number of bytes that can be read. Does nothing while a failure waits for the
    /// next read: libssl reports a bad record once, and afterwards an end of the stream.
    pub fn peek(&self) -> Result<usize> {
        if self.keeps_failure() {
            return Ok(0);
        }
        self.run(Phase::Read, Ssl::peek)
    }

    /// Keeps a failure for the next read or `shutdown`. There is at most one: a read takes it, and looking ahead stops at it.
    pub fn keep_failure(&self, error: Error) {
        self.core.kept_failure.replace(Some(error));
    }

    fn tell_kept_failure(&self) -> Result<()> {
        self.core.kept_failure.take().map_or(Ok(()), Err)
    }

    /// Tells whether a failure waits for the next read.
    pub fn keeps_failure(&self) -> bool {
        self.core.kept_failure.borrow().is_some()
    }

    /// Python: `pending()`
    pub fn pending(&self) -> usize {
        self.core.ssl.pending()
    }

    /// Python: `write()`. Takes all of the data or fails. After `NoMemory` libssl may be in the middle of it: then only data that begins
    /// with the same bytes goes on. What it gives is the failure of a callback, or of the key log, meanwhile: the data was taken,
    /// and is not to be passed again.
    pub fn write(&self, data: &[u8]) -> Result<Option<Error>> {
        let halfway = &self.core.halfway;
        halfway.check_goes_on(data)?;
        self.use_buffers();
        let _room = self.kernels_room(data.len())?;
        let written = self.run_beside(Phase::Write, |ssl| {
            let written = ssl.write(data);
            match &written {
                Ok(_) => halfway.end(),
                Err(_) if ssl.is_inside_data() => halfway.begin(data),
                Err(_) => {}
            }
            written
        });
        written.map(|(_, failed)| failed)
    }

    /// Room for bytes that the kernel makes records of, if it does: libssl would keep where they are in the caller's memory, which may
    /// be gone when it goes on.
    fn kernels_room(&self, count: usize) -> Result<Option<Room<'_>>> {
        if !self.core.ssl.kernel_sends() {
            return Ok(None);
        }
        let room = self.engine.outgoing.reserve(count);
        room.map(Some).map_err(|NoRoom| Error::no_memory_in(Phase::Write))
    }

    /// Python: `unwrap()`: sends close_notify and receives the peer's. Ours: data that comes before it fails the call, as in
    /// Python, but can still be read. A failure that is kept comes first: the caller may never read again.
    pub fn shutdown(&self) -> Result<()> {
        self.core.halfway.check_whole()?;
        self.tell_kept_failure()?;
        self.run(Phase::Shutdown, |ssl| match send_close_notify(ssl)? {
            true => Ok(()),
            false => look_for_close_notify(ssl),
        })
    }

    /// Sends close_notify; reading stays possible.
    pub fn close_write(&self) -> Result<()> {
        self.core.halfway.check_whole()?;
        self.run(Phase::Shutdown, |ssl| {
            let said = if ssl.has_said_goodbye() { Ok(()) } else { ssl.shutdown().map(|_| ()) };
            // A call that is refused changes nothing of what a read tells.
            if ssl.shutdown_state().0 {
                self.core.half_closed.set(true);
            }
            said
        })
    }

    /// Python: `verify_client_post_handshake()`
    pub fn verify_client_post_handshake(&self) -> Result<()> {
        let _busy = self.enter();
        if !self.core.ssl.is_admitted() {
            return Err(Error::value("handshake not done yet"));
        }
        self.core.halfway.check_whole()?;
        Error::unless_has(Feature::PostHandshakeAuth)?;
        Ok(self.core.ssl.verify_client_post_handshake()?)
    }

    /// Changes the keys by which this side encrypts, and asks the peer to change its own if told so.
    pub fn key_update(&self, request_peer: bool) -> Result<()> {
        let Core { ssl, halfway, .. } = &*self.core;
        if !ssl.is_init_finished() {
            return Err(Error::value("handshake not done yet"));
        }
        halfway.check_whole()?;
        if ssl.version() != c"TLSv1.3" {
            let version = ssl.version().to_string_lossy();
            return Err(Error::value(format_args!(
                "keys are updated in TLS 1.3: this connection is {version}"
            )));
        }
        self.use_buffers();
        self.run(Phase::Write, |ssl| ssl.key_update(request_peer))
    }

    /// Lets `work` read these bytes, after those that wait in the pipe. Also returns how many of them were used.
    pub fn lend<R>(&self, bytes: &[u8], work: impl FnOnce() -> R) -> (R, usize) {
        self.core.ssl.lend(bytes, work)
    }

    /// Lets `work` read from `source` once the pipe and the lent bytes are used up.
    pub fn lend_source<R>(&self, source: &mut Source<'_>, work: impl FnOnce() -> R) -> R {
        self.core.ssl.lend_source(source, work)
    }

    /// Lets `work` write to `sink` as long as the pipe is empty; the pipe takes what the sink does not.
    pub fn lend_sink<R>(&self, sink: &mut Sink<'_>, work: impl FnOnce() -> R) -> R {
        self.core.ssl.lend_sink(sink, work)
    }
}

/// Refuses what would go on with a handshake that was left in another process.
pub(super) fn check_not_lost(ssl: &Ssl) -> Result<()> {
    match ssl.is_lost() {
        false => Ok(()),
        true => Err(Error::value(
            "this connection was waiting for a signature when the process forked: only the parent can go on with it",
        )),
    }
}

/// The peer's close_notify is a normal end of data, unless this side has sent its own to end TLS altogether. Before the peer's
/// Finished anybody can send one: then it says no more than a transport that ends. `told`: libssl's flag comes of one, and of no alert.
fn clean_end(ssl: &Ssl, half_closed: bool, failure: Failure, told: bool) -> IoResult<usize> {
    let (sent, received) = ssl.shutdown_state();
    let ended = failure.code == outcome::SSL_ERROR_ZERO_RETURN && received && (half_closed || !sent);
    match ended {
        true if told && ssl.finished(false).is_empty() => Err(Failure::cut_off()),
        true => Ok(0),
        false => Err(failure),
    }
}

/// Sends close_notify unless it was sent already. True when both sides have sent theirs. On a connection that has failed
/// or is in its handshake, `SSL_shutdown` is called to report that.
fn send_close_notify(ssl: &Ssl) -> IoResult<bool> {
    let waits = ssl.has_said_goodbye() && !ssl.shutdown_state().1 && ssl.is_init_finished();
    if waits { Ok(false) } else { ssl.shutdown() }
}

/// Looks for the peer's close_notify without consuming data that comes before it, which `SSL_shutdown` would discard.
fn look_for_close_notify(ssl: &Ssl) -> IoResult<()> {
    match ssl.peek() {
        Ok(_) => Err(Failure::data_after_close_notify()),
        // A fatal alert instead of it ends the connection too, as it does for `SSL_shutdown`.
        Err(_) if ssl.shutdown_state().1 => Ok(()),
        Err(failure) => Err(failure),
    }
}
