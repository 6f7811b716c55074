//! Groups, ciphers of TLS 1.3 and signature algorithms by name: what is agreed on, and what is said of unknown names.

mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, client, identify, server};
use std::process::Command;
use tlsock::*;

const CERT_REQUIRED: i32 = 2;

fn at_most(context: Context, version: i32) -> Context {
    context.set_maximum_version(version).unwrap();
    context
}

/// A server that wants a certificate.
fn asking(name: &str) -> Context {
    let server = server(name);
    server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    server.set_verify_mode(CERT_REQUIRED).unwrap();
    server
}

fn refusal(answer: Result<()>) -> String {
    let error = answer.expect_err("it is to be refused");
    assert_eq!(error.status(), Status::Value, "{}", error.message());
    error.message().into()
}

fn server_sigalg(pair: &Pair) -> Option<&str> {
    pair.client.server_sigalg().map(|name| name.to_str().unwrap())
}

#[test]
fn a_server_signs_by_an_algorithm_that_both_sides_allow() {
    for version in [TLS1_2, TLS1_3] {
        let (ours, theirs) = (at_most(client(), version), server("rsa"));
        ours.set_server_sigalgs("rsa_pss_rsae_sha512:rsa_pss_rsae_sha384").unwrap();
        // Of what both allow the server prefers its own first.
        assert_eq!(server_sigalg(&Pair::connected(&ours, &theirs, None)), Some("rsa_pss_rsae_sha384"));
        theirs.set_server_sigalgs("rsa_pss_rsae_sha512:rsa_pss_rsae_sha384").unwrap();
        assert_eq!(server_sigalg(&Pair::connected(&ours, &theirs, None)), Some("rsa_pss_rsae_sha512"));
        theirs.set_server_sigalgs("rsa_pss_rsae_sha256:rsa_pss_rsae_sha384").unwrap();
        // A copy, and what is set later, have them too.
        let (ours, theirs) = (ours.copy().unwrap(), theirs.copy().unwrap());
        theirs.set_num_tickets(1).unwrap();
        assert_eq!(server_sigalg(&Pair::connected(&ours, &theirs, None)), Some("rsa_pss_rsae_sha384"));
        theirs.set_server_sigalgs("rsa_pss_rsae_sha256").unwrap();
        assert!(Pair::new(&ours, &theirs, None).shake().is_err(), "nothing in common");
    }
}

#[test]
fn a_client_signs_by_an_algorithm_that_its_server_asks_for() {
    for version in [TLS1_2, TLS1_3] {
        let (ours, theirs) = (at_most(client(), version), asking("rsa"));
        identify(&ours, "client");
        theirs.set_client_sigalgs("ed25519:ecdsa_secp256r1_sha256").unwrap();
        let pair = Pair::connected(&ours, &theirs, None);
        assert_eq!(pair.server.client_sigalg(), Some(c"ecdsa_secp256r1_sha256"));
        assert_eq!(server_sigalg(&pair), Some("rsa_pss_rsae_sha256"), "the server is free");
        ours.set_client_sigalgs("ed25519").unwrap();
        assert!(Pair::new(&ours, &theirs, None).shake().is_err(), "of what both allow the client has no key");
        let (ours, theirs) = (ours.copy().unwrap(), theirs.copy().unwrap());
        assert!(Pair::new(&ours, &theirs, None).shake().is_err(), "nor in a copy");
        ours.set_client_sigalgs("ECDSA+SHA384:ECDSA+SHA256").unwrap();
        theirs.set_client_sigalgs("ed25519").unwrap();
        assert!(Pair::new(&ours, &theirs, None).shake().is_err(), "nothing in common");
        theirs.set_client_sigalgs("ECDSA+SHA384:ECDSA+SHA256").unwrap();
        let pair = Pair::connected(&ours, &theirs, None);
        // Since TLS 1.3 the curve decides.
        let agreed = if version == TLS1_2 { c"ecdsa_secp384r1_sha384" } else { c"ecdsa_secp256r1_sha256" };
        assert_eq!(pair.server.client_sigalg(), Some(agreed));
    }
}

#[test]
fn a_name_that_is_unknown_is_told_with_the_nearest_known() {
    let context = client();
    let groups = |names| refusal(context.set_groups(names));
    assert_eq!(groups(""), "groups names no group");
    assert_eq!(groups("?:"), "groups names no group");
    assert_eq!(
        groups("X25519:X25518"),
        "groups names 'X25518', which is no known group; the nearest known is 'x25519'"
    );
    assert!(groups("p256").ends_with("the nearest known is 'P-256'"));
    assert!(groups("no-such-group").ends_with("which is no known group; get_groups lists those"));
    let suites = |names| refusal(context.set_ciphersuites(names));
    assert!(suites("TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA385").ends_with("is 'TLS_AES_256_GCM_SHA384'"));
    // OpenSSL would enable it, whatever set_ciphers has said.
    assert!(suites("TLS_RSA_WITH_AES_128_CBC_SHA").contains("no known cipher of TLS 1.3"));
    for set in [Context::set_server_sigalgs, Context::set_client_sigalgs] {
        let sigalgs = |names| refusal(set(&context, names));
        assert!(sigalgs("ed25519:ecdsa_secp256_sha256").ends_with("is 'ecdsa_secp256r1_sha256'"));
        assert!(sigalgs("ed25519::ed448").contains("empty"));
        assert!(sigalgs("a\0b").contains("null"));
        assert!(sigalgs(&"ed25519:".repeat(10_000)).contains("longer than"));
        // Known, and OpenSSL's to judge: 3.0 refuses it, 3.5 and later take it.
        let twice = set(&context, "ed25519:ed25519").map_err(|error| error.status());
        match openssl_version_number() >> 20 {
            0x300 => assert_eq!(twice, Err(Status::Ssl)),
            0x305.. => assert_eq!(twice, Ok(())),
            _ => assert!(matches!(twice, Ok(()) | Err(Status::Ssl))),
        }
    }
}

