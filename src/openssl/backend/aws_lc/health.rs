//! What has become of a connection. One of OpenSSL that has failed knows that, and tells its end with each later call. One of
//! AWS-LC repeats the first failure, or goes on in the other direction: so that is noted here, and AWS-LC not called again.

use super::condition::SSL_R_SSL_HANDSHAKE_FAILURE;
use super::{settings, stateful};
use crate::openssl::alert::Alert;
use crate::openssl::error::{Cause, Entry, LIB_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING};
use crate::openssl::failure::{Failure, SSL_R_PROTOCOL_IS_SHUTDOWN};
use crate::openssl::{Result, quietly, sys, text_at};
use std::os::raw::c_int;

const SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM: c_int = 118;
const SSL_R_NO_PROTOCOLS_AVAILABLE: c_int = 191;
const SSL_R_NO_SHARED_CIPHER: c_int = 193;
const SSL_R_UNEXPECTED_MESSAGE: c_int = 244;

const UNEXPECTED_MESSAGE: Alert = Alert(10);
/// The level of an alert after which nothing follows.
const FATAL: c_int = 2;
/// The level of a warning, and the number of close_notify.
const NO_MORE_DATA: c_int = 1 << 8;

/// Has the handshake fail, where OpenSSL's fails, for the reason for which a limit could not be set; one that is over stays as it is.
/// What is no reason of a limit's is still the caller's failure.
pub unsafe fn bar_unless(ssl: *mut sys::SSL, limited: Result<()>) -> Result<()> {
    // SAFETY: the caller's connection is alive; so below.
    match (limited, unsafe { settings::of(ssl) }) {
        (Err(Cause::Told(why)), Some(settings)) if !why.is_memory() => {
            // SAFETY: as above.
            if unsafe { sys::SSL_in_init(ssl) } != 0 {
                settings.health.bar.replace(Some(why));
            }
            Ok(())
        }
        (limited, _) => limited,
    }
}

/// Tells whether no handshake has begun. AWS-LC forgets one that could not even begin.
pub unsafe fn is_unbegun(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive; so below.
    let has_failed = unsafe { settings::of(ssl) }.is_none_or(|settings| settings.health.failed.get());
    // SAFETY: as above.
    !has_failed && unsafe { sys::SSL_in_before(ssl) } != 0
}

/// Refuses a call of AWS-LC that is not to be made: for a reason, which is told once, or as the connection has failed before.
pub unsafe fn check_usable(ssl: *mut sys::SSL) -> std::result::Result<(), Option<Entry>> {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return Err(None) };
    let health = &settings.health;
    if health.failed.get() || health.is_broken_off() {
        return Err(None);
    }
    if !health.is_barred() {
        return Ok(());
    }
    // SAFETY: as above.
    let begins = unsafe { sys::SSL_in_before(ssl) } != 0;
    // SAFETY: as above.
    if begins && unsafe { sys::SSL_is_server(ssl) } != 0 {
        // Its client learns by an alert, once it has said hello.
        return Ok(());
    }
    health.failed.set(true);
    let why = health.bar.take();
    // SAFETY: as above.
    unsafe { tell_peer(ssl, why.as_ref()) };
    Err(why)
}

/// Is given what a call has failed with that has just come back, and gives what is to be told of it.
pub unsafe fn note(ssl: *mut sys::SSL, failure: Failure) -> Failure {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return failure };
    let refused_to_write =
        failure.entry.as_ref().is_some_and(|entry| entry.is(LIB_SSL, SSL_R_PROTOCOL_IS_SHUTDOWN));
    if let Some(reason) = settings.health.broken_off.get() {
        settings.health.failed.set(true);
        return Failure::of(Entry::of(LIB_SSL, reason));
    }
    if failure.is_passing() || failure.code == sys::SSL_ERROR_ZERO_RETURN || refused_to_write {
        return failure;
    }
    // SAFETY: as above.
    let at_end = failure.entry.is_none() && unsafe { is_at_end(ssl) };
    // SAFETY: as above.
    if at_end && unsafe { settings::options(ssl) } & u64::from(sys::SSL_OP_IGNORE_UNEXPECTED_EOF as u32) != 0
    {
        // SAFETY: as above. So does OpenSSL, in handshakes too.
        unsafe { sys::SSL_set_shutdown(ssl, sys::SSL_RECEIVED_SHUTDOWN) };
        return Failure { code: sys::SSL_ERROR_ZERO_RETURN, entry: None };
    }
    settings.health.failed.set(true);
    // SAFETY: as above.
    let told = settings.health.name(failure, at_end, unsafe { unsaid(ssl) });
    // SAFETY: as above.
    unsafe { tell_peer(ssl, told.entry.as_ref()) };
    told
}

/// Why a handshake cannot go on of which AWS-LC says nothing: a server without a certificate just stops.
unsafe fn unsaid(ssl: *mut sys::SSL) -> Option<Entry> {
    // SAFETY: the caller's connection is alive; so below.
    if unsafe { sys::SSL_in_init(ssl) } == 0 {
        return None;
    }
    // SAFETY: as above.
    let is_server = unsafe { sys::SSL_is_server(ssl) } != 0;
    // SAFETY: as above.
    let has_identity = !unsafe { sys::SSL_get_certificate(ssl) }.is_null();
    // SAFETY: as above.
    let is_newest = unsafe { sys::SSL_version(ssl) } == sys::TLS1_3_VERSION;
    let reason = match has_identity || !is_server {
        true => SSL_R_SSL_HANDSHAKE_FAILURE,
        false if is_newest => SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM,
        false => SSL_R_NO_SHARED_CIPHER,
    };
    Some(Entry::of(LIB_SSL, reason))
}

