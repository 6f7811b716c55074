//! A further handshake of TLS 1.2 on a connection: the peer stays who it was. The peers are raw libssl (`peers/renegotiates.c`).

mod certs;
mod pair;
mod version;

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use tlsock::*;

const CERT_NONE: i32 = 0;
const CERT_OPTIONAL: i32 = 1;
const CERT_REQUIRED: i32 = 2;
const VERIFY_X509_STRICT: u64 = 0x20;
const ALLOW_CLIENT_RENEGOTIATION: u64 = 1 << 8;
const NO_RENEGOTIATION: u64 = 1 << 30;
const ANOTHER: &str = "the peer has shown another certificate in an earlier handshake of this connection";
const NONE: &str =
    "the peer has shown a certificate in an earlier handshake of this connection, and shows none now";

fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/build.sh");
        certs::run(Command::new("sh").args([script, "renegotiates"]).arg(certs::scratch()));
        certs::scratch().join("renegotiates")
    })
}

struct Peer {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Peer {
    fn start(arguments: &[&str]) -> Peer {
        let mut command = Command::new(program());
        command.arg(certs::folder()).args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the peer");
        let said = BufReader::new(child.stdout.take().expect("a pipe"));
        Peer { child, said }
    }

    fn port(&mut self) -> u16 {
        let mut line = String::new();
        self.said.read_line(&mut line).expect("a line");
        line.trim().parse().expect("a port")
    }

    /// How it went, as the peer saw it.
    fn end(mut self) -> String {
        let mut said = String::new();
        self.said.read_to_string(&mut said).expect("its words");
        self.child.wait().expect("it ends");
        said.trim().to_owned()
    }
}

/// What came of a second handshake.
struct End {
    /// What our side has received after it.
    result: Result<Vec<u8>>,
    socket: Socket,
    peer: Peer,
}

impl End {
    /// Sends the byte that the peer waits for, and receives what it says after the second handshake.
    fn of(socket: Socket, peer: Peer) -> End {
        socket.sendall(b"!").expect("a byte");
        let mut buffer = [0; 6];
        let result = socket.recv(&mut buffer).map(|count| buffer[..count].to_vec());
        if result.is_ok() {
            socket.sendall(b"!").expect("a byte");
        }
        End { result, socket, peer }
    }

    /// Our client meets a server that shows one certificate and then another.
    fn of_client(context: &Context, first: &str, second: &str) -> End {
        let mut peer = Peer::start(&["server", first, second]);
        let socket =
            context.create_connection("localhost", peer.port(), Timeout::Never).expect("a handshake");
        End::of(socket, peer)
    }

    /// Our server meets a client that does so.
    fn of_server(context: &Context, first: &str, second: &str) -> End {
        let listener =
            context.create_server(Some("127.0.0.1"), 0, 1, WrapFlags::default()).expect("a listener");
        let port = listener.getsockname().expect("an address").port.to_string();
        let peer = Peer::start(&["client", &port, first, second]);
        let accept = || listener.accept().expect("a handshake").0;
        if second.starts_with('@') {
            let other = accept();
            other.sendall(b"!").expect("a byte");
            let _ = other.recv(&mut [0]);
        }
        End::of(accept(), peer)
    }

    fn succeeded(self) -> Socket {
        assert_eq!((self.result.expect("data"), self.peer.end().as_str()), (b"again\n".to_vec(), "done"));
        self.socket
    }

