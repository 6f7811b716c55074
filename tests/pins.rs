//! Pinned keys: which chains pass, what a refusal names, that no resumption avoids the check, and the same answers as curl.
#![allow(clippy::print_stdout)]

mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, client, identify, server};
use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tlsock::*;

const VERSIONS: [i32; 2] = [TLS1_2, TLS1_3];

fn at_most(context: Context, version: i32) -> Context {
    context.set_maximum_version(version).unwrap();
    context
}

/// The pin of a certificate's key, by OpenSSL's own program.
fn pin(name: &str) -> String {
    let file = certs::folder().join(format!("{name}.pem"));
    let script = "openssl x509 -in \"$1\" -pubkey -noout | openssl pkey -pubin -outform der |
                  openssl dgst -sha256 -binary | openssl base64";
    let output = certs::run(Command::new("sh").args(["-c", script, "sh"]).arg(file));
    format!("sha256//{}", String::from_utf8(output).unwrap().trim())
}

fn set(context: &Context, pins: &[String]) {
    let pins: Vec<&str> = pins.iter().map(String::as_str).collect();
    context.set_pins(&pins).unwrap();
}

fn other() -> String {
    pin("unknown-ca")
}

#[test]
fn any_certificate_of_the_chain_may_have_the_key() {
    for version in VERSIONS {
        for name in ["ecdsa", "inter", "ca"] {
            let (client, server) = (at_most(client(), version), server("ecdsa"));
            set(&client, &[other(), pin(name)]);
            Pair::connected(&client, &server, None);
        }
    }
}

#[test]
fn a_refusal_names_the_pins_that_were_seen() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        set(&client, &[other(), pin("rsa")]);
        let error = Pair::new(&client, &server, None).shake().unwrap_err();
        assert_eq!((error.status(), error.detail().unwrap().verify_code), (Status::CertVerification, 50));
        let detail = error.detail().unwrap();
        assert_eq!((detail.verify_code, detail.alert_sent), (50, Some(40)));
        let seen = ["ecdsa", "inter", "ca"].map(pin).join(", ");
        let words = format!("no key is pinned of those that were seen, the peer's own first: {seen}");
        assert_eq!(detail.cause.as_ref().unwrap().message(), words);
        assert!(error.message().ends_with(&words));
        // An empty list removes the pins.
        set(&client, &[]);
        Pair::connected(&client, &server, None);
    }
}

#[test]
fn a_pin_replaces_no_check() {
    for name in ["expired", "wrong-name", "self-signed"] {
        let (client, server) = (client(), server(name));
        set(&client, &[pin(name)]);
        let error = Pair::new(&client, &server, None).shake().unwrap_err();
        assert_ne!(error.detail().unwrap().verify_code, 50);
    }
}

#[test]
fn of_a_chain_that_was_not_proved_the_peers_own_key_counts_alone() {
    for version in VERSIONS {
        let careless = at_most(client(), version);
        careless.set_check_hostname(false).unwrap();
        careless.set_verify_mode(0).unwrap();
        let stranger = server("self-signed");
        set(&careless, &[pin("self-signed")]);
        Pair::connected(&careless, &stranger, None);
        set(&careless, &[other()]);
        let pair = Pair::new(&careless, &stranger, None);
        let error = pair.shake().unwrap_err();
        assert_eq!(error.status(), Status::CertVerification);
        assert!(error.message().contains(&pin("self-signed")), "{error}");
        assert!(pair.client.write(b"secret").is_err());
        // Nor does one that happens to be good: nobody asks for whom it is.
        let known = server("ecdsa");
        for (name, passes) in [("ca", false), ("inter", false), ("ecdsa", true)] {
            set(&careless, &[pin(name)]);
            assert_eq!(Pair::new(&careless, &known, None).shake().is_ok(), passes, "{name}");
        }
        // Anybody can send the root along: a callback that accepts what is expired does not make the root's pin count.
        let (client, expired) = (at_most(client(), version), server("expired"));
        client.set_verify_callback(VerifyOverride::Insecure, Some(Arc::new(|_, _| Ok(()))));
        for (name, passes) in [("ca", false), ("inter", false), ("expired", true)] {
            set(&client, &[pin(name)]);
            assert_eq!(Pair::new(&client, &expired, None).shake().is_ok(), passes, "{name}");
        }
    }
}

