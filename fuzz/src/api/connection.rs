//! Steps of objects.

use super::callback::{refused, taken};
use super::op::{ObjectOp, Pair, Slot};
use super::world::World;
use crate::c::*;
use crate::call::{Outcome, call, fill};
use crate::handle::Handle;
use crate::object;
use crate::peer;
use std::ffi::{CStr, c_void};
use std::sync::Arc;

const NAMES: [Option<&CStr>; 4] = [Some(c"localhost"), None, Some(c"127.0.0.1"), Some(c".nonsense")];

/// Which name a number means; mostly the right one.
pub fn hostname(number: u8) -> Option<&'static CStr> {
    NAMES[usize::from(number >> 5) % NAMES.len()]
}

/// Makes two sides that talk over two buffers, and runs the handshake for a few turns.
pub fn pair(world: &World, pair: &Pair) {
    let (Some(client), Some(server)) = (world.contexts.get(pair.client), world.contexts.get(pair.server))
    else {
        return;
    };
    let session = world.sessions.get(pair.session).filter(|_| pair.flags & 1 != 0);
    let (up, down) = (peer::bio(), peer::bio());
    let pumped = pair.flags & 2 != 0;
    let both = |one, two| (!pumped).then_some((one, two));
    let name = hostname(pair.hostname);
    let first = peer::wrap(&client, both(&down, &up), 0, name, session.as_deref());
    let second = peer::wrap(&server, both(&up, &down), WRAP_SERVER_SIDE, None, None);
    let other = pair.ends.wrapping_add(1);
    first.iter().for_each(|object| world.note(object, &client));
    second.iter().for_each(|object| world.note(object, &server));
    world.objects.put(pair.ends, first.ok());
    world.objects.put(other, second.ok());
    if pair.flags & 4 != 0 {
        world.bios.put(pair.ends, Some(up));
        world.bios.put(other, Some(down));
    }
    exchange(world, pair.ends, other, pair.turns, pumped);
}

/// Lets two ends go on for a few turns.
fn exchange(world: &World, one: Slot, other: Slot, turns: u8, pumped: bool) {
    let (Some(one), Some(other)) = (world.objects.get(one), world.objects.get(other)) else { return };
    let (mut to_one, mut to_other) = (Vec::new(), Vec::new());
    for _ in 0..turns % 8 {
        if pumped {
            to_other.extend(pump(&one, &mut to_one, 0, 0, (64, 20_000)));
            to_one.extend(pump(&other, &mut to_other, 0, 0, (64, 20_000)));
            continue;
        }
        for end in [&one, &other] {
            // SAFETY: a live object.
            let _ = call("do_handshake", |error| unsafe { tlsock_object_do_handshake(end.raw(), error) });
        }
    }
}

