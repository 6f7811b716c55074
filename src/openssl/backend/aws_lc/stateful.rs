//! Sessions of TLS 1.3 that a server keeps itself (`OP_NO_TICKET`). AWS-LC resumes TLS 1.3 by tickets alone. So, as OpenSSL does
//! it, there is a ticket that is no more than the id of a session, which is kept where AWS-LC would keep one of TLS 1.2: in the
//! context or by its callbacks.

use super::sessions::{ID, Id};
use super::settings;
use crate::openssl::session::SslSession;
use crate::openssl::{Result, bytes_at, cvt, quietly, rand, sys};
use std::os::raw::c_int;
use std::ptr::{null, null_mut};

/// A message has no room for the ticket of a larger session.
const LARGEST: usize = 65_000;

const DONE: c_int = 1;
const FAILED: c_int = 0;

static METHOD: sys::SSL_TICKET_AEAD_METHOD =
    sys::SSL_TICKET_AEAD_METHOD { max_overhead: Some(max_overhead), seal: Some(seal), open: Some(open) };

/// Has a context's servers keep their sessions of TLS 1.3 themselves, or make tickets of them.
pub(super) unsafe fn install(ctx: *mut sys::SSL_CTX, on: bool) {
    let method = if on { &raw const METHOD } else { null() };
    // SAFETY: the caller's context is alive, and the method is static.
    unsafe { sys::SSL_CTX_set_ticket_aead_method(ctx, method) }
}

/// Is told that a server is about to look for a session of TLS 1.3. With its option for no tickets AWS-LC would look for none.
pub(super) unsafe fn begin(ssl: *mut sys::SSL) {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return };
    // At a high level a connection makes no tickets though its context would.
    // SAFETY: a connection holds the context that it was made of.
    if unsafe { settings::context_options(settings.made_of()) } & sys::SSL_OP_NO_TICKET != 0 {
        // SAFETY: as above.
        unsafe { sys::SSL_clear_options(ssl, sys::SSL_OP_NO_TICKET as u32) };
    }
}

unsafe extern "C" fn max_overhead(_: *mut sys::SSL) -> usize {
    ID
}

/// Makes a ticket: an id, then as many zeros that it is no shorter than the session, since AWS-LC has no more room for what comes of
/// it than the ticket is long.
unsafe extern "C" fn seal(
    ssl: *mut sys::SSL,
    out: *mut u8,
    out_len: *mut usize,
    _: usize,
    session: *const u8,
    len: usize,
) -> c_int {
    // SAFETY: libssl gives the bytes of a session.
    let bytes = unsafe { bytes_at(session, len) };
    let mut id = [0; ID];
    if rand::bytes(&mut id).is_err() {
        return FAILED;
    }
    let size = if bytes.len() > LARGEST { ID } else { bytes.len().max(ID) };
    // SAFETY: libssl calls with a live SSL.
    if size >= bytes.len() && unsafe { keep(ssl, bytes, id) }.is_err() {
        return FAILED;
    }
    // SAFETY: libssl gives room for the session and `max_overhead`, which the bytes of the session may be in; so below.
    unsafe { out.write_bytes(0, size) };
    // SAFETY: as above.
    unsafe { out.copy_from_nonoverlapping(id.as_ptr(), ID) };
    // SAFETY: libssl gives a place for the length.
    unsafe { out_len.write(size) };
    DONE
}

/// Keeps a session as AWS-LC would one of TLS 1.2.
unsafe fn keep(ssl: *mut sys::SSL, bytes: &[u8], id: Id) -> Result<()> {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return Ok(()) };
    let ctx = settings.made_of();
    let session = SslSession::from_der(bytes)?;
    settings.kept_as.set(Some(id));
    // SAFETY: the session is ours alone; pointer and length are those of one array.
    cvt(|| unsafe { sys::SSL_SESSION_set1_id(session.as_ptr(), id.as_ptr(), ID) })?;
    // SAFETY: a connection holds the context that it was made of; so below.
    let mode = unsafe { sys::SSL_CTX_get_session_cache_mode(ctx) };
    if mode & sys::SSL_SESS_CACHE_NO_INTERNAL_STORE == 0 && !session.is_spoiled() {
        // SAFETY: as above.
        if let Some(sessions) = unsafe { settings::sessions_of(ctx) } {
            sessions.keep(id, session.duplicate()?);
        }
    }
    // SAFETY: as above.
    if let Some(new_session) = unsafe { sys::SSL_CTX_sess_get_new_cb(ctx) } {
        let session = session.into_raw();
        // SAFETY: as libssl would call it: with a reference, which is the callback's if it says so.
        if unsafe { new_session(ssl, session) } == 0 {
            // SAFETY: the callback has not taken it.
            unsafe { sys::SSL_SESSION_free(session) };
        }
    }
    Ok(())
}

