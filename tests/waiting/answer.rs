//! Answers that come late.

use crate::certs;
use crate::pair::{self, Pair};
use crate::sign::sign;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tlsock::*;

/// Where an answer will be.
#[derive(Clone, Default)]
pub struct Later(Arc<State>);

#[derive(Default)]
struct State {
    there: AtomicBool,
    refuses: AtomicBool,
    asked: AtomicU32,
}

impl Later {
    /// The callback asks: nothing yet, or what has been decided.
    pub fn ask(&self) -> Result<()> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        match (self.0.there.load(Ordering::SeqCst), self.0.refuses.load(Ordering::SeqCst)) {
            (false, _) => Err(Error::want_callback()),
            (true, false) => Ok(()),
            (true, true) => Err(Error::os_with(17, "not on the list")),
        }
    }

    pub fn give(&self) {
        self.0.there.store(true, Ordering::SeqCst);
    }

    /// From now on there is none again.
    pub fn take_back(&self) {
        self.0.there.store(false, Ordering::SeqCst);
    }

    pub fn refuse(&self) {
        self.0.refuses.store(true, Ordering::SeqCst);
        self.give();
    }

    pub fn asked(&self) -> u32 {
        self.0.asked.load(Ordering::SeqCst)
    }
}

/// The callback that has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    ServerHello,
    ServerIdentity,
    ClientIdentity,
    ClientVerification,
    ServerVerification,
    ServerSignature,
    ClientSignature,
}

pub const KINDS: [Kind; 7] = [
    Kind::ServerHello,
    Kind::ServerIdentity,
    Kind::ClientIdentity,
    Kind::ClientVerification,
    Kind::ServerVerification,
    Kind::ServerSignature,
    Kind::ClientSignature,
];

impl Kind {
    pub fn is_of_server(self) -> bool {
        matches!(
            self,
            Kind::ServerHello | Kind::ServerIdentity | Kind::ServerVerification | Kind::ServerSignature
        )
    }

    /// The two contexts of a version, with a callback that asks.
    pub fn contexts(self, version: i32, later: &Later) -> (Context, Context) {
        let (client, server) = (pair::client(), pair::server("rsa"));
        client.set_maximum_version(version).unwrap();
        let later = later.clone();
        match self {
            Kind::ServerHello => {
                let ask: ClientHelloCallback = Arc::new(move |_, _| Ok(later.ask()?));
                server.set_client_hello_callback(Some(ask)).unwrap();
            }
            Kind::ServerIdentity => {
                server.set_identity_callback(Some(choose(later, "ecdsa")));
            }
            Kind::ClientIdentity => {
                server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
                server.set_verify_mode(2).unwrap();
                client.set_identity_callback(Some(choose(later, "client")));
            }
            Kind::ClientVerification => {
                client.set_verify_callback(VerifyOverride::Never, Some(Arc::new(move |_, _| later.ask())));
            }
            Kind::ServerVerification => {
                pair::identify(&client, "client");
                server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
                server.set_verify_mode(2).unwrap();
                server.set_verify_callback(VerifyOverride::Never, Some(Arc::new(move |_, _| later.ask())));
            }
            Kind::ServerSignature => server.use_identity(&signed(later, "rsa")).unwrap(),
            Kind::ClientSignature => {
                server.load_verify_locations(Some(&certs::folder().join("ca.pem")), None, None).unwrap();
                server.set_verify_mode(2).unwrap();
                client.use_identity(&signed(later, "client")).unwrap();
            }
        }
        (client, server)
    }

    /// Whether it judges the peer.
    pub fn is_verification(self) -> bool {
        matches!(self, Kind::ClientVerification | Kind::ServerVerification)
    }

    /// The end that waits.
    pub fn of(self, pair: &Pair) -> &Object {
        if self.is_of_server() { &pair.server } else { &pair.client }
    }
}

/// An identity whose signer asks before it signs.
pub fn signed(later: Later, name: &str) -> Identity {
    let key = certs::folder().join(format!("{name}.key"));
    let signer: SignerCallback = Arc::new(move |request, buffer| {
        later.ask()?;
        let signature = sign(&key, request);
        buffer[..signature.len()].copy_from_slice(&signature);
        Ok(signature.len())
    });
    let chain = certs::read(&format!("{name}.pem"));
    Identity::from_signer(&chain, SignerWait::MayWait, signer).expect("an identity")
}

fn choose(later: Later, name: &'static str) -> IdentityCallback {
    let folder = certs::folder();
    let (cert, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    let identity = Identity::from_files(&cert, Some(&key), None).expect("an identity");
    Arc::new(move |_, request| {
        later.ask()?;
        request.answer(Some(identity.clone()));
        Ok(())
    })
}

/// Does the handshake until one end waits for an answer.
pub fn until_it_waits(pair: &Pair) {
    for _ in 0..20 {
        for end in [&pair.client, &pair.server] {
            match end.do_handshake() {
                Err(error) if error.waits() => return,
                Err(error) if !error.is_want() => panic!("{error}"),
                _ => {}
            }
        }
    }
    panic!("nobody waits");
}

/// Each version, and each kind.
pub fn each(test: impl Fn(i32, Kind)) {
    for version in [pair::TLS1_2, pair::TLS1_3] {
        for kind in KINDS {
            eprintln!("{version:#x} {kind:?}");
            test(version, kind);
        }
    }
}
