//! Which context answers a ClientHello.

use crate::pair::{
    Pair, TLS1_2, TLS1_3, alert_received, alert_sent, cause, client, reason, server, server_of,
};
use crate::{certs, reference};
use serde_json::json;
use std::ffi::c_void;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use tlsock::context::PROTOCOL_TLS;
use tlsock::{Context, Error, MemoryBio, Object, Pump, Refusal, SniCallback, Socket, Status, WrapFlags};

const ACCESS_DENIED: u8 = 49;

fn accept() -> Option<SniCallback> {
    Some(Arc::new(|_, _, _| Ok(())))
}

fn refuse(refusal: fn() -> Refusal) -> Context {
    let context = server();
    context.set_sni_callback(Some(Arc::new(move |_, _, _| Err(refusal())))).unwrap();
    context
}

/// What the callback is told for each name a client was made with.
fn names_seen(names: &[Option<&str>], older: bool) -> Vec<Option<String>> {
    let (sender, seen) = channel();
    let callback: SniCallback = Arc::new(move |_, name, _| {
        sender.send(name.map(ToOwned::to_owned)).unwrap();
        Ok(())
    });
    let server = server();
    match older {
        true => server.set_servername_callback(Some(callback)).unwrap(),
        false => server.set_sni_callback(Some(callback)).unwrap(),
    }
    let client = client();
    client.set_check_hostname(false).unwrap();
    for name in names {
        let (client, server) = Pair::with(&client, &server, *name, None).shake();
        client.unwrap();
        server.unwrap();
    }
    seen.try_iter().collect()
}

#[test]
fn the_callback_gets_the_name_as_it_was_sent() {
    let names = [Some("localhost"), None, Some("127.0.0.1"), Some("::1"), Some("bücher.example")];
    let sent = ["localhost", "", "", "", "xn--bcher-kva.example"];
    let expected: Vec<_> = sent.map(|name| (!name.is_empty()).then(|| name.to_string())).into();
    assert_eq!(names_seen(&names, false), expected);
    assert_eq!(names_seen(&names, true), expected);
}

#[test]
fn the_callback_gets_the_connection_and_its_own_context() {
    let (first, second) = (server(), server_of("wrong-name"));
    let mark = 7 as *mut c_void;
    let (expected, other) = (first.clone(), second.clone());
    let (sender, seen) = channel();
    let callback: SniCallback = Arc::new(move |connection, _, context| {
        assert!(context.same(&expected));
        let object = Object::of(connection).expect("an object");
        assert!(Socket::of(connection).is_none() && object.server_side());
        assert_eq!(connection.userdata() as usize, 7);
        connection.set_context(&other)?;
        assert!(object.context().same(&other) && connection.context().same(&other));
        sender.send(()).unwrap();
        Ok(())
    });
    first.set_sni_callback(Some(callback)).unwrap();
    let pair = Pair::with(&client(), &first, Some("other.example"), None);
    pair.server.set_userdata(mark);
    let pair = pair.connect();
    assert!(pair.server.context().same(&second));
    let names = pair.client.getpeercert().unwrap().unwrap();
    assert_eq!(names.subject_alt_names()[0].value.as_str(), Some("other.example"));
    assert_eq!(seen.try_iter().count(), 1);
    // The callback owns a handle on its context: as it is, they keep each other alive.
    first.set_sni_callback(None).unwrap();
}

#[test]
fn the_callers_own_handle_can_switch_too() {
    let (first, second) = (server(), server_of("wrong-name"));
    let pair = Arc::new(Pair::with(&client(), &first, Some("other.example"), None));
    let own = Arc::downgrade(&pair);
    first
        .set_sni_callback(Some(Arc::new(move |_, _, _| {
            Ok(own.upgrade().expect("the pair is alive").server.set_context(&second)?)
        })))
        .unwrap();
    let (client, server) = pair.shake();
    client.unwrap();
    server.unwrap();
}

