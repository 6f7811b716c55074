//! Sockets that are wrapped before they are connected: TLS begins with their first use, and nothing else does.

use super::certs;
use super::connect::unconnected;
use super::pair::*;
use super::scenes::*;
use rustix::net::{AddressFamily, SocketType};
use socket::Ready;
use std::ffi::c_int;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use tlsock::*;

type Work = fn(&Socket) -> Result<()>;

/// Repeats a call of a socket that never waits, as event loops do.
fn loop_over(socket: &Socket, mut call: impl FnMut(&Socket) -> Result<()>) -> Result<()> {
    loop {
        match call(socket) {
            Err(error) if error.status() == Status::WantRead => socket.wait(Ready::Read, seconds(20.0))?,
            Err(error) if error.status() == Status::WantWrite => socket.wait(Ready::Write, seconds(20.0))?,
            result => return result,
        }
    }
}

fn say(socket: &Socket) -> Result<()> {
    loop_over(socket, |socket| socket.send(SECRET).map(drop))
}

/// What is called first on a socket that never waits.
const FIRST: [(&str, Work); 6] = [
    ("send", say),
    ("sendall", |socket| loop_over(socket, |socket| socket.sendall(SECRET))),
    ("write", |socket| loop_over(socket, |socket| socket.write(SECRET).map(drop))),
    ("recv", |socket| loop_over(socket, |socket| socket.recv(&mut [0; 10]).map(drop))),
    ("read", |socket| loop_over(socket, |socket| socket.read(&mut [0; 10]).map(drop))),
    ("do_handshake", |socket| loop_over(socket, Socket::do_handshake)),
];

/// What is called first on a socket that waits.
const FIRST_BLOCKING: [(&str, Work); 5] = [
    ("sendall", |socket| socket.sendall(SECRET)),
    ("recv", |socket| socket.recv(&mut [0; 10]).map(drop)),
    ("sendfile", |socket| {
        let path = certs::scratch().join("late");
        std::fs::write(&path, SECRET).unwrap();
        socket.sendfile(std::fs::File::open(path).unwrap().as_fd(), 0, 0).1
    }),
    ("close_write", |socket| socket.do_handshake().and_then(|()| socket.sendall(SECRET))),
    ("makefile", |socket| {
        unsafe extern "C" {
            fn fputs(text: *const std::ffi::c_char, stream: *mut socket::File) -> c_int;
            fn fclose(stream: *mut socket::File) -> c_int;
        }
        let stream = socket.makefile("w")?;
        // SAFETY: it is open until it is closed.
        let sent = unsafe { fputs(c"the password of somebody".as_ptr(), stream) };
        // SAFETY: closed once.
        assert!(sent >= 0 && unsafe { fclose(stream) } == 0);
        Ok(())
    }),
];

/// A server behind a tap: it sends "hello", receives everything and tells which name it was asked for.
fn serve(tap: &mut Tap, version: i32) -> std::thread::JoinHandle<(Option<String>, Vec<u8>)> {
    let fd = tap.far.take().unwrap();
    let (sender, names) = channel();
    let context = server(version);
    let callback: SniCallback = Arc::new(move |_, name, _| {
        sender.send(name.map(ToOwned::to_owned)).unwrap();
        Ok(())
    });
    context.set_sni_callback(Some(callback)).unwrap();
    std::thread::spawn(move || {
        let socket = wrap(&context, fd, WrapFlags::SERVER_SIDE, None).unwrap();
        socket.sendall(b"hello").unwrap();
        (names.recv().unwrap(), drain(&socket))
    })
}

/// Wraps while the connect is under way, as every event loop does, or before it has begun.
fn late_client(address: SocketAddr, context: &Context, name: &str, connect_first: bool) -> Socket {
    let fd = unconnected("127.0.0.1");
    let copy = fd.try_clone().unwrap();
    if connect_first {
        dial(&copy, address);
    }
    let socket = wrap(context, fd, WrapFlags::NO_HANDSHAKE, Some(name)).unwrap();
    if !connect_first {
        dial(&copy, address);
    }
    socket
}

#[test]
fn tls_begins_with_the_first_use_whatever_that_is() {
    let nonblocking = FIRST.iter().map(|first| (Timeout::NonBlocking, first));
    let blocking = FIRST_BLOCKING.iter().flat_map(|first| [(Timeout::Never, first), (seconds(20.0), first)]);
    for (timeout, (name, first)) in nonblocking.chain(blocking) {
        for (version, connect_first) in [(TLS12, true), (TLS13, true), (TLS12, false), (TLS13, false)] {
            let mut tap = Tap::new();
            let server = serve(&mut tap, version);
            let socket = late_client(tap.address, &client(version), "localhost", connect_first);
            socket.settimeout(timeout).unwrap();
            first(&socket).unwrap_or_else(|error| panic!("{name}: {}", error.message()));
            say(&socket).unwrap();
            assert!(socket.connection().unwrap().getpeercert().unwrap().is_some());
            loop_over(&socket, Socket::close_write).unwrap();
            let (asked, heard) = server.join().unwrap();
            assert_eq!(asked.as_deref(), Some("localhost"), "{name}");
            assert!(shows_the_secret(&heard));
            drop(socket);
            let seen = tap.seen();
            assert!(seen[0] == 0x16 && !shows_the_secret(&seen), "{name}");
        }
    }
}

