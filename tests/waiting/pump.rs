//! The pump, which moves bytes both ways in one call.

use crate::answer::{Kind, Later, each};
use crate::pair::TLS1_3;
use tlsock::*;

/// One end, and the ciphertext that it has not taken yet.
struct Side {
    object: Object,
    inbox: Vec<u8>,
    done: PumpResult,
    got: Vec<u8>,
}

impl Side {
    fn new(object: Object) -> Side {
        Side { object, inbox: Vec::new(), done: PumpResult::default(), got: Vec::new() }
    }

    /// Pumps once, with room for that many bytes, and gives what it sends.
    fn pump(&mut self, plain: &[u8], room: usize) -> (Result<()>, Vec<u8>) {
        let (mut out, mut text) = (vec![0; room], [0; 100]);
        let (done, result) = self.object.pump(Pump {
            ciphertext_in: &self.inbox,
            plaintext_in: plain,
            plaintext_out: &mut text,
            ciphertext_out: &mut out,
            ..Pump::default()
        });
        self.inbox.drain(..done.ciphertext_used);
        self.got.extend(&text[..done.plaintext_len]);
        out.truncate(done.ciphertext_len);
        self.done = done;
        (result, out)
    }
}

fn sides(kind: Kind, version: i32, later: &Later) -> (Side, Side) {
    let (client, server) = kind.contexts(version, later);
    let client = client.wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
    let server = server.wrap_bio(None, WrapFlags::SERVER_SIDE, None, None).unwrap();
    match kind.is_of_server() {
        true => (Side::new(server), Side::new(client)),
        false => (Side::new(client), Side::new(server)),
    }
}

/// Moves bytes between the two, of which each has something to say, until one waits or both have said it.
fn exchange(waits: &mut Side, other: &mut Side, room: usize) -> Result<()> {
    let mut said = [false, false];
    for _ in 0..5000 {
        let (result, sent) = waits.pump(if said[0] { b"" } else { b"mine" }, room);
        said[0] |= waits.done.plaintext_used > 0;
        other.inbox.extend(sent);
        if result.as_ref().is_err_and(|error| !error.is_want() || error.waits()) {
            return result;
        }
        let (result, sent) = other.pump(if said[1] { b"" } else { b"theirs" }, room);
        said[1] |= other.done.plaintext_used > 0;
        waits.inbox.extend(sent);
        assert!(result.is_ok() || result.is_err_and(|error| error.is_want()));
        if waits.got == b"theirs" && other.got == b"mine" {
            return Ok(());
        }
    }
    panic!("nothing moves");
}

#[test]
fn a_pump_stops_and_loses_nothing() {
    each(|version, kind| {
        for room in [40_000, 50] {
            let later = Later::default();
            let (mut waits, mut other) = sides(kind, version, &later);
            for _ in 0..3 {
                assert!(exchange(&mut waits, &mut other, room).is_err_and(|error| error.waits()));
                assert!(!waits.done.handshake_done && !waits.done.failure_pending);
                assert_eq!((waits.done.plaintext_used, waits.done.plaintext_len), (0, 0));
            }
            later.give();
            exchange(&mut waits, &mut other, room).unwrap();
        }
    });
}

/// Data that comes before the question is given first, and is given once.
#[test]
fn data_before_the_question_is_given() {
    let later = Later::default();
    let (client, server) = Kind::ClientIdentity.contexts(TLS1_3, &later);
    server.set_verify_mode(1).unwrap();
    for context in [&client, &server] {
        context.set_post_handshake_auth(true).unwrap();
    }
    let wrap = |context: &Context, flags, name| Side::new(context.wrap_bio(None, flags, name, None).unwrap());
    let mut client = wrap(&client, WrapFlags::default(), Some("localhost"));
    let mut server = wrap(&server, WrapFlags::SERVER_SIDE, None);
    exchange(&mut client, &mut server, 40_000).unwrap();
    client.got.clear();
    let (_, first) = server.pump(b"before", 40_000);
    server.object.verify_client_post_handshake().unwrap();
    let (_, second) = server.pump(b"after", 40_000);
    client.inbox.extend([first, second].concat());
    let (result, _) = client.pump(b"", 40_000);
    result.unwrap();
    assert_eq!((&client.got[..], client.done.failure_pending), (&b"before"[..], false));
    for _ in 0..2 {
        let (result, _) = client.pump(b"", 40_000);
        assert!(result.is_err_and(|error| error.waits()));
        assert!(client.done.handshake_done && !client.done.failure_pending);
    }
    assert_eq!(client.got, b"before");
    later.give();
    let (result, answer) = client.pump(b"", 40_000);
    result.unwrap();
    assert_eq!(client.got, b"beforeafter");
    server.inbox.extend(answer);
    let _ = server.pump(b"", 40_000);
    assert!(server.object.peer_certificate().unwrap().is_some());
}
