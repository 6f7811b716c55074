//! Callbacks of an `SSL_CTX` that are there only where they are wanted.

use super::{Method, SslCtx};
use crate::openssl::backend::{self, ticket};
use crate::openssl::{handler, sys};
use std::os::raw::{c_int, c_long, c_void};

/// Callbacks that are there only where they are wanted: they cost time, or libssl decides otherwise because of
/// them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hooks {
    /// The handler gets the lines of the key log.
    pub keylog: bool,
    /// The handler is asked whether the name a client gave was seen. libssl then takes it that there may be a
    /// certificate for it, and chooses the version accordingly.
    pub server_names: bool,
    /// The handler gets new sessions.
    pub new_sessions: bool,
    /// The handler has the keys of session tickets.
    pub ticket_keys: bool,
    /// The handler keeps the sessions of servers.
    pub session_cache: bool,
}

impl Hooks {
    /// Tells whether all of these are there.
    pub fn has(self, other: Hooks) -> bool {
        (self.keylog || !other.keylog)
            && (self.server_names || !other.server_names)
            && (self.new_sessions || !other.new_sessions)
            && (self.ticket_keys || !other.ticket_keys)
            && (self.session_cache || !other.session_cache)
    }
}

type ServerNameCallback = unsafe extern "C" fn(*mut sys::SSL, *mut c_int, *mut c_void) -> c_int;

impl SslCtx {
    /// Adds hooks.
    pub fn add_hooks(&mut self, wanted: Hooks) {
        if wanted.keylog {
            // SAFETY: the context is ours and the callback stays.
            unsafe { sys::SSL_CTX_set_keylog_callback(self.as_ptr(), Some(handler::keylog)) };
        }
        if wanted.server_names {
            let callback = Some(handler::server_name as ServerNameCallback);
            // SAFETY: the context is ours and the callback stays.
            unsafe { sys::SSL_CTX_set_tlsext_servername_callback__fixed_rust(self.as_ptr(), callback) };
        }
        if wanted.ticket_keys {
            // SAFETY: the context is ours and the callback stays.
            unsafe { ticket::ask_for_keys(self.as_ptr(), handler::ticket_key) };
        }
        self.hooks = Hooks {
            keylog: self.hooks.keylog || wanted.keylog,
            server_names: self.hooks.server_names || wanted.server_names,
            new_sessions: self.hooks.new_sessions || wanted.new_sessions,
            ticket_keys: self.hooks.ticket_keys || wanted.ticket_keys,
            session_cache: self.hooks.session_cache || wanted.session_cache,
        };
        if wanted.new_sessions || wanted.session_cache {
            self.apply_session_hooks();
        }
    }

    /// Tells whether new sessions are needed even if the handler does not want them.
    fn needs_new_sessions(&self) -> bool {
        backend::session::COME_BY_CALLBACK && self.method != Method::Server
    }

    /// Has libssl hand sessions over from the start, where they are needed.
    pub(super) fn add_needed_hooks(&self) {
        if self.needs_new_sessions() {
            self.apply_session_hooks();
        }
    }

    /// Sets whether the handler keeps the sessions of servers, in place of this context.
    pub fn set_session_cache(&mut self, on: bool) {
        self.hooks.session_cache = on;
        self.apply_session_hooks();
    }

    /// Has libssl hand sessions over. A client's does so only if it caches sessions; a cache that only clients use need
    /// not hold them, nor one whose sessions are kept elsewhere.
    fn apply_session_hooks(&self) {
        const CLIENT: c_long = 0x1;
        const SERVER: c_long = 0x2;
        const NO_INTERNAL_LOOKUP: c_long = 0x100;
        const NO_INTERNAL_STORE: c_long = 0x200;
        let Hooks { session_cache, .. } = self.hooks;
        let new_sessions = self.hooks.new_sessions || self.needs_new_sessions();
        let side = match self.method {
            Method::Client => CLIENT | NO_INTERNAL_STORE,
            Method::Both if new_sessions => CLIENT | SERVER,
            Method::Server | Method::Both => SERVER,
        };
        let elsewhere = if session_cache { NO_INTERNAL_LOOKUP | NO_INTERNAL_STORE } else { 0 };
        let made = (new_sessions || session_cache).then_some(handler::new_session as sys::NewSessionCallback);
        let find = session_cache.then_some(handler::stored_session as sys::StoredSessionCallback);
        // SAFETY: the context is ours; so below.
        unsafe { sys::SSL_CTX_set_session_cache_mode(self.as_ptr(), side | elsewhere) };
        // SAFETY: as above; the callback stays.
        unsafe { sys::SSL_CTX_sess_set_new_cb(self.as_ptr(), made) };
        // SAFETY: as above.
        unsafe { sys::SSL_CTX_sess_set_get_cb(self.as_ptr(), find) };
    }
}
