//! What a connection tells of itself beyond Python 3.13: how each side has signed, keys that change, and all of it in one text.
#![allow(clippy::print_stdout)]

mod certs;
mod pair;

use pair::{Pair, TLS1_2, TLS1_3, client, identify, server};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tlsock::*;

const CERT_REQUIRED: i32 = 2;
const SHA256_OF: &str = "sha256";

fn at_most(context: Context, version: i32) -> Context {
    context.set_maximum_version(version).unwrap();
    context
}

/// A server that asks its client for a certificate.
fn asking(name: &str) -> Context {
    let server = server(name);
    server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    server.load_verify_locations(Some(&certs::folder().join("inter.pem")), None, None).unwrap();
    server.set_verify_mode(CERT_REQUIRED).unwrap();
    server
}

fn sigalgs(end: &Object) -> (Option<&str>, Option<&str>) {
    let text = |name: Option<&'static std::ffi::CStr>| name.map(|name| name.to_str().unwrap());
    (text(end.client_sigalg()), text(end.server_sigalg()))
}

/// What each end has shown, and what the other has of it.
fn shown(pair: &Pair) -> [[Option<Vec<u8>>; 2]; 2] {
    let der = |certificate: Option<Certificate>| certificate.map(|found| found.der().to_vec());
    let of = |own: &Object, peer: &Object| {
        [der(own.own_certificate().unwrap()), der(peer.peer_certificate().unwrap())]
    };
    [of(&pair.client, &pair.server), of(&pair.server, &pair.client)]
}

#[test]
fn both_ends_know_how_each_has_signed() {
    for version in [TLS1_2, TLS1_3] {
        for (name, expected) in
            [("rsa", "rsa_pss_rsae_sha256"), ("ecdsa", "ecdsa_secp256r1_sha256"), ("ed25519", "ed25519")]
        {
            let (client, server) = (at_most(client(), version), asking(name));
            identify(&client, "client");
            let pair = Pair::new(&client, &server, None);
            assert_eq!([sigalgs(&pair.client), sigalgs(&pair.server)], [(None, None); 2]);
            for end in [&pair.client, &pair.server] {
                assert_eq!(end.own_certificate().unwrap_err().message(), "handshake not done yet");
            }
            pair.shake().unwrap();
            let both = (Some("ecdsa_secp256r1_sha256"), Some(expected));
            assert_eq!([sigalgs(&pair.client), sigalgs(&pair.server)], [both; 2], "{version:#x} {name}");
            for [own, theirs] in shown(&pair) {
                assert!(own.is_some() && own == theirs, "{version:#x} {name}");
            }
        }
    }
}

#[test]
fn who_has_not_signed_has_no_algorithm() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (at_most(client(), version), server("ecdsa"));
        identify(&client, "client");
        let pair = Pair::connected(&client, &server, None);
        assert_eq!(shown(&pair)[0], [None, None]);
        assert_eq!(sigalgs(&pair.client), (None, Some("ecdsa_secp256r1_sha256")));
        let resumed = Pair::connected(&client, &server, pair.client.session().unwrap().as_ref());
        assert!(resumed.client.session_reused());
        assert_eq!([sigalgs(&resumed.client), sigalgs(&resumed.server)], [(None, None); 2]);
        assert_eq!(shown(&resumed).map(|[own, _]| own), [None, None]);
    }
    // A server that proves who it is by decrypting signs nothing.
    let client = at_most(client(), TLS1_2);
    client.set_ciphers("AES256-GCM-SHA384:@SECLEVEL=1").unwrap();
    let server = server("rsa");
    server.set_ciphers("AES256-GCM-SHA384:@SECLEVEL=1").unwrap();
    let pair = Pair::connected(&client, &server, None);
    assert_eq!([sigalgs(&pair.client), sigalgs(&pair.server)], [(None, None); 2]);
    let [own, theirs] = shown(&pair)[1].clone();
    assert!(own.is_some() && own == theirs);
}

