//! What binds a login to a connection, beyond tls-unique.
#![allow(clippy::print_stdout)]

mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, client, server};
use std::process::Command;
use std::sync::Arc;
use tlsock::*;

const NO_RENEGOTIATION: u64 = 1 << 30;
const EXPORTER: Option<&str> = Some("tls-exporter");
const END_POINT: Option<&str> = Some("tls-server-end-point");

fn at_most(context: Context, version: i32) -> Context {
    context.set_maximum_version(version).unwrap();
    context
}

/// A server with two certificates, the one loaded last differing from the one it shows.
fn server_of_two(first: &str, second: &str) -> Context {
    let context = server(first);
    let folder = certs::folder();
    let file = |ending| folder.join(format!("{second}.{ending}"));
    context.load_cert_chain(&file("pem"), Some(&file("key")), None).unwrap();
    context
}

fn binding(end: &Object, kind: Option<&str>) -> Vec<u8> {
    end.get_channel_binding(kind).unwrap().unwrap()
}

fn refusal(end: &Object, kind: Option<&str>) -> String {
    let error = end.get_channel_binding(kind).unwrap_err();
    assert_eq!(error.status(), Status::Value);
    error.message().to_string()
}

#[test]
fn the_end_point_is_the_certificate_that_was_shown() {
    for version in [TLS1_2, TLS1_3] {
        for (first, second) in [("ecdsa", "rsa"), ("rsa", "ecdsa")] {
            let (client, server) = (at_most(client(), version), server_of_two(first, second));
            let pair = Pair::connected(&client, &server, None);
            let bound = binding(&pair.client, END_POINT);
            assert_eq!(bound.len(), 32);
            assert_eq!(binding(&pair.server, END_POINT), bound);
            // A certificate that is loaded for later connections does not affect this one.
            pair.server.set_context(&server_of_two(second, first)).unwrap();
            assert_eq!(binding(&pair.server, END_POINT), bound);
            // The server of a resumed session cannot know which certificate the client has seen, and gives no binding.
            let session = pair.client.session().unwrap();
            let resumed = Pair::connected(&client, &server, session.as_ref());
            assert!(resumed.client.session_reused());
            assert_eq!(binding(&resumed.client, END_POINT), bound);
            assert!(refusal(&resumed.server, END_POINT).contains("has resumed a session"));
        }
    }
}

/// A signature without a digest of its own: RFC 5929 defines no binding then. What signed the certificate counts, not its key.
#[test]
fn what_ed25519_has_signed_binds_nothing() {
    for version in [TLS1_2, TLS1_3] {
        let signed_by_another = Pair::connected(&at_most(client(), version), &server("ed25519"), None);
        assert_eq!(binding(&signed_by_another.client, END_POINT).len(), 32);
        let pair = shown_by(&self_signed("ed25519", &["-newkey", "ed25519"]), version);
        for end in [&pair.client, &pair.server] {
            let words = refusal(end, END_POINT);
            assert!(words.contains("digest"), "{words}");
        }
    }
}

/// SHA-1 counts as SHA-256, and other digests as themselves.
#[test]
fn the_end_point_has_the_digest_of_the_signature() {
    let rsa = ["-newkey", "rsa:2048"];
    for (name, own, taken) in
        [("sha1", "-sha1", "sha256"), ("sha384", "-sha384", "sha384"), ("sha512", "-sha512", "sha512")]
    {
        let file = self_signed(name, &[rsa[0], rsa[1], own]);
        let pair = shown_by(&file, TLS1_3);
        let certificate = pair.client.peer_certificate().unwrap().unwrap();
        let expected = certificate.fingerprint(Some(taken)).unwrap();
        assert_eq!(binding(&pair.client, END_POINT), expected, "{name}");
        assert_eq!(binding(&pair.server, END_POINT), expected, "{name}");
    }
}

/// RSA-PSS names its digest in its parameters.
#[test]
fn the_end_point_has_the_digest_of_rsa_pss() {
    let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"];
    for (name, own, taken) in [("pss-sha256", "-sha256", "sha256"), ("pss-sha384", "-sha384", "sha384")] {
        let file = self_signed(name, &[&["-newkey", "rsa:2048", own][..], &pss].concat());
        for version in [TLS1_2, TLS1_3] {
            let pair = shown_by(&file, version);
            let certificate = pair.client.peer_certificate().unwrap().unwrap();
            let expected = certificate.fingerprint(Some(taken)).unwrap();
            assert_eq!(binding(&pair.client, END_POINT), expected, "{name}");
            assert_eq!(binding(&pair.server, END_POINT), expected, "{name}");
        }
    }
}

