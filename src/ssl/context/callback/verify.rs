//! Judging a peer beside OpenSSL.

use crate::ssl::connection::Connection;
use crate::ssl::context::{CERT_NONE, Context};
use crate::ssl::error::{Error, Result};
use crate::ssl::verification::Verification;
use std::sync::Arc;

/// Judges a peer whose certificate was checked; a failure refuses it.
pub type VerifyCallback = Arc<dyn Fn(&dyn Connection, &Verification) -> Result<()> + Send + Sync>;

/// Whether a callback may accept what the check has refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VerifyOverride {
    /// It is asked only about what has passed.
    #[default]
    Never,
    /// It is asked in any case, and has the last word.
    Insecure,
}

impl VerifyOverride {
    const INSECURE_OVERRIDE: u32 = 1;

    /// Checks a number from outside.
    pub fn from_bits(bits: u32) -> Result<VerifyOverride> {
        match bits {
            0 => Ok(VerifyOverride::Never),
            VerifyOverride::INSECURE_OVERRIDE => Ok(VerifyOverride::Insecure),
            _ => Err(Error::value(format_args!(
                "flags has unknown bits {:#x}",
                bits & !VerifyOverride::INSECURE_OVERRIDE
            ))),
        }
    }
}

/// A callback, and what it may do.
#[derive(Clone)]
pub(crate) struct Judge {
    pub callback: VerifyCallback,
    pub may_override: VerifyOverride,
}

impl Context {
    pub(crate) fn judge(&self) -> Option<Judge> {
        self.callbacks().verify.clone()
    }

    /// Tells whether a callback judges peers.
    pub(crate) fn is_judge(&self) -> bool {
        self.0.callbacks.look(|callbacks| callbacks.verify.is_some())
    }

    /// Tells whether what the check has refused may be accepted, as far as this context and its callback go.
    pub(crate) fn may_be_overridden(&self, judge: Option<&Judge>) -> bool {
        match judge {
            Some(judge) => judge.may_override == VerifyOverride::Insecure,
            None => self.verify_mode() == CERT_NONE,
        }
    }

    /// Sets who judges the peer after the check, and whether that may accept what was refused. A handshake that is judged
    /// resumes no session: it would not be.
    pub fn set_verify_callback(&self, may_override: VerifyOverride, callback: Option<VerifyCallback>) {
        let judge = callback.map(|callback| Judge { callback, may_override });
        self.edit_callbacks(|callbacks| callbacks.verify = judge);
    }
}
