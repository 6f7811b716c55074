//! Callbacks of sockets, also while the call that makes the socket has not returned.

use crate::pair::{cause, client, load, server, server_of};
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use tlsock::{Context, Error, Object, Session, SniCallback, Socket, Status, Timeout, WrapFlags};

/// Never reached unless something hangs.
const LONG: Timeout = Timeout::After(std::time::Duration::from_secs(60));

fn listen(context: &Context) -> (Socket, u16) {
    let listener = context.create_server(Some("127.0.0.1"), 0, 0, WrapFlags::default()).unwrap();
    let port = u16::try_from(listener.getsockname().unwrap().port).unwrap();
    (listener, port)
}

#[test]
fn the_lent_socket_works_before_anybody_has_one() {
    let (first, second) = (server_of("wrong-name"), server());
    let (sender, seen) = channel();
    let (own, other) = (first.clone(), second.clone());
    let callback: SniCallback = Arc::new(move |connection, name, context| {
        assert!(context.same(&own) && Object::of(connection).is_none());
        let socket = Socket::of(connection).expect("a socket");
        assert!(socket.server_side() && socket.context().same(&own));
        let bytes = &mut [0; 8];
        for refused in [
            socket.recv(bytes).map(drop),
            socket.read(bytes).map(drop),
            socket.send(b"x").map(drop),
            socket.sendall(b"x"),
            socket.do_handshake(),
            socket.unwrap().map(drop),
            socket.close_write(),
        ] {
            assert_eq!(refused.unwrap_err().status(), Status::Value);
        }
        sender.send((name.map(ToOwned::to_owned), socket.getpeername()?.port, socket.fileno())).unwrap();
        socket.set_context(&other)?;
        Ok(())
    });
    first.set_sni_callback(Some(callback)).unwrap();
    let (listener, port) = listen(&first);
    let client = client();
    let tickets = Arc::new(Mutex::new(Vec::<Session>::new()));
    let kept = Arc::clone(&tickets);
    client
        .set_session_callback(Some(Arc::new(move |connection, session| {
            assert!(Socket::of(connection).is_some_and(|socket| !socket.server_side()));
            kept.lock().unwrap().push(session);
            Ok(())
        })))
        .unwrap();
    std::thread::scope(|scope| {
        let accepted = scope.spawn(|| {
            let (socket, _) = listener.accept().unwrap();
            socket.sendall(b"hello").unwrap();
            socket
        });
        let near = client.create_connection("localhost", port, LONG).unwrap();
        assert_eq!(near.recv(&mut [0; 8]).unwrap(), 5);
        let far = accepted.join().unwrap();
        assert!(far.context().same(&second));
        let (name, peer, fileno) = seen.recv().unwrap();
        assert_eq!(name.as_deref(), Some("localhost"));
        assert_eq!(peer, near.getsockname().unwrap().port);
        assert_eq!(fileno, far.fileno());
        // A send that is under way is answered too, not deadlocked.
        near.sendall(b"hello").unwrap();
        assert_eq!(far.recv(&mut [0; 8]).unwrap(), 5);
    });
    assert_eq!(tickets.lock().unwrap().len(), 2);
    first.set_sni_callback(None).unwrap();
}

#[test]
fn a_send_inside_a_send_is_refused() {
    if !crate::version::is_openssl_3_0("a message callback that is set after the handshake") {
        return;
    }
    let (client, server) = (client(), server());
    let (near, far) = connected(&client, &server);
    let refusals = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&refusals);
    let watching = self::client();
    watching.set_message_callback(Some(Arc::new(move |connection, _| {
        let refused = Socket::of(connection).expect("a socket").send(b"x").unwrap_err();
        kept.lock().unwrap().push(refused.status());
        Ok(())
    })));
    near.set_context(&watching).unwrap();
    near.sendall(b"hello").unwrap();
    assert_eq!(far.recv(&mut [0; 8]).unwrap(), 5);
    let refusals = refusals.lock().unwrap();
    assert!(!refusals.is_empty() && refusals.iter().all(|status| *status == Status::Value));
}

/// Both ends of a connection over a pair of local sockets.
fn connected(client: &Context, server: &Context) -> (Socket, Socket) {
    let (a, b) = UnixStream::pair().unwrap();
    std::thread::scope(|scope| {
        let far = scope.spawn(|| server.wrap_socket(a.into(), WrapFlags::SERVER_SIDE, None, None).unwrap());
        let near = client.wrap_socket(b.into(), WrapFlags::default(), Some("localhost"), None).unwrap();
        (near, far.join().unwrap())
    })
}

#[test]
fn closing_inside_a_callback_leaves_the_descriptor_to_who_wrapped_it() {
    let server = server();
    server
        .set_sni_callback(Some(Arc::new(|connection, _, _| {
            Socket::of(connection).expect("a socket").close()?;
            Err(Error::value("closed it").into())
        })))
        .unwrap();
    let (a, b) = UnixStream::pair().unwrap();
    let number = a.as_raw_fd();
    std::thread::scope(|scope| {
        let far = scope.spawn(|| {
            let refused = server.wrap_socket(a.into(), WrapFlags::SERVER_SIDE, None, None).map(drop);
            refused.unwrap_err()
        });
        let client = client();
        client.wrap_socket(b.into(), WrapFlags::default(), Some("localhost"), None).map(drop).unwrap_err();
        let refused = far.join().unwrap();
        assert_eq!(cause(&refused.error), Some((Status::Value, "closed it")));
        assert_eq!(refused.fd.as_raw_fd(), number);
        assert!(UnixStream::from(refused.fd).local_addr().is_ok());
    });
}

