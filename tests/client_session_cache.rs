//! Sessions that a context keeps for its clients: sockets resume by themselves, and only where everything is the same.

mod certs;
#[path = "pair/mod.rs"]
mod pair;

use pair::{TLS1_2, TLS1_3};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use tlsock::*;

const VERSIONS: [i32; 2] = [TLS1_2, TLS1_3];
const KEY: [u8; 80] = [7; 80];

/// A client that keeps sessions.
fn client(version: i32) -> Context {
    let client = pair::client();
    client.set_maximum_version(version).unwrap();
    client.set_client_session_cache(8).unwrap();
    client
}

/// Servers of these share their tickets' keys: whatever is offered is resumed.
fn server() -> Context {
    let server = pair::server("ecdsa");
    server.set_ticket_keys(&[&KEY]).unwrap();
    server
}

/// What a server does with the one connection that it gets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Sends a byte, and waits for the end.
    Well,
    /// The same, and then sends what is no TLS.
    Garbage,
    /// Goes once the client has begun.
    Gone,
}

/// A port with a server behind it.
struct Place {
    listener: TcpListener,
    context: Context,
}

impl Place {
    fn new() -> Place {
        Place { listener: TcpListener::bind("127.0.0.1:0").unwrap(), context: server() }
    }

    fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }

    fn serve(&self, manner: Manner) -> JoinHandle<()> {
        let (listener, context) = (self.listener.try_clone().unwrap(), self.context.clone());
        std::thread::spawn(move || {
            let mut plain = listener.accept().unwrap().0;
            if manner == Manner::Gone {
                let _ = plain.read(&mut [0; 4096]);
                return;
            }
            let fd = plain.try_clone().unwrap().into();
            let Ok(socket) = context.wrap_socket(fd, WrapFlags::SERVER_SIDE, None, None) else { return };
            let _ = socket.send(b"!");
            if manner == Manner::Garbage {
                let _ = plain.write_all(b"\x17\x03\x03\x00\x13nineteen bytes here");
            }
            let _ = socket.recv(&mut [0; 16]);
        })
    }

    /// Connects by a call of its own kind; tells whether a session was resumed.
    fn visit(&self, connect: impl FnOnce(u16) -> Result<Socket>) -> bool {
        let serving = self.serve(Manner::Well);
        let socket = connect(self.port()).expect("a connection");
        assert_eq!(socket.recv(&mut [0; 16]).expect("a byte"), 1);
        let reused = socket.connection().expect("TLS").session_reused();
        drop(socket);
        serving.join().unwrap();
        reused
    }

    fn resumes(&self, client: &Context) -> bool {
        self.visit(|port| create(client, port))
    }
}

fn create(client: &Context, port: u16) -> Result<Socket> {
    client.create_connection("localhost", port, Timeout::After(std::time::Duration::from_secs(60)))
}

fn wrap(
    client: &Context,
    port: u16,
    flags: WrapFlags,
    name: Option<&str>,
    session: Option<&Session>,
) -> Result<Socket> {
    let fd = TcpStream::connect(("127.0.0.1", port)).unwrap().into();
    client.wrap_socket(fd, flags, name, session).map_err(|refused| refused.error)
}

/// Wraps, has something done before the handshake, and does it.
fn wrap_and(client: &Context, port: u16, before: impl FnOnce(&Socket) -> Result<()>) -> Result<Socket> {
    let socket = wrap(client, port, WrapFlags::NO_HANDSHAKE, Some("localhost"), None)?;
    before(&socket)?;
    socket.do_handshake()?;
    Ok(socket)
}

#[test]
fn connections_resume_by_themselves() {
    for version in VERSIONS {
        let (place, client) = (Place::new(), client(version));
        assert!(!place.resumes(&client), "{version:x}");
        // Each connection leaves a session for the next.
        for round in 0..3 {
            assert!(place.resumes(&client), "{version:x}, round {round}");
        }
    }
}

