//! Sessions that move between contexts and handshakes, each with a model that knows what was proved. A side that verifies
//! and resumes must not demand more.
//!
//! The input: steps of five bytes, the first of which says which.

mod change;

use crate::c::*;
use crate::call::{Outcome, call, fill, give, owned};
use crate::handle::Handle;
use crate::reader::Reader;
use crate::{object, peer};
use change::{change, client, server};
use std::ffi::CStr;
use std::rc::Rc;

const NAMES: [Option<&CStr>; 4] = [Some(c"localhost"), Some(c"other.example"), None, Some(c"127.0.0.1")];

/// What a context asks of peers, as far as this target sets it.
#[derive(Clone, Default, Debug)]
struct Asks {
    mode: i64,
    names: bool,
    flags: u64,
    level: i32,
    /// Bits of those that `change` adds.
    cas: u8,
    crls: bool,
    /// It gives and takes keys shared before.
    psk: bool,
}

/// A context and what it asks.
#[derive(Clone)]
struct Known {
    handle: Rc<Handle<tlsock_context>>,
    asks: Asks,
    /// Its identity.
    identity: &'static str,
}

/// What one end has proved of the other.
#[derive(Clone, Debug)]
struct Proof {
    asks: Asks,
    name: Option<&'static CStr>,
    /// Whom the peer showed, and that was verified.
    verified: Option<&'static str>,
}

/// A session and what its handshakes have proved.
#[derive(Clone)]
struct Kept {
    handle: Rc<Handle<tlsock_session>>,
    context: Rc<Handle<tlsock_context>>,
    of_server: Proof,
    of_client: Proof,
}

#[derive(Default)]
struct World {
    clients: Vec<Known>,
    servers: Vec<Known>,
    sessions: Vec<Option<Kept>>,
}

/// How many handshakes there were, and how many of them resumed a session with verification.
#[derive(Clone, Copy, Default, Debug)]
pub struct Counts {
    /// All that were finished.
    pub finished: u32,
    /// Those that resumed while the client verified.
    pub resumed: u32,
    /// Those that resumed while the server verified.
    pub resumed_by_server: u32,
}

/// Plays the steps.
pub fn run(data: &[u8]) -> Counts {
    let mut input = Reader(data);
    let mut world = World { sessions: vec![None; 4], ..World::default() };
    world.clients.extend([client(), client()]);
    world.servers.extend([server(), server()]);
    let mut counts = Counts::default();
    for _ in 0..24 {
        if input.is_empty() {
            break;
        }
        let [op, a, b, c, d]: [u8; 5] = std::array::from_fn(|_| input.byte());
        match op % 6 {
            0 => change(&mut world.clients[usize::from(a & 1)], b, c, false),
            1 => change(&mut world.servers[usize::from(a & 1)], b, c, true),
            2 | 3 => visit(&mut world, &mut counts, [a, b, c, d]),
            4 => by_bytes(&mut world, a, b),
            _ if a & 2 == 0 => world.clients[usize::from(a & 1)] = client(),
            _ => world.servers[usize::from(a & 1)] = server(),
        }
    }
    counts
}

/// Tells whether a full handshake by what is asked could accept this certificate.
fn acceptable(asks: &Asks, name: Option<&CStr>, identity: &str) -> bool {
    let anchor = if identity == "self-signed" { 4 } else { 1 };
    let crls = asks.flags & VERIFY_CRL_CHECK_LEAF != 0;
    let named = match identity {
        "wrong-name" => name == Some(c"other.example"),
        _ => name != Some(c"other.example"),
    };
    asks.cas & anchor != 0
        && identity != "expired"
        && (!crls || (asks.crls && identity != "revoked"))
        && (!asks.names || name.is_none() || named)
}

/// Tells whether a session stands for what is asked now.
fn covers(proof: &Proof, now: &Asks, name: Option<&CStr>) -> bool {
    let Some(identity) = proof.verified else {
        // To ask for a certificate and to get none is enough for these.
        return now.mode == CERT_OPTIONAL && proof.asks.mode == CERT_OPTIONAL;
    };
    let hard = VERIFY_CRL_CHECK_CHAIN | VERIFY_X509_STRICT;
    acceptable(now, name, identity)
        && now.flags & hard & !proof.asks.flags == 0
        && now.level <= proof.asks.level
        && (!now.names || name.is_none() || (proof.asks.names && proof.name == name))
        && (now.flags & VERIFY_CRL_CHECK_LEAF == 0 || !now.crls || proof.asks.crls)
}

