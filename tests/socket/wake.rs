//! Ending a socket under threads that are blocked in it: they wake, at whatever moment it comes.

use super::connect::unconnected;
use super::pair::*;
use socket::Half;
use std::net::TcpStream;
use tlsock::*;

const CLOSED: &str = "Underlying socket has been closed.";

fn close(socket: &Socket) {
    socket.close().unwrap();
}

fn abort(socket: &Socket) {
    socket.abort().unwrap();
}

#[test]
fn a_blocked_reader_and_a_blocked_writer_wake() {
    for timeout in [-1.0, 1000.0] {
        for end in [close, abort] {
            each(|client, _server| {
                client.settimeout(seconds(timeout)).unwrap();
                let (reader, writer) = (client.clone(), client.clone());
                let reader = sleeper(move || reader.recv(&mut [0; 10]).map(|_| ())).until_asleep();
                let writer = sleeper(move || writer.sendall(&vec![0; 64 << 20])).until_asleep();
                end(&client);
                assert_eq!(message(reader.join()), CLOSED);
                assert_eq!(message(writer.join()), CLOSED);
            });
        }
    }
}

#[test]
fn a_blocked_handshake_and_a_blocked_unwrap_wake() {
    for end in [close, abort] {
        let (one, _other) = tcp();
        let socket = wrap_client(one, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
        let blocked = socket.clone();
        let blocked = sleeper(move || blocked.do_handshake()).until_asleep();
        end(&socket);
        assert_eq!(message(blocked.join()), CLOSED);

        let (client, _server) = pair();
        let blocked = client.clone();
        let blocked = sleeper(move || blocked.unwrap()).until_asleep();
        end(&client);
        assert_eq!(message(blocked.join()), CLOSED);
    }
}

#[test]
fn a_shutdown_wakes_a_reader_too() {
    for half in [Half::Read, Half::Both] {
        let (client, _server) = pair();
        let reader = client.clone();
        let reader = sleeper(move || reader.recv(&mut [0; 10]).unwrap()).until_asleep();
        client.shutdown(half).unwrap();
        assert_eq!(reader.join(), 0);
    }
}

#[test]
fn a_blocked_plain_reader_wakes() {
    for end in [close, abort] {
        let (client, server) = pair();
        let peer = std::thread::spawn(move || {
            server.unwrap().unwrap();
            server
        });
        client.unwrap().unwrap();
        let _server = peer.join().unwrap();
        let reader = client.clone();
        let reader = sleeper(move || reader.recv(&mut [0; 10]).map(|_| ())).until_asleep();
        end(&client);
        assert_eq!(reader.join().unwrap_err().os_errno(), 9);
    }
}

#[test]
fn a_blocked_wait_wakes() {
    for end in [close, abort] {
        // TLS 1.2, whose server sends nothing after its handshake.
        let (client, _server) = pair_over(tcp(), TLS12, WrapFlags::default());
        let waiting = client.clone();
        let waiting = sleeper(move || waiting.wait(socket::Ready::Read, Timeout::Never)).until_asleep();
        end(&client);
        assert_eq!(waiting.join().unwrap_err().os_errno(), 9);
    }
}

#[test]
fn a_blocked_accept_wakes() {
    for timeout in [-1.0, 1000.0] {
        for end in [close, abort] {
            let listener =
                server(TLS13).create_server(Some("127.0.0.1"), 0, 0, WrapFlags::default()).unwrap();
            listener.settimeout(seconds(timeout)).unwrap();
            let blocked = listener.clone();
            let blocked = sleeper(move || blocked.accept().map(|_| ())).until_asleep();
            end(&listener);
            let error = blocked.join().unwrap_err();
            assert_eq!((error.os_errno(), error.detail().unwrap().phase), (9, Phase::Accept));
        }
    }
}

#[test]
fn a_blocked_connect_wakes() {
    let listener = server(TLS13).create_server(Some("127.0.0.1"), 0, 1, WrapFlags::default()).unwrap();
    let port = u16::try_from(listener.getsockname().unwrap().port).unwrap();
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let wait = std::time::Duration::from_millis(200);
    let mut crowd = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, wait) {
        crowd.push(stream);
    }
    for timeout in [-1.0, 1000.0] {
        for end in [close, abort] {
            let socket = wrap_client(unconnected("127.0.0.1"), TLS13, WrapFlags::default()).unwrap();
            socket.settimeout(seconds(timeout)).unwrap();
            let blocked = socket.clone();
            let blocked = sleeper(move || blocked.connect_host("127.0.0.1", port)).until_asleep();
            end(&socket);
            let error = blocked.join().unwrap_err();
            assert_eq!((error.os_errno(), error.detail().unwrap().phase), (9, Phase::Connect));
        }
    }
}

/// Nobody waits for the other thread to be blocked: the end may come between its check and its system call.
#[test]
fn ending_at_any_moment_wakes() {
    let (client, server) = (client(TLS13), server(TLS13));
    for round in 0..300 {
        let fds = if round % 2 == 0 { tcp() } else { local() };
        let socket = wrap(&client, fds.0, WrapFlags::NO_HANDSHAKE, Some("localhost")).unwrap();
        let reader = socket.clone();
        let reader = sleeper(move || reader.recv(&mut [0; 10]).map(|_| ()));
        for _ in 0..round * 10 {
            std::hint::spin_loop();
        }
        [close, abort][round / 2 % 2](&socket);
        assert_ne!(status(reader.join()), Status::Ok);

        let listener = server.create_server(Some("127.0.0.1"), 0, 0, WrapFlags::default()).unwrap();
        let accepting = listener.clone();
        let accepting = sleeper(move || accepting.accept().map(|_| ()));
        for _ in 0..round * 10 {
            std::hint::spin_loop();
        }
        [close, abort][round % 2](&listener);
        assert_eq!(status(accepting.join()), Status::Os);
    }
}
