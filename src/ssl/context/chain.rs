//! This side's certificate chain and private key, from files or memory.

use super::Context;
use crate::ssl::error::Result;
use crate::ssl::identity::{Identity, Password, PasswordCallback};
use std::path::Path;

impl Context {
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

    /// Sets the callback that gives the password of an encrypted key when a loading call passes none.
    pub fn set_password_callback(&self, callback: Option<PasswordCallback>) {
        self.0.password.set(callback);
    }
}
