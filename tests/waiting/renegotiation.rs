//! Further handshakes of TLS 1.2, in which callbacks wait: those of a client whose server wants one, and of a server whose client
//! does, which is allowed to.

use crate::answer::{KINDS, Kind, Later};
use crate::certs;
use crate::pair::TLS1_2;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tlsock::socket::Ready;
use tlsock::*;

/// An openssl s_server, or s_client, that takes commands.
struct Peer {
    child: Child,
    port: u16,
}

fn file(name: &str) -> String {
    certs::folder().join(name).to_str().unwrap().to_owned()
}

impl Peer {
    fn serve(options: &[&str]) -> Peer {
        let mut command = Command::new("openssl");
        command.args(["s_server", "-tls1_2", "-accept", "127.0.0.1:0"]).args(options);
        command.args([
            "-cert",
            &file("ecdsa.pem"),
            "-cert_chain",
            &file("ecdsa.pem"),
            "-key",
            &file("ecdsa.key"),
        ]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let line =
            lines.find_map(|line| line.ok().filter(|line| line.starts_with("ACCEPT"))).expect("a port");
        std::thread::spawn(move || lines.for_each(drop));
        let port = line.rsplit(':').next().and_then(|port| port.trim().parse().ok()).expect("a number");
        Peer { child, port }
    }

    fn visit(port: u16) -> Peer {
        let mut command = Command::new("openssl");
        command.args([
            "s_client",
            "-tls1_2",
            "-connect",
            &format!("127.0.0.1:{port}"),
            "-servername",
            "localhost",
        ]);
        command.args([
            "-CAfile",
            &file("ca.pem"),
            "-cert",
            &file("client.pem"),
            "-cert_chain",
            &file("client.pem"),
        ]);
        command.args(["-key", &file("client.key")]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Peer { child: child.expect("openssl"), port }
    }

    fn tell(&mut self, line: &[u8]) {
        self.child.stdin.as_mut().expect("a pipe").write_all(line).expect("it reads");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The connection was verified, and is not while the server is to prove itself again.
#[test]
fn nobody_is_verified_meanwhile_and_no_keys_are_given_out() {
    let mut server = Peer::serve(&["-no_resumption_on_reneg"]);
    let later = Later::default();
    let (client, _) = Kind::ClientVerification.contexts(TLS1_2, &later);
    later.give();
    let socket = client.create_connection("localhost", server.port, Timeout::Never).unwrap();
    let export = || socket.export_keying_material("EXPORTER-test", None, 32);
    let first = export().unwrap();
    later.take_back();
    server.tell(b"r\n");
    let mut buffer = [0; 10];
    for _ in 0..2 {
        assert!(socket.recv(&mut buffer).is_err_and(|error| error.waits()));
        assert!(socket.sendall(b"secret").is_err_and(|error| error.waits()));
        for refused in [export().map(drop), socket.getpeercert().map(drop), socket.info_json().map(drop)] {
            assert_eq!(refused.expect_err("no handshake").message(), "handshake not done yet");
        }
        assert!(socket.session().unwrap().is_none());
        assert!(!socket.get_verified_chain().unwrap().as_slice()[0].verified());
    }
    later.give();
    server.tell(b"hello\n");
    assert_eq!(socket.recv(&mut buffer).unwrap(), 6);
    assert_ne!(export().unwrap(), first);
    assert!(socket.getpeercert().unwrap().is_some() && socket.session().unwrap().is_some());
    later.refuse();
    server.tell(b"r\n");
    let error = socket.recv(&mut buffer).expect_err("refused");
    assert_eq!(error.status(), Status::CertVerification, "{error}");
    assert!(socket.session().unwrap().is_none() && export().is_err());
}

/// What was accepted when the connection was made is not asked about again.
#[test]
fn a_connection_that_resumes_its_own_session_asks_nobody() {
    let mut server = Peer::serve(&[]);
    let later = Later::default();
    let (client, _) = Kind::ClientVerification.contexts(TLS1_2, &later);
    later.give();
    let socket = client.create_connection("localhost", server.port, Timeout::Never).unwrap();
    later.refuse();
    server.tell(b"r\n");
    // The server sends nothing before that handshake is over.
    socket.settimeout(Timeout::NonBlocking).unwrap();
    while !socket.connection().unwrap().session_reused() {
        assert!(socket.recv(&mut [0; 10]).is_err_and(|error| error.is_want() && !error.waits()));
        let _ = socket.wait(Ready::Read, Timeout::After(Duration::from_millis(10)));
    }
    socket.settimeout(Timeout::Never).unwrap();
    server.tell(b"hello\n");
    assert_eq!((socket.recv(&mut [0; 10]).unwrap(), later.asked()), (6, 1));
}

/// A server whose client may want a further handshake, after the first.
fn connected(kind: Kind, later: &Later) -> (Socket, Peer) {
    const ALLOW_CLIENT_RENEGOTIATION: u64 = 1 << 8;
    let (_, server) = kind.contexts(TLS1_2, later);
    server.set_maximum_version(TLS1_2).unwrap();
    server.set_options(server.options() | ALLOW_CLIENT_RENEGOTIATION).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = Peer::visit(listener.local_addr().unwrap().port());
    let fd: OwnedFd = listener.accept().unwrap().0.into();
    let flags = WrapFlags::SERVER_SIDE | WrapFlags::NO_HANDSHAKE;
    let socket = server.wrap_socket(fd, flags, None, None).map_err(|lost| lost.error).unwrap();
    later.give();
    socket.do_handshake().unwrap();
    (socket, peer)
}

fn of_server() -> impl Iterator<Item = Kind> {
    KINDS.into_iter().filter(|kind| kind.is_of_server())
}

/// Each callback of a server is asked anew, and waits as in the first handshake.
#[test]
fn a_server_waits_in_it_as_in_the_first() {
    for kind in of_server() {
        let later = Later::default();
        let (socket, mut peer) = connected(kind, &later);
        let (asked, mut buffer) = (later.asked(), [0; 10]);
        for round in 1..=2 {
            later.take_back();
            peer.tell(b"R\n");
            for _ in 0..2 {
                assert!(socket.recv(&mut buffer).is_err_and(|error| error.waits()), "{kind:?}");
                assert!(socket.sendall(b"secret").is_err_and(|error| error.waits()), "{kind:?}");
                assert!(!socket.connection().unwrap().is_handshake_done());
            }
            assert_eq!(later.asked(), asked + round * 5 - 1, "{kind:?}");
            later.give();
            peer.tell(b"hello\n");
            assert_eq!(socket.recv(&mut buffer).unwrap(), 6, "{kind:?}");
            assert_eq!(later.asked(), asked + round * 5);
            socket.sendall(b"answer").unwrap();
        }
    }
}

#[test]
fn a_server_may_refuse_in_it() {
    for kind in of_server() {
        let later = Later::default();
        let (socket, mut peer) = connected(kind, &later);
        later.take_back();
        peer.tell(b"R\n");
        let mut buffer = [0; 10];
        assert!(socket.recv(&mut buffer).is_err_and(|error| error.waits()), "{kind:?}");
        later.refuse();
        let expected = if kind.is_verification() { Status::CertVerification } else { Status::Ssl };
        let error = socket.recv(&mut buffer).expect_err("refused");
        assert_eq!(error.status(), expected, "{kind:?}: {error}");
        // The end: what comes no more is not told as a failure twice.
        assert!(!socket.recv(&mut buffer).is_ok_and(|count| count > 0), "{kind:?}");
        for end in [socket.sendall(b"secret"), socket.do_handshake()] {
            assert!(end.is_err_and(|error| !error.is_want()), "{kind:?}");
        }
        assert!(socket.session().unwrap().is_none(), "{kind:?}");
    }
}

/// A connection that is closed or freed in the middle of it leaves nothing behind.
#[test]
fn a_server_may_give_up_in_it() {
    for kind in of_server() {
        for close in [true, false] {
            let later = Later::default();
            let (socket, mut peer) = connected(kind, &later);
            later.take_back();
            peer.tell(b"R\n");
            assert!(socket.recv(&mut [0; 10]).is_err_and(|error| error.waits()), "{kind:?}");
            let asked = later.asked();
            if close {
                socket.close().unwrap();
                assert!(socket.recv(&mut [0; 10]).is_err_and(|error| !error.is_want()), "{kind:?}");
            }
            drop(socket);
            assert_eq!(later.asked(), asked);
        }
    }
}
