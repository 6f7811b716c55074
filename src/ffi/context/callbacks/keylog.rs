//! Who gets the key log.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle, optional_path, output};
use crate::ffi::bytes::Bytes;
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Status};
use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

/// Takes one line of key log, without its newline. Secret: whoever has it reads the connection. A failure ends the
/// handshake; after that it is returned by the operation under way, after it is done; by the next read,
/// where a read has bytes to give. Extension.
pub type KeylogCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        line: *const c_char,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Copies the path of the key log into owned bytes; data is NULL if there is none.
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

/// Appends the secrets of all connections to a file, for debugging; NULL stops it. The old file is
/// closed first, also when opening the new one fails. Ours: a file that is made is its owner's alone (mode 0600).
/// A line that cannot be written is returned as OS by the
/// operation under way, after it is done: it ends no connection. A pipe is opened once it has a reader, and
/// connections that log to it wait while it is full, beyond their deadlines; others never do.
/// Returns: OS (with filename).
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

/// Hands each key log line to a callback, beside any key log file.
/// Extension.
/// OpenSSL: SSL_CTX_set_keylog_callback
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_keylog_callback(
    context: *mut Context,
    callback: KeylogCallback,
    userdata: *mut c_void,
    free_userdata: FreeUserdata,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        install(
            userdata,
            free_userdata,
            |userdata| wrap(callback, userdata),
            |callback| context.set_keylog_callback(callback),
        )
    })
}

fn wrap(callback: KeylogCallback, userdata: Arc<Userdata>) -> Option<ssl::KeylogCallback> {
    let callback = callback?;
    Some(Arc::new(move |connection, line| {
        let (connection, pointer) = (Connection::lend(connection), userdata.pointer());
        callback_result(|error| unsafe { callback(pointer, &*connection, line.as_ptr(), error) })
    }))
}