#[test]
fn a_refusal_is_an_alert_and_names_its_cause() {
    let told = refuse(|| Refusal::alert(ACCESS_DENIED));
    let (client_error, server_error) = Pair::new(&client(), &told).fail();
    assert_eq!((server_error.status(), reason(&server_error)), (Status::Ssl, "CALLBACK_FAILED"));
    assert_eq!((alert_sent(&server_error), cause(&server_error)), (Some(ACCESS_DENIED), None));
    assert_eq!(alert_received(&client_error), Some(ACCESS_DENIED));
    assert_eq!(reason(&client_error), "TLSV1_ALERT_ACCESS_DENIED");

    let failing = refuse(|| Error::type_error("no such site").into());
    let (client_error, server_error) = Pair::new(&client(), &failing).fail();
    assert_eq!(reason(&server_error), "CALLBACK_FAILED");
    assert_eq!(cause(&server_error), Some((Status::Type, "no such site")));
    assert_eq!(alert_sent(&server_error), Some(Refusal::HANDSHAKE_FAILURE));
    assert_eq!(reason(&client_error), "SSLV3_ALERT_HANDSHAKE_FAILURE");
}

#[test]
fn alerts_are_those_of_python() {
    let file = |name| certs::folder().join(name);
    let versions = [TLS1_2, TLS1_3];
    let files = json!({"cert": file("ecdsa.pem"), "key": file("ecdsa.key"), "versions": versions});
    let Some(theirs) = reference::ask(&[FAILS, ALERTS].concat(), &files) else { return };
    let refusals: [fn() -> Refusal; 5] = [
        || Refusal::alert(ACCESS_DENIED),
        || Refusal::alert(112),
        || Refusal::alert(116),
        || Error::value("it raises").into(),
        || Refusal { alert: Refusal::INTERNAL_ERROR, cause: Some(Error::type_error("no number")) },
    ];
    let fails = |version, refusal| {
        let client = client();
        client.set_maximum_version(version).unwrap();
        let (client_error, server_error) = Pair::new(&client, &refuse(refusal)).fail();
        json!([reason(&client_error), reason(&server_error)])
    };
    let ours = versions.map(|version| refusals.map(|refusal| fails(version, refusal)));
    assert_eq!(json!(ours), theirs);
}

/// Does the handshake as far as it goes, and gives the reason for its failure.
const FAILS: &str = r#"
sys.unraisablehook = lambda what: None

def fails(connection):
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        return None
    except ssl.SSLError as error:
        return error.reason
"#;

/// The reasons of client and server for each kind of answer.
const ALERTS: &str = r#"
def raises(*arguments):
    raise ValueError("it raises")

def reasons(version, callback):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(input["cert"], input["key"])
    server.sni_callback = callback
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.maximum_version = version
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    a = client.wrap_bio(back, there, server_hostname="localhost")
    b = server.wrap_bio(there, back, server_side=True)
    fails(a)
    last = fails(b)
    return [fails(a), last]

print(json.dumps([[reasons(version, callback) for callback in (
    lambda *arguments: ssl.AlertDescription.ALERT_DESCRIPTION_ACCESS_DENIED,
    lambda *arguments: 112, lambda *arguments: 116, raises, lambda *arguments: "text")] for version in input["versions"]]))
"#;

/// What the connection tells while the callback chooses.
#[test]
fn what_is_known_of_the_handshake_is_what_python_knows() {
    let versions = [TLS1_2, TLS1_3];
    let file = |name| certs::folder().join(name);
    let files = json!({"cert": file("ecdsa.pem"), "key": file("ecdsa.key"), "versions": versions});
    let Some(theirs) = reference::ask(&[FAILS, KNOWN].concat(), &files) else { return };
    let ours = versions.map(|version| {
        let (client, server) = (client(), server());
        client.set_maximum_version(version).unwrap();
        let (sender, seen) = channel();
        server
            .set_sni_callback(Some(Arc::new(move |connection, name, _| {
                let end = Object::of(connection).expect("an object");
                let none = end.cipher().is_none() && end.version().is_none() && end.session()?.is_none();
                let none = none && end.selected_alpn_protocol().is_none() && end.compression().is_none();
                let none = none && end.shared_ciphers().is_none();
                sender.send(json!([name, none, end.session_reused(), end.pending()])).unwrap();
                Ok(())
            })))
            .unwrap();
        Pair::new(&client, &server).connect();
        seen.recv().unwrap()
    });
    assert_eq!(json!(ours), theirs);
}

/// The same, except for a session, which Python has in part. Until its issue 96931 Python told a server's own list as the shared
/// ciphers, whatever the client had sent: then that is nothing it learned.
const KNOWN: &str = r#"
def known(version):
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server.load_cert_chain(input["cert"], input["key"])
    client.maximum_version = version
    seen = []

    def see(end, name, context):
        none = [end.cipher(), end.version(), end.selected_alpn_protocol(), end.compression()]
        none = none == [None] * 4 and end.shared_ciphers() == unasked
        seen.append([name, none, end.session_reused, end.pending()])
    server.sni_callback = see
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    a = client.wrap_bio(back, there, server_hostname="localhost")
    b = server.wrap_bio(there, back, server_side=True)
    unasked = b.shared_ciphers()
    fails(a), fails(b)
    return seen[0]
