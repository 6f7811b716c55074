//! Two equal conversations: in one the callbacks do nothing, in the other all that the header allows. What becomes of
//! each call must be the same.
//!
//! The input: what is wrong (or nothing), the version and how bytes arrive, then for each callback what it does and what
//! it does to OpenSSL's error queue.

use crate::c::*;
use crate::call::{Failure, Out, Outcome, call, fill, give};
use crate::handle::Handle;
use crate::peer::{self, Shared};
use crate::reader::Reader;
use crate::{certs, handshake, queue};
use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;

/// What goes wrong.
const FAULTS: u8 = 10;
/// How many callbacks there are: of the client's context those with even numbers, of the server's the others.
const CALLBACKS: usize = 10;

/// What a run is made of.
#[derive(Clone, Copy)]
struct Plan {
    fault: u8,
    tls12: bool,
    mutual: bool,
    parts: u8,
    after: u8,
}

/// What a callback does.
#[derive(Clone, Copy, Default)]
struct Deed {
    does: u8,
    entries: u8,
}

/// A call and what became of it.
type Seen = (&'static str, c_int, Option<String>, c_int);

thread_local!(static CALLS: Cell<u32> = const { Cell::new(0) });

/// Plays both and compares them.
pub fn run(data: &[u8]) {
    let mut input = Reader(data);
    let (fault, flags) = (input.byte() % FAULTS, input.byte());
    let plan = Plan {
        fault,
        tls12: flags & 1 != 0,
        mutual: flags & 2 != 0,
        parts: 1 + (flags >> 2) % 4,
        after: input.byte(),
    };
    let deeds: [Deed; CALLBACKS] =
        std::array::from_fn(|_| Deed { does: input.byte(), entries: input.byte() });
    let quiet = play(plan, &[Deed::default(); CALLBACKS]);
    let disturbed = play(plan, &deeds);
    assert_eq!(quiet, disturbed, "what callbacks did has changed what became of a call");
    if plan.fault == 1 {
        let refused = disturbed
            .iter()
            .any(|(name, status, ..)| *name == "client handshake" && *status == TLSOCK_CERT_VERIFICATION);
        assert!(refused, "nobody refused a certificate of an unknown CA: {disturbed:?}");
    }
}

fn play(plan: Plan, deeds: &[Deed; CALLBACKS]) -> Vec<Seen> {
    // What is wrong with what follows is nobody's else.
    queue::clear();
    CALLS.set(0);
    let mut seen = Vec::new();
    let (client, server) = (client(plan), peer::context(PROTOCOL_TLS_SERVER));
    set(plan, &client, deeds, 0);
    set(plan, &server, deeds, 1);
    configure(plan, &server, &mut seen);
    converse(plan, &client, &server, &mut seen);
    drop((client, server));
    // SAFETY: no preconditions; the queue belongs to this thread.
    assert_eq!(unsafe { ERR_peek_error() }, 0, "something is left in OpenSSL's error queue");
    seen
}

fn note<T>(seen: &mut Vec<Seen>, name: &'static str, outcome: Outcome<T>) -> Option<T> {
    match outcome {
        Ok(value) => {
            seen.push((name, TLSOCK_OK, None, -1));
            Some(value)
        }
        Err(Failure { status, reason, alert_sent, .. }) => {
            seen.push((name, status, reason, alert_sent));
            None
        }
    }
}

fn client(plan: Plan) -> Handle<tlsock_context> {
    let client = peer::context(PROTOCOL_TLS_CLIENT);
    let ca = if plan.fault == 1 { "unknown-ca.pem" } else { "ca.pem" };
    peer::trust(&client, certs::read(ca)).expect("the root is good");
    if plan.fault == 5 {
        peer::set("minimum_version", &client, |raw, error| unsafe {
            tlsock_context_set_minimum_version(raw, TLS_VERSION_TLSV1_3 as c_int, error)
        });
    } else if plan.tls12 {
        peer::limit(&client, TLS_VERSION_TLSV1_2);
    }
    if plan.mutual {
        // Nobody trusts the second.
        peer::identify(&client, if plan.fault == 4 { "self-signed" } else { "client" });
    }
    if plan.fault == 6 {
        peer::verify(&client, CERT_NONE);
        peer::set("ciphers", &client, |raw, error| unsafe {
            tlsock_context_set_ciphers(raw, c"PSK".as_ptr(), error)
        });
    }
    client
}

fn configure(plan: Plan, server: &Handle<tlsock_context>, seen: &mut Vec<Seen>) {
    match plan.fault {
        3 => peer::identify(server, "expired"),
        // The password is right, the key not always the certificate's.
        9 => {
            let name = if plan.after & 1 == 0 { "rsa.pem" } else { "ecdsa.pem" };
            let loaded =
                peer::load_chain(server, certs::read(name), Some(certs::read("rsa-encrypted.key")), None);
            note(seen, "load_cert_chain", loaded);
        }
        6 => {}
        _ => peer::identify(server, "ecdsa"),
    }
    if plan.fault == 6 {
        peer::set("ciphers", server, |raw, error| unsafe {
            tlsock_context_set_ciphers(raw, c"PSK".as_ptr(), error)
        });
    }
    if plan.mutual {
        peer::trust(server, certs::read("ca.pem")).expect("the root is good");
        peer::verify(server, CERT_REQUIRED);
    }
    if plan.fault == 5 {
        // The client insists on the next one.
        peer::limit(server, TLS_VERSION_TLSV1_2);
    }
}

/// An end with its buffers.
struct Side {
    object: Handle<tlsock_object>,
    incoming: Handle<tlsock_bio>,
    outgoing: Handle<tlsock_bio>,
    names: [&'static str; 4],
}

fn side(context: &Handle<tlsock_context>, server: bool, name: Option<&CStr>) -> Side {
    let (incoming, outgoing) = (peer::bio(), peer::bio());
    let flags = if server { WRAP_SERVER_SIDE } else { 0 };
    let object = peer::wrap(context, Some((&incoming, &outgoing)), flags, name, None).expect("an object");
    let names = match server {
        true => ["server handshake", "server read", "server write", "server unwrap"],
        false => ["client handshake", "client read", "client write", "client unwrap"],
    };
    Side { object, incoming, outgoing, names }
}

fn converse(
    plan: Plan,
    client: &Handle<tlsock_context>,
    server: &Handle<tlsock_context>,
    seen: &mut Vec<Seen>,
) {
    let name = if plan.fault == 2 { c"other.example" } else { c"localhost" };
    let (client, server) = (side(client, false, Some(name)), side(server, true, None));
    let mut moves = 0;
    for turn in 0..5 {
        for (from, to) in [(&client, &server), (&server, &client)] {
            step(from, turn, seen);
            let mut bytes = taken(from);
            moves += 1;
            if plan.fault == 7 && moves > usize::from(plan.after % 5) {
                call("bio_write_eof", |error| unsafe { tlsock_bio_write_eof(to.incoming.raw(), error) })
                    .expect("an end can be marked");
                continue;
            }
            if plan.fault == 8 && moves == usize::from(1 + plan.after % 5) {
                // The kind of the first record.
                bytes.iter_mut().take(1).for_each(|byte| *byte ^= plan.after | 64);
            }
            let size = bytes.len().div_ceil(usize::from(plan.parts)).max(1);
            for part in bytes.chunks(size) {
                let _ = call("bio_write", |error| unsafe {
                    tlsock_bio_write(to.incoming.raw(), part.as_ptr().cast(), part.len(), error)
                });
                step(to, turn, seen);
            }
        }
    }
    for end in [&client, &server, &client] {
        // SAFETY: a live object.
        note(
            seen,
            end.names[3],
            call("unwrap", |error| unsafe { tlsock_object_unwrap(end.object.raw(), error) }),
        );
    }
}

/// Shakes hands; when that is done writes and reads.
fn step(end: &Side, turn: u8, seen: &mut Vec<Seen>) {
    let raw = end.object.raw();
    // SAFETY: a live object and buffers of the length given.
    unsafe {
        if note(seen, end.names[0], call("do_handshake", |error| tlsock_object_do_handshake(raw, error)))
            .is_none()
        {
            return;
        }
        if turn % 2 == 0 {
            let write = |error: Out| {
                let mut written = 0;
                tlsock_object_write(raw, b"hello".as_ptr().cast(), 5, &mut written, error)
            };
            note(seen, end.names[2], call("write", write));
        }
        let read =
            fill("read", 3, |data, size, len, error| tlsock_object_read(raw, data.cast(), size, len, error));
        note(seen, end.names[1], read);
    }
}

fn taken(end: &Side) -> Vec<u8> {
    let read = |data: *mut u8, size, len, error| unsafe {
        tlsock_bio_read(end.outgoing.raw(), data.cast(), size, len, error)
    };
    fill("bio_read", 30_000, read).expect("a buffer can be read")
}

/// Sets the callbacks of a side. Each is there in both runs.
fn set(plan: Plan, context: &Handle<tlsock_context>, deeds: &[Deed; CALLBACKS], side: usize) {
    let raw = context.raw();
    let data = |index: usize| (&raw const deeds[2 * index + side]).cast_mut().cast::<c_void>();
    let must =
        |name: &str, outcome: Outcome<()>| outcome.unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
    // SAFETY: a live context and userdata that outlives it.
    unsafe {
        must(
            "message",
            call("set", |e| tlsock_context_set_message_callback(raw, Some(message), data(0), None, e)),
        );
        must(
            "keylog",
            call("set", |e| tlsock_context_set_keylog_callback(raw, Some(keylog), data(1), None, e)),
        );
        if side == 0 {
            must(
                "session",
                call("set", |e| tlsock_context_set_session_callback(raw, Some(session), data(2), None, e)),
            );
            let psk: tlsock_psk_client_callback = if plan.fault == 6 { Some(psk_client) } else { None };
            must("psk", call("set", |e| tlsock_context_set_psk_client_callback(raw, psk, data(3), None, e)));
        } else {
            must("sni", call("set", |e| tlsock_context_set_sni_callback(raw, Some(sni), data(2), None, e)));
            let hint = c"hint".as_ptr();
            let psk: tlsock_psk_server_callback = if plan.fault == 6 { Some(psk_server) } else { None };
            must(
                "psk",
                call("set", |e| tlsock_context_set_psk_server_callback(raw, psk, hint, data(3), None, e)),
            );
            must(
                "password",
                call("set", |e| tlsock_context_set_password_callback(raw, Some(password), data(4), None, e)),
            );
        }
    }
}

/// Contexts that callbacks use: these have none.
fn others(ca: &str) -> (Shared, Shared) {
    let client = peer::cached(&format!("other client {ca}"), || {
        let client = peer::context(PROTOCOL_TLS_CLIENT);
        peer::trust(&client, certs::read(ca)).expect("the root is good");
        client
    });
    let server = peer::cached("other server", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "ecdsa");
        server
    });
    (client, server)
}