#[test]
fn the_callback_is_asked_only_about_what_has_a_pinned_key() {
    let (client, server) = (client(), server("ecdsa"));
    client.set_verify_callback(VerifyOverride::Insecure, Some(Arc::new(|_, _| panic!("nobody asked"))));
    set(&client, &[other()]);
    let error = Pair::new(&client, &server, None).shake().unwrap_err();
    assert_eq!(error.detail().unwrap().verify_code, 50);
}

fn resume(client: &Context, server: &Context, session: &Session) -> Result<bool> {
    let pair = Pair::new(client, server, Some(session));
    pair.shake().map(|()| pair.client.session_reused())
}

#[test]
fn no_resumption_goes_round_pins() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        let plain = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        set(&client, &[pin("ecdsa")]);
        assert!(!resume(&client, &server, &plain).unwrap());
        let pinned = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        assert!(resume(&client, &server, &pinned).unwrap());
        // The same pins in another order, from somewhere else.
        let data = pinned.data().unwrap();
        set(&client, &[pin("ecdsa"), pin("ecdsa")]);
        assert!(resume(&client, &server, &Session::from_data(&client, &data).unwrap()).unwrap());
        set(&client, &[other()]);
        for session in [&plain, &pinned] {
            assert_eq!(resume(&client, &server, session).unwrap_err().status(), Status::CertVerification);
        }
        assert!(Session::from_data(&client, &data).is_err());
    }
}

#[test]
fn no_resumption_goes_round_pins_where_nothing_is_demanded() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("self-signed"));
        client.set_check_hostname(false).unwrap();
        client.set_verify_mode(0).unwrap();
        let session = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        assert!(resume(&client, &server, &session).unwrap());
        set(&client, &[other()]);
        assert!(resume(&client, &server, &session).is_err());
    }
}

#[test]
fn a_server_pins_its_clients() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        identify(&client, "client");
        for ca in ["ca.pem", "inter.pem"] {
            server.load_verify_locations(Some(&certs::folder().join(ca)), None, None).unwrap();
        }
        server.set_verify_mode(2).unwrap();
        set(&server, &[pin("client")]);
        let session = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        assert!(resume(&client, &server, &session).unwrap());
        set(&server, &[other()]);
        let pair = Pair::new(&client, &server, Some(&session));
        let ended = pair.shake().and_then(|()| pair.server.do_handshake());
        assert!(ended.is_err(), "a session of before came through");
    }
}

#[test]
fn chains_that_are_known_have_to_have_a_pinned_key_too() {
    let (client, server) = (client(), server("ecdsa"));
    client.set_chain_cache(true);
    Pair::connected(&client, &server, None);
    set(&client, &[other()]);
    assert!(Pair::new(&client, &server, None).shake().is_err());
    assert_eq!(client.chain_cache_hits(), 1);
}

#[test]
fn what_is_no_pin_changes_nothing() {
    let (client, server) = (client(), server("ecdsa"));
    set(&client, &[other()]);
    let listed = format!("{};{}", pin("ecdsa"), pin("rsa"));
    for bad in ["", "sha256//", "sha256//AAAA", "sha1//2jmj7l5rSw0yVb/vlWAYkK/YBwk=", &listed] {
        let error = client.set_pins(&[&pin("ecdsa"), bad]).unwrap_err();
        assert_eq!(error.status(), Status::Value);
        assert!(error.message().starts_with("pin '"), "{error}");
    }
    assert!(Pair::new(&client, &server, None).shake().is_err(), "the pins of before are gone");
}

/// Answers that many requests, whatever they are and whatever becomes of them.
fn serve(listener: &Socket, count: usize) {
    for _ in 0..count {
        let Ok((mut connection, _)) = listener.accept() else { continue };
        let _ = connection.read(&mut [0; 4096]);
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let _ = connection.unwrap();
    }
}

#[test]
fn curl_gives_the_same_answers() {
    const CURLE_SSL_PINNEDPUBKEYNOTMATCH: i32 = 90;
    let server = server("ecdsa");
    let lists = [vec![pin("ecdsa")], vec![other()], vec![other(), pin("ecdsa")], vec![other(), pin("rsa")]];
    let count = 2 * lists.len();
    let listener = server.create_server(Some("127.0.0.1"), 0, 0, WrapFlags::default()).unwrap();
    let port = u16::try_from(listener.getsockname().unwrap().port).unwrap();
    let serving = std::thread::spawn(move || serve(&listener, count));
    let ca = certs::folder().join("ca.pem");
    for pins in lists {
        let client = client();
        set(&client, &pins);
        let ours = client.create_connection("localhost", port, Timeout::from_seconds(20.0).unwrap());
        // The connection is closed before curl connects: the server answers one after the other.
        let ours = ours.map(|mut socket| socket.write_all(b"hello").unwrap());
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--ipv4", "--max-time", "20", "--pinnedpubkey", &pins.join(";"), "--cacert"]);
        let theirs = curl.arg(&ca).arg(format!("https://localhost:{port}/")).status().unwrap();
        match ours {
            Ok(()) => assert_eq!(theirs.code(), Some(0), "{pins:?}"),
            Err(error) => {
                assert_eq!(error.status(), Status::CertVerification, "{error}");
                assert_eq!(theirs.code(), Some(CURLE_SSL_PINNEDPUBKEYNOTMATCH), "{pins:?}");
            }
        }
    }
    serving.join().unwrap();
}

