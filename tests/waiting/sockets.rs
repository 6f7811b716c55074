//! Sockets, blocking and not, and the calls that have no socket to give yet.

use crate::answer::{Kind, Later, each};
use crate::pair::TLS1_3;
use rustix::net::{AddressFamily, SocketType};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Duration;
use tlsock::socket::Ready;
use tlsock::*;

/// A client and a server over the loopback before their handshake.
pub struct Ends {
    /// The one that will wait.
    pub waits: Socket,
    pub other: Socket,
}

fn connected() -> (OwnedFd, OwnedFd) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let client = TcpStream::connect(listener.local_addr().unwrap()).expect("a connection");
    (client.into(), listener.accept().expect("a client").0.into())
}

pub fn both(kind: Kind, version: i32, later: &Later) -> Ends {
    let (client, server) = kind.contexts(version, later);
    let (near, far) = connected();
    let flags = WrapFlags::NO_HANDSHAKE;
    let client = client.wrap_socket(near, flags, Some("localhost"), None).map_err(|lost| lost.error).unwrap();
    let server = server
        .wrap_socket(far, flags | WrapFlags::SERVER_SIDE, None, None)
        .map_err(|lost| lost.error)
        .unwrap();
    match kind.is_of_server() {
        true => Ends { waits: server, other: client },
        false => Ends { waits: client, other: server },
    }
}

/// `other` never waits; it is driven until the first one waits for an answer.
pub fn shake_until_it_waits(waits: &Socket, other: &Socket) {
    for _ in 0..1000 {
        let _ = other.do_handshake().map_err(|error| assert!(error.is_want(), "{error}"));
        match waits.do_handshake() {
            Err(error) if error.waits() => return,
            Err(error) if error.is_want() || error.status() == Status::Timeout => {}
            done => panic!("{done:?}"),
        }
        let _ = waits.wait(Ready::Read, Timeout::After(Duration::from_millis(10)));
    }
    panic!("it does not wait");
}

#[test]
fn a_blocking_call_comes_back() {
    each(|version, kind| {
        let later = Later::default();
        let Ends { waits, other } = both(kind, version, &later);
        let other = std::thread::spawn(move || {
            other.do_handshake().unwrap();
            other.sendall(b"hello").unwrap();
            other
        });
        let error = waits.do_handshake().expect_err("no answer yet");
        assert_eq!(error.status(), Status::WantCallback);
        // The descriptor says nothing of it.
        for ready in [Ready::Read, Ready::Write, Ready::Both] {
            assert!(waits.wait(ready, Timeout::Never).is_err_and(|error| error.waits()), "{ready:?}");
        }
        assert_eq!((waits.pending(), waits.pending_write()), (0, 0));
        assert!(waits.recv(&mut [0; 10]).is_err_and(|error| error.waits()));
        assert!(waits.sendall(b"x").is_err_and(|error| error.waits()));
        let asked = later.asked();
        later.give();
        let mut buffer = [0; 10];
        assert_eq!(waits.recv(&mut buffer).unwrap(), 5);
        assert_eq!((&buffer[..5], later.asked()), (&b"hello"[..], asked + 1));
        waits.wait(Ready::Write, Timeout::Never).unwrap();
        drop(other.join().unwrap());
    });
}

#[test]
fn one_that_never_waits_comes_back_too() {
    each(|version, kind| {
        let later = Later::default();
        let Ends { waits, other } = both(kind, version, &later);
        waits.settimeout(Timeout::NonBlocking).unwrap();
        other.settimeout(Timeout::NonBlocking).unwrap();
        shake_until_it_waits(&waits, &other);
        assert!(waits.do_handshake().is_err_and(|error| error.waits()));
        later.give();
        let mut done = [false, false];
        while done != [true, true] {
            for (end, done) in [&waits, &other].into_iter().zip(&mut done) {
                match end.do_handshake() {
                    Ok(()) => *done = true,
                    Err(error) => assert!(error.is_want() && !error.waits(), "{error}"),
                }
            }
        }
    });
}