/// Does what the input chose, and succeeds.
///
/// # Safety
/// The userdata is a deed, and the connection lent or NULL.
unsafe fn act(userdata: *mut c_void, connection: *const tlsock_connection, switches: bool) -> tlsock_status {
    // SAFETY: the caller's word.
    let (deed, connection) = unsafe { (*userdata.cast::<Deed>(), connection.as_ref()) };
    CALLS.set(CALLS.get() + 1);
    let costly = CALLS.get() < 12;
    if deed.does & 1 != 0 {
        queue::disturb(deed.entries);
    }
    if deed.does & 2 != 0 && costly {
        let (client, server) = others("ca.pem");
        let (one, _) = handshake::shake(&client, &server, Some(c"localhost"), None).expect("two ends");
        assert!(one.done, "a handshake inside a callback: {:?}", one.failure);
    }
    if deed.does & 4 != 0 && costly {
        let (client, server) = others("unknown-ca.pem");
        let (one, _) = handshake::shake(&client, &server, Some(c"localhost"), None).expect("two ends");
        let status = one.failure.map(|failure| failure.status);
        assert_eq!(status, Some(TLSOCK_CERT_VERIFICATION), "a handshake inside a callback");
    }
    if deed.does & 8 != 0 {
        let bad = give("context_new", |out, error| unsafe { tlsock_context_new(9999, out, error) });
        assert!(bad.is_err());
        let (client, _) = others("ca.pem");
        assert!(peer::load_chain(&client, b"nothing", None, None).is_err());
    }
    if let Some(connection) = connection.filter(|_| deed.does & 16 != 0) {
        // SAFETY: lent by the library for the time of the call.
        unsafe { use_own(connection, switches) }
    }
    if deed.does & 32 != 0 && costly {
        let fresh = peer::context(PROTOCOL_TLS_CLIENT);
        peer::trust(&fresh, certs::read("ca.pem")).expect("the root is good");
        let half = peer::wrap(&fresh, None, 0, Some(c"localhost"), None).expect("an object");
        drop(fresh);
        drop(half);
    }
    queue::disturb(deed.entries);
    TLSOCK_OK
}

