//! Settings of contexts and connections that AWS-LC has no place for, in slots of its objects.

use super::chosen::Chosen;
use super::condition::Condition;
use super::ech_state::EchState;
use super::expected::Expected;
use super::own::Own;
use super::preparation::Preparation;
use super::rules::known::{OPTIONS_PASSED, unknown_bits_of_options, unknown_bits_of_verify_flags};
use super::rules::level::{DEFAULT_SIGNATURE_ALGORITHMS, DEFAULT_SIGNING_ALGORITHMS};
use super::sessions::{Id, Sessions};
use super::verified::Verified;
use crate::openssl::error::{Cause, Entry};
use crate::openssl::{Result, bytes_at, cvt, cvt_p, slot, sys};
use once_cell::sync::OnceCell;
use std::cell::{self, Cell};
use std::os::raw::{c_int, c_long, c_uint, c_void};
use std::ptr::null_mut;

/// What OpenSSL's contexts begin with: `NO_COMPRESSION` and `ENABLE_MIDDLEBOX_COMPAT`. Both are so by nature here.
const FIRST_OPTIONS: u64 = 1 << 17 | 1 << 20;
/// OpenSSL's, as it is built by default.
const FIRST_LEVEL: c_int = 1;

/// OpenSSL's lifetime of sessions, which AWS-LC has in TLS 1.2 alone.
const SECONDS_OF_SESSIONS: u32 = 7200;

/// What is kept of a context, and of each of its connections.
pub(super) struct Settings {
    /// The option bits, as OpenSSL has them.
    options: Cell<u64>,
    level: Cell<c_int>,
    /// The store of a connection, which holds it.
    store: Cell<*mut sys::X509_STORE>,
    /// The context that a connection was made of, which it holds.
    made_of: Cell<*mut sys::SSL_CTX>,
    /// The sessions of TLS 1.3 that a context keeps.
    sessions: Option<Box<Sessions>>,
    /// How far a server is with its session.
    preparation: Preparation,
    /// The id of the session of TLS 1.3 that a server has found for its client, and that of the one that it has kept last.
    pub(super) found_as: Cell<Option<Id>>,
    pub(super) kept_as: Cell<Option<Id>>,
    /// A client's session that came last, with a reference.
    latest: Cell<*mut sys::SSL_SESSION>,
    /// The program has not answered yet what becomes of a ClientHello.
    pub(super) waits: Cell<bool>,
    /// What was to be sent at the end of the handshake was sent.
    pub(super) flushed: Cell<bool>,
    /// What a connection has before its level takes anything away.
    pub(super) chosen: Chosen,
    /// What has become of a connection.
    pub(super) health: Condition,
    /// The program is shown a connection's messages.
    pub(super) shows_messages: Cell<bool>,
    /// Of a connection with Encrypted ClientHello.
    pub(super) ech: cell::OnceCell<Box<EchState>>,
    /// For whom the peer's certificate has to be.
    expected: Expected,
    verified: Verified,
    /// What this side has, of a connection.
    own: Own,
}

impl Settings {
    fn new(options: u64, level: c_int) -> Settings {
        Settings {
            options: Cell::new(options),
            level: Cell::new(level),
            store: Cell::new(null_mut()),
            made_of: Cell::new(null_mut()),
            sessions: None,
            preparation: Preparation::default(),
            found_as: Cell::new(None),
            kept_as: Cell::new(None),
            latest: Cell::new(null_mut()),
            waits: Cell::new(false),
            flushed: Cell::new(false),
            chosen: Chosen::default(),
            health: Condition::default(),
            shows_messages: Cell::new(false),
            ech: cell::OnceCell::new(),
            expected: Expected::default(),
            verified: Verified::default(),
            own: Own::default(),
        }
    }

    /// For whom the peer's certificate has to be.
    pub(super) fn expected(&self) -> &Expected {
        &self.expected
    }

