//! A cache outside of this process for the sessions of servers.

use super::Connection;
use crate::ffi::boundary::{call, callback_result, handle};
use crate::ffi::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, Context, Error, Result, SessionCache, Status};
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// Keeps a session under its id (32 random bytes) for this many seconds. data is up to 65536 bytes, and secret: anybody
/// who has them can read the connections that resume it. Return OK also when the store cannot be reached: any other
/// status ends the handshake. See "Callbacks" above for what a callback may do and when userdata is freed.
/// Extension.
pub type SessionPutCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        id: *const u8,
        id_len: usize,
        data: *const u8,
        data_len: usize,
        seconds: i64,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Finds the session of an id (32 bytes that a client has sent): writes the bytes that it was kept as into data and their length into *data_len, which
/// left at 0 says that there is none. The handshake waits for it. Return OK also when the store cannot be reached: any
/// other status ends the handshake. See "Callbacks" above for what a callback may do and when userdata is freed.
/// Extension.
pub type SessionGetCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        id: *const u8,
        id_len: usize,
        data: *mut u8,
        data_size: usize,
        data_len: *mut usize,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Forgets the session of an id: it has expired, its bytes are damaged, or a fatal alert has ended its connection (RFC
/// 5246, section 7.2.2). Return OK also when the store cannot be reached: any other status ends the connection. See
/// "Callbacks" above for what a callback may do and when userdata is freed.
/// Extension.
pub type SessionRemoveCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection: *const Connection,
        id: *const u8,
        id_len: usize,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Sets where a server keeps the sessions that are not in tickets (OP_NO_TICKET, or clients of TLS 1.2 that know none):
/// outside of this process, where other servers with the same callbacks find them. A session is resumed only by a
/// server that asks the same of its clients, was called by the same name and allows the same ciphers; a server with a
/// PSK callback resumes none. A program that can write to the store can be any client. The callbacks share userdata; remove may
/// be NULL. The first ones count for connections made later, those that replace others at once. NULL for all three: in the
/// context, as at first.
/// Returns: VALUE if only one of put and get is NULL, or for a TLS_CLIENT context; SSL.
/// Extension.
/// OpenSSL: SSL_CTX_sess_set_new_cb, SSL_CTX_sess_set_get_cb
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_session_cache(
    context: *mut Context,
    put: SessionPutCallback,
    get: SessionGetCallback,
    remove: SessionRemoveCallback,
    userdata: *mut c_void,
    free_userdata: FreeUserdata,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        if put.is_some() != get.is_some() || (put.is_none() && remove.is_some()) {
            return Err(Error::value("put and get must both be callbacks, or all three NULL"));
        }
        install(
            userdata,
            free_userdata,
            |userdata| cache(put, get, remove, userdata),
            |cache| context.set_session_cache(cache),
        )
    })
}

struct SessionCacheCallbacks {
    put: unsafe extern "C" fn(
        *mut c_void,
        *const Connection,
        *const u8,
        usize,
        *const u8,
        usize,
        i64,
        *mut *mut Error,
    ) -> c_int,
    get: unsafe extern "C" fn(
        *mut c_void,
        *const Connection,
        *const u8,
        usize,
        *mut u8,
        usize,
        *mut usize,
        *mut *mut Error,
    ) -> c_int,
    remove: SessionRemoveCallback,
    userdata: Arc<Userdata>,
}

fn cache(
    put: SessionPutCallback,
    get: SessionGetCallback,
    remove: SessionRemoveCallback,
    userdata: Arc<Userdata>,
) -> Option<Arc<dyn SessionCache>> {
    Some(Arc::new(SessionCacheCallbacks { put: put?, get: get?, remove, userdata }))
}

impl SessionCache for SessionCacheCallbacks {
    fn put(&self, connection: &dyn ssl::Connection, id: &[u8], data: &[u8], seconds: i64) -> Result<()> {
        let (connection, pointer) = (Connection::lend(connection), self.userdata.pointer());
        callback_result(|error| unsafe {
            (self.put)(
                pointer,
                &*connection,
                id.as_ptr(),
                id.len(),
                data.as_ptr(),
                data.len(),
                seconds,
                error,
            )
        })
    }

    fn get(&self, connection: &dyn ssl::Connection, id: &[u8], data: &mut [u8]) -> Result<usize> {
        let (connection, pointer) = (Connection::lend(connection), self.userdata.pointer());
        let (start, size, mut len) = (data.as_mut_ptr(), data.len(), 0);
        callback_result(|error| unsafe {
            (self.get)(pointer, &*connection, id.as_ptr(), id.len(), start, size, &mut len, error)
        })?;
        Ok(len)
    }

    fn remove(&self, connection: &dyn ssl::Connection, id: &[u8]) -> Result<()> {
        let Some(remove) = self.remove else { return Ok(()) };
        let (connection, pointer) = (Connection::lend(connection), self.userdata.pointer());
        callback_result(|error| unsafe { remove(pointer, &*connection, id.as_ptr(), id.len(), error) })
    }
}
