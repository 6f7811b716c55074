//! What `openssl s_server` sends, checked by our client.

use super::{asking, certs, made, peer};
use made::Made;
use peer::SServer;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlsock::{Ocsp, Status};

const NEEDED: i32 = 73;
const FAILED: i32 = 74;

/// Our server refuses responses that are invalid for it too; these are sent by `openssl s_server`, which sends any, and are
/// checked by our client. That of OpenSSL 3.6 keeps one for another certificate back: then the client misses it.
#[test]
fn the_words_of_s_server_are_checked_the_same_way() {
    let good = Made::good("ecdsa");
    let other = Made { leaf: certs::read("rsa.pem"), ..good.clone() };
    let bare = Made { with_signer: false, ..good.clone() };
    // The signature is at the end.
    let mut spoilt = bare.der();
    *spoilt.last_mut().expect("bytes") ^= 1;
    let cases = [
        ("good", good.der(), 0),
        ("without the signer's certificate", bare.der(), 0),
        ("expired", Made { this_update: -7200, next_update: Some(-3600), ..good.clone() }.der(), FAILED),
        (
            "expired, within the slack",
            Made { this_update: -7200, next_update: Some(-200), ..good.clone() }.der(),
            0,
        ),
        ("not yet valid", Made { this_update: 3600, next_update: Some(7200), ..good.clone() }.der(), FAILED),
        ("without an end", Made { next_update: None, ..good.clone() }.der(), 0),
        (
            "six days old and without an end",
            Made { this_update: -6 * 86400, next_update: None, ..good.clone() }.der(),
            0,
        ),
        (
            "old and without an end",
            Made { this_update: -8 * 86400, next_update: None, ..good.clone() }.der(),
            FAILED,
        ),
        ("for another certificate", other.der(), FAILED),
        ("try later", made::unanswered(3), FAILED),
        ("a bad signature", spoilt, FAILED),
    ];
    for (what, response, code) in cases {
        for version in ["-tls1_2", "-tls1_3"] {
            let code = if code == FAILED && !is_sent(&response, version) { NEEDED } else { code };
            let found = against_s_server(&response, version);
            assert_eq!(found.as_ref().map_or(0, |error| error.0), code, "{version} {what}: {found:?}");
        }
    }
}

fn is_sent(response: &[u8], version: &str) -> bool {
    let mut peer = with(response, version);
    let seen = peer.seen_by_s_client(&["-status", version]);
    peer.stop();
    seen.contains("OCSP Response Status:")
}

pub fn against_s_server(response: &[u8], version: &str) -> Option<(i32, String)> {
    let mut peer = with(response, version);
    let connected = peer.connect(&asking(Ocsp::Require));
    peer.stop();
    let error = connected.map(drop).err()?;
    assert_eq!(error.status(), Status::CertVerification, "{error}");
    Some((error.detail().expect("details").verify_code, error.message().to_owned()))
}

/// Within the slack a response counts that has ended, but not for a later connection.
#[test]
fn a_session_ends_with_the_response_of_its_handshake() {
    for version in ["-tls1_2", "-tls1_3"] {
        for (end, resumes) in [(3600, true), (-200, false)] {
            let response = Made { this_update: -7200, next_update: Some(end), ..Made::good("ecdsa") }.der();
            let mut peer = with(&response, version);
            let client = asking(Ocsp::Require);
            client.set_client_session_cache(1).expect("a cache");
            for again in [false, true] {
                let mut socket = peer.connect(&client).expect("a connection");
                let reused = socket.connection().expect("TLS").session_reused();
                assert_eq!(reused, again && resumes, "{version}, {end} s");
                // The answer comes after the tickets.
                socket.write_all(b"hello\n").expect("a line");
                assert!(socket.recv(&mut [0; 16]).expect("the same reversed") > 0);
            }
            peer.stop();
        }
    }
}

/// One that sends a response.
fn with(response: &[u8], version: &str) -> SServer {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let file = certs::scratch().join(format!("staple-{number}.der"));
    std::fs::write(&file, response).expect("a file");
    SServer::start(&[version, "-status_file", file.to_str().expect("a path")])
}
