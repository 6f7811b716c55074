//! Callbacks, well behaved and otherwise.

use super::op::{Does, Kind, Pair, SetCallback, Slot};
use super::world::{Used, World, current, free_userdata};
use crate::c::*;
use crate::call::{Out, Outcome, call, fill, give};
use crate::handle::Handle;
use crate::{object, queue};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Sets or clears a callback.
pub fn set(world: &World, slot: Slot, set: &SetCallback) {
    let used = world.userdata(set, slot);
    let userdata = Arc::as_ptr(&used).cast_mut().cast::<c_void>();
    let free: tlsock_free_userdata = if set.frees { Some(free_userdata) } else { None };
    let context = world.contexts.get(slot);
    let raw = context.as_ref().map_or(null_mut(), |context| context.raw());
    let on = !set.clear;
    // SAFETY: a live context or NULL, and userdata that outlives all callbacks.
    let outcome = call("set callback", |error| unsafe {
        match set.kind {
            Kind::Sni => tlsock_context_set_sni_callback(raw, on.then_some(sni), userdata, free, error),
            Kind::ServerName => {
                tlsock_context_set_servername_callback(raw, on.then_some(sni), userdata, free, error)
            }
            Kind::PskClient => {
                tlsock_context_set_psk_client_callback(raw, on.then_some(psk_client), userdata, free, error)
            }
            Kind::PskServer => {
                let hint = c"hint".as_ptr();
                tlsock_context_set_psk_server_callback(
                    raw,
                    on.then_some(psk_server),
                    hint,
                    userdata,
                    free,
                    error,
                )
            }
            Kind::Message => {
                tlsock_context_set_message_callback(raw, on.then_some(message), userdata, free, error)
            }
            Kind::Keylog => {
                tlsock_context_set_keylog_callback(raw, on.then_some(keylog), userdata, free, error)
            }
            Kind::Session => {
                tlsock_context_set_session_callback(raw, on.then_some(session), userdata, free, error)
            }
            Kind::Password => {
                tlsock_context_set_password_callback(raw, on.then_some(password), userdata, free, error)
            }
            Kind::Warning => tlsock_set_warning_callback(on.then_some(warning), userdata, free, error),
        }
    });
    match outcome {
        Ok(()) => used.due.store(u32::from(set.frees), Relaxed),
        Err(_) => assert_eq!(used.freed.load(Relaxed), 0, "a setter that failed freed userdata"),
    }
    // Another program may have set its own since.
    if on && outcome.is_ok() && set.kind != Kind::Warning && !world.shares {
        assert_eq!(used.freed.load(Relaxed), 0, "userdata was freed while its callback is set");
    }
}

/// Clears the one callback that is the whole process's.
pub fn silence() {
    // SAFETY: no callback and no userdata.
    let cleared =
        call("warning", |error| unsafe { tlsock_set_warning_callback(None, null_mut(), None, error) });
    cleared.expect("a callback can be cleared");
}

/// Does what the program chose; gives the answer.
unsafe fn act(userdata: *mut c_void, connection: *const tlsock_connection, error: Out) -> c_int {
    // SAFETY: made by `set`, and kept to the end of the program.
    let used = unsafe { &*userdata.cast::<Used>() };
    assert_eq!(used.freed.load(Relaxed), 0, "{:?} was called with userdata that was freed", used.kind);
    used.calls.fetch_add(1, Relaxed);
    let world = current();
    world.give_way();
    if world.depth.get() > 3 {
        return TLSOCK_OK;
    }
    world.depth.set(world.depth.get() + 1);
    // SAFETY: what the library lends.
    let answer = unsafe { behave(world, used, connection, error) };
    world.depth.set(world.depth.get() - 1);
    queue::disturb(used.entries);
    answer
}

