//! OpenSSL's error queue, which a callback shares with the call around it.

use crate::certs;
use crate::pair::{Pair, TLS1_2, client, reason, server, server_of};
use openssl_sys as ffi;
use std::ffi::c_ulong;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tlsock::context::PROTOCOL_TLS_SERVER;
use tlsock::{Context, Error, Result, Status, WrapFlags};

unsafe extern "C" {
    fn ERR_peek_error() -> c_ulong;
}

const VERSIONS: [i32; 2] = [TLS1_2, 0x304];
const OTHERS: i32 = 128;

/// What code of the program does to the queue of its thread.
type Disturb = fn();

const DISTURBANCES: [(&str, Disturb); 5] = [
    ("nothing", || ()),
    ("uses", uses),
    ("clears", clears),
    ("leaves", leaves),
    ("fails inside", fails_inside),
];

/// Whatever makes a context asks OpenSSL.
fn uses() {
    drop(server());
}

fn clears() {
    // SAFETY: no preconditions; so for the calls below.
    unsafe { ffi::ERR_clear_error() };
}

fn leaves() {
    for reason in 1..=20 {
        // SAFETY: as above.
        unsafe { ffi::ERR_new() };
        // SAFETY: the text has no place for arguments.
        unsafe { ffi::ERR_set_error(OTHERS, reason, c"somebody else's".as_ptr()) };
    }
}

fn fails_inside() {
    let (error, _) = Pair::new(&client(), &server_of("wrong-name")).fail();
    assert_eq!(error.status(), Status::CertVerification);
    leaves();
}

fn is_empty() -> bool {
    // SAFETY: no preconditions.
    unsafe { ERR_peek_error() == 0 }
}

/// Gives a context every callback that can be called in a handshake, each of which disturbs.
fn disturbed(context: &Context, version: i32, disturb: Disturb) -> Arc<AtomicUsize> {
    context.set_minimum_version(TLS1_2).unwrap();
    context.set_maximum_version(version).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = || {
        let calls = Arc::clone(&calls);
        move || -> Result<()> {
            assert!(is_empty(), "a callback begins with an empty queue");
            calls.fetch_add(1, Ordering::Relaxed);
            disturb();
            Ok(())
        }
    };
    let (message, keylog, session) = (counted(), counted(), counted());
    context.set_message_callback(Some(Arc::new(move |_, _| message())));
    context.set_keylog_callback(Some(Arc::new(move |_, _| keylog()))).unwrap();
    context.set_session_callback(Some(Arc::new(move |_, _| session()))).unwrap();
    if context.protocol() == PROTOCOL_TLS_SERVER {
        let name = counted();
        context.set_sni_callback(Some(Arc::new(move |_, _, _| Ok(name()?)))).unwrap();
    }
    calls
}

#[test]
fn a_refused_certificate_stays_one() {
    for version in VERSIONS {
        for (what, disturb) in DISTURBANCES {
            let (client, server) = (client(), server_of("self-signed"));
            let calls = [disturbed(&client, version, disturb), disturbed(&server, version, disturb)];
            let (error, servers) = Pair::new(&client, &server).fail();
            assert_eq!(error.status(), Status::CertVerification, "{what}, {version:#x}: {error}");
            assert_eq!(reason(&error), "CERTIFICATE_VERIFY_FAILED");
            assert_eq!(reason(&servers), "TLSV1_ALERT_UNKNOWN_CA", "{what}, {version:#x}: {servers}");
            assert!(calls.iter().all(|calls| calls.load(Ordering::Relaxed) > 3), "{calls:?}");
            assert!(is_empty());
        }
    }
}

