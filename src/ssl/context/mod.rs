//! What connections are made from. Python: `SSLContext`
//!
//! A context can be changed, but an `SSL_CTX` that a connection or another context uses is never changed: the next
//! setter copies it into a new generation, and connections made earlier keep theirs. What needs no `SSL_CTX` is kept
//! beside it: the trust store and ALPN are set on each connection.

mod alpn;
mod believed;
mod callback;
mod chain;
mod chain_cache;
mod client_session_cache;
mod ciphers;
mod ech;
mod ocsp;
mod keylog;
mod copy;
mod identity;
mod options;
mod pins;
mod policy;
mod prototype;
mod scts;
mod sigalgs;
mod stats;
mod store;
mod tickets;
mod trust;
mod verify;

pub(crate) use alpn::{names as alpn_names, select as select_alpn};
pub(crate) use believed::Believed;
pub use callback::{
    AlpnCallback, ClientHelloCallback, IdentityCallback, KeylogCallback, Message, MessageCallback,
    PskClientCallback, PskServerCallback, Refusal, SessionCache, SessionCallback, SniCallback,
    VerifyCallback, VerifyOverride,
};
pub(crate) use callback::{Callbacks, Judge, KeyMark};
use chain_cache::ChainCache;
use client_session_cache::ClientSessionCache;
pub(crate) use client_session_cache::{Destination, Edition, Shelf};
pub(crate) use ech::EchSettings;
pub use ocsp::{Ocsp, OcspStatus};
pub(crate) use pins::Pins;
use prototype::Recipe;
pub use stats::SessionStats;
pub use tickets::TicketKeyFormat;
use tickets::TicketKeys;
pub use trust::CertStoreStats;
pub(crate) use verify::{CERT_NONE, CERT_REQUIRED};

use super::bundle::{Bundle, Lazy};
use super::error::{Error, Result};
use super::identity::PasswordCallback;
use super::identity::Staple;
use super::session::{Allowed, Asked, LastId, Maker};
use super::warning::warn;
use crate::lock::{CONTEXT, Mutex, Slot};
use crate::openssl::ctx::{Method, SslCtx};
use crate::openssl::feature::Feature;
use crate::openssl::flags::verify::{PARTIAL_CHAIN, STRICT};
use crate::openssl::in_a_row;
pub(crate) use crate::openssl::stats::Counted;
use crate::openssl::stats::Lineage;
use crate::openssl::store::Store;
use crate::os;
use std::ffi::CString;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// Python: `PROTOCOL_TLS`
pub const PROTOCOL_TLS: i32 = 2;
/// Python: `PROTOCOL_TLS_CLIENT`
pub const PROTOCOL_TLS_CLIENT: i32 = 16;
/// Python: `PROTOCOL_TLS_SERVER`
pub const PROTOCOL_TLS_SERVER: i32 = 17;

/// Python: `Purpose.SERVER_AUTH`
pub const PURPOSE_SERVER_AUTH: i32 = 129;
/// Python: `Purpose.CLIENT_AUTH`
pub const PURPOSE_CLIENT_AUTH: i32 = 130;

/// A handle on a context; clones name the same one. Any thread may use it at any time.
#[derive(Clone)]
pub struct Context(Arc<Shared>);

/// Identifies a context without keeping it alive.
#[derive(Clone)]
pub(crate) struct ContextId(Weak<Shared>);

impl ContextId {
    /// Tells whether this is the context. While this is kept, no other context can get its address.
    pub fn is(&self, context: &Context) -> bool {
        std::ptr::eq(self.0.as_ptr(), Arc::as_ptr(&context.0))
    }
}

/// The number of a context, with the generation of the process that gave it: a forked child counts on from its parent's number. Children
/// of one process may give the same: the keys of their tickets differ, as those of all contexts do.
struct Mark([u8; 12]);

