//! An identity for each connection, by what its peer wants.

use crate::certs::{self, read};
use crate::pair::{self, Pair, TLS1_2, TLS1_3};
use crate::{named, peer};
use std::sync::{Arc, Mutex};
use tlsock::context::{PROTOCOL_TLS_CLIENT, PURPOSE_CLIENT_AUTH};
use tlsock::*;

const ECDSA_P256: u16 = 0x0403;
const RSA_PSS: u16 = 0x0804;

fn bare_server() -> Context {
    Context::create_default(PURPOSE_CLIENT_AUTH, None, None, None).expect("a server context")
}

fn choosing(
    context: &Context,
    choose: impl Fn(&IdentityRequest) -> Result<Option<Identity>> + Send + Sync + 'static,
) {
    context.set_identity_callback(Some(Arc::new(move |_, request| {
        request.answer(choose(request)?);
        Ok(())
    })));
}

fn is_of(certificate: &Certificate, name: &str) -> bool {
    certificate.equal(&named(name).certificates().as_slice()[0])
}

fn asking(names: &[u8]) -> Context {
    let server = pair::server("rsa");
    server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("the root");
    server.set_verify_mode(2).expect("a mode");
    server.set_client_ca_names(names).expect("names");
    server
}

#[test]
fn a_server_chooses_by_what_the_client_takes() {
    for version in [TLS1_2, TLS1_3] {
        let server = bare_server();
        server.set_maximum_version(version).expect("a version");
        choosing(&server, |request| {
            assert!(request.server_side());
            assert_eq!(request.server_name(), Some(c"localhost"));
            assert!(request.ca_names().is_empty());
            let takes = request.signature_algorithms();
            assert!(takes.contains(&RSA_PSS), "{takes:x?}");
            Ok(Some(named(if takes.contains(&ECDSA_P256) { "ecdsa" } else { "rsa" })))
        });
        let pair = Pair::connected(&pair::client(), &server, None);
        assert!(is_of(&peer(&pair.client), "ecdsa"));
    }
    // A peer that takes RSA only.
    let server = bare_server();
    choosing(&server, |request| {
        assert_eq!(request.signature_algorithms(), [RSA_PSS]);
        assert_eq!(request.server_name(), Some(c"some.example"));
        Ok(Some(named("rsa")))
    });
    let said =
        crate::signer::s_client(&server, &["-sigalgs", "RSA-PSS+SHA256", "-servername", "some.example"]);
    assert!(said.contains("Verification: OK"), "{said}");
}

#[test]
fn what_the_context_has_does_not_count_beside_a_choice() {
    let server = pair::server("rsa");
    choosing(&server, |_| Ok(Some(named("ecdsa"))));
    assert!(is_of(&peer(&Pair::connected(&pair::client(), &server, None).client), "ecdsa"));
    choosing(&server, |_| Ok(None));
    let error = Pair::new(&pair::client(), &server, None).shake().expect_err("no certificate");
    assert_eq!(
        error.detail().and_then(|detail| detail.reason.as_deref()),
        Some(c"NO_SUITABLE_SIGNATURE_ALGORITHM")
    );
    server.set_identity_callback(None);
    assert!(is_of(&peer(&Pair::connected(&pair::client(), &server, None).client), "rsa"));
}

#[test]
fn a_server_without_any_certificate_says_so() {
    for version in [TLS1_2, TLS1_3] {
        for is_asked in [false, true] {
            // OpenSSL does not speak TLS 1.3 where nothing can give it a certificate.
            let is_older = version == TLS1_2 || cfg!(feature = "openssl") && !is_asked;
            let reason = if is_older { c"NO_SHARED_CIPHER" } else { c"NO_SUITABLE_SIGNATURE_ALGORITHM" };
            let server = bare_server();
            server.set_maximum_version(version).expect("a version");
            if is_asked {
                choosing(&server, |_| Ok(None));
            }
            let pair = Pair::new(&pair::client(), &server, None);
            assert!(pair.client.do_handshake().is_err_and(|error| error.is_want()));
            let error = pair.server.do_handshake().expect_err("no certificate");
            let detail = error.detail().expect("details");
            assert_eq!((detail.reason.as_deref(), detail.alert_sent), (Some(reason), Some(40)), "{error}");
            let told = pair.client.do_handshake().expect_err("an alert");
            assert_eq!(told.detail().and_then(|detail| detail.alert_received), Some(40), "{told}");
        }
    }
}

#[test]
fn a_client_chooses_by_the_authorities_that_are_named() {
    for version in [TLS1_2, TLS1_3] {
        let server = asking(&[read("ca.pem"), read("unknown-ca.pem")].concat());
        server.set_maximum_version(version).expect("a version");
        let client = pair::client();
        choosing(&client, |request| {
            assert!(!request.server_side());
            let names: Vec<_> = request.ca_names().iter().map(|name| name.text.as_c_str()).collect();
            assert_eq!(names, [c"CN=tlsock test root", c"CN=tlsock unknown root"]);
            assert!(request.ca_names().iter().all(|name| name.der.starts_with(&[0x30])));
            assert!(request.signature_algorithms().contains(&ECDSA_P256));
            Ok(Some(named("client")))
        });
        let pair = Pair::connected(&client, &server, None);
        assert!(is_of(&peer(&pair.server), "client"));
    }
}

#[test]
fn a_client_may_show_none() {
    let server = asking(b"");
    server.set_verify_mode(1).expect("a mode");
    let client = pair::client();
    pair::identify(&client, "client");
    choosing(&client, |request| {
        assert!(request.ca_names().is_empty());
        Ok(None)
    });
    let pair = Pair::connected(&client, &server, None);
    assert!(pair.server.peer_certificate().expect("no failure").is_none());
}

