//! Encrypted ClientHello, with a library that has it and with an OpenSSL that has not.

mod certs;
#[path = "ech/keys.rs"]
mod keys;
mod pair;
#[path = "ech/rejected.rs"]
mod rejected;
#[path = "ech/servers.rs"]
mod servers;
#[path = "ech/sessions.rs"]
mod sessions;

use pair::{Pair, TLS1_2, TLS1_3, client, identify, server};
use std::sync::{Arc, Mutex};
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use tlsock::module::info::HAS_ECH;
use tlsock::*;

/// The name that stays visible; the certificate `wrong-name` is for it.
const PUBLIC: &str = "other.example";

/// Whether the library in use has it: its version decides, and not what is tested.
fn is_there() -> bool {
    assert_eq!(has(HAS_ECH), is_aws_lc() || openssl_version_number() >= 0x4000_0000);
    has(HAS_ECH)
}

fn is_aws_lc() -> bool {
    backend() == c"aws-lc"
}

fn keys() -> EchKeys {
    generate_ech_keys(PUBLIC, 0).expect("a key")
}

/// A server that decrypts with these, and that has a certificate for either name.
fn decrypting(keys: &EchKeys) -> Context {
    let context = server("ecdsa");
    context.load_ech_keys(&keys.pem, &[]).expect("keys");
    show_by_name(&context);
    context
}

/// Has a server show the certificate of the name that it is asked for.
fn show_by_name(context: &Context) {
    let public = server("wrong-name");
    let choose: SniCallback = Arc::new(move |connection, name, _| {
        if name == Some(PUBLIC) {
            connection.set_context(&public)?;
        }
        Ok(())
    });
    context.set_sni_callback(Some(choose)).expect("a callback");
}

fn encrypting(configs: &[u8]) -> Context {
    let context = client();
    context.set_ech_configs(Some(configs)).expect("configurations");
    context
}

fn statuses(pair: &Pair) -> (EchStatus, EchStatus) {
    (pair.client.ech_status(), pair.server.ech_status())
}

/// What a client sends first.
fn first_flight(context: &Context, name: Option<&str>) -> Vec<u8> {
    first_flight_with(context, name, None)
}

