//! The keys of session tickets, which several servers can share so that each resumes what another has begun.

mod file;

pub use file::TicketKeyFormat;

use super::{Context, PROTOCOL_TLS_CLIENT};
use crate::openssl::ctx::Hooks;
use crate::openssl::lent::Lent;
use crate::openssl::ticket::TicketKey;
use crate::ssl::error::{Error, Result};
use crate::ssl::file::naming;
use crate::ssl::session::{Allowed, Maker};
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

/// The keys that a context uses instead of those that OpenSSL makes.
#[derive(Clone)]
pub(crate) struct TicketKeys {
    /// The first encrypts, all decrypt.
    pub keys: Arc<[TicketKey]>,
    /// They were given: others may have them too.
    pub shared: bool,
}

impl Context {
    /// Sets the keys of session tickets: the first encrypts new ones, all decrypt, and a ticket of a later one is
    /// renewed. None at all gives the context a key of its own again.
    pub fn set_ticket_keys(&self, keys: &[&[u8]]) -> Result<()> {
        self.check_makes_tickets()?;
        if keys.is_empty() {
            return self.forget_ticket_keys();
        }
        self.share_ticket_keys(checked(placed(keys)?)?)
    }

    /// Sets the keys of session tickets that files of another server have: the same one encrypts, the same ones decrypt.
    pub fn load_ticket_keys(&self, format: TicketKeyFormat, files: &[&Path]) -> Result<()> {
        self.check_makes_tickets()?;
        self.share_ticket_keys(checked(file::read(format, files)?)?)
    }

    fn check_makes_tickets(&self) -> Result<()> {
        match self.protocol() == PROTOCOL_TLS_CLIENT {
            true => Err(Error::value("keys are for a server, and this is a PROTOCOL_TLS_CLIENT context")),
            false => Ok(()),
        }
    }

    fn share_ticket_keys(&self, keys: Vec<TicketKey>) -> Result<()> {
        self.use_ticket_keys(TicketKeys { keys: keys.into(), shared: true })
    }

    fn forget_ticket_keys(&self) -> Result<()> {
        match self.own_ticket_keys()? {
            Some(keys) => self.use_ticket_keys(keys),
            None => Ok(()),
        }
    }

    fn use_ticket_keys(&self, keys: TicketKeys) -> Result<()> {
        // The keys first: from the moment that the hook is there, libssl asks for them.
        let old = self.0.ticket_keys.replace(Some(keys));
        self.add_hooks(Hooks { ticket_keys: true, ..Hooks::default() }).inspect_err(|_| {
            self.0.ticket_keys.set(old);
        })
    }

    /// The group of servers that resume each other's sessions, for a connection that begins with this context and uses
    /// `chosen` by now. With given ticket keys or an external cache it is a fleet; otherwise it is the chosen context alone.
    pub(crate) fn maker_of_sessions(&self, chosen: &Context, ssl: &Lent<'_>) -> Maker {
        let keys_are_shared = self.ticket_keys().is_some_and(|keys| keys.shared);
        match keys_are_shared || self.callbacks().session_cache.is_some() {
            false => chosen.maker(Allowed::by(ssl)),
            true if chosen.server_keys().is_some() => Maker::Nobody,
            true => Maker::Fleet(Allowed::by(ssl)),
        }
    }

    /// Keys for a context that begins with the settings of this one: its own, where libssl would ask for keys.
    pub(super) fn own_ticket_keys(&self) -> Result<Option<TicketKeys>> {
        match self.ticket_keys() {
            Some(_) => Ok(Some(TicketKeys { keys: Arc::new([TicketKey::random()?]), shared: false })),
            None => Ok(None),
        }
    }

    /// The keys of tickets; None while OpenSSL makes them.
    pub(crate) fn ticket_keys(&self) -> Option<TicketKeys> {
        self.0.ticket_keys.get()
    }
}

/// A key, and where it stands.
struct Placed<'a> {
    key: TicketKey,
    place: String,
    file: Option<&'a Path>,
}

impl Placed<'_> {
    fn refused(&self, why: impl Display) -> Error {
        let error = Error::value(format_args!("{} {why}", self.place));
        match self.file {
            Some(file) => naming(error, file),
            None => error,
        }
    }
}

fn placed<'a>(keys: &[&[u8]]) -> Result<Vec<Placed<'a>>> {
    let key_at = |(index, bytes): (usize, &&[u8])| match TicketKey::new(bytes) {
        Some(key) => Ok(Placed { key, place: format!("keys[{index}]"), file: None }),
        None => Err(Error::value(format_args!(
            "keys[{index}] is {} bytes long: a ticket key has 48 bytes (AES-128) or 80 (AES-256)",
            bytes.len()
        ))),
    };
    keys.iter().enumerate().map(key_at).collect()
}

/// Refuses keys that protect nothing, or that tickets could not tell apart.
fn checked(all: Vec<Placed<'_>>) -> Result<Vec<TicketKey>> {
    for (index, one) in all.iter().enumerate() {
        if one.key.is_zero() {
            return Err(one.refused("is nothing but zeros"));
        }
        if let Some(same) = all[..index].iter().find(|known| known.key.name() == one.key.name()) {
            return Err(one.refused(format_args!(
                "has the same name as {}: its first 16 bytes, by which tickets name it",
                same.place
            )));
        }
    }
    Ok(all.into_iter().map(|one| one.key).collect())
}
