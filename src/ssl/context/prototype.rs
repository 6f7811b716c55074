//! New contexts of the same kind share one `SSL_CTX`, because OpenSSL takes 0.15 ms to make one. It is never changed:
//! the first setter gives a context its own copy.

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

/// The kind of a new context: contexts with the same recipe start with the same settings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Recipe {
    pub method: Method,
    /// The only version, for a context that is fixed to one.
    pub version: Option<i32>,
    /// Verify flags in addition to those that every context has.
    pub verify_flags: u64,
}

impl Recipe {
    /// The `SSL_CTX` that all new contexts with this recipe share.
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
            // The system and our defaults have no cipher of TLS 1.2 in common: either list alone would weaken the other.
            None => system.set_versions(ctx, options::TLS1_3),
        }
    }
}

struct Prototype {
    recipe: Recipe,
    /// OpenSSL chooses algorithm implementations when it makes an `SSL_CTX`, so one that was made before the program
    /// switched to FIPS cannot be used after it.
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
