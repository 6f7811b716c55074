//! Deadlines, which cover the whole of an operation.

use super::pair::*;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tlsock::*;

/// Runs what must time out after a tenth of a second, and not much later.
fn times_out<T>(words: &str, work: impl FnOnce() -> Result<T>) {
    let begin = Instant::now();
    let result = work();
    let passed = begin.elapsed();
    let error = result.err().expect("a timeout");
    assert_eq!((error.status(), error.message()), (Status::Timeout, words));
    assert!(passed >= Duration::from_millis(99), "after {passed:?}");
    assert!(passed < Duration::from_secs(10), "after {passed:?}");
}

#[test]
fn each_operation_has_its_own_words() {
    each(|client, server| {
        client.settimeout(seconds(0.1)).unwrap();
        times_out("The read operation timed out", || client.recv(&mut [0; 10]));
        times_out("The read operation timed out", || client.unwrap());
        // TLS stays and continues: the data of the failed call is not lost.
        assert!(client.engine().is_some());
        let server = std::thread::spawn(move || server.unwrap().unwrap());
        client.settimeout(Timeout::Never).unwrap();
        client.unwrap().unwrap();
        server.join().unwrap();
        assert!(client.engine().is_none());
    });
    each(|client, _server| {
        client.settimeout(seconds(0.1)).unwrap();
        times_out("The write operation timed out", || client.sendall(&vec![0; 64 << 20]));
    });
    let (one, _other) = tcp();
    let socket = wrap_client(one, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
    socket.settimeout(seconds(0.1)).unwrap();
    times_out("The handshake operation timed out", || socket.do_handshake());
    times_out("The write operation timed out", || socket.send(b"x"));
}

/// A peer that sends drop by drop keeps a receiver busy, but not beyond its deadline.
#[test]
fn a_trickle_does_not_put_a_deadline_off() {
    let (one, other) = tcp();
    let done = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&done);
    let trickle = std::thread::spawn(move || {
        let mut peer = TcpStream::from(other);
        // The head of a record of 16000 bytes, which come one by one.
        peer.write_all(&[22, 3, 3, 0x3e, 0x80]).unwrap();
        while !stop.load(Ordering::Acquire) && peer.write_all(&[2]).is_ok() {
            std::thread::yield_now();
        }
    });
    let socket = wrap_client(one, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
    socket.settimeout(seconds(0.1)).unwrap();
    let begin = Instant::now();
    let result = status(socket.do_handshake());
    // A fast peer may get its 16000 bytes through: then they are no handshake.
    assert!(matches!(result, Status::Timeout | Status::Ssl), "{result:?}");
    assert!(begin.elapsed() < Duration::from_secs(10));
    done.store(true, Ordering::Release);
    drop(socket);
    trickle.join().unwrap();
}

/// The peer always has room, and still the time is up before all is sent.
#[test]
fn a_fast_peer_does_not_put_a_deadline_off() {
    for plain in [false, true] {
        let (client, server) = pair();
        let peer = server.clone();
        if plain {
            let peer = std::thread::spawn(move || peer.unwrap().unwrap());
            client.unwrap().unwrap();
            peer.join().unwrap();
        }
        let reader = std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 20];
            while let Ok(1..) = server.recv(&mut buffer) {}
        });
        client.settimeout(seconds(0.1)).unwrap();
        let zeros = std::fs::File::open("/dev/zero").unwrap();
        let words = if plain { "timed out" } else { "The write operation timed out" };
        times_out(words, || {
            let (sent, result) = client.sendfile(std::os::fd::AsFd::as_fd(&zeros), 0, 0);
            assert!(sent > 0);
            result
        });
        if !plain {
            // Data for hours.
            let megabytes = vec![0; 16 << 20];
            times_out("The write operation timed out", || client.sendv(&vec![&megabytes[..]; 1_000_000]));
        }
        client.abort().unwrap();
        reader.join().unwrap();
    }
}

