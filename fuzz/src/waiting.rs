//! Handshakes whose callbacks have no answer yet, on both sides. A model knows what each was last answered: nothing is
//! known, read or written while the verdict on a client is open, and nothing ever again once it is refused.
//!
//! The input: a byte of settings, and steps of two bytes.

use crate::c::*;
use crate::call::{Outcome, call, fill, give};
use crate::handle::Handle;
use crate::reader::Reader;
use crate::{certs, object, peer};
use std::cell::Cell;
use std::ffi::{c_int, c_void};

const REFUSED: c_int = 17;

/// What a callback is about.
const HELLO: usize = 0;
const SERVER_IDENTITY: usize = 1;
const CLIENT_IDENTITY: usize = 2;
const OF_SERVER: usize = 3;
const OF_CLIENT: usize = 4;

/// What the callbacks of one connection answer, and what they have answered last.
#[derive(Default)]
struct Answers {
    next: [Cell<u8>; 5],
    last: [Cell<c_int>; 5],
    /// A verdict was asked for.
    asked: [Cell<bool>; 5],
}

impl Answers {
    fn give(&self, about: usize) -> c_int {
        assert!(!self.is_refused(about), "a callback is asked again that has refused");
        let answer =
            [TLSOCK_WANT_CALLBACK, TLSOCK_OK, TLSOCK_OK, REFUSED][usize::from(self.next[about].get() & 3)];
        self.last[about].set(answer);
        self.asked[about].set(true);
        answer
    }

    fn is_open(&self) -> bool {
        self.asked[OF_CLIENT].get() && self.last[OF_CLIENT].get() == TLSOCK_WANT_CALLBACK
    }

    fn is_refused(&self, about: usize) -> bool {
        self.asked[about].get() && self.last[about].get() == REFUSED
    }
}

/// The callbacks' own view of what they answer.
unsafe fn answers<'a>(userdata: *mut c_void) -> &'a Answers {
    // SAFETY: `run` keeps them until the connections are gone.
    unsafe { &*userdata.cast::<Answers>() }
}

unsafe extern "C" fn see_hello(
    userdata: *mut c_void,
    _: *const tlsock_connection,
    hello: *const tlsock_client_hello,
    _: *mut c_int,
    _: *mut *mut tlsock_error,
) -> c_int {
    // SAFETY: ours; the hello is lent.
    unsafe {
        assert!(!tlsock_client_hello_ja4(hello).is_null());
        answers(userdata).give(HELLO)
    }
}

unsafe extern "C" fn choose_on_server(
    userdata: *mut c_void,
    _: *const tlsock_connection,
    request: *mut tlsock_identity_request,
    _: *mut *mut tlsock_error,
) -> c_int {
    // SAFETY: ours, and lent.
    unsafe { choose(answers(userdata).give(SERVER_IDENTITY), request, "rsa") }
}

/// Chooses an identity where the answer is OK.
unsafe fn choose(answer: c_int, request: *mut tlsock_identity_request, name: &str) -> c_int {
    if answer == TLSOCK_OK {
        let (cert, key) = (certs::read(&format!("{name}.pem")), certs::read(&format!("{name}.key")));
        // SAFETY: bytes of the lengths given; so below.
        let made = give("identity_new_data", |out, error| unsafe {
            let (cert_len, key_len) = (cert.len(), key.len());
            let (cert, key) = (cert.as_ptr().cast(), key.as_ptr().cast());
            tlsock_identity_new_data(cert, cert_len, key, key_len, std::ptr::null(), out, error)
        });
        // SAFETY: ours.
        let made = unsafe { Handle::<tlsock_identity>::new(made.expect("an identity")) }.expect("a handle");
        let used = call("identity_request_use", |error| unsafe {
            tlsock_identity_request_use(request, made.raw(), error)
        });
        used.expect("it is lent now");
    }
    answer
}

unsafe extern "C" fn choose_on_client(
    userdata: *mut c_void,
    _: *const tlsock_connection,
    request: *mut tlsock_identity_request,
    _: *mut *mut tlsock_error,
) -> c_int {
    // SAFETY: ours, and lent.
    unsafe { choose(answers(userdata).give(CLIENT_IDENTITY), request, "client") }
}

unsafe extern "C" fn judge_server(
    userdata: *mut c_void,
    _: *const tlsock_connection,
    _: *const tlsock_verification,
    _: *mut *mut tlsock_error,
) -> c_int {
    // SAFETY: ours.
    unsafe { answers(userdata).give(OF_SERVER) }
}

