//! Wrapping descriptors, and giving them back.

use super::pair::*;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tlsock::*;

/// Wraps what must be refused and gives the descriptor back with the message.
fn refused(context: &Context, fd: OwnedFd, flags: WrapFlags, name: Option<&str>) -> (Error, OwnedFd) {
    let number = fd.as_raw_fd();
    let refused = context.wrap_socket(fd, flags, name, None).err().expect("a refusal");
    assert_eq!(refused.fd.as_raw_fd(), number);
    (refused.error, refused.fd)
}

#[test]
fn refusals_come_in_the_order_of_the_reference() {
    let (client, server) = (client(TLS13), server(TLS13));
    let datagram: OwnedFd = UdpSocket::bind("127.0.0.1:0").unwrap().into();
    let (error, _) = refused(&client, datagram, WrapFlags::SERVER_SIDE, Some("name"));
    assert_eq!(error.status(), Status::NotImplemented);
    assert_eq!(error.message(), "only stream sockets are supported");
    for (context, flags, name, words) in [
        (&server, WrapFlags::SERVER_SIDE, Some("x"), "server_hostname can only be specified in client mode"),
        (&client, WrapFlags::default(), None, "check_hostname requires server_hostname"),
        (&client, WrapFlags::default(), Some(""), "check_hostname requires server_hostname"),
        (&client, WrapFlags::SERVER_SIDE, None, "check_hostname requires server_hostname"),
    ] {
        let (error, _) = refused(context, local().0, flags, name);
        assert_eq!((error.status(), error.message()), (Status::Value, words));
    }
}

/// A server that offered a session would have its client's in its hands.
#[test]
fn a_session_is_for_clients_alone() {
    let (context, serving) = (client(TLS13), server(TLS13));
    let (one, other) = local();
    let peer = serving.clone();
    let peer = std::thread::spawn(move || {
        let socket = wrap(&peer, other, WrapFlags::SERVER_SIDE, None).unwrap();
        socket.sendall(b"!").unwrap();
        socket
    });
    let socket = wrap(&context, one, WrapFlags::default(), Some("localhost")).unwrap();
    assert_eq!(receive(&socket, 1), b"!");
    let session = socket.engine().unwrap().session().unwrap().unwrap();
    drop(peer.join().unwrap());
    for flags in [WrapFlags::SERVER_SIDE, WrapFlags::SERVER_SIDE | WrapFlags::NO_HANDSHAKE] {
        let refused = serving.wrap_socket(local().0, flags, None, Some(&session)).err().expect("a refusal");
        let words = "session can only be specified in client mode";
        assert_eq!((refused.error.status(), refused.error.message()), (Status::Value, words));
    }
    let refused = serving.wrap_bio(None, WrapFlags::SERVER_SIDE, None, Some(&session));
    assert_eq!(status(refused), Status::Value);
}

#[test]
fn a_refused_descriptor_comes_back_as_it_was() {
    // A role that the context does not have; an invalid name; a handshake that fails; one that cannot wait.
    let stranger = std::thread::spawn(|| {
        let (one, other) = tcp();
        let mut peer = TcpStream::from(other);
        peer.write_all(b"this is no TLS at all\r\n").unwrap();
        (one, peer)
    });
    let (stranger, mut peer) = stranger.join().unwrap();
    let (error, fd) = refused(&client(TLS13), stranger, WrapFlags::default(), Some("localhost"));
    assert_eq!((error.status(), error.detail().unwrap().phase), (Status::Ssl, Phase::Handshake));
    let mut stream = TcpStream::from(fd);
    assert!(!stream.nodelay().unwrap());
    // Still open and blocking: what the peer says next arrives.
    let hello = sleeper(move || {
        let mut rest = Vec::new();
        while !rest.ends_with(b"hello") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            rest.extend(byte);
        }
        rest
    });
    let hello = hello.until_asleep();
    peer.write_all(b"hello").unwrap();
    let rest = hello.join();
    // Bytes that TLS had not asked for are still there.
    assert!(b"this is no TLS at all\r\nhello".ends_with(&rest));

    for nonblocking in [true, false] {
        let (one, _other) = UnixStream::pair().unwrap();
        one.set_nonblocking(nonblocking).unwrap();
        let (error, fd) = refused(&server(TLS13), one.into(), WrapFlags::default(), Some("localhost"));
        assert_eq!(error.message(), "Cannot create a client socket with a PROTOCOL_TLS_SERVER context");
        assert_eq!(is_nonblocking(&fd), nonblocking);
    }
    let (one, _other) = UnixStream::pair().unwrap();
    one.set_nonblocking(true).unwrap();
    let (error, fd) = refused(&client(TLS13), one.into(), WrapFlags::default(), Some("localhost"));
    assert_eq!(error.message(), "do_handshake_on_connect should not be specified for non-blocking sockets");
    assert!(is_nonblocking(&fd));
}