print(json.dumps([known(version) for version in input["versions"]]))
"#;

/// Sends a ClientHello for another name than the client would.
fn forge(server: &Context, forged: &[u8; 9]) -> (Error, Error) {
    let pair = Pair::new(&client(), server);
    assert_eq!(pair.client.do_handshake().unwrap_err().status(), Status::WantRead);
    let mut hello = vec![0; pair.to_server.pending()];
    pair.to_server.read(&mut hello);
    let at = hello.windows(9).position(|name| name == b"localhost").expect("the name is sent plainly");
    hello[at..at + 9].copy_from_slice(forged);
    pair.to_server.write(&hello).unwrap();
    pair.fail()
}

#[test]
fn a_name_that_is_none_is_refused_without_asking() {
    let server = server();
    server.set_sni_callback(Some(Arc::new(|_, _, _| panic!("not to be called")))).unwrap();
    let (client_error, server_error) = forge(&server, b"loc\xe4lhost");
    assert_eq!(cause(&server_error), Some((Status::Value, "the server name is not ASCII")));
    assert_eq!(alert_received(&client_error), Some(Refusal::INTERNAL_ERROR));

    server.set_servername_callback(Some(Arc::new(|_, _, _| panic!("not to be called")))).unwrap();
    let (client_error, server_error) = forge(&server, b"a..b.c..d");
    assert_eq!(cause(&server_error).map(|cause| cause.0), Some(Status::Value));
    assert_eq!(alert_received(&client_error), Some(Refusal::HANDSHAKE_FAILURE));
}

#[test]
fn a_panic_comes_back_from_the_handshake() {
    let server = server();
    server.set_sni_callback(Some(Arc::new(|_, _, _| panic!("sni panics")))).unwrap();
    let (client_error, server_error) = Pair::new(&client(), &server).fail();
    assert_eq!(server_error.status(), Status::Panic);
    assert!(server_error.message().contains("sni panics"), "{server_error}");
    assert_eq!(alert_received(&client_error), Some(Refusal::INTERNAL_ERROR));
}

#[test]
fn the_connection_cannot_move_bytes_inside_its_callback() {
    let context = server();
    let callback: SniCallback = Arc::new(|connection, _, _| {
        let object = Object::of(connection).expect("an object");
        let bytes = &mut [0; 8];
        let refused = [
            object.do_handshake(),
            object.read(bytes).map(drop),
            object.write(b"x").map(drop),
            object.unwrap(),
            object.close_write(),
            object.pump(Pump { ciphertext_in: b"x", plaintext_out: bytes, ..Pump::default() }).1,
            object.verify_client_post_handshake(),
        ];
        for result in refused {
            assert_eq!(result.unwrap_err().status(), Status::Value);
        }
        assert!(object.version().is_none() && object.pending() == 0 && !object.is_handshake_done());
        Ok(())
    });
    context.set_sni_callback(Some(callback)).unwrap();
    Pair::new(&client(), &context).connect();

    let client = client().wrap_bio(None, WrapFlags::default(), Some("localhost"), None).unwrap();
    let server = context.wrap_bio(None, WrapFlags::SERVER_SIDE, None, None).unwrap();
    let (mut hello, mut answer) = (vec![0; 4096], vec![0; 8192]);
    let (sent, _) = client.pump(Pump { ciphertext_out: &mut hello, ..Pump::default() });
    let ciphertext_in = &hello[..sent.ciphertext_len];
    let pump = Pump { ciphertext_in, ciphertext_out: &mut answer, ..Pump::default() };
    let (answered, result) = server.pump(pump);
    assert_eq!(result.unwrap_err().status(), Status::WantRead);
    assert!(answered.ciphertext_len > 1000);
}

