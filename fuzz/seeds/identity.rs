//! Inputs for what was added to Python's ssl: `pkcs12`, `ocsp`, `pins`, `ticket_keys` and `stored_session`.

use crate::{Corpus, output, sized};
use std::process::Command;
use tlsock_fuzz::{certs, pin, staple};

/// Adds them all.
pub fn all(corpus: &Corpus) {
    files(corpus);
    responses(corpus);
    pins(corpus);
    ticket_keys(corpus);
    stored_sessions(corpus);
}

/// A file of each way to encrypt that this OpenSSL writes.
fn files(corpus: &Corpus) {
    const WAYS: [(&str, &[&str]); 6] = [
        ("aes", &[]),
        ("des3", &["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]),
        ("plain", &["-keypbe", "NONE", "-certpbe", "NONE"]),
        ("no-mac", &["-nomac"]),
        ("few", &["-iter", "1", "-nomaciter"]),
        ("named", &["-name", "a name", "-caname", "another"]),
    ];
    for (name, options) in WAYS {
        for (password, flags) in [("sesame", 3_u8), ("", 3), ("", 2)] {
            let mut command = Command::new("openssl");
            command.args(["pkcs12", "-export", "-iter", "100", "-passout", &format!("pass:{password}")]);
            for (option, file) in [("-in", "ecdsa.pem"), ("-inkey", "ecdsa.key"), ("-certfile", "ca.pem")] {
                command.arg(option).arg(certs::folder().join(file));
            }
            let file = output(command.args(options));
            let name = format!("{name}-{}-{flags}", password.len());
            corpus.add("pkcs12", &name, &[&[flags], &sized(password.as_bytes()), &file]);
            corpus.add("pkcs12", &format!("{name}-wrong"), &[&[flags | 1], &sized(b"wrong"), &file]);
        }
    }
}

fn responses(corpus: &Corpus) {
    for (name, status) in [("good", "V"), ("revoked", "R"), ("unknown", "")] {
        let response = staple::response(status);
        for flags in 0..16_u8 {
            corpus.add("ocsp", &format!("{name}-{flags}"), &[&[flags], &response]);
        }
        corpus.add("ocsp", &format!("{name}-cut"), &[&[1], &response[..response.len() / 2]]);
    }
    // malformedRequest, internalError, tryLater, sigRequired, unauthorized: no response at all.
    for status in [1, 2, 3, 5, 6] {
        corpus.add("ocsp", &format!("failed-{status}"), &[&[1, 0x30, 3, 0x0A, 1, status]]);
        corpus.add("ocsp", &format!("given-{status}"), &[&[0, 0x30, 3, 0x0A, 1, status]]);
    }
}

fn pins(corpus: &Corpus) {
    let all: Vec<String> = ["ca", "inter", "ecdsa", "client"].map(pin::of).into();
    for (index, pin) in all.iter().enumerate() {
        corpus.add("pins", &format!("one-{index}"), &[pin.as_bytes()]);
        corpus.add("pins", &format!("cut-{index}"), &[&pin.as_bytes()[..pin.len() - 1]]);
    }
    corpus.add("pins", "all", &[all.join("\n").as_bytes()]);
    corpus.add("pins", "curl", &[all.join(";").as_bytes()]);
    corpus.add("pins", "other", &[b"sha1//BwcHBwcHBwcHBwcHBwcHBwcHBwc="]);
}

fn ticket_keys(corpus: &Corpus) {
    let keys: Vec<u8> = (1..=240).collect();
    for flags in 0..32_u8 {
        for len in [0, 48, 80, 96, 160, 240] {
            let size: &[u8] = if flags & 2 != 0 { &[80, 0] } else { &[] };
            corpus.add("ticket_keys", &format!("{flags}-{len}"), &[&[flags], size, &keys[..len]]);
        }
        corpus.add("ticket_keys", &format!("{flags}-zero"), &[&[flags], &[0; 80]]);
        corpus.add("ticket_keys", &format!("{flags}-same"), &[&[flags], &[7; 160]]);
    }
}

fn stored_sessions(corpus: &Corpus) {
    for flags in 0..8_u8 {
        corpus.add("stored_session", &format!("{flags}-nothing"), &[&[flags]]);
        for place in (0..200_u8).step_by(8) {
            corpus.add("stored_session", &format!("{flags}-{place}"), &[&[flags, place, 0, 1]]);
        }
    }
}