/// All that must be refused, and what changes nothing.
unsafe fn use_own(connection: &tlsock_connection, switches: bool) {
    let object = connection.object;
    let value = |what: &str, outcome: Outcome<()>| {
        assert!(outcome.as_ref().is_err_and(|failure| failure.status == TLSOCK_VALUE), "{what}: {outcome:?}");
    };
    // SAFETY: lent by the library for the time of the call, and places for the results.
    unsafe {
        value("do_handshake", call("do_handshake", |error| tlsock_object_do_handshake(object, error)));
        let read = fill("read", 4, |data, size, len, error| {
            tlsock_object_read(object, data.cast(), size, len, error)
        });
        value("read", read.map(drop));
        value("unwrap", call("unwrap", |error| tlsock_object_unwrap(object, error)));
        let own = give("context", |out, error| tlsock_object_context(object, out, error)).expect("a context");
        let own = Handle::new(own).expect("a handle");
        let switched = call("set_context", |error| tlsock_object_set_context(object, own.raw(), error));
        match switches {
            true => switched.expect("an SNI callback may choose the context that there is"),
            false => value("set_context", switched),
        }
        if let Some(session) = other_session() {
            value(
                "set_session",
                call("set_session", |error| tlsock_object_set_session(object, session.raw(), error)),
            );
        }
        crate::object::inspect(object);
    }
}

