//! A handshake that can be left in the middle of libssl, where it asks for a signature. libssl calls our provider for it and
//! cannot be left by returning, so from the choice of the identity until the signature is made it runs in a coroutine.

use super::coroutine::{Coroutine, Resumed};
use super::failure::Failure;
use std::cell::{Cell, RefCell};

/// How a call of `SSL_do_handshake` ended.
pub(super) struct Ended {
    pub result: Result<(), Failure>,
    /// The signature was made.
    pub signed: bool,
}

/// What a connection knows of its handshake in this respect. Only the thread that is inside the connection uses it.
#[derive(Default)]
pub(super) struct Interruptible {
    /// A signature is due that may have to be waited for.
    due: Cell<bool>,
    /// The identity was chosen when libssl stopped, and it will ask again.
    chosen: Cell<bool>,
    /// The handshake that was left. In a Box, as few connections ever have one.
    left: RefCell<Option<Box<Coroutine<Ended>>>>,
}

impl Interruptible {
    /// The identity was chosen: the handshake goes on in a coroutine.
    pub fn begin(&self) {
        self.due.set(true);
        self.chosen.set(true);
    }

    /// Tells whether the handshake has to go on in a coroutine.
    pub fn is_due(&self) -> bool {
        self.due.get()
    }

    /// Tells, once, whether the identity was chosen when libssl stopped.
    pub fn has_chosen(&self) -> bool {
        self.chosen.replace(false)
    }

    /// Nothing has to be waited for any more.
    pub fn end(&self) {
        self.due.set(false);
        self.chosen.set(false);
    }

    /// Tells whether the handshake was left in the middle of libssl.
    pub fn is_left(&self) -> bool {
        self.left.borrow().is_some()
    }

    /// Tells whether it was left in another process, from which this one has forked.
    pub fn is_lost(&self) -> bool {
        self.left.borrow().as_ref().is_some_and(|left| left.is_lost())
    }

    /// Goes on with the handshake that was left, or with one that `begin` begins. None: it is left again.
    pub fn go_on(
        &self,
        begin: impl FnOnce() -> std::io::Result<Coroutine<Ended>>,
    ) -> std::io::Result<Option<Ended>> {
        let left = self.left.take();
        let mut handshake = left.map_or_else(|| begin().map(Box::new), Ok)?;
        match handshake.resume() {
            Resumed::Ended(Some(ended)) => return Ok(Some(ended)),
            // It panicked: nothing of this library is expected to.
            Resumed::Ended(None) => return Err(std::io::ErrorKind::Other.into()),
            Resumed::Suspended | Resumed::Lost => {}
        }
        self.left.replace(Some(handshake));
        Ok(None)
    }

    /// Has a handshake that was left come to its end, as one whose signer has failed. Nobody is asked or told anything.
    pub fn cancel(&self) {
        drop(self.left.take());
    }
}
