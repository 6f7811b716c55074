//! A socket in each of its states, and a tap that records what it sent.

use super::connect::unconnected;
use super::pair::*;
use rustix::net::{AddressFamily, SocketType};
use socket::Half;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::LazyLock;
use std::thread::JoinHandle;
use tlsock::*;

/// What must never be seen in the clear.
pub const SECRET: &[u8] = b"the password of somebody";

/// A tap between the two ends that records what the near one sent.
pub struct Tap {
    pub address: SocketAddr,
    pub far: Option<OwnedFd>,
    seen: JoinHandle<Vec<u8>>,
}

impl Tap {
    pub fn new() -> Tap {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (inner, far) = UnixStream::pair().unwrap();
        let seen = std::thread::spawn(move || pass_on(listener.accept().unwrap().0, inner));
        Tap { address, far: Some(far.into()), seen }
    }

    /// What the near end sent. Both ends are gone by now.
    pub fn seen(self) -> Vec<u8> {
        drop(self.far);
        self.seen.join().unwrap()
    }
}

fn pass_on(near: TcpStream, far: UnixStream) -> Vec<u8> {
    let (mut from, mut to) = (far.try_clone().unwrap(), near.try_clone().unwrap());
    let back = std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut near, mut far, mut seen, mut buffer) = (near, far, Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = near.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..count]);
        let _ = far.write_all(&buffer[..count]);
    }
    let _ = far.shutdown(Shutdown::Write);
    back.join().unwrap();
    seen
}

/// A listener whose queue is full: a new connect waits.
pub static FULL: LazyLock<(OwnedFd, SocketAddr, Vec<TcpStream>)> = LazyLock::new(|| {
    let listener = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&listener, &"127.0.0.1:0".parse::<SocketAddr>().unwrap()).unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let address = TcpListener::from(listener.try_clone().unwrap()).local_addr().unwrap();
    let limit = std::time::Duration::from_millis(200);
    let crowd = std::iter::from_fn(|| TcpStream::connect_timeout(&address, limit).ok()).collect();
    (listener, address, crowd)
});

/// Connects a descriptor without waiting, as its owner may.
pub fn dial(fd: impl AsFd, address: SocketAddr) {
    let flags = rustix::fs::fcntl_getfl(&fd).unwrap();
    rustix::fs::fcntl_setfl(&fd, flags | rustix::fs::OFlags::NONBLOCK).unwrap();
    match rustix::net::connect(&fd, &address) {
        Ok(()) | Err(rustix::io::Errno::INPROGRESS) => {}
        Err(error) => panic!("{error}"),
    }
}

/// A socket in a state, and what belongs to it.
pub struct Scene {
    pub socket: Socket,
    tap: Option<Tap>,
    peer: Option<Socket>,
    given_away: Option<OwnedFd>,
}

impl Scene {
    fn alone(socket: Socket) -> Scene {
        Scene { socket, tap: None, peer: None, given_away: None }
    }

    fn connected(role: Role, name: &str) -> Scene {
        let tap = Tap::new();
        let fd = TcpStream::connect(tap.address).unwrap().into();
        Scene { tap: Some(tap), ..Scene::alone(role.wrap(fd, name)) }
    }

    /// Does the handshake with a peer; whether that works is for the test to check.
    fn greeted(role: Role, name: &str) -> Scene {
        let mut scene = Scene::connected(role, name);
        let far = scene.far().unwrap();
        let peer = role.other().wrap(far, "localhost");
        let other = peer.clone();
        let other = std::thread::spawn(move || other.do_handshake().and_then(|()| other.sendall(b"!")));
        if scene.socket.do_handshake().is_ok() {
            // Reads what comes after the handshake of TLS 1.3.
            receive(&scene.socket, 1);
        }
        let _ = other.join().unwrap();
        Scene { peer: Some(peer), ..scene }
    }

    pub fn tls(role: Role) -> Scene {
        Scene::greeted(role, "localhost")
    }

    pub fn peer(&self) -> &Socket {
        self.peer.as_ref().unwrap()
    }

    /// The other end, where no TLS is on it.
    pub fn far(&mut self) -> Option<OwnedFd> {
        self.tap.as_mut()?.far.take()
    }

