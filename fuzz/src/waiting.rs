//! Handshakes whose callbacks have no answer yet, on both sides, in memory and over sockets, driven by one thread or another. A
//! model knows what each was last answered: nothing is known, read or written while the verdict on a client is open, and nothing
//! ever again once it is refused.
//!
//! The input: a byte of settings, one of callbacks, and steps of two bytes.

mod answers;
mod end;
mod signer;

use crate::c::*;
use crate::call::{Failure, Outcome, call, fill, give};
use crate::handle::Handle;
use crate::reader::Reader;
use crate::{certs, peer};
use answers::{Answers, CLIENT_IDENTITY, HELLO, KINDS, OF_CLIENT, OF_SERVER, SERVER_IDENTITY};
use end::End;
use std::ffi::{c_int, c_void};

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
        answers::of(userdata).give(HELLO)
    }
}

unsafe extern "C" fn choose_on_server(
    userdata: *mut c_void,
    _: *const tlsock_connection,
    request: *mut tlsock_identity_request,
    _: *mut *mut tlsock_error,
) -> c_int {
    // SAFETY: ours, and lent.
    unsafe { choose(answers::of(userdata), true, request) }
}

/// Chooses an identity where the answer is OK.
unsafe fn choose(answers: &Answers, server: bool, request: *mut tlsock_identity_request) -> c_int {
    let answer = answers.give(if server { SERVER_IDENTITY } else { CLIENT_IDENTITY });
    if answer == TLSOCK_OK {
        let made = match answers.signs[usize::from(server)] {
            true => signer::identity(server),
            false => identity(if server { "rsa" } else { "client" }),
        };
        // SAFETY: lent, and ours.
        let used = call("identity_request_use", |error| unsafe {
            tlsock_identity_request_use(request, made.raw(), error)
        });
        used.expect("it is lent now");
    }
    answer
}

/// An identity with its key.
fn identity(name: &str) -> Handle<tlsock_identity> {
    let (cert, key) = (certs::read(&format!("{name}.pem")), certs::read(&format!("{name}.key")));
    // SAFETY: bytes of the lengths given.
    let made = give("identity_new_data", |out, error| unsafe {
        let (cert_len, key_len) = (cert.len(), key.len());
        let (cert, key) = (cert.as_ptr().cast(), key.as_ptr().cast());
        tlsock_identity_new_data(cert, cert_len, key, key_len, std::ptr::null(), out, error)
    });
    // SAFETY: ours.
    unsafe { Handle::new(made.expect("an identity")) }.expect("a handle")
}

unsafe extern "C" fn choose_on_client(
    userdata: *mut c_void,
    _: *const tlsock_connection,
    request: *mut tlsock_identity_request,
    _: *mut *mut tlsock_error,
) -> c_int {
    // SAFETY: ours, and lent.
    unsafe { choose(answers::of(userdata), false, request) }
}