    /// Nothing more comes or goes, whatever is tried. Gives the error, and how the peer saw it.
    fn refused(self, words: &str) -> (Error, String) {
        let error = self.result.expect_err("a refusal");
        assert_eq!(error.status(), Status::CertVerification, "{error}");
        assert_eq!(error.detail().unwrap().verify_code, 50, "{error}");
        assert!(error.message().ends_with(words), "{error}");
        assert!(self.socket.sendall(b"secret").is_err());
        assert_eq!(self.socket.recv(&mut [0; 9]).unwrap_or(0), 0);
        drop(self.socket);
        let said = self.peer.end();
        assert_ne!(said, "done");
        (error, said)
    }
}

fn leaf(name: &str) -> Vec<u8> {
    Certificate::from_data(&certs::read(&format!("{name}.pem"))).expect("a certificate").der().to_vec()
}

fn client() -> Context {
    let context = pair::client();
    context.set_maximum_version(pair::TLS1_2).unwrap();
    context
}

/// A client that takes any server, one without a certificate too.
fn careless() -> Context {
    let context = client();
    context.set_check_hostname(false).unwrap();
    context.set_verify_mode(CERT_NONE).unwrap();
    context.set_ciphers("ALL:aNULL:@SECLEVEL=0").unwrap();
    context
}

#[test]
fn a_server_that_stays_who_it_was_renegotiates() {
    for context in [client(), careless()] {
        for second in ["ecdsa", "="] {
            let socket = End::of_client(&context, "ecdsa", second).succeeded();
            assert_eq!(socket.session_reused(), second == "=");
        }
    }
}

#[test]
fn another_certificate_is_refused_with_an_alert_though_it_would_pass() {
    let (error, said) = End::of_client(&client(), "ecdsa", "rsa").refused(ANOTHER);
    let detail = error.detail().unwrap();
    assert_eq!((detail.alert_sent, said.as_str()), (Some(40), "alert 40"));
    assert_eq!(detail.cause.as_ref().unwrap().message(), ANOTHER);
    assert_eq!(detail.certificate.as_ref().unwrap().der(), leaf("rsa"));
}

/// The program has seen who the peer is, though nothing had to be proved.
#[test]
fn nor_does_a_client_take_it_that_verifies_nothing() {
    for (first, second, words) in
        [("ecdsa", "rsa", ANOTHER), ("self-signed", "ecdsa", ANOTHER), ("ecdsa", "-", NONE)]
    {
        End::of_client(&careless(), first, second).refused(words);
    }
}

#[test]
fn a_server_without_a_certificate_may_show_one_later() {
    let socket = End::of_client(&careless(), "-", "ecdsa").succeeded();
    assert_eq!(socket.peer_certificate().unwrap().unwrap().der(), leaf("ecdsa"));
}

/// Another peer is refused before anybody is asked about it; the same one is judged as before.
#[test]
fn judges_are_asked_about_the_same_peer_only() {
    for (second, expected) in [("rsa", 1), ("ecdsa", 2)] {
        let context = client();
        let asked = judge(&context);
        let end = End::of_client(&context, "ecdsa", second);
        assert_eq!((end.result.is_ok(), asked.load(Ordering::SeqCst)), (second == "ecdsa", expected));
    }
}

/// It ends without a verdict, and the connection as its peer wishes: libssl ends it.
#[test]
fn a_renegotiation_that_is_refused_has_nobody_judged_again() {
    let (of_client, of_server) = (client(), server(CERT_REQUIRED));
    of_client.set_options(of_client.options() | NO_RENEGOTIATION).unwrap();
    of_server.set_options(of_server.options() & !ALLOW_CLIENT_RENEGOTIATION | NO_RENEGOTIATION).unwrap();
    let judged = [judge(&of_client), judge(&of_server)];
    let ends = [End::of_client(&of_client, "ecdsa", "ecdsa"), End::of_server(&of_server, "client", "client")];
    for (end, judged) in ends.into_iter().zip(judged) {
        let error = end.result.expect_err("the peer's end");
        assert_ne!(error.status(), Status::CertVerification, "{error}");
        assert_eq!(judged.load(Ordering::SeqCst), 1);
    }
}

/// Sets a callback that accepts everybody and counts.
fn judge(context: &Context) -> Arc<AtomicU32> {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let judge: VerifyCallback = Arc::new(move |_, _| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    context.set_verify_callback(VerifyOverride::Insecure, Some(judge));
    asked
}

/// A server that lets its clients renegotiate, and asks them for a certificate.
fn server(mode: i32) -> Context {
    let context = pair::server("rsa");
    context.set_options(context.options() & !NO_RENEGOTIATION | ALLOW_CLIENT_RENEGOTIATION).unwrap();
    context.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    context.set_verify_mode(mode).unwrap();
    context.set_verify_flags(context.verify_flags() & !VERIFY_X509_STRICT).unwrap();
    context
}

#[test]
fn a_client_stays_who_it_was_too() {
    for mode in [CERT_OPTIONAL, CERT_REQUIRED] {
        for second in ["client", "="] {
            End::of_server(&server(mode), "client", second).succeeded();
        }
        let (error, said) = End::of_server(&server(mode), "client", "plain").refused(ANOTHER);
        assert_eq!((error.detail().unwrap().alert_sent, said.as_str()), (Some(40), "alert 40"));
    }
    End::of_server(&server(CERT_OPTIONAL), "client", "-").refused(NONE);
}

/// It has the certificate of its own handshake.
#[test]
fn the_session_of_another_connection_makes_nobody_else_of_a_client() {
    if version::is_openssl_4() {
        return;
    }
    End::of_server(&server(CERT_REQUIRED), "client", "@client").succeeded();
    End::of_server(&server(CERT_REQUIRED), "client", "@plain").refused(ANOTHER);
}

#[test]
fn a_client_without_a_certificate_may_show_one_later() {
    let socket = End::of_server(&server(CERT_OPTIONAL), "-", "client").succeeded();
    assert_eq!(socket.getpeercert().unwrap().unwrap().der(), leaf("client"));
}

/// The verdict on the client comes late: what has to be the same is the certificate about which it was.
#[test]
fn a_client_that_had_to_wait_stays_who_it_was() {
    for (second, refused) in [("client", false), ("plain", true)] {
        let context = server(CERT_REQUIRED);
        let asked = AtomicU32::new(0);
        let judge: VerifyCallback = Arc::new(move |_, _| match asked.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Error::want_callback()),
            _ => Ok(()),
        });
        context.set_verify_callback(VerifyOverride::Never, Some(judge));
        let listener = context.create_server(Some("127.0.0.1"), 0, 1, WrapFlags::NO_HANDSHAKE).unwrap();
        let port = listener.getsockname().unwrap().port.to_string();
        let peer = Peer::start(&["client", &port, "client", second]);
        let (socket, _) = listener.accept().unwrap();
        assert!(socket.do_handshake().is_err_and(|error| error.waits()));
        socket.do_handshake().unwrap();
        let end = End::of(socket, peer);
        match refused {
            true => drop(end.refused(ANOTHER)),
            false => drop(end.succeeded()),
        }
    }
}
