//! What select and poll say between calls is what they would say over OpenSSL: a loop that does as it is told neither
//! stalls nor misses an end.

use super::certs;
use super::pair::*;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::set_socket_send_buffer_size;
use socket::Ready;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use tlsock::*;

/// What the descriptor says right now.
fn says(socket: &Socket) -> PollFlags {
    // SAFETY: the socket is open for as long as the test holds it.
    let fd = unsafe { BorrowedFd::borrow_raw(socket.fileno().unwrap()) };
    let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN | PollFlags::OUT)];
    poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap();
    fds[0].revents()
}

fn readable(socket: &Socket) -> bool {
    says(socket).contains(PollFlags::IN)
}

/// A connection whose end reads with this timeout.
fn each_mode(test: impl Fn(&Socket, &Socket)) {
    for timeout in [-1.0, 20.0, 0.0] {
        each(|client, server| {
            // Reads the tickets.
            server.sendall(b"!").unwrap();
            assert_eq!(receive(&client, 1), b"!");
            client.settimeout(seconds(timeout)).unwrap();
            test(&client, &server);
        });
    }
}

#[test]
fn an_end_behind_data_is_seen_by_poll() {
    each_mode(|client, server| {
        server.sendall(b"answer").unwrap();
        server.close_write().unwrap();
        client.wait(Ready::Read, Timeout::Never).unwrap();
        assert_eq!(client.recv(&mut [0; 100]).unwrap(), 6);
        assert!(readable(client), "close_notify waits where poll cannot see it");
        assert_eq!(client.pending(), 0);
        assert_eq!(client.recv(&mut [0; 100]).unwrap(), 0);
    });
}

#[test]
fn records_that_wait_are_seen_by_poll_and_the_rest_of_one_by_pending() {
    each_mode(|client, server| {
        for len in [3, 3000, 3] {
            server.sendall(&vec![7; len]).unwrap();
        }
        client.wait(Ready::Read, Timeout::Never).unwrap();
        assert_eq!(client.recv(&mut [0; 4096]).unwrap(), 3);
        assert!(readable(client));
        assert_eq!(client.recv(&mut [0; 1000]).unwrap(), 1000);
        assert_eq!(client.pending(), 2000);
        // Nothing has to arrive for this.
        client.wait(Ready::Read, seconds(0.0)).unwrap();
        assert_eq!(client.recv(&mut [0; 4096]).unwrap(), 2000);
        assert!(readable(client));
        assert_eq!(client.recv(&mut [0; 4096]).unwrap(), 3);
        assert!(!readable(client));
        assert_eq!(status(client.wait(Ready::Read, seconds(0.0))), Status::Timeout);
    });
}

#[test]
fn read_ahead_is_a_switch_that_is_off() {
    each(|client, server| {
        server.sendall(b"!").unwrap();
        assert_eq!(receive(&client, 1), b"!");
        assert!(!client.read_ahead());
        client.set_read_ahead(true);
        assert!(client.read_ahead());
        server.sendall(b"one").unwrap();
        server.sendall(b"two").unwrap();
        server.close_write().unwrap();
        client.wait(Ready::Read, Timeout::Never).unwrap();
        assert_eq!(client.recv(&mut [0; 100]).unwrap(), 3);
        assert!(!readable(&client), "nothing was received ahead");
        assert_eq!(client.pending(), 3);
        assert_eq!(drain(&client), b"two");
        // A socket that never waits does not receive ahead.
        let answer = b"to one that never waits";
        client.sendall(answer).unwrap();
        server.set_read_ahead(true);
        client.close_write().unwrap();
        server.settimeout(Timeout::NonBlocking).unwrap();
        assert_eq!(server.recv(&mut [0; 100]).unwrap(), answer.len());
        assert!(readable(&server));
    });
}

#[test]
fn plain_bytes_behind_close_notify_stay_in_the_descriptor() {
    for version in [TLS12, TLS13] {
        for timeout in [-1.0, 20.0, 0.0] {
            let (client, server) = pair_over(local(), version, WrapFlags::default());
            server.sendall(b"last words").unwrap();
            server.close_write().unwrap();
            assert_eq!(receive(&client, 10), b"last words");
            client.close_write().unwrap();
            server.unwrap().unwrap();
            server.send(b"plain").unwrap();
            client.settimeout(seconds(timeout)).unwrap();
            assert_eq!(client.recv(&mut [0; 100]).unwrap(), 0);
            let fd = client.detach().unwrap();
            let mut bytes = [0; 100];
            assert_eq!(rustix::io::read(&fd, &mut bytes).unwrap(), 5);
            assert_eq!(&bytes[..5], b"plain");
        }
    }
}

