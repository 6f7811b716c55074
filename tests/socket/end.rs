//! Ends: clean, ragged, half, and leaving TLS.

use super::pair::*;
use socket::Half;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::process::Command;
use tlsock::*;

#[test]
fn a_stream_that_is_cut_off_looks_ended_and_tells() {
    each(|client, server| {
        client.sendall(b"last").unwrap();
        client.shutdown(Half::Write).unwrap();
        assert_eq!(receive(&server, 4), b"last");
        assert!(!server.ragged_eof());
        for _ in 0..2 {
            assert_eq!(server.recv(&mut [0; 4]).unwrap(), 0);
            assert!(server.ragged_eof());
        }
        assert!(status(server.unwrap()) != Status::Ok);
    });
}

/// Before the handshake anybody can send a close_notify.
#[test]
fn an_end_before_the_handshake_is_as_a_stream_that_is_cut_off() {
    for version in [TLS12, TLS13] {
        for (flags, expected) in
            [(WrapFlags::REPORT_RAGGED_EOFS, Status::Eof), (WrapFlags::default(), Status::Ok)]
        {
            let (near, far) = tcp();
            let client = wrap_client(near, version, flags | WrapFlags::NO_HANDSHAKE).unwrap();
            let mut far = TcpStream::from(far);
            far.write_all(&[21, 3, 3, 0, 2, 1, 0]).unwrap();
            assert_eq!(
                (status(client.recv(&mut [0; 4])), client.ragged_eof()),
                (expected, expected == Status::Ok)
            );
        }
    }
}

#[test]
fn a_stream_that_is_cut_off_is_reported_where_asked() {
    for version in [TLS12, TLS13] {
        let (client, server) = pair_over(tcp(), version, WrapFlags::REPORT_RAGGED_EOFS);
        client.shutdown(Half::Write).unwrap();
        let words = "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol";
        let error = server.recv(&mut [0; 4]).unwrap_err();
        assert_eq!((error.status(), error.message()), (Status::Eof, words));
        let again = server.recv(&mut [0; 4]).unwrap_err();
        assert_eq!(again.message(), "EOF occurred in violation of protocol");
        assert!(!server.ragged_eof());
        // A clean end is not ragged.
        let (client, server) = pair_over(tcp(), version, WrapFlags::REPORT_RAGGED_EOFS);
        client.close_write().unwrap();
        assert_eq!(server.recv(&mut [0; 4]).unwrap(), 0);
        assert_eq!(server.recv(&mut [0; 4]).unwrap(), 0);
    }
}

#[test]
fn a_reset_is_the_systems_error() {
    let (client, server) = pair();
    client.abort().unwrap();
    assert_eq!(server.recv(&mut [0; 4]).unwrap_err().os_errno(), 104);
    assert_eq!(client.recv(&mut [0; 4]).unwrap_err().os_errno(), 9);
}

unsafe extern "C" {
    fn signal(number: std::ffi::c_int, handler: usize) -> usize;
}

/// No SIGPIPE: it would end the process. This one ignores the signal, so another has to try.
#[test]
fn sending_to_nobody_fails() {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "end::sends_until_it_breaks", "--nocapture"]).env("SIGPIPE_ENDS", "1");
    let output = child.output().unwrap();
    assert!(output.status.success(), "{:?} {}", output.status, String::from_utf8_lossy(&output.stdout));
}

#[test]
fn sends_until_it_breaks() {
    if std::env::var_os("SIGPIPE_ENDS").is_some() {
        const SIGPIPE: i32 = 13;
        unsafe { signal(SIGPIPE, 0) };
    }
    each(|client, server| {
        drop(server);
        let error = (0..1000).find_map(|_| client.sendall(&[0; 10_000]).err()).expect("a broken pipe");
        assert!([32, 104].contains(&error.os_errno()), "{}", error.message());
        assert_eq!(status(client.sendall(b"x")), Status::Os);
    });
    each(|client, _server| {
        client.shutdown(Half::Both).unwrap();
        assert_eq!(client.sendall(b"x").unwrap_err().os_errno(), 32);
    });
}

