//! The pump, where records of a connection are damaged.

mod certs;
mod pair;

use pair::{TLS1_2, TLS1_3, client, server};
use tlsock::{Object, Pump, PumpResult, Result, Status, WrapFlags};

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

#[test]
fn a_finished_handshake_stays_so_when_a_record_is_damaged() {
    for version in [TLS1_2, TLS1_3] {
        let (context, serving) = (client(), server("ecdsa"));
        context.set_maximum_version(version).unwrap();
        let client = context.wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
        let server = serving.wrap_bio(None, WrapFlags::SERVER_SIDE, None, None).unwrap();
        let mut down = Vec::new();
        for _ in 0..5 {
            let up = pump(&client, &down, b"").2;
            down = pump(&server, &up, b"").2;
        }
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
