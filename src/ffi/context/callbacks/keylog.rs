//! The key log: its callback and its file.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle, optional_path, output};
use crate::ffi::bytes::Bytes;
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Status};
use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

/// Takes one line of the key log, without its newline; line is lent for the time of the call. It is secret: anyone who has
/// it can decrypt the connection. A failure during a handshake ends it. Later, the call in progress is completed first and
/// then returns the failure; a read that has bytes to return leaves it to the next read. See "Callbacks" above for
/// what a callback may do and when userdata is freed.
/// Extension.
pub type KeylogCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        line: *const c_char,
        error: *mut *mut Error,
    ) -> c_int,
>;

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
/// even if opening the new one fails. Ours: a new file can be read only by its owner (mode 0600). If a line cannot be
/// written, the call in progress is completed first and then returns OS; the connection does not end. Opening a pipe
/// waits until it has a reader. While a pipe is full, the connections that log to it wait, even beyond their
/// deadlines; others never do.
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

/// Passes each line of the key log to a callback, in addition to any key log file.
/// Returns: SSL.
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