#[test]
fn all_ways_to_the_same_server_share() {
    for version in VERSIONS {
        let (place, client) = (Place::new(), client(version));
        assert!(!place.visit(|port| wrap(&client, port, WrapFlags::default(), Some("localhost"), None)));
        assert!(place.resumes(&client), "{version:x}");
        assert!(place.visit(|port| wrap_and(&client, port, |_| Ok(()))), "{version:x}");
        assert!(place.visit(|port| wrap(&client, port, WrapFlags::default(), Some("localhost"), None)));
        let late = |port| {
            let fd =
                rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::STREAM, None);
            let wrapped = client.wrap_socket(fd.unwrap(), WrapFlags::default(), Some("localhost"), None);
            let socket = wrapped.map_err(|refused| refused.error)?;
            socket.connect_host("127.0.0.1", port)?;
            Ok(socket)
        };
        assert!(place.visit(late), "{version:x}");
    }
}

#[test]
fn nothing_is_kept_unasked_or_once_it_is_switched_off() {
    for version in VERSIONS {
        let (place, client) = (Place::new(), client(version));
        assert_eq!((client.client_session_cache(), pair::client().client_session_cache()), (8, 0));
        client.set_client_session_cache(0).unwrap();
        assert_eq!(client.client_session_cache(), 0);
        assert!(!place.resumes(&client));
        assert!(!place.resumes(&client), "{version:x}");
        client.set_client_session_cache(8).unwrap();
        assert!(!place.resumes(&client) && place.resumes(&client), "{version:x}");
        client.set_client_session_cache(0).unwrap();
        client.set_client_session_cache(8).unwrap();
        assert!(!place.resumes(&client), "{version:x}");
    }
}

/// Every server of these has the same certificate and would resume.
#[test]
fn nobody_else_gets_the_session() {
    for version in VERSIONS {
        let (place, other, client) = (Place::new(), Place::new(), client(version));
        let there = || assert!(place.resumes(&client), "{version:x}: it was there");
        assert!(!place.resumes(&client) && !other.resumes(&client), "{version:x}: another port");
        there();
        let wrapped = |port, name| wrap(&client, port, WrapFlags::default(), name, None);
        assert!(!place.visit(|port| wrapped(port, Some("127.0.0.1"))), "{version:x}: another name");
        there();
        let else_the_same = |port| {
            let socket = wrap(&client, port, WrapFlags::NO_HANDSHAKE, Some("127.0.0.1"), None)?;
            socket.set_server_name(Some("localhost"))?;
            socket.set_expected_names(&["localhost"])?;
            socket.do_handshake()?;
            Ok(socket)
        };
        assert!(!place.visit(else_the_same), "{version:x}: another name, with all else the same");
        there();
        let expecting = |socket: &Socket| socket.set_expected_names(&["localhost", "other.example"]);
        assert!(!place.visit(|port| wrap_and(&client, port, expecting)), "{version:x}: other names expected");
        there();
        let unnamed = |socket: &Socket| socket.set_server_name(None);
        assert!(!place.visit(|port| wrap_and(&client, port, unnamed)), "{version:x}: no name sent");
        there();
        client.set_alpn_protocols(&["h2"]).unwrap();
        assert!(!place.resumes(&client), "{version:x}: other protocols");
        client.set_alpn_protocols(&[]).unwrap();
        there();
        let nameless = WrapFlags::INSECURE_NO_HOSTNAME;
        client.set_check_hostname(false).unwrap();
        for _ in 0..2 {
            let reused = place.visit(|port| wrap(&client, port, WrapFlags::default() | nameless, None, None));
            assert!(!reused, "{version:x}: without a name");
        }
    }
}

/// Whatever goes wrong, the next handshake is a full one: a session could be what it goes wrong by.
#[test]
fn a_failed_handshake_drops_the_session() {
    for version in VERSIONS {
        let (place, client) = (Place::new(), client(version));
        place.resumes(&client);
        let serving = place.serve(Manner::Gone);
        create(&client, place.port()).map(drop).expect_err("nobody there");
        serving.join().unwrap();
        assert!(!place.resumes(&client), "{version:x}");
        assert!(place.resumes(&client), "{version:x}");
    }
}