#[test]
fn ciphers_that_leave_none_are_told_by_the_cause() {
    let context = client();
    for (names, why) in [
        ("ECDHE-RSA-AES128-GCM-SHA265", "the nearest known is 'ECDHE-RSA-AES128-GCM-SHA256'"),
        ("!aNULL:-ECDHEE+AESGCM", "the nearest known is 'ECDHE'"),
        ("@STRENGTH:TLS_AES_128_GCM_SHA256", "is a cipher of TLS 1.3: set_ciphersuites sets those"),
        ("nonsense", "get_ciphers lists those"),
    ] {
        let error = context.set_ciphers(names).expect_err(names);
        assert_eq!((error.status(), error.message()), (Status::Ssl, "No cipher can be selected."));
        let cause = error.detail().and_then(|detail| detail.cause.as_ref()).expect(names);
        assert_eq!(cause.status(), Status::Value);
        assert!(cause.message().ends_with(why), "{}", cause.message());
    }
    // The word is known, but no cipher is left for it.
    let error = context.set_ciphers("IDEA").unwrap_err();
    assert!(error.detail().unwrap().cause.is_none());
}

#[test]
fn a_refusal_changes_nothing() {
    let (ours, theirs) = (client(), server("rsa"));
    ours.set_groups("P-384").unwrap();
    ours.set_ciphersuites("TLS_CHACHA20_POLY1305_SHA256").unwrap();
    ours.set_server_sigalgs("rsa_pss_rsae_sha512").unwrap();
    for (set, known) in [
        (Context::set_groups as fn(&Context, &str) -> Result<()>, "X25519"),
        (Context::set_ciphersuites, "TLS_AES_128_GCM_SHA256"),
        (Context::set_server_sigalgs, "rsa_pss_rsae_sha256"),
    ] {
        refusal(set(&ours, &format!("{known}:unknown")));
    }
    let pair = Pair::connected(&ours, &theirs, None);
    assert_eq!(pair.client.group(), Some(c"secp384r1"));
    assert_eq!(pair.client.cipher().unwrap().name, Some(c"TLS_CHACHA20_POLY1305_SHA256"));
    assert_eq!(server_sigalg(&pair), Some("rsa_pss_rsae_sha512"));
}

#[test]
fn every_listed_name_can_be_set() {
    let context = client();
    let sigalgs = get_sigalgs().unwrap();
    for name in &sigalgs {
        context.set_server_sigalgs(name).unwrap();
        context.set_client_sigalgs(name).unwrap();
    }
    for name in ["ecdsa_secp256r1_sha256", "ed25519", "rsa_pss_rsae_sha256", "rsa_pkcs1_sha256"] {
        assert!(sigalgs.iter().any(|one| one == name), "{name} in {sigalgs:?}");
    }
    for name in context.get_groups(true).unwrap() {
        context.set_groups(&name).unwrap();
    }
}

#[test]
fn groups_are_those_of_the_versions() {
    let context = client();
    let has = |name: &str| {
        let (all, first) = (context.get_groups(true).unwrap(), context.get_groups(false).unwrap());
        assert!(first.iter().all(|one| all.contains(one)) && first.len() < all.len());
        [first, all].map(|list| list.iter().any(|one| one == name))
    };
    assert_eq!([has("secp256r1"), has("P-256")], [[true; 2], [false, true]]);
    assert_eq!(has("ffdhe2048"), [true; 2], "of TLS 1.3 alone");
    context.set_maximum_version(TLS1_2).unwrap();
    assert_eq!([has("ffdhe2048"), has("x25519")], [[false; 2], [true; 2]]);
    context.set_maximum_version(-1).unwrap();
    context.set_minimum_version(TLS1_3).unwrap();
    assert_eq!([has("ffdhe2048"), has("sect163k1")], [[true; 2], [false; 2]]);
    context.set_minimum_version(TLS1_2).unwrap();
    let has_binary_curves =
        String::from_utf8(certs::run(Command::new("openssl").args(["ecparam", "-list_curves"]))).unwrap();
    if has_binary_curves.contains("sect163k1") && openssl_version_number() < 0x3020_0000 {
        assert_eq!(has("sect163k1"), [true; 2], "of TLS 1.2 alone");
    }
    // Since 3.5.
    if openssl_version_number() >= 0x3050_0000 {
        let hybrid = "X25519MLKEM768";
        assert_eq!(has(hybrid), [true; 2]);
        context.set_groups(hybrid).unwrap();
        let pair = Pair::connected(&context, &server("rsa"), None);
        assert_eq!(pair.client.group().unwrap().to_str(), Ok(hybrid));
    }
}
