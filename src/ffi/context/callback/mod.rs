//! The callbacks of a context, one file for each.

mod alpn;
mod client_hello;
mod identity;
mod keylog;
mod message;
mod psk;
mod session;
mod session_cache;
mod sni;
mod verify;

use crate::ffi::handle::Loan;
use crate::ssl::{self, Object, Socket};
use std::ffi::c_void;
use std::ops::Deref;
use std::ptr::{from_ref, null_mut};

/// The connection that a callback is called for: either socket or object is NULL. The handles are lent for the time of
/// the call, and need not be the pointers that you hold. userdata: see tlsock_socket_set_userdata.
#[repr(C)]
pub struct Connection {
    pub socket: *mut Socket,
    pub object: *mut Object,
    pub userdata: *mut c_void,
}

impl Connection {
    /// Lends a connection while the callback runs.
    fn lend(connection: &dyn ssl::Connection) -> LentConnection {
        let (socket, object) = (Socket::of(connection), Object::of(connection));
        LentConnection {
            connection: Connection {
                socket: socket.map_or(null_mut(), |socket| from_ref(socket).cast_mut()),
                object: object.map_or(null_mut(), |object| from_ref(object).cast_mut()),
                userdata: connection.userdata(),
            },
            _loans: (Loan::new(socket), Loan::new(object)),
        }
    }
}

/// A connection while it is lent.
struct LentConnection {
    connection: Connection,
    _loans: (Loan, Loan),
}

impl Deref for LentConnection {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.connection
    }
}