#[test]
fn a_key_shared_before_signs_nothing() {
    let key: &[u8] = b"a key of both ends";
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (Context::new(16).unwrap(), Context::new(17).unwrap());
        client.set_check_hostname(false).unwrap();
        client.set_verify_mode(0).unwrap();
        for context in [&client, &server] {
            context.set_maximum_version(version).unwrap();
            context.set_ciphers("PSK").unwrap();
        }
        client
            .set_psk_client_callback(Some(Arc::new(move |_, _, buffer| {
                buffer[..key.len()].copy_from_slice(key);
                Ok((b"me".to_vec(), key.len()))
            })))
            .unwrap();
        server
            .set_psk_server_callback(
                Some(Arc::new(move |_, _, buffer| {
                    buffer[..key.len()].copy_from_slice(key);
                    Ok(key.len())
                })),
                None,
            )
            .unwrap();
        let pair = Pair::connected(&client, &server, None);
        assert_eq!([sigalgs(&pair.client), sigalgs(&pair.server)], [(None, None); 2]);
    }
}

/// Counts the messages that change keys: those that are sent, and those that arrive.
fn counting(context: &Context) -> Arc<Mutex<(u32, u32)>> {
    let counts = Arc::new(Mutex::new((0, 0)));
    let seen = Arc::clone(&counts);
    context.set_message_callback(Some(Arc::new(move |_, message: &Message<'_>| {
        if message.content_type == 22 && message.msg_type == 24 {
            let mut counts = seen.lock().unwrap();
            if message.written { counts.0 += 1 } else { counts.1 += 1 }
        }
        Ok(())
    })));
    counts
}

fn say(from: &Object, to: &Object, words: &[u8]) {
    let mut buffer = [0; 32];
    from.write(words).unwrap();
    let count = to.read(&mut buffer).unwrap();
    assert_eq!(&buffer[..count], words);
}

#[test]
fn keys_change_on_one_side_or_on_both() {
    let (client, server) = (client(), server("ecdsa"));
    let (of_client, of_server) = (counting(&client), counting(&server));
    let counts = || (*of_client.lock().unwrap(), *of_server.lock().unwrap());
    let pair = Pair::connected(&client, &server, None);
    pair.client.key_update(false).unwrap();
    // At once, and the connection is as it was: it is in no handshake.
    assert_eq!(counts(), ((1, 0), (0, 0)));
    assert!(pair.client.version().is_some() && pair.client.peer_certificate().unwrap().is_some());
    say(&pair.client, &pair.server, b"under new keys");
    say(&pair.server, &pair.client, b"under old ones");
    assert_eq!(counts(), ((1, 0), (0, 1)));
    // Asked for, the peer changes its own in front of what it sends next.
    pair.server.key_update(true).unwrap();
    say(&pair.server, &pair.client, b"change yours");
    say(&pair.client, &pair.server, b"changed");
    assert_eq!(counts(), ((2, 1), (1, 2)));
    for _ in 0..50 {
        pair.client.key_update(true).unwrap();
        pair.server.key_update(true).unwrap();
        say(&pair.client, &pair.server, b"again");
        say(&pair.server, &pair.client, b"and again");
    }
}

#[test]
fn keys_do_not_change_before_the_end_of_the_handshake_below_tls_1_3_and_after_the_goodbye() {
    let pair = Pair::new(&client(), &server("ecdsa"), None);
    let refusal = |end: &Object| {
        let error = end.key_update(true).unwrap_err();
        (error.status(), error.message().to_string())
    };
    assert_eq!(refusal(&pair.client), (Status::Value, "handshake not done yet".to_string()));
    let old = Pair::connected(&at_most(client(), TLS1_2), &server("ecdsa"), None);
    let words = "keys are updated in TLS 1.3: this connection is TLSv1.2";
    assert_eq!(refusal(&old.server), (Status::Value, words.to_string()));
    say(&old.client, &old.server, b"all is well");
    let pair = Pair::connected(&client(), &server("ecdsa"), None);
    pair.client.close_write().unwrap();
    let (status, message) = refusal(&pair.client);
    assert_eq!(status, Status::Ssl);
    assert!(message.contains("PROTOCOL_IS_SHUTDOWN"), "{message}");
    say(&pair.server, &pair.client, b"the other half is open");
}

