//! What the system's openssl.cnf asks of every context. OpenSSL obeys it where an `SSL_CTX` is made; our own defaults,
//! which are set after that, may only add to it. What is set explicitly later counts as it is.

use super::{ciphers, options};
use crate::openssl::cipher::CipherInfo;
use crate::openssl::ctx::SslCtx;
use crate::ssl::error::Result;

/// The system's bounds, which an `SSL_CTX` has when it is made.
pub(super) struct Policy {
    min_version: i32,
    max_version: i32,
    security_level: i32,
    ciphers: Vec<u32>,
}

impl Policy {
    /// Reads it from a context that nobody has changed yet.
    pub fn of(ctx: &SslCtx) -> Policy {
        Policy {
            min_version: ctx.min_version(),
            max_version: ctx.max_version(),
            security_level: ctx.security_level(),
            ciphers: ctx.enabled_ciphers().iter().map(|cipher| cipher.id).collect(),
        }
    }

    /// Sets the default ciphers but for those that the system forbids, at the higher of the two levels. Tells whether
    /// any of TLS 1.2 is left.
    pub fn set_ciphers(&self, ctx: &mut SslCtx, level: i32, defaults: &str) -> Result<bool> {
        // The list has the level with it: a connection that takes the list up later must not get a lower one.
        let level = self.security_level.max(level);
        ciphers::set(ctx, &format!("@SECLEVEL={level}:{defaults}"))?;
        let ours: Vec<_> = ctx.enabled_ciphers().into_iter().filter(is_of_list).collect();
        let common: Vec<_> = ours.iter().filter(|cipher| self.ciphers.contains(&cipher.id)).collect();
        if !common.is_empty() && common.len() < ours.len() {
            let names: Vec<_> = common.iter().filter_map(|cipher| cipher.name?.to_str().ok()).collect();
            ciphers::set(ctx, &format!("@SECLEVEL={level}:{}", names.join(":")))?;
        }
        Ok(!common.is_empty())
    }

    /// Sets the default versions but for those that the system forbids.
    pub fn set_versions(&self, ctx: &mut SslCtx, min_version: i32) -> Result<()> {
        ctx.set_min_version(self.min_version.max(min_version))?;
        Ok(ctx.set_max_version(self.max_version)?)
    }
}

/// The ciphers of TLS 1.3 are no part of the list that is set.
fn is_of_list(cipher: &CipherInfo) -> bool {
    cipher.protocol != Some(options::TLS1_3_NAME)
}