#[test]
fn halves_end_one_by_one() {
    each(|client, server| {
        client.sendall(b"before").unwrap();
        client.shutdown(Half::Write).unwrap();
        // Reading continues through TLS; ciphertext is never given out.
        server.sendall(b"answer").unwrap();
        assert_eq!(receive(&client, 6), b"answer");
        assert_eq!(client.send(b"x").unwrap_err().os_errno(), 32);
        server.sendall(b"rest").unwrap();
        assert_eq!(receive(&server, 6), b"before");
        assert_eq!(server.recv(&mut [0]).unwrap(), 0);
        assert!(server.ragged_eof());
        client.shutdown(Half::Both).unwrap();
        assert_eq!(client.recv(&mut [0; 100]).unwrap(), 0);
        assert!(client.engine().is_none());
    });
    each(|client, _server| {
        client.shutdown(Half::Read).unwrap();
        assert_eq!(client.recv(&mut [0]).unwrap(), 0);
        assert!(client.ragged_eof());
    });
    let unconnected = wrap_client(super::connect::unconnected("127.0.0.1"), TLS13, WrapFlags::default());
    assert_eq!(unconnected.unwrap().shutdown(Half::Both).unwrap_err().os_errno(), 107);
}

#[test]
fn the_peers_end_after_our_half_is_a_clean_one() {
    each(|client, server| {
        client.close_write().unwrap();
        client.close_write().unwrap();
        assert_eq!(server.recv(&mut [0]).unwrap(), 0);
        server.sendall(b"still").unwrap();
        server.close_write().unwrap();
        assert_eq!(receive(&client, 5), b"still");
        assert_eq!(client.recv(&mut [0]).unwrap(), 0);
        client.unwrap().unwrap();
        assert_eq!(message(client.unwrap()), "No SSL wrapper around this socket");
    });
}

#[test]
fn unwrap_leaves_a_plain_socket() {
    each(|client, server| {
        let other = std::thread::spawn(move || {
            assert_eq!(server.unwrap().unwrap(), b"");
            server
        });
        assert_eq!(client.unwrap().unwrap(), b"");
        let server = other.join().unwrap();
        client.send(b"plain").unwrap();
        assert_eq!(receive(&server, 5), b"plain");
        assert_eq!(server.sendv(&[b"an", b"swer"]).unwrap(), 6);
        assert_eq!(receive(&client, 6), b"answer");
        assert_eq!(status(client.read(&mut [0])), Status::Value);
    });
}

/// Plain bytes in the same segment as the close_notify belong to the caller.
#[test]
fn bytes_right_behind_the_close_notify_are_never_lost() {
    for version in [TLS12, TLS13] {
        for read_first in [true, false] {
            let (client, server) = pair_over(local(), version, WrapFlags::default());
            // The peer's close_notify and plain bytes reach the server together.
            let peer = std::thread::spawn(move || {
                assert_eq!(client.recv(&mut [0]).unwrap(), 0);
                client
            });
            server.close_write().unwrap();
            let client = peer.join().unwrap();
            client.unwrap().unwrap();
            client.send(b"plain words").unwrap();
            if read_first {
                assert_eq!(server.recv(&mut [0; 100]).unwrap(), 0);
            }
            // Neither receives a byte that TLS does not need.
            assert_eq!(server.unwrap().unwrap(), b"");
            let words = [receive(&server, 5), receive(&server, 6)].concat();
            assert_eq!(words, b"plain words");
        }
    }
}

