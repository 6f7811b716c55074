//! One end of a connection, in memory or over a socket, by what the two have in common.

use crate::c::*;
use crate::call::{Outcome, call, fill, give};
use crate::handle::Handle;
use crate::{object, peer};
use std::ffi::{CStr, c_int};
use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr::{null, null_mut};

/// A call of an object, and that of a socket.
type Plain<T> = unsafe extern "C" fn(*mut T, *mut *mut tlsock_error) -> tlsock_status;

pub enum End {
    /// With what it writes to.
    Object(Handle<tlsock_object>, Handle<tlsock_bio>),
    Socket(Handle<tlsock_socket>),
}

/// A client and a server that are connected.
pub fn both(client: &peer::Shared, server: &peer::Shared, sockets: bool) -> [End; 2] {
    let name = Some(c"localhost");
    if sockets {
        let (near, far) = pair();
        return [socket(client, near, 0, name), socket(server, far, WRAP_SERVER_SIDE, None)];
    }
    let (up, down) = (peer::bio(), peer::bio());
    let client = peer::wrap(client, Some((&down, &up)), 0, name, None).expect("an object");
    let server = peer::wrap(server, Some((&up, &down)), WRAP_SERVER_SIDE, None, None).expect("an object");
    [End::Object(client, up), End::Object(server, down)]
}

fn pair() -> (c_int, c_int) {
    let mut fds = [-1; 2];
    // SAFETY: a place for two descriptors.
    let made = unsafe {
        libc::socketpair(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0, fds.as_mut_ptr())
    };
    assert_eq!(made, 0, "the system gives sockets");
    (fds[0], fds[1])
}

fn socket(context: &peer::Shared, fd: c_int, flags: u32, name: Option<&CStr>) -> End {
    let name = name.map_or(null(), CStr::as_ptr);
    // SAFETY: a live context, a descriptor of ours, text, and a place for a handle.
    let made = give("wrap_socket", |out, error| unsafe {
        tlsock_context_wrap_socket(context.raw(), fd, flags | WRAP_NO_HANDSHAKE, name, null(), out, error)
    });
    let Ok(made) = made else {
        // SAFETY: by the header it is still ours, and open.
        drop(unsafe { OwnedFd::from_raw_fd(fd) });
        panic!("no socket")
    };
    // SAFETY: ours.
    let socket = unsafe { Handle::<tlsock_socket>::new(made) }.expect("a handle");
    call("settimeout", |error| unsafe { tlsock_socket_settimeout(socket.raw(), 0.0, error) })
        .expect("it is open");
    End::Socket(socket)
}

impl End {
    fn plain(&self, name: &str, object: Plain<tlsock_object>, socket: Plain<tlsock_socket>) -> Outcome<()> {
        // SAFETY: live handles.
        call(name, |error| unsafe {
            match self {
                End::Object(own, _) => object(own.raw(), error),
                End::Socket(own) => socket(own.raw(), error),
            }
        })
    }

    pub fn do_handshake(&self) -> Outcome<()> {
        self.plain("do_handshake", tlsock_object_do_handshake, tlsock_socket_do_handshake)
    }

    pub fn close_write(&self) -> Outcome<()> {
        self.plain("close_write", tlsock_object_close_write, tlsock_socket_close_write)
    }

    pub fn verify_client_post_handshake(&self) -> Outcome<()> {
        self.plain(
            "post_handshake",
            tlsock_object_verify_client_post_handshake,
            tlsock_socket_verify_client_post_handshake,
        )
    }

    /// Ends TLS. A socket would go on without it, so that it closes its direction only.
    pub fn unwrap(&self) -> Outcome<()> {
        self.plain("unwrap", tlsock_object_unwrap, tlsock_socket_close_write)
    }

    pub fn key_update(&self, request_peer: bool) -> Outcome<()> {
        // SAFETY: live handles; so below.
        call("key_update", |error| unsafe {
            match self {
                End::Object(own, _) => tlsock_object_key_update(own.raw(), request_peer, error),
                End::Socket(own) => tlsock_socket_key_update(own.raw(), request_peer, error),
            }
        })
    }

    pub fn set_context(&self, context: &peer::Shared) -> Outcome<()> {
        call("set_context", |error| unsafe {
            match self {
                End::Object(own, _) => tlsock_object_set_context(own.raw(), context.raw(), error),
                End::Socket(own) => tlsock_socket_set_context(own.raw(), context.raw(), error),
            }
        })
    }

    pub fn read(&self) -> Outcome<Vec<u8>> {
        fill("read", 64, |buffer, size, len, error| unsafe {
            match self {
                End::Object(own, _) => tlsock_object_read(own.raw(), buffer.cast(), size, len, error),
                End::Socket(own) => tlsock_socket_recv(own.raw(), buffer.cast(), size, len, error),
            }
        })
    }

    pub fn write(&self, data: &[u8]) -> Outcome<()> {
        let (bytes, len) = (data.as_ptr().cast(), data.len());
        call("write", |error| unsafe {
            match self {
                End::Object(own, _) => tlsock_object_write(own.raw(), bytes, len, null_mut(), error),
                End::Socket(own) => tlsock_socket_send(own.raw(), bytes, len, null_mut(), error),
            }
        })
    }

    /// Closes a socket, or resets it.
    pub fn close(&self, at_once: bool) -> Option<Outcome<()>> {
        let End::Socket(own) = self else { return None };
        Some(call("close", |error| unsafe {
            match at_once {
                true => tlsock_socket_abort(own.raw(), error),
                false => tlsock_socket_close(own.raw(), error),
            }
        }))
    }

    pub fn inspect(&self) {
        match self {
            // SAFETY: live handles.
            End::Object(own, _) => drop(unsafe { object::inspect(own.raw()) }),
            End::Socket(own) => unsafe { crate::api::inspect_socket(own.raw()) },
        }
    }

    /// How many bytes it has written that nobody has read.
    pub fn written(&self) -> usize {
        match self {
            // SAFETY: a live buffer.
            End::Object(_, bio) => unsafe { tlsock_bio_pending(bio.raw()) },
            End::Socket(_) => 0,
        }
    }

    /// Asserts what is true of a server whose verdict is open, or was refused.
    pub fn assert_nothing_is_known(&self, open: bool) {
        // SAFETY: live handles, and places for the results.
        unsafe {
            let (version, pending) = match self {
                End::Object(own, _) => (tlsock_object_version(own.raw()), tlsock_object_pending(own.raw())),
                End::Socket(own) => (tlsock_socket_version(own.raw()), tlsock_socket_pending(own.raw())),
            };
            assert!(version.is_null(), "a version without a verdict");
            assert_eq!(pending, 0);
            let result = give("verify_result", |out, error| match self {
                End::Object(own, _) => tlsock_object_verify_result(own.raw(), out, error),
                End::Socket(own) => tlsock_socket_verify_result(own.raw(), out, error),
            });
            assert!(result.is_err(), "a result without a verdict");
            let session = give("session", |out, error| match self {
                End::Object(own, _) => tlsock_object_session(own.raw(), out, error),
                End::Socket(own) => tlsock_socket_session(own.raw(), out, error),
            });
            let session = Handle::<tlsock_session>::new(session.unwrap_or(null_mut()));
            // A client that is refused at once, after the handshake, leaves the session of that.
            assert!(session.is_none() || !open, "a session without a verdict");
        }
    }
}
