//! What is done with a server's session before AWS-LC makes anything of it.

use std::cell::{Cell, RefCell};

/// How far a server is with the session of its handshake.
#[derive(Default)]
pub(super) struct Preparation {
    /// The session ID context of a session that nothing may be made of yet.
    pub(super) held: RefCell<Option<Vec<u8>>>,
    pub(super) done: Cell<bool>,
}