/// A session of another context.
fn other_session() -> Option<Handle<tlsock_session>> {
    let (client, server) = others("ca.pem");
    let (end, _) = handshake::shake(&client, &server, Some(c"localhost"), None)?;
    let session =
        give("session", |out, error| unsafe { tlsock_object_session(end.object.raw(), out, error) });
    // SAFETY: ours, or NULL.
    unsafe { Handle::new(session.ok()?) }
}

unsafe extern "C" fn message(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    _direction: c_int,
    _version: c_int,
    _content_type: c_int,
    _msg_type: c_int,
    _data: *const u8,
    _len: usize,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe { act(userdata, connection, false) }
}

unsafe extern "C" fn keylog(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    _line: *const c_char,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe { act(userdata, connection, false) }
}

unsafe extern "C" fn session(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    session: *mut tlsock_session,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends and gives.
    unsafe {
        drop(Handle::new(session));
        act(userdata, connection, false)
    }
}

unsafe extern "C" fn sni(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    _name: *const c_char,
    _context: *mut tlsock_context,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends.
    unsafe { act(userdata, connection, true) }
}

unsafe extern "C" fn psk_client(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    _hint: *const c_char,
    identity: *mut c_char,
    _identity_size: usize,
    psk: *mut u8,
    _psk_size: usize,
    psk_len: *mut usize,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends: room for a name, a key and a number.
    unsafe {
        identity.copy_from(c"me".as_ptr(), 3);
        psk.write_bytes(7, 32);
        psk_len.write(32);
        act(userdata, connection, false)
    }
}

unsafe extern "C" fn psk_server(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    _identity: *const c_char,
    psk: *mut u8,
    _psk_size: usize,
    psk_len: *mut usize,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends: room for a key and a number.
    unsafe {
        psk.write_bytes(7, 32);
        psk_len.write(32);
        act(userdata, connection, false)
    }
}

unsafe extern "C" fn password(
    userdata: *mut c_void,
    buffer: *mut u8,
    _size: usize,
    len: *mut usize,
    _error: Out,
) -> c_int {
    // SAFETY: what the library lends: room for a password and a number.
    unsafe {
        buffer.copy_from(b"sesame".as_ptr(), 6);
        len.write(6);
        act(userdata, null_mut(), false)
    }
}