    /// How far a server is with its session.
    pub(super) fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    /// The context that a connection was made of.
    pub(super) fn made_of(&self) -> *mut sys::SSL_CTX {
        self.made_of.get()
    }

    /// What this side has, of a connection.
    pub(super) fn own(&self) -> &Own {
        &self.own
    }

    /// Sets the security level.
    pub(super) fn set_level(&self, level: c_int) {
        self.level.set(level);
    }

    /// The session that came last, lent.
    pub(super) fn latest(&self) -> Option<*mut sys::SSL_SESSION> {
        Some(self.latest.get()).filter(|session| !session.is_null())
    }

    /// Keeps a session as the last.
    pub(super) unsafe fn keep_latest(&self, session: *mut sys::SSL_SESSION) {
        // SAFETY: the caller's session is alive; the reference is ours.
        unsafe { sys::SSL_SESSION_up_ref(session) };
        self.free(self.latest.replace(session));
    }

    fn free(&self, session: *mut sys::SSL_SESSION) {
        // SAFETY: a reference of ours, or NULL.
        unsafe { sys::SSL_SESSION_free(session) }
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        self.free(self.latest.get());
    }
}

/// Frees what a slot holds, with the object that has it.
unsafe extern "C" fn free(
    _: *mut c_void,
    settings: *mut c_void,
    _: *mut sys::CRYPTO_EX_DATA,
    _: c_int,
    _: c_long,
    _: *mut c_void,
) {
    if !settings.is_null() {
        // SAFETY: what `keep` has given away; it is taken back only here.
        drop(unsafe { Box::from_raw(settings.cast::<Settings>()) });
    }
}

fn slot_of_contexts() -> Result<c_int> {
    static SLOT: OnceCell<c_int> = OnceCell::new();
    slot::once(&SLOT, || {
        // SAFETY: the callback stays.
        unsafe { sys::SSL_CTX_get_ex_new_index(0, null_mut(), null_mut(), None, Some(free)) }
    })
}

fn slot_of_connections() -> Result<c_int> {
    static SLOT: OnceCell<c_int> = OnceCell::new();
    slot::once(&SLOT, || {
        // SAFETY: the callback stays.
        unsafe { sys::SSL_get_ex_new_index(0, null_mut(), null_mut(), None, Some(free)) }
    })
}

/// Gives settings to the slot of an object.
fn keep(settings: Settings, put: impl FnOnce(*mut c_void) -> c_int) -> Result<()> {
    let settings = Box::into_raw(Box::new(settings));
    if put(settings.cast()) == 1 {
        return Ok(());
    }
    // SAFETY: nobody has taken it.
    drop(unsafe { Box::from_raw(settings) });
    Err(Cause::from(Entry::memory()))
}

/// The settings of a connection.
pub(super) unsafe fn of<'a>(ssl: *mut sys::SSL) -> Option<&'a Settings> {
    let slot = slot_of_connections().ok()?;
    // SAFETY: the caller's connection is alive.
    let settings = unsafe { sys::SSL_get_ex_data(ssl, slot) };
    // SAFETY: NULL or what `take_over` has put there, which lives as long.
    unsafe { settings.cast_const().cast::<Settings>().as_ref() }
}

/// What is known of the verification of a connection's peer.
pub(super) unsafe fn verified<'a>(ssl: *mut sys::SSL) -> Option<&'a Verified> {
    // SAFETY: the caller's connection is alive.
    unsafe { of(ssl) }.map(|settings| &settings.verified)
}

/// What is known of Encrypted ClientHello on a connection, from now on.
pub(super) unsafe fn ech<'a>(ssl: *mut sys::SSL) -> Option<&'a EchState> {
    // SAFETY: the caller's connection is alive.
    unsafe { of(ssl) }.map(|settings| &**settings.ech.get_or_init(Box::default))
}

unsafe fn of_context<'a>(ctx: *mut sys::SSL_CTX) -> Option<&'a Settings> {
    let slot = slot_of_contexts().ok()?;
    // SAFETY: the caller's context is alive.
    let settings = unsafe { sys::SSL_CTX_get_ex_data(ctx, slot) };
    // SAFETY: NULL or what `prepare` has put there, which lives as long.
    unsafe { settings.cast_const().cast::<Settings>().as_ref() }
}

