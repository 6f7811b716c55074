//! Clients of others: what they send is shown, and they wait for an answer without knowing it.

use crate::certs;
use crate::pair;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tlsock::*;

/// What a server has seen of one client.
#[derive(Debug, Default)]
struct Seen {
    name: Option<String>,
    alpn: Vec<Vec<u8>>,
    tls_1_3: bool,
    ja4: String,
}

/// Serves one client, whose ClientHello and certificate are answered at the third time, and tells what it was.
fn serve(client: impl FnOnce(u16) -> Command) -> (Seen, String) {
    let server = pair::server("rsa");
    let seen = Arc::new(Mutex::new(Seen::default()));
    let asked = Arc::new(AtomicU32::new(0));
    let (notes, count) = (Arc::clone(&seen), Arc::clone(&asked));
    let look: ClientHelloCallback = Arc::new(move |_, hello| {
        *notes.lock().unwrap() = Seen {
            name: hello.server_name().map(|name| name.to_str().unwrap().to_owned()),
            alpn: (0..hello.alpn_count())
                .filter_map(|index| hello.alpn_at(index))
                .map(<[u8]>::to_vec)
                .collect(),
            tls_1_3: hello.versions().contains(&0x0304),
            ja4: hello.ja4().unwrap().to_str().unwrap().to_owned(),
        };
        if count.fetch_add(1, Ordering::SeqCst) < 2 { Err(Error::want_callback().into()) } else { Ok(()) }
    });
    server.set_client_hello_callback(Some(look)).unwrap();
    let listener = server.create_server(Some("127.0.0.1"), 0, 1, WrapFlags::NO_HANDSHAKE).unwrap();
    let mut client = client(listener.getsockname().unwrap().port as u16);
    client.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let client = client.spawn().expect("a client");
    let (socket, _) = listener.accept().unwrap();
    let mut waits = 0;
    while let Err(error) = socket.do_handshake() {
        assert!(error.waits(), "{error}");
        waits += 1;
    }
    let _ = socket.recv(&mut [0; 1000]);
    let _ = socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    let _ = socket.close_write();
    let said = client.wait_with_output().expect("it ends");
    let said = [said.stdout, said.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert_eq!((waits, asked.load(Ordering::SeqCst)), (2, 3), "{said}");
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (seen, said)
}

fn ca() -> String {
    certs::folder().join("ca.pem").to_str().unwrap().to_owned()
}

#[test]
fn openssl() {
    for (version, is_1_3) in [("-tls1_2", false), ("-tls1_3", true)] {
        let (seen, said) = serve(|port| {
            let mut client = Command::new("openssl");
            client.args([
                "s_client",
                "-brief",
                "-verify_return_error",
                "-CAfile",
                &ca(),
                version,
                "-alpn",
                "h2,http/1.1",
            ]);
            client.args(["-servername", "localhost", "-connect", &format!("127.0.0.1:{port}")]);
            client
        });
        assert!(said.contains("Verification: OK"), "{said}");
        assert_eq!((seen.name.as_deref(), seen.tls_1_3), (Some("localhost"), is_1_3));
        assert_eq!(seen.alpn, [&b"h2"[..], b"http/1.1"]);
        assert!(seen.ja4.starts_with(if is_1_3 { "t13d" } else { "t12d" }), "{seen:?}");
    }
}

#[test]
fn python() {
    let (seen, said) = serve(|port| {
        let program = format!(
            "import socket, ssl\n\
             context = ssl.create_default_context(cafile={:?})\n\
             with socket.create_connection(('127.0.0.1', {port})) as plain:\n \
             with context.wrap_socket(plain, server_hostname='localhost') as tls: tls.sendall(b'x'); print(tls.recv(8))",
            ca()
        );
        let mut client = Command::new("python3");
        client.args(["-c", &program]);
        client
    });
    assert!(said.contains("HTTP/1.1"), "{said}");
    assert_eq!((seen.name.as_deref(), seen.tls_1_3, seen.alpn.len()), (Some("localhost"), true, 0));
}

#[test]
fn curl() {
    let (seen, said) = serve(|port| {
        let mut client = Command::new("curl");
        client.args(["-sS", "--http1.1", "--cacert", &ca(), "--resolve"]);
        client.args([format!("localhost:{port}:127.0.0.1"), format!("https://localhost:{port}/")]);
        client
    });
    assert_eq!(said, "hi");
    assert_eq!((seen.name.as_deref(), seen.alpn), (Some("localhost"), vec![b"http/1.1".to_vec()]));
    // What is random in it is not in the fingerprint.
    let (again, _) = serve(|port| curl_for(port, &[]));
    assert_eq!(again.ja4, seen.ja4);
}

/// A curl that asks a server on this port.
fn curl_for(port: u16, options: &[&str]) -> Command {
    let mut client = Command::new("curl");
    client
        .args(["-sS", "--http1.1", "--cacert", &ca(), "--resolve"])
        .arg(format!("localhost:{port}:127.0.0.1"));
    client.args(options).arg(format!("https://localhost:{port}/"));
    client
}

/// Serves one curl, and gives the error of the handshake, if any, and what curl says.
fn serve_curl(server: &Context, options: &[&str]) -> (Result<()>, String) {
    let listener = server.create_server(Some("127.0.0.1"), 0, 1, WrapFlags::NO_HANDSHAKE).unwrap();
    let mut client = curl_for(listener.getsockname().unwrap().port as u16, options);
    client.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let client = client.spawn().expect("curl");
    let (socket, _) = listener.accept().unwrap();
    let done = loop {
        match socket.do_handshake() {
            Err(error) if error.waits() => {}
            done => break done,
        }
    };
    if done.is_ok() {
        let _ = socket.recv(&mut [0; 1000]);
        let _ = socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    }
    let said = client.wait_with_output().expect("it ends");
    // What is closed with bytes unread takes back the alert that it has sent.
    drop(socket);
    (done, [said.stdout, said.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat())
}

#[test]
fn a_strict_server_refuses_what_curl_offers() {
    let server = pair::server("rsa");
    server.set_alpn_strict(true).unwrap();
    for (protocols, fits) in [(&["http/1.1"][..], true), (&["spdy/1"][..], false)] {
        server.set_alpn_protocols(protocols).unwrap();
        let (done, said) = serve_curl(&server, &[]);
        assert_eq!((done.is_ok(), said == "hi"), (fits, fits), "{done:?} {said}");
        let alert = done.err().and_then(|error| error.detail().and_then(|detail| detail.alert_sent));
        // The first patch levels of OpenSSL 3.0 have no text for it.
        let is_told = said.contains("alert") || said.contains("reason(1120)");
        assert!(fits || alert == Some(120) && is_told, "{said}");
    }
}

/// It has no answer at first, and then this one.
#[test]
fn the_certificate_of_curl_is_judged_late() {
    let file = |name: &str| certs::folder().join(name).to_str().unwrap().to_owned();
    for version in ["1.2", "1.3"] {
        for accepts in [true, false] {
            let server = pair::server("rsa");
            server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
            server.set_verify_mode(2).unwrap();
            let asked = Arc::new(AtomicU32::new(0));
            let count = Arc::clone(&asked);
            server.set_verify_callback(
                VerifyOverride::Never,
                Some(Arc::new(move |_, _| match count.fetch_add(1, Ordering::SeqCst) {
                    0..3 => Err(Error::want_callback()),
                    _ if accepts => Ok(()),
                    _ => Err(Error::ssl("not on the list")),
                })),
            );
            let (cert, key) = (file("client.pem"), file("client.key"));
            let options = ["--tlsv1.2", "--tls-max", version, "--cert", &cert, "--key", &key];
            let (done, said) = serve_curl(&server, &options);
            assert_eq!((done.is_ok(), said == "hi"), (accepts, accepts), "{done:?} {said}");
            assert!(accepts || said.contains("alert"), "{said}");
            assert_eq!(asked.load(Ordering::SeqCst), 4);
        }
    }
}

#[test]
fn node() {
    let (seen, said) = serve(|port| {
        let program = format!(
            "const fs = require('fs'), tls = require('tls');\
             const s = tls.connect({{port: {port}, host: '127.0.0.1', servername: 'localhost', ca: fs.readFileSync({:?}), \
             ALPNProtocols: ['http/1.1']}}, () => s.write('x'));\
             s.on('data', (data) => console.log(String(data).split(' ')[0]));",
            ca()
        );
        let mut client = Command::new("node");
        client.args(["-e", &program]);
        client
    });
    assert!(said.contains("HTTP/1.1"), "{said}");
    assert_eq!((seen.name.as_deref(), seen.alpn), (Some("localhost"), vec![b"http/1.1".to_vec()]));
}

/// A further handshake begins with a first ClientHello, whatever there was before.
#[test]
fn the_hello_of_a_renegotiation_is_a_first_one() {
    const ALLOW_CLIENT_RENEGOTIATION: u64 = 1 << 8;
    const NO_RENEGOTIATION: u64 = 1 << 30;
    let server = pair::server("rsa");
    server.set_options(server.options() & !NO_RENEGOTIATION | ALLOW_CLIENT_RENEGOTIATION).unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let tell = Mutex::new(tell);
    let look: ClientHelloCallback = Arc::new(move |_, hello| {
        let _ = tell.lock().unwrap().send(hello.is_second());
        Ok(())
    });
    server.set_client_hello_callback(Some(look)).unwrap();
    let listener = server.create_server(Some("127.0.0.1"), 0, 1, WrapFlags::NO_HANDSHAKE).unwrap();
    let port = listener.getsockname().unwrap().port;
    let mut client = Command::new("openssl");
    client.args(["s_client", "-tls1_2", "-connect", &format!("127.0.0.1:{port}")]);
    client.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut client = client.spawn().expect("openssl");
    let mut commands = client.stdin.take().expect("a pipe");
    let (socket, _) = listener.accept().unwrap();
    socket.do_handshake().unwrap();
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [false]);
    commands.write_all(b"R\n").unwrap();
    let quit = std::thread::spawn(move || {
        let seen = told.recv_timeout(Duration::from_secs(60));
        commands.write_all(b"Q\n").unwrap();
        seen
    });
    let _ = socket.recv(&mut [0; 10]);
    drop(socket);
    assert_eq!(quit.join().unwrap(), Ok(false));
    client.wait().expect("it ends");
}