#[test]
fn a_late_handshake_that_fails_leaves_nothing_to_send_on() {
    for (_, first) in FIRST {
        let mut tap = Tap::new();
        let fd = tap.far.take().unwrap();
        let other = std::thread::spawn(move || wrap_server(fd, TLS13, WrapFlags::default()).map(drop));
        let socket = late_client(tap.address, &client(TLS13), "other.example", false);
        assert_eq!(status(first(&socket)), Status::CertVerification);
        for (_, again) in FIRST {
            let _ = again(&socket);
        }
        drop(socket);
        let _ = other.join().unwrap();
        assert!(!shows_the_secret(&tap.seen()));
    }
}

/// Plain bytes of a peer are never handed out, however long it talks.
#[test]
fn what_a_plain_peer_says_is_never_handed_out() {
    for state in ["late", "connected", "failed"] {
        for role in [Role::Client(TLS13), Role::Server(TLS12)] {
            let mut scene = scene(state, role);
            if let Some(fd) = scene.far() {
                let _ = UnixStream::from(fd).write_all(&b"+OK plain, and more of it\r\n".repeat(20));
            }
            scene.socket.settimeout(seconds(20.0)).unwrap();
            for _ in 0..3 {
                let mut buffer = [0; 100];
                let _ = scene.socket.recv(&mut buffer);
                let _ = scene.socket.read(&mut buffer);
                assert_eq!(buffer, [0; 100], "{state}");
            }
            let _ = scene.socket.send(SECRET);
            assert!(!shows_the_secret(&scene.seen()));
        }
    }
}

#[test]
fn the_deadline_covers_connecting_and_the_handshake() {
    let mut buffer = [0; 10];
    // One whose connect stays under way, and one whose peer is silent.
    for state in ["connecting", "late", "connected"] {
        let scene = scene(state, Role::Client(TLS13));
        scene.socket.settimeout(seconds(0.05)).unwrap();
        for (words, result) in [
            ("The read operation timed out", scene.socket.recv(&mut buffer).map(drop)),
            ("The write operation timed out", scene.socket.send(SECRET).map(drop)),
            ("The handshake operation timed out", scene.socket.do_handshake()),
        ] {
            assert_eq!((status_of(&result), message(result).as_str()), (Status::Timeout, words), "{state}");
        }
        assert!(!shows_the_secret(&scene.seen()));
    }
}

fn status_of<T>(result: &Result<T>) -> Status {
    result.as_ref().err().map_or(Status::Ok, Error::status)
}