/// Pins that are set between the check of the chain and the end of the handshake have checked nothing.
#[test]
fn pins_that_came_after_the_check_do_not_count_for_its_session() {
    let (client, server) = (at_most(client(), TLS1_2), server("ecdsa"));
    let pair = Pair::new(&client, &server, None);
    let _ = pair.client.do_handshake();
    let _ = pair.server.do_handshake();
    // The server's certificate is checked here; the end of the handshake comes with the server's next messages.
    let _ = pair.client.do_handshake();
    set(&client, &[other()]);
    pair.shake().unwrap();
    let session = pair.client.session().unwrap().unwrap();
    assert!(resume(&client, &server, &session).is_err(), "a chain without a pinned key came through");
}

/// Both sides take ciphers for which a server needs no certificate.
fn anonymous(mode: i32) -> (Context, Context) {
    let (client, server) = (at_most(client(), TLS1_2), server("ecdsa"));
    client.set_check_hostname(false).unwrap();
    client.set_verify_mode(mode).unwrap();
    client.set_check_hostname(mode != 0).unwrap();
    for context in [&client, &server] {
        context.set_ciphers("AECDH-AES256-SHA:@SECLEVEL=0").unwrap();
    }
    (client, server)
}

fn refuses_who_shows_nothing(client: &Context, server: &Context, why: &str) {
    let pair = Pair::new(client, server, None);
    let error = pair.shake().unwrap_err();
    assert_eq!((error.status(), error.detail().unwrap().verify_code), (Status::CertVerification, 50));
    assert!(error.message().contains(why), "{error}");
    assert!(pair.client.write(b"secret").is_err());
}

/// libssl and Python take it, as there is nothing to verify. A program that verifies wants to know who is there.
#[test]
fn a_server_that_shows_no_certificate_is_not_verified() {
    for mode in [1, 2] {
        for names in [false, true] {
            let (client, server) = anonymous(mode);
            client.set_check_hostname(names).unwrap();
            refuses_who_shows_nothing(
                &client,
                &server,
                "servers are verified, and this one showed no certificate",
            );
        }
    }
}

/// Without a certificate, which some ciphers do not need, a server proves no key.
#[test]
fn a_server_that_shows_no_certificate_has_no_pinned_key() {
    let (client, server) = anonymous(0);
    Pair::connected(&client, &server, None);
    set(&client, &[pin("ecdsa")]);
    let pair = Pair::new(&client, &server, None);
    let error = pair.shake().unwrap_err();
    assert_eq!(error.status(), Status::CertVerification, "{error}");
    assert!(pair.client.write(b"secret").is_err());
}

/// The same for a callback that judges servers: there is nothing to ask it about.
#[test]
fn a_server_that_shows_no_certificate_is_not_accepted_unjudged() {
    for mode in [0, 1, 2] {
        let (client, server) = anonymous(mode);
        if mode == 0 {
            Pair::connected(&client, &server, None);
        }
        client.set_verify_callback(VerifyOverride::Insecure, Some(Arc::new(|_, _| Ok(()))));
        refuses_who_shows_nothing(
            &client,
            &server,
            "a verify callback judges servers, and this one showed no certificate",
        );
    }
}

/// libssl makes a session of such a handshake before its end, and nothing can be refused before that.
#[test]
fn a_session_that_shows_no_certificate_has_no_pinned_key() {
    let (client, server) = anonymous(0);
    set(&client, &[pin("ecdsa")]);
    let told = Arc::new(Mutex::new(None));
    let place = Arc::clone(&told);
    client
        .set_session_callback(Some(Arc::new(move |_, session| {
            *place.lock().unwrap() = Some(session);
            Ok(())
        })))
        .unwrap();
    let pair = Pair::new(&client, &server, None);
    pair.shake().unwrap_err();
    let kept = [told.lock().unwrap().take(), pair.client.session().unwrap()];
    for session in kept.iter().flatten() {
        assert!(resume(&client, &server, session).is_err(), "a server without a certificate came through");
    }
    assert!(kept[0].is_some(), "there was no session to try");
}

