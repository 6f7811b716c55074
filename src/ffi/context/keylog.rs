//! `tlsock_context_keylog_filename` and its setter: the file of the key log.

use crate::ffi::boundary::{call, handle, optional_path, output};
use crate::ffi::bytes::Bytes;
use crate::ssl::{Context, Error, Status};
use std::ffi::c_char;

/// Gives the path of the key log; data is NULL if there is none.
/// Returns: nothing beyond the conventions.
/// Python: SSLContext.keylog_filename
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_keylog_filename(
    context: *const Context,
    filename: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(filename, "filename")?;
        let path = unsafe { handle(context, "context") }?.keylog_filename();
        output.set(Bytes::new(path.map(|path| path.into_os_string().into_encoded_bytes()))?);
        Ok(())
    })
}

/// Appends the secrets of all connections to a file, for debugging; NULL ends that. The old file is closed first,
/// also when opening the new one fails. Ours: a new file is for its owner only (mode 0600). If a line cannot be
/// written, the operation under way is done first and then returns OS: no connection ends, but a call that makes one gives none. A pipe is opened once it
/// has a reader, and while it is full, connections that log to it wait, even beyond their deadlines; others never
/// do.
/// Returns: OS (with filename), SSL.
/// Python: SSLContext.keylog_filename = filename
/// OpenSSL: SSL_CTX_set_keylog_callback
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_keylog_filename(
    context: *mut Context,
    filename: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_keylog_filename(unsafe { optional_path(filename, "filename") }?)
    })
}
