//! Which host is asked for by SNI, and which certificates are for it, in both versions.

mod certs;
#[path = "chain_cache/made.rs"]
#[allow(dead_code)]
mod made;
mod pair;

use made::Workshop;
use pair::{TLS1_2, TLS1_3, client, server};
use std::sync::{Arc, Mutex};
use tlsock::*;

const STRICT: u64 = 0x20;

/// What SNI said, and how the handshake of a client that expects `name` went.
fn asked(name: &str, version: i32) -> (Option<String>, Result<()>) {
    let (client, server) = (client(), server("names"));
    client.set_maximum_version(version).expect("a version");
    let seen = Arc::new(Mutex::new(None));
    let place = Arc::clone(&seen);
    let _ = server.set_sni_callback(Some(Arc::new(move |_, name, _| {
        *place.lock().unwrap() = name.map(ToOwned::to_owned);
        Ok(())
    })));
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let one = client.wrap_bio(Some((&down, &up)), WrapFlags::default(), Some(name), None).expect(name);
    assert_eq!(one.server_hostname().and_then(|name| name.to_str().ok()), Some(name));
    let other = server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None).expect("a server");
    let outcome = pair::Pair { client: one, server: other }.shake();
    let seen = seen.lock().unwrap().clone();
    (seen, outcome)
}

/// The name that SNI is to have, and whether the certificate is for it.
fn is_certified(name: &str, sni: Option<&str>, certified: bool) {
    for version in [TLS1_2, TLS1_3] {
        let (seen, outcome) = asked(name, version);
        assert_eq!(seen.as_deref(), sni, "{name}");
        match outcome {
            Ok(()) => assert!(certified, "{name}"),
            Err(error) => {
                assert!(!certified, "{name}: {error}");
                assert_eq!(error.status(), Status::CertVerification, "{name}: {error}");
            }
        }
    }
}

#[test]
fn the_dot_of_the_root_is_neither_sent_nor_compared() {
    is_certified("host.example", Some("host.example"), true);
    is_certified("host.example.", Some("host.example"), true);
    is_certified("a.example.org.", Some("a.example.org"), true);
    is_certified("other.example.", Some("other.example"), false);
}

#[test]
fn the_zone_of_an_address_is_neither_sent_nor_compared() {
    is_certified("fe80::1", None, true);
    is_certified("fe80::1%lo", None, true);
    is_certified("fe80::2%lo", None, false);
    is_certified("127.0.0.10", None, true);
    is_certified("127.0.0.8", None, false);
}

#[test]
fn a_star_covers_underscores_and_no_more_than_one_label() {
    for name in ["my_host.example.org", "_dmarc.example.org", "MY_HOST.Example.ORG", "_.example.org"] {
        // OpenSSL 4 takes no star as a name that is asked for, and a certificate's covers no underscore.
        is_certified(name, Some(name), openssl_version_number() < 0x4000_0000);
    }
    is_certified("_exact.example", Some("_exact.example"), true);
    for name in [
        "my_host.sub.example.org",
        "my_host.example.com",
        "my_host.org",
        "my_host.example",
        "a.my_host.example.org",
        "xn--my_host.example.org",
        "example.org",
    ] {
        is_certified(name, Some(name), false);
    }
}

#[test]
fn numbers_that_resolvers_read_in_their_own_way_name_nobody() {
    for name in ["127.0.0.010", "127.10", "2130706442", "0x7f.10"] {
        let refused = client().wrap_bio(None, WrapFlags::default(), Some(name), None).err().expect(name);
        assert_eq!(refused.status(), Status::Value);
        assert!(refused.message().starts_with(&format!("server_hostname '{name}'")), "{refused}");
    }
}

#[test]
fn two_roots_of_one_name_both_count() {
    let (one, other) = (certs::read("ca.pem"), certs::read("twin-ca.pem"));
    for bundle in [[&one[..], &other].concat(), [&other[..], &one].concat()] {
        for version in [TLS1_2, TLS1_3] {
            // The plain certificates do not name their issuer's key by an identifier.
            for name in ["ecdsa", "twin", "plain", "twin-plain"] {
                let client = Context::new(context::PROTOCOL_TLS_CLIENT).expect("a context");
                client.set_maximum_version(version).expect("a version");
                client.load_verify_locations(None, None, Some(&bundle)).expect("two roots");
                pair::Pair::new(&client, &server(name), None).shake().expect(name);
            }
        }
    }
}