/// Both sides had finished it by then.
#[test]
fn a_handshake_that_a_callback_has_ended_leaves_no_session() {
    let (place, client) = (Place::new(), client(TLS1_2));
    let refuse: SessionCallback = Arc::new(|_, _| Err(Error::value("no more sessions")));
    client.set_session_callback(Some(refuse)).unwrap();
    let serving = place.serve(Manner::Well);
    create(&client, place.port()).map(drop).expect_err("the callback has failed");
    serving.join().unwrap();
    client.set_session_callback(None).unwrap();
    assert!(!place.resumes(&client));
    assert!(place.resumes(&client));
}

#[test]
fn a_fatal_alert_drops_the_session() {
    for version in VERSIONS {
        let (place, client) = (Place::new(), client(version));
        let serving = place.serve(Manner::Garbage);
        let socket = create(&client, place.port()).unwrap();
        // The byte comes after the tickets of TLS 1.3.
        assert_eq!(socket.recv(&mut [0; 16]).expect("a byte"), 1);
        assert_eq!(socket.recv(&mut [0; 16]).map_err(|error| error.status()), Err(Status::Ssl));
        drop(socket);
        serving.join().unwrap();
        assert!(!place.resumes(&client), "{version:x}");
    }
}

/// What has gone wrong may concern the server, and with it what another connection has left.
#[test]
fn a_fatal_alert_drops_what_others_have_left() {
    for version in VERSIONS {
        let (place, client) = (Place::new(), client(version));
        let serving = place.serve(Manner::Garbage);
        let socket = create(&client, place.port()).unwrap();
        assert_eq!(socket.recv(&mut [0; 16]).expect("a byte"), 1);
        assert!(place.resumes(&client), "{version:x}: it was there");
        assert_eq!(socket.recv(&mut [0; 16]).map_err(|error| error.status()), Err(Status::Ssl));
        drop(socket);
        serving.join().unwrap();
        assert!(!place.resumes(&client), "{version:x}");
    }
}

#[test]
fn a_session_is_offered_by_one_connection_at_a_time() {
    for version in VERSIONS {
        let (place, client) = (Place::new(), client(version));
        place.resumes(&client);
        let serving = place.serve(Manner::Well);
        let first = create(&client, place.port()).unwrap();
        // TLS 1.2 gives it back with the end of the handshake, TLS 1.3 has new ones, which are not read yet.
        assert_eq!(place.resumes(&client), version == TLS1_2, "{version:x}");
        assert!(first.connection().unwrap().session_reused(), "{version:x}");
        drop(first);
        serving.join().unwrap();
    }
}

#[test]
fn the_cache_keeps_as_many_as_it_was_told() {
    for version in VERSIONS {
        let (one, two, client) = (Place::new(), Place::new(), client(version));
        client.set_client_session_cache(1).unwrap();
        assert!(!one.resumes(&client) && !two.resumes(&client), "{version:x}");
        assert!(two.resumes(&client), "{version:x}: the last");
        assert!(!one.resumes(&client), "{version:x}: the one before");
        client.set_client_session_cache(2).unwrap();
        assert!(!two.resumes(&client), "{version:x}");
        assert!(one.resumes(&client) && two.resumes(&client), "{version:x}: both");
        // What has waited longest goes.
        client.set_client_session_cache(1).unwrap();
        assert!(two.resumes(&client), "{version:x}: the later one");
        assert!(!one.resumes(&client), "{version:x}: the earlier one");
    }
}

type Change = fn(&Context) -> Result<()>;

/// Changes after which a session may prove too little, show another identity or use what is not allowed any more.
const CHANGES: [(&str, Change); 5] = [
    ("an identity", |client| {
        pair::identify(client, "client");
        Ok(())
    }),
    ("ciphers", |client| client.set_ciphers("ECDHE+CHACHA20:ECDHE+AESGCM")),
    ("a CA", |client| {
        client.load_verify_locations(Some(&certs::folder().join("unknown-ca.pem")), None, None)
    }),
    ("pins", |client| client.set_pins(&["sha256//BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="])),
    ("OCSP", |client| client.set_ocsp(Ocsp::Request)),
];

