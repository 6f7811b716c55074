//! Binding, listening and accepting; options.

use super::connect::unconnected;
use super::pair::*;
use rustix::net::sockopt::Timeout as Timeouts;
use socket::{Endpoint, Ready};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};
use tlsock::*;

fn port(socket: &Socket) -> u16 {
    u16::try_from(socket.getsockname().unwrap().port).unwrap()
}

fn assert_serves(listener: Socket, host: &str) {
    let port = port(&listener);
    let server = std::thread::spawn(move || {
        let (socket, address) = listener.accept().unwrap();
        assert_eq!(address, socket.getpeername().unwrap());
        assert_eq!(socket.gettimeout(), Timeout::Never);
        socket.sendall(&drain(&socket)).unwrap();
    });
    let client = client(TLS13).create_connection(host, port, seconds(20.0)).unwrap();
    client.sendall(b"echo").unwrap();
    client.close_write().unwrap();
    assert_eq!(receive(&client, 4), b"echo");
    server.join().unwrap();
}

#[test]
fn a_wrapped_socket_binds_listens_and_accepts() {
    for (host, own) in
        [("127.0.0.1", Some("127.0.0.1")), ("127.0.0.1", None), ("::1", Some("::1")), ("::1", None)]
    {
        let socket = wrap_server(unconnected(host), TLS13, WrapFlags::default()).unwrap();
        socket.bind_host(own, 0).unwrap();
        assert_ne!(port(&socket), 0);
        socket.listen(0).unwrap();
        assert_serves(socket, host);
    }
    // An accepted connection is the server's side, whatever the listener was wrapped as.
    let socket = wrap(&server(TLS13), unconnected("127.0.0.1"), WrapFlags::default(), None).unwrap();
    socket.bind_host(Some("127.0.0.1"), 0).unwrap();
    socket.listen(0).unwrap();
    assert_serves(socket, "127.0.0.1");
    let socket = wrap_server(unconnected("127.0.0.1"), TLS13, WrapFlags::default()).unwrap();
    socket.bind(&Endpoint::from("127.0.0.1:0".parse::<SocketAddr>().unwrap())).unwrap();
    socket.listen(1).unwrap();
    let again = wrap_server(unconnected("127.0.0.1"), TLS13, WrapFlags::default()).unwrap();
    assert_eq!(again.bind_host(Some("127.0.0.1"), port(&socket)).unwrap_err().os_errno(), 98);
    assert_eq!(again.accept().map(|_| ()).unwrap_err().detail().unwrap().phase, Phase::Accept);
}

#[test]
fn a_server_without_a_host_serves_both_families() {
    for host in ["127.0.0.1", "::1"] {
        let listener = server(TLS13).create_server(None, 0, 0, WrapFlags::default()).unwrap();
        assert_serves(listener, host);
    }
    // A given family is the only one: the port of the other stays free.
    let pair = || {
        let six = server(TLS13).create_server(Some("::"), 0, 0, WrapFlags::default()).unwrap();
        // Another program may have that port in the other family already.
        let four = server(TLS13).create_server(Some("0.0.0.0"), port(&six), 0, WrapFlags::default()).ok()?;
        Some((six, four))
    };
    let (six, four) = (0..20).find_map(|_| pair()).unwrap();
    assert_eq!(port(&six), port(&four));
    assert_eq!(status(client(TLS13).create_server(None, 0, 0, WrapFlags::default())), Status::Ssl);
}

#[test]
fn a_nonblocking_listener_says_so() {
    let listener = server(TLS13).create_server(Some("127.0.0.1"), 0, 0, WrapFlags::NO_HANDSHAKE).unwrap();
    listener.settimeout(Timeout::NonBlocking).unwrap();
    assert_eq!(status(listener.accept()), Status::WantRead);
    let _peer = TcpStream::connect(("127.0.0.1", port(&listener))).unwrap();
    listener.wait(Ready::Read, Timeout::Never).unwrap();
    let (socket, _) = listener.accept().unwrap();
    // It does not inherit the listener's timeout, and the handshake is left to its own thread.
    assert_eq!(socket.gettimeout(), Timeout::Never);
    assert_eq!(socket.engine().unwrap().version(), None);
    listener.settimeout(seconds(0.05)).unwrap();
    let error = listener.accept().map(|_| ()).unwrap_err();
    assert_eq!((error.status(), error.detail().unwrap().phase), (Status::Timeout, Phase::Accept));
}

