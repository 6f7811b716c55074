//! Two ends of a connection in memory.
#![allow(dead_code)]

use super::certs;
use tlsock::context::{PURPOSE_CLIENT_AUTH, PURPOSE_SERVER_AUTH};
use tlsock::*;

pub const TLS1_2: i32 = 0x303;
pub const TLS1_3: i32 = 0x304;

/// A client that trusts the tests' root.
pub fn client() -> Context {
    Context::create_default(PURPOSE_SERVER_AUTH, Some(&certs::folder().join("ca.pem")), None, None)
        .expect("a client context")
}

/// A server with one of the tests' certificates.
pub fn server(name: &str) -> Context {
    let context = Context::create_default(PURPOSE_CLIENT_AUTH, None, None, None).expect("a server context");
    identify(&context, name);
    context
}

/// Gives a context one of the tests' certificates.
pub fn identify(context: &Context, name: &str) {
    let folder = certs::folder();
    let (cert, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    context.load_cert_chain(&cert, Some(&key), None).expect("a certificate and its key");
}

/// Both ends.
pub struct Pair {
    pub client: Object,
    pub server: Object,
}

impl Pair {
    /// Makes both ends; nothing is sent yet.
    pub fn new(client: &Context, server: &Context, session: Option<&Session>) -> Pair {
        let (up, down) = (MemoryBio::new(), MemoryBio::new());
        let name = Some("localhost");
        Pair {
            client: client
                .wrap_bio(Some((&down, &up)), WrapFlags::default(), name, session)
                .expect("a client"),
            server: server
                .wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None)
                .expect("a server"),
        }
    }

    /// Makes both sides and does the handshake, which must succeed; the client has read what the server sent after it.
    pub fn connected(client: &Context, server: &Context, session: Option<&Session>) -> Pair {
        let pair = Pair::new(client, server, session);
        pair.shake().expect("a handshake");
        pair.server.write(b"!").expect("a write");
        assert_eq!(pair.client.read(&mut [0]).expect("a read"), 1);
        pair
    }

    /// Does the handshake until both are done or one fails.
    pub fn shake(&self) -> Result<()> {
        for _ in 0..20 {
            let client = self.client.do_handshake();
            let server = self.server.do_handshake();
            match (client, server) {
                (Ok(()), Ok(())) => return Ok(()),
                (Err(error), _) if !error.is_want() => return Err(error),
                (_, Err(error)) if !error.is_want() => return Err(error),
                _ => {}
            }
        }
        panic!("both ends wait for the other")
    }
}

/// The digest of some bytes, by the openssl program.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256", "-binary"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("openssl");
    child.stdin.take().expect("a pipe").write_all(bytes).expect("openssl reads");
    child.wait_with_output().expect("openssl ends").stdout
}