/// The id of the session that a server has kept for its client. Until the client has proved that it has the session which it asks
/// for, that is not its own: anybody may have seen the ticket.
pub(super) unsafe fn id_of(ssl: *mut sys::SSL) -> Option<Id> {
    // SAFETY: the caller's connection is alive; so below.
    let settings = unsafe { settings::of(ssl) }?;
    // SAFETY: as above.
    let resumed = || settings.found_as.get().filter(|_| unsafe { sys::SSL_session_reused(ssl) } == 1);
    settings.kept_as.get().or_else(resumed)
}

/// Has a server's context forget the session of a connection that a fatal alert has ended, as OpenSSL's does.
pub(super) unsafe fn forget(ssl: *mut sys::SSL) {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return };
    // SAFETY: as above.
    if unsafe { sys::SSL_is_server(ssl) } == 0 {
        return;
    }
    let ctx = settings.made_of();
    // SAFETY: a connection holds the context that it was made of; so below.
    let sessions = unsafe { settings::sessions_of(ctx) };
    // SAFETY: as above.
    let id = unsafe { id_of(ssl) };
    if let (Some(id), Some(sessions)) = (id, sessions) {
        sessions.forget(&id);
        return;
    }
    // SAFETY: as above. It is NULL, or lives as long as the connection has it.
    let session = unsafe { sys::SSL_get_session(ssl) };
    // SAFETY: as above.
    quietly(|| unsafe { sys::SSL_CTX_remove_session(ctx, session) });
}

unsafe extern "C" fn open(
    ssl: *mut sys::SSL,
    out: *mut u8,
    out_len: *mut usize,
    room: usize,
    ticket: *const u8,
    len: usize,
) -> sys::ssl_ticket_aead_result_t {
    const FOUND: sys::ssl_ticket_aead_result_t = sys::ssl_ticket_aead_result_t_ssl_ticket_aead_success;
    const UNKNOWN: sys::ssl_ticket_aead_result_t =
        sys::ssl_ticket_aead_result_t_ssl_ticket_aead_ignore_ticket;
    // SAFETY: libssl gives the bytes of a ticket.
    let Some(id) = unsafe { bytes_at(ticket, len) }.first_chunk::<ID>() else { return UNKNOWN };
    // SAFETY: libssl calls with a live SSL.
    let Some(session) = (unsafe { find(ssl, id) }) else { return UNKNOWN };
    let (mut bytes, mut len) = (null_mut(), 0);
    // SAFETY: the session is alive; both are places of ours.
    if unsafe { sys::SSL_SESSION_to_bytes_for_ticket(session.as_ptr(), &mut bytes, &mut len) } != 1 {
        return UNKNOWN;
    }
    let fits = len <= room;
    if fits {
        // SAFETY: there is room, and the bytes have that length; they are in a place of their own.
        unsafe { out.copy_from_nonoverlapping(bytes, len) };
        // SAFETY: libssl gives a place for the length.
        unsafe { out_len.write(len) };
    }
    // SAFETY: the bytes are ours; AWS-LC wipes what it frees.
    unsafe { sys::OPENSSL_free(bytes.cast()) };
    if fits { FOUND } else { UNKNOWN }
}

/// Finds a session as AWS-LC would one of TLS 1.2.
unsafe fn find(ssl: *mut sys::SSL, id: &Id) -> Option<SslSession> {
    // SAFETY: the caller's connection is alive; so below.
    let settings = unsafe { settings::of(ssl) }?;
    let ctx = settings.made_of();
    settings.found_as.set(Some(*id));
    // SAFETY: a connection holds the context that it was made of; so below.
    let mode = unsafe { sys::SSL_CTX_get_session_cache_mode(ctx) };
    if mode & sys::SSL_SESS_CACHE_NO_INTERNAL_LOOKUP == 0 {
        // SAFETY: as above.
        if let Some(found) = unsafe { settings::sessions_of(ctx) }.and_then(|sessions| sessions.find(id)) {
            return Some(found);
        }
    }
    // SAFETY: as above.
    let stored_session = unsafe { sys::SSL_CTX_sess_get_get_cb(ctx) }?;
    let mut shared: c_int = 1;
    // SAFETY: as libssl would call it: with the id and its length, and a place for the answer.
    let found = unsafe { stored_session(ssl, id.as_ptr(), ID as c_int, &mut shared) };
    if shared != 0 && !found.is_null() {
        // SAFETY: the session is alive; the reference is ours.
        unsafe { sys::SSL_SESSION_up_ref(found) };
    }
    // SAFETY: NULL or a reference of ours.
    unsafe { SslSession::from_raw(found) }
}