/// One connection, perhaps with a session, a change in the middle and another context.
fn visit(world: &mut World, counts: &mut Counts, [who, what, when, change_how]: [u8; 4]) {
    let (one, other) = (usize::from(who & 1), usize::from(who >> 1 & 1));
    let name = NAMES[usize::from(who >> 2) % NAMES.len()];
    let slot = usize::from(what & 3);
    let offered = world.sessions[slot].clone().filter(|_| what & 4 != 0);
    let client = world.clients[one].clone();
    let server = world.servers[other].clone();
    let (up, down) = (peer::bio(), peer::bio());
    let at_wrap = offered.as_ref().filter(|_| what & 8 != 0);
    let flags = WRAP_INSECURE_NO_HOSTNAME;
    let first =
        peer::wrap(&client.handle, Some((&down, &up)), flags, name, at_wrap.map(|kept| &*kept.handle));
    let same =
        |kept: &Kept, known: &Known| unsafe { tlsock_context_same(kept.context.raw(), known.handle.raw()) };
    let foreign = offered.as_ref().is_some_and(|kept| !same(kept, &client));
    let Ok(first) = first else { return };
    assert!(at_wrap.is_none() || !foreign, "a session of another context was taken by wrap_bio");
    let second = peer::wrap(&server.handle, Some((&up, &down)), WRAP_SERVER_SIDE, None, None);
    let second = second.expect("a server's object");
    // Both the context that is there and another may be what counts now.
    let mut client_asks = vec![client.asks.clone()];
    let mut server_asks = vec![server.asks.clone()];
    let mut offer = at_wrap.cloned();
    if when & 1 != 0 {
        switch(&first, &world.clients[1 - one], &mut client_asks);
    }
    if when & 2 != 0 {
        switch(&second, &world.servers[1 - other], &mut server_asks);
    }
    if when & 4 != 0 {
        // Settings of connections that exist stay; CAs and lists do not.
        change(&mut world.clients[one], [0, 1, 2, 3, 4][usize::from(change_how) % 5], change_how >> 3, false);
        later(&mut client_asks, &world.clients[one].asks);
    }
    if when & 8 != 0 {
        change(
            &mut world.servers[other],
            [0, 1, 2, 3, 4][usize::from(change_how) % 5],
            change_how >> 3,
            true,
        );
        later(&mut server_asks, &world.servers[other].asks);
    }
    if let Some(kept) = offered.as_ref().filter(|_| what & 8 == 0) {
        let set = set_session(&first, kept);
        // With another context it is that one's sessions that fit.
        assert!(set.is_err() || !foreign || when & 1 != 0, "a session of another context was taken");
        if set.is_ok() {
            offer = Some(kept.clone());
        }
    }
    if let Some(kept) = &offered {
        value("a server took a session", set_session(&second, kept));
    }
    let begun = |end: &Handle<tlsock_object>| {
        call("do_handshake", |error| unsafe { tlsock_object_do_handshake(end.raw(), error) })
    };
    let mut done = [false; 2];
    for turn in 0..4 {
        for (index, end) in [&first, &second].into_iter().enumerate() {
            done[index] = begun(end).is_ok();
            if let Some(kept) = offered.as_ref().filter(|_| when >> 4 & 3 == turn) {
                value("a session was taken midway", set_session(end, kept));
            }
            if when & 64 != 0 && turn == 1 && index == 0 {
                change(
                    &mut world.clients[one],
                    [0, 1, 2, 3][usize::from(change_how) % 4],
                    change_how >> 3,
                    false,
                );
            }
        }
    }
    if done != [true; 2] || !talk(&first, &second) {
        return;
    }
    counts.finished += 1;
    let psk = client.asks.psk && server.asks.psk;
    let reused = [&first, &second].map(|end| unsafe { tlsock_object_session_reused(end.raw()) });
    if reused[0] && !psk {
        let kept = offer.as_ref().expect("resumed without a session");
        let verifies = client.asks.mode != CERT_NONE;
        counts.resumed += u32::from(verifies);
        assert!(
            !verifies || client_asks.iter().any(|asks| covers(&kept.of_server, asks, name)),
            "a client resumed for {name:?} by {client_asks:?} what was proved by {:?}",
            kept.of_server
        );
        let verifies = server.asks.mode != CERT_NONE;
        counts.resumed_by_server += u32::from(verifies);
        assert!(
            !verifies || server_asks.iter().any(|asks| covers(&kept.of_client, asks, None)),
            "a server resumed by {server_asks:?} what was proved by {:?}",
            kept.of_client
        );
    }
    let (of_server, of_client) = match offer.filter(|_| reused[0] && !psk) {
        Some(kept) => (kept.of_server, kept.of_client),
        None => (
            proof(&first, &client, name, server_identity(&server, world, other, when)),
            proof(&second, &server, None, client.identity),
        ),
    };
    if let Some(session) = session(&first) {
        // Of a connection that was switched nobody says whose it is: by wrap_bio alone.
        let context = if when & 1 == 0 { &client } else { &world.clients[1 - one] };
        let context = Rc::clone(&context.handle);
        world.sessions[usize::from(what >> 4 & 3)] =
            Some(Kept { handle: Rc::new(session), context, of_server, of_client });
    }
}

