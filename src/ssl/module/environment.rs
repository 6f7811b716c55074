//! The environment. Its variables are read nowhere else.

use crate::os;
use std::ffi::{OsStr, OsString};
use std::sync::atomic::{AtomicU8, Ordering};

/// What decides whether environment variables are used.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Trust {
    /// The default: they are not used if the program was started with raised privileges.
    AsStarted,
    /// The program has switched them on.
    On,
    /// The program has switched them off.
    Off,
}

static TRUST: AtomicU8 = AtomicU8::new(Trust::AsStarted as u8);

/// Tells whether environment variables are used.
pub fn environment_trusted() -> bool {
    const ON: u8 = Trust::On as u8;
    const OFF: u8 = Trust::Off as u8;
    match TRUST.load(Ordering::Relaxed) {
        ON => true,
        OFF => false,
        _ => !os::has_raised_privileges(),
    }
}

/// Sets whether environment variables are used, for the whole process and for what is made from now on.
pub fn set_environment_trusted(on: bool) {
    let trust = if on { Trust::On } else { Trust::Off };
    TRUST.store(trust as u8, Ordering::Relaxed);
}

/// Reads a variable. An empty one, or one that must not be used, counts as not set.
pub(crate) fn variable(name: &OsStr) -> Option<OsString> {
    if !environment_trusted() {
        return None;
    }
    std::env::var_os(name).filter(|value| !value.is_empty())
}