#[test]
fn an_alert_stays_what_it_was() {
    for version in VERSIONS {
        for (what, disturb) in DISTURBANCES {
            let (client, server) = (client(), server());
            server.set_verify_mode(2).unwrap();
            disturbed(&client, version, disturb);
            disturbed(&server, version, disturb);
            let pair = Pair::new(&client, &server);
            let (clients, error) = pair.shake();
            let error = error.unwrap_err();
            assert_eq!(reason(&error), "PEER_DID_NOT_RETURN_A_CERTIFICATE", "{what}, {version:#x}: {error}");
            // In TLS 1.3 the client is done before it hears of it.
            let error = clients.and_then(|()| pair.client.read(&mut [0; 8]).map(|_| ())).unwrap_err();
            assert!(
                reason(&error).ends_with("ALERT_CERTIFICATE_REQUIRED")
                    || reason(&error).ends_with("ALERT_HANDSHAKE_FAILURE"),
                "{error}"
            );
        }
    }
}

#[test]
fn a_good_connection_stays_one() {
    for version in VERSIONS {
        for (_, disturb) in DISTURBANCES {
            let (client, server) = (client(), server());
            disturbed(&client, version, disturb);
            disturbed(&server, version, disturb);
            let pair = Pair::new(&client, &server).connect();
            assert_eq!(pair.client.read(&mut [0; 8]).unwrap_err().status(), Status::WantRead);
            assert!(is_empty());
        }
    }
}

#[test]
fn on_a_socket_no_refused_certificate_looks_like_the_end() {
    for version in VERSIONS {
        for (what, disturb) in DISTURBANCES {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = server_of("self-signed");
            let thread = std::thread::spawn(move || {
                let (stream, _) = listener.accept().unwrap();
                let refused = server.wrap_socket(stream.into(), WrapFlags::SERVER_SIDE, None, None);
                assert!(refused.is_err());
            });
            let client = client();
            disturbed(&client, version, disturb);
            let stream = TcpStream::connect(address).unwrap();
            let socket = client
                .wrap_socket(stream.into(), WrapFlags::NO_HANDSHAKE, Some("localhost"), None)
                .map_err(|refused| refused.error)
                .unwrap();
            let error = socket.recv(&mut [0; 8]).unwrap_err();
            assert_eq!(error.status(), Status::CertVerification, "{what}, {version:#x}: {error}");
            drop(socket);
            thread.join().unwrap();
        }
    }
}

#[test]
fn psk_callbacks_disturb_nothing() {
    for version in VERSIONS {
        for (_, disturb) in DISTURBANCES {
            let (client, server) = (client(), Context::new(PROTOCOL_TLS_SERVER).unwrap());
            for context in [&client, &server] {
                context.set_ciphers("PSK").unwrap();
                disturbed(context, version, disturb);
            }
            client
                .set_psk_client_callback(Some(Arc::new(move |_, _, key| {
                    disturb();
                    key[..32].fill(7);
                    Ok((b"me".to_vec(), 32))
                })))
                .unwrap();
            let given = Arc::new(AtomicUsize::new(7));
            let byte = Arc::clone(&given);
            let callback = move |_: &dyn tlsock::Connection, _: Option<&str>, key: &mut [u8]| {
                disturb();
                key[..32].fill(byte.load(Ordering::Relaxed) as u8);
                Ok(32)
            };
            server.set_psk_server_callback(Some(Arc::new(callback)), None).unwrap();
            Pair::new(&client, &server).connect();
            // Another key than the client's.
            given.store(8, Ordering::Relaxed);
            let (_, error) = Pair::new(&client, &server).shake();
            let error = error.unwrap_err();
            assert!(
                [
                    "BAD_RECORD_MAC",
                    "DIGEST_CHECK_FAILED",
                    "BINDER_DOES_NOT_VERIFY",
                    "DECRYPTION_FAILED_OR_BAD_RECORD_MAC"
                ]
                .contains(&reason(&error)),
                "{error}"
            );
        }
    }
}