/// What a read has received ahead is given back without the records in front of it.
#[test]
fn plain_bytes_that_were_received_ahead_come_out_of_unwrap() {
    for version in [TLS12, TLS13] {
        let (client, server) = pair_over(local(), version, WrapFlags::default());
        client.set_read_ahead(true);
        client.close_write().unwrap();
        for words in [&b"last "[..], b"words"] {
            server.sendall(words).unwrap();
        }
        server.unwrap().unwrap();
        server.send(b"plain").unwrap();
        assert_eq!(receive(&client, 10), b"last words");
        assert!(!readable(&client), "all was received");
        assert_eq!(client.unwrap().unwrap(), b"plain");
        server.send(b" and more").unwrap();
        assert_eq!(receive(&client, 9), b" and more");
    }
}

/// A server whose flight of many certificates does not fit into what the system takes at once.
fn server_of_many_certificates(fd: OwnedFd, version: i32) -> Socket {
    set_socket_send_buffer_size(fd.as_fd(), 1).unwrap();
    let folder = certs::folder();
    let chain = std::fs::read_to_string(folder.join("ecdsa.pem")).unwrap();
    let root = std::fs::read_to_string(folder.join("ca.pem")).unwrap();
    let context = server(version);
    let key = std::fs::read(folder.join("ecdsa.key")).unwrap();
    context.load_cert_chain_data((chain + &root.repeat(40)).as_bytes(), Some(&key), None).unwrap();
    wrap(&context, fd, WrapFlags::SERVER_SIDE | WrapFlags::NO_HANDSHAKE, None).unwrap()
}

/// Whether a call is done; if not, the descriptor has become ready for what it wanted since, or is the other's turn.
fn step(socket: &Socket, call: impl Fn(&Socket) -> Result<()>) -> (bool, Option<PollFlags>) {
    match call(socket) {
        Ok(()) => (true, None),
        Err(error) if error.status() == Status::WantRead => (false, Some(PollFlags::IN)),
        Err(error) if error.status() == Status::WantWrite => (false, Some(PollFlags::OUT)),
        Err(error) => panic!("{error:?}"),
    }
}

type Loop<'a> = (&'a Socket, &'a dyn Fn(&Socket) -> Result<()>);

/// Two loops that call only once poll says what the last call wanted. Where neither has anything to do, both hang.
fn obey(one: Loop<'_>, other: Loop<'_>) -> usize {
    let mut wants = [Some(PollFlags::OUT), Some(PollFlags::OUT)];
    let (mut done, mut writes) = ([false, false], 0);
    while done != [true, true] {
        let mut moved = false;
        for (index, (socket, call)) in [one, other].into_iter().enumerate() {
            if done[index] || !wants[index].is_some_and(|want| says(socket).contains(want)) {
                continue;
            }
            (done[index], wants[index]) = step(socket, call);
            writes += usize::from(wants[index] == Some(PollFlags::OUT));
            moved = true;
        }
        assert!(moved, "both wait for the other: {done:?} {wants:?}");
    }
    writes
}

#[test]
fn a_flight_that_the_system_takes_in_part_wants_to_write() {
    for version in [TLS12, TLS13] {
        let (one, other) = local();
        let server = server_of_many_certificates(other, version);
        let client = wrap_client(one, version, WrapFlags::NO_HANDSHAKE).unwrap();
        for socket in [&client, &server] {
            socket.settimeout(Timeout::NonBlocking).unwrap();
        }
        assert_eq!(status(client.do_handshake()), Status::WantRead);
        assert_eq!(client.pending_write(), 0);
        assert_eq!(status(server.do_handshake()), Status::WantWrite);
        assert!(server.pending_write() > 0);
        let writes = obey((&client, &Socket::do_handshake), (&server, &Socket::do_handshake));
        assert!(writes > 0, "the flight went out at once");
        assert_eq!(server.pending_write(), 0);
    }
}

