//! Encrypted ClientHello on one connection.

use super::{Core, Engine};
use crate::openssl::ech::Ech;
use crate::openssl::error::{LIB_SSL, SSL_R_ECH_REQUIRED};
use crate::openssl::lent::Lent;
use crate::openssl::ssl::{Failure, Ssl};
use crate::ssl::context::EchSettings;
use crate::ssl::ech::{EchStatus, Rejection};
use crate::ssl::error::{Error, Result};
use crate::ssl::events::Encrypted;
use std::ffi::CStr;

impl Engine {
    /// What has become of Encrypted ClientHello.
    pub fn ech_status(&self) -> EchStatus {
        let Ok(core) = self.core() else { return EchStatus::None };
        if self.events.ech.is_rejected() {
            return EchStatus::Rejected;
        }
        match core.sent_or_heard().map(|ssl| ssl.ech()) {
            None | Some(Ech::None | Ech::Unconfirmed) => EchStatus::None,
            Some(Ech::Grease) => EchStatus::Grease,
            Some(Ech::Accepted) => EchStatus::Accepted,
            Some(Ech::Backend) => EchStatus::Backend,
        }
    }

    /// The name of the server that was sent in clear, where the real one was encrypted.
    pub fn ech_outer_name(&self) -> Option<&CStr> {
        if let Some(known) = self.ech_outer_name.get() {
            return known.as_deref();
        }
        let core = self.core().ok()?;
        if !core.ssl.is_init_finished() {
            return None;
        }
        let sent = || core.ssl.lent().and_then(|ssl| ssl.ech_outer_name());
        self.ech_outer_name.get_or_init(sent).as_deref()
    }
}

impl Core {
    fn sent_or_heard(&self) -> Option<Lent<'_>> {
        self.ssl.lent().filter(|_| !self.ssl.in_before())
    }

    /// Whether the server has not decrypted the ClientHello, for the error of a call that has failed.
    pub(super) fn rejection(&self, failure: &Failure, encrypted: &Encrypted) -> Option<Rejection> {
        let ssl = self.ssl.lent().filter(|ssl| !ssl.is_server())?;
        let told = failure.entry.as_ref().is_some_and(|entry| entry.is(LIB_SSL, SSL_R_ECH_REQUIRED));
        if told {
            encrypted.look(&ssl);
        }
        if !encrypted.is_rejected() {
            return None;
        }
        let proved = told && encrypted.is_proved() && self.ssl.verify_result() == 0;
        let configs = if proved { ssl.ech_retry_configs() } else { Ok(None) };
        Some(Rejection { proved, configs: configs.map_err(drop), name: ssl.ech_outer_name() })
    }
}

/// Sets on a new connection what its context says of it.
pub(super) fn prepare(ssl: &Ssl, settings: &EchSettings, encrypted: &Encrypted) -> Result<()> {
    let Some(lent) = ssl.lent() else { return Ok(()) };
    if ssl.is_server() {
        let Some(keys) = &settings.keys else { return Ok(()) };
        if keys.ambiguous {
            lent.try_all_ech_keys();
        }
        return Ok(lent.use_ech(&keys.store)?);
    }
    match &settings.configs {
        Some(store) => {
            if !lent.need_tls_1_3() {
                return Err(Error::value(
                    "Encrypted ClientHello needs TLS 1.3: maximum_version or options of the context exclude it",
                ));
            }
            encrypted.ask();
            Ok(lent.use_ech(store)?)
        }
        None => {
            if settings.grease {
                lent.grease_ech();
            }
            Ok(())
        }
    }
}

/// Refuses a context that would encrypt the ClientHello of a connection which was made to send it in clear.
pub(super) fn check_goes_on(ssl: &Ssl, settings: &EchSettings, encrypted: &Encrypted) -> Result<()> {
    let in_clear = ssl.in_before() && !ssl.is_server() && !encrypted.is_asked();
    if in_clear && settings.configs.is_some() {
        return Err(Error::value(
            "context encrypts ClientHellos, and this connection was made to send its own in clear: make it with that context",
        ));
    }
    Ok(())
}