#[test]
fn a_password_callback_disturbs_nothing() {
    let file = |name| certs::folder().join(name);
    for (what, disturb) in DISTURBANCES {
        let context = Context::new(PROTOCOL_TLS_SERVER).unwrap();
        let ask = move |word: &'static [u8]| -> tlsock::PasswordCallback {
            Arc::new(move |buffer| {
                assert!(is_empty());
                disturb();
                buffer[..word.len()].copy_from_slice(word);
                Ok(word.len())
            })
        };
        let load = || context.load_cert_chain(&file("rsa.pem"), Some(&file("rsa-encrypted.key")), None);
        context.set_password_callback(Some(ask(b"sesame")));
        load().unwrap();
        assert!(is_empty(), "{what}");
        context.set_password_callback(Some(ask(b"wrong")));
        let error = load().unwrap_err();
        assert_eq!(error.status(), Status::Ssl, "{what}");
        assert!(error.message().starts_with("[SSL] PEM lib: keyfile '"), "{what}: {error}");
        let told = "the private key's password is wrong, or the key is damaged";
        assert!(error.message().ends_with(told), "{what}: {error}");
        let cause = error.detail().unwrap().cause.as_ref().unwrap().message().to_string();
        assert!(
            cause.contains("bad decrypt") || cause.contains("BAD_DECRYPT") || cause.contains("pkcs12"),
            "{what}: {cause}"
        );
        context.set_password_callback(Some(Arc::new(move |_| {
            disturb();
            Err(Error::type_error("no word for it"))
        })));
        assert_eq!(load().unwrap_err().message(), "no word for it");
        assert!(is_empty());
    }
}

/// What is freed when a handle goes may do the same.
struct Freed(Disturb);

impl Drop for Freed {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn what_an_sni_callback_lets_go_of_disturbs_nothing() {
    for version in VERSIONS {
        for (what, disturb) in DISTURBANCES {
            let (client, server) = (client(), server());
            client.set_maximum_version(version).unwrap();
            let freed = Arc::new(std::sync::Mutex::new(Some(server_of("self-signed"))));
            let held = Freed(disturb);
            freed.lock().unwrap().as_ref().unwrap().set_message_callback(Some(Arc::new(move |_, _| {
                let _ = &held;
                Ok(())
            })));
            let second = server_of("self-signed");
            server
                .set_sni_callback(Some(Arc::new(move |connection, _, _| {
                    if let Some(first) = freed.lock().unwrap().take() {
                        connection.set_context(&first)?;
                    }
                    Ok(connection.set_context(&second)?)
                })))
                .unwrap();
            let (error, servers) = Pair::new(&client, &server).fail();
            assert_eq!(error.status(), Status::CertVerification, "{what}: {error}");
            assert_eq!(reason(&servers), "TLSV1_ALERT_UNKNOWN_CA", "{what}: {servers}");
        }
    }
}

type Failing<'a> = Box<dyn Fn() -> Result<()> + 'a>;

/// The queue has an entry of other code, and calls fail with a reason of their own or without one of OpenSSL.
#[test]
fn what_others_left_is_never_told() {
    let file = |name| certs::folder().join(name);
    let context = client();
    let failing: [(&str, Failing<'_>); 8] = [
        ("key that is none", Box::new(|| context.load_cert_chain_data(b"-----BEGIN nothing", None, None))),
        ("der that is none", Box::new(|| context.load_cert_chain_data(&[0x30, 0x82, 1, 0], None, None))),
        ("crl that is none", Box::new(|| context.load_crl_data(&[0x30, 0x82, 1, 0]))),
        ("cadata", Box::new(|| context.load_verify_locations(None, None, Some(&[0x30, 0x82, 1, 0])))),
        ("mismatch", Box::new(|| context.load_cert_chain(&file("rsa.pem"), Some(&file("ecdsa.key")), None))),
        ("ciphers", Box::new(|| context.set_ciphers("none of these"))),
        ("oid", Box::new(|| tlsock::txt2obj("no object", true).map(|_| ()))),
        ("session", Box::new(|| tlsock::Session::from_data(&context, &[0x30, 0x03, 1, 2, 3]).map(|_| ()))),
    ];
    for (what, fail) in failing {
        clears();
        let alone = fail().unwrap_err();
        assert!(is_empty(), "{what} leaves something");
        leaves();
        let error = fail().unwrap_err();
        assert_eq!(error.message(), alone.message(), "{what}");
        assert!(!format!("{error:?}").contains("somebody"), "{what}: {error:?}");
        assert_eq!(reason(&error), reason(&alone), "{what}");
        clears();
    }
}
