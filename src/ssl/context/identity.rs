//! This side's certificate chains and private keys.

use super::{Context, PROTOCOL_TLS_CLIENT};
use crate::ssl::error::{Error, Result};
use crate::ssl::identity::{self, Identity, Password, PasswordCallback};
use std::path::Path;

impl Context {
    /// Uses an identity in place of the one of the same key type, for connections made from now on: at any time, also
    /// while others are made. A failure changes nothing.
    pub fn use_identity(&self, identity: &Identity) -> Result<()> {
        Ok(self.0.state.lock().edit()?.use_identity(identity.parts())?)
    }

    /// Python: `SSLContext.load_cert_chain(certfile, keyfile, password)`. Ours: a failure changes nothing.
    pub fn load_cert_chain<'a>(
        &self,
        certfile: &Path,
        keyfile: Option<&Path>,
        password: impl Into<Password<'a>>,
    ) -> Result<()> {
        let callback = self.0.password.get();
        let password = password.into().or_ask(callback.as_ref());
        self.use_identity(&Identity::from_files(certfile, keyfile, password)?)
    }

    /// Like [`Context::load_cert_chain`], from memory: PEM or DER. Without `key`, the key is taken from `cert`.
    pub fn load_cert_chain_data<'a>(
        &self,
        cert: &[u8],
        key: Option<&[u8]>,
        password: impl Into<Password<'a>>,
    ) -> Result<()> {
        let callback = self.0.password.get();
        let password = password.into().or_ask(callback.as_ref());
        self.use_identity(&Identity::from_data(cert, key, password)?)
    }

    /// Sets the authorities of which a server asks its clients for certificates: the holders of these, PEM or DER. Without
    /// any it names none, as at first. Whom it trusts does not change.
    pub fn set_client_ca_names(&self, certificates: &[u8]) -> Result<()> {
        if self.protocol() == PROTOCOL_TLS_CLIENT {
            return Err(Error::value("client_ca_names cannot be set on TLS_CLIENT context"));
        }
        let certificates =
            if certificates.is_empty() { Vec::new() } else { identity::authorities(certificates)? };
        Ok(self.0.state.lock().edit()?.set_client_cas(&certificates)?)
    }

    /// Sets the callback that gives the password of an encrypted key when a loading call passes none.
    pub fn set_password_callback(&self, callback: Option<PasswordCallback>) {
        self.0.password.set(callback);
    }
}