fn first_flight_with(context: &Context, name: Option<&str>, session: Option<&Session>) -> Vec<u8> {
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let flags = if name.is_none() { WrapFlags::INSECURE_NO_HOSTNAME } else { WrapFlags::default() };
    let object = context.wrap_bio(Some((&down, &up)), flags, name, session).expect("a client");
    assert!(object.do_handshake().unwrap_err().is_want());
    let mut sent = vec![0; up.pending()];
    up.read(&mut sent);
    sent
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn without_it_each_call_says_which_openssl_is_in_use() {
    if is_there() {
        return;
    }
    let list = [0, 5, 0xFE, 0x0D, 0, 1, 7];
    let (client, server) = (client(), server("ecdsa"));
    let refusals = [
        client.set_ech_configs(Some(&list)),
        client.set_ech_grease(true),
        server.load_ech_keys(b"-----BEGIN ECHCONFIG-----", &[]),
        generate_ech_keys(PUBLIC, 0).map(drop),
    ];
    let version = openssl_version().to_str().unwrap().split(' ').take(2).collect::<Vec<_>>().join(" ");
    for refused in refusals {
        let error = refused.unwrap_err();
        assert_eq!(error.status(), Status::NotImplemented);
        assert!(error.message().starts_with(&version) && error.message().contains("4.0"), "{error}");
    }
    client.set_ech_configs(None).unwrap();
    client.set_ech_grease(false).unwrap();
    server.load_ech_keys(&[], &[]).unwrap();
    let pair = Pair::connected(&client, &server, None);
    assert_eq!(statuses(&pair), (EchStatus::None, EchStatus::None));
    assert!(
        pair.client.info_json().unwrap().to_str().unwrap().contains(r#""ech":"none","ech_outer_name":null"#)
    );
}

#[test]
fn what_is_for_the_other_side_is_refused_whatever_openssl_there_is() {
    let (client, server) = (Context::new(PROTOCOL_TLS_CLIENT), Context::new(PROTOCOL_TLS_SERVER));
    let (client, server) = (client.unwrap(), server.unwrap());
    let refusals =
        [server.set_ech_configs(None), server.set_ech_grease(false), client.load_ech_keys(&[], &[])];
    for refused in refusals {
        assert_eq!(refused.unwrap_err().status(), Status::Value);
    }
}

#[test]
fn the_name_is_hidden_and_both_ends_know_it() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let context = encrypting(&keys.configs);
    let sent = first_flight(&context, Some("localhost"));
    assert!(contains(&sent, PUBLIC) && !contains(&sent, "localhost"));
    let pair = Pair::new(&context, &decrypting(&keys), None);
    assert_eq!(statuses(&pair), (EchStatus::None, EchStatus::None), "nothing is sent yet");
    pair.shake().unwrap();
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    for end in [&pair.client, &pair.server] {
        assert_eq!(end.server_name(), Some(c"localhost"));
        assert_eq!(end.ech_outer_name(), Some(c"other.example"));
        let facts = end.info_json().unwrap();
        let wanted = r#""server_name":"localhost","ech":"accepted","ech_outer_name":"other.example""#;
        assert!(facts.to_str().unwrap().contains(wanted), "{facts:?}");
    }
    assert!(pair.client.getpeercert().unwrap().is_some());
}

#[test]
fn a_client_without_configurations_is_served_as_ever() {
    if !is_there() {
        return;
    }
    let server = decrypting(&keys());
    let plain = client();
    let pair = Pair::connected(&plain, &server, None);
    assert_eq!(statuses(&pair), (EchStatus::None, EchStatus::None));
    assert_eq!((pair.client.ech_outer_name(), pair.server.ech_outer_name()), (None, None));
    plain.set_maximum_version(TLS1_2).unwrap();
    Pair::connected(&plain, &server, None);
}

#[test]
fn grease_looks_like_it_and_does_no_harm() {
    if !is_there() {
        return;
    }
    let greasing = client();
    assert!(!greasing.ech_grease());
    greasing.set_ech_grease(true).unwrap();
    assert!(greasing.ech_grease() && greasing.copy().unwrap().ech_grease());
    let sent = first_flight(&greasing, Some("localhost"));
    assert!(contains(&sent, "localhost") && sent.windows(2).any(|pair| pair == [0xFE, 0x0D]));
    let pair = Pair::connected(&greasing, &server("ecdsa"), None);
    assert_eq!(statuses(&pair), (EchStatus::Grease, EchStatus::None));
    let pair = Pair::connected(&greasing, &decrypting(&keys()), None);
    assert_eq!(statuses(&pair), (EchStatus::Grease, EchStatus::Grease));
    let old = server("ecdsa");
    old.set_maximum_version(TLS1_2).unwrap();
    let pair = Pair::connected(&greasing, &old, None);
    assert_eq!(pair.client.version(), Some(c"TLSv1.2"));
    // Configurations count more.
    let keys = keys();
    greasing.set_ech_configs(Some(&keys.configs)).unwrap();
    let pair = Pair::connected(&greasing, &decrypting(&keys), None);
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
}

#[test]
fn it_takes_tls_1_3() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let old = decrypting(&keys);
    old.set_maximum_version(TLS1_2).unwrap();
    let error = Pair::new(&encrypting(&keys.configs), &old, None).shake().unwrap_err();
    assert_eq!(error.status(), Status::Ssl, "{error}");
    let context = encrypting(&keys.configs);
    context.set_maximum_version(TLS1_2).unwrap();
    let error = context.wrap_bio(None, WrapFlags::default(), Some("localhost"), None).err().unwrap();
    assert_eq!(error.status(), Status::Value);
    assert!(error.message().starts_with("Encrypted ClientHello needs TLS 1.3"), "{error}");
    context.set_maximum_version(TLS1_3).unwrap();
    context.set_options(context.options() | 1 << 29).unwrap();
    assert!(context.wrap_bio(None, WrapFlags::default(), Some("localhost"), None).is_err());
}

#[test]
fn a_hello_retry_request_is_answered_by_another_encrypted_hello() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let server = decrypting(&keys);
    server.set_groups("P-384").unwrap();
    let context = encrypting(&keys.configs);
    context.set_groups("X25519:P-384").unwrap();
    let pair = Pair::connected(&context, &server, None);
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    assert_eq!(pair.server.server_name(), Some(c"localhost"));
    // Refused, it stays refused, and a session that is offered proves nothing of this server.
    let other = decrypting(&self::keys());
    other.set_groups("P-384").unwrap();
    let session = pair.client.session().unwrap().expect("a session");
    for offered in [None, Some(&session)] {
        let pair = Pair::new(&context, &other, offered);
        let error = pair.shake().unwrap_err();
        if is_aws_lc() {
            rejected::check(&error, true);
        } else {
            // OpenSSL may take what its own server sends in a HelloRetryRequest then for a breach of the protocol.
            assert_eq!(error.status(), Status::Ssl);
            let detail = error.detail().expect("details");
            assert_eq!(
                (detail.reason.as_deref(), &detail.ech_retry_configs),
                (Some(c"ECH_REQUIRED"), &None),
                "{error}"
            );
        }
        assert_eq!(pair.client.ech_status(), EchStatus::Rejected);
    }
}