#[test]
fn unwrap_behind_data_that_were_not_taken_wants_to_write() {
    for version in [TLS12, TLS13] {
        let (client, server) = pair_over(local(), version, WrapFlags::default());
        for socket in [&client, &server] {
            socket.settimeout(Timeout::NonBlocking).unwrap();
        }
        while client.send(&[1; 1000]).is_ok() {}
        assert!(client.pending_write() > 0);
        // What a reader finds is no answer of its own: the rest of the send is the writer's.
        assert_eq!(status(client.recv(&mut [0; 10])), Status::WantRead);
        assert_eq!(status(client.unwrap()), Status::WantWrite);
        let read_to_the_end = |socket: &Socket| loop {
            match socket.recv(&mut [0; 50_000]) {
                Ok(0) => return socket.unwrap().map(|_| ()),
                result => drop(result?),
            }
        };
        obey((&client, &|socket| socket.unwrap().map(|_| ())), (&server, &read_to_the_end));
    }
}

/// OpenSSL: `SSL_OP_NO_TX_CERTIFICATE_COMPRESSION`, since 3.2
const NO_TX_CERTIFICATE_COMPRESSION: u64 = 1 << 32;

#[test]
fn answers_to_a_client_that_does_not_read_want_to_write() {
    // The client's certificate is asked for after the handshake: what goes out is the reader's own answer.
    let (one, other) = local();
    set_socket_send_buffer_size(one.as_fd(), 1).unwrap();
    let (client_context, server_context) = (client(TLS13), server(TLS13));
    let folder = certs::folder();
    let chain = std::fs::read_to_string(folder.join("client.pem")).unwrap();
    let root = std::fs::read_to_string(folder.join("ca.pem")).unwrap();
    let key = std::fs::read(folder.join("client.key")).unwrap();
    client_context.load_cert_chain_data((chain + &root.repeat(40)).as_bytes(), Some(&key), None).unwrap();
    // An OpenSSL that has zlib or zstd, as Debian 13's, would make a few bytes of it: RFC 8879.
    client_context.set_options(client_context.options() | NO_TX_CERTIFICATE_COMPRESSION).unwrap();
    client_context.set_post_handshake_auth(true).unwrap();
    server_context.set_post_handshake_auth(true).unwrap();
    server_context.load_verify_locations(Some(&folder.join("ca.pem")), None, None).unwrap();
    server_context.set_verify_mode(2).unwrap();
    let server =
        std::thread::spawn(move || wrap(&server_context, other, WrapFlags::SERVER_SIDE, None).unwrap());
    let client = wrap(&client_context, one, WrapFlags::default(), Some("localhost")).unwrap();
    let server = server.join().unwrap();
    server.verify_client_post_handshake().unwrap();
    server.sendall(b"who are you?").unwrap();
    assert_eq!(receive(&client, 12), b"who are you?");
    for socket in [&client, &server] {
        socket.settimeout(Timeout::NonBlocking).unwrap();
    }
    assert!(client.pending_write() > 0, "the whole answer went out at once");
    assert_eq!(status(client.recv(&mut [0; 10])), Status::WantWrite);
    let until_known = |socket: &Socket| match socket.recv(&mut [0; 10]) {
        _ if matches!(socket.engine().unwrap().peer_certificate(), Ok(Some(_))) => Ok(()),
        result => result.map(|_| ()),
    };
    let until_sent = |socket: &Socket| match socket.recv(&mut [0; 10]) {
        Err(error) if socket.pending_write() > 0 => Err(error),
        _ => Ok(()),
    };
    obey((&client, &until_sent), (&server, &until_known));
}

