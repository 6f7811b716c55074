//! What a session vouches for. Resuming it asks the peer for nothing, so that it can stand in for those handshakes
//! only that would ask for what was proved: here is the one place that compares the two.

use crate::lock::Slot;
use crate::openssl::lent::{Demands, Lent};
use crate::openssl::rand;
use crate::openssl::x509::digest;
use crate::ssl::context::{Believed, Context};
use crate::ssl::error::{Error, Result};
use std::ffi::{CStr, CString};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Who makes and takes a server's sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    /// One context, by its mark.
    One([u8; 12]),
    /// All servers that have the same keys of tickets, or the same cache, and allow the same ciphers, which are here by
    /// their numbers. In TLS 1.2 a session brings its cipher along, and libssl does not look whether the server allows it.
    Fleet(Vec<u32>),
    /// Nobody: the others of a fleet may share keys with other clients than this server does.
    Nobody,
}

impl Maker {
    /// What tells it from others; None for nobody.
    fn facts(&self) -> Option<Vec<u8>> {
        match self {
            Maker::One(mark) => Some([&[1], &mark[..]].concat()),
            Maker::Fleet(ciphers) => Some(format!("fleet {ciphers:x?}\0").into_bytes()),
            Maker::Nobody => None,
        }
    }
}

/// Which names a connection checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameCheck {
    /// Host names are checked, if there is one.
    pub on: bool,
    /// The name that the certificate must be for.
    pub name: Option<CString>,
}

/// What is asked of a peer beside what OpenSSL checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Beyond {
    /// A callback judges. What it says of this peer now nobody can tell: such a handshake resumes no session.
    pub judged: bool,
    /// Nothing is demanded, and what did not pass is only reported. So it is where such a session is resumed, and there
    /// alone.
    pub reported: bool,
}

impl Beyond {
    /// What satisfies two.
    pub fn and(self, other: Beyond) -> Beyond {
        Beyond { judged: self.judged || other.judged, reported: self.reported || other.reported }
    }
}

/// What a connection asks of its peer.
#[derive(Clone)]
pub(crate) struct Asked {
    /// It is the server's end: what proves a client proves no server.
    server: bool,
    demands: Demands,
    names: NameCheck,
    beyond: Beyond,
    /// Whom it believes; None where nobody can tell.
    believed: Option<Arc<Believed>>,
}

impl Asked {
    /// What a connection asks whose context this is.
    pub fn by(ssl: &Lent<'_>, context: &Context, names: &NameCheck, mut beyond: Beyond) -> Asked {
        let believed = ssl.store_state().and_then(|state| context.believed(state));
        let (server, demands) = (ssl.is_server(), ssl.demands());
        // A client that is asked for nothing shows nothing.
        beyond.judged &= demands.verifies() || !server;
        Asked { server, demands, names: names.clone(), beyond, believed }
    }

    /// What a client would ask.
    pub fn new(demands: Demands, names: NameCheck, beyond: Beyond, believed: Arc<Believed>) -> Asked {
        Asked { server: false, demands, names, beyond, believed: Some(believed) }
    }

    /// The name that the certificate must be for.
    pub fn name(&self) -> Option<&CStr> {
        self.names.name.as_deref()
    }

    /// Whom it believes.
    pub fn believed(&self) -> Option<&Believed> {
        self.believed.as_deref()
    }

    /// All of it, but for the name itself; the same in every process. None where nobody can tell.
    pub fn digest(&self) -> Result<Option<Vec<u8>>> {
        let Asked { server, demands, names, beyond, .. } = self;
        if beyond.judged {
            return Ok(None);
        }
        let mut facts = format!("{server} {demands:?} {} {beyond:?}\0", names.on).into_bytes();
        if self.demands.verifies() {
            let Some(believed) = self.lasting() else { return Ok(None) };
            facts.extend(believed.digest(self.demands.flags)?);
        }
        Ok(Some(digest(c"SHA256", &facts)?))
    }

    /// Whom it believes, if that can be told from what another connection believes.
    fn lasting(&self) -> Option<&Believed> {
        self.believed().filter(|believed| !believed.may_change(self.demands.flags))
    }

