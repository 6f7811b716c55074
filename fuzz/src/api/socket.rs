//! Steps of sockets, all of which are non-blocking or have a short deadline.

use super::callback::{refused, taken};
use super::connection::hostname;
use super::op::{Pair, Slot, SocketOp};
use super::world::World;
use crate::c::*;
use crate::call::{Out, Outcome, at, call, fill, give, owned, text};
use crate::handle::Handle;
use std::os::fd::{FromRawFd, IntoRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::ptr::{null, null_mut};

/// Makes two sides over a pair of the system's sockets and runs the handshake for a few turns.
pub fn pair(world: &World, pair: &Pair) {
    let (Some(client), Some(server)) = (world.contexts.get(pair.client), world.contexts.get(pair.server))
    else {
        return;
    };
    let session = world.sessions.get(pair.session).filter(|_| pair.flags & 1 != 0);
    let (one, two) = UnixStream::pair().expect("the system gives sockets");
    let flags = u32::from(pair.flags) >> 1 & WRAP_REPORT_RAGGED_EOFS;
    let session = session.as_ref().map_or(null(), |session| session.raw().cast_const());
    let first =
        wrap(&client, one, flags, hostname(pair.hostname).map_or(null(), |name| name.as_ptr()), session);
    let second = wrap(&server, two, flags | WRAP_SERVER_SIDE, null(), null());
    let other = pair.ends.wrapping_add(1);
    world.sockets.put(pair.ends, first);
    world.sockets.put(other, second);
    exchange(world, pair.ends, other, pair.turns);
}

fn wrap(
    context: &Handle<tlsock_context>,
    stream: UnixStream,
    flags: u32,
    name: *const std::ffi::c_char,
    session: *const tlsock_session,
) -> Option<Handle<tlsock_socket>> {
    stream.set_nonblocking(true).expect("the system can do that");
    let fd = stream.into_raw_fd();
    // SAFETY: a live context, a descriptor of ours, text, a session or NULL, and a place for a handle.
    let made = give("wrap_socket", |out, error| unsafe {
        tlsock_context_wrap_socket(context.raw(), fd, flags | WRAP_NO_HANDSHAKE, name, session, out, error)
    });
    match made {
        // SAFETY: ours.
        Ok(socket) => unsafe { Handle::new(socket) },
        Err(_) => {
            // SAFETY: by the header it is still ours, and open.
            drop(unsafe { OwnedFd::from_raw_fd(fd) });
            None
        }
    }
}

fn exchange(world: &World, one: Slot, other: Slot, turns: u8) {
    let (Some(one), Some(other)) = (world.sockets.get(one), world.sockets.get(other)) else { return };
    for _ in 0..turns % 8 {
        for end in [&one, &other] {
            // SAFETY: a live socket.
            done(call("do_handshake", |error| unsafe { tlsock_socket_do_handshake(end.raw(), error) }));
        }
    }
}

fn done<T>(_: Outcome<T>) {}

/// Does one step.
pub fn step(world: &World, slot: Slot, op: &SocketOp) {
    if let SocketOp::Listen(context) = op {
        return listen(world, slot, *context);
    }
    let Some(socket) = world.sockets.get(slot) else { return };
    match op {
        SocketOp::Free => {
            drop(socket);
            world.sockets.put(slot, None);
        }
        SocketOp::Exchange { other, turns } => exchange(world, slot, *other, *turns),
        SocketOp::SetContext(_)
        | SocketOp::SetSession(_)
        | SocketOp::TakeSession(_)
        | SocketOp::Accept(_) => {
            with_others(world, socket.raw(), op);
        }
        _ => move_bytes(socket.raw(), op),
    }
}

fn move_bytes(raw: *mut tlsock_socket, op: &SocketOp) {
    // SAFETY: a live socket, which the caller keeps so, and places of the size given.
    unsafe {
        match op {
            SocketOp::Handshake => done(call("do_handshake", |error| tlsock_socket_do_handshake(raw, error))),
            SocketOp::Recv(size) => done(fill("recv", usize::from(*size), |data, size, len, error| {
                tlsock_socket_recv(raw, data.cast(), size, len, error)
            })),
            SocketOp::Send(len) => {
                let data = vec![b's'; usize::from(*len)];
                let mut sent = usize::MAX;
                let outcome = call("send", |error| {
                    tlsock_socket_send(raw, data.as_ptr().cast(), data.len(), &mut sent, error)
                });
                assert!(if outcome.is_ok() { sent <= data.len() } else { sent == usize::MAX });
            }
            SocketOp::Sendv(count) => {
                let data = [b'm'; 100];
                let part = tlsock_part { data: data.as_ptr().cast(), len: usize::from(count % 100) };
                let parts = vec![part; usize::from(count % 7)];
                done(give("sendv", |sent: *mut usize, error| {
                    tlsock_socket_sendv(raw, parts.as_ptr(), parts.len(), sent, error)
                }));
            }
            SocketOp::Unwrap(true) => {
                done(owned("unwrap", |out, error| tlsock_socket_unwrap(raw, out, error)))
            }
            SocketOp::Unwrap(false) => {
                done(call("unwrap", |error| tlsock_socket_unwrap(raw, null_mut(), error)))
            }
            SocketOp::CloseWrite => done(call("close_write", |error| tlsock_socket_close_write(raw, error))),
            SocketOp::Shutdown(how) => {
                done(call("shutdown", |error| tlsock_socket_shutdown(raw, i32::from(how % 4), error)))
            }
            SocketOp::Close => done(call("close", |error| tlsock_socket_close(raw, error))),
            SocketOp::Abort => done(call("abort", |error| tlsock_socket_abort(raw, error))),
            SocketOp::Detach => {
                let fd = tlsock_socket_detach(raw);
                // What is given up is ours to close.
                drop((fd >= 0).then(|| OwnedFd::from_raw_fd(fd)));
                assert_eq!(tlsock_socket_fileno(raw), -1);
            }
            SocketOp::Timeout(which) => {
                let seconds = [0.0, 0.001, f64::NAN, 0.0][usize::from(which % 4)];
                done(call("settimeout", |error| tlsock_socket_settimeout(raw, seconds, error)));
            }
            SocketOp::Authenticate => done(call("verify_client_post_handshake", |error| {
                tlsock_socket_verify_client_post_handshake(raw, error)
            })),
            SocketOp::Inspect => inspect(raw),
            SocketOp::Connect => done(call("connect", |error| {
                // Nobody listens at port 1 of this host.
                tlsock_socket_connect(raw, c"127.0.0.1".as_ptr(), 1, error)
            })),
            _ => {}
        }
    }
}

fn with_others(world: &World, raw: *mut tlsock_socket, op: &SocketOp) {
    // SAFETY: a live socket, which the caller keeps so, and live other handles.
    unsafe {
        match op {
            SocketOp::SetContext(context) => {
                if let Some(context) = world.contexts.get(*context) {
                    done(call("set_context", |error| tlsock_socket_set_context(raw, context.raw(), error)));
                }
            }
            SocketOp::SetSession(session) => {
                if let Some(session) = world.sessions.get(*session) {
                    let late = !tlsock_socket_version(raw).is_null() || tlsock_socket_server_side(raw);
                    let set =
                        call("set_session", |error| tlsock_socket_set_session(raw, session.raw(), error));
                    if late {
                        refused("a session was taken after the handshake or on a server", set);
                    }
                }
            }
            SocketOp::TakeSession(into) => {
                world
                    .sessions
                    .put(*into, taken("session", |out, error| tlsock_socket_session(raw, out, error)));
            }
            // Only one that does not wait.
            SocketOp::Accept(into) if tlsock_socket_gettimeout(raw) == 0.0 => {
                let accepted =
                    taken("accept", |out, error| tlsock_socket_accept(raw, out, null_mut(), error));
                world.sockets.put(*into, accepted);
            }
            _ => {}
        }
    }
}

fn listen(world: &World, slot: Slot, context: Slot) {
    let Some(context) = world.contexts.get(context) else { return };
    // SAFETY: a live context, text and a place for a handle.
    let made = taken("create_server", |out: *mut *mut tlsock_socket, error: Out| unsafe {
        tlsock_context_create_server(
            context.raw(),
            c"127.0.0.1".as_ptr(),
            0,
            1,
            WRAP_NO_HANDSHAKE,
            out,
            error,
        )
    });
    if let Some(made) = &made {
        // SAFETY: a live socket.
        let set = call("settimeout", |error| unsafe { tlsock_socket_settimeout(made.raw(), 0.0, error) });
        set.expect("a listener can be non-blocking");
    }
    world.sockets.put(slot, made);
}

/// Asks a socket everything.
///
/// # Safety
/// The socket is live.
pub unsafe fn inspect(raw: *mut tlsock_socket) {
    // SAFETY: a live socket, by the callers' word, and places for the results.
    unsafe {
        let done = text(tlsock_socket_version(raw)).is_some();
        let cipher = at("cipher", |place| tlsock_socket_cipher(raw, place));
        assert!(cipher.is_some() || !done);
        let _ = (text(tlsock_socket_group(raw)), text(tlsock_socket_selected_alpn_protocol(raw)));
        let _ = (text(tlsock_socket_server_hostname(raw)), tlsock_socket_server_side(raw));
        let _ =
            (tlsock_socket_pending(raw), tlsock_socket_session_reused(raw), tlsock_socket_ragged_eof(raw));
        let _ = (tlsock_socket_gettimeout(raw), tlsock_socket_fileno(raw), tlsock_socket_userdata(raw));
        let _ = give("getpeername", |out, error| tlsock_socket_getpeername(raw, out, error)).is_ok();
        let _ = give("getsockname", |out, error| tlsock_socket_getsockname(raw, out, error)).is_ok();
        drop(taken("context", |out, error| tlsock_socket_context(raw, out, error)).expect("always there"));
        drop(taken("session", |out, error| tlsock_socket_session(raw, out, error)));
        drop(taken("shared_ciphers", |out, error| tlsock_socket_shared_ciphers(raw, out, error)));
        drop(taken("verified_chain", |out, error| tlsock_socket_get_verified_chain(raw, out, error)));
        drop(taken("unverified_chain", |out, error| tlsock_socket_get_unverified_chain(raw, out, error)));
        done_binding(raw);
        let proven = taken("getpeercert", |out, error| tlsock_socket_getpeercert(raw, out, error));
        assert!(
            proven.is_none_or(|proven: Handle<tlsock_certificate>| tlsock_certificate_verified(proven.raw()))
        );
    }
}

fn done_binding(raw: *mut tlsock_socket) {
    // SAFETY: a live socket and a place for bytes.
    done(owned("channel_binding", |out, error| unsafe {
        tlsock_socket_get_channel_binding(raw, null(), out, error)
    }));
}