/// A session that was offered before there was a verify callback was not judged.
#[test]
fn a_verify_callback_counts_in_a_handshake_that_resumes_a_session() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        let session = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        let pair = Pair::new(&client, &server, Some(&session));
        assert!(pair.client.do_handshake().is_err_and(|error| error.is_want()));
        client.set_verify_callback(VerifyOverride::Never, Some(Arc::new(|_, _| panic!("nobody asked"))));
        let error = pair.shake().unwrap_err();
        assert!(error.message().contains("judges by now"), "{error}");
        assert!(pair.client.write(b"secret").is_err());
    }
}

/// A session that was offered before the keys were pinned proves none of them.
#[test]
fn pins_count_in_a_handshake_that_resumes_a_session() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        let session = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        let begun = || {
            let pair = Pair::new(&client, &server, Some(&session));
            assert!(pair.client.do_handshake().is_err_and(|error| error.is_want()));
            pair
        };
        let is_refused = |pair: &Pair| {
            let error = pair.shake().unwrap_err();
            assert_eq!((error.status(), error.detail().unwrap().verify_code), (Status::CertVerification, 50));
            assert!(error.message().contains("pinned by now"), "{error}");
            assert!(pair.client.write(b"secret").is_err());
        };
        let pair = begun();
        let pinned = client.copy().unwrap();
        set(&pinned, &[other()]);
        pair.client.set_context(&pinned).unwrap();
        is_refused(&pair);
        let pair = begun();
        set(&client, &[other()]);
        is_refused(&pair);
        // Pins that were taken away do not matter.
        set(&client, &[pin("ecdsa")]);
        let session = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        let pair = Pair::new(&client, &server, Some(&session));
        assert!(pair.client.do_handshake().is_err_and(|error| error.is_want()));
        set(&client, &[]);
        pair.shake().unwrap();
        assert!(pair.client.session_reused());
    }
}

/// A server that takes the shared key and not the session which is offered beside it has resumed nothing, whatever was pinned
/// meanwhile: one that proves itself so shows no certificate.
#[test]
fn a_shared_key_beside_a_session_that_is_not_resumed_passes() {
    const KEY: &[u8] = &[7; 32];
    fn give(key: &mut [u8]) -> usize {
        key[..KEY.len()].copy_from_slice(KEY);
        KEY.len()
    }
    let client = client();
    let session = Pair::connected(&client, &server("ecdsa"), None).client.session().unwrap().unwrap();
    client.set_psk_client_callback(Some(Arc::new(|_, _, key| Ok((b"me".to_vec(), give(key)))))).unwrap();
    let sharing = Context::create_default(context::PURPOSE_CLIENT_AUTH, None, None, None).unwrap();
    // A short ticket comes as an identity too.
    let know: PskServerCallback =
        Arc::new(|_, identity, key| Ok(if identity == Some("me") { give(key) } else { 0 }));
    sharing.set_psk_server_callback(Some(know), None).unwrap();
    for required in [false, true] {
        let pair = Pair::new(&client, &sharing, Some(&session));
        assert!(pair.client.do_handshake().is_err_and(|error| error.is_want()));
        set(&client, &[other()]);
        client.set_verify_callback(
            VerifyOverride::Never,
            Some(Arc::new(|_, _| panic!("nobody is to be asked"))),
        );
        client.set_psk_required(required).unwrap();
        pair.shake().unwrap();
        assert!(pair.client.session_reused() && pair.client.peer_certificate().unwrap().is_none());
        client.set_verify_callback(VerifyOverride::Never, None);
        client.set_psk_required(false).unwrap();
        set(&client, &[]);
    }
    // A session that is resumed beside a key that is offered too is refused as ever.
    let certified = server("ecdsa");
    let session = {
        client.set_psk_client_callback(None).unwrap();
        Pair::connected(&client, &certified, None).client.session().unwrap().unwrap()
    };
    client.set_psk_client_callback(Some(Arc::new(|_, _, key| Ok((b"me".to_vec(), give(key)))))).unwrap();
    let pair = Pair::new(&client, &certified, Some(&session));
    assert!(pair.client.do_handshake().is_err_and(|error| error.is_want()));
    set(&client, &[other()]);
    let error = pair.shake().unwrap_err();
    assert!(error.message().contains("pinned by now"), "{error}");
}
