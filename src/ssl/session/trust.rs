//! What a session proves. A resumed handshake does not verify the peer again, so it may replace only those handshakes that
//! would demand no more than was proved. This is the one place that compares the two.

use crate::lock::Slot;
use crate::openssl::ctx::Sigalgs;
use crate::openssl::lent::{Demands, Lent};
use crate::openssl::rand;
use crate::openssl::x509::digest;
use crate::ssl::context::{Believed, Context, KeyMark, Ocsp, Pins};
use crate::ssl::error::{Error, Result};
use crate::ssl::seconds_now;
use std::ffi::CString;
use std::sync::Arc;

/// The ciphers that a server allows, by their numbers in order. A session of TLS 1.2 brings its cipher along, and libssl does not check
/// whether the server allows it, or still does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowed(Vec<u32>);

impl Allowed {
    pub fn by(ssl: &Lent<'_>) -> Allowed {
        let ciphers = ssl.allowed_ciphers();
        let mut numbers = Vec::with_capacity(ciphers.size_hint().0);
        numbers.extend(ciphers);
        numbers.sort_unstable();
        Allowed(numbers)
    }

    fn facts(&self) -> String {
        format!("{:x?}\0", self.0)
    }
}

/// The servers that resume each other's sessions, as long as they allow the same ciphers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    /// One context alone, named by its mark; with its pre-shared keys, if it has any: a session that one of them has proved ends
    /// with the key.
    One([u8; 12], Allowed, Option<KeyMark>),
    /// All servers that share ticket keys or a cache.
    Fleet(Allowed),
    /// No server: the others of the fleet may share keys with other clients than this server does.
    Nobody,
}

impl Maker {
    /// Bytes that differ from those of every other group; None for nobody.
    fn facts(&self) -> Option<Vec<u8>> {
        match self {
            Maker::One(mark, allowed, keys) => {
                Some([&[1], &mark[..], allowed.facts().as_bytes(), format!("{keys:?}\0").as_bytes()].concat())
            }
            Maker::Fleet(allowed) => Some(format!("fleet {}", allowed.facts()).into_bytes()),
            Maker::Nobody => None,
        }
    }
}

/// Which host name a connection checks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct NameCheck {
    /// Host names are checked, if the connection has one.
    pub on: bool,
    /// The names of which the certificate must be for one, in order.
    names: Vec<CString>,
}

impl NameCheck {
    /// Checks these, if it is on.
    pub fn new(on: bool, names: impl IntoIterator<Item = CString>) -> NameCheck {
        let mut names: Vec<CString> = names.into_iter().filter(|_| on).collect();
        names.sort();
        names.dedup();
        NameCheck { on, names }
    }

    /// The names of which the certificate must be for one; none where no name is checked.
    pub fn names(&self) -> &[CString] {
        &self.names
    }
}

/// What is asked of a peer beside what OpenSSL checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Beyond {
    /// A callback judges. What it says of this peer now nobody can tell: such a handshake resumes no session.
    pub judged: bool,
    /// Of each set of keys the chain must have one.
    pub pins: Vec<Arc<Pins>>,
    /// A key that was shared before has to be used.
    pub psk_required: bool,
    /// What is demanded of the server's OCSP response.
    pub ocsp: Ocsp,
    /// The signature algorithms, if any were set: a session was signed by one of them.
    pub sigalgs: Option<Arc<Sigalgs>>,
    /// Nothing is demanded, and what did not pass is only reported. So it is where such a session is resumed, and there
    /// alone.
    pub reported: bool,
}

impl Beyond {
    /// Tells whether nothing is asked that a session may not prove.
    pub fn asks_nothing(&self) -> bool {
        !self.judged && self.pins.is_empty() && !self.psk_required
    }

    /// What satisfies two.
    pub fn and(self, other: Beyond) -> Beyond {
        let mut pins = self.pins;
        pins.extend(other.pins);
        Beyond {
            judged: self.judged || other.judged,
            pins,
            psk_required: self.psk_required || other.psk_required,
            ocsp: self.ocsp.max(other.ocsp),
            sigalgs: self.sigalgs.or(other.sigalgs),
            reported: self.reported || other.reported,
        }
    }
}

/// What a connection demands of its peer.
#[derive(Clone)]
pub(crate) struct Asked {
    /// It is the server's side: proof about a client is no proof about a server.
    server: bool,
    demands: Demands,
    names: Arc<NameCheck>,
    beyond: Beyond,
    /// Whom it believes; None where nobody can tell.
    believed: Option<Arc<Believed>>,
    /// The pre-shared key that a client has.
    key: Option<KeyMark>,
}

