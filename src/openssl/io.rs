//! The calls of libssl that move bytes, and what it has to say of one that fails.

use super::backend::{health, io};
use super::coroutine::Coroutine;
use super::error;
use super::failure::{Failure, IoCall, failed_before};
use super::interruptible::{Ended, Interruptible};
use super::ssl::{IoResult, Ssl};
use super::{queue, signer, sys};
use std::os::raw::c_int;
use std::ptr::NonNull;

impl Ssl {
    /// Makes a call that returns 1 for success. Where a handshake has to be left in its middle it goes on in a coroutine, and
    /// the call is repeated once it is over.
    pub(super) fn io(&self, asked: IoCall, mut call: impl FnMut() -> c_int) -> IoResult<()> {
        let is_due = || self.interruptible().is_some_and(Interruptible::is_due);
        loop {
            if is_due() {
                self.shake_hands_apart()?;
            }
            let result = attempt(self.connection(), asked, &mut call);
            let stopped = result.is_err() && is_due();
            if !stopped {
                return result;
            }
        }
    }

    /// Goes on with the handshake in a coroutine. An error also stands for a handshake that is not over.
    #[cold]
    fn shake_hands_apart(&self) -> IoResult<()> {
        let interruptible = self.make_interruptible();
        let apart = Apart(self.connection());
        let ended = interruptible.go_on(|| Coroutine::new(move || apart.do_handshake()));
        let ended = ended.map_err(|error| {
            interruptible.end();
            Failure::no_thread(&error)
        })?;
        let Some(Ended { result, signed }) = ended else { return Err(Failure::stopped()) };
        if signed || !result.as_ref().is_err_and(Failure::is_passing) {
            interruptible.end();
        }
        result
    }

    /// Tells whether the handshake was left in the middle of libssl, which is then as inside of a callback.
    pub fn is_left(&self) -> bool {
        // SAFETY: the SSL is alive.
        self.interruptible().is_some_and(Interruptible::is_left)
            || unsafe { signer::is_awaited(self.as_ptr()) }
    }

    /// Tells whether it was left in another process, so that nobody can go on with it in this one.
    pub fn is_lost(&self) -> bool {
        // SAFETY: the SSL is alive.
        self.has_lost_thread() || unsafe { signer::is_lost(self.as_ptr()) }
    }

    /// Tells whether a thread is inside that this process does not have.
    pub(super) fn has_lost_thread(&self) -> bool {
        self.interruptible().is_some_and(Interruptible::is_lost)
    }

    /// Continues the handshake as far as possible.
    pub fn do_handshake(&self) -> IoResult<()> {
        // SAFETY: the SSL is alive and no other thread is inside; so for all calls below.
        self.io(IoCall::Handshake, || unsafe { io::do_handshake(self.as_ptr()) })
    }

    /// Reads decrypted bytes, from one record at most.
    pub fn read(&self, buffer: &mut [u8]) -> IoResult<usize> {
        let mut count = 0;
        // SAFETY: as above.
        self.io(IoCall::Read, || unsafe { io::read(self.as_ptr(), buffer, &mut count) })?;
        Ok(count)
    }

    /// Decrypts the next record that has arrived, without taking its data, and gives the number of bytes in it.
    pub fn peek(&self) -> IoResult<usize> {
        let (mut byte, mut count) = ([0u8], 0);
        // SAFETY: as above.
        self.io(IoCall::Read, || unsafe { io::peek(self.as_ptr(), &mut byte, &mut count) })?;
        Ok(self.pending())
    }

    /// Encrypts all of the bytes. After a failure that leaves libssl inside a record (see `is_inside_data`) the next call has to
    /// begin with the same ones.
    pub fn write(&self, data: &[u8]) -> IoResult<usize> {
        self.shake_before_write()?;
        let mut count = 0;
        // SAFETY: as above.
        self.io(IoCall::Write, || unsafe { io::write(self.as_ptr(), data, &mut count) })?;
        Ok(count)
    }

