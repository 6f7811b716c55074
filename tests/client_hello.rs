//! The callback that sees a ClientHello before anything is chosen.
#![allow(clippy::print_stderr)]

#[path = "client_hello/alerts.rs"]
mod alerts;
mod certs;
mod pair;
#[path = "client_hello/peers.rs"]
mod peers;
#[path = "client_hello/raw.rs"]
mod raw;

use pair::{Pair, TLS1_2, TLS1_3};
use raw::{Raw, long, name, numbers, short};
use std::sync::{Arc, Mutex};
use tlsock::context::PROTOCOL_TLS_CLIENT;
use tlsock::*;

const HANDSHAKE_FAILURE: u8 = 40;
const DECODE_ERROR: u8 = 50;
const ACCESS_DENIED: u8 = 49;
const INTERNAL_ERROR: u8 = 80;
const VERSIONS: [i32; 2] = [TLS1_2, TLS1_3];

type Answer = std::result::Result<(), Refusal>;
type Shown<T> = Arc<Mutex<Vec<T>>>;

/// Has a callback keep something of each ClientHello, and let the handshake go on.
fn watch<T: Send + 'static>(
    context: &Context,
    see: impl Fn(&ClientHello) -> T + Send + Sync + 'static,
) -> Shown<T> {
    let shown = Shown::default();
    let notes = Arc::clone(&shown);
    answering(context, move |_, hello| {
        notes.lock().unwrap().push(see(hello));
        Ok(())
    });
    shown
}

fn answering(
    context: &Context,
    answer: impl Fn(&dyn Connection, &ClientHello) -> Answer + Send + Sync + 'static,
) {
    context.set_client_hello_callback(Some(Arc::new(answer))).expect("a callback");
}

fn taken<T>(shown: &Shown<T>) -> Vec<T> {
    std::mem::take(&mut *shown.lock().unwrap())
}

fn at_most(context: Context, version: i32) -> Context {
    context.set_maximum_version(version).unwrap();
    context
}

/// Sends a server some bytes, and gives what its handshake says and what it sends.
fn sent(server: &Context, bytes: &[u8]) -> (Result<()>, Vec<u8>) {
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    let object = server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None).expect("a server");
    up.write(bytes).expect("room");
    let done = object.do_handshake();
    let mut answer = vec![0; down.pending()];
    down.read(&mut answer);
    (done, answer)
}

/// What one look at a ClientHello gives.
fn seen<T: Send + Clone + 'static>(
    bytes: &[u8],
    see: impl Fn(&ClientHello) -> T + Send + Sync + 'static,
) -> Vec<T> {
    let server = pair::server("rsa");
    let shown = watch(&server, see);
    let _ = sent(&server, bytes);
    taken(&shown)
}

#[test]
fn all_of_a_browsers_hello_is_seen_in_its_order() {
    let browser = Raw::of_browser();
    let extensions = browser.extensions.clone();
    let ciphers = browser.ciphers.clone();
    let looks = seen(&browser.record(), move |hello| {
        assert!(!hello.is_second());
        assert_eq!(hello.legacy_version(), 0x0303);
        assert_eq!(hello.session_id(), [7; 32]);
        assert_eq!(hello.server_name(), Some(c"www.example.org"));
        assert_eq!(hello.alpn_count(), 2);
        assert_eq!([0, 1, 2].map(|index| hello.alpn_at(index)), [Some(&b"h2"[..]), Some(b"http/1.1"), None]);
        assert_eq!(hello.versions(), [0x2A2A, 0x0304, 0x0303]);
        assert_eq!(hello.ciphers(), ciphers);
        assert_eq!(hello.groups(), [0x3A3A, 0x1D, 0x17, 0x18]);
        assert_eq!(hello.signature_algorithms().len(), 8);
        let all: Vec<_> =
            (0..hello.extension_count()).filter_map(|index| hello.extension_at(index)).collect();
        let expected: Vec<_> = extensions.iter().map(|(kind, data)| (*kind, &data[..])).collect();
        assert_eq!(all, expected);
        assert_eq!(hello.extension_at(all.len()), None);
    });
    assert_eq!(looks.len(), 1, "a panic in the callback ends the handshake");
}

fn ja3(raw: &Raw) -> Vec<(String, String)> {
    let text = |text: &std::ffi::CStr| text.to_str().unwrap().to_owned();
    seen(&raw.record(), move |hello| (text(hello.ja3_string().unwrap()), text(hello.ja3().expect("MD5"))))
}