/// Sends the fatal alert that OpenSSL sends for a failure, where AWS-LC has not, and there is a peer that has not ended.
unsafe fn tell_peer(ssl: *mut sys::SSL, failure: Option<&Entry>) {
    let is = |reason| failure.is_some_and(|entry| entry.is(LIB_SSL, reason));
    // SAFETY: the caller's connection is alive; so below.
    let alert = match unsafe { sys::SSL_in_init(ssl) } {
        _ if is(SSL_R_UNEXPECTED_EOF_WHILE_READING) => Alert::DECODE_ERROR,
        0 => return,
        _ if is(SSL_R_NO_PROTOCOLS_AVAILABLE) => Alert::PROTOCOL_VERSION,
        _ => Alert::HANDSHAKE_FAILURE,
    };
    // SAFETY: as above.
    let is_due = unsafe { settings::of(ssl) }
        .is_some_and(|settings| !settings.health.told.get() && settings.health.sent.get().is_none());
    // SAFETY: as above.
    if is_due && unsafe { sys::SSL_in_before(ssl) } == 0 {
        // SAFETY: as above. After close_notify none is sent.
        quietly(|| unsafe { sys::SSL_send_fatal_alert(ssl, alert.0) });
    }
}

/// Tells whether the peer's bytes have ended.
unsafe fn is_at_end(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive, and its BIO with it; so below.
    let bio = unsafe { sys::SSL_get_rbio(ssl) };
    // SAFETY: as above.
    !bio.is_null() && unsafe { sys::BIO_eof(bio) } != 0
}

/// Ends the handshake with an alert, inside of a call that AWS-LC goes on with: nothing can be sent any more, and the call fails.
pub(super) unsafe fn break_off(ssl: *mut sys::SSL, reason: c_int, alert: Alert) {
    // SAFETY: the caller's connection is alive; so below. Without settings none can be used.
    if let Some(settings) = unsafe { settings::of(ssl) } {
        settings.health.broken_off.set(Some(reason));
    }
    // SAFETY: as above.
    quietly(|| unsafe { sys::SSL_send_fatal_alert(ssl, alert.0) });
}

/// Tells whether a server waits for the first message of its client.
unsafe fn awaits_hello(ssl: *const sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive; so below.
    let state = unsafe { sys::SSL_state_string_long(ssl) };
    // SAFETY: as above; the text is static.
    unsafe { text_at(state) }
        .is_some_and(|state| state == c"TLS server start_accept" || state == c"TLS server read_client_hello")
}

/// Is told of an alert, by its level and its number. Tells whether the program is to be told of it: a server of OpenSSL takes none
/// before it knows its client's version.
pub unsafe fn has_alerted(ssl: *mut sys::SSL, written: bool, alert: c_int) -> bool {
    // SAFETY: the caller's connection is alive; so below.
    let Some(settings) = (unsafe { settings::of(ssl) }) else { return false };
    // SAFETY: as above.
    if !written && unsafe { awaits_hello(ssl) } {
        // SAFETY: as above.
        unsafe { break_off(ssl, SSL_R_UNEXPECTED_MESSAGE, UNEXPECTED_MESSAGE) };
        return false;
    }
    let fatal = alert >> 8 == FATAL;
    if fatal {
        // SAFETY: as above.
        unsafe { stateful::forget(ssl) };
    }
    match written {
        true if fatal => settings.health.sent.set(Some(alert as u8)),
        false if fatal || alert == NO_MORE_DATA => settings.health.told.set(true),
        _ => {}
    }
    true
}

/// Is told that a callback has refused the name that a client asks for.
pub unsafe fn has_refused(ssl: *mut sys::SSL) {
    // SAFETY: the caller's connection is alive.
    if let Some(settings) = unsafe { settings::of(ssl) } {
        settings.health.refused.set(true);
    }
}

/// Which close_notify was exchanged: (ours was sent, the peer's, or a fatal alert of it, was received). AWS-LC counts each failure
/// to read as the peer's end.
pub unsafe fn shutdown_state(ssl: *mut sys::SSL) -> (bool, bool) {
    // SAFETY: the caller's connection is alive; so below.
    let state = unsafe { sys::SSL_get_shutdown(ssl) };
    // SAFETY: as above.
    let is_told = unsafe { settings::of(ssl) }
        .is_some_and(|settings| settings.health.told.get() || !settings.health.failed.get());
    (state & sys::SSL_SENT_SHUTDOWN != 0, is_told && state & sys::SSL_RECEIVED_SHUTDOWN != 0)
}

/// Tells whether a read would tell nothing but the end, as a call has failed for good.
pub unsafe fn has_failed(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { settings::of(ssl) }.is_none_or(|settings| settings.health.failed.get())
}

/// Tells whether the handshake is finished, and nothing has failed since.
pub unsafe fn is_init_finished(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive; so below.
    let is_good = unsafe { settings::of(ssl) }.is_some_and(|settings| settings.health.is_good());
    // SAFETY: as above.
    is_good && unsafe { sys::SSL_is_init_finished(ssl) } != 0
}

/// Tells whether `SSL_shutdown` may be called: AWS-LC calls a connection closed that is in a handshake.
pub unsafe fn may_shut_down(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    unsafe { is_init_finished(ssl) }
}
