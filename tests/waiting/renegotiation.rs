//! A server that wants a further handshake of TLS 1.2, in which the verdict on it waits.

use crate::answer::{Kind, Later};
use crate::certs;
use crate::pair::TLS1_2;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tlsock::socket::Ready;
use tlsock::*;

/// An openssl s_server that takes commands.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(options: &[&str]) -> Server {
        let file = |name: &str| certs::folder().join(name).to_str().unwrap().to_owned();
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
        Server { child, port }
    }

    fn tell(&mut self, line: &[u8]) {
        self.child.stdin.as_mut().expect("a pipe").write_all(line).expect("it reads");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The connection was verified, and is not while the server is to prove itself again.
#[test]
fn nobody_is_verified_meanwhile_and_no_keys_are_given_out() {
    let mut server = Server::start(&["-no_resumption_on_reneg"]);
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
    let mut server = Server::start(&[]);
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