/// The system takes all there is to send, and still the time is up.
#[test]
fn room_for_all_does_not_put_a_deadline_off() {
    let (client, server) = pair();
    let data: Vec<u8> = (0..3 << 16).map(|number: u32| (number % 251) as u8).collect();
    client.settimeout(Timeout::NonBlocking).unwrap();
    client.sendall(&data).expect("room for all");
    assert_eq!(receive(&server, data.len()), data);
    client.settimeout(seconds(1e-9)).unwrap();
    assert_eq!(message(client.sendall(&data)), "The write operation timed out");
    client.settimeout(Timeout::Never).unwrap();
    client.sendall(&data).expect("the rest");
    assert_eq!(receive(&server, data.len()), data);
}

#[test]
fn what_is_there_is_read_however_short_the_time() {
    each(|client, server| {
        client.sendall(b"there").unwrap();
        server.wait(socket::Ready::Read, Timeout::Never).unwrap();
        server.settimeout(seconds(1e-9)).unwrap();
        let mut buffer = [0; 5];
        assert_eq!(server.recv(&mut buffer).unwrap(), 5);
    });
}

#[test]
fn a_timeout_counts_from_the_next_call_on() {
    let (client, server) = pair();
    let reader = client.clone();
    let reader = sleeper(move || reader.recv(&mut [0; 10]).unwrap()).until_asleep();
    client.settimeout(seconds(0.01)).unwrap();
    // The call under way began without one.
    assert_eq!(status(client.wait(socket::Ready::Read, seconds(0.1))), Status::Timeout);
    assert!(!reader.thread.is_finished());
    server.sendall(b"ten bytes!").unwrap();
    assert_eq!(reader.join(), 10);
    times_out_soon(&client);
}

fn times_out_soon(socket: &Socket) {
    assert_eq!(status(socket.recv(&mut [0])), Status::Timeout);
}

#[test]
fn one_deadline_covers_connecting_and_the_handshake() {
    // It connects, and nobody answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    times_out("The handshake operation timed out", || {
        client(TLS13).create_connection("127.0.0.1", port, seconds(0.1))
    });
    let socket = wrap_client(super::connect::unconnected("127.0.0.1"), TLS13, WrapFlags::default()).unwrap();
    socket.settimeout(seconds(0.1)).unwrap();
    times_out("The handshake operation timed out", || socket.connect_host("127.0.0.1", port));
}

/// A listener whose queue is full does not answer: connecting itself takes too long.
#[test]
fn connecting_times_out() {
    let listener = server(TLS13).create_server(Some("127.0.0.1"), 0, 1, WrapFlags::default()).unwrap();
    let port = u16::try_from(listener.getsockname().unwrap().port).unwrap();
    let address = format!("127.0.0.1:{port}").parse().unwrap();
    let mut crowd = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        crowd.push(stream);
    }
    let new = || {
        let fd = super::connect::unconnected("127.0.0.1");
        let socket = wrap_client(fd, TLS13, WrapFlags::default()).unwrap();
        socket.settimeout(seconds(0.1)).unwrap();
        socket
    };
    times_out("timed out", || new().connect_host("127.0.0.1", port));
    let words = format!("connecting to 127.0.0.1 timed out: 127.0.0.1:{port} did not answer");
    times_out(&words, || client(TLS13).create_connection("127.0.0.1", port, seconds(0.1)));
    // The number of the reference for it.
    assert_eq!(new().connect_host_ex("127.0.0.1", port).unwrap(), 11);
}

#[test]
fn nonblocking_calls_never_wait() {
    each(|client, server| {
        for socket in [&client, &server] {
            socket.settimeout(Timeout::NonBlocking).unwrap();
        }
        assert_eq!(status(client.recv(&mut [0])), Status::WantRead);
        assert_eq!(status(client.unwrap()), Status::WantRead);
        server.wait(socket::Ready::Read, Timeout::Never).unwrap();
        assert_eq!(server.recv(&mut [0]).unwrap(), 0);
        server.unwrap().unwrap();
        client.wait(socket::Ready::Read, Timeout::Never).unwrap();
        client.unwrap().unwrap();
        assert_eq!(status(client.recv(&mut [0])), Status::WantRead);
        client.send(b"plain").unwrap();
        server.wait(socket::Ready::Read, Timeout::Never).unwrap();
        assert_eq!(receive(&server, 5), b"plain");
    });
}
