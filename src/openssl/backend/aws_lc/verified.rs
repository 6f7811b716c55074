//! What a connection knows of the verification of its peer. AWS-LC has the result, but for what is here.

use crate::openssl::chain::X509Stack;
use crate::openssl::sys;
use std::cell::{Cell, RefCell};
use std::os::raw::c_int;

/// How far the verification is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// None was made here: AWS-LC has the result of the handshake whose session was resumed.
    #[default]
    None,
    /// The program has not decided.
    Open,
    /// It has ended with this code, a number of OpenSSL.
    Done(c_int),
    /// libssl is to be told this code, a number of AWS-LC, and whether the peer is accepted nevertheless.
    ToTell(c_int, bool),
    /// The same, and libssl is called again for that.
    Telling(c_int, bool),
}

/// What is kept of a verification.
#[derive(Default)]
pub(super) struct Verified {
    stage: Cell<Stage>,
    chain: RefCell<Option<X509Stack>>,
}

impl Verified {
    pub(super) fn stage(&self) -> Stage {
        self.stage.get()
    }

    pub(super) fn go_to(&self, stage: Stage) {
        self.stage.set(stage);
    }

    /// Keeps the chain of certificates, or none.
    pub(super) fn keep(&self, chain: Option<X509Stack>) {
        self.chain.replace(chain);
    }

    /// That chain, lent, or NULL.
    pub(super) fn chain(&self) -> *const sys::stack_st_X509 {
        self.chain.borrow().as_ref().map_or(std::ptr::null(), |chain| chain.as_ptr().cast_const())
    }
}
