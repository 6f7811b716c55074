//! What this side proves who it is with, and what a server asks of its clients.

use super::{Context, PROTOCOL_TLS_CLIENT};
use crate::openssl::x509::X509;
use crate::ssl::error::{Error, Result};
use crate::ssl::identity::{self, Identity};

impl Context {
    /// Uses an identity in place of the one of the same key type, for connections made from now on: at any time, also
    /// while others are made. A failure changes nothing.
    pub fn use_identity(&self, identity: &Identity) -> Result<()> {
        self.0.state.lock().edit()?.use_identity(identity.parts())?;
        if let Some(staple) = identity.staple() {
            self.keep_staple(staple);
        }
        Ok(())
    }

    /// Sets the authorities of which a server asks its clients for certificates: the holders of these, PEM or DER. Without
    /// any it names none, as at first. Whom it trusts does not change.
    pub fn set_client_ca_names(&self, certificates: &[u8]) -> Result<()> {
        if self.protocol() == PROTOCOL_TLS_CLIENT {
            return Err(Error::value("client_ca_names cannot be set on TLS_CLIENT context"));
        }
        let certificates =
            if certificates.is_empty() { Vec::new() } else { identity::authorities(certificates)? };
        check_names(&certificates)?;
        Ok(self.0.state.lock().edit()?.set_client_cas(&certificates)?)
    }
}

/// TLS has two bytes for the length of all names, and needs some of that for what is sent with them.
const MOST_NAMES: usize = 64_000;

fn check_names(certificates: &[X509]) -> Result<()> {
    let mut len = 0;
    for x509 in certificates {
        len += 2 + x509.subject_der()?.len();
    }
    if len <= MOST_NAMES {
        return Ok(());
    }
    Err(Error::value(format_args!(
        "client_ca_names: {} names of {len} bytes are too many: TLS can send {MOST_NAMES} bytes",
        certificates.len()
    )))
}
