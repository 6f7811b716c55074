//! OCSP responses: those that a server is given, and those that reach a client, as they come, in the clear of TLS 1.2.
//!
//! The input: flags, then the response.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::ffi::c_int;
use std::sync::OnceLock;
use tlsock_fuzz::c::*;
use tlsock_fuzz::call::{call, owned};
use tlsock_fuzz::end::End;
use tlsock_fuzz::handle::Handle;
use tlsock_fuzz::peer::{self, Shared};
use tlsock_fuzz::reader::Reader;
use tlsock_fuzz::{certs, handshake, staple};

fuzz_target!(|data: &[u8]| {
    let mut input = Reader(data);
    let flags = input.byte();
    match flags & 1 {
        0 => give(input.0, flags),
        _ => send(input.0, flags),
    }
});

/// A server sends what it has taken, and a client accepts what is honest.
fn give(response: &[u8], flags: u8) {
    let server = peer::context(PROTOCOL_TLS_SERVER);
    peer::identify(&server, "ecdsa");
    let taken = set(&server, response);
    assert!(taken || response != honest(), "an honest response is refused");
    if !taken && flags & 2 == 0 {
        return;
    }
    let (end, _) = handshake::shake(&client(flags), &server, Some(c"localhost"), None).expect("two ends");
    let sent = response_of(&end.object);
    if taken && !response.is_empty() {
        assert_eq!(sent.as_deref(), Some(response), "another response than the one that was given");
    } else {
        assert!(sent.is_none(), "a response that was refused is sent");
    }
    let good = status_of(&end.object) == OCSP_STATUS_GOOD as i32;
    assert!(!end.done || good || (sent.is_none() && flags & 4 == 0), "nobody says that it is good");
}

/// A client gets another response than the server has sent. The handshake cannot end well.
fn send(response: &[u8], flags: u8) {
    let server = peer::cached("ocsp server", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "ecdsa");
        assert!(set(&server, honest()));
        server
    });
    let mut client = End::new(&client(flags | 8), 0, Some(c"localhost"), None, true).expect("a client");
    let mut server = End::new(&server, WRAP_SERVER_SIDE, None, None, true).expect("a server");
    server.deliver(&client.step());
    let flight = server.step();
    client.deliver(&with_response(&flight, response));
    let answer = client.step();
    assert_eq!(response_of(&client.object).as_deref().unwrap_or_default(), response, "the wrong bytes came");
    // The signature is over all that decides.
    let good = status_of(&client.object) == OCSP_STATUS_GOOD as i32;
    assert!(good || client.failure.is_some(), "what is not good was accepted");
    server.deliver(&answer);
    client.deliver(&server.step());
    client.step();
    assert!(!client.done || response == honest(), "the handshake was changed, and ended well");
}

/// A server's first flight with another CertificateStatus.
fn with_response(flight: &[u8], response: &[u8]) -> Vec<u8> {
    const HANDSHAKE: u8 = 22;
    const CERTIFICATE_STATUS: u8 = 22;
    let mut records = Reader(flight);
    let mut messages = Vec::new();
    while !records.is_empty() {
        let head = records.bytes(5);
        assert_eq!(head[0], HANDSHAKE);
        messages.extend(records.bytes(usize::from(head[3]) << 8 | usize::from(head[4])));
    }
    let mut changed = Vec::new();
    let mut rest = Reader(&messages);
    while !rest.is_empty() {
        let head = rest.bytes(4);
        let body = rest.bytes(number(&head[1..]));
        let own = [&[1][..], &three(response.len()), response].concat();
        let body = if head[0] == CERTIFICATE_STATUS { &own } else { body };
        changed.extend([&head[..1], &three(body.len()), body].concat());
    }
    let record = |part: &[u8]| [&[HANDSHAKE, 3, 3, (part.len() >> 8) as u8, part.len() as u8], part].concat();
    changed.chunks(16000).flat_map(record).collect()
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

fn three(number: usize) -> [u8; 3] {
    [(number >> 16) as u8, (number >> 8) as u8, number as u8]
}

fn honest() -> &'static [u8] {
    static HONEST: OnceLock<Vec<u8>> = OnceLock::new();
    HONEST.get_or_init(|| staple::response("V"))
}

fn set(server: &Handle<tlsock_context>, response: &[u8]) -> bool {
    // SAFETY: a live context and bytes of the length given.
    let set = call("set_ocsp_response", |error| unsafe {
        tlsock_context_set_ocsp_response(server.raw(), response.as_ptr().cast(), response.len(), error)
    });
    set.is_ok()
}

fn response_of(object: &Handle<tlsock_object>) -> Option<Vec<u8>> {
    // SAFETY: a live object and a place for bytes.
    owned("ocsp_response", |out, error| unsafe { tlsock_object_ocsp_response(object.raw(), out, error) })
        .expect("an answer")
}

fn status_of(object: &Handle<tlsock_object>) -> i32 {
    // SAFETY: a live object.
    unsafe { tlsock_object_ocsp_status(object.raw()) }.status
}

fn client(flags: u8) -> Shared {
    let (requires, older) = (flags & 4 != 0, flags & 8 != 0);
    peer::cached(&format!("ocsp client {requires} {older}"), || {
        let client = peer::context(PROTOCOL_TLS_CLIENT);
        peer::trust(&client, certs::read("ca.pem")).expect("the root is good");
        if older {
            peer::limit(&client, TLS_VERSION_TLSV1_2);
        }
        let mode = if requires { OCSP_REQUIRE } else { OCSP_REQUEST };
        peer::set("ocsp", &client, |client, error| unsafe {
            tlsock_context_set_ocsp(client, mode as c_int, error)
        });
        client
    })
}
