//! The reference as the peer.

use super::certs;
use super::pair::*;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use tlsock::*;

/// A server in Python: echoes until the end, ends TLS, sends "plain", starts TLS again and echoes once more.
const SERVER: &str = r#"
import socket, ssl, sys
folder, version = sys.argv[1], int(sys.argv[2])
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = context.maximum_version = version
context.load_cert_chain(folder + "/ecdsa.pem", folder + "/ecdsa.key")
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
plain, _ = listener.accept()
tls = context.wrap_socket(plain, server_side=True)
while data := tls.recv(100000):
    tls.sendall(data)
plain = tls.unwrap()
plain.sendall(b"plain")
tls = context.wrap_socket(socket.socket(fileno=plain.detach()), server_side=True)
tls.sendall(tls.recv(100))
try:
    print(repr(tls.recv(100)))
except OSError as error:
    print(type(error).__name__)
"#;

/// A client in Python that does the same; it ends TLS second and starts it again at once.
const CLIENT: &str = r#"
import socket, ssl, sys
folder, version, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
context = ssl.create_default_context(cafile=folder + "/ca.pem")
context.minimum_version = context.maximum_version = version
plain = socket.create_connection(("127.0.0.1", port))
for _ in range(3):
    tls = context.wrap_socket(plain, server_hostname="localhost")
    with tls.makefile("rwb", buffering=0) as stream:
        stream.write(b"ping")
    assert tls.recv(4) == b"pong"
    assert tls.recv(4) == b""
    plain = socket.socket(fileno=tls.unwrap().detach())
plain.sendall(b"plain")
print("done")
"#;

fn python(script: &str, arguments: &[&str]) -> Option<Child> {
    let works = |name: &&str| {
        Command::new(name).args(["-c", "import ssl"]).output().is_ok_and(|o| o.status.success())
    };
    let Some(python) = ["python3.13", "python3"].into_iter().find(works) else {
        println!("not tried against the reference: neither python3.13 nor python3 is in PATH");
        return None;
    };
    let folder = certs::folder().to_str().unwrap();
    let child = Command::new(python)
        .args(["-I", "-c", script, folder])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn();
    Some(child.unwrap())
}

#[test]
fn a_server_of_the_reference() {
    for version in [TLS12, TLS13] {
        let Some(mut child) = python(SERVER, &[&version.to_string()]) else { return };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        let socket = client(version).create_connection("127.0.0.1", port, seconds(20.0)).unwrap();
        let data: Vec<u8> = (0..1_000_000_u32).map(|number| number as u8).collect();
        let copy = data.clone();
        let writer = socket.clone();
        let writer = std::thread::spawn(move || writer.sendall(&copy).unwrap());
        assert!(receive(&socket, data.len()) == data);
        writer.join().unwrap();
        assert_eq!(socket.unwrap().unwrap(), b"");
        assert_eq!(receive(&socket, 5), b"plain");
        // The mode of the descriptor stays with it.
        socket.settimeout(Timeout::Never).unwrap();
        let socket = wrap_client(socket.detach().unwrap(), version, WrapFlags::default()).unwrap();
        socket.sendall(b"again").unwrap();
        assert_eq!(receive(&socket, 5), b"again");
        socket.shutdown(socket::Half::Write).unwrap();
        assert_eq!(lines.next().unwrap().unwrap(), "b''");
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn a_client_of_the_reference() {
    for version in [TLS12, TLS13] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let Some(mut child) = python(CLIENT, &[&version.to_string(), &port.to_string()]) else { return };
        let mut fd = listener.accept().unwrap().0.into();
        for _ in 0..3 {
            let socket = wrap_server(fd, version, WrapFlags::default()).unwrap();
            assert_eq!(receive(&socket, 4), b"ping");
            socket.sendall(b"pong").unwrap();
            // The client's next message comes right after its close_notify.
            assert_eq!(socket.unwrap().unwrap(), b"");
            fd = socket.detach().unwrap();
        }
        let mut plain = [0; 5];
        std::io::Read::read_exact(&mut std::net::TcpStream::from(fd), &mut plain).unwrap();
        assert_eq!(&plain, b"plain");
        assert!(child.wait().unwrap().success());
    }
}
