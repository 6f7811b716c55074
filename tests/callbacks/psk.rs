//! Pre-shared keys, in TLS 1.2 and 1.3, also against Python's.

use crate::pair::{Pair, TLS1_2, alert_received, alert_sent, cause, client, load, reason};
use crate::reference;
use serde_json::{Value, json};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use tlsock::context::{PROTOCOL_TLS, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use tlsock::{Context, Error, Object, PskClientCallback, PskServerCallback, Status, WrapFlags};

const KEY: &[u8] = b"a key of both";
const VERSIONS: [i32; 2] = [TLS1_2, 0x304];

fn answer(identity: &'static [u8], key: &'static [u8]) -> Option<PskClientCallback> {
    Some(Arc::new(move |_, _, buffer| {
        let room = buffer.len().min(key.len());
        buffer[..room].copy_from_slice(&key[..room]);
        Ok((identity.to_vec(), key.len()))
    }))
}

fn know(key: &'static [u8]) -> Option<PskServerCallback> {
    Some(Arc::new(move |_, _, buffer| {
        let room = buffer.len().min(key.len());
        buffer[..room].copy_from_slice(&key[..room]);
        Ok(key.len())
    }))
}

/// A context of one version that has pre-shared keys and no certificate.
fn context(protocol: i32, version: i32) -> Context {
    let context = Context::new(protocol).unwrap();
    if protocol == PROTOCOL_TLS_CLIENT {
        context.set_check_hostname(false).unwrap();
        context.set_verify_mode(0).unwrap();
    }
    context.set_minimum_version(version).unwrap();
    context.set_maximum_version(version).unwrap();
    context.set_ciphers("PSK").unwrap();
    context
}

fn contexts(version: i32) -> (Context, Context) {
    (context(PROTOCOL_TLS_CLIENT, version), context(PROTOCOL_TLS_SERVER, version))
}

fn pair(client: &Context, server: &Context) -> Pair {
    Pair::with(client, server, None, None)
}

/// A client and a server that keep what they are told.
fn listening(version: i32, identity: &'static [u8]) -> (Context, Context, Receiver<Option<String>>) {
    let (client, server) = contexts(version);
    let (sender, seen) = channel();
    let (hints, identities) = (sender.clone(), sender);
    let callback: PskClientCallback = Arc::new(move |connection, hint, buffer| {
        assert!(!Object::of(connection).expect("an object").server_side());
        hints.send(hint.map(ToOwned::to_owned)).unwrap();
        buffer[..KEY.len()].copy_from_slice(KEY);
        Ok((identity.to_vec(), KEY.len()))
    });
    client.set_psk_client_callback(Some(callback)).unwrap();
    let callback: PskServerCallback = Arc::new(move |connection, identity, buffer| {
        assert!(Object::of(connection).expect("an object").server_side());
        identities.send(identity.map(ToOwned::to_owned)).unwrap();
        buffer[..KEY.len()].copy_from_slice(KEY);
        Ok(KEY.len())
    });
    server.set_psk_server_callback(Some(callback), Some("a hint")).unwrap();
    (client, server, seen)
}

fn told(seen: &Receiver<Option<String>>) -> Vec<String> {
    let mut told: Vec<_> = seen.try_iter().map(|text| text.unwrap_or_default()).collect();
    // The server of TLS 1.3 and both sides after it may be asked again.
    told.dedup();
    told
}

#[test]
fn both_sides_agree_on_a_key() {
    for version in VERSIONS {
        let (client, server, seen) = listening(version, "bücher".as_bytes());
        let pair = pair(&client, &server).connect();
        let hint = if version == TLS1_2 { "a hint" } else { "" };
        assert_eq!(told(&seen), [hint, "bücher"]);
        for end in [&pair.client, &pair.server] {
            assert!(end.getpeercert().unwrap().is_none() && end.peer_certificate().unwrap().is_none());
            assert!(
                end.get_unverified_chain().unwrap().as_slice().is_empty()
                    && end.get_verified_chain().unwrap().as_slice().is_empty()
            );
            assert_eq!(end.session_reused(), version != TLS1_2);
        }
    }
}

#[test]
fn an_empty_identity_is_none_to_the_server() {
    let (client, server, seen) = listening(TLS1_2, b"");
    pair(&client, &server).connect();
    assert_eq!(told(&seen), ["a hint", ""]);
    server.set_psk_server_callback(know(KEY), Some("")).unwrap();
    pair(&client, &server).connect();
    assert_eq!(told(&seen), [""]);
}

#[test]
fn the_longest_identity_and_key() {
    static IDENTITY: [u8; 256] = [b'i'; 256];
    static LONG: [u8; 513] = [7; 513];
    for version in VERSIONS {
        let (client, server) = contexts(version);
        client.set_psk_client_callback(answer(&IDENTITY[..255], &LONG[..512])).unwrap();
        server.set_psk_server_callback(know(&LONG[..512]), None).unwrap();
        pair(&client, &server).connect();

        client.set_psk_client_callback(answer(&IDENTITY, KEY)).unwrap();
        let error = pair(&client, &server).shake().0.unwrap_err();
        assert_eq!(cause(&error), Some((Status::Value, "identity cannot be longer than 255 bytes")));

        client.set_psk_client_callback(answer(b"me", &LONG)).unwrap();
        let error = pair(&client, &server).shake().0.unwrap_err();
        assert_eq!(cause(&error), Some((Status::Value, "psk cannot be longer than 512 bytes")));

        client.set_psk_client_callback(answer(b"me", KEY)).unwrap();
        server.set_psk_server_callback(know(&LONG), None).unwrap();
        let (_, error) = pair(&client, &server).fail();
        assert_eq!(cause(&error), Some((Status::Value, "psk cannot be longer than 512 bytes")));
    }
}

#[test]
fn a_failure_aborts_and_is_the_cause() {
    for version in VERSIONS {
        let (client, server) = contexts(version);
        // A certificate must not save the handshake.
        load(&server, "ecdsa");
        client.set_ciphers("PSK:ECDHE").unwrap();
        server.set_ciphers("PSK:ECDHE").unwrap();
        client.set_psk_client_callback(Some(Arc::new(|_, _, _| Err(Error::type_error("no key"))))).unwrap();
        server.set_psk_server_callback(know(KEY), None).unwrap();
        let error = pair(&client, &server).shake().0.unwrap_err();
        assert_eq!((error.status(), cause(&error)), (Status::Ssl, Some((Status::Type, "no key"))));

        client.set_psk_client_callback(answer(b"me", KEY)).unwrap();
        server
            .set_psk_server_callback(Some(Arc::new(|_, _, _| Err(Error::type_error("no key")))), None)
            .unwrap();
        let (client_error, error) = pair(&client, &server).fail();
        assert_eq!((error.status(), cause(&error)), (Status::Ssl, Some((Status::Type, "no key"))));
        assert!(alert_sent(&error).is_some());
        assert_eq!(alert_received(&client_error), alert_sent(&error));

        server.set_psk_server_callback(Some(Arc::new(|_, _, _| panic!("psk panics"))), None).unwrap();
        let (_, error) = pair(&client, &server).fail();
        assert_eq!(error.status(), Status::Panic);
    }
}

/// A version, what each side gives (nothing: it declines) and the reasons the handshake fails with.
type Scenario = (i32, &'static [u8], &'static [u8], [&'static str; 2]);

/// An alert that has no mnemonic in Python, nor a text in the first patch levels of OpenSSL 3.0.
const UNKNOWN: &str = "alert unknown_psk_identity";

fn scenarios() -> Vec<Scenario> {
    let (one, two) = (VERSIONS[0], VERSIONS[1]);
    vec![
        (one, KEY, KEY, ["", ""]),
        (two, KEY, KEY, ["", ""]),
        (one, b"", KEY, ["PSK_IDENTITY_NOT_FOUND", "SSLV3_ALERT_HANDSHAKE_FAILURE"]),
        (one, KEY, b"", [UNKNOWN, "PSK_IDENTITY_NOT_FOUND"]),
        (one, KEY, b"other", ["SSLV3_ALERT_BAD_RECORD_MAC", "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"]),
        (two, KEY, b"other", ["SSLV3_ALERT_ILLEGAL_PARAMETER", "BINDER_DOES_NOT_VERIFY"]),
        (two, b"", KEY, ["SSLV3_ALERT_HANDSHAKE_FAILURE", "NO_SUITABLE_SIGNATURE_ALGORITHM"]),
        (two, KEY, b"", ["SSLV3_ALERT_HANDSHAKE_FAILURE", "NO_SUITABLE_SIGNATURE_ALGORITHM"]),
    ]
}

fn reasons(version: i32, client_key: &'static [u8], server_key: &'static [u8]) -> Value {
    let (client, server) = contexts(version);
    client.set_psk_client_callback(answer(b"me", client_key)).unwrap();
    server.set_psk_server_callback(know(server_key), None).unwrap();
    let (client, server) = pair(&client, &server).shake();
    let reason = |result: tlsock::Result<()>| match result {
        Ok(()) => String::new(),
        Err(error) if alert_received(&error) == Some(115) => UNKNOWN.into(),
        Err(error) => reason(&error).into(),
    };
    json!([reason(client), reason(server)])
}

#[test]
fn declining_and_wrong_keys_fail_as_in_python() {
    if !crate::version::is_openssl_3_0("the alert for a wrong key") {
        return;
    }
    let scenarios = scenarios();
    for (version, client, server, expected) in &scenarios {
        assert_eq!(reasons(*version, client, server), json!(expected), "{version:#x} {client:?} {server:?}");
    }
    let inputs = scenarios.iter().map(|(version, client, server, _)| json!([version, client, server]));
    let Some(theirs) = reference::ask(PYTHON, &inputs.collect()) else { return };
    if theirs.is_null() {
        println!("not compared with the reference: its Python has no PSK");
        return;
    }
    let mut expected: Vec<_> = scenarios.iter().map(|(.., expected)| *expected).collect();
    expected[3][0] = "";
    assert_eq!(theirs, json!(expected));
}

const PYTHON: &str = r#"
def step(connection, ended, side):
    if side in ended:
        return
    try:
        connection.do_handshake()
        ended[side] = ""
    except ssl.SSLWantReadError:
        pass
    except ssl.SSLError as error:
        ended[side] = error.reason or ""

def reasons(version, client_key, server_key):
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    for context in client, server:
        context.minimum_version = context.maximum_version = version
        context.set_ciphers("PSK")
    client.set_psk_client_callback(lambda hint: ("me", bytes(client_key)))
    server.set_psk_server_callback(lambda identity: bytes(server_key))
    there, back, ended = ssl.MemoryBIO(), ssl.MemoryBIO(), {}
    a, b = client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)
    for _ in range(20):
        step(a, ended, 0)
        step(b, ended, 1)
    return [ended[0], ended[1]]

print(json.dumps([reasons(*one) for one in input] if getattr(ssl, "HAS_PSK", False) else None))
"#;

#[test]
fn who_declines_in_tls_1_3_goes_on_with_certificates() {
    let (client, server) = (client(), context(PROTOCOL_TLS_SERVER, 0x304));
    load(&server, "ecdsa");
    client.set_psk_client_callback(answer(b"me", KEY)).unwrap();
    server.set_psk_server_callback(know(b""), None).unwrap();
    let pair = Pair::new(&client, &server).connect();
    assert!(pair.client.getpeercert().unwrap().is_some() && !pair.client.session_reused());
}

#[test]
fn a_switch_of_context_switches_callbacks() {
    let (client, first) = contexts(TLS1_2);
    let second = context(PROTOCOL_TLS_SERVER, TLS1_2);
    client.set_psk_client_callback(answer(b"me", KEY)).unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    for (name, server) in [("first", &first), ("second", &second)] {
        let asked = Arc::clone(&asked);
        let callback: PskServerCallback = Arc::new(move |_, _, buffer| {
            asked.lock().unwrap().push(name);
            buffer[..KEY.len()].copy_from_slice(KEY);
            Ok(KEY.len())
        });
        server.set_psk_server_callback(Some(callback), Some(name)).unwrap();
    }
    let switched = pair(&client, &first);
    switched.server.set_context(&second).unwrap();
    switched.connect();
    assert_eq!(*asked.lock().unwrap(), ["second"]);

    // A context without a callback has libssl forget the one it had.
    let bare = context(PROTOCOL_TLS_SERVER, TLS1_2);
    let switched = pair(&client, &first);
    switched.server.set_context(&bare).unwrap();
    assert_eq!(reason(&switched.fail().1), "NO_SHARED_CIPHER");
}

#[test]
fn clients_without_a_callback_have_no_psk_ciphers() {
    let (client, server) = contexts(TLS1_2);
    server.set_psk_server_callback(know(KEY), None).unwrap();
    let error = pair(&client, &server).shake().0.unwrap_err();
    assert_eq!(reason(&error), "NO_CIPHERS_AVAILABLE");
}

#[test]
fn roles_and_hints_are_checked() {
    let (client, server) = contexts(TLS1_2);
    for callback in [answer(b"me", KEY), None] {
        let error = server.set_psk_client_callback(callback).unwrap_err();
        assert_eq!(error.status(), Status::Ssl);
        assert_eq!(error.message(), "Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context");
    }
    for callback in [know(KEY), None] {
        let error = client.set_psk_server_callback(callback, None).unwrap_err();
        assert_eq!(error.status(), Status::Ssl);
        assert_eq!(error.message(), "Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context");
    }
    let both = Context::new(PROTOCOL_TLS).unwrap();
    both.set_psk_client_callback(answer(b"me", KEY)).unwrap();
    both.set_psk_server_callback(know(KEY), Some(&"h".repeat(256))).unwrap();
    let error = both.set_psk_server_callback(know(KEY), Some(&"h".repeat(257))).unwrap_err();
    assert_eq!((error.status(), error.message()), (Status::Value, "failed to set identity hint"));
    let error = both.set_psk_server_callback(know(KEY), Some("a\0b")).unwrap_err();
    assert_eq!((error.status(), error.message()), (Status::Value, "embedded null character"));
    both.set_psk_server_callback(None, Some(&"h".repeat(257))).unwrap();
    assert!(both.wrap_bio(None, WrapFlags::SERVER_SIDE, None, None).is_ok());
}

/// Fails as this handshake message is read.
fn fails_at(context: &Context, msg_type: i32) {
    context.set_message_callback(Some(Arc::new(move |_, message| {
        let is_it = !message.written && (message.content_type, message.msg_type) == (22, msg_type);
        if is_it { Err(Error::type_error("it watches badly")) } else { Ok(()) }
    })));
}

/// libssl itself continues to the key.
#[test]
fn nobody_is_asked_for_a_key_once_a_callback_has_failed() {
    const SERVER_DONE: i32 = 14;
    const CLIENT_KEY: i32 = 16;
    for (msg_type, expected) in [(SERVER_DONE, &[][..]), (CLIENT_KEY, &["a hint"])] {
        let (client, server, seen) = listening(TLS1_2, b"me");
        fails_at(if msg_type == SERVER_DONE { &client } else { &server }, msg_type);
        let (clients, servers) = pair(&client, &server).shake();
        let failed = if msg_type == SERVER_DONE { clients } else { servers }.expect_err("it watches badly");
        assert_eq!(failed.status(), Status::Type);
        assert_eq!(told(&seen), expected);
    }
}
