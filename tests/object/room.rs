//! What the pump takes and tells by the room that it has.

use crate::pair::{TLS1_2, TLS1_3, client, server};
use crate::{connected, pump};
use tlsock::{Object, Pump, PumpResult, Status, WrapFlags};

/// As `pump`, with room for that much ciphertext.
fn pump_into(object: &Object, room: usize, pump: Pump<'_>) -> (PumpResult, Vec<u8>, Status) {
    let mut cipher = vec![0; room];
    let (done, outcome) = object.pump(Pump { ciphertext_out: &mut cipher, ..pump });
    cipher.truncate(done.ciphertext_len);
    (done, cipher, outcome.map_or_else(|error| error.status(), |()| Status::Ok))
}

const RECORD: usize = 16384;
/// More than encrypting a record adds.
const MORE: usize = 600;

/// All the data in these records.
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

/// From the second call on libssl reports it like a close_notify; here it is still a failure.
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