/// A look ahead that meets the question keeps it from no call.
#[test]
fn to_look_what_is_there_keeps_no_question() {
    let later = Later::default();
    let (client, server) = Kind::ClientIdentity.contexts(TLS1_3, &later);
    server.set_verify_mode(1).unwrap();
    for context in [&client, &server] {
        context.set_post_handshake_auth(true).unwrap();
    }
    let (near, far) = connected();
    let server = std::thread::spawn(move || {
        let server =
            server.wrap_socket(far, WrapFlags::SERVER_SIDE, None, None).map_err(|lost| lost.error).unwrap();
        server.sendall(b"before").unwrap();
        server.verify_client_post_handshake().unwrap();
        server.sendall(b"after").unwrap();
        server
    });
    let client = client
        .wrap_socket(near, WrapFlags::default(), Some("localhost"), None)
        .map_err(|lost| lost.error)
        .unwrap();
    let server = server.join().unwrap();
    // All of it is there, and is received at once.
    client.set_read_ahead(true);
    let mut buffer = [0; 10];
    assert_eq!((client.recv(&mut buffer).unwrap(), later.asked()), (6, 0));
    assert_eq!((client.pending(), later.asked()), (0, 1));
    later.give();
    assert_eq!(client.recv(&mut buffer).unwrap(), 5);
    drop(server);
}

#[test]
fn close_and_abort_end_it() {
    each(|version, kind| {
        for end in [Socket::close, Socket::abort] {
            let later = Later::default();
            let Ends { waits, other } = both(kind, version, &later);
            let other = std::thread::spawn(move || {
                let _ = other.do_handshake();
                let _ = other.recv(&mut [0]);
            });
            assert!(waits.do_handshake().is_err_and(|error| error.waits()));
            end(&waits).unwrap();
            let error = waits.do_handshake().expect_err("closed");
            assert!(!error.is_want(), "{error}");
            assert!(waits.wait(Ready::Read, Timeout::Never).is_err_and(|error| !error.is_want()));
            assert_eq!(later.asked(), 1);
            other.join().unwrap();
        }
    });
}

const WORDS: &str =
    "a callback of the handshake has no answer yet, and this call has no handle to repeat it with: ";

#[track_caller]
fn assert_no_handle(error: &Error) {
    assert_eq!(error.status(), Status::Value, "{error}");
    assert!(
        error.message().starts_with(WORDS) && error.message().contains("TLSOCK_WRAP_NO_HANDSHAKE"),
        "{error}"
    );
}

/// `connect` is repeated; after `connect_ex`, which cannot be, `do_handshake` goes on.
#[test]
fn connects_go_on() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let later = Later::default();
    let (client, server) = Kind::ClientVerification.contexts(TLS1_3, &later);
    let serve = std::thread::spawn(move || {
        for _ in 0..2 {
            let fd: OwnedFd = listener.accept().unwrap().0.into();
            server.wrap_socket(fd, WrapFlags::SERVER_SIDE, None, None).map_err(|lost| lost.error).unwrap();
        }
    });
    let unconnected = || {
        let fd = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        let made = client.wrap_socket(fd, WrapFlags::default(), Some("localhost"), None);
        made.map_err(|lost| lost.error).unwrap()
    };
    let socket = unconnected();
    for _ in 0..2 {
        assert!(socket.connect_host("127.0.0.1", port).is_err_and(|error| error.waits()));
    }
    later.give();
    socket.connect_host("127.0.0.1", port).unwrap();
    later.take_back();
    let socket = unconnected();
    assert!(socket.connect_host_ex("127.0.0.1", port).is_err_and(|error| error.waits()));
    assert!(socket.wait(Ready::Read, Timeout::Never).is_err_and(|error| error.waits()));
    later.give();
    socket.do_handshake().unwrap();
    serve.join().unwrap();
}

#[test]
fn a_call_without_a_socket_to_give_names_the_way() {
    let later = Later::default();
    let (client, server) = Kind::ClientVerification.contexts(TLS1_3, &later);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = std::thread::spawn(move || {
        for _ in 0..2 {
            let fd: OwnedFd = listener.accept().unwrap().0.into();
            let _ = server.wrap_socket(fd, WrapFlags::SERVER_SIDE, None, None);
        }
    });
    let fd: OwnedFd = TcpStream::connect(("127.0.0.1", port)).unwrap().into();
    let lost = client.wrap_socket(fd, WrapFlags::default(), Some("localhost"), None).err().unwrap();
    assert_no_handle(&lost.error);
    drop(lost);
    let error = client.create_connection("localhost", port, Timeout::Never).err().unwrap();
    assert_no_handle(&error);
    serve.join().unwrap();

    let later = Later::default();
    let (client, server) = Kind::ServerHello.contexts(TLS1_3, &later);
    let listener = server.create_server(Some("127.0.0.1"), 0, 1, WrapFlags::default()).unwrap();
    let port = listener.getsockname().unwrap().port as u16;
    let dial =
        std::thread::spawn(move || client.create_connection("127.0.0.1", port, Timeout::Never).map(drop));
    assert_no_handle(&listener.accept().err().unwrap());
    assert!(dial.join().unwrap().is_err());
}
