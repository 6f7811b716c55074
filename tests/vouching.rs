//! A session proves what its handshake has verified, and no more: on both sides, in TLS 1.2 and 1.3, with tickets and
//! without.

#[path = "vouching/accepted.rs"]
mod accepted;
#[path = "vouching/begun.rs"]
mod begun;
mod certs;
#[path = "vouching/ciphers.rs"]
mod ciphers;
#[path = "vouching/client.rs"]
mod client;
#[path = "vouching/copies.rs"]
mod copies;
#[path = "vouching/ends.rs"]
mod ends;
#[path = "vouching/hello.rs"]
mod hello;
#[path = "vouching/lists.rs"]
mod lists;
#[path = "chain_cache/made.rs"]
#[allow(dead_code)]
mod made;
#[path = "vouching/moments.rs"]
mod moments;
#[path = "vouching/names.rs"]
mod names;
mod pair;
#[path = "vouching/replaced.rs"]
mod replaced;
#[path = "vouching/sigalgs.rs"]
mod sigalgs;
#[path = "vouching/raised.rs"]
mod raised;

use pair::{Pair, TLS1_2, TLS1_3};
use tlsock::{Context, MemoryBio, Result, Session, WrapFlags};

const OP_NO_TICKET: u64 = 1 << 14;
const CRL_CHECK_LEAF: u64 = 0x4;

/// How a server keeps sessions.
#[derive(Clone, Copy, Debug)]
struct Keeping {
    version: i32,
    tickets: bool,
}

const ALL: [Keeping; 4] = [
    Keeping { version: TLS1_2, tickets: true },
    Keeping { version: TLS1_2, tickets: false },
    Keeping { version: TLS1_3, tickets: true },
    Keeping { version: TLS1_3, tickets: false },
];

impl Keeping {
    fn server(self, name: &str) -> Context {
        self.keeps(pair::server(name))
    }

    fn keeps(self, server: Context) -> Context {
        server.set_maximum_version(self.version).expect("a version");
        if !self.tickets {
            server.set_options(server.options() | OP_NO_TICKET).expect("options");
        }
        server
    }
}

/// Makes both ends; the client asks for this name.
fn ends(client: &Context, server: &Context, name: &str, session: Option<&Session>) -> Result<Pair> {
    let (up, down) = (MemoryBio::new(), MemoryBio::new());
    Ok(Pair {
        client: client.wrap_bio(Some((&down, &up)), WrapFlags::default(), Some(name), session)?,
        server: server.wrap_bio(Some((&up, &down)), WrapFlags::SERVER_SIDE, None, None)?,
    })
}

/// Does the handshake and passes a byte each way, so that both know how it ended.
fn visit(client: &Context, server: &Context, name: &str, session: Option<&Session>) -> Result<Pair> {
    let pair = ends(client, server, name, session)?;
    pair.shake()?;
    talk(&pair)?;
    assert_eq!(pair.client.session_reused(), pair.server.session_reused());
    Ok(pair)
}

fn talk(pair: &Pair) -> Result<()> {
    for (from, to) in [(&pair.client, &pair.server), (&pair.server, &pair.client)] {
        from.write(b"!")?;
        to.read(&mut [0])?;
    }
    Ok(())
}

/// A session for localhost, which the same client resumes.
fn session(client: &Context, server: &Context) -> Session {
    let session = session_of(&visit(client, server, "localhost", None).expect("a handshake"));
    assert!(resumes(client, server, &session), "at first");
    session
}

fn session_of(pair: &Pair) -> Session {
    pair.client.session().expect("no failure").expect("a session")
}

/// Tells whether a handshake that must succeed resumes this session.
fn resumes(client: &Context, server: &Context, session: &Session) -> bool {
    let pair = visit(client, server, "localhost", Some(session)).expect("a handshake");
    if !pair.client.session_reused() {
        assert!(
            !pair.client.get_verified_chain().unwrap().as_slice().is_empty(),
            "a full handshake verifies"
        );
    }
    pair.client.session_reused()
}

/// A client that checks nobody: what an attacker would use.
fn careless() -> Context {
    let client = pair::client();
    client.set_check_hostname(false).expect("a change");
    client.set_verify_mode(0).expect("a change");
    client
}
