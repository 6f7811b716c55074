//! The pump, where records of a connection are damaged or callbacks fail; connections that have failed; what is beyond Python of a context and a connection.

mod certs;
#[path = "object/failed.rs"]
mod failed;
mod pair;
#[path = "object/room.rs"]
mod room;

use pair::{Pair, TLS1_2, TLS1_3, client, identify, server};
use std::sync::Arc;
use tlsock::{Error, MemoryBio, Object, Pump, PumpResult, Result, Status, WrapFlags};

/// What one call did, and what it put out: plaintext and ciphertext.
fn pump(object: &Object, ciphertext: &[u8], plaintext: &[u8]) -> (PumpResult, Vec<u8>, Vec<u8>, Result<()>) {
    let (mut plain, mut cipher) = (vec![0; 1000], vec![0; 20_000]);
    let (done, outcome) = object.pump(Pump {
        ciphertext_in: ciphertext,
        plaintext_in: plaintext,
        plaintext_out: &mut plain,
        ciphertext_out: &mut cipher,
        ..Pump::default()
    });
    plain.truncate(done.plaintext_len);
    cipher.truncate(done.ciphertext_len);
    (done, plain, cipher, outcome)
}

/// Does the handshake, and takes what comes after it.
fn shake_hands(client: &Object, server: &Object) {
    let mut down = Vec::new();
    for _ in 0..5 {
        let up = pump(client, &down, b"").2;
        down = pump(server, &up, b"").2;
    }
}

/// Two ends after their handshake.
fn connected(version: i32) -> (Object, Object) {
    let (context, serving) = (client(), server("ecdsa"));
    context.set_maximum_version(version).unwrap();
    let client = context.wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
    let server = serving.wrap_bio(None, WrapFlags::SERVER_SIDE, None, None).unwrap();
    shake_hands(&client, &server);
    (client, server)
}

/// Before the handshake anybody can send a close_notify in the clear: it is no clean end.
#[test]
fn an_end_before_the_handshake_is_no_clean_one() {
    const CLOSE_NOTIFY: [u8; 7] = [21, 3, 3, 0, 2, 1, 0];
    for (version, shakes) in [(TLS1_2, false), (TLS1_2, true), (TLS1_3, false), (TLS1_3, true)] {
        let (context, incoming, outgoing) = (client(), MemoryBio::new(), MemoryBio::new());
        context.set_maximum_version(version).unwrap();
        let bios = Some((&incoming, &outgoing));
        let client = context.wrap_bio(bios, WrapFlags::default(), Some("localhost"), None).unwrap();
        incoming.write(&CLOSE_NOTIFY).unwrap();
        if shakes {
            assert_eq!(client.do_handshake().unwrap_err().status(), Status::ZeroReturn);
        }
        for _ in 0..2 {
            assert_eq!(client.read(&mut [0; 9]).unwrap_err().status(), Status::Eof);
        }
    }
}

#[test]
fn a_finished_handshake_stays_so_when_a_record_is_damaged() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = connected(version);
        let mut records = pump(&server, b"", b"good").2;
        records.extend(pump(&server, b"", b"bad").2);
        *records.last_mut().unwrap() ^= 1;

        let (done, plain, alert, outcome) = pump(&client, &records, b"");
        outcome.expect("the first record is good");
        assert_eq!((plain.as_slice(), done.handshake_done), (&b"good"[..], true));
        assert!(!alert.is_empty());
        let (done, plain, _, outcome) = pump(&client, b"", b"");
        assert_eq!(outcome.unwrap_err().status(), Status::Ssl);
        assert!(plain.is_empty() && done.handshake_done);
    }
}

#[test]
fn what_only_the_peer_can_end_asks_for_its_bytes_and_not_for_room() {
    let (context, serving) = (client(), server("ecdsa"));
    identify(&context, "client");
    serving.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    serving.set_verify_mode(2).unwrap();
    context.set_post_handshake_auth(true).unwrap();
    serving.set_post_handshake_auth(true).unwrap();
    let client = context.wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
    let server = serving.wrap_bio(None, WrapFlags::SERVER_SIDE, None, None).unwrap();
    shake_hands(&client, &server);
    server.verify_client_post_handshake().unwrap();
    let request = pump(&server, b"", b"x").2;
    let answer = pump(&client, &request, b"").2;
    let first = 5 + usize::from(answer[3]) * 256 + usize::from(answer[4]);
    assert!(first < answer.len(), "the answer is more than its first record");

    // In the middle of the client's answer libssl can encrypt nothing, whatever room there is.
    assert_eq!(pump(&server, &answer[..first], b"").3.unwrap_err().status(), Status::WantRead);
    let (done, _, _, outcome) = pump(&server, b"", b"reply");
    assert_eq!(outcome.unwrap_err().status(), Status::WantRead);
    assert_eq!((done.plaintext_used, done.ciphertext_pending, done.handshake_done), (0, 0, true));
    let (done, _, reply, outcome) = pump(&server, &answer[first..], b"reply");
    assert_eq!((outcome.unwrap_err().status(), done.plaintext_used), (Status::WantRead, 5));
    assert_eq!(pump(&client, &reply, b"").1, b"reply");
}