#[test]
fn flags_pass_to_accepted_sockets() {
    let flags = WrapFlags::REPORT_RAGGED_EOFS;
    let listener = server(TLS13).create_server(Some("127.0.0.1"), 0, 0, flags).unwrap();
    let port = port(&listener);
    let client = std::thread::spawn(move || {
        client(TLS13).create_connection("127.0.0.1", port, seconds(20.0)).unwrap()
    });
    let (socket, _) = listener.accept().unwrap();
    let client = client.join().unwrap();
    client.shutdown(socket::Half::Write).unwrap();
    assert_eq!(status(socket.recv(&mut [0])), Status::Eof);
}

#[test]
fn options_are_the_systems() {
    const SOL_SOCKET: i32 = 1;
    const SO_REUSEADDR: i32 = 2;
    const SO_TYPE: i32 = 3;
    const SO_LINGER: i32 = 13;
    let socket = wrap_server(unconnected("127.0.0.1"), TLS13, WrapFlags::default()).unwrap();
    let mut value = [0xff; 8];
    assert_eq!(socket.getsockopt(SOL_SOCKET, SO_TYPE, &mut value).unwrap(), 4);
    assert_eq!(value[..4], 1_i32.to_ne_bytes());
    assert_eq!(value[4..], [0xff; 4]);
    assert_eq!(socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, &mut value).unwrap(), 4);
    assert_eq!(value[..4], [0; 4]);
    socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, &1_i32.to_ne_bytes()).unwrap();
    socket.getsockopt(SOL_SOCKET, SO_REUSEADDR, &mut value).unwrap();
    assert_eq!(value[..4], 1_i32.to_ne_bytes());
    let linger = [1_i32.to_ne_bytes(), 7_i32.to_ne_bytes()].concat();
    socket.setsockopt(SOL_SOCKET, SO_LINGER, &linger).unwrap();
    assert_eq!(socket.getsockopt(SOL_SOCKET, SO_LINGER, &mut value).unwrap(), 8);
    assert_eq!(value[..], linger[..]);
    assert_eq!(socket.setsockopt(SOL_SOCKET, 9999, &linger).unwrap_err().os_errno(), 92);
    assert_eq!(socket.getsockopt(9999, SO_TYPE, &mut value).unwrap_err().status(), Status::Os);
    socket.close().unwrap();
    assert_eq!(socket.getsockopt(SOL_SOCKET, SO_TYPE, &mut value).unwrap_err().os_errno(), 9);
}

/// A peer that connects and says nothing must not stop a server.
#[test]
fn the_listeners_timeout_covers_the_handshake() {
    let listener = server(TLS13).create_server(Some("127.0.0.1"), 0, 0, WrapFlags::default()).unwrap();
    listener.settimeout(seconds(0.05)).unwrap();
    let _silent = TcpStream::connect(("127.0.0.1", port(&listener))).unwrap();
    let error = listener.accept().map(drop).unwrap_err();
    assert_eq!((error.status(), error.detail().unwrap().phase), (Status::Timeout, Phase::Handshake));
}

/// On Linux an accepted descriptor has its listener's SO_RCVTIMEO, which would end a read that has no timeout.
#[test]
fn the_systems_timeout_of_a_listener_ends_no_read_of_an_accepted_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let brief = Duration::from_millis(50);
    rustix::net::sockopt::set_socket_timeout(&listener, Timeouts::Recv, Some(brief)).unwrap();
    let listener = wrap_server(listener.into(), TLS13, WrapFlags::default()).unwrap();
    listener.settimeout(Timeout::Never).unwrap();
    let client = std::thread::spawn(move || {
        client(TLS13).create_connection("127.0.0.1", port, seconds(20.0)).unwrap()
    });
    let (socket, _) = listener.accept().unwrap();
    let client = client.join().unwrap();
    assert_eq!(socket.gettimeout(), Timeout::Never);
    let began = Instant::now();
    let reader = sleeper(move || receive(&socket, 5)).until_asleep();
    while began.elapsed() < 2 * brief {
        std::thread::yield_now();
    }
    client.sendall(b"after").unwrap();
    assert_eq!(reader.join(), b"after");
}