#[test]
fn a_certificate_after_the_handshake() {
    let (client, server) = (client(), server());
    load(&client, "client");
    server.load_verify_locations(Some(&crate::certs::folder().join("ca.pem")), None, None).unwrap();
    server.set_verify_mode(2).unwrap();
    client.set_post_handshake_auth(true).unwrap();
    server.set_post_handshake_auth(true).unwrap();
    let (near, far) = connected(&client, &server);
    let engine = far.connection().unwrap();
    assert!(engine.getpeercert().unwrap().is_none());
    far.verify_client_post_handshake().unwrap();
    far.sendall(b"x").unwrap();
    assert_eq!(near.recv(&mut [0; 8]).unwrap(), 1);
    near.sendall(b"x").unwrap();
    assert_eq!(far.recv(&mut [0; 8]).unwrap(), 1);
    assert!(engine.getpeercert().unwrap().is_some());
    far.close().unwrap();
    let error = far.verify_client_post_handshake().unwrap_err();
    assert_eq!((error.status(), error.message()), (Status::Value, "No SSL wrapper around this socket"));
}

/// libssl reports once what is wrong with a record, and from then on an end: a look ahead must not take that report while
/// the failure of a callback waits to be reported.
#[test]
fn of_two_failures_none_is_lost() {
    let (client, armed) = (client(), Arc::new(AtomicBool::new(false)));
    let fires = Arc::clone(&armed);
    client.set_message_callback(Some(Arc::new(move |_, _| match fires.swap(false, Ordering::Relaxed) {
        true => Err(Error::type_error("it watches badly")),
        false => Ok(()),
    })));
    let (near, far) = connected(&client, &server());
    near.set_read_ahead(true);
    near.settimeout(LONG).unwrap();
    // Reads the tickets.
    far.sendall(b"!").unwrap();
    assert_eq!(near.recv(&mut [0]).unwrap(), 1);
    far.sendall(b"data").unwrap();
    let no_record = [23, 3, 3, 0, 20].into_iter().chain([0; 20]).collect::<Vec<u8>>();
    let mut raw = UnixStream::from(far.detach().unwrap());
    raw.write_all(&no_record).unwrap();
    armed.store(true, Ordering::Relaxed);
    assert_eq!(near.recv(&mut [0; 100]).unwrap(), 4);
    assert_eq!(near.pending(), 0);
    assert_eq!(near.recv(&mut [0; 100]).unwrap_err().message(), "it watches badly");
    assert_eq!(near.recv(&mut [0; 100]).unwrap_err().status(), Status::Ssl);
}

/// A callback for connections of any kind can use a socket that it is lent.
#[test]
fn a_lent_socket_is_a_connection_like_any_other() {
    let (first, second) = (server_of("wrong-name"), server());
    let (own, other) = (first.clone(), second.clone());
    let chooses: SniCallback = Arc::new(move |connection, _, _| {
        assert!(connection.context().same(&own));
        connection.set_context(&other)?;
        assert!(connection.context().same(&other));
        Ok(())
    });
    first.set_sni_callback(Some(chooses)).unwrap();
    let (near, far) = connected(&client(), &first);
    assert!(far.context().same(&second));
    assert!(near.connection().unwrap().getpeercert().unwrap().is_some());
}

/// Data that has arrived meanwhile is not delivered: the connection has ended.
#[test]
fn a_socket_whose_handshake_ended_in_a_panic_stays_so() {
    let server = server();
    let panics: SniCallback = Arc::new(|_, _, _| panic!("in the callback"));
    server.set_sni_callback(Some(panics)).unwrap();
    let (one, other) = UnixStream::pair().unwrap();
    let late = WrapFlags::NO_HANDSHAKE;
    let near = client()
        .wrap_socket(one.into(), late, Some("localhost"), None)
        .map_err(|refused| refused.error)
        .unwrap();
    let far = server
        .wrap_socket(other.into(), WrapFlags::SERVER_SIDE | late, None, None)
        .map_err(|refused| refused.error)
        .unwrap();
    for socket in [&near, &far] {
        socket.settimeout(Timeout::NonBlocking).unwrap();
    }
    assert_eq!(near.do_handshake().unwrap_err().status(), Status::WantRead);
    for _ in 0..2 {
        assert_eq!(far.do_handshake().unwrap_err().status(), Status::Panic);
        assert_eq!(far.recv(&mut [0; 8]).unwrap_err().status(), Status::Panic);
        assert_eq!(far.send(b"x").unwrap_err().status(), Status::Panic);
    }
}

