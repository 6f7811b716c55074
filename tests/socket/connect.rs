//! Connecting: unconnected sockets, addresses, failures.

use super::pair::*;
use socket::{Endpoint, Ready};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use tlsock::*;

/// A TCP socket that is not connected, for addresses like this one.
pub fn unconnected(host: &str) -> OwnedFd {
    use rustix::net::{AddressFamily, SocketType, socket};
    let family = if host.contains(':') { AddressFamily::INET6 } else { AddressFamily::INET };
    socket(family, SocketType::STREAM, None).unwrap()
}

fn unconnected_client(flags: WrapFlags) -> Socket {
    wrap_client(unconnected("127.0.0.1"), TLS13, flags).unwrap()
}

/// A listener that does the handshake of connections and echoes, until the process ends.
pub fn echo(host: Option<&str>) -> u16 {
    let listener = server(TLS13).create_server(host, 0, 0, WrapFlags::default()).unwrap();
    let port = listener.getsockname().unwrap().port;
    std::thread::spawn(move || {
        loop {
            let Ok((socket, _)) = listener.accept() else { continue };
            std::thread::spawn(move || {
                let mut buffer = [0; 100];
                while let Ok(count @ 1..) = socket.recv(&mut buffer) {
                    socket.sendall(&buffer[..count])?;
                }
                Ok::<_, Error>(())
            });
        }
    });
    u16::try_from(port).unwrap()
}

fn assert_echoes(socket: &Socket) {
    socket.sendall(b"echo").unwrap();
    socket.close_write().unwrap();
    assert_eq!(receive(socket, 4), b"echo");
}

#[test]
fn an_unconnected_socket_connects_once() {
    let port = echo(Some("127.0.0.1"));
    for host in ["127.0.0.1", "localhost"] {
        let socket = unconnected_client(WrapFlags::default());
        assert!(socket.engine().is_none());
        assert_eq!(socket.do_handshake().unwrap_err().os_errno(), 107);
        socket.connect_host(host, port).unwrap();
        let again = "attempt to connect already-connected SSLSocket!";
        assert_eq!(message(socket.connect_host(host, port)), again);
        assert_eq!(message(socket.connect_host_ex(host, port)), again);
        assert_echoes(&socket);
    }
    let server = wrap_server(unconnected("127.0.0.1"), TLS13, WrapFlags::default()).unwrap();
    assert_eq!(message(server.connect_host("localhost", port)), "can't connect in server-side mode");
}

#[test]
fn a_refused_connect_may_be_repeated_and_a_refused_connect_ex_not() {
    let port = echo(Some("127.0.0.1"));
    let socket = unconnected_client(WrapFlags::default());
    let error = socket.connect_host("127.0.0.1", deaf_port()).unwrap_err();
    assert_eq!((error.os_errno(), error.detail().unwrap().phase), (111, Phase::Connect));
    socket.connect_host("127.0.0.1", port).unwrap();
    assert_echoes(&socket);

    let socket = unconnected_client(WrapFlags::default());
    assert_eq!(socket.connect_host_ex("127.0.0.1", deaf_port()).unwrap(), 111);
    assert_eq!(status(socket.connect_host_ex("127.0.0.1", port)), Status::Value);
}

#[test]
fn refusals_of_tls_come_before_the_network() {
    let context = server(TLS13);
    let socket = wrap(&context, unconnected("127.0.0.1"), WrapFlags::default(), Some("localhost")).unwrap();
    assert_eq!(status(socket.connect_host("127.0.0.1", deaf_port())), Status::Ssl);
    assert_eq!(status(context.create_connection("127.0.0.1", deaf_port(), Timeout::Never)), Status::Ssl);
}

/// After a handshake that failed nothing may go out unprotected.
#[test]
fn a_failed_handshake_leaves_no_plain_socket() {
    let listener = server(TLS13).create_server(Some("127.0.0.1"), 0, 0, WrapFlags::default()).unwrap();
    let port = u16::try_from(listener.getsockname().unwrap().port).unwrap();
    let accepted = std::thread::spawn(move || {
        let error = listener.accept().map(|_| ()).unwrap_err();
        assert_eq!(error.detail().unwrap().phase, Phase::Handshake);
        listener.accept().unwrap().0
    });
    let socket = wrap(&client(TLS13), unconnected("127.0.0.1"), WrapFlags::default(), Some("other.example"));
    let socket = socket.unwrap();
    assert_eq!(status(socket.connect_host_ex("127.0.0.1", port)), Status::CertVerification);
    assert_eq!(status(socket.send(b"secret")), Status::Eof);
    assert_eq!(status(socket.connect_host("127.0.0.1", port)), Status::Value);
    // The listener still works.
    let second = client(TLS13).create_connection("127.0.0.1", port, seconds(20.0)).unwrap();
    second.sendall(b"x").unwrap();
    assert_eq!(receive(&accepted.join().unwrap(), 1), b"x");
}

