//! What is known of a connection, and what OpenSSL calls its failure.

use crate::openssl::alert::Alert;
use crate::openssl::error::{Entry, LIB_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING};
use crate::openssl::failure::Failure;
use crate::openssl::sys;
use std::cell::{Cell, RefCell};
use std::os::raw::c_int;

/// The reason, in any library, for what should not have happened.
const ERR_R_INTERNAL_ERROR: c_int = 259 | 0x3 << 18;
const SSL_R_BAD_EXTENSION: c_int = 110;
const SSL_R_PARSE_TLSEXT: c_int = 227;
const SSL_R_CALLBACK_FAILED: c_int = 234;
/// The reason of a handshake that cannot go on, where there is no other.
pub(super) const SSL_R_SSL_HANDSHAKE_FAILURE: c_int = 229;

/// What is known of a connection.
#[derive(Default)]
pub(super) struct Condition {
    /// A call has failed for good.
    pub failed: Cell<bool>,
    /// The peer has sent close_notify or a fatal alert.
    pub told: Cell<bool>,
    /// The fatal alert that this side has sent, by its number.
    pub sent: Cell<Option<u8>>,
    /// A callback has refused the name that the client asks for.
    pub refused: Cell<bool>,
    /// Why this side has ended the handshake inside of a call that AWS-LC goes on with, by a reason of libssl.
    pub broken_off: Cell<Option<c_int>>,
    /// Why no handshake may be made.
    pub bar: RefCell<Option<Entry>>,
}

impl Condition {
    /// Tells whether no handshake may be made.
    pub(super) fn is_barred(&self) -> bool {
        self.bar.borrow().is_some()
    }

    /// Tells whether this side has ended the handshake inside of a call.
    pub(super) fn is_broken_off(&self) -> bool {
        self.broken_off.get().is_some()
    }

    /// Tells whether nothing has failed and nothing is to fail.
    pub(super) fn is_good(&self) -> bool {
        !self.failed.get() && !self.is_broken_off() && !self.is_barred()
    }

    /// What OpenSSL calls a failure that is for good. `unsaid`: what it would be called of which AWS-LC says nothing at all.
    pub(super) fn name(&self, failure: Failure, at_end: bool, unsaid: Option<Entry>) -> Failure {
        let named = match (self.bar.take(), &failure.entry) {
            (Some(why), _) => Some(why),
            (None, Some(entry)) if entry.is(LIB_SSL, SSL_R_PARSE_TLSEXT) && self.refused.get() => {
                Some(Entry::of(LIB_SSL, SSL_R_CALLBACK_FAILED))
            }
            (None, Some(_)) => None,
            (None, None) if at_end => Some(Entry::of(LIB_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING)),
            (None, None) => self.sent.get().map(of_alert).or(unsaid),
        };
        match named {
            Some(entry) => Failure { code: sys::SSL_ERROR_SSL, entry: Some(entry) },
            None => failure,
        }
    }
}

/// AWS-LC sends some alerts without saying why.
fn of_alert(number: u8) -> Entry {
    const UNRECOGNIZED_NAME: u8 = 112;
    let reason = match Alert(number) {
        Alert::DECODE_ERROR | Alert::ILLEGAL_PARAMETER | Alert(UNRECOGNIZED_NAME) => SSL_R_BAD_EXTENSION,
        Alert::INTERNAL_ERROR => ERR_R_INTERNAL_ERROR,
        _ => SSL_R_SSL_HANDSHAKE_FAILURE,
    };
    Entry::of(LIB_SSL, reason)
}
