//! Which of its identities a connection shows: libssl itself chooses.

use crate::openssl::{Result, sys};

/// Nobody has to help it.
pub const IS_NEEDED: bool = false;

/// Has a connection that was given no identity show one of its context that its peer takes.
pub unsafe fn settle(_: *mut sys::SSL) -> Result<()> {
    Ok(())
}