#[test]
fn a_nonblocking_connect_is_repeated_until_it_is_done() {
    let port = echo(Some("127.0.0.1"));
    let socket = unconnected_client(WrapFlags::default());
    socket.settimeout(Timeout::NonBlocking).unwrap();
    let mut wants = Vec::new();
    loop {
        match socket.connect_host("127.0.0.1", port) {
            Ok(()) => break,
            Err(error) if error.status() == Status::WantRead => {
                socket.wait(Ready::Read, Timeout::Never).unwrap()
            }
            Err(error) => {
                assert_eq!(error.status(), Status::WantWrite);
                socket.wait(Ready::Write, Timeout::Never).unwrap();
            }
        }
        wants.push(());
    }
    assert!(!wants.is_empty());
    socket.settimeout(Timeout::Never).unwrap();
    assert_echoes(&socket);
}

#[test]
fn connect_ex_gives_the_systems_number_and_do_handshake_goes_on() {
    let port = echo(Some("127.0.0.1"));
    let socket = unconnected_client(WrapFlags::default());
    socket.settimeout(Timeout::NonBlocking).unwrap();
    assert_eq!(socket.connect_host_ex("127.0.0.1", port).unwrap(), 115);
    socket.wait(Ready::Write, Timeout::Never).unwrap();
    while let Err(error) = socket.do_handshake() {
        assert!(error.is_want(), "{}", error.message());
        socket.wait(Ready::Read, Timeout::Never).unwrap();
    }
    socket.settimeout(Timeout::Never).unwrap();
    assert_echoes(&socket);

    let socket = unconnected_client(WrapFlags::default());
    socket.settimeout(Timeout::NonBlocking).unwrap();
    let number = socket.connect_host_ex("127.0.0.1", deaf_port()).unwrap();
    assert!([115, 111].contains(&number), "{number}");
    socket.wait(Ready::Write, Timeout::Never).unwrap();
    assert_eq!(status(socket.do_handshake()), Status::Os);
}

#[test]
fn ipv6_works_and_a_name_is_tried_at_each_address() {
    let port = echo(Some("::1"));
    let socket = wrap_client(unconnected("::1"), TLS13, WrapFlags::default()).unwrap();
    socket.connect_host("::1", port).unwrap();
    assert_eq!(socket.getpeername().unwrap().host, "::1");
    assert_echoes(&socket);
    let v6: SocketAddr = format!("[::1]:{port}").parse().unwrap();
    let socket = wrap_client(unconnected("::1"), TLS13, WrapFlags::default()).unwrap();
    socket.connect(&Endpoint::from(v6)).unwrap();
    assert_echoes(&socket);
    let other = wrap_client(unconnected("127.0.0.1"), TLS13, WrapFlags::default()).unwrap();
    let error = other.connect_host("::1", port).unwrap_err();
    assert_eq!((error.os_errno(), error.detail().unwrap().phase), (97, Phase::Resolve));
    // Only one of localhost's addresses answers, whichever comes first.
    assert_echoes(
        &client(TLS13).create_connection("localhost", echo(Some("127.0.0.1")), seconds(20.0)).unwrap(),
    );
    assert_echoes(&client(TLS13).create_connection("::1", port, seconds(20.0)).unwrap());
}

#[test]
fn create_connection_tells_what_failed() {
    let context = client(TLS13);
    let port = deaf_port();
    let error = context.create_connection("127.0.0.1", port, seconds(20.0)).err().unwrap();
    assert_eq!((error.os_errno(), error.detail().unwrap().phase), (111, Phase::Connect));
    let words = format!("cannot connect to 127.0.0.1: 127.0.0.1:{port}: Connection refused");
    assert_eq!(error.message(), words);
    // No matter what happens at its other addresses.
    let error = context.create_connection("localhost", port, seconds(20.0)).err().unwrap();
    assert_eq!((error.os_errno(), error.detail().unwrap().phase), (111, Phase::Connect));
    let error = context.create_connection("name.invalid", 443, seconds(20.0)).err().unwrap();
    assert_eq!((error.status(), error.detail().unwrap().phase), (Status::Os, Phase::Resolve));
    for name in ["", ".localhost", "a..b", "127.0.0.01", "127.1", "2130706433", "0x7f.1", "127.0.0.1."] {
        assert_eq!(status(context.create_connection(name, 443, Timeout::Never)), Status::Value, "{name}");
    }
    assert_eq!(status(context.create_connection("localhost", 443, Timeout::NonBlocking)), Status::Value);
    let socket = context.create_connection("127.0.0.1", echo(Some("127.0.0.1")), seconds(20.0)).unwrap();
    assert_eq!(socket.gettimeout(), seconds(20.0));
    assert_echoes(&socket);
}

#[test]
fn a_connected_socket_may_be_wrapped_and_its_handshake_put_off() {
    let port = echo(Some("127.0.0.1"));
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let socket = wrap_client(stream.into(), TLS13, WrapFlags::NO_HANDSHAKE).unwrap();
    assert_eq!(socket.engine().unwrap().version(), None);
    // Writing does the handshake by itself.
    assert_echoes(&socket);
    assert_eq!(socket.engine().unwrap().version(), Some(c"TLSv1.3"));
    socket.do_handshake().unwrap();
    let datagram: OwnedFd = UnixDatagram::unbound().unwrap().into();
    assert_eq!(status(wrap_client(datagram, TLS13, WrapFlags::default())), Status::NotImplemented);
}
