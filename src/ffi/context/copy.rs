//! Copies of a context.

use crate::ffi::boundary::{call, handle, place};
use crate::ssl::{Context, Error, Status};

/// Makes a context with the same settings: certificates, trust, verification, pins, ciphers, options, callbacks. Neither
/// follows the other from then on. Not copied are ticket keys, sessions and the session cache that keeps them elsewhere,
/// counts, the content of the chain cache and the key log: a session of one is not resumed by the other. A callback of both gets the same userdata, which is freed once neither
/// can call it any more.
/// Returns: SSL.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_copy(
    context: *const Context,
    copy: *mut *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(copy, "copy")?;
        output.give(unsafe { handle(context, "context") }?.copy()?);
        Ok(())
    })
}
