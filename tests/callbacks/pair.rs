//! A client and a server in memory, and what the other tests look at.

use crate::certs;
use std::cell::RefCell;
use tlsock::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
use tlsock::{Context, Error, MemoryBio, Object, Result, Session, Status, WrapFlags};

pub const TLS1_2: i32 = 0x303;
pub const TLS1_3: i32 = 0x304;

/// A client that trusts the tests' root.
pub fn client() -> Context {
    let context = Context::new(PROTOCOL_TLS_CLIENT).unwrap();
    context.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
    context
}

/// A server with one of the tests' certificates.
pub fn server_of(name: &str) -> Context {
    let context = Context::new(PROTOCOL_TLS_SERVER).unwrap();
    load(&context, name);
    context
}

pub fn load(context: &Context, name: &str) {
    let file = |extension: &str| certs::folder().join(format!("{name}.{extension}"));
    context.load_cert_chain(&file("pem"), Some(&file("key")), None).unwrap();
}

/// A server for localhost.
pub fn server() -> Context {
    server_of("ecdsa")
}

/// Two ends over two buffers.
pub struct Pair {
    pub client: Object,
    pub server: Object,
    pub to_server: MemoryBio,
    pub to_client: MemoryBio,
}

impl Pair {
    pub fn new(client: &Context, server: &Context) -> Pair {
        Pair::with(client, server, Some("localhost"), None)
    }

    pub fn with(client: &Context, server: &Context, name: Option<&str>, session: Option<&Session>) -> Pair {
        let (to_server, to_client) = (MemoryBio::new(), MemoryBio::new());
        let bios = Some((&to_client, &to_server));
        let client = client.wrap_bio(bios, WrapFlags::INSECURE_NO_HOSTNAME, name, session).unwrap();
        let bios = Some((&to_server, &to_client));
        let server = server.wrap_bio(bios, WrapFlags::SERVER_SIDE, None, None).unwrap();
        Pair { client, server, to_server, to_client }
    }

    /// Does the handshake until both sides are done or have failed.
    pub fn shake(&self) -> (Result<()>, Result<()>) {
        let (client, server) = (RefCell::new(None), RefCell::new(None));
        for _ in 0..20 {
            step(&client, || self.client.do_handshake());
            step(&server, || self.server.do_handshake());
            if client.borrow().is_some() && server.borrow().is_some() {
                break;
            }
        }
        (ended(client), ended(server))
    }

    /// Does the handshake, which must succeed, and gives the client its tickets.
    pub fn connect(self) -> Pair {
        let (client, server) = self.shake();
        client.unwrap();
        server.unwrap();
        self.pass(&self.server, &self.client);
        self
    }

    /// Sends a byte from one end to the other.
    pub fn pass(&self, from: &Object, to: &Object) {
        assert_eq!(from.write(b"x").unwrap(), 1);
        assert_eq!(to.read(&mut [0; 8]).unwrap(), 1);
    }

    /// Does the handshake, which must fail on both sides.
    pub fn fail(&self) -> (Error, Error) {
        let (client, server) = self.shake();
        (client.unwrap_err(), server.unwrap_err())
    }
}

fn step(result: &RefCell<Option<Result<()>>>, shake: impl FnOnce() -> Result<()>) {
    if result.borrow().is_some() {
        return;
    }
    match shake() {
        Err(error) if error.is_want() => {}
        ended => *result.borrow_mut() = Some(ended),
    }
}

fn ended(result: RefCell<Option<Result<()>>>) -> Result<()> {
    result.into_inner().unwrap_or_else(|| Err(Error::want_read()))
}

/// The mnemonic of an error's reason.
pub fn reason(error: &Error) -> &str {
    error.detail().and_then(|detail| detail.reason.as_deref()).map_or("", |reason| reason.to_str().unwrap())
}

/// The status and message of what led to an error.
pub fn cause(error: &Error) -> Option<(Status, &str)> {
    let cause = error.detail()?.cause.as_ref()?;
    Some((cause.status(), cause.message()))
}

pub fn alert_sent(error: &Error) -> Option<u8> {
    error.detail().and_then(|detail| detail.alert_sent)
}

pub fn alert_received(error: &Error) -> Option<u8> {
    error.detail().and_then(|detail| detail.alert_received)
}