/// Its ClientHello would name the server in clear.
#[test]
fn a_connection_that_was_made_without_gets_no_context_with_it() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let (plain, context) = (client(), encrypting(&keys.configs));
    let pair = Pair::new(&plain, &decrypting(&keys), None);
    let error = pair.client.set_context(&context).unwrap_err();
    assert_eq!(error.status(), Status::Value, "{error}");
    pair.shake().unwrap();
    pair.client.set_context(&context).unwrap();
    assert_eq!(statuses(&pair), (EchStatus::None, EchStatus::None));
    // One that encrypts goes on to.
    let pair = Pair::new(&context, &decrypting(&keys), None);
    pair.client.set_context(&plain).unwrap();
    pair.shake().unwrap();
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
}

#[test]
fn a_copy_has_the_same_settings_and_a_life_of_its_own() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let (context, server) = (encrypting(&keys.configs), decrypting(&keys));
    let copies = (context.copy().unwrap(), server.copy().unwrap());
    context.set_ech_configs(None).unwrap();
    server.load_ech_keys(&[], &[]).unwrap();
    let pair = Pair::connected(&copies.0, &copies.1, None);
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    let pair = Pair::connected(&context, &server, None);
    assert_eq!(statuses(&pair), (EchStatus::None, EchStatus::None));
}

#[test]
fn a_connection_keeps_what_its_context_had() {
    if !is_there() {
        return;
    }
    let (old, new) = (keys(), keys());
    let (context, server) = (encrypting(&old.configs), decrypting(&old));
    let before = Pair::new(&context, &server, None);
    context.set_ech_configs(Some(&new.configs)).unwrap();
    server.load_ech_keys(&new.pem, &[]).unwrap();
    before.shake().unwrap();
    assert_eq!(statuses(&before), (EchStatus::Accepted, EchStatus::Accepted));
    let after = Pair::connected(&context, &server, None);
    assert_eq!(statuses(&after), (EchStatus::Accepted, EchStatus::Accepted));
    // Another context in place of the client's has no say.
    let moved = Pair::new(&context, &server, None);
    moved.client.set_context(&client()).unwrap();
    moved.shake().unwrap();
    assert_eq!(statuses(&moved), (EchStatus::Accepted, EchStatus::Accepted));
}

#[test]
fn an_address_is_asked_for_without_a_name() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let context = encrypting(&keys.configs);
    let sent = first_flight(&context, Some("127.0.0.1"));
    assert!(contains(&sent, PUBLIC));
    let shake = |server: &Context| {
        let (up, down) = (MemoryBio::new(), MemoryBio::new());
        let name = Some("127.0.0.1");
        let pair = Pair {
            client: context.wrap_bio(Some((&down, &up)), WrapFlags::default(), name, None).unwrap(),
            server: server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None).unwrap(),
        };
        (pair.shake(), pair)
    };
    let (done, pair) = shake(&decrypting(&keys));
    done.unwrap();
    assert_eq!(statuses(&pair), (EchStatus::Accepted, EchStatus::Accepted));
    assert_eq!(pair.server.server_name(), None);
    // The certificate of the public name has no address.
    let (done, _) = shake(&decrypting(&self::keys()));
    rejected::check(&done.unwrap_err(), true);
}

#[test]
fn expected_names_are_for_the_inner_server() {
    if !is_there() {
        return;
    }
    let keys = keys();
    let context = encrypting(&keys.configs);
    let server = decrypting(&keys);
    let pair = Pair::new(&context, &server, None);
    pair.client.set_expected_names(&["nobody.example", "localhost"]).unwrap();
    pair.client.set_server_name(Some("inner.example")).unwrap();
    pair.shake().unwrap();
    assert_eq!(pair.server.server_name(), Some(c"inner.example"));
    let other = decrypting(&self::keys());
    let pair = Pair::new(&context, &other, None);
    pair.client.set_expected_names(&["nobody.example", "localhost"]).unwrap();
    rejected::check(&pair.shake().unwrap_err(), true);
    let both = server_of_one_name();
    both.load_ech_keys(&keys.pem, &[]).unwrap();
    let pair = Pair::new(&context, &both, None);
    let error = pair.shake().unwrap_err();
    assert_eq!(error.status(), Status::CertVerification);
    assert!(error.message().contains("is not valid for 'localhost'"), "{error}");
}

/// A server whose certificate is for the public name alone.
fn server_of_one_name() -> Context {
    let context = server("wrong-name");
    identify(&context, "wrong-name");
    context
}
