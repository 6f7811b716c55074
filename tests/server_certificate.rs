//! `get_server_certificate`.
#![allow(clippy::print_stdout)]

mod certs;
mod pair;

use pair::server;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use tlsock::*;

const LONG: Timeout = Timeout::After(Duration::from_secs(20));

/// Asks a server of ours for its certificate.
fn ask(host: &str, name: &str, version: i32, ca: Option<&str>) -> Result<String> {
    let listener = server(name).create_server(Some(host), 0, 0, WrapFlags::default()).expect("a listener");
    listener.settimeout(LONG).expect("a timeout");
    let port = listener.getsockname().expect("an address").port as u16;
    let ca = ca.map(|ca| if ca.is_empty() { ca.into() } else { certs::folder().join(ca) });
    std::thread::scope(|scope| {
        // A client that refuses makes this fail, as it should.
        scope.spawn(|| drop(listener.accept()));
        get_server_certificate(host, port, version, ca.as_deref(), LONG)
    })
}

fn leaf(name: &str) -> String {
    let pem = String::from_utf8(certs::read(&format!("{name}.pem"))).expect("text");
    let end = pem.find(PEM_FOOTER).expect("a certificate") + PEM_FOOTER.len() + 1;
    pem[..end].to_string()
}

#[test]
fn the_certificate_comes_as_pem_verified_or_not() {
    let client = PROTOCOL_TLS_CLIENT;
    assert_eq!(ask("127.0.0.1", "ecdsa", client, None).expect("a certificate"), leaf("ecdsa"));
    assert_eq!(ask("127.0.0.1", "self-signed", client, None).expect("a certificate"), leaf("self-signed"));
    assert_eq!(ask("127.0.0.1", "expired", client, Some("")).expect("a certificate"), leaf("expired"));
    // The name is not checked, as in Python.
    let verified = ask("127.0.0.1", "wrong-name", client, Some("ca.pem"));
    assert_eq!(verified.expect("a certificate"), leaf("wrong-name"));
    let refused = ask("127.0.0.1", "ecdsa", client, Some("unknown-ca.pem")).expect_err("a refusal");
    assert_eq!(refused.status(), Status::CertVerification);
}

#[test]
fn it_comes_over_ipv6() {
    if TcpListener::bind("[::1]:0").is_err() {
        println!("not tried: this machine has no ::1");
        return;
    }
    assert_eq!(ask("::1", "rsa", PROTOCOL_TLS_CLIENT, Some("ca.pem")).expect("a certificate"), leaf("rsa"));
}

#[test]
fn failures_are_told_apart() {
    let missing = certs::folder().join("missing.pem");
    let missing = get_server_certificate("127.0.0.1", 1, PROTOCOL_TLS_CLIENT, Some(&missing), LONG);
    assert_eq!(missing.expect_err("no such file").os_errno(), 2);

    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let role = get_server_certificate("127.0.0.1", port, PROTOCOL_TLS_SERVER, None, LONG);
    let role = role.expect_err("no client's protocol");
    assert_eq!(role.status(), Status::Ssl);
    assert_eq!(role.message(), "Cannot create a client socket with a PROTOCOL_TLS_SERVER context");
    let ask = |timeout| get_server_certificate("127.0.0.1", port, PROTOCOL_TLS_CLIENT, None, timeout);
    let late = ask(Timeout::After(Duration::from_millis(50))).expect_err("nobody answers");
    assert_eq!(late.status(), Status::Timeout);
    // At the port of a connection nobody listens, and nobody can.
    let own = TcpStream::connect(silent.local_addr().expect("an address")).expect("a connection");
    let port = own.local_addr().expect("an address").port();
    let ask = |timeout| get_server_certificate("127.0.0.1", port, PROTOCOL_TLS_CLIENT, None, timeout);
    assert_eq!(ask(LONG).expect_err("nobody listens").status(), Status::Os);
}
