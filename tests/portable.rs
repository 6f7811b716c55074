//! What must work on every system, tested without anything of Unix: this file also runs as a program of Windows. There
//! TLSOCK_TEST_CERTS names the folder that tests/certs/make.sh has filled.

mod certs;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{OnceLock, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tlsock::socket::Ready;
use tlsock::*;

const TLS12: i32 = 771;
const TLS13: i32 = 772;
const SOON: Timeout = Timeout::After(Duration::from_secs(20));

fn folder() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let given = || std::env::var_os("TLSOCK_TEST_CERTS").map(PathBuf::from);
    FOLDER.get_or_init(|| given().unwrap_or_else(|| certs::folder().to_owned())).clone()
}

fn client() -> Context {
    Context::create_default(129, Some(&folder().join("ca.pem")), None, None).unwrap()
}

fn server() -> Context {
    let context = Context::create_default(130, None, None, None).unwrap();
    context.load_cert_chain(&folder().join("ecdsa.pem"), Some(&folder().join("ecdsa.key")), None).unwrap();
    context
}

fn port(socket: &Socket) -> u16 {
    u16::try_from(socket.getsockname().unwrap().port).unwrap()
}

/// A listener, and a thread that does something with the first peer that comes.
fn serve<T: Send + 'static>(work: impl FnOnce(Socket) -> T + Send + 'static) -> (u16, JoinHandle<T>) {
    let listener = server().create_server(Some("127.0.0.1"), 0, 0, WrapFlags::default()).unwrap();
    let port = port(&listener);
    (port, thread::spawn(move || work(listener.accept().unwrap().0)))
}

fn connect(context: &Context, port: u16) -> Socket {
    context.create_connection("localhost", port, SOON).unwrap()
}

fn read_all(socket: &Socket) -> Vec<u8> {
    let (mut all, mut buffer) = (Vec::new(), vec![0; 10_000]);
    loop {
        match socket.recv(&mut buffer) {
            Ok(0) => return all,
            // Both ends have sent close_notify.
            Err(error) if error.status() == Status::ZeroReturn => return all,
            count => all.extend(&buffer[..count.unwrap()]),
        }
    }
}

fn some_data(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}

#[test]
fn data_arrives_in_both_directions() {
    for version in [TLS12, TLS13] {
        let (port, peer) = serve(|socket| {
            let data = read_all(&socket);
            socket.sendall(&data).unwrap();
            socket.close_write().unwrap();
            assert_eq!(socket.unwrap().unwrap(), b"");
        });
        let context = client();
        context.set_maximum_version(version).unwrap();
        let socket = connect(&context, port);
        let names = [c"TLSv1.2", c"TLSv1.3"];
        assert_eq!(socket.engine().unwrap().version(), Some(names[usize::from(version == TLS13)]));
        assert_eq!(i32::from(port), socket.getpeername().unwrap().port);
        let data = some_data(3_000_000);
        socket.sendall(&data).unwrap();
        socket.close_write().unwrap();
        assert!(read_all(&socket) == data);
        socket.unwrap().unwrap();
        peer.join().unwrap();
    }
}

#[test]
fn a_read_ends_with_its_time() {
    let (port, peer) = serve(|socket| {
        socket.sendall(b"!").unwrap();
        read_all(&socket)
    });
    let socket = connect(&client(), port);
    // The tickets of TLS 1.3, which the peer may be slow to send, are in front of its first byte.
    assert_eq!(socket.recv(&mut [0]).unwrap(), 1);
    socket.settimeout(Timeout::After(Duration::from_millis(150))).unwrap();
    let started = Instant::now();
    assert_eq!(socket.recv(&mut [0]).unwrap_err().status(), Status::Timeout);
    assert!(started.elapsed() >= Duration::from_millis(150));
    assert_eq!(socket.wait(Ready::Read, Timeout::NonBlocking).unwrap_err().status(), Status::Timeout);
    socket.wait(Ready::Write, SOON).unwrap();
    socket.settimeout(Timeout::NonBlocking).unwrap();
    assert_eq!(socket.recv(&mut [0]).unwrap_err().status(), Status::WantRead);
    socket.close_write().unwrap();
    assert_eq!(peer.join().unwrap(), b"");
}

#[test]
fn a_socket_that_never_waits_sends_what_there_is_room_for() {
    let (full, go) = mpsc::channel();
    let (port, peer) = serve(move |socket| {
        go.recv().unwrap();
        read_all(&socket).len()
    });
    let socket = connect(&client(), port);
    socket.settimeout(Timeout::NonBlocking).unwrap();
    let data = some_data(30_000_000);
    assert_eq!(socket.sendall(&data).unwrap_err().status(), Status::WantWrite);
    full.send(()).unwrap();
    while let Err(error) = socket.sendall(&data) {
        assert_eq!(error.status(), Status::WantWrite);
        socket.wait(Ready::Write, SOON).unwrap();
    }
    socket.settimeout(SOON).unwrap();
    socket.close_write().unwrap();
    assert_eq!(peer.join().unwrap(), data.len());
}