fn info(end: &Object) -> Value {
    serde_json::from_str(end.info_json().unwrap().to_str().unwrap()).unwrap()
}

#[test]
fn one_text_has_all_facts() {
    for version in [TLS1_2, TLS1_3] {
        let (client, server) = (at_most(client(), version), asking("ecdsa"));
        identify(&client, "client");
        client.set_alpn_protocols(&["h2"]).unwrap();
        server.set_alpn_protocols(&["h2"]).unwrap();
        let pair = Pair::new(&client, &server, None);
        assert_eq!(pair.client.info_json().unwrap_err().message(), "handshake not done yet");
        pair.shake().unwrap();
        for end in [&pair.client, &pair.server] {
            let facts = info(end);
            let cipher = end.cipher().unwrap();
            let peer = end.peer_certificate().unwrap().unwrap();
            let fingerprint: String =
                peer.fingerprint(Some(SHA256_OF)).unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(facts["server_side"], json!(end.server_side()));
            assert_eq!(facts["version"], json!(end.version().unwrap().to_str().unwrap()));
            assert_eq!(facts["cipher"], json!(cipher.name.unwrap().to_str().unwrap()));
            assert_eq!(facts["bits"], json!(cipher.secret_bits));
            assert_eq!(facts["group"], json!(end.group().unwrap().to_str().unwrap()));
            assert_eq!(facts["alpn"], json!("h2"));
            assert_eq!(facts["server_name"], json!("localhost"));
            assert_eq!(facts["server_sigalg"], json!("ecdsa_secp256r1_sha256"));
            assert_eq!(facts["client_sigalg"], json!("ecdsa_secp256r1_sha256"));
            assert_eq!((&facts["session_reused"], &facts["verified"]), (&json!(false), &json!(true)));
            assert_eq!(facts["verify_result"], json!(0));
            assert_eq!(facts["peer"]["sha256"], json!(fingerprint));
            assert_eq!(facts["peer"]["not_after"], json!(peer.not_after_time()));
            assert_eq!(facts["peer"]["subject"], json!(peer.subject_text().unwrap().to_str().unwrap()));
            assert_eq!(facts["chain"][0], facts["peer"]);
            let chain = end.get_verified_chain().unwrap();
            assert_eq!(facts["chain"].as_array().unwrap().len(), chain.as_slice().len());
            let last = chain.as_slice().last().unwrap();
            let subject = json!(last.subject_text().unwrap().to_str().unwrap());
            assert_eq!(facts["chain"].as_array().unwrap().last().unwrap()["subject"], subject);
        }
    }
}

#[test]
fn what_there_is_not_is_null() {
    let (client, server) = (client(), server("ecdsa"));
    let pair = Pair::connected(&client, &server, None);
    let facts = info(&pair.server);
    for key in ["peer", "alpn", "client_sigalg"] {
        assert_eq!(facts[key], Value::Null, "{key}");
    }
    assert_eq!((&facts["verified"], &facts["chain"]), (&json!(false), &json!([])));
    let resumed = Pair::connected(&client, &server, pair.client.session().unwrap().as_ref());
    let facts = info(&resumed.client);
    assert_eq!((&facts["session_reused"], &facts["verified"]), (&json!(true), &json!(true)));
    assert_eq!((&facts["server_sigalg"], &facts["chain"]), (&Value::Null, &json!([])));
    assert!(facts["peer"]["sha256"].is_string());
}
