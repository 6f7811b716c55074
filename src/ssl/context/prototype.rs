//! Contexts that differ in nothing share one `SSL_CTX`, for OpenSSL takes 0.15 ms to make one. Nobody changes it: the
//! first setter gives a context its own.

use super::{CERT_NONE, CERT_REQUIRED, ciphers, options, verify};
use crate::openssl::ctx::{Method, SslCtx};
use crate::openssl::provider::Choice;
use crate::ssl::error::Result;
use parking_lot::Mutex;
use std::sync::Arc;

const DEFAULT_CIPHERS: &str =
    "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM";

/// What a new context is like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Recipe {
    pub method: Method,
    /// The one version, if there is only one.
    pub version: Option<i32>,
    /// Flags of verification beside those that every context has.
    pub verify_flags: u64,
}

impl Recipe {
    /// The `SSL_CTX` of all contexts that are like this.
    pub fn shared(self) -> Result<Arc<SslCtx>> {
        let choice = Choice::now()?;
        if let Some(ctx) = find(self, &choice) {
            return Ok(ctx);
        }
        let ctx = Arc::new(self.make()?);
        keep(Prototype { recipe: self, choice, ctx: Arc::clone(&ctx) });
        Ok(ctx)
    }

    fn make(self) -> Result<SslCtx> {
        let mut ctx = SslCtx::new(self.method)?;
        ctx.set_options(ctx.options() | options::DEFAULT);
        let client = self.method == Method::Client;
        verify::set_mode(&mut ctx, if client { CERT_REQUIRED } else { CERT_NONE })?;
        ciphers::set(&mut ctx, DEFAULT_CIPHERS)?;
        ctx.set_min_version(self.version.unwrap_or(options::TLS1_2))?;
        ctx.set_max_version(self.version.unwrap_or(0))?;
        ctx.set_verify_flags(ctx.verify_flags() | verify::TRUSTED_FIRST | self.verify_flags)?;
        ctx.set_host_flags(verify::NO_PARTIAL_WILDCARDS);
        Ok(ctx)
    }
}

struct Prototype {
    recipe: Recipe,
    /// OpenSSL chooses algorithms as it makes an `SSL_CTX`: one from before the program went over to FIPS will not do.
    choice: Choice,
    ctx: Arc<SslCtx>,
}

static PROTOTYPES: Mutex<Vec<Prototype>> = Mutex::new(Vec::new());

fn find(recipe: Recipe, choice: &Choice) -> Option<Arc<SslCtx>> {
    let prototypes = PROTOTYPES.lock();
    let mut known = prototypes.iter();
    let found = known.find(|known| known.recipe == recipe && known.choice == *choice)?;
    Some(Arc::clone(&found.ctx))
}

fn keep(new: Prototype) {
    let mut prototypes = PROTOTYPES.lock();
    prototypes.retain(|old| old.recipe != new.recipe);
    prototypes.push(new);
}
