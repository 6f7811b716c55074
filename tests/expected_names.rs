//! The name to verify, set apart from the name to send: several accepted names, one that is not sent, and no name sent at all.
#![allow(clippy::print_stdout)]

mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, client, server};
use std::sync::{Arc, Mutex};
use tlsock::*;

const VERSIONS: [i32; 2] = [TLS1_2, TLS1_3];

fn at_most(context: Context, version: i32) -> Context {
    context.set_maximum_version(version).unwrap();
    context
}

fn refusal(result: Result<()>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.status(), Status::Value, "{error}");
    error.message().to_string()
}

#[test]
fn any_of_the_expected_names_will_do_and_no_other() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("wrong-name"));
        for (names, passes) in [
            (&["other.example"][..], true),
            (&["one.example", "other.example", "two.example"], true),
            (&["OTHER.example."], true),
            (&["one.example", "localhost"], false),
            (&["127.0.0.1"], false),
        ] {
            let pair = Pair::new(&client, &server, None);
            pair.client.set_expected_names(names).unwrap();
            let result = pair.shake();
            assert_eq!(result.is_ok(), passes, "{names:?}");
            // The name that is sent has not changed.
            assert_eq!(pair.server.server_name(), Some(c"localhost"));
            assert_eq!(pair.client.server_hostname(), Some(c"localhost"));
        }
    }
}

#[test]
fn a_refusal_tells_all_names() {
    let (client, server) = (client(), server("wrong-name"));
    let pair = Pair::new(&client, &server, None);
    pair.client.set_expected_names(&["b.example", "a.example"]).unwrap();
    let error = pair.shake().unwrap_err();
    let words = "Hostname mismatch, certificate is not valid for 'a.example' or 'b.example'.";
    assert!(error.message().ends_with(words), "{error}");
    assert_eq!(error.detail().unwrap().expected_name.as_deref(), Some(c"a.example, b.example"));
    let pair = Pair::new(&client, &server, None);
    pair.client.set_expected_names(&["::1"]).unwrap();
    assert!(
        pair.shake()
            .unwrap_err()
            .message()
            .ends_with("IP address mismatch, certificate is not valid for '::1'.")
    );
}

#[test]
fn an_address_and_names_replace_each_other() {
    let (client, server) = (client(), server("ecdsa"));
    for names in [&["127.0.0.1"][..], &["::1"], &["x.example", "localhost"]] {
        let pair = Pair::new(&client, &server, None);
        for others in [&["nobody.example"][..], &["127.0.0.9"], names] {
            pair.client.set_expected_names(others).unwrap();
        }
        pair.shake().unwrap();
    }
}

#[test]
fn an_empty_set_is_never_taken() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("wrong-name"));
        let pair = Pair::new(&client, &server, None);
        assert!(refusal(pair.client.set_expected_names(&[])).contains("no name would be checked"));
        for bad in [&["good.example", "127.0.0.1"][..], &["x.example", ""], &[".example"], &["127.1"]] {
            refusal(pair.client.set_expected_names(bad));
        }
        // The earlier names still count.
        assert!(pair.shake().unwrap_err().message().contains("'localhost'"));
    }
}

#[test]
fn names_are_for_clients_that_check_them_and_have_not_begun() {
    let (client, server) = (client(), server("ecdsa"));
    let pair = Pair::new(&client, &server, None);
    assert!(refusal(pair.server.set_expected_names(&["localhost"])).contains("server"));
    assert!(refusal(pair.server.set_server_name(None)).contains("server"));
    pair.shake().unwrap();
    assert!(refusal(pair.client.set_expected_names(&["localhost"])).contains("begun"));
    assert!(refusal(pair.client.set_server_name(None)).contains("begun"));
    client.set_check_hostname(false).unwrap();
    let pair = Pair::new(&client, &server, None);
    assert!(refusal(pair.client.set_expected_names(&["localhost"])).contains("check_hostname was off"));
}

#[test]
fn a_client_that_has_no_name_gets_one_to_check() {
    let (client, server) = (client(), server("wrong-name"));
    for (name, passes) in [("other.example", true), ("localhost", false)] {
        let (up, down) = (MemoryBio::new(), MemoryBio::new());
        let flags = WrapFlags::INSECURE_NO_HOSTNAME;
        let pair = Pair {
            client: client.wrap_bio(Some((&down, &up)), flags, None, None).unwrap(),
            server: server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None).unwrap(),
        };
        pair.client.set_expected_names(&[name]).unwrap();
        assert_eq!(pair.shake().is_ok(), passes);
        assert_eq!(pair.server.server_name(), None);
    }
}

