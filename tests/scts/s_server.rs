//! Lists that `openssl s_server` sends, to our client.

use super::made::{ONE, TWO, list};
use super::peer::SServer;
use super::{asking, certs, pair};
use std::sync::atomic::{AtomicUsize, Ordering};

const VERSIONS: [&str; 2] = ["-tls1_2", "-tls1_3"];
const DECODE_ERROR: u8 = 50;
const UNSUPPORTED_EXTENSION: u8 = 110;

/// One that sends this as the content of the extension, in the places of its kind for which bits are set.
fn with(content: &[u8], places: u32, version: &str) -> SServer {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let file = certs::scratch().join(format!("serverinfo-{number}.pem"));
    let len = u16::try_from(content.len()).expect("a length of two bytes");
    let all = [&places.to_be_bytes()[..], &18u16.to_be_bytes(), &len.to_be_bytes(), content].concat();
    std::fs::write(&file, pem(&all)).expect("a file");
    SServer::start(&[version, "-serverinfo", file.to_str().expect("a path")])
}

fn pem(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!(
        "-----BEGIN SERVERINFOV2 FOR SCT-----\n{}\n-----END SERVERINFOV2 FOR SCT-----\n",
        lines.join("\n")
    )
}

/// `SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_TLS1_3_CERTIFICATE`
const PLACES: u32 = 0x0080 | 0x0100 | 0x1000;

#[test]
fn what_it_sends_is_told() {
    for version in VERSIONS {
        let mut peer = with(&list(&[ONE, TWO]), PLACES, version);
        for (client, expected) in [(asking(), Some(list(&[ONE, TWO]))), (pair::client(), None)] {
            let socket = peer.connect(&client).expect("a connection");
            assert_eq!(socket.scts().expect("a list"), expected, "{version}");
        }
        peer.stop();
    }
}

#[test]
fn a_malformed_list_is_refused() {
    let whole = list(&[ONE, TWO]);
    let behind = [&whole[..], &[0]].concat();
    for version in VERSIONS {
        for content in [&[][..], &[0, 0], &[0, 2, 0, 0], &whole[..whole.len() - 1], &behind, ONE] {
            let mut peer = with(content, PLACES, version);
            let error = peer.connect(&asking()).map(drop).expect_err("a malformed list");
            let detail = error.detail().expect("details");
            assert_eq!(detail.alert_sent, Some(DECODE_ERROR), "{version} {content:?}: {error}");
            // AWS-LC reads the list itself, and has its own words.
            if cfg!(feature = "openssl") {
                let cause = detail.cause.as_ref().expect("a cause").message();
                assert_eq!(cause, "the server's list of certificate timestamps is malformed");
            }
            peer.connect(&pair::client()).expect("who does not ask does not look");
            peer.stop();
        }
    }
}

/// In another place than those of RFC 6962 and 8446 the extension is refused.
#[test]
fn another_place_is_refused() {
    const ENCRYPTED_EXTENSIONS: u32 = 0x0400;
    let mut peer = with(&list(&[ONE]), 0x0080 | ENCRYPTED_EXTENSIONS, "-tls1_3");
    let error = peer.connect(&asking()).map(drop).expect_err("the wrong place");
    let sent = error.detail().and_then(|detail| detail.alert_sent).expect("an alert");
    // AWS-LC knows the extension, and calls it misplaced by another alert.
    let wanted = if cfg!(feature = "openssl") { [47, UNSUPPORTED_EXTENSION] } else { [DECODE_ERROR; 2] };
    assert!(wanted.contains(&sent), "{error}");
    peer.stop();
}