unsafe extern "C" fn judge_client(
    userdata: *mut c_void,
    connection: *const tlsock_connection,
    seen: *const tlsock_verification,
    _: *mut *mut tlsock_error,
) -> c_int {
    // SAFETY: lent.
    unsafe {
        assert!(!tlsock_verification_certificate(seen).is_null());
        let own = (*connection).object;
        // Inside of a callback nothing moves.
        let read = fill("read inside", 8, |buffer, size, len, error| {
            tlsock_object_read(own, buffer.cast(), size, len, error)
        });
        assert!(read.is_err_and(|failure| failure.status == TLSOCK_VALUE));
        answers(userdata).give(OF_CLIENT)
    }
}

/// Sets the callbacks of a context whose bits are set.
fn set(context: &Handle<tlsock_context>, server: bool, bits: u8, answers: &Answers) {
    let userdata = std::ptr::from_ref(answers).cast_mut().cast::<c_void>();
    let (context, none) = (context.raw(), None);
    let override_flag = u32::from(bits & 8 != 0);
    let all = [
        // SAFETY: live contexts, and userdata that outlives their connections; so below.
        call("set_verify_callback", |error| unsafe {
            let judge =
                if server { judge_client } else { judge_server } as unsafe extern "C" fn(_, _, _, _) -> _;
            tlsock_context_set_verify_callback(
                context,
                override_flag,
                (bits & 1 != 0).then_some(judge),
                userdata,
                none,
                error,
            )
        }),
        call("set_identity_callback", |error| unsafe {
            let choose = if server { choose_on_server } else { choose_on_client }
                as unsafe extern "C" fn(_, _, _, _) -> _;
            tlsock_context_set_identity_callback(
                context,
                (bits & 2 != 0).then_some(choose),
                userdata,
                none,
                error,
            )
        }),
    ];
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    if server {
        let set = call("set_client_hello_callback", |error| unsafe {
            tlsock_context_set_client_hello_callback(
                context,
                (bits & 4 != 0).then_some(see_hello),
                userdata,
                none,
                error,
            )
        });
        set.expect("a server sees hellos");
    }
}

/// A client's or a server's context: the first, or another that a connection may get.
fn context(server: bool, other: bool, settings: u8) -> peer::Shared {
    let (version, mode) = (settings & 1, settings >> 1 & 3);
    peer::cached(&format!("waiting {server} {other} {version} {mode}"), || {
        let made = peer::context(if server { PROTOCOL_TLS_SERVER } else { PROTOCOL_TLS_CLIENT });
        let names = [["client", "self-signed"], ["ecdsa", "rsa"]];
        peer::identify(&made, names[usize::from(server)][usize::from(other)]);
        peer::trust(&made, certs::read("ca.pem")).expect("the root is good");
        peer::limit(&made, if version == 0 { TLS_VERSION_TLSV1_3 } else { TLS_VERSION_TLSV1_2 });
        let mode = if server {
            [CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED, CERT_OPTIONAL][usize::from(mode)]
        } else {
            CERT_REQUIRED
        };
        peer::verify(&made, mode);
        peer::set("post_handshake_auth", &made, |context, error| unsafe {
            tlsock_context_set_post_handshake_auth(context, mode == CERT_OPTIONAL || !server, error)
        });
        made
    })
}

/// One end, and what it and the other one have said.
struct Side {
    object: Option<Handle<tlsock_object>>,
    server: bool,
    said: Vec<u8>,
    heard: usize,
}

impl Side {
    fn raw(&self) -> *mut tlsock_object {
        self.object.as_ref().map_or(std::ptr::null_mut(), Handle::raw)
    }
}

/// Plays the steps.
pub fn run(data: &[u8]) {
    let mut input = Reader(data);
    let (settings, bits) = (input.byte(), input.byte());
    let answers = Answers::default();
    let contexts = [false, true].map(|server| [false, true].map(|other| context(server, other, settings)));
    for (server, both) in contexts.iter().enumerate() {
        both.iter().for_each(|one| set(one, server == 1, bits >> (4 * server), &answers));
    }
    let (up, down) = (peer::bio(), peer::bio());
    let name = Some(c"localhost");
    let client = peer::wrap(&contexts[0][usize::from(settings >> 3 & 1)], Some((&down, &up)), 0, name, None);
    let server = peer::wrap(&contexts[1][0], Some((&up, &down)), WRAP_SERVER_SIDE, None, None);
    let side = |object: Outcome<Handle<tlsock_object>>, server| Side {
        object: Some(object.expect("an object")),
        server,
        said: Vec::new(),
        heard: 0,
    };
    let mut sides = [side(client, false), side(server, true)];
    for _ in 0..64 {
        if input.is_empty() {
            break;
        }
        let (op, how) = (input.byte(), input.byte());
        step(&mut sides, &contexts, &answers, op, how);
        check(&sides[1], &answers);
    }
    // The contexts are kept, and what their callbacks use is not.
    contexts
        .iter()
        .flatten()
        .zip([false, false, true, true])
        .for_each(|(one, server)| set(one, server, 0, &answers));
}

