//! Sockets that are wrapped before they are connected, by connect(2) or by the library and at any moment. The peer is a
//! plain socket that records every byte, and may pass it to a real TLS server. Before unwrap the peer sees no plaintext,
//! and nothing that it sends unencrypted is delivered.
//!
//! The input: flags, then steps of two bytes.

use crate::c::*;
use crate::call::{call, fill, give, owned};
use crate::handle::Handle;
use crate::peer::{self, Shared};
use crate::reader::Reader;
use crate::{api, certs, handshake};
use std::ffi::{c_int, c_void};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr::{null, null_mut};

/// What is sent, over and over, and must not be seen.
const MARKER: &[u8; 16] = b"MARKER-IN-CLEAR!";
/// What the peer sends in the clear.
const CLEAR: &[u8] = b"CLEAR-TEXT-OF-THE-PEER";
/// What the honest server sends within TLS.
const HONEST: u8 = b'h';

/// All there is.
struct World {
    socket: Handle<tlsock_socket>,
    listener: TcpListener,
    peer: Option<TcpStream>,
    /// What hands the bytes to a server.
    relay: Option<(Handle<tlsock_object>, Handle<tlsock_bio>, Handle<tlsock_bio>)>,
    seen: Vec<u8>,
    /// So much of it the server has got.
    handed: usize,
    /// unwrap has ended TLS.
    plain: bool,
}

/// Plays the steps.
pub fn run(data: &[u8]) {
    let mut input = Reader(data);
    let flags = input.byte();
    let (client, server) = contexts();
    let Some(mut world) = World::new(if flags & 1 == 0 { &client } else { &server }, &server, flags) else {
        return;
    };
    for _ in 0..40 {
        if input.is_empty() {
            break;
        }
        let (op, how) = (input.byte(), input.byte());
        world.step(op, how);
        world.look();
    }
    let World { socket, mut peer, mut seen, plain, .. } = world;
    drop(socket);
    // What was on its way.
    if let Some(peer) = &mut peer {
        drain(peer, &mut seen);
    }
    check(&seen, plain);
}

fn contexts() -> (Shared, Shared) {
    let client = peer::cached("unconnected client", || {
        let client = peer::context(PROTOCOL_TLS_CLIENT);
        peer::trust(&client, certs::read("ca.pem")).expect("the root is good");
        client
    });
    let server = peer::cached("unconnected server", || {
        let server = peer::context(PROTOCOL_TLS_SERVER);
        peer::identify(&server, "ecdsa");
        server
    });
    (client, server)
}

/// Closing must not leave a connection in TIME_WAIT: the number of ports is limited.
fn at_once(fd: c_int) {
    let linger = libc::linger { l_onoff: 1, l_linger: 0 };
    // SAFETY: an open descriptor and a value of the size given.
    let set = unsafe {
        libc::setsockopt(
            fd,
            libc::SOL_SOCKET,
            libc::SO_LINGER,
            (&raw const linger).cast(),
            size_of::<libc::linger>() as libc::socklen_t,
        )
    };
    assert_eq!(set, 0, "the system can do that");
}

fn listener() -> TcpListener {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.set_nonblocking(true).expect("the system can do that");
    listener
}