/// Whose certificate a server has shown.
fn server_identity(server: &Known, world: &World, other: usize, when: u8) -> &'static str {
    if when & 2 != 0 { world.servers[1 - other].identity } else { server.identity }
}

fn switch(end: &Handle<tlsock_object>, to: &Known, asks: &mut Vec<Asks>) {
    let switched =
        call("set_context", |error| unsafe { tlsock_object_set_context(end.raw(), to.handle.raw(), error) });
    if switched.is_ok() {
        let first = asks[0].clone();
        // Modes, flags and names are the first one's, CAs and lists the second's.
        asks.push(Asks { cas: to.asks.cas, crls: to.asks.crls, ..first });
    }
}

fn later(asks: &mut [Asks], now: &Asks) {
    for one in asks {
        (one.cas, one.crls) = (one.cas | now.cas, one.crls | now.crls);
    }
}

fn set_session(end: &Handle<tlsock_object>, kept: &Kept) -> Outcome<()> {
    // SAFETY: live handles.
    call("set_session", |error| unsafe { tlsock_object_set_session(end.raw(), kept.handle.raw(), error) })
}

fn value(what: &str, outcome: Outcome<()>) {
    assert!(outcome.as_ref().is_err_and(|failure| failure.status == TLSOCK_VALUE), "{what}: {outcome:?}");
}

/// What an end has proved in a full handshake.
fn proof(end: &Handle<tlsock_object>, by: &Known, name: Option<&'static CStr>, shown: &'static str) -> Proof {
    // SAFETY: a live object.
    let seen = unsafe { object::inspect(end.raw()) };
    let verified = seen.is_some_and(|seen| seen.verified).then_some(shown);
    Proof { asks: by.asks.clone(), name, verified: verified.filter(|_| by.asks.mode != CERT_NONE) }
}

/// A byte each way, so that tickets have come.
fn talk(one: &Handle<tlsock_object>, other: &Handle<tlsock_object>) -> bool {
    let mut good = true;
    for (from, to) in [(one, other), (other, one)] {
        let mut written = 0;
        // SAFETY: live objects and bytes of the length given.
        let sent = call("write", |error| unsafe {
            tlsock_object_write(from.raw(), b"x".as_ptr().cast(), 1, &mut written, error)
        });
        let read = fill("read", 1, |data, size, len, error| unsafe {
            tlsock_object_read(to.raw(), data.cast(), size, len, error)
        });
        good &= sent.is_ok() && read.is_ok_and(|read| read == b"x");
    }
    good
}

fn session(end: &Handle<tlsock_object>) -> Option<Handle<tlsock_session>> {
    let session = give("session", |out, error| unsafe { tlsock_object_session(end.raw(), out, error) });
    // SAFETY: ours, or NULL.
    unsafe { Handle::new(session.ok()?) }
}

/// A session becomes bytes and, for a context, a session again.
fn by_bytes(world: &mut World, from: u8, to: u8) {
    let Some(kept) = world.sessions[usize::from(from & 3)].clone() else { return };
    let context = Rc::clone(&world.clients[usize::from(to & 1)].handle);
    // SAFETY: live handles, bytes of the length given and places for the results.
    let data =
        owned("session_data", |out, error| unsafe { tlsock_session_data(kept.handle.raw(), out, error) });
    let Ok(Some(data)) = data else { return };
    let made = give("session_new_data", |out, error| unsafe {
        tlsock_session_new_data(context.raw(), data.as_ptr().cast(), data.len(), out, error)
    });
    let Ok(made) = made else { return };
    // SAFETY: ours.
    let handle = unsafe { Handle::new(made) }.expect("a handle");
    world.sessions[usize::from(to >> 1 & 3)] = Some(Kept { handle: Rc::new(handle), context, ..kept });
}
