//! The environment: the one place where its variables are read.

use crate::os;
use std::ffi::{OsStr, OsString};
use std::sync::atomic::{AtomicU8, Ordering};

/// Who decides whether the environment counts.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Decider {
    /// The system: it does not count for a program with raised privileges.
    AsStarted,
    /// The program: it counts.
    On,
    /// The program: it does not.
    Off,
}

static TRUST: AtomicU8 = AtomicU8::new(Decider::AsStarted as u8);

/// Tells whether variables of the environment count.
pub fn environment_trusted() -> bool {
    const ON: u8 = Decider::On as u8;
    const OFF: u8 = Decider::Off as u8;
    match TRUST.load(Ordering::Relaxed) {
        ON => true,
        OFF => false,
        _ => !os::has_raised_privileges(),
    }
}

/// Sets whether variables of the environment count, for the whole process and for what is made from now on.
pub fn set_environment_trusted(on: bool) {
    let trust = if on { Decider::On } else { Decider::Off };
    TRUST.store(trust as u8, Ordering::Relaxed);
}

/// Reads a variable. One that is empty, or that may not be trusted, counts as one that is not set.
pub(crate) fn variable(name: &OsStr) -> Option<OsString> {
    if !environment_trusted() {
        return None;
    }
    std::env::var_os(name).filter(|value| !value.is_empty())
}