#[test]
fn a_handshake_that_ends_in_the_call_that_fails_is_done() {
    let (context, serving) = (client(), server("ecdsa"));
    let client = context.wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
    let server = serving.wrap_bio(None, WrapFlags::SERVER_SIDE, None, None).unwrap();
    let hello = pump(&client, b"", b"").2;
    let answer = pump(&server, &hello, b"").2;
    let mut last = pump(&client, &answer, b"bad").2;
    *last.last_mut().unwrap() ^= 1;

    let (done, plain, _, outcome) = pump(&server, &last, b"reply");
    assert_eq!(outcome.unwrap_err().status(), Status::Ssl);
    assert_eq!((done.plaintext_used, plain.len(), done.handshake_done), (5, 0, true));
}

#[test]
fn a_callback_that_fails_where_no_bytes_follow_is_told_at_once() {
    let (context, serving) = (client(), server("ecdsa"));
    context
        .set_session_callback(Some(Arc::new(|_, _| Err(Error::new(Status::NoMemory, "no room")))))
        .unwrap();
    let client = context.wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
    let server = serving.wrap_bio(None, WrapFlags::SERVER_SIDE, None, None).unwrap();
    let hello = pump(&client, b"", b"").2;
    let answer = pump(&server, &hello, b"").2;
    let last = pump(&client, &answer, b"").2;
    let tickets = pump(&server, &last, b"").2;
    assert!(!tickets.is_empty());

    let (done, _, _, outcome) = pump(&client, &tickets, b"");
    let error = outcome.unwrap_err();
    assert_eq!((error.status(), error.message(), done.failure_pending), (Status::NoMemory, "no room", false));
    let data = pump(&server, b"", b"still here").2;
    let (_, plain, _, outcome) = pump(&client, &data, b"");
    outcome.unwrap();
    assert_eq!(plain, b"still here");
}

/// Between calls libssl's buffers are given back, but not while part of a record is in them.
#[test]
fn a_record_may_come_in_parts_with_writes_in_between() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = connected(version);
        let record = pump(&client, b"", b"a record").2;
        let (head, body) = record.split_at(5);
        // Part of the head, the rest of it, part of the body.
        for part in [&head[..4], &head[4..], &body[..7]] {
            let (done, plain, _, outcome) = pump(&server, part, b"");
            assert_eq!((done.ciphertext_used, plain.len()), (part.len(), 0));
            assert_eq!(outcome.unwrap_err().status(), Status::WantRead);
            let answer = pump(&server, b"", b"!").2;
            assert_eq!(pump(&client, &answer, b"").1, b"!");
        }
        assert_eq!(pump(&server, &body[7..], b"").1, b"a record");
    }
}

/// Python's connections take up the list when the handshake starts, and not after that.
#[test]
fn ciphers_that_are_set_before_the_handshake_count() {
    const FIRST: &str = "ECDHE-ECDSA-AES128-GCM-SHA256";
    const SECOND: &str = "ECDHE-ECDSA-CHACHA20-POLY1305";
    for of_client in [true, false] {
        for late in [false, true] {
            let (context, serving) = (client(), server("ecdsa"));
            context.set_maximum_version(TLS1_2).unwrap();
            let changed = if of_client { &context } else { &serving };
            changed.set_ciphers(FIRST).unwrap();
            let pair = Pair::new(&context, &serving, None);
            if late {
                pair.client.do_handshake().unwrap_err();
                pair.server.do_handshake().unwrap_err();
            }
            changed.set_ciphers(SECOND).unwrap();
            pair.shake().unwrap();
            let expected = if late { FIRST } else { SECOND };
            assert_eq!(
                pair.client.cipher().unwrap().name.and_then(|name| name.to_str().ok()),
                Some(expected),
                "{of_client} {late}"
            );
        }
    }
}

/// A server that asks for a certificate and continues no matter what it gets, and its client.
fn reporting(serving: &tlsock::Context, identity: Option<&str>) -> (Object, Object) {
    let context = client();
    if let Some(name) = identity {
        identify(&context, name);
    }
    let flags = WrapFlags::SERVER_SIDE | WrapFlags::REPORT_VERIFICATION;
    let client = context.wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
    let server = serving.wrap_bio(None, flags, None, None).unwrap();
    shake_hands(&client, &server);
    (client, server)
}

