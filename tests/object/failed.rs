//! What calls on a connection tell that has failed: its end and never data, in either direction, and never the first failure again.

use crate::pair::{Pair, TLS1_2, TLS1_3, client, server};
use crate::{connected, pump};
use tlsock::{MemoryBio, Object, Result, Status, WrapFlags};

/// How a call has failed: its status and its reason.
fn told<T>(result: Result<T>) -> (Status, Option<String>) {
    let Err(error) = result else { return (Status::Ok, None) };
    let reason = error.detail().and_then(|detail| detail.reason.as_deref());
    (error.status(), reason.map(|reason| reason.to_string_lossy().into_owned()))
}

fn is(status: Status, reason: &str) -> (Status, Option<String>) {
    (status, (!reason.is_empty()).then(|| reason.to_string()))
}

/// Each call on a connection that is over, twice: the end, of which `end` is the status, and that it cannot be closed any more.
fn is_over(object: &Object, end: Status) {
    for _ in 0..2 {
        assert_eq!(told(object.write(b"data")), is(end, ""));
        assert_eq!(told(object.write(b"")), is(end, ""));
        assert_eq!(told(object.do_handshake()), is(end, ""));
        assert_eq!(told(object.unwrap()), is(Status::Ssl, "SHUTDOWN_WHILE_IN_INIT"));
        assert_eq!((object.pending(), object.version()), (0, None));
        assert_eq!(told(object.key_update(false)).0, Status::Value);
    }
}

#[test]
fn a_damaged_record_ends_both() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = connected(version);
        let mut record = pump(&client, b"", b"data").2;
        *record.last_mut().unwrap() ^= 1;
        let (_, _, alert, outcome) = pump(&server, &record, b"");
        assert_eq!(told(outcome), is(Status::Ssl, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"));
        // The peer has ended nothing: to a reader that is no clean end.
        assert_eq!(told(server.read(&mut [0; 9])), is(Status::Eof, ""));
        is_over(&server, Status::Eof);
        assert_eq!(told(pump(&client, &alert, b"").3), is(Status::Ssl, "SSLV3_ALERT_BAD_RECORD_MAC"));
        is_over(&client, Status::ZeroReturn);
    }
}

#[test]
fn a_stream_that_is_cut_off_ends_writing_too() {
    for (version, of_server) in [(TLS1_2, false), (TLS1_2, true), (TLS1_3, false), (TLS1_3, true)] {
        let (context, up, down) = (client(), MemoryBio::new(), MemoryBio::new());
        context.set_maximum_version(version).unwrap();
        let (host, server_side) = (Some("localhost"), WrapFlags::SERVER_SIDE);
        let pair = Pair {
            client: context.wrap_bio(Some((&down, &up)), WrapFlags::default(), host, None).unwrap(),
            server: server("ecdsa").wrap_bio(Some((&up, &down)), server_side, None, None).unwrap(),
        };
        pair.shake().unwrap();
        assert_eq!(told(pair.client.read(&mut [0; 9])).0, Status::WantRead);
        let (end, incoming) = if of_server { (&pair.server, up) } else { (&pair.client, down) };
        incoming.write_eof();
        assert_eq!(told(end.read(&mut [0; 9])), is(Status::Eof, "UNEXPECTED_EOF_WHILE_READING"));
        assert_eq!(told(end.read(&mut [0; 9])), is(Status::Eof, ""));
        is_over(end, Status::Eof);
        // The peer, which may still read, is told.
        let peer = if of_server { &pair.client } else { &pair.server };
        assert_eq!(told(peer.read(&mut [0; 9])), is(Status::Ssl, "TLSV1_ALERT_DECODE_ERROR"));
    }
}
