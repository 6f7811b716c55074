//! Contexts that differ in nothing share one `SSL_CTX`, for OpenSSL takes 0.15 ms to make one. Nobody changes it: the
//! first setter gives a context its own.

use super::policy::Policy;
use super::{CERT_NONE, CERT_REQUIRED, options, verify};
use crate::lock::Mutex;
use crate::openssl::ctx::{Method, SslCtx};
use crate::openssl::flags::verify::TRUSTED_FIRST;
use crate::openssl::provider::Choice;
use crate::ssl::error::Result;
use std::sync::Arc;

const DEFAULT_LEVEL: i32 = 2;
const DEFAULT_CIPHERS: &str = "ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM";

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
        self.set_policy(&mut ctx)?;
        ctx.set_verify_flags(ctx.verify_flags() | TRUSTED_FIRST | self.verify_flags)?;
        ctx.set_host_flags(verify::NO_PARTIAL_WILDCARDS);
        Ok(ctx)
    }

    /// Sets ciphers and versions: the stricter of our defaults and the system's configuration.
    fn set_policy(self, ctx: &mut SslCtx) -> Result<()> {
        let system = Policy::of(ctx);
        let has_tls1_2 = system.set_ciphers(ctx, DEFAULT_LEVEL, DEFAULT_CIPHERS)?;
        match self.version {
            Some(version) => {
                ctx.set_min_version(version)?;
                Ok(ctx.set_max_version(version)?)
            }
            None if has_tls1_2 => system.set_versions(ctx, options::TLS1_2),
            // TLS 1.2 with a cipher that either the system or we do not want would be the weaker of the two.
            None => system.set_versions(ctx, options::TLS1_3),
        }
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