impl Mark {
    fn new() -> Mark {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let mut mark = [0; 12];
        mark[..4].copy_from_slice(&(os::generation() as u32).to_be_bytes());
        mark[4..].copy_from_slice(&LAST.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        Mark(mark)
    }
}

struct Shared {
    protocol: i32,
    mark: Mark,
    state: Mutex<State, CONTEXT>,
    alpn: Slot<Arc<[u8]>>,
    alpn_strict: AtomicBool,
    password: Slot<Option<PasswordCallback>>,
    callbacks: Slot<Arc<Callbacks>>,
    chain_cache: ChainCache,
    client_sessions: ClientSessionCache,
    ticket_keys: Slot<Option<TicketKeys>>,
    ocsp: Slot<Ocsp>,
    ech: ech::EchSlots,
    staples: Slot<Arc<[Arc<Staple>]>>,
    pins: Slot<Option<Arc<Pins>>>,
    psk_required: AtomicBool,
    /// Connections may have another store than the present one.
    store_replaced: AtomicBool,
    last_id: LastId,
}

pub(crate) struct State {
    ctx: Arc<SslCtx>,
    /// How often it was changed, at most.
    edits: u64,
    lineage: Lineage,
    store: Store,
    check_hostname: bool,
    post_handshake_auth: bool,
    directories: Vec<trust::Directory>,
    /// A file in which verification looks up issuers that the store does not hold.
    attached: Option<Arc<Lazy>>,
    /// Files that have been loaded, but are not in the store yet because no connection has needed them.
    deferred: Vec<Arc<Lazy>>,
    /// The certificates that were loaded into the store, without those that lookups in directories added.
    loaded: Vec<Arc<Bundle>>,
    /// Connections may be searching the store.
    searched: bool,
    /// The store's content when it was last asked for.
    believed: Option<Arc<Believed>>,
}

impl State {
    /// The `SSL_CTX` to change: a new generation if a connection or another context uses the present one. What was made for
    /// all contexts stays as it is even where nobody else has it any more: it counts for nobody.
    fn edit(&mut self) -> Result<&mut SslCtx> {
        self.edits += 1;
        if !self.ctx.is_counted() || Arc::get_mut(&mut self.ctx).is_none() {
            self.ctx = Arc::new(self.ctx.duplicate(&self.lineage)?);
        }
        Arc::get_mut(&mut self.ctx).ok_or_else(Error::no_memory)
    }
}

/// What a connection takes from its context when it is made.
pub(crate) struct Snapshot {
    pub ctx: Arc<SslCtx>,
    pub store: Store,
    pub alpn: Arc<[u8]>,
    pub check_hostname: bool,
    pub post_handshake_auth: bool,
    pub ocsp: Ocsp,
    pub ech: EchSettings,
}

/// Later settings of the context that a connection takes over when its handshake starts.
pub(crate) struct Later {
    /// The ciphers, if they may differ from those it was made with.
    pub ciphers: Option<CString>,
    pub store: Store,
    /// How often the context was changed; None if the connection's `SSL_CTX` is not the context's any more.
    pub edits: Option<u64>,
}

impl Context {
    /// Python: `SSLContext(protocol)`
    pub fn new(protocol: i32) -> Result<Context> {
        Context::with_verify_flags(protocol, 0)
    }

    fn with_verify_flags(protocol: i32, verify_flags: u64) -> Result<Context> {
        crate::test_panic::point("ssl");
        let known = ProtocolFacts::find(protocol)?;
        if let Some(name) = known.deprecated {
            warn("DeprecationWarning", &format!("ssl.{name} is deprecated"))?;
        }
        let recipe = Recipe { method: known.method, version: known.version, verify_flags };
        let (ctx, store) = in_a_row(|| Ok::<_, Error>((recipe.shared()?, Store::new()?)))?;
        let state = State {
            ctx,
            edits: 0,
            lineage: Lineage::default(),
            store,
            check_hostname: protocol == PROTOCOL_TLS_CLIENT,
            post_handshake_auth: false,
            directories: Vec::new(),
            attached: None,
            deferred: Vec::new(),
            loaded: Vec::new(),
            searched: false,
            believed: None,
        };
        Ok(Context(Arc::new(Shared {
            protocol,
            mark: Mark::new(),
            state: Mutex::new(state),
            alpn: Slot::new(Arc::new([])),
            alpn_strict: AtomicBool::new(false),
            password: Slot::default(),
            callbacks: Slot::default(),
            chain_cache: ChainCache::default(),
            client_sessions: ClientSessionCache::default(),
            ticket_keys: Slot::default(),
            ocsp: Slot::default(),
            ech: ech::EchSlots::default(),
            staples: Slot::new(Arc::new([])),
            pins: Slot::default(),
            psk_required: AtomicBool::new(false),
            store_replaced: AtomicBool::new(false),
            last_id: LastId::default(),
        })))
    }

    /// Python: `create_default_context(purpose, cafile=, capath=, cadata=)`
    pub fn create_default(
        purpose: i32,
        cafile: Option<&std::path::Path>,
        capath: Option<&std::path::Path>,
        cadata: Option<&[u8]>,
    ) -> Result<Context> {
        let protocol = match purpose {
            PURPOSE_SERVER_AUTH => PROTOCOL_TLS_CLIENT,
            PURPOSE_CLIENT_AUTH => PROTOCOL_TLS_SERVER,
            other => {
                return Err(Error::value(format_args!(
                    "purpose {other} is neither PURPOSE_SERVER_AUTH nor PURPOSE_CLIENT_AUTH"
                )));
            }
        };
        let context = Context::with_verify_flags(protocol, PARTIAL_CHAIN | STRICT)?;
        let cafile = cafile.filter(is_given);
        let capath = capath.filter(is_given);
        let cadata = cadata.filter(|data| !data.is_empty());
        if cafile.is_some() || capath.is_some() || cadata.is_some() {
            context.load_verify_locations(cafile, capath, cadata)?;
        } else if context.verify_mode() != CERT_NONE {
            context.load_default_certs(purpose)?;
        }
        context.log_keys_as_told()?;
        Ok(context)
    }

