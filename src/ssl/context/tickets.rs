//! The keys of session tickets, which several servers can share so that each resumes what another has begun.

use super::{Context, PROTOCOL_TLS_CLIENT};
use crate::openssl::ctx::Hooks;
use crate::openssl::lent::Lent;
use crate::openssl::ticket::TicketKey;
use crate::ssl::error::{Error, Result};
use crate::ssl::session::Maker;
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
        if self.protocol() == PROTOCOL_TLS_CLIENT {
            return Err(Error::value("keys are for a server, and this is a PROTOCOL_TLS_CLIENT context"));
        }
        let shared = !keys.is_empty();
        let keys = read(keys)?;
        if !shared && self.0.ticket_keys.get().is_none() {
            return Ok(());
        }
        let keys = if shared { keys } else { vec![TicketKey::random()?] };
        // The keys first: from the moment that the hook is there, libssl asks for them.
        let old = self.0.ticket_keys.replace(Some(TicketKeys { keys: keys.into(), shared }));
        self.add_hooks(Hooks { ticket_keys: true, ..Hooks::default() }).inspect_err(|_| {
            self.0.ticket_keys.set(old);
        })
    }

    /// The group of servers that resume each other's sessions, for a connection that begins with this context and uses
    /// `chosen` by now. With given ticket keys or an external cache it is a fleet; otherwise it is the chosen context alone.
    pub(crate) fn maker_of_sessions(&self, chosen: &Context, ssl: &Lent<'_>) -> Maker {
        let keys_are_shared = self.ticket_keys().is_some_and(|keys| keys.shared);
        match keys_are_shared || self.callbacks().session_cache.is_some() {
            false => chosen.maker(),
            true if chosen.callbacks().psk_server.is_some() => Maker::Nobody,
            true => Maker::Fleet(ssl.allowed_ciphers()),
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

fn read(keys: &[&[u8]]) -> Result<Vec<TicketKey>> {
    let mut all: Vec<TicketKey> = Vec::with_capacity(keys.len());
    for (index, bytes) in keys.iter().enumerate() {
        let key = TicketKey::new(bytes).ok_or_else(|| {
            Error::value(format_args!(
                "keys[{index}] is {} bytes long: a ticket key has 48 bytes (AES-128) or 80 (AES-256)",
                bytes.len()
            ))
        })?;
        if key.is_zero() {
            return Err(Error::value(format_args!("keys[{index}] is nothing but zeros")));
        }
        if let Some(same) = all.iter().position(|known| known.name() == key.name()) {
            return Err(Error::value(format_args!(
                "keys[{index}] has the same name as keys[{same}]: its first 16 bytes, by which tickets name it"
            )));
        }
        all.push(key);
    }
    Ok(all)
}