#[test]
fn a_change_of_the_context_makes_a_full_handshake() {
    for version in VERSIONS {
        for (what, change) in CHANGES {
            let (place, client) = (Place::new(), client(version));
            place.resumes(&client);
            change(&client).expect("a change");
            let serving = place.serve(Manner::Well);
            let connected = create(&client, place.port());
            match &connected {
                Ok(socket) => assert!(!socket.connection().unwrap().session_reused(), "{version:x}: {what}"),
                Err(refused) => assert_eq!((what, refused.status()), ("pins", Status::CertVerification)),
            }
            let connects = connected.is_ok();
            drop(connected);
            serving.join().unwrap();
            assert!(!connects || version == TLS1_2 || !place.resumes(&client), "{version:x}: {what}");
            assert!(!connects || place.resumes(&client), "{version:x}: {what}, again");
        }
    }
}

/// What a connection was made with and what the context has by now are not the same.
#[test]
fn a_connection_from_before_a_change_takes_no_part() {
    for version in VERSIONS {
        let (place, client) = (Place::new(), client(version));
        place.resumes(&client);
        let change = |_: &Socket| client.set_ciphers("ECDHE+CHACHA20:ECDHE+AESGCM");
        assert!(!place.visit(|port| wrap_and(&client, port, change)), "{version:x}: it offers nothing");
        assert!(!place.resumes(&client), "{version:x}: and has left nothing");
    }
}

#[test]
fn a_ticket_that_comes_after_a_change_is_not_kept() {
    let (place, other, client) = (Place::new(), Place::new(), client(TLS1_3));
    let serving = place.serve(Manner::Well);
    let socket = create(&client, place.port()).unwrap();
    client.set_ciphers("ECDHE+CHACHA20:ECDHE+AESGCM").unwrap();
    assert!(!other.resumes(&client));
    assert_eq!(socket.recv(&mut [0; 16]).expect("a byte, behind the tickets"), 1);
    drop(socket);
    serving.join().unwrap();
    assert!(!place.resumes(&client) && place.resumes(&client));
    assert!(other.resumes(&client), "what was kept since stays");
}

#[test]
fn callbacks_that_may_decide_otherwise_keep_sessions_away() {
    let callbacks: [(&str, Change); 3] = [
        ("verify", |client| {
            client.set_verify_callback(VerifyOverride::default(), Some(Arc::new(|_, _| Ok(()))));
            Ok(())
        }),
        ("identity", |client| {
            client.set_identity_callback(Some(Arc::new(|_, _| Ok(()))));
            Ok(())
        }),
        ("psk", |client| client.set_psk_client_callback(Some(Arc::new(|_, _, _| Ok((Vec::new(), 0)))))),
    ];
    for version in VERSIONS {
        for (what, set) in callbacks {
            let (place, client) = (Place::new(), client(version));
            place.resumes(&client);
            set(&client).expect("a callback");
            for _ in 0..2 {
                assert!(!place.resumes(&client), "{version:x}: {what}");
            }
        }
    }
}

/// A program that keeps sessions itself keeps them apart.
#[test]
fn a_session_that_was_given_has_nothing_to_do_with_the_cache() {
    for version in VERSIONS {
        let (place, client) = (Place::new(), client(version));
        let serving = place.serve(Manner::Well);
        let first = create(&client, place.port()).unwrap();
        assert_eq!(first.recv(&mut [0; 16]).expect("a byte"), 1);
        let given = first.connection().unwrap().session().unwrap().expect("a session");
        drop(first);
        serving.join().unwrap();
        client.set_client_session_cache(0).unwrap();
        client.set_client_session_cache(8).unwrap();
        let offer = |port| wrap(&client, port, WrapFlags::default(), Some("localhost"), Some(&given));
        assert!(place.visit(offer), "{version:x}");
        assert!(!place.resumes(&client), "{version:x}: it has left nothing");
    }
}

#[test]
fn a_copy_keeps_as_many_and_begins_with_none() {
    for version in VERSIONS {
        let (place, client) = (Place::new(), client(version));
        place.resumes(&client);
        let copy = client.copy().unwrap();
        assert_eq!(copy.client_session_cache(), 8);
        assert!(!place.resumes(&copy) && place.resumes(&copy), "{version:x}");
        assert!(place.resumes(&client), "{version:x}");
    }
}

#[test]
fn a_server_has_no_clients() {
    let error = server().set_client_session_cache(8).expect_err("a server");
    assert_eq!(error.status(), Status::Value);
    assert!(error.message().contains("PROTOCOL_TLS_SERVER"), "{error}");
}