impl World {
    fn new(context: &Shared, server: &Shared, flags: u8) -> Option<World> {
        // SAFETY: takes numbers.
        let fd = unsafe {
            libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK, 0)
        };
        assert!(fd >= 0, "the system gives sockets");
        at_once(fd);
        let listener = listener();
        // Some are on their way already.
        if flags & 16 != 0 {
            connect(fd, &listener);
        }
        let side = if flags & 1 == 0 { 0 } else { WRAP_SERVER_SIDE };
        let ragged = if flags & 2 == 0 { 0 } else { WRAP_REPORT_RAGGED_EOFS };
        let later = if flags & 4 == 0 { 0 } else { WRAP_NO_HANDSHAKE };
        let name = if flags & 1 == 0 { c"localhost".as_ptr() } else { null() };
        // SAFETY: a live context, a descriptor of ours, text, and a place for a handle.
        let made = give("wrap_socket", |out, error| unsafe {
            tlsock_context_wrap_socket(context.raw(), fd, side | ragged | later, name, null(), out, error)
        });
        let Ok(made) = made else {
            // SAFETY: by the header it is still ours, and open.
            drop(unsafe { OwnedFd::from_raw_fd(fd) });
            return None;
        };
        // SAFETY: ours.
        let socket = unsafe { Handle::new(made) }.expect("a handle");
        let relay = (flags & 8 != 0).then(|| {
            let (incoming, outgoing) = (peer::bio(), peer::bio());
            let object = peer::wrap(server, Some((&incoming, &outgoing)), WRAP_SERVER_SIDE, None, None);
            (object.expect("a server's object"), incoming, outgoing)
        });
        Some(World { socket, listener, peer: None, relay, seen: Vec::new(), handed: 0, plain: false })
    }

    fn step(&mut self, op: u8, how: u8) {
        let raw = self.socket.raw();
        match op % 20 {
            // SAFETY: a live socket.
            0 => connect(unsafe { tlsock_socket_fileno(raw) }, &self.listener),
            1 => self.connect_by_library(how),
            2..=4 => self.receive(op % 20, how),
            5..=8 => self.send(op % 20, how),
            // SAFETY: a live socket; so below.
            9 => drop(call("do_handshake", |error| unsafe { tlsock_socket_do_handshake(raw, error) })),
            10 => {
                let ended = match how & 1 {
                    0 => call("unwrap", |error| unsafe { tlsock_socket_unwrap(raw, null_mut(), error) })
                        .is_ok(),
                    _ => {
                        owned("unwrap", |out, error| unsafe { tlsock_socket_unwrap(raw, out, error) }).is_ok()
                    }
                };
                assert!(!ended || self.relay.is_some(), "TLS ended that had never begun");
                self.plain |= ended;
            }
            11 => drop(call("close_write", |error| unsafe { tlsock_socket_close_write(raw, error) })),
            12 => {
                let how = c_int::from(how % 3);
                drop(call("shutdown", |error| unsafe { tlsock_socket_shutdown(raw, how, error) }));
            }
            13 => self.peer_says(how),
            14 => self.hand_over(how),
            15 => self.stream(how),
            16 => unsafe { api::inspect_socket(raw) },
            17 => self.change(how),
            18 => {
                let seconds = [0.0, 0.002][usize::from(how & 1)];
                drop(call("settimeout", |error| unsafe { tlsock_socket_settimeout(raw, seconds, error) }));
            }
            _ => self.end(how),
        }
    }

    fn connect_by_library(&self, how: u8) {
        // One in four goes where nobody listens.
        let port = match how & 3 {
            3 => 1,
            _ => c_int::from(self.listener.local_addr().expect("it has one").port()),
        };
        let (raw, host) = (self.socket.raw(), c"127.0.0.1".as_ptr());
        // SAFETY: a live socket, text and a place for a number.
        let _ = match how & 4 {
            0 => call("connect", |error| unsafe { tlsock_socket_connect(raw, host, port, error) }),
            _ => give("connect_ex", |number: *mut c_int, error| unsafe {
                tlsock_socket_connect_ex(raw, host, port, number, error)
            })
            .map(drop),
        };
    }

    fn receive(&self, op: u8, how: u8) {
        let (raw, size) = (self.socket.raw(), usize::from(how));
        // SAFETY: a live socket and room of the size given.
        let read = fill("recv", size, |data, size, len, error| unsafe {
            match op {
                2 => tlsock_socket_read(raw, data.cast(), size, len, error),
                _ => tlsock_socket_recv(raw, data.cast(), size, len, error),
            }
        });
        self.check_received(&read.unwrap_or_default());
    }

    fn check_received(&self, data: &[u8]) {
        let honest = self.relay.is_some() && data.iter().all(|byte| *byte == HONEST);
        assert!(data.is_empty() || self.plain || honest, "what was in the clear was handed out: {data:?}");
    }

    fn send(&self, op: u8, how: u8) {
        let (raw, data) = (self.socket.raw(), MARKER.repeat(1 + usize::from(how)));
        let (start, len) = (data.as_ptr().cast::<c_void>(), data.len());
        let mut sent = usize::MAX;
        // SAFETY: a live socket, bytes of the length given and a place for a number.
        let _ = call("send", |error| unsafe {
            match op {
                5 => tlsock_socket_send(raw, start, len, &mut sent, error),
                6 => tlsock_socket_sendall(raw, start, len, error),
                7 => tlsock_socket_write(raw, start, len, &mut sent, error),
                _ => {
                    let part = tlsock_part { data: start.cast(), len };
                    tlsock_socket_sendv(raw, [part, part].as_ptr(), 2, &mut sent, error)
                }
            }
        });
    }

    /// The peer sends in the clear, or ends.
    fn peer_says(&mut self, how: u8) {
        self.look();
        if how & 7 == 7 {
            self.peer = None;
        } else if let Some(peer) = &mut self.peer {
            let _ = peer.write(CLEAR);
        }
    }

    /// What the peer has got goes to the server, and its answer back.
    fn hand_over(&mut self, how: u8) {
        self.look();
        let (Some((object, incoming, outgoing)), Some(peer)) = (&self.relay, &mut self.peer) else { return };
        let new = &self.seen[self.handed..];
        self.handed = self.seen.len();
        // SAFETY: live handles and bytes of the length given.
        unsafe {
            let _ = call("bio_write", |error| {
                tlsock_bio_write(incoming.raw(), new.as_ptr().cast(), new.len(), error)
            });
            if call("do_handshake", |error| tlsock_object_do_handshake(object.raw(), error)).is_ok() {
                let data = [HONEST; 50];
                let mut written = 0;
                let _ = call("write", |error| {
                    tlsock_object_write(
                        object.raw(),
                        data.as_ptr().cast(),
                        usize::from(how % 50),
                        &mut written,
                        error,
                    )
                });
                let _ = fill("read", 20_000, |data, size, len, error| {
                    tlsock_object_read(object.raw(), data.cast(), size, len, error)
                });
                if how & 64 != 0 {
                    let _ = call("unwrap", |error| tlsock_object_unwrap(object.raw(), error));
                }
            }
            let answer = fill("bio_read", 60_000, |data, size, len, error| {
                tlsock_bio_read(outgoing.raw(), data.cast(), size, len, error)
            });
            let _ = peer.write(&answer.unwrap_or_default());
        }
    }

    /// A C stream over the socket.
    fn stream(&self, how: u8) {
        let raw = self.socket.raw();
        let mode = [c"rb", c"wb", c"r+b"][usize::from(how % 3)].as_ptr();
        // SAFETY: a live socket, text and a place for a stream.
        let file = give("makefile", |out, error| unsafe { tlsock_socket_makefile(raw, mode, out, error) });
        let Ok(file) = file else { return };
        let file: *mut libc::FILE = file.cast();
        let mut data = [0_u8; 64];
        // SAFETY: an open stream, which is closed once, and buffers of the size given.
        unsafe {
            if how % 3 != 1 {
                let read = libc::fread(data.as_mut_ptr().cast(), 1, data.len(), file);
                self.check_received(&data[..read]);
            }
            if how % 3 != 0 {
                libc::fwrite(MARKER.as_ptr().cast(), 1, MARKER.len(), file);
                libc::fflush(file);
            }
            libc::fclose(file);
        }
    }

    fn change(&self, how: u8) {
        let (raw, (client, server)) = (self.socket.raw(), contexts());
        // SAFETY: live handles.
        unsafe {
            match how & 3 {
                0 => drop(call("set_context", |e| tlsock_socket_set_context(raw, client.raw(), e))),
                1 => drop(call("set_context", |e| tlsock_socket_set_context(raw, server.raw(), e))),
                _ => {
                    let Some((end, _)) = handshake::shake(&client, &server, Some(c"localhost"), None) else {
                        return;
                    };
                    let session =
                        give("session", |out, error| tlsock_object_session(end.object.raw(), out, error));
                    let Some(session) = Handle::<tlsock_session>::new(session.unwrap_or(null_mut())) else {
                        return;
                    };
                    drop(call("set_session", |e| tlsock_socket_set_session(raw, session.raw(), e)));
                }
            }
        }
    }

    fn end(&mut self, how: u8) {
        let raw = self.socket.raw();
        // SAFETY: a live socket.
        unsafe {
            match how & 3 {
                0 => drop(call("close", |error| tlsock_socket_close(raw, error))),
                1 => drop(call("abort", |error| tlsock_socket_abort(raw, error))),
                2 => drop(call("set_read_ahead", |error| {
                    tlsock_socket_set_read_ahead(raw, how & 4 == 0, error)
                })),
                _ => {
                    let fd = tlsock_socket_detach(raw);
                    // What is given up is ours to close.
                    drop((fd >= 0).then(|| OwnedFd::from_raw_fd(fd)));
                }
            }
        }
    }

    /// Notes what the peer has got.
    fn look(&mut self) {
        if self.peer.is_none() {
            if let Ok((peer, _)) = self.listener.accept() {
                peer.set_nonblocking(true).expect("the system can do that");
                at_once(peer.as_raw_fd());
                self.peer = Some(peer);
            }
        }
        if let Some(peer) = &mut self.peer {
            drain(peer, &mut self.seen);
        }
        check(&self.seen, self.plain);
    }
}

fn drain(peer: &mut TcpStream, seen: &mut Vec<u8>) {
    let mut room = [0; 4096];
    loop {
        match peer.read(&mut room) {
            Ok(0) => return,
            Ok(len) => seen.extend(&room[..len]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// The marker is repeated, so that any 16 bytes of what is sent have a piece of it.
fn check(seen: &[u8], plain: bool) {
    let clear = seen.windows(8).any(|bytes| MARKER.windows(8).any(|piece| piece == bytes));
    assert!(plain || !clear, "plaintext went out before unwrap");
}

/// connect(2), by the program itself.
fn connect(fd: c_int, listener: &TcpListener) {
    let port = listener.local_addr().expect("it has one").port();
    // SAFETY: all of it may be 0.
    let mut address: libc::sockaddr_in = unsafe { std::mem::zeroed() };
    address.sin_family = libc::AF_INET as libc::sa_family_t;
    address.sin_port = port.to_be();
    address.sin_addr.s_addr = u32::from(Ipv4Addr::LOCALHOST).to_be();
    // SAFETY: an address of the size given; what is no descriptor is refused.
    unsafe {
        libc::connect(fd, (&raw const address).cast(), size_of::<libc::sockaddr_in>() as libc::socklen_t)
    };
}
