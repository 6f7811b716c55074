//! The system-wide openssl.cnf, which sets limits on every context. OpenSSL applies it when an `SSL_CTX` is made; our own
//! defaults, set after that, may only be stricter. What the program sets explicitly later replaces both.

use super::{ciphers, options};
use crate::openssl::cipher::Cipher;
use crate::openssl::ctx::SslCtx;
use crate::ssl::error::Result;

/// The limits that the system's configuration has given an `SSL_CTX`.
pub(super) struct Policy {
    min_version: i32,
    max_version: i32,
    security_level: i32,
    ciphers: Vec<u32>,
}

impl Policy {
    /// Reads them from an `SSL_CTX` that has not been changed yet.
    pub fn of(ctx: &SslCtx) -> Policy {
        Policy {
            min_version: ctx.min_version(),
            max_version: ctx.max_version(),
            security_level: ctx.security_level(),
            ciphers: ctx.enabled_names().map(|cipher| cipher.id).collect(),
        }
    }

    /// Sets the default ciphers except those that the system forbids, at the higher of the two security levels. Tells
    /// whether any cipher of TLS 1.2 is left.
    pub fn set_ciphers(&self, ctx: &mut SslCtx, level: i32, defaults: &str) -> Result<bool> {
        // The level is part of the list, so that a connection that gets the list later also gets the level.
        let level = self.security_level.max(level);
        ciphers::set(ctx, &format!("@SECLEVEL={level}:{defaults}"))?;
        let ours: Vec<_> = ctx.enabled_names().filter(is_of_list).collect();
        let common: Vec<_> = ours.iter().filter(|cipher| self.ciphers.contains(&cipher.id)).collect();
        if !common.is_empty() && common.len() < ours.len() {
            let names: Vec<_> = common.iter().filter_map(|cipher| cipher.name?.to_str().ok()).collect();
            ciphers::set(ctx, &format!("@SECLEVEL={level}:{}", names.join(":")))?;
        }
        Ok(!common.is_empty())
    }

    /// Sets the default versions except those that the system forbids.
    pub fn set_versions(&self, ctx: &mut SslCtx, min_version: i32) -> Result<()> {
        ctx.set_min_version(self.min_version.max(min_version))?;
        Ok(ctx.set_max_version(self.max_version)?)
    }
}

/// Tells whether a cipher comes from the list that was set: those of TLS 1.3 do not.
fn is_of_list(cipher: &Cipher) -> bool {
    cipher.protocol != Some(options::TLS1_3_NAME)
}
