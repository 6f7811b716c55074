//! Session tickets of servers.

use super::{settings, stateful};
use crate::openssl::{Result, bytes_at, cvt, sys, text_at};
use std::os::raw::c_uint;
use std::ptr::null_mut;

/// The most tickets that a server sends at once. AWS-LC takes a larger number for this one.
pub const MOST: Option<usize> = Some(16);

/// What libssl makes the MAC of a ticket with.
pub type Mac = sys::HMAC_CTX;

/// The states in which a server of TLS 1.3 is about to look for the session that a client has offered, and to make tickets.
const LOOKS_FOR_SESSION: &[u8] = b"TLS 1.3 server select_session";
const MAKES_TICKETS: &[u8] = b"TLS 1.3 server send_new_session_ticket";
/// The one in which a server of TLS 1.2 is about to make a ticket, and then to end the handshake.
const ENDS_HANDSHAKE: &[u8] = b"TLS server send_server_finished";

/// The session ID context of a session that no connection takes, until it was prepared: all others are longer.
const HELD: &[u8] = b"held";

/// AWS-LC has no callback before each ticket is made: `has_stepped` calls it.
pub unsafe fn install(_: *mut sys::SSL_CTX, _: sys::TicketCallback) {}

/// Has a context's servers keep their sessions themselves, or make tickets of them, which the option for it does not tell AWS-LC.
pub unsafe fn keep_sessions(ctx: *mut sys::SSL_CTX, on: bool) {
    // SAFETY: the caller's context is alive, and nobody else uses it.
    unsafe { stateful::install(ctx, on) };
}

/// Is told that a server is about to verify a certificate. From now on its session is one that nobody can resume, until it was
/// prepared.
pub unsafe fn hold(ssl: *mut sys::SSL) {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return };
    // SAFETY: as above.
    let session = unsafe { sys::SSL_get_session(ssl) };
    // SAFETY: as above.
    let is_concerned = !session.is_null() && unsafe { sys::SSL_is_server(ssl) } != 0;
    let mut held = settings.preparation().held.borrow_mut();
    if !is_concerned || held.is_some() {
        return;
    }
    // SAFETY: the session lives as long as the connection has it.
    *held = Some(unsafe { context_of(session) }.to_vec());
    // SAFETY: as above.
    unsafe { set_context(session, HELD) };
}

/// Is told that a server has come to the next state of its handshake. Before AWS-LC makes anything of the session, `prepare` looks at
/// it.
pub unsafe fn has_stepped(ssl: *mut sys::SSL, prepare: sys::TicketCallback) {
    // SAFETY: the caller's connection is alive; so below.
    let state = unsafe { sys::SSL_state_string_long(ssl) };
    // SAFETY: static text that ends in NUL.
    let state = unsafe { text_at(state) };
    match state.map(|state| state.to_bytes()) {
        // SAFETY: as above.
        Some(LOOKS_FOR_SESSION) => unsafe { stateful::begin(ssl) },
        // SAFETY: as above.
        Some(MAKES_TICKETS) => unsafe { prepare_session(ssl, prepare) },
        // In TLS 1.2 a session that is resumed stays as it is, and others may use it at this moment.
        // SAFETY: as above.
        Some(ENDS_HANDSHAKE) if unsafe { sys::SSL_session_reused(ssl) } == 0 => {
            // SAFETY: as above.
            unsafe { prepare_session(ssl, prepare) }
        }
        _ => {}
    }
}

unsafe fn prepare_session(ssl: *mut sys::SSL, prepare: sys::TicketCallback) {
    const PREPARED: i32 = 1;
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return };
    // SAFETY: as above.
    let session = unsafe { sys::SSL_get_session(ssl) };
    if session.is_null() {
        return;
    }
    let held = settings.preparation().held.take();
    // One that was spoiled meanwhile stays so.
    // SAFETY: the session lives as long as the connection has it, and no other connection has it yet; so below.
    if let Some(context) = held.filter(|_| unsafe { context_of(session) } == HELD) {
        // SAFETY: as above.
        unsafe { set_context(session, &context) };
    }
    // SAFETY: as libssl would call it: with a connection that is alive.
    if unsafe { prepare(ssl, null_mut()) } != PREPARED {
        // SAFETY: as above.
        unsafe { set_context(session, HELD) };
        // A ticket of TLS 1.3 that nobody can use is not sent either.
        // SAFETY: as above.
        unsafe { sys::SSL_set_options(ssl, sys::SSL_OP_NO_TICKET as u32) };
    }
    settings.preparation().done.set(true);
}

/// The session ID context, lent by the session.
unsafe fn context_of<'a>(session: *const sys::SSL_SESSION) -> &'a [u8] {
    let mut len: c_uint = 0;
    // SAFETY: the caller's session is alive; len is ours.
    let context = unsafe { sys::SSL_SESSION_get0_id_context(session, &mut len) };
    // SAFETY: the context is inside the session and len long.
    unsafe { bytes_at(context, len as usize) }
}

/// Sets the session ID context, which cannot fail: none is longer than there is room for.
unsafe fn set_context(session: *mut sys::SSL_SESSION, context: &[u8]) {
    // SAFETY: the caller's session is alive; pointer and length are those of one slice.
    unsafe { sys::SSL_SESSION_set1_id_context(session, context.as_ptr(), context.len() as c_uint) };
}

/// Tells whether what is installed was called, though there may be no ticket.
pub unsafe fn is_prepared(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { settings::of(ssl) }.is_some_and(|settings| settings.preparation().done.get())
}

/// Has a context's servers ask for the keys of tickets.
pub unsafe fn ask_for_keys(ctx: *mut sys::SSL_CTX, keys: sys::TicketKeyCallback) {
    // SAFETY: the caller's context is alive, and the callback stays.
    unsafe { sys::SSL_CTX_set_tlsext_ticket_key_cb(ctx, Some(keys)) };
}

/// Sets up HMAC with SHA-256.
pub unsafe fn prepare_mac(mac: *mut Mac, key: &[u8]) -> Result<()> {
    // SAFETY: no preconditions; digests are static.
    let digest = unsafe { sys::EVP_sha256() };
    // SAFETY: the caller's context is alive; pointer and length are those of one slice.
    cvt(|| unsafe { sys::HMAC_Init_ex(mac, key.as_ptr().cast(), key.len(), digest, null_mut()) })
}
