//! What a session proves. A resumed handshake does not verify the peer again, so it may replace only those handshakes that
//! would demand no more than was proved. This is the one place that compares the two.

use crate::lock::Slot;
use crate::openssl::lent::{Demands, Lent};
use crate::openssl::rand;
use crate::openssl::x509::digest;
use crate::ssl::context::{Believed, Context};
use crate::ssl::error::{Error, Result};
use std::ffi::{CStr, CString};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Which host name a connection checks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameCheck {
    /// Host names are checked, if the connection has one.
    pub on: bool,
    /// The name that the certificate must be for.
    pub name: Option<CString>,
}

/// What a connection demands of its peer.
#[derive(Clone)]
pub(crate) struct Asked {
    /// It is the server's side: proof about a client is no proof about a server.
    server: bool,
    demands: Demands,
    names: NameCheck,
    /// The content of its trust store; None if unknown, because the store has changed since.
    believed: Option<Arc<Believed>>,
}

impl Asked {
    /// The demands of a connection of this context.
    pub fn by(ssl: &Lent<'_>, context: &Context, names: &NameCheck) -> Asked {
        let believed = ssl.store_state().and_then(|state| context.believed(state));
        Asked { server: ssl.is_server(), demands: ssl.demands(), names: names.clone(), believed }
    }

    /// The demands that a client would have.
    pub fn new(demands: Demands, names: NameCheck, believed: Arc<Believed>) -> Asked {
        Asked { server: false, demands, names, believed: Some(believed) }
    }

    /// The name that the certificate must be for.
    pub fn name(&self) -> Option<&CStr> {
        self.names.name.as_deref()
    }

    /// The content of its trust store.
    pub fn believed(&self) -> Option<&Believed> {
        self.believed.as_deref()
    }

    /// A digest of all demands except the name itself, the same in every process. None if the content of the store is
    /// unknown or may change without notice.
    pub fn digest(&self) -> Result<Option<Vec<u8>>> {
        let mut facts = format!("{} {:?} {}\0", self.server, self.demands, self.names.on).into_bytes();
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

    /// Tells cheaply whether two certainly have the same digest; false if that is not certain.
    fn is_same(&self, other: &Asked) -> bool {
        let believed = |asked: &Asked| asked.believed.as_ref().map(Arc::as_ptr);
        self.server == other.server
            && self.demands == other.demands
            && self.names.on == other.names.on
            && (!self.demands.verifies() || believed(self) == believed(other))
    }

    /// The session ID context, 32 bytes: libssl resumes on a server only sessions with the same one.
    fn session_id_context(&self, context: &Context, name: Option<&[u8]>) -> Result<Vec<u8>> {
        let mut facts = match self.digest()? {
            Some(digest) => digest,
            None => unlike_all()?,
        };
        facts.extend(context.mark());
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
    asked: Asked,
    name: Option<Vec<u8>>,
    bytes: Vec<u8>,
}

impl LastId {
    /// The session ID context of this context for these demands and this name.
    pub fn of(&self, context: &Context, asked: &Asked, name: Option<&[u8]>) -> Result<Vec<u8>> {
        let is_it = |id: &Arc<Id>| id.name.as_deref() == name && id.asked.is_same(asked);
        if let Some(id) = self.0.get().filter(is_it) {
            return Ok(id.bytes.clone());
        }
        let bytes = asked.session_id_context(context, name)?;
        // If the content of the store is unknown, each connection gets an ID of its own: it is not kept.
        if !asked.demands.verifies() || asked.lasting().is_some() {
            let id = Id { asked: asked.clone(), name: name.map(<[u8]>::to_vec), bytes: bytes.clone() };
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

/// What a handshake demanded, and until when the proof is valid.
pub(crate) struct Trust {
    pub asked: Asked,
    /// The peer's certificate met the demands; this is the second since 1970 until which that is valid. None if there was no
    /// certificate, it was not asked for, or it is unknown by which store it was verified.
    pub proved_until: Option<i64>,
}

impl Trust {
    /// Refuses a session that was made with less verification, or for another name.
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

    /// Tells whether everything that a connection demands was proved and is still valid.
    pub fn covers(&self, asked: &Asked) -> bool {
        if self.asked.server != asked.server {
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

/// The clock by which the validity of certificates is checked.
pub(crate) fn seconds_now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
}