/// STARTTLS and back, several times over one connection. The side that ends TLS second begins it anew at once, so
/// that its first message may come along with its close_notify.
#[test]
fn tls_begins_anew_on_the_same_descriptor() {
    for version in [TLS12, TLS13] {
        let (one, other) = tcp();
        let peer = std::thread::spawn(move || {
            let mut fd = one;
            for _ in 0..5 {
                let socket = wrap_client(fd, version, WrapFlags::default()).unwrap();
                socket.sendall(b"ping").unwrap();
                assert_eq!(drain(&socket), b"pong");
                assert_eq!(socket.unwrap().unwrap(), b"");
                fd = socket.detach().unwrap();
            }
            fd
        });
        let mut fd = other;
        for _ in 0..5 {
            let socket = wrap_server(fd, version, WrapFlags::default()).unwrap();
            assert_eq!(receive(&socket, 4), b"ping");
            socket.sendall(b"pong").unwrap();
            assert_eq!(socket.unwrap().unwrap(), b"");
            fd = socket.detach().unwrap();
        }
        let (mut one, mut other) = (TcpStream::from(peer.join().unwrap()), TcpStream::from(fd));
        one.write_all(b"plain").unwrap();
        let mut plain = [0; 5];
        other.read_exact(&mut plain).unwrap();
        assert_eq!(&plain, b"plain");
    }
}