#[test]
fn a_choice_that_fails_ends_the_handshake() {
    for version in [TLS1_2, TLS1_3] {
        let server = pair::server("rsa");
        server.set_maximum_version(version).expect("a version");
        choosing(&server, |_| Err(Error::os_with(2, "nobody knows that name")));
        let pair = Pair::new(&pair::client(), &server, None);
        assert!(pair.client.do_handshake().is_err_and(|error| error.is_want()));
        let error = pair.server.do_handshake().expect_err("no choice");
        assert!(error.message().ends_with(": nobody knows that name"), "{error}");
        let detail = error.detail().expect("details");
        assert_eq!(detail.alert_sent, Some(80));
        assert_eq!(detail.cause.as_ref().map(Error::os_errno), Some(2));
    }
}

/// An identity that cannot be used is a failure too: no other certificate takes its place.
#[test]
fn a_choice_that_cannot_be_used_ends_the_handshake() {
    let server = pair::server("ecdsa");
    server.set_ciphers("ALL:@SECLEVEL=3").expect("a level");
    choosing(&server, |_| Ok(Some(named("rsa"))));
    let error = Pair::new(&pair::client(), &server, None).shake().expect_err("a weak key");
    assert!(error.message().contains("ee key too small"), "{error}");
}

/// Callbacks are read as the handshake begins, and stay where another context is put in: by a key log that came late, and
/// by an SNI callback, whose choice has its own.
#[test]
fn it_stays_where_the_context_changes() {
    let server = bare_server();
    let early = Pair::new(&pair::client(), &server, None);
    choosing(&server, |_| Ok(Some(named("ecdsa"))));
    server.set_keylog_callback(Some(Arc::new(|_, _| Ok(())))).expect("a key log");
    early.shake().expect("a handshake");
    assert!(is_of(&peer(&early.client), "ecdsa"));

    let front = bare_server();
    choosing(&front, |_| panic!("not asked"));
    front
        .set_sni_callback(Some(Arc::new(move |connection, _, _| Ok(connection.set_context(&server)?))))
        .expect("an SNI callback");
    let pair = Pair::connected(&pair::client(), &front, None);
    assert!(is_of(&peer(&pair.client), "ecdsa"));
}

#[test]
fn nobody_is_asked_where_a_session_is_resumed() {
    let asked = Arc::new(Mutex::new(0));
    let asked_too = Arc::clone(&asked);
    let server = bare_server();
    choosing(&server, move |_| {
        *asked_too.lock().expect("no panic") += 1;
        Ok(Some(named("ecdsa")))
    });
    let client = pair::client();
    let first = Pair::connected(&client, &server, None);
    let session = first.client.session().expect("no failure");
    let second = Pair::connected(&client, &server, session.as_ref());
    assert!(second.client.session_reused());
    assert_eq!(*asked.lock().expect("no panic"), 1);
}

#[test]
fn names_of_authorities_are_read_or_refused() {
    let client = Context::new(PROTOCOL_TLS_CLIENT).expect("a context");
    let error = client.set_client_ca_names(&read("ca.pem")).expect_err("a client");
    assert_eq!(error.status(), Status::Value);
    let server = asking(&read("ca.pem"));
    for bad in [&b"junk"[..], &read("ca.key"), &read("ca.pem")[..200]] {
        let error = server.set_client_ca_names(bad).expect_err("no certificates");
        assert!(error.message().contains("certificates"), "{error}");
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let count = |server: &Context| {
        let client = pair::client();
        let seen_too = Arc::clone(&seen);
        choosing(&client, move |request| {
            seen_too.lock().expect("no panic").push(request.ca_names().len());
            Ok(Some(named("client")))
        });
        Pair::connected(&client, server, None);
        seen.lock().expect("no panic").pop()
    };
    assert_eq!(count(&server), Some(1), "what was bad has changed nothing");
    // The next generation of the context has the callbacks too.
    let held = Pair::new(&pair::client(), &server, None);
    server.set_num_tickets(1).expect("a change");
    assert_eq!(count(&server), Some(1));
    drop(held);
    let der = ["ca.pem", "unknown-ca.pem"]
        .map(|name| Certificate::from_data(&read(name)).expect("one").der().to_vec());
    server.set_client_ca_names(&der.concat()).expect("DER");
    assert_eq!(count(&server), Some(2));
    server.set_client_ca_names(b"").expect("none");
    assert_eq!(count(&server), Some(0));
}

/// The names have to fit into a message of the handshake.
#[test]
fn too_many_names_of_authorities_are_refused() {
    let (client, server) = (pair::client(), pair::server("ecdsa"));
    server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).expect("a root");
    server.set_verify_mode(2).expect("a mode");
    pair::identify(&client, "client");
    let ca = read("ca.pem");
    // The name takes 29 bytes, and two for their length.
    server.set_client_ca_names(&ca.repeat(64_000 / 31)).expect("what fits");
    for version in [TLS1_2, TLS1_3] {
        server.set_maximum_version(version).expect("a version");
        Pair::connected(&client, &server, None);
    }
    let error = server.set_client_ca_names(&ca.repeat(64_000 / 31 + 1)).expect_err("more than fits");
    let words = "client_ca_names: 2065 names of 64015 bytes are too many: TLS can send 64000 bytes";
    assert_eq!((error.status(), error.message()), (Status::Value, words));
    Pair::connected(&client, &server, None);
}