/// A descriptor on which nothing can be sent any more is ready to send at once: a loop would never sleep.
#[test]
fn answers_that_nobody_takes_do_not_want_to_write() {
    for shuts_itself in [false, true] {
        let (one, other) = local();
        let peer = other.try_clone().unwrap();
        let (client_context, server_context) = (client(TLS13), server(TLS13));
        client_context.set_post_handshake_auth(true).unwrap();
        server_context.set_post_handshake_auth(true).unwrap();
        server_context.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
        server_context.set_verify_mode(2).unwrap();
        let server =
            std::thread::spawn(move || wrap(&server_context, other, WrapFlags::SERVER_SIDE, None).unwrap());
        let client = wrap(&client_context, one, WrapFlags::default(), Some("localhost")).unwrap();
        let server = server.join().unwrap();
        match shuts_itself {
            true => client.shutdown(socket::Half::Write).unwrap(),
            false => UnixStream::from(peer).shutdown(std::net::Shutdown::Read).unwrap(),
        }
        server.verify_client_post_handshake().unwrap();
        client.settimeout(Timeout::NonBlocking).unwrap();
        for word in ["who", "are", "you"] {
            server.sendall(word.as_bytes()).unwrap();
            assert_eq!(receive(&client, 3), word.as_bytes());
            assert!(client.pending_write() > 0, "the answer went out");
            assert_eq!(status(client.recv(&mut [0; 10])), Status::WantRead);
        }
    }
}

#[test]
fn a_callbacks_failure_behind_data_outlives_a_look_at_what_is_pending() {
    for version in [TLS12, TLS13] {
        let context = client(version);
        context.set_message_callback(Some(Arc::new(|_, _| Ok(()))));
        let (one, other) = local();
        let server = std::thread::spawn(move || wrap_server(other, version, WrapFlags::default()).unwrap());
        let client = wrap(&context, one, WrapFlags::default(), Some("localhost")).unwrap();
        let server = server.join().unwrap();
        server.sendall(b"!").unwrap();
        assert_eq!(receive(&client, 1), b"!");
        context.set_message_callback(Some(Arc::new(|_, _| Err(Error::type_error("it watches badly")))));
        server.sendall(&[7; 400]).unwrap();
        // The head of a record is received with what is in front of it.
        // SAFETY: the socket is open until the end of the test.
        let raw = unsafe { BorrowedFd::borrow_raw(server.fileno().unwrap()) };
        assert_eq!(rustix::io::write(raw, &[23, 3, 3, 0, 100]), Ok(5));
        assert_eq!(client.recv(&mut [0; 500]).unwrap(), 400);
        assert_eq!(client.pending(), 0);
        client.settimeout(seconds(0.0)).unwrap();
        assert_eq!(message(client.recv(&mut [0; 300])), "it watches badly", "{version:x}");
    }
}

/// What was received already, and what nothing will come after, is not waited for.
#[test]
fn wait_comes_back_for_what_the_next_read_tells() {
    each(|client, server| {
        server.sendall(b"!").unwrap();
        assert_eq!(receive(&client, 1), b"!");
        client.set_read_ahead(true);
        server.sendall(b"data").unwrap();
        server.close_write().unwrap();
        client.wait(Ready::Read, Timeout::Never).unwrap();
        // SAFETY: the socket is open until the end of the test.
        let raw = unsafe { BorrowedFd::borrow_raw(client.fileno().unwrap()) };
        while records(raw) < 2 {}
        assert_eq!(client.recv(&mut [0; 100]).unwrap(), 4);
        assert!(!readable(&client), "close_notify was not received ahead");
        assert_eq!(client.pending(), 0);
        for _ in 0..2 {
            client.wait(Ready::Read, seconds(0.0)).unwrap();
            assert_eq!(client.recv(&mut [0; 100]).unwrap(), 0);
        }
    });
}

/// How many whole records the descriptor has.
fn records(fd: BorrowedFd<'_>) -> usize {
    let mut bytes = [0; 1000];
    let (got, _) = rustix::net::recv(fd, &mut bytes, rustix::net::RecvFlags::PEEK).unwrap();
    let (mut rest, mut count) = (&bytes[..got], 0);
    while let Some(body) = rest.get(5..) {
        let Some(next) = body.get(usize::from(rest[3]) << 8 | usize::from(rest[4])..) else { break };
        (rest, count) = (next, count + 1);
    }
    count
}