#[test]
fn what_is_set_later_counts() {
    let context = server();
    context.set_sni_callback(accept()).unwrap();
    let pair = Pair::new(&client(), &context);
    context.set_sni_callback(Some(Arc::new(|_, _, _| Err(Refusal::alert(ACCESS_DENIED))))).unwrap();
    assert_eq!(alert_sent(&pair.fail().1), Some(ACCESS_DENIED));
    // Also where the server waits for the ClientHello already, and whatever context the callback gives first.
    for (begun, switches) in [(false, true), (true, false), (true, true)] {
        let (plain, other) = (server(), server());
        let pair = Pair::new(&client(), &plain);
        assert!(!begun || pair.server.do_handshake().unwrap_err().is_want());
        let refuse = move |connection: &dyn tlsock::Connection, _: Option<&str>, _: &Context| {
            if switches {
                connection.set_context(&other)?;
            }
            Err(Refusal::alert(ACCESS_DENIED))
        };
        plain.set_sni_callback(Some(Arc::new(refuse))).unwrap();
        assert_eq!(alert_sent(&pair.fail().1), Some(ACCESS_DENIED));
    }
    let pair = Pair::new(&client(), &context);
    context.set_sni_callback(None).unwrap();
    pair.connect();
    context.set_servername_callback(Some(Arc::new(|_, _, _| Err(Refusal::alert(ACCESS_DENIED))))).unwrap();
    Pair::new(&client(), &context).fail();
    context.set_servername_callback(None).unwrap();
    Pair::new(&client(), &context).connect();
}

#[test]
fn a_callback_is_dropped_once_it_is_replaced() {
    let context = server();
    let owned = Arc::new(());
    let kept = Arc::clone(&owned);
    context
        .set_sni_callback(Some(Arc::new(move |_, _, _| {
            let _ = &kept;
            Ok(())
        })))
        .unwrap();
    Pair::new(&client(), &context).connect();
    assert_eq!(Arc::strong_count(&owned), 2);
    context.set_sni_callback(None).unwrap();
    assert_eq!(Arc::strong_count(&owned), 1);
}

#[test]
fn a_callback_may_change_its_context() {
    /// Sets callbacks when it is freed, as code of the program may.
    struct Meddler(Context);
    impl Drop for Meddler {
        fn drop(&mut self) {
            self.0.set_message_callback(None);
        }
    }
    let context = server();
    let meddler = Meddler(context.clone());
    let callback: SniCallback = Arc::new(move |connection, _, context| {
        let _ = &meddler;
        context.set_sni_callback(None)?;
        context.set_options(context.options() | 1 << 14)?;
        let other = context.clone();
        std::thread::spawn(move || other.set_sni_callback(accept())).join().expect("no deadlock")?;
        connection.set_context(context)?;
        Ok(())
    });
    context.set_sni_callback(Some(callback)).unwrap();
    Pair::new(&client(), &context).connect();
}

#[test]
fn only_servers_have_one() {
    for callback in [accept(), None] {
        let error = client().set_sni_callback(callback.clone()).unwrap_err();
        assert_eq!(error.status(), Status::Value);
        assert_eq!(error.message(), "sni_callback cannot be set on TLS_CLIENT context");
        assert_eq!(client().set_servername_callback(callback).unwrap_err().status(), Status::Value);
    }
    // A context of both kinds never asks for its clients.
    let both = Context::new(PROTOCOL_TLS).unwrap();
    both.set_sni_callback(Some(Arc::new(|_, _, _| Err(Refusal::alert(ACCESS_DENIED))))).unwrap();
    Pair::new(&both, &server()).connect();
    let bios = (MemoryBio::new(), MemoryBio::new());
    assert!(both.wrap_bio(Some((&bios.0, &bios.1)), WrapFlags::SERVER_SIDE, None, None).is_ok());
}

/// libssl points into the certificates of the context it chose from: no other callback may take them away.
#[test]
fn other_callbacks_cannot_set_the_context() {
    let refused = Arc::new(Mutex::new(Vec::new()));
    let note = |other: &Context| {
        let (other, refused) = (other.clone(), Arc::clone(&refused));
        move |connection: &dyn tlsock::Connection| {
            let outcome = connection.set_context(&other);
            refused.lock().unwrap().push(outcome.unwrap_err().status());
            Ok(())
        }
    };
    let (first, second) = (server(), server_of("wrong-name"));
    let (keylog, message) = (note(&second), note(&second));
    first.set_keylog_callback(Some(Arc::new(move |connection, _| keylog(connection)))).unwrap();
    first.set_message_callback(Some(Arc::new(move |connection, _| message(connection))));
    let pair = Pair::new(&client(), &first).connect();
    let refused = refused.lock().unwrap();
    assert!(refused.len() > 5 && refused.iter().all(|status| *status == Status::Value), "{refused:?}");
    assert!(pair.server.context().same(&first));
    pair.server.set_context(&second).unwrap();
    assert!(pair.server.context().same(&second));
}