/// The two examples that its inventors publish.
#[test]
fn ja3_is_as_published() {
    let with = Raw {
        version: 0x0301,
        ciphers: vec![47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
        extensions: vec![(0, name(b"a")), (10, long(&numbers(&[23, 24, 25]))), (11, short(&[0]))],
    };
    let string = "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0";
    assert_eq!(ja3(&with), [(string.into(), "ada70206e40642a3e4461f35503241d5".into())]);
    let without =
        Raw { version: 0x0301, ciphers: vec![4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99], extensions: vec![] };
    let string = "769,4-5-10-9-100-98-3-6-19-18-99,,,";
    assert_eq!(ja3(&without), [(string.into(), "de350869b8c85de67a350c8d186f11e6".into())]);
}

#[test]
fn ja3_leaves_out_what_is_made_up() {
    let (string, _) = ja3(&Raw::of_browser()).remove(0);
    assert_eq!(
        string,
        "771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,\
         23-0-13-43-17513-35-16-11-51-27-45-18-10-5-65281-21,29-23-24,0"
    );
}

fn ja4(raw: &Raw) -> String {
    let mut all = seen(&raw.record(), |hello| hello.ja4().expect("SHA-256").to_str().unwrap().to_owned());
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn ja4_is_as_published() {
    assert_eq!(ja4(&Raw::of_browser()), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    // Of all that is left out, nothing is in a digest.
    let bare = Raw { version: 0x0303, ciphers: vec![0x1A1A], extensions: vec![] };
    assert_eq!(ja4(&bare), "t12i000000_000000000000_000000000000");
}

#[test]
fn ja4_names_the_highest_version() {
    let versions: [(&[u16], &str); 8] = [
        (&[0x0304, 0x0303], "13"),
        (&[0x0301, 0x0303, 0x7A7A], "12"),
        (&[0x0302], "11"),
        (&[0x0301], "10"),
        (&[0x0300], "s3"),
        (&[0x0002], "s2"),
        (&[0x0305], "00"),
        (&[0x9A9A], "00"),
    ];
    for (offered, expected) in versions {
        let raw = Raw::of_browser().set(0x002B, short(&numbers(offered)));
        assert_eq!(ja4(&raw)[1..3], *expected, "{offered:x?}");
    }
}

#[test]
fn ja4_names_the_first_protocol() {
    let protocols: [(&[u8], &str); 6] = [
        (b"http/1.1", "h1"),
        (b"h", "hh"),
        (b"\xAB", "ab"),
        (b"0\xAB", "3b"),
        (b"01\xAB\xCD", "3d"),
        (b"0\xAB\xCD1", "01"),
    ];
    for (protocol, ends) in protocols {
        let raw = Raw::of_browser().set(0x0010, long(&[short(protocol), short(b"x")].concat()));
        assert_eq!(ja4(&raw)[8..10], *ends, "{protocol:x?}");
    }
}

#[test]
fn a_malformed_list_is_refused_and_not_shown() {
    let bad: [(u16, Vec<u8>); 8] = [
        (0, name("é".as_bytes())),
        (0, [name(b"a"), vec![0]].concat()),
        (10, long(&[0])),
        (10, long(&[])),
        (11, short(&[])),
        (13, long(&[4])),
        (16, long(&short(b""))),
        (43, short(&[3])),
    ];
    let server = pair::server("rsa");
    let shown = watch(&server, |_| ());
    for (kind, data) in bad {
        let (done, answer) = sent(&server, &Raw::of_browser().set(kind, data.clone()).record());
        let error = done.expect_err("no handshake");
        // AWS-LC reads the names before it asks what is to be made of the ClientHello.
        let is_read = kind == 0 && data.ends_with(&[0]) && backend() == c"aws-lc";
        let words = if is_read { "bad extension" } else { "the ClientHello is malformed" };
        assert!(error.message().ends_with(words), "{kind} {data:?}: {error}");
        assert_eq!(error.status(), Status::Ssl);
        assert_eq!((answer[0], answer[5], answer[6]), (21, 2, DECODE_ERROR), "{kind} {data:?}");
        assert_eq!(taken(&shown).len(), 0);
    }
}

/// A ClientHello of SSL 2 that offers TLS, which OpenSSL took before 4.0; to that it is any garbage.
#[test]
fn the_format_of_ssl_2_is_refused() {
    let mut message = vec![1, 3, 3, 0, 3, 0, 0, 0, 16, 0, 0, 0x2F];
    message.extend([7; 16]);
    let record = [&[0x80, message.len() as u8][..], &message].concat();
    let server = pair::server("rsa");
    let shown = watch(&server, |_| ());
    let error = sent(&server, &record).0.expect_err("no handshake");
    let words = match openssl_version_number() >= 0x4000_0000 {
        true => "wrong version number",
        false => "the ClientHello has the format of SSL 2",
    };
    assert!(error.message().ends_with(words), "{error}");
    assert_eq!(taken(&shown).len(), 0);
}

#[test]
fn another_context_is_chosen_before_the_sni_callback_is_asked() {
    for version in VERSIONS {
        let (first, other) = (at_most(pair::server("rsa"), version), pair::server("ecdsa"));
        let order = Shown::<&str>::default();
        for (context, word) in [(&first, "the first's SNI"), (&other, "the other's SNI")] {
            let notes = Arc::clone(&order);
            let note: SniCallback = Arc::new(move |_, _, _| {
                notes.lock().unwrap().push(word);
                Ok(())
            });
            context.set_sni_callback(Some(note)).unwrap();
        }
        let (notes, chosen) = (Arc::clone(&order), other.clone());
        answering(&first, move |connection, hello| {
            assert_eq!(hello.server_name(), Some(c"localhost"));
            notes.lock().unwrap().push("hello");
            Ok(connection.set_context(&chosen)?)
        });
        let shown = watch(&other, |_| ());
        let pair = Pair::connected(&pair::client(), &first, None);
        assert_eq!(taken(&order), ["hello", "the other's SNI"]);
        assert_eq!(taken(&shown).len(), 0, "one callback sees one ClientHello");
        assert!(pair.server.context().same(&other));
        let shows =
            Pair::connected(&pair::client(), &other, None).client.peer_certificate().unwrap().unwrap();
        assert!(pair.client.peer_certificate().unwrap().unwrap().equal(&shows));
    }
}

#[test]
fn a_refusal_sends_its_alert() {
    for version in VERSIONS {
        for (alert, cause) in [(ACCESS_DENIED, Some("not you")), (HANDSHAKE_FAILURE, None)] {
            let server = at_most(pair::server("rsa"), version);
            answering(&server, move |_, _| Err(Refusal { alert, cause: cause.map(Error::value) }));
            let pair = Pair::new(&pair::client(), &server, None);
            let _ = pair.client.do_handshake();
            let error = pair.server.do_handshake().expect_err("refused");
            let detail = error.detail().unwrap();
            assert_eq!(detail.reason.as_deref(), Some(c"CALLBACK_FAILED"), "{error}");
            assert_eq!(detail.alert_sent, Some(alert));
            assert_eq!(detail.cause.as_ref().map(Error::message), cause);
            let told = pair.client.do_handshake().expect_err("refused");
            assert_eq!(told.detail().unwrap().alert_received, Some(alert));
        }
    }
}

/// OpenSSL sends nothing for a number that it knows no alert of, and leaves the client to wait. The callback for names is
/// no different.
#[test]
fn a_number_that_is_no_alert_sends_internal_error() {
    for number in 0..=u8::MAX {
        let refuse = move || Err(Refusal::alert(number));
        let (hello, name) = (pair::server("rsa"), pair::server("rsa"));
        answering(&hello, move |_, _| refuse());
        name.set_sni_callback(Some(Arc::new(move |_, _, _| refuse()))).unwrap();
        for server in [hello, name] {
            let (done, answer) = sent(&at_most(server, TLS1_2), &Raw::of_browser().record());
            assert!(done.is_err());
            let &[21, 3, _, 0, 2, 2, told] = &answer[..] else { panic!("{number}: {answer:?}") };
            // OpenSSL itself has another word for some that TLS 1.2 does not have.
            let known = matches!(number, 0 | 10 | 20 | 22 | 30 | 40 | 42..=51 | 70 | 71 | 80 | 90 | 100 | 110..=115 | 120);
            let renamed = matches!(number, 21 | 60 | 86 | 109 | 116);
            let expected = if known { number } else { INTERNAL_ERROR };
            assert!(told == expected || renamed && told != 0, "{number}: {told}");
        }
    }
}

#[test]
fn a_second_hello_is_shown_too() {
    let server = pair::server("rsa");
    server.set_ecdh_curve("secp384r1").unwrap();
    let shown = watch(&server, |hello| (hello.is_second(), hello.groups().contains(&24)));
    for _ in 0..2 {
        Pair::connected(&pair::client(), &server, None);
        assert_eq!(taken(&shown), [(false, true), (true, true)]);
    }
    let server = at_most(server, TLS1_2);
    Pair::connected(&pair::client(), &server, None);
    assert_eq!(taken(&shown), [(false, true)]);
}

/// Also to a callback that has not seen the first one.
#[test]
fn a_context_that_comes_in_between_is_shown_a_second_hello_as_such() {
    let (server, other) = (pair::server("rsa"), pair::server("ecdsa"));
    for context in [&server, &other] {
        context.set_ecdh_curve("secp384r1").unwrap();
    }
    let shown = watch(&other, ClientHello::is_second);
    let choose: SniCallback = Arc::new(move |connection, _, _| Ok(connection.set_context(&other)?));
    server.set_sni_callback(Some(choose)).unwrap();
    Pair::connected(&pair::client(), &server, None);
    assert_eq!(taken(&shown), [true]);
}

#[test]
fn resumed_sessions_are_shown_and_the_callback_may_go() {
    for version in VERSIONS {
        let (client, server) = (pair::client(), at_most(pair::server("rsa"), version));
        let shown = watch(&server, |hello| (0..hello.extension_count()).count());
        let session = Pair::connected(&client, &server, None).client.session().unwrap();
        let again = Pair::connected(&client, &server, session.as_ref());
        assert!(again.client.session_reused());
        assert_eq!(taken(&shown).len(), 2);
        server.set_client_hello_callback(None).unwrap();
        Pair::connected(&client, &server, None);
        assert_eq!(taken(&shown).len(), 0);
    }
}

#[test]
fn only_handshakes_that_begin_later_are_shown() {
    let server = pair::server("rsa");
    let pair = Pair::new(&pair::client(), &server, None);
    assert!(pair.server.do_handshake().is_err_and(|error| error.is_want()));
    let shown = watch(&server, |_| ());
    pair.shake().unwrap();
    assert_eq!(taken(&shown).len(), 0);
    // A connection that exists but has not begun is shown.
    let pair = Pair::new(&pair::client(), &server, None);
    pair.shake().unwrap();
    assert_eq!(taken(&shown).len(), 1);
}

#[test]
fn a_client_gets_none() {
    let client = Context::new(PROTOCOL_TLS_CLIENT).unwrap();
    let error = client.set_client_hello_callback(None).unwrap_err();
    assert_eq!(error.status(), Status::Value);
}

/// A server's CA, and clients that have to show a certificate.
fn demanding() -> Context {
    let context = pair::server("rsa");
    context.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    context.set_verify_mode(2).unwrap();
    context
}

#[test]
fn what_the_chosen_context_demands_counts() {
    for version in VERSIONS {
        let (client, server, other) = (pair::client(), at_most(pair::server("rsa"), version), demanding());
        let session = Pair::connected(&client, &server, None).client.session().unwrap();
        let chosen = other.clone();
        answering(&server, move |connection, _| Ok(connection.set_context(&chosen)?));
        let pair = Pair::new(&client, &server, session.as_ref());
        let error = loop {
            let _ = pair.client.do_handshake();
            match pair.server.do_handshake() {
                Err(error) if error.is_want() => {}
                done => break done.expect_err("no certificate was shown"),
            }
        };
        let reason = error.detail().unwrap().reason.clone();
        assert_eq!(reason.as_deref(), Some(c"PEER_DID_NOT_RETURN_A_CERTIFICATE"), "{error}");
        pair::identify(&client, "client");
        let pair = Pair::connected(&client, &server, None);
        assert!(pair.server.peer_certificate().unwrap().is_some());
    }
}

/// libssl takes 131,396 bytes; the extensions are 65,535 of them at most, and the ciphers as many.
#[test]
fn the_longest_hello_is_shown_and_a_longer_one_refused() {
    let server = pair::server("rsa");
    let shown = watch(&server, |hello| {
        let texts = [hello.ja3_string(), hello.ja3(), hello.ja4()];
        (hello.ciphers().len(), hello.extension_count(), texts.map(|text| text.unwrap().count_bytes()))
    });
    let most = Raw {
        version: 0x0303,
        ciphers: (0..32_767).map(|number| number | 0x8000).collect(),
        extensions: (0..16_383).map(|number| (0x4100 + number, vec![])).collect(),
    };
    let _ = sent(&server, &most.records());
    let all = taken(&shown);
    assert_eq!(all.len(), 1);
    let (ciphers, extensions, [string, ja3, ja4]) = all[0];
    assert_eq!((ciphers, extensions, ja3, ja4), (32_767, 16_383, 32, 36));
    assert!(string < 300_000);
    // A length that no ClientHello has.
    let huge = [&[22, 3, 1, 0, 4, 1, 2, 1, 69][..]].concat();
    let error = sent(&server, &huge).0.expect_err("refused");
    assert!(!error.is_want(), "{error}");
    assert_eq!(taken(&shown).len(), 0);
}