    /// Tells whether another connection may ask the same: of what nobody can tell each has its own.
    fn may_recur(&self) -> bool {
        !self.beyond.judged && (!self.demands.verifies() || self.lasting().is_some())
    }

    /// Tells whether two that may recur cannot but have the same digest.
    fn is_same(&self, other: &Asked) -> bool {
        let believed = |asked: &Asked| asked.believed.as_ref().map(Arc::as_ptr);
        self.server == other.server
            && self.demands == other.demands
            && self.names.on == other.names.on
            && self.beyond == other.beyond
            && (!self.demands.verifies() || believed(self) == believed(other))
    }

    /// What tells a server's sessions for this context and name, 32 bytes.
    fn session_id_context(&self, maker: &Maker, name: Option<&[u8]>) -> Result<Vec<u8>> {
        let (Some(mut facts), Some(maker)) = (self.digest()?, maker.facts()) else { return unlike_all() };
        facts.extend(maker);
        facts.push(u8::from(name.is_some()));
        facts.extend(name.unwrap_or_default().to_ascii_lowercase());
        Ok(digest(c"SHA256", &facts)?)
    }
}

/// The last session ID context that was made for connections of a context: to make one takes a twentieth of the
/// shortest handshake.
#[derive(Default)]
pub(crate) struct LastId(Slot<Option<Arc<Id>>>);

struct Id {
    maker: Maker,
    asked: Asked,
    name: Option<Vec<u8>>,
    bytes: Vec<u8>,
}

impl LastId {
    /// What tells the sessions of this context for those who ask the same, under this name.
    pub fn of(&self, maker: Maker, asked: &Asked, name: Option<&[u8]>) -> Result<Vec<u8>> {
        let is_it = |id: &Arc<Id>| id.maker == maker && id.name.as_deref() == name && id.asked.is_same(asked);
        if let Some(id) = self.0.get().filter(is_it) {
            return Ok(id.bytes.clone());
        }
        let bytes = asked.session_id_context(&maker, name)?;
        if asked.may_recur() && maker != Maker::Nobody {
            let id = Id { maker, asked: asked.clone(), name: name.map(<[u8]>::to_vec), bytes: bytes.clone() };
            self.0.set(Some(Arc::new(id)));
        }
        Ok(bytes)
    }
}

/// What nobody else has: each handshake is a full one.
fn unlike_all() -> Result<Vec<u8>> {
    let mut bytes = vec![0; 32];
    rand::bytes(&mut bytes)?;
    Ok(bytes)
}

/// What a handshake has asked, and until when the answer holds.
pub(crate) struct Trust {
    pub asked: Asked,
    /// The peer's certificate passed, by what was asked, until this second since 1970. None if it did not: there was
    /// none, it was not asked for, or nobody can tell by what it was judged.
    pub proved_until: Option<i64>,
}

impl Trust {
    /// Refuses what is plainly another's session: one of less care, or for another name.
    pub fn check_fits(&self, verifies: bool, name: Option<&CStr>) -> Result<()> {
        let own = &self.asked;
        if verifies && !own.demands.verifies() {
            return Err(Error::value(
                "session was made without verifying the peer: this connection asks for verification",
            ));
        }
        if name.is_none() || name == own.name() {
            return Ok(());
        }
        Err(Error::value(match own.names.on {
            true => "session was made for another server_hostname",
            false => "session was made without checking the host name: this connection checks it",
        }))
    }

    /// Tells whether all was proved that a connection asks for, and still holds.
    pub fn covers(&self, asked: &Asked) -> bool {
        let judged = asked.beyond.judged || self.asked.beyond != asked.beyond;
        if self.asked.server != asked.server || judged {
            return false;
        }
        if !asked.demands.verifies() {
            return true;
        }
        let (Some(own), Some(now)) = (self.asked.lasting(), asked.lasting()) else { return false };
        self.asked.demands == asked.demands
            && self.check_fits(true, asked.name()).is_ok()
            && self.proved_until.is_some_and(|until| until > seconds_now())
            && own.is_same(now, asked.demands.flags)
    }
}

/// The clock that certificates are judged by.
pub(crate) fn seconds_now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}
