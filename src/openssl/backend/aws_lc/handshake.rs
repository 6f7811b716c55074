//! The verification of a peer in its handshake. AWS-LC can wait for its end in a callback that takes the place of all of it, and of which
//! it believes that a peer that is let in has passed. What was wrong with one that is let in nevertheless, which the session has to know, it
//! keeps from another callback, that cannot wait. So the first one verifies; and where AWS-LC is to go on with a peer that has not
//! passed, it is called again to hear from the second one what was found.

use super::rules::alert::alert_of;
use super::rules::codes::openssl_code;
use super::settings;
use super::terms::{connection, expect_names};
use super::verified::{Stage, Verified};
use crate::openssl::chain::X509Stack;
use crate::openssl::error::Cause;
use crate::openssl::retry::Retry;
use crate::openssl::{Result, attempt, quietly, sys};
use once_cell::sync::OnceCell;
use std::os::raw::{c_int, c_void};
use std::ptr::null_mut;

const INVALID: sys::ssl_verify_result_t = sys::ssl_verify_result_t_ssl_verify_invalid;
const PASSED: sys::ssl_verify_result_t = sys::ssl_verify_result_t_ssl_verify_ok;
const AGAIN: sys::ssl_verify_result_t = sys::ssl_verify_result_t_ssl_verify_retry;
const OUT_OF_MEMORY: c_int = 17;
const UNSPECIFIED: c_int = 1;

/// What verifies in place of libssl, the same for all connections.
static VERIFY: OnceCell<sys::VerifyChainCallback> = OnceCell::new();

/// Has a context's connections verify their peers by this.
pub(super) unsafe fn install(ctx: *mut sys::SSL_CTX, verify: sys::VerifyChainCallback) {
    VERIFY.get_or_init(|| verify);
    // SAFETY: the caller's context is alive, and the callbacks stay; so below.
    let mode = unsafe { sys::SSL_CTX_get_verify_mode(ctx) };
    // SAFETY: as above.
    unsafe { sys::SSL_CTX_set_custom_verify(ctx, mode, Some(verify_peer)) };
    // SAFETY: as above; it takes no argument.
    unsafe { sys::SSL_CTX_set_cert_verify_callback(ctx, Some(tell), null_mut()) };
}

/// Verifies. Whatever cannot be done refuses the peer.
unsafe extern "C" fn verify_peer(ssl: *mut sys::SSL, alert: *mut u8) -> sys::ssl_verify_result_t {
    // SAFETY: libssl calls with a live SSL, and a place for the alert; so below.
    unsafe { *alert = alert_of(UNSPECIFIED) };
    // SAFETY: as above.
    let (Some(verified), Some(verify)) = (unsafe { settings::verified(ssl) }, VERIFY.get()) else {
        return INVALID;
    };
    verified.go_to(Stage::Done(OUT_OF_MEMORY));
    verified.keep(None);
    // SAFETY: as above.
    if unsafe { settings::of(ssl) }.is_none_or(|settings| settings.health.is_broken_off()) {
        // SAFETY: as above. A client that verifies nothing would go on.
        unsafe { sys::SSL_set_custom_verify(ssl, sys::SSL_VERIFY_PEER, Some(verify_peer)) };
        return INVALID;
    }
    // libssl takes what is on the queue for a failure of the call.
    // SAFETY: as above.
    let Ok(verification) = quietly(|| unsafe { begun(ssl) }) else { return INVALID };
    // SAFETY: the verification and its connection are alive; so below.
    let accepted = quietly(|| unsafe { verify(verification.as_ptr(), null_mut()) }) == 1;
    if verified.chain().is_null() {
        // SAFETY: as above.
        let chain = unsafe { sys::X509_STORE_CTX_get1_chain(verification.as_ptr()) };
        // SAFETY: NULL, or a list of which the references are ours.
        verified.keep(Some(unsafe { X509Stack::from_raw(chain) }));
    }
    if verified.stage() == Stage::Open {
        return AGAIN;
    }
    // SAFETY: as above.
    let code = unsafe { sys::X509_STORE_CTX_get_error(verification.as_ptr()) };
    // SAFETY: as above.
    let mode = unsafe { sys::SSL_get_verify_mode(ssl) };
    if accepted && code == sys::X509_V_OK {
        verified.go_to(Stage::Done(sys::X509_V_OK));
        return PASSED;
    }
    if !accepted && mode != sys::SSL_VERIFY_NONE {
        let code = openssl_code(code);
        verified.go_to(Stage::Done(code));
        // SAFETY: as above.
        unsafe { *alert = alert_of(code) };
        return INVALID;
    }
    verified.go_to(Stage::ToTell(code, accepted));
    // SAFETY: as above. There is one verification in the life of a connection.
    unsafe { sys::SSL_set_custom_verify(ssl, mode, None) };
    AGAIN
}

