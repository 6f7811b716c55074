//! What a context calls back: one file per callback.

mod keylog;
mod message;
mod psk;
mod session;
mod sni;

use crate::ssl::{self, Object, Socket};
use std::ffi::c_void;
use std::ptr::{from_ref, null_mut};

/// The connection a callback is about: one of socket and object is NULL. The handles are lent for the
/// time of the call, and need not be the pointers you hold. userdata: see tlsock_socket_set_userdata.
#[repr(C)]
pub struct Connection {
    pub socket: *mut Socket,
    pub object: *mut Object,
    pub userdata: *mut c_void,
}

impl Connection {
    /// Lends a connection for as long as the callback runs.
    fn lend(connection: &ssl::Connection) -> Connection {
        Connection {
            socket: connection.socket().map_or(null_mut(), |socket| from_ref(socket).cast_mut()),
            object: connection.object().map_or(null_mut(), |object| from_ref(object).cast_mut()),
            userdata: connection.userdata(),
        }
    }
}
