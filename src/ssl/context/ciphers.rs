//! Cipher suites.

use super::Context;
use crate::openssl::ctx::SslCtx;
use crate::ssl::error::{Error, Result};
use std::ffi::CString;

/// Sets the ciphers, or leaves everything as it was.
pub(super) fn set(ctx: &mut SslCtx, ciphers: &str) -> Result<()> {
    let text = CString::new(ciphers).map_err(|_| Error::value("embedded null character"))?;
    let (old, level) = (ctx.ciphers().map(ToOwned::to_owned), ctx.security_level());
    if ctx.set_ciphers(&text).is_ok() {
        return Ok(());
    }
    // OpenSSL has taken up a level and thrown the old list away before it found that nothing is left.
    if let Some(old) = old {
        ctx.set_ciphers(&old)?;
    }
    ctx.set_security_level(level);
    Err(Error::ssl("No cipher can be selected."))
}

impl Context {
    /// Python: `SSLContext.set_ciphers(ciphers)`. Ours: a list that is refused changes nothing.
    pub fn set_ciphers(&self, ciphers: &str) -> Result<()> {
        set(self.0.state.lock().edit()?, ciphers)
    }
}