/// A certificate that has signed itself, and its key, in one file.
fn self_signed(name: &str, options: &[&str]) -> std::path::PathBuf {
    let file = certs::scratch().join(name).with_extension("pem");
    let (key, cert) = (file.with_extension("key"), file.with_extension("crt"));
    let args =
        ["req", "-x509", "-noenc", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    certs::run(
        Command::new("openssl").args(args).args(options).arg("-keyout").arg(&key).arg("-out").arg(&cert),
    );
    let both = [std::fs::read(&cert).unwrap(), std::fs::read(&key).unwrap()].concat();
    std::fs::write(&file, both).unwrap();
    file
}

/// A connection whose server shows this certificate, which its client trusts.
fn shown_by(file: &std::path::Path, version: i32) -> Pair {
    let client = at_most(client(), version);
    client.load_verify_locations(Some(file), None, None).unwrap();
    let server = Context::create_default(context::PURPOSE_CLIENT_AUTH, None, None, None).unwrap();
    server.load_cert_chain(file, None, None).unwrap();
    let pair = Pair::new(&client, &server, None);
    pair.shake().unwrap();
    pair
}

#[test]
fn a_certificate_that_nobody_was_shown_binds_nothing() {
    let (client, server) = (at_most(client(), TLS1_2), server("ecdsa"));
    client.set_ciphers("PSK-AES128-GCM-SHA256").unwrap();
    server.set_ciphers("PSK-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256").unwrap();
    let key = |key: &mut [u8]| {
        key[..16].fill(7);
        16
    };
    let ask_client: PskClientCallback = Arc::new(move |_, _, buffer| Ok((b"me".to_vec(), key(buffer))));
    let ask_server: PskServerCallback = Arc::new(move |_, _, buffer| Ok(key(buffer)));
    client.set_psk_client_callback(Some(ask_client)).unwrap();
    server.set_psk_server_callback(Some(ask_server), None).unwrap();
    let pair = Pair::new(&client, &server, None);
    pair.shake().unwrap();
    for end in [&pair.client, &pair.server] {
        assert!(refusal(end, END_POINT).contains("no certificate was shown"));
    }
}

#[test]
fn exported_keys_are_the_same_on_both_ends_and_new_for_each_connection() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        for context in [&client, &server] {
            context.set_options(context.options() | NO_RENEGOTIATION).unwrap();
        }
        let mut seen = Vec::new();
        for _ in 0..2 {
            let pair = Pair::new(&client, &server, None);
            assert_eq!(pair.client.get_channel_binding(EXPORTER).unwrap(), None);
            pair.shake().unwrap();
            let keys = binding(&pair.client, EXPORTER);
            assert_eq!((binding(&pair.server, EXPORTER), keys.len()), (keys.clone(), 32));
            assert!(!seen.contains(&keys));
            seen.push(keys);
        }
    }
}

/// There is no binding where a further handshake could change it (RFC 9266).
#[test]
fn exported_keys_of_tls_1_2_need_a_connection_that_does_not_renegotiate() {
    let pair = Pair::connected(&at_most(client(), TLS1_2), &server("ecdsa"), None);
    for end in [&pair.client, &pair.server] {
        assert!(refusal(end, EXPORTER).contains("OP_NO_RENEGOTIATION"));
    }
}

/// Under its own labels TLS 1.2 derives the secrets of the connection.
#[test]
fn nothing_is_exported_under_the_labels_of_tls_itself() {
    let pair = Pair::connected(&at_most(client(), TLS1_2), &server("ecdsa"), None);
    let labels =
        ["client finished", "server finished", "master secret", "extended master secret", "key expansion"];
    for label in labels {
        for label in [label.to_string(), format!("{label} and more")] {
            let error = pair.client.export_keying_material(&label, None, 32).unwrap_err();
            let reason = error.detail().unwrap().reason.clone();
            assert_eq!(reason.as_deref(), Some(c"TLS_ILLEGAL_EXPORTER_LABEL"), "{label}: {error}");
        }
    }
    assert!(pair.client.export_keying_material("my key expansion", None, 32).is_ok());
}
