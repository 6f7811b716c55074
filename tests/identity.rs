//! Identities, with which a side proves who it is: from files, memory and elsewhere.
#![allow(clippy::print_stderr)]

mod certs;
mod pair;
#[path = "certs/sign.rs"]
mod sign;
#[path = "identity/choose.rs"]
mod choose;
#[path = "identity/pkcs12.rs"]
mod pkcs12;
#[path = "identity/read.rs"]
mod read;
#[path = "identity/reload.rs"]
mod reload;
#[path = "identity/signer.rs"]
mod signer;

#[path = "identity/uri.rs"]
mod uri;

use pair::Pair;
use tlsock::context::PURPOSE_CLIENT_AUTH;
use tlsock::*;

/// A server with this identity.
pub fn server_of(identity: &Identity) -> Context {
    let server = Context::create_default(PURPOSE_CLIENT_AUTH, None, None, None).expect("a server context");
    server.use_identity(identity).expect("an identity that can be used");
    server
}

/// The subject of the certificate that a client of the tests gets from this server, which it verifies.
pub fn shown(server: &Context) -> Certificate {
    peer(&Pair::connected(&pair::client(), server, None).client)
}

/// The certificate that this end was shown.
pub fn peer(end: &Object) -> Certificate {
    end.peer_certificate().expect("no failure").expect("a certificate")
}

/// The identity of one of the tests' certificates.
pub fn named(name: &str) -> Identity {
    let folder = certs::folder();
    let (cert, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    Identity::from_files(&cert, Some(&key), None).expect("an identity")
}