#[test]
fn a_connect_that_failed_is_told_and_then_that_there_is_none() {
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (name, first) in FIRST {
        let fd = unconnected("127.0.0.1");
        let copy = fd.try_clone().unwrap();
        let socket = wrap_client(fd, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
        socket.settimeout(Timeout::NonBlocking).unwrap();
        assert_eq!(first(&socket).unwrap_err().os_errno(), 107, "{name}");
        // On the loopback, connect itself may report the refusal.
        if rustix::net::connect(&copy, &deaf) == Err(rustix::io::Errno::INPROGRESS) {
            let error = first(&socket).unwrap_err();
            assert_eq!((error.os_errno(), error.detail().unwrap().phase), (111, Phase::Connect), "{name}");
        }
        assert_eq!(first(&socket).unwrap_err().os_errno(), 107, "{name}");
    }
}

/// A peer that sent plain bytes and vanished before TLS began must not look like one that sent TLS.
#[test]
fn bytes_of_a_peer_that_vanished_before_the_first_use_are_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let fd = unconnected("127.0.0.1");
    let stream = TcpStream::from(fd.try_clone().unwrap());
    let socket = wrap_client(fd, TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
    rustix::net::connect(&stream, &listener.local_addr().unwrap()).unwrap();
    let (mut peer, _) = listener.accept().unwrap();
    peer.write_all(b"plain").unwrap();
    // Closing with unread bytes of the other side resets.
    (&stream).write_all(b"unread").unwrap();
    peer.peek(&mut [0]).unwrap();
    drop(peer);
    while stream.peer_addr().is_ok() {
        std::thread::yield_now();
    }
    let mut buffer = [0; 10];
    for _ in 0..2 {
        let words = "Closed before TLS handshake with data in recv buffer.";
        assert_eq!(message(socket.recv(&mut buffer)), words);
        assert_eq!(message(socket.send(SECRET)), words);
    }
    assert_eq!(buffer, [0; 10]);
}

#[test]
fn a_session_and_a_context_set_before_are_used() {
    for version in [TLS12, TLS13] {
        let (context, serving) = (client(version), server(version));
        let begin = |session: Option<&Session>| {
            let mut tap = Tap::new();
            let fd = tap.far.take().unwrap();
            let serving = serving.clone();
            let server = std::thread::spawn(move || {
                let socket = wrap(&serving, fd, WrapFlags::SERVER_SIDE, None).unwrap();
                socket.sendall(b"hello").unwrap();
                drain(&socket)
            });
            // Another context first: the one that counts is set afterwards.
            let socket = late_client(tap.address, &client(version), "localhost", false);
            socket.set_context(&context).unwrap();
            session.map_or(Ok(()), |session| socket.set_session(session)).unwrap();
            socket.settimeout(Timeout::Never).unwrap();
            assert_eq!(receive(&socket, 5), b"hello");
            assert!(socket.context().same(&context));
            let engine = socket.engine().unwrap();
            let told = (engine.session_reused(), engine.session().unwrap().unwrap());
            socket.close_write().unwrap();
            server.join().unwrap();
            told
        };
        let (reused, session) = begin(None);
        assert!(!reused);
        assert!(begin(Some(&session)).0);
    }
}

/// Reading and writing at once, neither of which knows whether TLS has begun: it begins once.
#[test]
fn two_threads_begin_one_connection() {
    for _ in 0..20 {
        let mut tap = Tap::new();
        let server = serve(&mut tap, TLS13);
        let socket = late_client(tap.address, &client(TLS13), "localhost", false);
        socket.settimeout(Timeout::Never).unwrap();
        let reader = socket.clone();
        let reader = std::thread::spawn(move || receive(&reader, 5));
        socket.sendall(SECRET).unwrap();
        assert_eq!(reader.join().unwrap(), b"hello");
        socket.close_write().unwrap();
        assert_eq!(server.join().unwrap().1, SECRET);
        drop(socket);
        assert!(!shows_the_secret(&tap.seen()));
    }
}

/// A server whose descriptor its owner connects, on sockets of either kind.
#[test]
fn a_late_server_and_local_sockets_begin_too() {
    // The system takes no path of more than a hundred bytes, which a folder of a build may have by itself.
    let path = std::env::temp_dir().join(format!("tlsock-late-{}.socket", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    let address = rustix::net::SocketAddrUnix::new(&path).unwrap();
    let local = || rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap();
    for late_is_client in [true, false] {
        let fd: OwnedFd = local();
        let copy = fd.try_clone().unwrap();
        let late = match late_is_client {
            true => wrap_client(fd, TLS13, WrapFlags::default()),
            false => wrap_server(fd, TLS13, WrapFlags::default()),
        };
        let late = late.unwrap();
        for result in [late.send(SECRET).map(drop), late.recv(&mut [0]).map(drop), late.do_handshake()] {
            assert_eq!(result.unwrap_err().os_errno(), 107);
        }
        rustix::net::connect(&copy, &address).unwrap();
        let fd: OwnedFd = listener.accept().unwrap().0.into();
        let other = std::thread::spawn(move || match late_is_client {
            true => wrap_server(fd, TLS13, WrapFlags::default()).unwrap(),
            false => wrap_client(fd, TLS13, WrapFlags::default()).unwrap(),
        });
        late.sendall(SECRET).unwrap();
        assert_eq!(receive(&other.join().unwrap(), SECRET.len()), SECRET);
    }
    std::fs::remove_file(&path).unwrap();
}

/// What is known before the connection is made is known on each first use, and nothing is sent.
#[test]
fn a_context_of_the_other_role_is_refused_with_the_first_use() {
    let mut tap = Tap::new();
    let copy = Arc::new(Mutex::new(Some(unconnected("127.0.0.1"))));
    let fd = copy.lock().unwrap().as_ref().unwrap().try_clone().unwrap();
    let socket = wrap(&server(TLS13), fd, WrapFlags::NO_HANDSHAKE, Some("localhost")).unwrap();
    rustix::net::connect(copy.lock().unwrap().take().unwrap(), &tap.address).unwrap();
    let words = "Cannot create a client socket with a PROTOCOL_TLS_SERVER context";
    for _ in 0..2 {
        assert_eq!(message(socket.send(SECRET)), words);
        assert_eq!(message(socket.recv(&mut [0])), words);
    }
    drop(socket);
    drop(tap.far.take());
    assert!(tap.seen().is_empty());
}

/// Waiting for a connect that is under way ends when another thread ends the socket.
#[test]
fn a_first_use_that_waits_wakes() {
    let ends: [fn(&Socket); 3] = [
        |socket| socket.close().unwrap(),
        |socket| socket.abort().unwrap(),
        |socket| socket.shutdown(socket::Half::Both).unwrap(),
    ];
    for end in ends {
        let scene = scene("connecting", Role::Client(TLS13));
        scene.socket.settimeout(Timeout::Never).unwrap();
        let (reader, writer) = (scene.socket.clone(), scene.socket.clone());
        let reader = sleeper(move || reader.recv(&mut [0; 10])).until_asleep();
        let writer = sleeper(move || writer.send(SECRET)).until_asleep();
        end(&scene.socket);
        assert!(reader.join().is_err());
        assert!(writer.join().is_err());
    }
}