#[test]
fn a_socket_of_the_standard_library_is_wrapped_and_comes_back() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let peer = thread::spawn(move || {
        let fd = listener.accept().unwrap().0.into();
        let flags = WrapFlags::SERVER_SIDE;
        let socket = server().wrap_socket(fd, flags, None, None).unwrap_or_else(|no| panic!("{}", no.error));
        assert_eq!(socket.gettimeout(), Timeout::Never);
        socket.unwrap().unwrap();
        let mut plain = TcpStream::from(socket.detach().unwrap());
        assert_eq!(socket.fileno(), None);
        // Waits, as it did before it was wrapped.
        let mut text = [0; 5];
        plain.read_exact(&mut text).unwrap();
        text
    });
    let fd = TcpStream::connect(address).unwrap().into();
    let wrapped = client().wrap_socket(fd, WrapFlags::default(), Some("localhost"), None);
    let socket = wrapped.unwrap_or_else(|no| panic!("{}", no.error));
    socket.unwrap().unwrap();
    let mut plain = TcpStream::from(socket.detach().unwrap());
    plain.write_all(b"plain").unwrap();
    assert_eq!(&peer.join().unwrap(), b"plain");
}

#[test]
fn who_is_not_trusted_is_refused_and_the_socket_comes_back() {
    let (port, peer) = {
        let listener = server().create_server(Some("127.0.0.1"), 0, 0, WrapFlags::default()).unwrap();
        (port(&listener), thread::spawn(move || listener.accept().map(|_| ()).unwrap_err().status()))
    };
    let fd = TcpStream::connect(("127.0.0.1", port)).unwrap().into();
    let refused = client().wrap_socket(fd, WrapFlags::default(), Some("other.example"), None);
    let Err(NotWrapped { error, fd }) = refused else { panic!("accepted") };
    assert_eq!(error.status(), Status::CertVerification, "{error:?}");
    assert!(TcpStream::from(fd).local_addr().is_ok());
    assert_eq!(peer.join().unwrap(), Status::Ssl);
}

#[test]
fn nobody_there_is_said_at_once() {
    let gone = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let error = client().create_connection("127.0.0.1", gone.port(), SOON).map(|_| ()).unwrap_err();
    assert_eq!((error.status(), error.detail().unwrap().phase), (Status::Os, Phase::Connect));
    let refused = TcpStream::connect(gone).unwrap_err();
    assert_eq!(Some(error.os_errno()), refused.raw_os_error());
}

#[test]
fn a_second_thread_wakes_the_first() {
    for abort in [false, true] {
        let (port, peer) = serve(|socket| {
            socket.sendall(b"x").unwrap();
            let _ = socket.recv(&mut [0]);
        });
        let socket = connect(&client(), port);
        socket.settimeout(Timeout::Never).unwrap();
        assert_eq!(socket.recv(&mut [0]).unwrap(), 1);
        let reader = {
            let socket = socket.clone();
            thread::spawn(move || socket.recv(&mut [0]).unwrap_err().status())
        };
        // Whether the reader waits already makes no difference to what it is told.
        thread::yield_now();
        if abort {
            socket.abort().unwrap()
        } else {
            socket.close().unwrap()
        }
        assert!(matches!(reader.join().unwrap(), Status::Ssl | Status::Os));
        peer.join().unwrap();
    }
}

#[test]
fn options_are_kept() {
    let listener = server().create_server(Some("127.0.0.1"), 0, 0, WrapFlags::default()).unwrap();
    let (level, keepalive) = if cfg!(target_os = "linux") { (1, 9) } else { (0xFFFF, 8) };
    let mut value = [0; 4];
    listener.setsockopt(level, keepalive, &1_i32.to_ne_bytes()).unwrap();
    assert!(matches!(listener.getsockopt(level, keepalive, &mut value).unwrap(), 1 | 4));
    assert_ne!(value, [0; 4]);
    assert_eq!(listener.setsockopt(77, 1, &value).unwrap_err().status(), Status::Os);
}

#[test]
fn a_file_is_sent_from_its_middle() {
    let path = std::env::temp_dir().join(format!("tlsock-portable-{}", std::process::id()));
    let data = some_data(200_000);
    std::fs::write(&path, &data).unwrap();
    let (port, peer) = serve(|socket| read_all(&socket));
    let socket = connect(&client(), port);
    let file = std::fs::File::open(&path).unwrap();
    #[cfg(windows)]
    let lent = std::os::windows::io::AsHandle::as_handle(&file);
    #[cfg(not(windows))]
    let lent = std::os::fd::AsFd::as_fd(&file);
    let (sent, result) = socket.sendfile(lent, 50_000, 100_000);
    result.unwrap();
    assert_eq!(sent, 100_000);
    socket.close_write().unwrap();
    assert!(peer.join().unwrap() == data[50_000..150_000]);
    std::io::copy(&mut &file, &mut std::io::sink()).map(|rest| assert_eq!(rest, 50_000)).unwrap();
    drop(file);
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn the_stores_of_windows_are_read_where_there_are_any() {
    if !cfg!(windows) {
        for list in [enum_certificates("ROOT"), enum_crls("ROOT")] {
            assert_eq!(list.unwrap_err().status(), Status::NotImplemented);
        }
        return;
    }
    let roots = enum_certificates("ROOT").unwrap().0;
    assert!(!roots.is_empty());
    assert!(roots.iter().all(|entry| entry.encoding.as_c_str() == c"x509_asn" && entry.data[0] == 0x30));
    assert!(enum_crls("CA").unwrap().0.iter().all(|entry| entry.trust.as_ref().is_some_and(Vec::is_empty)));
    assert_eq!(enum_certificates("no such store").unwrap_err().status(), Status::Os);
    let context = Context::new(16).unwrap();
    context.load_default_certs(129).unwrap();
    assert!(context.cert_store_stats().unwrap().x509 > 0);
}