    /// What was sent, once everybody is gone.
    pub fn seen(self) -> Vec<u8> {
        let Scene { socket, tap, peer, given_away } = self;
        drop((socket, peer, given_away));
        tap.map_or_else(Vec::new, Tap::seen)
    }
}

/// Which end, and the version of TLS.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Role {
    Client(i32),
    Server(i32),
}

impl Role {
    fn other(self) -> Role {
        match self {
            Role::Client(version) => Role::Server(version),
            Role::Server(version) => Role::Client(version),
        }
    }

    pub fn wrap(self, fd: OwnedFd, name: &str) -> Socket {
        let flags = WrapFlags::NO_HANDSHAKE;
        match self {
            Role::Client(version) => wrap(&contexts(version).0, fd, flags, Some(name)).unwrap(),
            Role::Server(version) => {
                wrap(&contexts(version).1, fd, flags | WrapFlags::SERVER_SIDE, None).unwrap()
            }
        }
    }
}

/// A client's and a server's context, made once.
fn contexts(version: i32) -> &'static (Context, Context) {
    static TLS_1_2: LazyLock<(Context, Context)> = LazyLock::new(|| (client(TLS12), server(TLS12)));
    static TLS_1_3: LazyLock<(Context, Context)> = LazyLock::new(|| (client(TLS13), server(TLS13)));
    if version == TLS12 { &TLS_1_2 } else { &TLS_1_3 }
}

/// The states, by the heads of the columns.
pub fn scene(state: &str, role: Role) -> Scene {
    let scene = match state {
        "unconnected" => Scene::alone(role.wrap(unconnected("127.0.0.1"), "localhost")),
        "connecting" => {
            let fd = unconnected("127.0.0.1");
            dial(&fd, FULL.1);
            Scene::alone(role.wrap(fd, "localhost"))
        }
        // Wrapped first, and connected by its owner.
        "late" => {
            let tap = Tap::new();
            let fd = unconnected("127.0.0.1");
            let copy = fd.try_clone().unwrap();
            let socket = role.wrap(fd, "localhost");
            rustix::net::connect(copy, &tap.address).unwrap();
            Scene { tap: Some(tap), ..Scene::alone(socket) }
        }
        "connected" => Scene::connected(role, "localhost"),
        "failed" if matches!(role, Role::Client(_)) => Scene::greeted(role, "other.example"),
        "failed" => {
            let mut scene = Scene::connected(role, "localhost");
            let mut far = UnixStream::from(scene.far().unwrap());
            far.write_all(b"this is no TLS at all\r\n").unwrap();
            far.shutdown(Shutdown::Write).unwrap();
            assert_eq!(status(scene.socket.do_handshake()), Status::Ssl);
            scene.tap.as_mut().unwrap().far = Some(far.into());
            scene
        }
        "tls" => Scene::tls(role),
        "ended" => {
            let scene = Scene::tls(role);
            scene.peer().close_write().unwrap();
            assert_eq!(scene.socket.recv(&mut [0]).unwrap(), 0);
            scene
        }
        "unwrapped" => {
            let scene = Scene::tls(role);
            let other = scene.peer().clone();
            let other = std::thread::spawn(move || other.unwrap().unwrap());
            scene.socket.unwrap().unwrap();
            other.join().unwrap();
            scene
        }
        "shut" => {
            let scene = Scene::tls(role);
            scene.socket.shutdown(Half::Both).unwrap();
            scene
        }
        "detached" => {
            let scene = Scene::tls(role);
            let given_away = scene.socket.detach();
            Scene { given_away, ..scene }
        }
        "closed" => {
            let scene = Scene::tls(role);
            scene.socket.close().unwrap();
            scene
        }
        "listening" => {
            let socket = role.wrap(unconnected("127.0.0.1"), "localhost");
            socket.listen(0).unwrap();
            Scene::alone(socket)
        }
        _ => panic!("{state}"),
    };
    let _ = scene.socket.settimeout(Timeout::NonBlocking);
    scene
}

/// Tells whether somebody in between has learnt it.
pub fn shows_the_secret(seen: &[u8]) -> bool {
    seen.windows(SECRET.len()).any(|window| window == SECRET)
}