/// The first chunk of a send must not be all of it.
#[test]
fn a_send_is_finished_though_a_callback_fails() {
    let data: Vec<u8> = (0..300_000_u32).map(|number| (number % 251) as u8).collect();
    let path = crate::certs::scratch().join("sent");
    std::fs::write(&path, &data).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let (client, server) = (client(), server());
    // A connection asks for messages from its start on.
    client.set_message_callback(Some(Arc::new(|_, _| Ok(()))));
    let (near, far) = connected(&client, &server);
    let everything = std::thread::spawn(move || {
        let mut all = Vec::new();
        let mut far = far;
        far.read_to_end(&mut all).map(|_| all)
    });
    let failing =
        || client.set_message_callback(Some(Arc::new(|_, _| Err(Error::type_error("it watches badly")))));
    failing();
    assert_eq!(near.sendall(&data).unwrap_err().message(), "it watches badly");
    let (sent, result) = near.sendfile(file.as_fd(), 0, 0);
    assert_eq!((sent, result.unwrap_err().message()), (300_000, "it watches badly"));
    // This one tells what it took, and the failure comes next.
    let took = Write::write(&mut &near, &data).unwrap();
    client.set_message_callback(Some(Arc::new(|_, _| Ok(()))));
    assert_eq!(near.close_write().unwrap_err().message(), "it watches badly");
    near.close_write().unwrap();
    let expected = [&data[..], &data, &data[..took]].concat();
    assert!(everything.join().unwrap().unwrap() == expected, "the peer got other bytes");
}

/// A log that cannot be written ends no connection, and makes no hole in what is sent.
#[test]
fn the_first_send_is_finished_though_its_keys_cannot_be_logged() {
    let pipe = crate::certs::scratch().join("unread.pipe");
    let _ = std::fs::remove_file(&pipe);
    crate::certs::run(std::process::Command::new("mkfifo").arg(&pipe));
    let (client, server) = (client(), server());
    let reader = std::fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    client.set_keylog_filename(Some(&pipe)).unwrap();
    drop(reader);
    let (a, b) = UnixStream::pair().unwrap();
    let far = std::thread::spawn(move || {
        let mut far = server.wrap_socket(a.into(), WrapFlags::SERVER_SIDE, None, None).unwrap();
        let mut all = Vec::new();
        far.read_to_end(&mut all).map(|_| all.len())
    });
    let near = client.wrap_socket(b.into(), WrapFlags::NO_HANDSHAKE, Some("localhost"), None).unwrap();
    assert_eq!(near.sendall(&[7; 300_000]).unwrap_err().status(), Status::Os);
    near.close_write().unwrap();
    assert_eq!(far.join().unwrap().unwrap(), 300_000);
}

/// Also where libssl has taken the data, and the system has no room for it yet.
#[test]
fn a_failure_in_a_send_that_waits_for_room_comes_when_that_is_done() {
    let (client, server) = (client(), server());
    let armed = Arc::new(AtomicBool::new(false));
    let fires = Arc::clone(&armed);
    client.set_message_callback(Some(Arc::new(move |_, _| match fires.load(Ordering::Relaxed) {
        true => Err(Error::type_error("it watches badly")),
        false => Ok(()),
    })));
    let (near, far) = connected(&client, &server);
    near.settimeout(Timeout::NonBlocking).unwrap();
    armed.store(true, Ordering::Relaxed);
    let mut sent = 0;
    let stopped = loop {
        match near.send(&[7; 1000]).unwrap_err() {
            error if error.message() == "it watches badly" => sent += 1000,
            error => break error,
        }
    };
    assert_eq!(stopped.status(), Status::WantWrite);
    armed.store(false, Ordering::Relaxed);
    let mut far = far;
    far.read_exact(&mut vec![0; sent]).unwrap();
    assert_eq!(near.send(&[7; 1000]).unwrap_err().message(), "it watches badly");
    assert_eq!(near.send(b"more").unwrap(), 4);
    far.read_exact(&mut [0; 1004]).unwrap();
}

/// Nor does a callback that panics make a hole in what is sent.
#[test]
fn a_send_is_finished_though_a_callback_panics() {
    let client = client();
    let armed = Arc::new(AtomicBool::new(false));
    let fires = Arc::clone(&armed);
    client.set_message_callback(Some(Arc::new(move |_, _| match fires.load(Ordering::Relaxed) {
        true => panic!("it watches badly"),
        false => Ok(()),
    })));
    let (near, mut far) = connected(&client, &server());
    let everything = std::thread::spawn(move || {
        let mut all = Vec::new();
        far.read_to_end(&mut all).map(|_| all)
    });
    let data: Vec<u8> = (0..300_000_u32).map(|number| (number % 251) as u8).collect();
    armed.store(true, Ordering::Relaxed);
    let error = near.sendall(&data).unwrap_err();
    armed.store(false, Ordering::Relaxed);
    assert_eq!(error.status(), Status::Panic, "{error}");
    near.sendall(b"more").unwrap();
    near.close_write().unwrap();
    let expected = [&data[..], b"more"].concat();
    assert!(everything.join().unwrap().unwrap() == expected, "the peer got other bytes");
}