/// Does one step.
pub fn step(world: &World, slot: Slot, op: &ObjectOp) {
    if let ObjectOp::Wrap { context, session, bios, hostname: name, flags } = op {
        return wrap(world, slot, (*context, *session, *bios, *name, *flags));
    }
    let Some(object) = world.objects.get(slot) else { return };
    let raw = object.raw();
    // SAFETY: a live object, which `object` keeps so, live other handles, and places of the size given.
    unsafe {
        match op {
            ObjectOp::Free => {
                drop(object);
                world.objects.put(slot, None);
            }
            ObjectOp::Handshake => done(call("do_handshake", |error| tlsock_object_do_handshake(raw, error))),
            ObjectOp::Read(size) => done(fill("read", usize::from(*size), |data, size, len, error| {
                tlsock_object_read(raw, data.cast(), size, len, error)
            })),
            ObjectOp::Write(len) => {
                let data = vec![b'x'; usize::from(*len)];
                let mut written = usize::MAX;
                let outcome = call("write", |error| {
                    tlsock_object_write(raw, data.as_ptr().cast(), data.len(), &mut written, error)
                });
                assert_eq!(written, if outcome.is_ok() { data.len() } else { usize::MAX });
            }
            ObjectOp::Unwrap => done(call("unwrap", |error| tlsock_object_unwrap(raw, error))),
            ObjectOp::CloseWrite => done(call("close_write", |error| tlsock_object_close_write(raw, error))),
            ObjectOp::Pump { flags, plain, room, space, noise } => {
                let mut noise: Vec<u8> = (0..*noise).collect();
                let sizes = (usize::from(*room), usize::from(*space) * 100);
                pump(&object, &mut noise, u32::from(flags & 7), usize::from(*plain) * 200, sizes);
            }
            ObjectOp::Exchange { other, turns } => exchange(world, slot, *other, *turns, turns & 64 != 0),
            ObjectOp::Authenticate => done(call("verify_client_post_handshake", |error| {
                tlsock_object_verify_client_post_handshake(raw, error)
            })),
            ObjectOp::Inspect => {
                let seen = object::inspect(raw);
                let unverified = seen.is_some_and(|seen| seen.der.is_some() && !seen.verified);
                // Python looks at the context as it is now.
                let context: Option<Handle<tlsock_context>> =
                    taken("context", |out, error| tlsock_object_context(raw, out, error));
                let verifies = context.is_some_and(|now| tlsock_context_verify_mode(now.raw()) != 0);
                assert!(
                    !unverified || !verifies || !world.insists(raw),
                    "a peer that is not verified was accepted"
                );
            }
            ObjectOp::SetContext(context) => {
                if let Some(context) = world.contexts.get(*context) {
                    done(call("set_context", |error| tlsock_object_set_context(raw, context.raw(), error)));
                }
            }
            ObjectOp::TakeContext(into) => {
                world
                    .contexts
                    .put(*into, taken("context", |out, error| tlsock_object_context(raw, out, error)));
            }
            ObjectOp::SetSession(session) => {
                if let Some(session) = world.sessions.get(*session) {
                    let late = !tlsock_object_version(raw).is_null() || tlsock_object_server_side(raw);
                    let set =
                        call("set_session", |error| tlsock_object_set_session(raw, session.raw(), error));
                    if late {
                        refused("a session was taken after the handshake or on a server", set);
                    }
                }
            }
            ObjectOp::TakeSession(into) => {
                world
                    .sessions
                    .put(*into, taken("session", |out, error| tlsock_object_session(raw, out, error)));
            }
            ObjectOp::TakeCertificate(into) => {
                let shown =
                    taken("certificate", |out, error| tlsock_object_peer_certificate(raw, out, error));
                world.certificates.put(*into, shown);
            }
            ObjectOp::Userdata(number) => {
                let pointer = usize::from(*number) as *mut c_void;
                tlsock_object_set_userdata(raw, pointer);
                assert_eq!(tlsock_object_userdata(raw), pointer);
            }
            ObjectOp::Wrap { .. } => {}
        }
    }
}

fn done<T>(_: Outcome<T>) {}

fn wrap(world: &World, slot: Slot, (context, session, bios, name, flags): (Slot, Slot, u8, u8, u8)) {
    let Some(context) = world.contexts.get(context) else { return };
    let session = world.sessions.get(session).filter(|_| flags & 16 != 0);
    let both = world.bios.get(bios).zip(world.bios.get(bios >> 2)).filter(|_| bios & 16 == 0);
    let both = both.as_ref().map(|(one, two)| (&**one, &**two));
    let made = peer::wrap(&context, both, u32::from(flags & 15), hostname(name), session.as_deref());
    made.iter().for_each(|object| world.note(object, &context));
    world.objects.put(slot, made.ok());
}

/// Calls the pump once; takes what it used and gives what it put out.
fn pump(
    object: &Arc<Handle<tlsock_object>>,
    inbox: &mut Vec<u8>,
    flags: u32,
    plain_len: usize,
    (room, space): (usize, usize),
) -> Vec<u8> {
    let plain = vec![b'p'; plain_len];
    let (mut read, mut out) = (vec![0_u8; room], vec![0_u8; space]);
    let mut result = tlsock_pump_result {
        ciphertext_used: usize::MAX,
        plaintext_used: usize::MAX,
        plaintext_len: usize::MAX,
        ciphertext_len: usize::MAX,
        ciphertext_pending: 0,
        plaintext_pending: 0,
        handshake_done: false,
        peer_closed: false,
        failure_pending: false,
    };
    // SAFETY: a live object, buffers of the length given and a place for the result.
    let _ = call("object_pump", |error| unsafe {
        tlsock_object_pump(
            object.raw(),
            flags,
            inbox.as_ptr().cast(),
            inbox.len(),
            plain.as_ptr().cast(),
            plain.len(),
            read.as_mut_ptr().cast(),
            room,
            out.as_mut_ptr().cast(),
            space,
            &mut result,
            error,
        )
    });
    assert!(result.ciphertext_used <= inbox.len() && result.plaintext_used <= plain.len());
    assert!(result.plaintext_len <= room && result.ciphertext_len <= space);
    inbox.drain(..result.ciphertext_used);
    out.truncate(result.ciphertext_len);
    out
}