/// The sessions of TLS 1.3 that a context keeps.
pub(super) unsafe fn sessions_of<'a>(ctx: *mut sys::SSL_CTX) -> Option<&'a Sessions> {
    // SAFETY: the caller's context is alive.
    unsafe { of_context(ctx) }?.sessions.as_deref()
}

/// A context that was just made gets what settings need that libssl has no place for.
pub unsafe fn prepare(ctx: *mut sys::SSL_CTX) -> Result<()> {
    let (slot, taken) = (slot_of_contexts()?, DEFAULT_SIGNATURE_ALGORITHMS);
    // SAFETY: the caller's context is alive; pointer and length are those of one list, which is copied.
    cvt(|| unsafe { sys::SSL_CTX_set_verify_algorithm_prefs(ctx, taken.as_ptr(), taken.len()) })?;
    let made = DEFAULT_SIGNING_ALGORITHMS;
    // SAFETY: as above.
    cvt(|| unsafe { sys::SSL_CTX_set_signing_algorithm_prefs(ctx, made.as_ptr(), made.len()) })?;
    // SAFETY: as above.
    unsafe { sys::SSL_CTX_set_session_psk_dhe_timeout(ctx, SECONDS_OF_SESSIONS) };
    let mut settings = Settings::new(FIRST_OPTIONS, FIRST_LEVEL);
    settings.sessions = Some(Box::default());
    keep(settings, |settings| {
        // SAFETY: the caller's context is alive and takes the settings over.
        unsafe { sys::SSL_CTX_set_ex_data(ctx, slot, settings) }
    })
}

/// A connection that was just made takes over what its context does not hand on by itself.
pub unsafe fn take_over(ssl: *mut sys::SSL, ctx: *mut sys::SSL_CTX) -> Result<()> {
    let slot = slot_of_connections()?;
    // AWS-LC hands the flags for names on only with names.
    // SAFETY: both are alive, as the caller promises, and their parameters with them; so below.
    let from = unsafe { sys::SSL_CTX_get0_param(ctx) };
    // SAFETY: as above.
    let to = unsafe { sys::SSL_get0_param(ssl) };
    // SAFETY: as above.
    let flags = unsafe { sys::X509_VERIFY_PARAM_get_hostflags(from) };
    // SAFETY: as above.
    unsafe { sys::X509_VERIFY_PARAM_set_hostflags(to, flags) };
    // SAFETY: as above.
    let options = unsafe { context_options(ctx) };
    // SAFETY: as above.
    let level = unsafe { context_level(ctx) };
    let settings = Settings::new(options, level);
    settings.made_of.set(ctx);
    keep(settings, |settings| {
        // SAFETY: the caller's connection is alive and takes the settings over.
        unsafe { sys::SSL_set_ex_data(ssl, slot, settings) }
    })
}

/// The option bits of a context.
pub unsafe fn context_options(ctx: *mut sys::SSL_CTX) -> u64 {
    // SAFETY: the caller's context is alive.
    unsafe { of_context(ctx) }.map_or(0, |settings| settings.options.get())
}

/// Sets exactly these option bits of a context.
pub unsafe fn set_context_options(ctx: *mut sys::SSL_CTX, options: u64) {
    // SAFETY: the caller's context is alive, and nobody else uses it; so below.
    if let Some(settings) = unsafe { of_context(ctx) } {
        settings.options.set(options);
    }
    // SAFETY: as above.
    unsafe { sys::SSL_CTX_clear_options(ctx, (OPTIONS_PASSED & !options) as u32) };
    // SAFETY: as above.
    unsafe { sys::SSL_CTX_set_options(ctx, (OPTIONS_PASSED & options) as u32) };
}