#[test]
fn data_behind_our_close_notify_refuse_the_unwrap() {
    each(|client, server| {
        client.close_write().unwrap();
        server.sendall(b"unread").unwrap();
        let words = "[SSL: APPLICATION_DATA_AFTER_CLOSE_NOTIFY] application data after close notify";
        assert_eq!(message(client.unwrap()), words);
        assert_eq!(message(client.unwrap()), words);
        assert_eq!(receive(&client, 6), b"unread");
        server.close_write().unwrap();
        client.unwrap().unwrap();
    });
    let (one, _other) = tcp();
    let socket = wrap_client(one, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
    assert_eq!(message(socket.unwrap()), "[SSL: SHUTDOWN_WHILE_IN_INIT] shutdown while in init");
}

#[test]
fn a_closed_socket_says_so_and_a_detached_one_lives_on() {
    each(|client, _server| {
        client.close().unwrap();
        client.close().unwrap();
        assert_eq!(client.fileno(), None);
        assert_eq!(client.recv(&mut [0]).unwrap_err().os_errno(), 9);
        assert_eq!(client.send(b"x").unwrap_err().os_errno(), 9);
        assert_eq!(client.getpeername().unwrap_err().os_errno(), 9);
        assert_eq!(client.settimeout(seconds(1.0)).unwrap_err().os_errno(), 9);
        assert_eq!(client.do_handshake().unwrap_err().os_errno(), 9);
        assert!(client.detach().is_none());
    });
    let (client, server) = pair();
    let number = client.fileno();
    let fd = client.detach().unwrap();
    assert_eq!(Some(fd.as_raw_fd()), number);
    assert_eq!(client.fileno(), None);
    TcpStream::from(fd).write_all(b"this is no record").unwrap();
    assert_eq!(status(server.recv(&mut [0])), Status::Ssl);
}

/// The client's tickets lie unread when it closes: the system would reset the connection, and throw away what the
/// server has not read yet.
#[test]
fn what_was_written_before_a_close_arrives() {
    for version in [TLS12, TLS13] {
        let (client, server) = pair_over(tcp(), version, WrapFlags::default());
        let data = vec![5; 200_000];
        client.sendall(&data).unwrap();
        client.close_write().unwrap();
        client.close().unwrap();
        assert_eq!(drain(&server).len(), data.len());
    }
}

/// A peer that continues to send does not hold up `close`.
#[test]
fn close_takes_in_no_more_than_tickets_need() {
    const ALL: usize = 8 << 20;
    const MOST: usize = 256 * 1024;
    let (one, other) = tcp();
    let (mut copy, mut peer) =
        (TcpStream::from(one.try_clone().unwrap()), TcpStream::from(other.try_clone().unwrap()));
    let (client, server) = pair_over((one, other), TLS12, WrapFlags::default());
    server.settimeout(Timeout::NonBlocking).unwrap();
    let mut sent = 0;
    while let Ok(count) = peer.write(&vec![0; ALL - sent]) {
        sent += count;
    }
    assert!(sent > 2 * MOST, "{sent} bytes wait");
    client.close().unwrap();
    server.settimeout(Timeout::Never).unwrap();
    let writer = std::thread::spawn(move || {
        peer.write_all(&vec![0; ALL - sent]).unwrap();
        peer.shutdown(std::net::Shutdown::Write).unwrap();
    });
    let mut rest = Vec::new();
    copy.read_to_end(&mut rest).unwrap();
    writer.join().unwrap();
    assert!(ALL - rest.len() <= MOST, "{} bytes were taken in", ALL - rest.len());
}

/// OpenSSL, too, finishes the handshake of such a server: only its tickets are not received.
#[test]
fn a_client_that_leaves_before_its_tickets_has_shaken_hands() {
    for resets in [false, true] {
        let (one, other) = if resets { tcp() } else { local() };
        let server = wrap_server(other, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
        let client = wrap_client(one, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
        client.settimeout(Timeout::NonBlocking).unwrap();
        assert_eq!(status(client.do_handshake()), Status::WantRead);
        server.settimeout(Timeout::NonBlocking).unwrap();
        server.wait(socket::Ready::Read, Timeout::Never).unwrap();
        assert_eq!(status(server.do_handshake()), Status::WantRead);
        client.wait(socket::Ready::Read, Timeout::Never).unwrap();
        client.settimeout(seconds(20.0)).unwrap();
        client.do_handshake().unwrap();
        client.send(b"message").unwrap();
        if resets { client.abort() } else { client.close() }.unwrap();
        server.settimeout(seconds(20.0)).unwrap();
        server.do_handshake().unwrap();
        assert_eq!(receive(&server, 7), b"message");
    }
}

/// In TLS 1.2 the server sends the last flight: a client that is gone has not received it.
#[test]
fn a_client_of_tls_1_2_that_leaves_before_the_end_has_not_shaken_hands() {
    let (one, other) = local();
    let server = wrap_server(other, TLS12, WrapFlags::NO_HANDSHAKE).unwrap();
    server.settimeout(Timeout::NonBlocking).unwrap();
    let client = wrap_client(one, TLS12, WrapFlags::NO_HANDSHAKE).unwrap();
    client.settimeout(Timeout::NonBlocking).unwrap();
    assert_eq!(status(client.do_handshake()), Status::WantRead);
    assert_eq!(status(server.do_handshake()), Status::WantRead);
    assert_eq!(status(client.do_handshake()), Status::WantRead);
    client.close().unwrap();
    assert_eq!(server.do_handshake().unwrap_err().os_errno(), 32);
}

/// In TLS 1.3 the client sends the last message of the handshake: a server that is gone has not received it.
#[test]
fn a_server_that_leaves_before_the_clients_last_word_has_not_shaken_hands() {
    let (one, other) = local();
    let server = wrap_server(other, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
    server.settimeout(Timeout::NonBlocking).unwrap();
    let client = wrap_client(one, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
    client.settimeout(Timeout::NonBlocking).unwrap();
    assert_eq!(status(client.do_handshake()), Status::WantRead);
    assert_eq!(status(server.do_handshake()), Status::WantRead);
    server.close().unwrap();
    assert_eq!(client.do_handshake().unwrap_err().os_errno(), 32);
}

/// Why the peer went away lies in the receive buffer when a send fails.
#[test]
fn an_alert_behind_a_failed_send_is_told() {
    const UNKNOWN_CA: u8 = 48;
    for timeout in [-1.0, 0.0] {
        let (one, other) = local();
        let strict = server(TLS13);
        strict.set_verify_mode(2).unwrap();
        let server = std::thread::spawn(move || wrap(&strict, other, WrapFlags::SERVER_SIDE, None));
        let context = client(TLS13);
        let folder = super::certs::folder();
        context.load_cert_chain(&folder.join("client.pem"), Some(&folder.join("client.key")), None).unwrap();
        let client = wrap(&context, one, WrapFlags::default(), Some("localhost")).unwrap();
        // The refused end is gone, descriptor and all.
        assert_eq!(status(server.join().unwrap().map(drop)), Status::CertVerification);
        client.settimeout(seconds(timeout)).unwrap();
        let failed = client.sendall(b"anybody there?").unwrap_err();
        assert_eq!((failed.status(), failed.os_errno()), (Status::Os, 32));
        assert_eq!(failed.detail().unwrap().alert_received, Some(UNKNOWN_CA));
        let told = client.recv(&mut [0; 10]).unwrap_err();
        assert_eq!((told.status(), told.detail().unwrap().alert_received), (Status::Ssl, Some(UNKNOWN_CA)));
    }
}

/// In a process of its own: what the number names next would be closed.
#[test]
fn a_descriptor_that_its_giver_closed_too_ends_nothing() {
    const CHILD: &str = "TLSOCK_TEST_CLOSES_TWICE";
    if std::env::var_os(CHILD).is_none() {
        let name = "end::a_descriptor_that_its_giver_closed_too_ends_nothing";
        let mut again = Command::new(std::env::current_exe().unwrap());
        let done = again.args(["--exact", name, "--test-threads=1"]).env(CHILD, "1").output().unwrap();
        assert!(done.status.success(), "{done:?}");
        return;
    }
    let (fd, _peer) = local();
    let number = fd.as_raw_fd();
    let socket = wrap_client(fd, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
    // SAFETY: an open descriptor. That it is the socket's too is the fault that is played.
    drop(unsafe { OwnedFd::from_raw_fd(number) });
    let error = socket.do_handshake().unwrap_err();
    assert_eq!((error.status(), error.detail().unwrap().os_errno), (Status::Os, libc::EBADF));
    drop(socket);
}

/// Only reads receive ahead: what ends TLS takes no byte that is not of TLS.
#[test]
fn unwrap_receives_nothing_ahead() {
    for version in [TLS12, TLS13] {
        let (client, server) = pair_over(local(), version, WrapFlags::default());
        server.sendall(b"!").unwrap();
        assert_eq!(receive(&client, 1), b"!");
        client.set_read_ahead(true);
        server.close_write().unwrap();
        // SAFETY: both sockets are open until the end of the test.
        let raw = unsafe {
            [&server, &client].map(|end| std::os::fd::BorrowedFd::borrow_raw(end.fileno().unwrap()))
        };
        assert_eq!(rustix::io::write(raw[0], b"plain"), Ok(5));
        assert_eq!(client.unwrap().unwrap(), b"");
        assert_eq!(rustix::io::ioctl_fionread(raw[1]), Ok(5));
        assert_eq!(client.recv(&mut [0; 10]).unwrap(), 5);
    }
}

/// To close with unread bytes would reset the connection, and so it takes them in before.
#[test]
fn a_peer_that_was_not_read_sees_an_end_and_no_reset() {
    let (client, server) = pair_over(tcp(), TLS13, WrapFlags::default());
    client.sendall(&[7; 100_000]).unwrap();
    // SAFETY: the socket is open until it is closed below.
    let raw = unsafe { std::os::fd::BorrowedFd::borrow_raw(server.fileno().unwrap()) };
    while rustix::io::ioctl_fionread(raw).unwrap() < 100_000 {}
    server.sendall(b"last words").unwrap();
    server.close().unwrap();
    assert_eq!(receive(&client, 10), b"last words");
    assert_eq!(client.recv(&mut [0; 8]).unwrap(), 0);
}