const UNABLE_TO_GET_ISSUER_LOCALLY: i32 = 20;

#[test]
fn what_is_wrong_with_a_certificate_is_told_where_it_need_not_pass() {
    let (trusting, stranger) = (server("ecdsa"), server("ecdsa"));
    trusting.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    let wrong = UNABLE_TO_GET_ISSUER_LOCALLY;
    for (serving, identity, result) in
        [(&trusting, None, 0), (&trusting, Some("client"), 0), (&stranger, Some("client"), wrong)]
    {
        let (_client, server) = reporting(serving, identity);
        assert_eq!(server.verify_result().unwrap(), result, "{identity:?}");
        assert_eq!(server.peer_certificate().unwrap().is_some(), identity.is_some());
        assert!(server.getpeercert().unwrap().is_none(), "nothing counts as verified");
    }
}

/// A chain that was accepted although it failed is not kept as a good one, neither for connections that report nor for
/// those that verify.
#[test]
fn what_was_let_pass_is_not_kept_as_a_chain_that_passed() {
    let serving = server("ecdsa");
    serving.set_chain_cache(true);
    for _ in 0..2 {
        let (_client, server) = reporting(&serving, Some("client"));
        assert_eq!(server.verify_result().unwrap(), UNABLE_TO_GET_ISSUER_LOCALLY);
    }
    serving.set_verify_mode(2).unwrap();
    let context = client();
    identify(&context, "client");
    assert_eq!(
        Pair::new(&context, &serving, None).shake().unwrap_err().status(),
        Status::CertVerification,
        "a chain of nobody's was taken for a known one"
    );
    assert_eq!(serving.chain_cache_hits(), 0);
}

#[test]
fn only_servers_that_do_not_verify_report() {
    let serving = server("ecdsa");
    serving.set_verify_mode(2).unwrap();
    let flags = WrapFlags::SERVER_SIDE | WrapFlags::REPORT_VERIFICATION;
    assert_eq!(serving.wrap_bio(None, flags, None, None).map(drop).unwrap_err().status(), Status::Value);
    let refused = client().wrap_bio(None, WrapFlags::REPORT_VERIFICATION, Some("localhost"), None);
    assert_eq!(refused.map(drop).unwrap_err().status(), Status::Value);
}

#[test]
fn a_context_that_verifies_ends_the_reporting() {
    let (context, serving, strict) = (client(), server("ecdsa"), server("ecdsa"));
    identify(&context, "self-signed");
    strict.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    strict.set_verify_mode(2).unwrap();
    let client = context.wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
    let flags = WrapFlags::SERVER_SIDE | WrapFlags::REPORT_VERIFICATION;
    let server = serving.wrap_bio(None, flags, None, None).unwrap();
    server.set_context(&strict).unwrap();
    let hello = pump(&client, b"", b"").2;
    let flight = pump(&server, &hello, b"").2;
    let answer = pump(&client, &flight, b"").2;
    assert_eq!(pump(&server, &answer, b"").3.unwrap_err().status(), Status::CertVerification);
}

#[test]
fn each_end_has_the_finished_of_the_other() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = connected(version);
        assert_eq!(client.finished(true), server.finished(false));
        assert_eq!(client.finished(false), server.finished(true));
        assert_ne!(client.finished(true), client.finished(false));
    }
    let unborn = client().wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
    assert_eq!(unborn.finished(true), None);
    assert_eq!(unborn.verify_result().unwrap_err().status(), Status::Value);
}

#[test]
fn ciphersuites_are_those_of_tls_1_3_alone() {
    let (ours, theirs) = (client(), server("ecdsa"));
    ours.set_ciphersuites("TLS_CHACHA20_POLY1305_SHA256").unwrap();
    // What is set later makes a copy of the context, which has them too.
    ours.set_minimum_version(TLS1_2).unwrap();
    let pair = Pair::connected(&ours, &theirs, None);
    assert_eq!(pair.client.cipher().and_then(|cipher| cipher.name), Some(c"TLS_CHACHA20_POLY1305_SHA256"));
    ours.set_ciphersuites("").unwrap();
    ours.set_maximum_version(TLS1_2).unwrap();
    assert_eq!(Pair::connected(&ours, &theirs, None).client.version(), Some(c"TLSv1.2"));
    for (bad, status) in [("x".repeat(70_000), Status::Value), ("a\0b".into(), Status::Value)] {
        assert_eq!(ours.set_ciphersuites(&bad).unwrap_err().status(), status);
    }
}

