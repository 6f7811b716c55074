//! This side's certificate chains and private keys.

use super::Context;
use crate::ssl::error::Result;
use crate::ssl::identity::{Identity, Password, PasswordCallback};
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

    /// Does what [`Context::load_cert_chain`] does, from memory: PEM or DER; without `key` it is in `cert`.
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

    /// Sets who is asked for the password of an encrypted key when a loading call passes none.
    pub fn set_password_callback(&self, callback: Option<PasswordCallback>) {
        self.0.password.set(callback);
    }
}