/// Reading an empty socket pair tells.
fn is_nonblocking(fd: &OwnedFd) -> bool {
    let info = format!("/proc/self/fdinfo/{}", fd.as_raw_fd());
    let info = std::fs::read_to_string(info).unwrap();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
    i32::from_str_radix(flags, 8).unwrap() & 0o4000 != 0
}

#[test]
fn the_mode_of_the_descriptor_is_the_first_timeout() {
    let (one, _other) = UnixStream::pair().unwrap();
    one.set_nonblocking(true).unwrap();
    let socket = wrap_client(one.into(), TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
    assert_eq!(socket.gettimeout(), Timeout::NonBlocking);
    let (one, _other) = local();
    let socket = wrap_client(one, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
    assert_eq!(socket.gettimeout(), Timeout::Never);
    // The system's own timeouts of blocking calls bound ours.
    for (receive, send, first) in [(Some(3), None, 3), (None, Some(2), 2), (Some(4), Some(5), 4)] {
        let (one, _other) = UnixStream::pair().unwrap();
        one.set_read_timeout(receive.map(Duration::from_secs)).unwrap();
        one.set_write_timeout(send.map(Duration::from_secs)).unwrap();
        let socket = wrap_client(one.into(), TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
        assert_eq!(socket.gettimeout(), Timeout::After(Duration::from_secs(first)));
    }
    for timeout in [1.5, 0.0, -1.0] {
        socket.settimeout(seconds(timeout)).unwrap();
        assert_eq!(socket.gettimeout().seconds(), timeout);
    }
    assert_eq!(status(Timeout::from_seconds(f64::NAN)), Status::Value);
}

/// A peer that sent plain bytes and vanished must not look like one that sent TLS.
/// A caller gets the descriptor back in the mode that the last timeout asks for, as in Python.
#[test]
fn a_detached_descriptor_has_the_mode_of_the_last_timeout() {
    for (timeout, nonblocking) in [(-1.0, false), (0.0, true), (5.0, true)] {
        let (client, _server) = pair();
        client.settimeout(seconds(timeout)).unwrap();
        assert_eq!(is_nonblocking(&client.detach().unwrap()), nonblocking, "{timeout}");
    }
}

#[test]
fn bytes_of_a_peer_that_vanished_are_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (stream, _) = listener.accept().unwrap();
    let mut raw = peer;
    raw.write_all(b"plain").unwrap();
    // Closing with unread bytes of the other side resets.
    (&stream).write_all(b"unread").unwrap();
    raw.peek(&mut [0]).unwrap();
    drop(raw);
    while stream.peer_addr().is_ok() {
        std::thread::yield_now();
    }
    let (error, fd) = refused(&server(TLS13), stream.into(), WrapFlags::SERVER_SIDE, None);
    let words = "Closed before TLS handshake with data in recv buffer.";
    let detail = error.detail().unwrap();
    assert_eq!((error.status(), error.message()), (Status::Ssl, words));
    assert_eq!((detail.code, detail.reason.as_deref().unwrap().to_str().unwrap()), (107, words));
    let mut byte = [0; 5];
    TcpStream::from(fd).read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"plain");
}

#[test]
fn names_and_flags_are_kept() {
    let (client, server) = pair();
    assert_eq!(client.server_hostname(), Some(c"localhost"));
    assert_eq!(server.server_hostname(), None);
    assert!(server.server_side() && !client.server_side());
    assert_eq!(client.getpeername().unwrap(), server.getsockname().unwrap());
}

/// Linux's names that are not paths, with NULs.
#[cfg(target_os = "linux")]
#[test]
fn local_addresses_are_told_whole() {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
    let name = format!("tlsock\0names {}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let listener = UnixListener::bind_addr(&address).unwrap();
    let stream = UnixStream::connect_addr(&address).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    let wrapped = |fd| wrap_client(fd, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
    let (one, other) = (wrapped(OwnedFd::from(stream)), wrapped(OwnedFd::from(accepted)));
    let told = format!("@tlsock@names {}", std::process::id());
    for address in [one.getpeername().unwrap(), other.getsockname().unwrap()] {
        assert_eq!((&*address.host, address.port, address.family), (&*told, -1, 1));
    }
    assert_eq!(one.getsockname().unwrap().host, "");
}

/// What a callback has kept of a socket that is never handed out: handles in other threads, and streams.
#[derive(Default)]
struct Kept {
    handles: Vec<Socket>,
    streams: Vec<usize>,
    readers: Vec<Sleeper<Status>>,
}

unsafe extern "C" {
    fn fgetc(stream: *mut socket::File) -> i32;
    fn fclose(stream: *mut socket::File) -> i32;
}

/// Whatever callbacks kept, the descriptor is given back open, under its number, and no other handle uses it any more.
#[test]
fn a_refused_descriptor_comes_back_from_those_who_kept_it() {
    for version in [TLS12, TLS13] {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let (own, context) = (Arc::clone(&kept), client(version));
        let callback: MessageCallback = Arc::new(move |connection, _| {
            let (socket, mut kept) = (Socket::of(connection).expect("a socket"), own.lock().unwrap());
            if kept.handles.is_empty() {
                kept.handles.push(socket.clone());
                let stream = socket.makefile("r")? as usize;
                kept.streams.push(stream);
                let (reader, writer, waiter) = (socket.clone(), socket.clone(), socket.clone());
                kept.readers = vec![
                    sleeper(move || status(reader.recv(&mut [0; 10]))),
                    sleeper(move || status(writer.sendall(b"never sent"))),
                    sleeper(move || status(waiter.wait(socket::Ready::Read, Timeout::Never))),
                    // SAFETY: it is closed below, after this thread has ended.
                    sleeper(move || match unsafe { fgetc(stream as *mut socket::File) } {
                        -1 => Status::Os,
                        _ => Status::Ok,
                    }),
                ];
                let readers = std::mem::take(&mut kept.readers);
                kept.readers = readers.into_iter().map(Sleeper::until_asleep).collect();
            }
            Ok(())
        });
        context.set_message_callback(Some(callback));
        let (one, other) = tcp();
        let peer = std::thread::spawn(move || {
            server(version)
                .wrap_socket(other, WrapFlags::SERVER_SIDE, None, None)
                .err()
                .expect("a refusal")
                .fd
        });
        let (error, fd) = refused(&context, one, WrapFlags::default(), Some("other.example"));
        assert_eq!(error.status(), Status::CertVerification);
        let other = peer.join().unwrap();
        let Kept { handles, streams, readers } = std::mem::take(&mut *kept.lock().unwrap());
        for reader in readers {
            assert_eq!(reader.join(), Status::Os);
        }
        assert_eq!(handles[0].fileno(), None);
        assert_eq!(handles[0].send(b"never sent").unwrap_err().os_errno(), 9);
        for stream in streams {
            // SAFETY: closed once, and nobody reads from it any more.
            unsafe { fclose(stream as *mut socket::File) };
        }
        drop(handles);
        // The two ends are the caller's, and plain.
        let (mut one, mut other) = (TcpStream::from(fd), TcpStream::from(other));
        assert!(!one.nodelay().unwrap());
        one.write_all(b"plain").unwrap();
        one.shutdown(std::net::Shutdown::Write).unwrap();
        let mut plain = Vec::new();
        other.read_to_end(&mut plain).unwrap();
        assert!(plain.ends_with(b"plain") && !plain.windows(5).any(|word| word == b"never"), "{plain:?}");
    }
}

/// A thread that gets the handle from a callback can use it once wrapping is done.
#[test]
fn a_handle_of_a_callback_waits_until_wrapping_is_done() {
    let (sender, handles) = std::sync::mpsc::channel();
    let context = server(TLS13);
    let callback: SniCallback = Arc::new(move |connection, _, _| {
        let socket = Socket::of(connection).expect("a socket").clone();
        let reader = sleeper(move || receive(&socket, 5));
        sender.send(reader.until_asleep()).unwrap();
        Ok(())
    });
    context.set_sni_callback(Some(callback)).unwrap();
    let (one, other) = tcp();
    let serving = std::thread::spawn(move || wrap(&context, other, WrapFlags::SERVER_SIDE, None).unwrap());
    let client = wrap_client(one, TLS13, WrapFlags::default()).unwrap();
    let _server = serving.join().unwrap();
    client.sendall(b"hello").unwrap();
    assert_eq!(handles.recv().unwrap().join(), b"hello");
}