unsafe fn behave(world: &World, used: &Used, connection: *const tlsock_connection, error: Out) -> c_int {
    // SAFETY: NULL, or lent by the library for the time of the call.
    let connection = unsafe { connection.as_ref() };
    let fail = |status| {
        // SAFETY: text, and a place for an error.
        unsafe { error.write(tlsock_error_new(status, c"the program wants it so".as_ptr())) };
        status
    };
    match used.does {
        Does::Well | Does::Decline => {}
        Does::Fail if !error.is_null() => return fail(TLSOCK_TYPE),
        Does::KeepErrorAndSucceed if !error.is_null() => drop(fail(TLSOCK_OS)),
        Does::Fail | Does::FailSilently => return TLSOCK_OS,
        Does::Want => return TLSOCK_WANT_READ,
        // To say that the library has a defect is the library's.
        Does::Garbage(answer) => return if answer == TLSOCK_PANIC { TLSOCK_VALUE } else { answer },
        Does::UseConnection => connection.into_iter().for_each(use_connection),
        Does::ChangeContexts(slot) => change_contexts(world, slot),
        Does::SwitchContext(slot) => switch(world, slot, used.kind, connection),
        // Each message of such a handshake calls back too.
        Does::ShakeHands(slot) if world.depth.get() < 2 => shake_hands(world, slot),
        Does::ShakeHands(_) => {}
        Does::OfferSession(slot) => offer(world, slot, connection),
        Does::OfferSessionElsewhere(slot) => {
            super::connection::step(world, slot, &super::op::ObjectOp::SetSession(slot));
            super::socket::step(world, slot, &super::op::SocketOp::SetSession(slot));
        }
        Does::ReplaceItself => {
            let does = Does::Well;
            set(
                world,
                used.slot,
                &SetCallback {
                    kind: used.kind,
                    clear: used.calls.load(Relaxed) % 2 == 0,
                    does,
                    frees: true,
                    entries: used.entries,
                },
            );
        }
        Does::FreeOthers(slot) => {
            world.contexts.put(slot, None);
            world.bios.put(slot, None);
            world.sessions.put(slot, None);
            world.objects.put(slot, None);
            world.sockets.put(slot, None);
        }
        Does::KeepErrorAndSucceed => {}
    }
    TLSOCK_OK
}

/// Everything may be asked; nothing may be moved.
fn use_connection(connection: &tlsock_connection) {
    let (object, socket) = (connection.object, connection.socket);
    assert!(object.is_null() != socket.is_null(), "a connection is a socket or an object");
    let refused = |outcome| refused("moved bytes inside a callback", outcome);
    // SAFETY: lent by the library for the time of the call.
    unsafe {
        if object.is_null() {
            refused(call("handshake", |error| tlsock_socket_do_handshake(socket, error)));
            refused(call("send", |error| tlsock_socket_sendall(socket, b"x".as_ptr().cast(), 1, error)));
            refused(
                fill("recv", 4, |data, size, len, error| {
                    tlsock_socket_recv(socket, data.cast(), size, len, error)
                })
                .map(drop),
            );
            super::socket::inspect(socket);
        } else {
            refused(call("handshake", |error| tlsock_object_do_handshake(object, error)));
            refused(call("unwrap", |error| tlsock_object_unwrap(object, error)));
            refused(
                fill("read", 4, |data, size, len, error| {
                    tlsock_object_read(object, data.cast(), size, len, error)
                })
                .map(drop),
            );
            object::inspect(object);
        }
    }
}

fn change_contexts(world: &World, slot: Slot) {
    use super::op::ContextOp::{Alpn, Ciphers, Identify, Options, Trust, Verify};
    for (step, op) in [Identify(slot), Trust(slot), Ciphers(slot), Verify(slot), Alpn(slot), Options(slot)]
        .iter()
        .enumerate()
    {
        super::context::step(world, slot.wrapping_add(step as u8), op);
    }
}

fn switch(world: &World, slot: Slot, kind: Kind, connection: Option<&tlsock_connection>) {
    let (Some(connection), Some(context)) = (connection, world.contexts.get(slot)) else { return };
    // SAFETY: lent by the library for the time of the call, and a live context.
    let outcome = call("set_context", |error| unsafe {
        match connection.object.is_null() {
            true => tlsock_socket_set_context(connection.socket, context.raw(), error),
            false => tlsock_object_set_context(connection.object, context.raw(), error),
        }
    });
    if !matches!(kind, Kind::Sni | Kind::ServerName) {
        refused("a context was changed in a callback that must not", outcome);
    }
}

/// Another connection does the handshake.
fn shake_hands(world: &World, slot: Slot) {
    let pair =
        Pair { client: 0, server: 1, ends: slot, session: slot, hostname: 0, flags: slot & 7, turns: 4 };
    super::connection::pair(world, &pair);
}

/// The handshake has begun, or the connection is a server's.
fn offer(world: &World, slot: Slot, connection: Option<&tlsock_connection>) {
    let (Some(connection), Some(session)) = (connection, world.sessions.get(slot)) else { return };
    // SAFETY: lent by the library for the time of the call, and a live session.
    let outcome = call("set_session", |error| unsafe {
        match connection.object.is_null() {
            true => tlsock_socket_set_session(connection.socket, session.raw(), error),
            false => tlsock_object_set_session(connection.object, session.raw(), error),
        }
    });
    refused("a session was taken in a callback", outcome);
}