fn step(sides: &mut [Side; 2], contexts: &[[peer::Shared; 2]; 2], answers: &Answers, op: u8, how: u8) {
    let who = usize::from(op >> 7);
    let raw = sides[who].raw();
    // What is freed has ended.
    if raw.is_null() {
        return;
    }
    let closed = who == 1 && (answers.is_refused(OF_CLIENT) || answers.is_refused(HELLO));
    let done = match op & 15 {
        0..=3 => call("do_handshake", |error| unsafe { tlsock_object_do_handshake(raw, error) }),
        4 | 5 => read(sides, who),
        6 => write(sides, who, how),
        7 | 8 | 9 => {
            answers.next[usize::from(how & 7) % 5].set(how >> 5);
            return;
        }
        10 => {
            let to = contexts[who][usize::from(how & 1)].raw();
            let _ = call("set_context", |error| unsafe { tlsock_object_set_context(raw, to, error) });
            return;
        }
        11 => {
            set(&contexts[who][usize::from(how & 1)], who == 1, how >> 4, answers);
            return;
        }
        12 => {
            let _ = call("post_handshake", |error| unsafe {
                tlsock_object_verify_client_post_handshake(raw, error)
            });
            return;
        }
        13 => match how & 3 {
            0 => call("unwrap", |error| unsafe { tlsock_object_unwrap(raw, error) }),
            1 => call("close_write", |error| unsafe { tlsock_object_close_write(raw, error) }),
            2 => call("key_update", |error| unsafe { tlsock_object_key_update(raw, how & 4 != 0, error) }),
            _ => return,
        },
        14 => {
            // SAFETY: a live object.
            unsafe { object::inspect(raw) };
            return;
        }
        _ => {
            if how == 0xFF {
                sides[who].object = None;
            }
            return;
        }
    };
    assert!(!closed || done.is_err(), "a server goes on that has refused its client");
    assert!(who == 0 || !answers.is_open() || done.is_err(), "a server goes on without a verdict");
}

fn read(sides: &mut [Side; 2], who: usize) -> Outcome<()> {
    let raw = sides[who].raw();
    let got = fill("read", 64, |buffer, size, len, error| unsafe {
        tlsock_object_read(raw, buffer.cast(), size, len, error)
    })?;
    let heard = sides[who].heard;
    let expected = &sides[1 - who].said[heard..];
    assert!(expected.starts_with(&got), "bytes that nobody has sent");
    sides[who].heard += got.len();
    Ok(())
}

fn write(sides: &mut [Side; 2], who: usize, how: u8) -> Outcome<()> {
    let raw = sides[who].raw();
    let data = vec![how; usize::from(how & 31) + 1];
    call("write", |error| unsafe {
        tlsock_object_write(raw, data.as_ptr().cast(), data.len(), std::ptr::null_mut(), error)
    })?;
    sides[who].said.extend(data);
    Ok(())
}

/// What is true of a server whatever has happened.
fn check(side: &Side, answers: &Answers) {
    let raw = side.raw();
    if raw.is_null() || !answers.is_open() && !answers.is_refused(OF_CLIENT) {
        return;
    }
    // SAFETY: a live object, and places for the results.
    unsafe {
        assert!(side.server && tlsock_object_version(raw).is_null(), "a version without a verdict");
        let result = give("verify_result", |out, error| tlsock_object_verify_result(raw, out, error));
        assert!(result.is_err(), "a result without a verdict");
        let session = give("session", |out, error| tlsock_object_session(raw, out, error));
        let session = Handle::<tlsock_session>::new(session.unwrap_or(std::ptr::null_mut()));
        // A client that is refused at once, after the handshake, leaves the session of that.
        assert!(session.is_none() || !answers.is_open(), "a session without a verdict");
        assert_eq!(tlsock_object_pending(raw), 0);
    }
}