/// OpenSSL searches directories only for names that it does not have yet.
#[test]
fn two_roots_of_one_name_both_count_where_one_is_in_a_directory() {
    for (file, other) in [("ca", "twin-ca"), ("twin-ca", "ca")] {
        let directory = certs::scratch().join(other);
        std::fs::create_dir(&directory).expect("a directory");
        std::fs::copy(certs::folder().join(format!("{other}.pem")), directory.join("root.pem"))
            .expect("a root");
        let hashed = std::process::Command::new("openssl").arg("rehash").arg(&directory).status();
        assert!(hashed.expect("a hash").success());
        for version in [TLS1_2, TLS1_3] {
            for name in ["ecdsa", "twin", "plain", "twin-plain"] {
                let client = Context::new(context::PROTOCOL_TLS_CLIENT).expect("a context");
                client.set_maximum_version(version).expect("a version");
                let file = certs::folder().join(format!("{file}.pem"));
                client.load_verify_locations(Some(&file), Some(&directory), None).expect("two roots");
                for _ in 0..2 {
                    pair::Pair::new(&client, &server(name), None).shake().expect(name);
                }
            }
        }
    }
}

/// With two of them, one that is chosen without a look at the signature may be the right one by chance.
#[test]
fn of_three_roots_of_one_name_the_one_that_has_signed_counts() {
    let shop = Workshop::new("roots");
    let roots = ["one", "two", "three"];
    for root in roots {
        shop.certificate(root, "/CN=one name", "lax", None);
        shop.certificate(&format!("below-{root}"), "/O=tlsock/CN=localhost", "leaf", Some(root));
    }
    let read = |root: &str| std::fs::read(shop.file(&format!("{root}.pem"))).expect(root);
    for first in 0..roots.len() {
        let bundle = [0, 1, 2].map(|at| read(roots[(first + at) % roots.len()])).concat();
        for root in roots {
            let client = client();
            client.set_verify_flags(client.verify_flags() & !STRICT).expect("flags");
            client.load_verify_locations(None, None, Some(&bundle)).expect("three roots");
            let server = shop.server(&format!("below-{root}"));
            pair::Pair::new(&client, &server, None).shake().expect(root);
        }
    }
}

/// A certificate that has the signer's key but may not sign is not an issuer, no matter how long it is valid.
#[test]
fn of_two_roots_with_one_key_the_one_that_may_sign_counts() {
    let shop = Workshop::new("one-key");
    shop.certificate("stranger", "/CN=one name", "lax", None);
    shop.certificate("signer", "/CN=one name", "lax", None);
    shop.certificate("leaf", "/O=tlsock/CN=localhost", "leaf", Some("signer"));
    let args =
        ["req", "-x509", "-key", "signer.key", "-subj", "/CN=one name", "-days", "3000", "-out", "unfit.pem"];
    let usage = ["-addext", "keyUsage=critical,digitalSignature"];
    certs::run(std::process::Command::new("openssl").args(args).args(usage).current_dir(&shop.0));
    let read = |root: &str| std::fs::read(shop.file(&format!("{root}.pem"))).expect(root);
    // OpenSSL's own choice is the first one, whose key did not sign.
    for roots in [["stranger", "unfit", "signer"], ["stranger", "signer", "unfit"]] {
        let client = client();
        client.set_verify_flags(client.verify_flags() & !STRICT).expect("flags");
        client.load_verify_locations(None, None, Some(&roots.map(read).concat())).expect("three roots");
        pair::Pair::new(&client, &shop.server("leaf"), None).shake().expect("the one that may sign");
    }
}

#[test]
fn a_root_of_one_name_does_not_stand_in_for_another() {
    for (root, leaf) in [("ca.pem", "twin-plain"), ("twin-ca.pem", "plain")] {
        let client = Context::new(context::PROTOCOL_TLS_CLIENT).expect("a context");
        for trusted in [root, "unknown-ca.pem", root] {
            client.load_verify_locations(None, None, Some(&certs::read(trusted))).expect("a root");
            let refused = pair::Pair::new(&client, &server(leaf), None).shake().expect_err(leaf);
            assert_eq!(refused.status(), Status::CertVerification, "{refused}");
            // OpenSSL's own verdict: the signature is not this root's.
            assert_eq!(refused.detail().map(|detail| detail.verify_code), Some(7), "{refused}");
        }
    }
}