/// What must be VALUE.
pub fn refused(what: &str, outcome: Outcome<()>) {
    assert!(outcome.as_ref().is_err_and(|failure| failure.status == TLSOCK_VALUE), "{what}: {outcome:?}");
}

unsafe extern "C" fn sni(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    name: *const c_char,
    context: *mut tlsock_context,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        assert!(name.is_null() || CStr::from_ptr(name).to_bytes().is_ascii());
        assert!(tlsock_context_same(context, context));
        act(userdata, connection, error)
    }
}

unsafe extern "C" fn psk_client(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    hint: *const c_char,
    identity: *mut c_char,
    identity_size: usize,
    psk: *mut u8,
    psk_size: usize,
    psk_len: *mut usize,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        assert!(hint.is_null() || CStr::from_ptr(hint).to_bytes().len() <= 256);
        let garbage = matches!((*userdata.cast::<Used>()).does, Does::Garbage(_));
        if garbage {
            // No NUL: the library must not read on.
            identity.cast::<u8>().write_bytes(b'x', identity_size);
            psk_len.write(usize::MAX);
        } else if !declines(userdata) {
            identity.copy_from(c"me".as_ptr(), 3);
            key(psk, psk_size, psk_len);
        }
        let answer = act(userdata, connection, error);
        if garbage { TLSOCK_OK } else { answer }
    }
}

unsafe extern "C" fn psk_server(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    identity: *const c_char,
    psk: *mut u8,
    psk_size: usize,
    psk_len: *mut usize,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        assert!(identity.is_null() || !CStr::from_ptr(identity).to_bytes().is_empty());
        if !declines(userdata) {
            key(psk, psk_size, psk_len);
        }
        act(userdata, connection, error)
    }
}

unsafe fn declines(userdata: *mut c_void) -> bool {
    // SAFETY: made by `set`.
    unsafe { (*userdata.cast::<Used>()).does == Does::Decline }
}

unsafe fn key(psk: *mut u8, size: usize, len: *mut usize) {
    assert!(size >= 32);
    // SAFETY: a buffer of that size and a place for a number.
    unsafe {
        psk.write_bytes(7, 32);
        len.write(32);
    }
}

unsafe extern "C" fn message(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    _direction: c_int,
    _version: c_int,
    content_type: c_int,
    _msg_type: c_int,
    data: *const u8,
    len: usize,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        let sum = (0..len).fold(0_u8, |sum, index| sum ^ data.add(index).read());
        std::hint::black_box(sum);
        assert_ne!(content_type, 23, "application data was shown");
        act(userdata, connection, error)
    }
}

unsafe extern "C" fn keylog(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    line: *const c_char,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        assert!(!CStr::from_ptr(line).to_bytes().contains(&b'\n'));
        act(userdata, connection, error)
    }
}

unsafe extern "C" fn session(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    session: *mut tlsock_session,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends and gives.
    unsafe {
        let own = Handle::new(session);
        object::inspect_session(session);
        let world = current();
        world.sessions.put(world.seed, own);
        act(userdata, connection, error)
    }
}

unsafe extern "C" fn password(
    userdata: *mut c_void,
    buffer: *mut u8,
    size: usize,
    len: *mut usize,
    error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        let answer = if declines(userdata) { b"wrong!" } else { b"sesame" };
        buffer.copy_from(answer.as_ptr(), answer.len().min(size));
        len.write(if matches!((*userdata.cast::<Used>()).does, Does::Garbage(_)) { usize::MAX } else { 6 });
        act(userdata, std::ptr::null(), error)
    }
}

unsafe extern "C" fn warning(userdata: *mut c_void, category: *const c_char, text: *const c_char) -> c_int {
    // SAFETY: what the library lends.
    unsafe {
        assert!(CStr::from_ptr(category).to_bytes().ends_with(b"Warning") && !text.is_null());
        act(userdata, std::ptr::null(), null_mut())
    }
}

/// A handle that a call gives.
pub fn taken<T: crate::handle::Freed>(
    name: &str,
    body: impl FnOnce(*mut *mut T, Out) -> tlsock_status,
) -> Option<Handle<T>> {
    // SAFETY: ours.
    give(name, body).ok().and_then(|handle| unsafe { Handle::new(handle) })
}
