//! Ciphers, levels and versions that are not allowed any more.

use crate::{ALL, careless, pair, session, visit};
use crate::{TLS1_2, TLS1_3};
use tlsock::{Context, Session};

const OLD: &str = "ECDHE-ECDSA-AES128-SHA";
const NEW: &str = "ECDHE-ECDSA-AES256-GCM-SHA384";

fn allow(context: &Context, ciphers: &[&str]) {
    context.set_ciphers(&ciphers.join(":")).expect("ciphers");
}

/// Tells whether a handshake that must succeed resumes the session, and with which cipher.
fn visited(client: &Context, server: &Context, session: &Session) -> (bool, String) {
    let pair = visit(client, server, "localhost", Some(session)).expect("a handshake");
    let cipher = pair.server.cipher().expect("a cipher").name.expect("a name");
    (pair.server.session_reused(), cipher.to_str().expect("text").to_owned())
}

/// In TLS 1.2 a session brings its cipher along.
#[test]
fn a_session_brings_back_no_cipher_that_was_removed() {
    for keeping in ALL.into_iter().filter(|keeping| keeping.version == TLS1_2) {
        for of_server in [true, false] {
            let (client, server) = (pair::client(), keeping.server("ecdsa"));
            allow(&client, &[OLD, NEW]);
            allow(&server, &[OLD, NEW]);
            let kept = session(&client, &server);
            assert_eq!(visited(&client, &server, &kept), (true, OLD.to_owned()), "{keeping:?}");
            let changed = if of_server { &server } else { &client };
            allow(changed, &[NEW]);
            assert_eq!(visited(&client, &server, &kept), (false, NEW.to_owned()), "{keeping:?} {of_server}");
            // A client's session of before is good again, as is a server's.
            allow(changed, &[OLD, NEW]);
            assert_eq!(visited(&client, &server, &kept), (true, OLD.to_owned()), "{keeping:?} {of_server}");
        }
    }
}

/// In TLS 1.3 a session is bound to the hash of its cipher alone, and the cipher is one that both allow now.
#[test]
fn a_session_of_tls_1_3_gets_a_cipher_that_is_allowed() {
    const SAME_HASH: [&str; 2] = ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"];
    const OTHER_HASH: &str = "TLS_AES_256_GCM_SHA384";
    for keeping in ALL.into_iter().filter(|keeping| keeping.version == TLS1_3) {
        for of_server in [true, false] {
            let (client, server) = (pair::client(), keeping.server("ecdsa"));
            let changed = if of_server { &server } else { &client };
            changed.set_ciphersuites(SAME_HASH[0]).expect("a suite");
            let kept = session(&client, &server);
            changed.set_ciphersuites(SAME_HASH[1]).expect("a suite");
            let (resumed, cipher) = visited(&client, &server, &kept);
            // A server's sessions end with a change of its ciphers, whatever their version is.
            assert_eq!((resumed, &*cipher), (!of_server, SAME_HASH[1]), "{keeping:?} {of_server}");
            changed.set_ciphersuites(OTHER_HASH).expect("a suite");
            let (resumed, cipher) = visited(&client, &server, &kept);
            assert_eq!((resumed, &*cipher), (false, OTHER_HASH), "{keeping:?} {of_server}");
        }
    }
}

/// Also where nobody is verified: the level says which ciphers are allowed.
#[test]
fn a_session_brings_back_no_cipher_below_the_level() {
    const WITHOUT_FORWARD_SECRECY: &str = "AES128-GCM-SHA256";
    const WITH: &str = "ECDHE-RSA-AES128-GCM-SHA256";
    for keeping in ALL.into_iter().filter(|keeping| keeping.version == TLS1_2) {
        let (client, server) = (careless(), keeping.server("rsa"));
        allow(&server, &[WITHOUT_FORWARD_SECRECY, WITH]);
        allow(&client, &[WITHOUT_FORWARD_SECRECY, WITH]);
        let first = visit(&client, &server, "localhost", None).expect("a handshake");
        let kept = first.client.session().expect("no failure").expect("a session");
        let before = visited(&client, &server, &kept);
        assert_eq!(before, (true, WITHOUT_FORWARD_SECRECY.to_owned()), "{keeping:?}");
        allow(&client, &[WITHOUT_FORWARD_SECRECY, WITH, "@SECLEVEL=3"]);
        assert_eq!(visited(&client, &server, &kept), (false, WITH.to_owned()), "{keeping:?}");
    }
}

#[test]
fn a_session_brings_back_no_version_that_was_removed() {
    for keeping in ALL.into_iter().filter(|keeping| keeping.version == TLS1_2) {
        for of_server in [true, false] {
            let (client, server) = (pair::client(), keeping.server("ecdsa"));
            let kept = session(&client, &server);
            server.set_maximum_version(TLS1_3).expect("a version");
            let changed = if of_server { &server } else { &client };
            changed.set_minimum_version(TLS1_3).expect("a version");
            let (resumed, cipher) = visited(&client, &server, &kept);
            assert!(!resumed && cipher.starts_with("TLS_"), "{keeping:?} {of_server}: {cipher}");
        }
    }
}
