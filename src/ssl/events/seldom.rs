//! What few connections have: for all others it takes no memory.

use super::admission::Waiting;
use super::client_hello::Overheard;
use super::staple::Stapled;
use super::{Events, Judge};
use crate::lock::Slot;
use crate::openssl::ctx::Sigalgs;
use crate::ssl::context::{ClientHelloCallback, Context, IdentityCallback, KeyMark};
use crate::ssl::identity::Staple;
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct Seldom {
    /// The contexts that it has had in this handshake when a callback was to choose one, before and after.
    pub(super) between: Slot<Vec<Context>>,
    /// The signature algorithms that the `SSL_CTX` in use allows, if any were set.
    pub(super) sigalgs: Slot<Option<Arc<Sigalgs>>>,
    /// Which pre-shared key this client has given in its last handshake.
    pub(super) key: Slot<Option<KeyMark>>,
    /// The OCSP response that the server has sent in its last handshake.
    pub stapled: Slot<Option<Stapled>>,
    /// The response of the identity that a callback has chosen.
    pub(super) chosen_staple: Slot<Option<Arc<Staple>>>,
    /// The ClientHello that the program has not answered yet.
    pub(super) hello: Slot<Overheard>,
    /// The callback that is to answer it, and its context.
    pub(super) hello_asked: Slot<Option<(Context, ClientHelloCallback)>>,
    /// The callback that is to choose this side's identity and has not yet, and its context.
    pub(super) chooser: Slot<Option<(Context, IdentityCallback)>>,
    /// The callbacks that are to judge the peer and have not all yet, each with its context.
    pub(super) judges: Slot<Vec<(Context, Judge)>>,
    /// What is known of a client while it waits for its verdict.
    pub(super) waiting: Slot<Option<Arc<Waiting>>>,
}

impl Seldom {
    pub(super) fn has_no_context_between(&self) -> bool {
        self.between.look(Vec::is_empty)
    }
}

/// One of these slots.
type At<T> = fn(&Seldom) -> &Slot<T>;

impl Events {
    /// What a slot holds.
    pub fn seldom<T: Clone + Default>(&self, at: At<T>) -> T {
        self.seldom.get().map_or_else(T::default, |seldom| at(seldom).get())
    }

    pub(super) fn set_seldom<T>(&self, at: At<T>, value: T) {
        at(self.seldom.get_or_init(Box::default)).set(value);
    }

    /// Empties a slot.
    pub(super) fn take_seldom<T: Default>(&self, at: At<T>) -> T {
        self.seldom.get().map_or_else(T::default, |seldom| at(seldom).replace(T::default()))
    }
}