#[test]
fn another_name_or_none_is_sent() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        server
            .set_sni_callback(Some(Arc::new(move |_, name, _| {
                seen.lock().unwrap().push(name.map(ToOwned::to_owned));
                Ok(())
            })))
            .unwrap();
        for name in [Some("front.example"), Some("front.example."), None, Some("b\u{fc}cher.example")] {
            let pair = Pair::new(&client, &server, None);
            assert_eq!(pair.client.server_name(), None);
            pair.client.set_server_name(Some("replaced.example")).unwrap();
            pair.client.set_server_name(name).unwrap();
            // The certificate is for localhost, the name that is verified.
            pair.shake().unwrap();
            assert_eq!(pair.client.server_name(), pair.server.server_name());
        }
        let names = ["front.example", "front.example", "", "xn--bcher-kva.example"];
        let asked: Vec<_> =
            asked.lock().unwrap().iter().map(|name| name.clone().unwrap_or_default()).collect();
        assert_eq!(asked, names);
        let pair = Pair::new(&client, &server, None);
        for bad in ["127.0.0.1", "::1", "", "127.1"] {
            refusal(pair.client.set_server_name(Some(bad)));
        }
        pair.shake().unwrap();
        assert_eq!(pair.server.server_name(), Some(c"localhost"));
    }
}

/// A session of a connection that has checked these names.
fn session_for(client: &Context, server: &Context, names: &[&str]) -> Session {
    let pair = Pair::new(client, server, None);
    pair.client.set_expected_names(names).unwrap();
    pair.shake().unwrap();
    pair.server.write(b"!").unwrap();
    pair.client.read(&mut [0]).unwrap();
    pair.client.session().unwrap().unwrap()
}

fn resume(client: &Context, server: &Context, session: &Session, names: &[&str]) -> Result<bool> {
    let pair = Pair::new(client, server, None);
    pair.client.set_expected_names(names)?;
    pair.client.set_session(session)?;
    pair.shake().map(|()| pair.client.session_reused())
}

#[test]
fn a_session_stands_for_the_names_it_was_made_for() {
    for version in VERSIONS {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        let both = session_for(&client, &server, &["localhost", "x.example"]);
        assert!(resume(&client, &server, &both, &["x.example", "localhost"]).unwrap());
        let kept = Session::from_data(&client, &both.data().unwrap()).unwrap();
        assert!(resume(&client, &server, &kept, &["x.example", "localhost", "x.example"]).unwrap());
        // The certificate may have been for the other name.
        for names in [&["x.example"][..], &["localhost"], &["localhost", "x.example", "y.example"]] {
            for session in [&both, &kept] {
                let error = resume(&client, &server, session, names).unwrap_err();
                assert_eq!(error.message(), "session was made for another server_hostname");
            }
        }
        // Names that are set after the session: the session is not used.
        let plain = Pair::connected(&client, &server, None).client.session().unwrap().unwrap();
        let pair = Pair::new(&client, &server, Some(&plain));
        pair.client.set_expected_names(&["x.example", "localhost"]).unwrap();
        pair.shake().unwrap();
        assert!(!pair.client.session_reused());
        let pair = Pair::new(&client, &server, Some(&plain));
        pair.client.set_expected_names(&["x.example"]).unwrap();
        assert!(pair.shake().is_err(), "the session went round the name");
    }
}

#[test]
fn the_callback_and_the_chain_cache_go_by_the_names() {
    let (client, server) = (client(), server("ecdsa"));
    client.set_chain_cache(true);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let note: VerifyCallback = Arc::new(move |_, verification| {
        let names = verification.expected_names().iter().map(|name| name.to_str().unwrap().to_string());
        notes.lock().unwrap().push(names.collect::<Vec<_>>());
        Ok(())
    });
    client.set_verify_callback(VerifyOverride::Never, Some(note));
    Pair::connected(&client, &server, None);
    for (names, passes) in [(&["x.example"][..], false), (&["localhost", "x.example"], true)] {
        let pair = Pair::new(&client, &server, None);
        pair.client.set_expected_names(names).unwrap();
        assert_eq!(pair.shake().is_ok(), passes);
    }
    let seen = seen.lock().unwrap().iter().map(|names| names.join(" ")).collect::<Vec<_>>();
    assert_eq!(seen, ["localhost", "localhost x.example"]);
    assert_eq!(client.chain_cache_hits(), 0);
}