unsafe extern "C" fn judge_server(
    userdata: *mut c_void,
    _: *const tlsock_connection,
    _: *const tlsock_verification,
    _: *mut *mut tlsock_error,
) -> c_int {
    // SAFETY: ours.
    unsafe { answers::of(userdata).give(OF_SERVER) }
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
        let (object, socket) = ((*connection).object, (*connection).socket);
        // Inside of a callback nothing moves.
        let read = fill("read inside", 8, |buffer, size, len, error| match object.is_null() {
            true => tlsock_socket_recv(socket, buffer.cast(), size, len, error),
            false => tlsock_object_read(object, buffer.cast(), size, len, error),
        });
        assert!(read.is_err_and(|failure| failure.status == TLSOCK_VALUE));
        answers::of(userdata).give(OF_CLIENT)
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

/// A client's or a server's context: the first, whose signer may wait, or another that a connection may get.
fn context(server: bool, other: bool, settings: u8) -> peer::Shared {
    let (version, mode) = (settings & 1, settings >> 1 & 3);
    let signs = !other && settings & if server { SERVER_SIGNS } else { CLIENT_SIGNS } != 0;
    peer::cached(&format!("waiting {server} {other} {version} {mode} {signs}"), || {
        let made = peer::context(if server { PROTOCOL_TLS_SERVER } else { PROTOCOL_TLS_CLIENT });
        let names = [["client", "self-signed"], ["ecdsa", "rsa"]];
        match signs {
            true => {
                let identity = signer::identity(server);
                peer::set("use_identity", &made, |context, error| unsafe {
                    tlsock_context_use_identity(context, identity.raw(), error)
                });
            }
            false => peer::identify(&made, names[usize::from(server)][usize::from(other)]),
        }
        peer::trust(&made, certs::read("ca.pem")).expect("the root is good");
        peer::limit(&made, if version == 0 { TLS_VERSION_TLSV1_3 } else { TLS_VERSION_TLSV1_2 });
        let mode = if server {
            [CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED, CERT_OPTIONAL][usize::from(mode)]
        } else {
            CERT_REQUIRED
        };
        peer::verify(&made, mode);
        peer::set_if_there(HAS_PHA, "post_handshake_auth", &made, |context, error| unsafe {
            tlsock_context_set_post_handshake_auth(context, mode == CERT_OPTIONAL || !server, error)
        });
        made
    })
}

/// One end, and what it and the other one have said.
struct Side {
    end: Option<End>,
    said: Vec<u8>,
    heard: usize,
}

const OTHER_CLIENT: u8 = 8;
const SERVER_SIGNS: u8 = 16;
const CLIENT_SIGNS: u8 = 32;
const SOCKETS: u8 = 64;

/// Plays the steps.
pub fn run(data: &[u8]) {
    let mut input = Reader(data);
    let (settings, bits) = (input.byte(), input.byte());
    let signs = [CLIENT_SIGNS, SERVER_SIGNS].map(|flag| settings & flag != 0);
    let answers = Answers::new(signs);
    let contexts = [false, true].map(|server| [false, true].map(|other| context(server, other, settings)));
    for (server, both) in contexts.iter().enumerate() {
        both.iter().for_each(|one| set(one, server == 1, bits >> (4 * server), &answers));
    }
    let client = &contexts[0][usize::from(settings & OTHER_CLIENT != 0)];
    let ends = end::both(client, &contexts[1][0], settings & SOCKETS != 0);
    let mut sides = ends.map(|end| Side { end: Some(end), said: Vec::new(), heard: 0 });
    answers.while_present(|| {
        for _ in 0..64 {
            if input.is_empty() {
                break;
            }
            let (op, how) = (input.byte(), input.byte());
            step(&mut sides, &contexts, &answers, op, how);
            check(&sides[1], &answers);
        }
        sides.iter_mut().enumerate().for_each(|(who, side)| free(side, who, &answers, false));
    });
    // The contexts are kept, and what their callbacks use is not.
    contexts
        .iter()
        .flatten()
        .zip([false, false, true, true])
        .for_each(|(one, server)| set(one, server, 0, &answers));
}

fn step(sides: &mut [Side; 2], contexts: &[[peer::Shared; 2]; 2], answers: &Answers, op: u8, how: u8) {
    let who = usize::from(op >> 7);
    // What is freed has ended.
    let Some(end) = &sides[who].end else { return };
    let over = answers.is_over(who == 1);
    let done = match op & 15 {
        0..=2 => end.do_handshake(),
        3 => answers.elsewhere(|| end.do_handshake()),
        4 => read(sides, who, None),
        5 => read(sides, who, Some(answers)),
        6 => write(sides, who, how, answers),
        7..=9 => {
            answers.next[usize::from(how & 31) % KINDS].set(how >> 5);
            return;
        }
        10 => {
            let _ = end.set_context(&contexts[who][usize::from(how & 1)]);
            return;
        }
        11 => {
            set(&contexts[who][usize::from(how & 1)], who == 1, how >> 4, answers);
            return;
        }
        12 => {
            let _ = end.verify_client_post_handshake();
            return;
        }
        13 => match how & 3 {
            0 => end.unwrap(),
            1 => end.close_write(),
            2 => end.key_update(how & 4 != 0),
            _ => return close(end, how),
        },
        14 => {
            end.inspect();
            return;
        }
        _ => return free_where(&mut sides[who], who, answers, how),
    };
    assert!(!over || done.is_err(), "side {who} has ended its handshake, and goes on by {op:#x} {how:#x}");
    assert!(who == 0 || !answers.is_open() || done.is_err(), "a server goes on without a verdict");
}

fn close(end: &End, how: u8) {
    match how {
        0xFF => drop(end.close(true)),
        0xFB => drop(end.close(false)),
        _ => {}
    }
}

fn free_where(side: &mut Side, who: usize, answers: &Answers, how: u8) {
    match how {
        0xFF => free(side, who, answers, false),
        0xFE => free(side, who, answers, true),
        _ => {}
    }
}

/// Frees an end, which asks nobody and sends nothing.
fn free(side: &mut Side, who: usize, answers: &Answers, elsewhere: bool) {
    let Some(end) = side.end.take() else { return };
    answers.gone[who].set(true);
    let before = end.written();
    let kept = match end {
        End::Object(object, bio) => {
            if elsewhere {
                answers.elsewhere(|| drop(object))
            } else {
                drop(object)
            }
            bio
        }
        End::Socket(socket) => {
            return if elsewhere { answers.elsewhere(|| drop(socket)) } else { drop(socket) };
        }
    };
    // SAFETY: a live buffer.
    assert_eq!(unsafe { tlsock_bio_pending(kept.raw()) }, before, "bytes of a connection that was freed");
}

fn read(sides: &mut [Side; 2], who: usize, elsewhere: Option<&Answers>) -> Outcome<()> {
    let Some(end) = &sides[who].end else { return Ok(()) };
    let got = match elsewhere {
        Some(answers) => answers.elsewhere(|| end.read()),
        None => end.read(),
    }?;
    let heard = sides[who].heard;
    let expected = &sides[1 - who].said[heard..];
    assert!(expected.starts_with(&got), "bytes that nobody has sent");
    sides[who].heard += got.len();
    // The end, which a socket also tells after a failure.
    let end = Failure { status: TLSOCK_ZERO_RETURN, message: String::new(), reason: None, alert_sent: -1 };
    if got.is_empty() { Err(end) } else { Ok(()) }
}

fn write(sides: &mut [Side; 2], who: usize, how: u8, answers: &Answers) -> Outcome<()> {
    let Some(end) = &sides[who].end else { return Ok(()) };
    let data = vec![how; usize::from(how & 31) + 1];
    if how & 32 != 0 { answers.elsewhere(|| end.write(&data)) } else { end.write(&data) }?;
    sides[who].said.extend(data);
    Ok(())
}

/// What is true of a server whatever has happened.
fn check(side: &Side, answers: &Answers) {
    if let Some(end) = side.end.as_ref().filter(|_| answers.is_open() || answers.is_refused(OF_CLIENT)) {
        end.assert_nothing_is_known(answers.is_open());
    }
}