/// The verification that libssl would begin by itself.
unsafe fn begun(ssl: *mut sys::SSL) -> Result<Retry> {
    // SAFETY: the caller's connection is alive, and lends what outlives the verification; so below.
    let leaf = unsafe { sys::SSL_get0_peer_certificate(ssl) };
    // SAFETY: as above.
    let sent = unsafe { sys::SSL_get_peer_full_cert_chain(ssl) };
    if leaf.is_null() {
        return Err(Cause::Untold);
    }
    // SAFETY: as above.
    let verification = unsafe { Retry::of(ssl, leaf, sent) }?;
    // SAFETY: no preconditions.
    let slot = unsafe { sys::SSL_get_ex_data_X509_STORE_CTX_idx() };
    let put = || {
        // SAFETY: both are alive.
        unsafe { sys::X509_STORE_CTX_set_ex_data(verification.as_ptr(), slot, ssl.cast()) }
    };
    attempt(put, |put| put == 1)?;
    // SAFETY: as above.
    unsafe { expect_names(verification.as_ptr(), ssl) }?;
    Ok(verification)
}

/// Tells libssl what was found. A peer of which nothing is to be told is refused.
unsafe extern "C" fn tell(ctx: *mut sys::X509_STORE_CTX, _: *mut c_void) -> c_int {
    // SAFETY: libssl calls with a live verification of a live SSL; so below.
    let ssl = unsafe { connection(ctx) };
    // SAFETY: as above.
    let verified = unsafe { settings::verified(ssl) };
    let (code, accepted) = match verified.map(Verified::stage) {
        Some(Stage::ToTell(code, accepted) | Stage::Telling(code, accepted)) => (code, accepted),
        _ => (UNSPECIFIED, false),
    };
    if let Some(verified) = verified {
        verified.go_to(Stage::Done(openssl_code(code)));
    }
    // SAFETY: as above.
    unsafe { sys::X509_STORE_CTX_set_error(ctx, code) };
    c_int::from(accepted)
}

/// Tells whether a call has come back only to be made again.
pub(super) unsafe fn is_to_be_called(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    let Some(verified) = (unsafe { settings::verified(ssl) }) else { return false };
    let Stage::ToTell(code, accepted) = verified.stage() else { return false };
    verified.go_to(Stage::Telling(code, accepted));
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openssl::ctx::{Method, SslCtx};

    /// What the two callbacks say of a peer that has shown nothing; and the result, if the connection keeps one.
    fn answers(ssl: *mut sys::SSL) -> (sys::ssl_verify_result_t, u8, c_int, c_int) {
        let mut alert = 0;
        // SAFETY: the connection is alive, and the place is ours.
        let first = unsafe { verify_peer(ssl, &mut alert) };
        let own = Retry::new().expect("memory");
        // SAFETY: no preconditions.
        let slot = unsafe { sys::SSL_get_ex_data_X509_STORE_CTX_idx() };
        // SAFETY: both are alive.
        assert_eq!(unsafe { sys::X509_STORE_CTX_set_ex_data(own.as_ptr(), slot, ssl.cast()) }, 1);
        // SAFETY: as above.
        let second = unsafe { tell(own.as_ptr(), null_mut()) };
        // SAFETY: as above.
        (first, alert, second, unsafe { sys::X509_STORE_CTX_get_error(own.as_ptr()) })
    }

    #[test]
    fn whoever_has_shown_nothing_is_refused() {
        let ctx = SslCtx::new(Method::Client).expect("memory");
        // SAFETY: the context is alive.
        let ssl = unsafe { sys::SSL_new(ctx.as_ptr()) };
        let refusal = (INVALID, alert_of(UNSPECIFIED), 0, UNSPECIFIED);
        assert_eq!(answers(ssl), refusal, "without settings");
        // SAFETY: both are alive.
        unsafe { settings::take_over(ssl, ctx.as_ptr()) }.expect("memory");
        assert_eq!(answers(ssl), refusal);
        // SAFETY: as above.
        let verified = unsafe { settings::verified(ssl) }.expect("settings");
        assert_eq!(verified.stage(), Stage::Done(UNSPECIFIED));
        // SAFETY: ours, and freed once.
        unsafe { sys::SSL_free(ssl) };
    }

    #[test]
    fn what_is_to_be_told_is_told_once() {
        let ctx = SslCtx::new(Method::Client).expect("memory");
        // SAFETY: the context is alive; so below.
        let ssl = unsafe { sys::SSL_new(ctx.as_ptr()) };
        // SAFETY: as above.
        unsafe { settings::take_over(ssl, ctx.as_ptr()) }.expect("memory");
        // SAFETY: as above.
        let verified = unsafe { settings::verified(ssl) }.expect("settings");
        verified.go_to(Stage::ToTell(10, true));
        // SAFETY: as above; so below.
        let called = [(); 2].map(|()| unsafe { is_to_be_called(ssl) });
        assert_eq!(called, [true, false]);
        let own = Retry::new().expect("memory");
        // SAFETY: as above.
        let slot = unsafe { sys::SSL_get_ex_data_X509_STORE_CTX_idx() };
        // SAFETY: as above.
        assert_eq!(unsafe { sys::X509_STORE_CTX_set_ex_data(own.as_ptr(), slot, ssl.cast()) }, 1);
        // SAFETY: as above.
        assert_eq!([(); 2].map(|()| unsafe { tell(own.as_ptr(), null_mut()) }), [1, 0]);
        // SAFETY: ours, and freed once.
        unsafe { sys::SSL_free(ssl) };
    }
}
