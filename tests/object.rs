//! The pump, where records of a connection are damaged or callbacks fail.

mod certs;
mod pair;

use pair::{TLS1_2, TLS1_3, client, identify, server};
use std::sync::Arc;
use tlsock::{Error, Object, Pump, PumpResult, Result, Status, WrapFlags};

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

/// Two ends that have shaken hands.
fn connected(version: i32) -> (Object, Object) {
    let (context, serving) = (client(), server("ecdsa"));
    context.set_maximum_version(version).unwrap();
    let client = context.wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
    let server = serving.wrap_bio(None, WrapFlags::SERVER_SIDE, None, None).unwrap();
    shake_hands(&client, &server);
    (client, server)
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
    context.set_post_handshake_auth(true);
    serving.set_post_handshake_auth(true);
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
            let pair = pair::Pair::new(&context, &serving, None);
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

/// As `pump`, with room for so much ciphertext.
fn pump_into(object: &Object, room: usize, pump: Pump<'_>) -> (PumpResult, Vec<u8>, Status) {
    let mut cipher = vec![0; room];
    let (done, outcome) = object.pump(Pump { ciphertext_out: &mut cipher, ..pump });
    cipher.truncate(done.ciphertext_len);
    (done, cipher, outcome.map_or_else(|error| error.status(), |()| Status::Ok))
}

const RECORD: usize = 16384;
/// More than encrypting a record adds.
const MORE: usize = 600;

/// All that these records hold.
fn opened(object: &Object, records: &[u8]) -> (PumpResult, Vec<u8>) {
    let (mut plain, mut room) = (vec![0; 100_000], [0; 100]);
    let (done, outcome) = object.pump(Pump {
        ciphertext_in: records,
        plaintext_out: &mut plain,
        ciphertext_out: &mut room,
        ..Pump::default()
    });
    outcome.expect("records");
    plain.truncate(done.plaintext_len);
    (done, plain)
}

#[test]
fn plaintext_is_taken_as_far_as_there_is_room() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = connected(version);
        let mut data = vec![7; 2 * RECORD];
        let writing = |plaintext_in| Pump { plaintext_in, ..Pump::default() };
        let told = |done: &PumpResult| (done.plaintext_used, done.ciphertext_pending > 0);

        let (done, _, status) = pump_into(&server, 0, writing(&data));
        assert_eq!((told(&done), status), ((0, false), Status::WantWrite), "no room");
        let (done, mut records, status) = pump_into(&server, RECORD + MORE, writing(&data));
        assert_eq!((told(&done), status), ((RECORD, false), Status::WantWrite), "room for one record");
        let (done, part, status) = pump_into(&server, 100, writing(&data[RECORD..]));
        assert_eq!((told(&done), status), ((RECORD, true), Status::WantWrite), "one may wait inside");
        assert_eq!(part.len(), 100);
        let reading = Pump { plaintext_out: &mut [0], ..Pump::default() };
        let (done, _, status) = pump_into(&server, 0, reading);
        assert_eq!((told(&done), status), ((0, true), Status::WantRead), "nobody asks for it");
        let (done, rest, status) = pump_into(&server, 2 * RECORD, writing(b"new"));
        assert_eq!((told(&done), status), ((3, false), Status::Ok), "what waits goes first, then the new");

        records.extend([part, rest].concat());
        data.extend(b"new");
        assert!(opened(&client, &records).1 == data);
    }
}

#[test]
fn the_end_comes_behind_all_plaintext() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = connected(version);
        let data = vec![7; 3 * RECORD];
        let (mut used, mut records) = (0, Vec::new());
        loop {
            let pump = Pump { close_write: true, plaintext_in: &data[used..], ..Pump::default() };
            let (done, more, status) = pump_into(&server, 1000, pump);
            used += done.plaintext_used;
            records.extend(more);
            match status {
                Status::WantWrite => {}
                status => break assert_eq!((status, used), (Status::Ok, data.len())),
            }
        }
        let (done, plain) = opened(&client, &records);
        assert!(plain == data && done.peer_closed);
    }
}

#[test]
fn a_flight_without_room_for_all_of_it_asks_for_room() {
    let client = client().wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
    let server = server("ecdsa").wrap_bio(None, WrapFlags::SERVER_SIDE, None, None).unwrap();
    let hello = pump(&client, b"", b"").2;
    let (done, _, mut status) = pump_into(&server, 100, Pump { ciphertext_in: &hello, ..Pump::default() });
    assert_eq!((done.ciphertext_used, done.ciphertext_len), (hello.len(), 100));
    let mut calls = 1;
    while status == Status::WantWrite {
        status = pump_into(&server, 100, Pump::default()).2;
        calls += 1;
    }
    assert_eq!(status, Status::WantRead);
    assert!(calls > 5, "{calls}");
}

#[test]
fn a_failure_is_told_though_there_is_no_room_for_its_alert() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = connected(version);
        let mut record = pump(&server, b"", b"data").2;
        *record.last_mut().unwrap() ^= 1;
        let damaged = Pump { ciphertext_in: &record, plaintext_out: &mut [0; 10], ..Pump::default() };
        let (done, _, status) = pump_into(&client, 1, damaged);
        assert_eq!(status, Status::Ssl);
        assert!(done.ciphertext_pending > 0);
    }
}

#[test]
fn what_was_decrypted_without_room_waits_inside() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = connected(version);
        let record = pump(&server, b"", &[7; 100]).2;
        let (done, _, status) = pump_into(
            &client,
            100,
            Pump { ciphertext_in: &record, plaintext_out: &mut [0; 10], ..Pump::default() },
        );
        assert_eq!((status, done.plaintext_len, done.plaintext_pending), (Status::Ok, 10, 90));
    }
}

/// From the second call on libssl says the same of it as of a close_notify; that is a failure here all the same.
#[test]
fn a_fatal_alert_is_no_end() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = connected(version);
        let mut record = pump(&client, b"", b"data").2;
        *record.last_mut().unwrap() ^= 1;
        let (_, _, alert, outcome) = pump(&server, &record, b"");
        assert_eq!(outcome.unwrap_err().status(), Status::Ssl);
        for (told, status) in
            [(&alert[..], Status::Ssl), (b"", Status::ZeroReturn), (b"", Status::ZeroReturn)]
        {
            let (done, _, _, outcome) = pump(&client, told, b"");
            assert_eq!((outcome.unwrap_err().status(), done.peer_closed), (status, false));
        }
    }
}