    /// Tells whether two handles name the same context.
    pub fn same(&self, other: &Context) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn id(&self) -> ContextId {
        ContextId(Arc::downgrade(&self.0))
    }

    /// The session ID context, by which a server accepts only sessions that were made under the same demands and name.
    pub(crate) fn session_id_context(
        &self,
        maker: Maker,
        asked: &Asked,
        name: Option<&[u8]>,
    ) -> Result<Vec<u8>> {
        self.0.last_id.of(maker, asked, name)
    }

    /// Marks sessions that this context alone resumes: no other context has these bytes, in any process.
    pub(super) fn maker(&self, allowed: Allowed) -> Maker {
        Maker::One(self.0.mark.0, allowed, self.server_keys())
    }

    /// Python: `SSLContext.protocol`
    pub fn protocol(&self) -> i32 {
        self.0.protocol
    }

    /// Python: `SSLContext.security_level`
    pub fn security_level(&self) -> i32 {
        self.0.state.lock().ctx.security_level()
    }

    /// Python: `SSLContext.post_handshake_auth`
    pub fn post_handshake_auth(&self) -> bool {
        self.0.state.lock().post_handshake_auth
    }

    /// Python: `SSLContext.post_handshake_auth = on`
    pub fn set_post_handshake_auth(&self, on: bool) -> Result<()> {
        if on {
            Error::unless_has(Feature::PostHandshakeAuth)?;
        }
        self.0.state.lock().post_handshake_auth = on;
        Ok(())
    }

    pub(crate) fn snapshot(&self) -> Result<Snapshot> {
        let mut state = self.0.state.lock();
        state.make_ready()?;
        // The `SSL_CTX` of a server holds its sessions and ticket keys, so other contexts must not share it.
        if self.protocol() != PROTOCOL_TLS_CLIENT && !state.ctx.is_counted() {
            state.edit()?;
        }
        Ok(Snapshot {
            ctx: Arc::clone(&state.ctx),
            store: state.store.clone(),
            alpn: self.alpn(),
            check_hostname: state.check_hostname,
            post_handshake_auth: state.post_handshake_auth,
            ocsp: self.ocsp(),
            ech: self.0.ech.settings(),
        })
    }

    /// The settings that Python reads when a handshake starts, for a connection that was made with this `SSL_CTX`.
    pub(crate) fn later_than(&self, ctx: &Arc<SslCtx>) -> Result<Later> {
        let mut state = self.0.state.lock();
        state.make_ready()?;
        let changed = !ctx.stands_for(&state.ctx);
        let ciphers = state.ctx.ciphers().filter(|_| changed).map(ToOwned::to_owned);
        // What was kept for this one is not for another in its place.
        let edits = Arc::ptr_eq(&state.ctx, ctx).then_some(state.edits);
        Ok(Later { ciphers, store: state.store.clone(), edits })
    }

    /// Checks that the context's protocol allows this side.
    pub(crate) fn check_role(&self, server_side: bool) -> Result<()> {
        match (self.protocol(), server_side) {
            (PROTOCOL_TLS_CLIENT, true) => {
                Err(Error::ssl("Cannot create a server socket with a PROTOCOL_TLS_CLIENT context"))
            }
            (PROTOCOL_TLS_SERVER, false) => {
                Err(Error::ssl("Cannot create a client socket with a PROTOCOL_TLS_SERVER context"))
            }
            _ => Ok(()),
        }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("protocol", &self.0.protocol).finish_non_exhaustive()
    }
}

/// The properties of a protocol number.
struct ProtocolFacts {
    method: Method,
    version: Option<i32>,
    deprecated: Option<&'static str>,
}

impl ProtocolFacts {
    fn find(protocol: i32) -> Result<ProtocolFacts> {
        let known = |method, version, deprecated| Ok(ProtocolFacts { method, version, deprecated });
        match protocol {
            PROTOCOL_TLS => known(Method::Both, None, Some("PROTOCOL_TLS")),
            PROTOCOL_TLS_CLIENT => known(Method::Client, None, None),
            PROTOCOL_TLS_SERVER => known(Method::Server, None, None),
            3 => known(Method::Both, Some(options::TLS1), Some("PROTOCOL_TLSv1")),
            4 => known(Method::Both, Some(options::TLS1_1), Some("PROTOCOL_TLSv1_1")),
            5 => known(Method::Both, Some(options::TLS1_2), Some("PROTOCOL_TLSv1_2")),
            other => Err(Error::value(format_args!("invalid or unsupported protocol version {other}"))),
        }
    }
}

/// Not inlined: otherwise the compiler compares the length of a path that is None, which memcheck reports.
#[inline(never)]
fn is_given(path: &&std::path::Path) -> bool {
    !path.as_os_str().is_empty()
}