#[test]
fn groups_are_agreed_on_in_the_order_of_the_list() {
    let (ours, theirs) = (client(), server("ecdsa"));
    ours.set_groups("P-384:X25519").unwrap();
    // Since 3.5 a server's default list has groups that go before others, whatever the client prefers.
    theirs.set_groups("X25519:P-384").unwrap();
    ours.set_minimum_version(TLS1_3).unwrap();
    assert_eq!(Pair::connected(&ours, &theirs, None).client.group(), Some(c"secp384r1"));
    ours.set_ecdh_curve("X25519").unwrap();
    assert_eq!(Pair::connected(&ours, &theirs, None).client.group(), Some(c"x25519"));
    assert_eq!(ours.set_groups("no-such-group").unwrap_err().status(), Status::Value);
    assert_eq!(
        Pair::connected(&ours, &theirs, None).client.group(),
        Some(c"x25519"),
        "refused, nothing changed"
    );
}

/// Of all connections that read and write a lot, the last sixty-four keep libssl's buffers. A connection that loses them loses no data.
#[test]
fn more_busy_connections_than_keep_their_buffers_all_go_on() {
    const USES: u8 = 20;
    let (context, serving) = (client(), server("ecdsa"));
    let pairs: Vec<Pair> = (0..80)
        .map(|_| {
            let pair = Pair::connected(&context, &serving, None);
            for number in 0..USES {
                pair.server.write(&[number; 100]).unwrap();
                pair.client.write(&[number]).unwrap();
            }
            // A record that was read in part is in these buffers.
            for number in 0..USES {
                assert_eq!(pair.server.read(&mut [0]).unwrap(), 1);
                let mut buffer = [255; 60];
                let count = pair.client.read(&mut buffer).unwrap();
                assert!(buffer[..count].iter().all(|byte| *byte == number / 2), "{number}");
            }
            pair
        })
        .collect();
    for pair in &pairs {
        let mut rest = vec![0; 5000];
        let mut got = 0;
        while let Ok(count @ 1..) = pair.client.read(&mut rest[got..]) {
            got += count;
        }
        let expected: Vec<u8> = (USES / 2..USES).flat_map(|number| [number; 100]).collect();
        assert!(rest[..got] == expected, "{got}");
        pair.client.write(b"still here").unwrap();
        assert_eq!(pair.server.read(&mut [0; 100]).unwrap(), 10);
    }
}

#[test]
fn the_protocol_is_told_as_often_as_it_is_asked_for() {
    let (context, serving) = (client(), server("ecdsa"));
    serving.set_alpn_protocols(&["h2", "http/1.1"]).unwrap();
    for (offered, chosen) in [(&["http/1.1", "h2"][..], Some(c"h2")), (&["spdy"], None), (&[], None)] {
        context.set_alpn_protocols(offered).unwrap();
        let pair = Pair::connected(&context, &serving, None);
        for end in [&pair.client, &pair.server] {
            assert_eq!((end.selected_alpn_protocol(), end.selected_alpn_protocol()), (chosen, chosen));
        }
    }
}

#[test]
fn cipher_suites_that_nobody_has_change_nothing() {
    let (context, serving) = (client(), server("ecdsa"));
    context.set_ciphersuites("TLS_AES_128_GCM_SHA256").unwrap();
    let refused = context.set_ciphersuites("TLS_NO_SUCH_SUITE").unwrap_err();
    assert_eq!(refused.status(), Status::Value);
    let pair = Pair::connected(&context, &serving, None);
    let chosen = pair.client.cipher().and_then(|cipher| cipher.name);
    assert_eq!(chosen, Some(c"TLS_AES_128_GCM_SHA256"));
}

/// A close_write within the handshake is refused: the end that a read tells is then that of `unwrap`.
#[test]
fn a_close_that_was_refused_changes_nothing_of_what_a_read_tells() {
    for version in [TLS1_2, TLS1_3] {
        for (refused, closed) in [(false, false), (true, false), (false, true), (true, true)] {
            let context = client();
            context.set_maximum_version(version).unwrap();
            let pair = Pair::new(&context, &server("ecdsa"), None);
            if refused {
                pair.client.do_handshake().unwrap_err();
                assert_eq!(pair.client.close_write().unwrap_err().status(), Status::Ssl);
            }
            pair.shake().unwrap();
            assert_eq!(pair.client.unwrap().unwrap_err().status(), Status::WantRead);
            if closed {
                pair.client.close_write().unwrap();
            }
            assert_eq!(pair.server.read(&mut [0]).unwrap(), 0);
            pair.server.unwrap().unwrap();
            let read = pair.client.read(&mut [0]);
            match closed {
                true => assert_eq!(read.unwrap(), 0, "{version:x} {refused}"),
                false => assert_eq!(read.unwrap_err().status(), Status::ZeroReturn, "{version:x} {refused}"),
            }
        }
    }
}