    /// Sends close_notify and looks for the peer's: true when both have been exchanged.
    pub fn shutdown(&self) -> IoResult<bool> {
        // SAFETY: as above.
        if self.is_left() || !unsafe { health::may_shut_down(self.as_ptr()) } {
            return Err(Failure::shutdown_while_in_init());
        }
        queue::clear();
        // SAFETY: as above.
        let result = unsafe { sys::SSL_shutdown(self.as_ptr()) };
        self.owes_goodbye.set(result < 0 && self.holds_back());
        if result < 0 {
            return Err(failure(self.connection(), IoCall::Shutdown, result));
        }
        // A fatal alert instead of close_notify is no failure for libssl, but leaves an entry on the error queue.
        queue::clear();
        Ok(result > 0)
    }

    /// Tells whether this side's close_notify has left libssl, as far as it is in its hands.
    pub fn has_said_goodbye(&self) -> bool {
        self.shutdown_state().0 && !self.owes_goodbye.get()
    }

    /// Tells whether libssl keeps a record that it could not write, as there was no memory.
    pub(super) fn holds_back(&self) -> bool {
        self.end.holds_back()
    }

    /// Tells, after a write that failed, whether libssl is in the middle of its data: with a record of data that it could not write.
    pub fn is_inside_data(&self) -> bool {
        self.holds_back() && self.has_shaken()
    }

    /// Tells whether a read would tell nothing but the end, as far as that can be known without one.
    pub fn has_failed(&self) -> bool {
        // SAFETY: the SSL is alive.
        unsafe { health::has_failed(self.as_ptr()) }
    }

    /// Which close_notify was exchanged: (ours was sent, the peer's was received).
    pub fn shutdown_state(&self) -> (bool, bool) {
        shutdown_state(self.connection())
    }
}

/// A connection whose handshake goes on in a coroutine.
#[derive(Clone, Copy)]
struct Apart(NonNull<sys::SSL>);

// SAFETY: the connection outlives the coroutine, and the thread that resumes it waits while the coroutine is inside.
unsafe impl Send for Apart {}

impl Apart {
    /// The coroutine's work. Its thread ends after it, with all that OpenSSL has kept for it.
    fn do_handshake(self) -> Ended {
        // SAFETY: the SSL is alive and no other thread is inside.
        let result = attempt(self.0, IoCall::Handshake, &mut || unsafe { io::do_handshake(self.0.as_ptr()) });
        let ended = Ended { result, signed: signer::has_signed() };
        // SAFETY: this thread makes no further call of OpenSSL.
        unsafe { sys::OPENSSL_thread_stop() };
        ended
    }
}

/// Makes a call that returns 1 for success. The error queue is emptied before it, so that a failure reads only its own
/// entries.
fn attempt(ssl: NonNull<sys::SSL>, asked: IoCall, call: &mut impl FnMut() -> c_int) -> IoResult<()> {
    // SAFETY: the SSL is alive.
    unsafe { health::check_usable(ssl.as_ptr()) }
        .map_err(|why| why.map_or_else(|| failed_before(asked, shutdown_state(ssl)), Failure::of))?;
    let mut result;
    loop {
        queue::clear();
        result = call();
        // SAFETY: the SSL is alive.
        if !unsafe { io::is_to_be_called(ssl.as_ptr()) } {
            break;
        }
    }
    let outcome = if result == 1 { Ok(()) } else { Err(failure(ssl, asked, result)) };
    // SAFETY: the SSL is alive.
    unsafe { io::has_called(ssl.as_ptr()) };
    outcome
}

/// Takes what libssl has to say of a call that has just failed.
fn failure(ssl: NonNull<sys::SSL>, asked: IoCall, result: c_int) -> Failure {
    // SAFETY: the SSL is alive; the queue has not been touched since the call.
    let code = unsafe { sys::SSL_get_error(ssl.as_ptr(), result) };
    let failure = match (code, error::take()) {
        (sys::SSL_ERROR_SSL, None) => failed_before(asked, shutdown_state(ssl)),
        (code, entry) => Failure { code, entry },
    };
    // SAFETY: as above.
    unsafe { health::note(ssl.as_ptr(), failure) }
}

fn shutdown_state(ssl: NonNull<sys::SSL>) -> (bool, bool) {
    // SAFETY: the SSL is alive.
    unsafe { health::shutdown_state(ssl.as_ptr()) }
}