/// The security level of a context.
pub unsafe fn context_level(ctx: *mut sys::SSL_CTX) -> c_int {
    // SAFETY: the caller's context is alive.
    unsafe { of_context(ctx) }.map_or(FIRST_LEVEL, |settings| settings.level.get())
}

/// Sets the security level of a context.
pub unsafe fn set_context_level(ctx: *mut sys::SSL_CTX, level: c_int) {
    // SAFETY: the caller's context is alive, and nobody else uses it.
    if let Some(settings) = unsafe { of_context(ctx) } {
        settings.level.set(level);
    }
}

/// The option bits of a connection.
pub unsafe fn options(ssl: *mut sys::SSL) -> u64 {
    // SAFETY: the caller's connection is alive.
    unsafe { of(ssl) }.map_or(0, |settings| settings.options.get())
}

/// Adds option bits of a connection.
pub unsafe fn add_options(ssl: *mut sys::SSL, options: u64) {
    // SAFETY: the caller's connection is alive; so below.
    if let Some(settings) = unsafe { of(ssl) } {
        settings.options.set(settings.options.get() | options);
    }
    // SAFETY: as above.
    unsafe { sys::SSL_set_options(ssl, (OPTIONS_PASSED & options) as u32) };
}

/// The security level of a connection.
pub unsafe fn security_level(ssl: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's connection is alive.
    unsafe { of(ssl) }.map_or(FIRST_LEVEL, |settings| settings.level.get())
}

/// Tells whether no further handshake can follow on a connection: AWS-LC never begins one.
pub unsafe fn refuses_renegotiation(_: *mut sys::SSL) -> bool {
    true
}

/// Gives a connection another context. What its sessions are bound to stays, as with OpenSSL: AWS-LC takes that of the other one.
pub unsafe fn switch_context(ssl: *mut sys::SSL, ctx: *mut sys::SSL_CTX) -> Result<()> {
    let mut len = 0;
    // SAFETY: the caller's connection is alive, and the place is ours.
    let id = unsafe { sys::SSL_get0_session_id_context(ssl, &mut len) };
    // SAFETY: the connection's own bytes, of that length; they go with the context that it has.
    let id = unsafe { bytes_at(id, len) }.to_vec();
    // SAFETY: both are alive, as the caller promises; the connection takes its own reference.
    cvt_p(|| unsafe { sys::SSL_set_SSL_CTX(ssl, ctx) })?;
    // SAFETY: as above; pointer and length are those of one list, which is copied.
    cvt(|| unsafe { sys::SSL_set_session_id_context(ssl, id.as_ptr(), id.len() as c_uint) })
}

/// The store that a connection verifies against, lent by it, or NULL.
pub unsafe fn store(ssl: *mut sys::SSL) -> *mut sys::X509_STORE {
    // SAFETY: the caller's connection is alive.
    unsafe { of(ssl) }.map_or(null_mut(), |settings| settings.store.get())
}

/// Has a connection verify against a store. AWS-LC builds no own chain from it: it sends what it was given.
pub unsafe fn set_store(ssl: *mut sys::SSL, store: *mut sys::X509_STORE) {
    // SAFETY: both are alive, as the caller promises; the connection takes its own reference.
    unsafe { sys::SSL_set1_verify_cert_store(ssl, store) };
    // SAFETY: as above.
    if let Some(settings) = unsafe { of(ssl) } {
        settings.store.set(store);
    }
}

/// There is no post-handshake authentication.
pub unsafe fn set_post_handshake_auth(_: *mut sys::SSL, _: bool) {}

/// The option bits, of these, by which nothing would come about.
pub fn unknown_options(options: u64) -> u64 {
    unknown_bits_of_options(options)
}

/// The verify flags, of these, by which nothing would come about.
pub fn unknown_verify_flags(flags: u64) -> u64 {
    unknown_bits_of_verify_flags(flags)
}

/// The level is asked for when a verification is over: it has no place for it.
pub unsafe fn set_level_of_verification(_: *mut sys::X509_VERIFY_PARAM, _: c_int) {}
