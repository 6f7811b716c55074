//! Two ends of one connection, and what tests ask of threads.

use super::certs;
use rustix::net::{AddressFamily, SocketType};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::LazyLock;
use std::thread::JoinHandle;
use std::time::Duration;
use tlsock::*;

pub const TLS12: i32 = 771;
pub const TLS13: i32 = 772;

/// A context for "localhost" that trusts the test's root.
pub fn client(version: i32) -> Context {
    let context = Context::create_default(129, Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    pinned(context, version)
}

pub fn server(version: i32) -> Context {
    let context = Context::create_default(130, None, None, None).unwrap();
    let folder = certs::folder();
    context.load_cert_chain(&folder.join("ecdsa.pem"), Some(&folder.join("ecdsa.key")), None).unwrap();
    pinned(context, version)
}

fn pinned(context: Context, version: i32) -> Context {
    context.set_minimum_version(version).unwrap();
    context.set_maximum_version(version).unwrap();
    context
}

pub fn tcp() -> (OwnedFd, OwnedFd) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client.into(), listener.accept().unwrap().0.into())
}

pub fn local() -> (OwnedFd, OwnedFd) {
    let (one, other) = UnixStream::pair().unwrap();
    (one.into(), other.into())
}

/// Wraps, where the test is about the error alone.
pub fn wrap(context: &Context, fd: OwnedFd, flags: WrapFlags, name: Option<&str>) -> Result<Socket> {
    context.wrap_socket(fd, flags, name, None).map_err(|refused| refused.error)
}

pub fn wrap_client(fd: OwnedFd, version: i32, flags: WrapFlags) -> Result<Socket> {
    wrap(&client(version), fd, flags, Some("localhost"))
}

pub fn wrap_server(fd: OwnedFd, version: i32, flags: WrapFlags) -> Result<Socket> {
    wrap(&server(version), fd, flags | WrapFlags::SERVER_SIDE, None)
}

/// A client and a server after their handshake.
pub fn pair_over(fds: (OwnedFd, OwnedFd), version: i32, flags: WrapFlags) -> (Socket, Socket) {
    let server = std::thread::spawn(move || wrap_server(fds.1, version, flags).unwrap());
    (wrap_client(fds.0, version, flags).unwrap(), server.join().unwrap())
}

pub fn pair() -> (Socket, Socket) {
    pair_over(tcp(), TLS13, WrapFlags::default())
}

/// Runs a test over every transport and version.
pub fn each(test: impl Fn(Socket, Socket)) {
    for version in [TLS12, TLS13] {
        for transport in [tcp, local] {
            let (client, server) = pair_over(transport(), version, WrapFlags::default());
            test(client, server);
        }
    }
}

pub fn seconds(seconds: f64) -> Timeout {
    Timeout::from_seconds(seconds).unwrap()
}

pub fn receive(socket: &Socket, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let mut done = 0;
    while done < count {
        match socket.recv(&mut bytes[done..]).unwrap() {
            0 => panic!("the stream ended after {done} of {count} bytes"),
            more => done += more,
        }
    }
    bytes
}

/// Receives to the end.
pub fn drain(socket: &Socket) -> Vec<u8> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 40_000]);
    loop {
        match socket.recv(&mut buffer).unwrap() {
            0 => return bytes,
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

pub fn status<T>(result: Result<T>) -> Status {
    result.map_or_else(|error| error.status(), |_| Status::Ok)
}

pub fn message<T>(result: Result<T>) -> String {
    result.map_or_else(|error| error.message().to_string(), |_| "no error".to_string())
}

/// How long "soon" may take: under tools that slow everything down it is longer.
fn soon() -> Duration {
    let seconds = std::env::var("TLSOCK_TEST_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(20))
}

/// A port on which nobody listens, at any address: a socket that is only bound keeps it from all others.
pub fn deaf_port() -> u16 {
    static BOUND: LazyLock<TcpListener> = LazyLock::new(|| {
        let fd = rustix::net::socket(AddressFamily::INET6, SocketType::STREAM, None).unwrap();
        rustix::net::bind(&fd, &"[::]:0".parse::<SocketAddr>().unwrap()).unwrap();
        fd.into()
    });
    BOUND.local_addr().unwrap().port()
}

/// A thread that can be asked whether it sleeps inside the system.
pub struct Sleeper<T> {
    pub thread: JoinHandle<T>,
    state: std::path::PathBuf,
}

pub fn sleeper<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Sleeper<T> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let own = std::fs::read_link("/proc/thread-self").expect("Linux tells a thread its number");
        sender.send(own).unwrap();
        work()
    });
    Sleeper { thread, state: std::path::Path::new("/proc").join(receiver.recv().unwrap()).join("stat") }
}

impl<T> Sleeper<T> {
    /// Waits until the thread sleeps, or has ended.
    pub fn until_asleep(self) -> Self {
        loop {
            let state = std::fs::read_to_string(&self.state).unwrap_or_default();
            let letter = state.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
            if self.thread.is_finished() || letter == Some('S') {
                return self;
            }
            std::thread::yield_now();
        }
    }

    /// The thread's result, which must come soon.
    pub fn join(self) -> T {
        let limit = std::time::Instant::now() + soon();
        while !self.thread.is_finished() {
            assert!(std::time::Instant::now() < limit, "the thread still sleeps");
            std::thread::yield_now();
        }
        self.thread.join().unwrap()
    }
}
