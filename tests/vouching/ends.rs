//! When a certificate expires, the sessions that prove it expire too.

use crate::made::{Workshop, before_the_end, seconds_now};
use crate::{ALL, careless, certs, pair, session, session_of, visit};
use std::time::Duration;
use tlsock::{Context, Session, Status};

const REQUIRED: i32 = 2;

/// Until OpenSSL 4 refuses it too, a second later than 3 does.
pub fn wait_past(end: u64) {
    while seconds_now() <= end {
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_certificate_that_has_expired_since_is_not_vouched_for() {
    ends_with_the_chain("server", Workshop::leaf_until);
}

#[test]
fn an_authority_that_has_expired_since_is_not_vouched_for() {
    ends_with_the_chain("authority", Workshop::leaf_below_one_until);
}

/// A session of a server whose chain `issue` makes, which lasts until then.
fn ends_with_the_chain(folder: &str, issue: impl Fn(&Workshop, &str, u64)) {
    let (end, cases) = before_the_end(|end| {
        let shop = Workshop::new(folder);
        issue(&shop, "leaf", end);
        ALL.map(|keeping| {
            let (client, server) = (pair::client(), keeping.keeps(shop.server("leaf")));
            let kept = session(&client, &server);
            let resumed = visit(&client, &server, "localhost", Some(&kept)).expect("a handshake");
            let copy = Session::from_data(&client, &kept.data().expect("bytes")).expect("a session");
            (keeping, client, server, [kept, session_of(&resumed), copy])
        })
    });
    wait_past(end);
    for (keeping, client, server, sessions) in cases {
        for kept in sessions {
            let error = visit(&client, &server, "localhost", Some(&kept)).map(|_| ()).expect_err("expired");
            assert_eq!(error.status(), Status::CertVerification, "{keeping:?}: {error}");
        }
    }
}

pub fn requiring(server: Context) -> Context {
    server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("authorities");
    server.set_verify_mode(REQUIRED).expect("a mode");
    server
}

#[test]
fn a_server_lets_no_client_in_whose_certificate_has_expired_since() {
    let (end, cases) = before_the_end(|end| {
        let shop = Workshop::new("client");
        shop.client_until("leaf", end);
        let file = |name| shop.file(name);
        ALL.map(|keeping| {
            let (client, server) = (careless(), requiring(keeping.server("ecdsa")));
            client.load_cert_chain(&file("leaf.pem"), Some(&file("leaf.key")), None).expect("an identity");
            let kept = session_of(&visit(&client, &server, "a.example", None).expect("a handshake"));
            let resumed = visit(&client, &server, "a.example", Some(&kept)).expect("a handshake");
            assert!(resumed.client.session_reused(), "{keeping:?}");
            (keeping, client, server, [kept, session_of(&resumed)])
        })
    });
    wait_past(end);
    for (keeping, client, server, sessions) in cases {
        for kept in sessions {
            visit(&client, &server, "a.example", Some(&kept))
                .map(|_| ())
                .expect_err(&format!("{keeping:?}: a certificate that has expired"));
        }
    }
}