impl Asked {
    /// What a connection asks whose context this is.
    pub fn by(ssl: &Lent<'_>, context: &Context, names: Arc<NameCheck>, mut beyond: Beyond) -> Asked {
        let believed = ssl.store_state().and_then(|state| context.believed(state));
        let (server, demands) = (ssl.is_server(), ssl.demands());
        // A client that is asked for nothing shows nothing.
        beyond.judged &= demands.verifies() || !server;
        Asked { server, demands, names, beyond, believed, key: context.client_key() }
    }

    /// What a client would ask.
    pub fn new(
        demands: Demands,
        names: Arc<NameCheck>,
        beyond: Beyond,
        believed: Arc<Believed>,
        key: Option<KeyMark>,
    ) -> Asked {
        Asked { server: false, demands, names, beyond, believed: Some(believed), key }
    }

    /// The names of which the certificate must be for one.
    pub fn names(&self) -> &[CString] {
        self.names.names()
    }

    /// What it asked beside what OpenSSL checks.
    pub fn beyond(&self) -> &Beyond {
        &self.beyond
    }

    /// The content of its trust store.
    pub fn believed(&self) -> Option<&Believed> {
        self.believed.as_deref()
    }

    /// The pre-shared key that it has.
    pub fn key(&self) -> Option<KeyMark> {
        self.key
    }

    /// All of it, but for the names themselves and the key; the same in every process. None where nobody can tell.
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

    /// The content of its trust store, unless that may change without notice.
    fn lasting(&self) -> Option<&Believed> {
        self.believed().filter(|believed| !believed.may_change(self.demands.flags))
    }

    /// Tells whether another connection may ask the same. Where nobody can tell what is asked, no two count as the same.
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

    /// The session ID context, 32 bytes: libssl resumes on a server only sessions with the same one.
    fn session_id_context(&self, maker: &Maker, name: Option<&[u8]>) -> Result<Vec<u8>> {
        let (Some(mut facts), Some(maker)) = (self.digest()?, maker.facts()) else { return unlike_all() };
        facts.extend(maker);
        facts.push(u8::from(name.is_some()));
        facts.extend(name.unwrap_or_default().to_ascii_lowercase());
        Ok(digest(c"SHA256", &facts)?)
    }
}

/// The last session ID context that was computed for a context, because computing one takes a twentieth of the time of the
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
    /// The session ID context of this context for these demands and this name.
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

/// A random ID, which no other connection has: so each handshake is a full one.
fn unlike_all() -> Result<Vec<u8>> {
    let mut bytes = vec![0; 32];
    rand::bytes(&mut bytes)?;
    Ok(bytes)
}

/// What a handshake demanded, by what the peer has proved itself, and until when the proof is valid.
pub(crate) struct Trust {
    pub asked: Asked,
    /// The pre-shared key that has proved the server; None if it was a certificate.
    pub key: Option<KeyMark>,
    /// The peer's certificate met the demands; this is the second since 1970 until which that is valid. None if there was no
    /// certificate, it was not asked for, or it is unknown by which store it was verified.
    pub proved_until: Option<i64>,
}

impl Trust {
    /// Refuses what is plainly another's session: one of less care, or for another name.
    pub fn check_fits(&self, verifies: bool, names: &[CString]) -> Result<()> {
        let own = &self.asked;
        if verifies && !own.demands.verifies() {
            return Err(Error::value(
                "session was made without verifying the peer: this connection asks for verification",
            ));
        }
        if names.is_empty() || names == own.names() {
            return Ok(());
        }
        Err(Error::value(match own.names.on {
            true => "session was made for another server_hostname",
            false => "session was made without checking the host name: this connection checks it",
        }))
    }

    /// Tells whether everything that a connection demands was proved and is still valid.
    pub fn covers(&self, asked: &Asked) -> bool {
        let judged = asked.beyond.judged || self.asked.beyond != asked.beyond;
        if self.asked.server != asked.server || judged {
            return false;
        }
        // What a key has proved ends with it.
        if self.key.is_some() && self.key != asked.key {
            return false;
        }
        // Under a higher level the session's cipher may not be allowed any more, also where nobody is verified.
        if self.asked.demands.level < asked.demands.level {
            return false;
        }
        if !asked.demands.verifies() {
            return true;
        }
        let (Some(own), Some(now)) = (self.asked.lasting(), asked.lasting()) else { return false };
        self.asked.demands == asked.demands
            && self.check_fits(true, asked.names()).is_ok()
            && self.proved_until.is_some_and(|until| until > seconds_now())
            && own.is_same(now, asked.demands.flags)
    }
}