#[test]
fn wait_comes_back_for_a_failure_that_was_seen_ahead() {
    each(|client, server| {
        server.sendall(b"!").unwrap();
        assert_eq!(receive(&client, 1), b"!");
        client.set_read_ahead(true);
        server.sendall(b"data").unwrap();
        // SAFETY: both sockets are open until the end of the test.
        let raw = unsafe { [&server, &client].map(|end| BorrowedFd::borrow_raw(end.fileno().unwrap())) };
        let garbage = [[23, 3, 3, 0, 40].as_slice(), &[7; 40]].concat();
        assert_eq!(rustix::io::write(raw[0], &garbage), Ok(45));
        while records(raw[1]) < 2 {}
        assert_eq!(client.recv(&mut [0; 100]).unwrap(), 4);
        assert!(!readable(&client), "the garbage was not received ahead");
        for _ in 0..2 {
            client.wait(Ready::Read, seconds(0.0)).unwrap();
        }
        let told = client.recv(&mut [0; 100]).unwrap_err();
        let reason = told.detail().and_then(|detail| detail.reason.as_deref());
        assert_eq!(reason, Some(c"DECRYPTION_FAILED_OR_BAD_RECORD_MAC"));
    });
}

/// A program that ends TLS without another read hears what a callback failed with.
#[test]
fn unwrap_tells_a_callbacks_failure_behind_data() {
    for version in [TLS12, TLS13] {
        let context = client(version);
        context.set_message_callback(Some(Arc::new(|_, _| Ok(()))));
        let (one, other) = local();
        let server = std::thread::spawn(move || wrap_server(other, version, WrapFlags::default()).unwrap());
        let client = wrap(&context, one, WrapFlags::default(), Some("localhost")).unwrap();
        let server = server.join().unwrap();
        server.sendall(b"!").unwrap();
        assert_eq!(receive(&client, 1), b"!");
        let bad: MessageCallback = Arc::new(|_, _| Err(Error::type_error("it watches badly")));
        context.set_message_callback(Some(bad));
        server.sendall(b"data").unwrap();
        assert_eq!(client.recv(&mut [0; 100]).unwrap(), 4);
        context.set_message_callback(Some(Arc::new(|_, _| Ok(()))));
        client.settimeout(Timeout::NonBlocking).unwrap();
        client.wait(Ready::Read, seconds(0.0)).unwrap();
        assert_eq!(message(client.unwrap()), "it watches badly");
        // Reported once: from here on only the peer's answer is missing, which `wait` waits for.
        assert_eq!(status(client.unwrap()), Status::WantRead);
        assert_eq!(status(client.wait(Ready::Read, seconds(0.0))), Status::Timeout);
        server.close_write().unwrap();
        client.wait(Ready::Read, Timeout::Never).unwrap();
        client.unwrap().unwrap();
    }
}

/// The longest records of alerts that OpenSSL makes have a MAC by SHA-384.
#[test]
fn plain_bytes_behind_the_end_of_tls_stay_in_the_descriptor() {
    let ciphers = "ECDHE-ECDSA-AES256-SHA384";
    let (one, other) = local();
    let (context, its) = (client(TLS12), server(TLS12));
    context.set_ciphers(ciphers).unwrap();
    its.set_ciphers(ciphers).unwrap();
    let other = std::thread::spawn(move || wrap(&its, other, WrapFlags::SERVER_SIDE, None).unwrap());
    let client = wrap(&context, one, WrapFlags::default(), Some("localhost")).unwrap();
    let server = other.join().unwrap();
    server.close_write().unwrap();
    // SAFETY: both sockets are open until the end of the test.
    let raw = unsafe { [&server, &client].map(|end| BorrowedFd::borrow_raw(end.fileno().unwrap())) };
    assert_eq!(rustix::io::write(raw[0], b"OK"), Ok(2));
    assert_eq!(client.recv(&mut [0; 10]).unwrap(), 0);
    assert!(readable(&client), "plain bytes were received with close_notify");
    assert_eq!(client.unwrap().unwrap(), b"");
    assert_eq!(client.recv(&mut [0; 10]).unwrap(), 2);
}

#[test]
fn plain_bytes_that_unwrap_keeps_are_pending() {
    let (client, server) = pair();
    server.sendall(b"!").unwrap();
    assert_eq!(receive(&client, 1), b"!");
    let other = std::thread::spawn(move || {
        server.unwrap().unwrap();
        server
    });
    client.unwrap_giving(|_| b"plain".to_vec()).unwrap();
    assert_eq!(client.pending(), 5);
    assert_eq!(client.recv(&mut [0; 10]).unwrap(), 5);
    assert_eq!(client.pending(), 0);
    other.join().unwrap();
}
