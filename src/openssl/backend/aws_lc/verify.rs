//! Verifying a chain: what AWS-LC checks, and the rules of OpenSSL that it lacks.

use super::handshake;
use super::issuer;
use super::rules::codes::{aws_lc_code, openssl_code, openssl_text};
use super::rules::judge::{Demand, Outcome, without_end};
use super::rules::level::Level;
use super::rules::strict::RuleEdition;
use super::rules::trust::{PeerUse, rejected_at};
use super::rules::verdict::Complaint;
use super::settings;
use super::terms::{connection, expect_names};
use super::trust;
use super::verified::{Stage, Verified};
use crate::openssl::chain::X509Stack;
use crate::openssl::common_name::pass_over_common_name;
use crate::openssl::error::text_of;
use crate::openssl::flags::verify::STRICT;
use crate::openssl::{Result, slot, sys, x509::X509};
use once_cell::sync::OnceCell;
use std::os::raw::{c_int, c_long, c_void};
use std::ptr::{null, null_mut, without_provenance_mut};

/// The OpenSSL whose rules are followed.
const REFERENCE: u32 = 3;
const OUT_OF_MEMORY: i32 = 17;
const UNSPECIFIED: i32 = 1;
const REJECTED: i32 = 28;
/// `X509_V_ERR_APPLICATION_VERIFICATION`
const REFUSED: c_int = 50;
const FAILED: c_int = 0;

/// Whether a server stops too at a client about whom the program has not decided.
pub const STOPS_SERVERS: bool = true;

/// Has a context's connections verify their peers by this.
pub unsafe fn install(ctx: *mut sys::SSL_CTX, verify: sys::VerifyChainCallback) {
    // SAFETY: the caller's context is alive, and the callback stays.
    unsafe { handshake::install(ctx, verify) };
}

/// Has a verification demand all that its connection demands. It does: `handshake` has begun it, and each step of that had to succeed.
pub unsafe fn take_over(_: *mut sys::X509_STORE_CTX, _: *mut sys::SSL) -> bool {
    true
}

/// Verifies as OpenSSL would for a connection: 1 for a chain that is good. Of all that is wrong with a chain the connection's callback
/// is told what OpenSSL would have met first, and that alone.
pub unsafe fn verify(ctx: *mut sys::X509_STORE_CTX, ssl: *mut sys::SSL) -> c_int {
    // SAFETY: the caller's verification and connection are alive, and the verification has not begun; so below.
    let named = unsafe { expect_names(ctx, ssl) };
    // SAFETY: as above.
    unsafe { pass_over_common_name(ctx) };
    // SAFETY: as above.
    let wanted = unsafe { trust::peer_use(ssl) };
    // SAFETY: as above.
    let trusted = unsafe { issuer::find(ctx, wanted) };
    let (Ok(()), Ok(trusted)) = (named, trusted) else {
        // SAFETY: as above.
        unsafe { sys::X509_STORE_CTX_set_error(ctx, OUT_OF_MEMORY) };
        return FAILED;
    };
    // SAFETY: as above.
    let level = unsafe { settings::security_level(ssl) };
    // SAFETY: as above.
    unsafe { sys::X509_STORE_CTX_set_verify_cb(ctx, Some(as_it_is)) };
    // SAFETY: as above.
    let passed = unsafe { build(ctx, trusted.as_ref()) };
    // SAFETY: as above; it has ended.
    let good = unsafe { is_good(ctx, passed, level, wanted) };
    if good {
        return 1;
    }
    // SAFETY: as above.
    unsafe { tell(ctx) }
}

/// Has AWS-LC verify, by these trusted certificates if there are any.
unsafe fn build(ctx: *mut sys::X509_STORE_CTX, trusted: Option<&X509Stack>) -> bool {
    let Some(trusted) = trusted else {
        // SAFETY: the caller's verification is alive and has not begun; so below.
        return unsafe { sys::X509_verify_cert(ctx) } == 1;
    };
    // SAFETY: as above, and the list lives until it is taken away.
    unsafe { sys::X509_STORE_CTX_set0_trusted_stack(ctx, trusted.as_ptr()) };
    // SAFETY: as above.
    let passed = unsafe { sys::X509_verify_cert(ctx) } == 1;
    // SAFETY: as above; NULL is for none.
    unsafe { sys::X509_STORE_CTX_set0_trusted_stack(ctx, null_mut()) };
    passed
}

/// Neither tells anybody of a failure nor goes on after one.
unsafe extern "C" fn as_it_is(passed: c_int, _: *mut sys::X509_STORE_CTX) -> c_int {
    passed
}

/// Has the rules judge what AWS-LC has come to.
unsafe fn is_good(ctx: *mut sys::X509_STORE_CTX, passed: bool, level: c_int, wanted: PeerUse) -> bool {
    // SAFETY: the caller's verification is alive; so below.
    let found = unsafe { code(ctx) };
    // SAFETY: as above.
    let depth = unsafe { depth(ctx) };
    // SAFETY: as above.
    let Ok((chain, uses)) = (unsafe { certificates(ctx) }) else {
        // SAFETY: as above.
        unsafe { sys::X509_STORE_CTX_set_error(ctx, OUT_OF_MEMORY) };
        return false;
    };
    // OpenSSL asks what a certificate is trusted for as it builds the chain, before all else that may be wrong with it.
    let rejected = rejected_at(uses.iter().map(Vec::as_slice), wanted);
    let (passed, outcome) = match rejected {
        Some(depth) => (false, Outcome { code: REJECTED, depth }),
        None => {
            let code = if passed || found != sys::X509_V_OK { found } else { UNSPECIFIED };
            (passed, Outcome { code, depth })
        }
    };
    // SAFETY: as above.
    let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx) };
    // SAFETY: the parameters are the verification's own.
    let flags = unsafe { sys::X509_VERIFY_PARAM_get_flags(param) };
    #[allow(clippy::unnecessary_cast)] // c_ulong has 32 bits on Windows
    let flags = flags as u64;
    let demand =
        Demand { level: Level::new(level), strict: flags & STRICT != 0, edition: RuleEdition::of(REFERENCE) };
    let (code, depth) = match demand.objection(&chain, outcome) {
        None if passed => return outcome.code == sys::X509_V_OK,
        None => {
            // SAFETY: the parameters are the verification's own.
            let limit = unsafe { sys::X509_VERIFY_PARAM_get_depth(param) };
            (without_end(&chain, limit, outcome.code), outcome.depth)
        }
        Some(failure) => (failure.complaint.code(), failure.depth),
    };
    // SAFETY: as above.
    unsafe { sys::X509_STORE_CTX_set_error(ctx, aws_lc_code(code)) };
    // SAFETY: as above.
    unsafe { set_depth(ctx, depth) };
    false
}

/// The certificates of a chain in DER, and what stands behind it of each: what it is trusted and rejected for.
type Certificates = (Vec<Vec<u8>>, Vec<Vec<u8>>);

/// The chain as far as it was built.
unsafe fn certificates(ctx: *mut sys::X509_STORE_CTX) -> Result<Certificates> {
    // SAFETY: the caller's verification is alive.
    let chain = unsafe { sys::X509_STORE_CTX_get0_chain(ctx) };
    // SAFETY: NULL or a list of the verification's.
    let chain = unsafe { X509::list(chain) }?;
    chain.iter().map(trust::parts).collect()
}

/// Asks the callback of the connection what becomes of a failure. Without a connection nothing becomes of it.
unsafe fn tell(ctx: *mut sys::X509_STORE_CTX) -> c_int {
    // SAFETY: the caller's verification is alive.
    let ssl = unsafe { connection(ctx) };
    if ssl.is_null() {
        return 0;
    }
    // SAFETY: the connection lives as long as its verification.
    let callback = unsafe { sys::SSL_get_verify_callback(ssl) };
    // SAFETY: as libssl would call it: with a verification that is alive.
    callback.map_or(0, |callback| unsafe { callback(0, ctx) })
}

/// The slot of a verification that holds the depth of what a rule complains of, plus 1: a number, not a pointer.
fn depth_slot() -> Result<c_int> {
    static SLOT: OnceCell<c_int> = OnceCell::new();
    slot::once(&SLOT, || {
        // SAFETY: no callbacks are registered with the slot.
        unsafe { sys::X509_STORE_CTX_get_ex_new_index(0, null_mut(), null_mut(), None, None) }
    })
}

unsafe fn set_depth(ctx: *mut sys::X509_STORE_CTX, depth: u32) {
    let Ok(slot) = depth_slot() else { return };
    let number: *mut c_void = without_provenance_mut(depth as usize + 1);
    // SAFETY: the caller's verification is alive; the value is a number.
    unsafe { sys::X509_STORE_CTX_set_ex_data(ctx, slot, number) };
}

/// What a verification has come to, by OpenSSL's codes.
pub unsafe fn code(ctx: *mut sys::X509_STORE_CTX) -> c_int {
    // SAFETY: the caller's verification is alive.
    openssl_code(unsafe { sys::X509_STORE_CTX_get_error(ctx) })
}

/// How deep in the chain the certificate is that the code is about.
pub unsafe fn depth(ctx: *mut sys::X509_STORE_CTX) -> u32 {
    // SAFETY: the caller's verification is alive; so below.
    let ruled = depth_slot().map_or(null_mut(), |slot| unsafe { sys::X509_STORE_CTX_get_ex_data(ctx, slot) });
    match ruled.addr().checked_sub(1) {
        Some(depth) => depth as u32,
        // SAFETY: as above.
        None => unsafe { sys::X509_STORE_CTX_get_error_depth(ctx) }.max(0) as u32,
    }
}

/// That certificate, lent by the verification, or NULL.
pub unsafe fn certificate(ctx: *mut sys::X509_STORE_CTX) -> *mut sys::X509 {
    // SAFETY: the caller's verification is alive; so below.
    let current = unsafe { sys::X509_STORE_CTX_get_current_cert(ctx) };
    // SAFETY: as above.
    let chain = unsafe { sys::X509_STORE_CTX_get0_chain(ctx) };
    // SAFETY: as above.
    let depth = unsafe { depth(ctx) };
    // SAFETY: NULL or the verification's own list.
    let found = unsafe { sys::OPENSSL_sk_value(chain.cast(), depth as c_int) };
    if found.is_null() { current } else { found.cast() }
}

/// What the verification of a connection's peer has come to, by OpenSSL's codes. Until the program has decided it counts as refused.
pub unsafe fn result(ssl: *const sys::SSL) -> c_int {
    // SAFETY: the caller's connection is alive; so below.
    match unsafe { settings::verified(ssl.cast_mut()) }.map(Verified::stage) {
        Some(Stage::Open) => REFUSED,
        Some(Stage::Done(code)) => code,
        Some(Stage::ToTell(code, _) | Stage::Telling(code, _)) => openssl_code(code),
        // SAFETY: as above.
        Some(Stage::None) | None => openssl_code(unsafe { sys::SSL_get_verify_result(ssl) } as c_int),
    }
}

/// The text for one of OpenSSL's codes.
pub fn text(code: c_int) -> Option<String> {
    if let Some(complaint) = Complaint::of(code) {
        return Some(complaint.text().to_string());
    }
    if let Some(text) = openssl_text(code) {
        return Some(text.to_string());
    }
    // SAFETY: any number is allowed; the text is static.
    text_of(unsafe { sys::X509_verify_cert_error_string(c_long::from(aws_lc_code(code))) })
}

/// The security level of a verification that a connection has asked for.
pub unsafe fn level(ctx: *mut sys::X509_STORE_CTX) -> c_int {
    // SAFETY: the caller's verification is alive.
    let ssl = unsafe { connection(ctx) };
    // SAFETY: the connection lives as long as its verification; NULL without one.
    if ssl.is_null() { 0 } else { unsafe { settings::security_level(ssl) } }
}

/// Gives a verification a chain that was verified before, which it takes over: its connection has it.
pub unsafe fn set_chain(ctx: *mut sys::X509_STORE_CTX, chain: *mut sys::stack_st_X509) {
    // SAFETY: the caller gives the list away.
    let chain = unsafe { X509Stack::from_raw(chain) };
    // SAFETY: the caller's verification is alive.
    let ssl = unsafe { connection(ctx) };
    // SAFETY: the connection lives as long as its verification.
    if let Some(verified) = unsafe { settings::verified(ssl) } {
        verified.keep(Some(chain));
    }
}

/// The chain of a verification as far as it was built, lent by it, or NULL.
pub unsafe fn built(ctx: *mut sys::X509_STORE_CTX) -> *const sys::stack_st_X509 {
    // SAFETY: the caller's verification is alive; so below.
    let ssl = unsafe { connection(ctx) };
    // SAFETY: the connection lives as long as its verification.
    let known = unsafe { chain(ssl) };
    // SAFETY: as above.
    if known.is_null() { unsafe { sys::X509_STORE_CTX_get0_chain(ctx) } } else { known }
}

/// The chain that was built for a connection's peer, lent by the connection, or NULL.
pub unsafe fn chain(ssl: *const sys::SSL) -> *const sys::stack_st_X509 {
    // SAFETY: the caller's connection is alive.
    unsafe { settings::verified(ssl.cast_mut()) }.map_or(null(), Verified::chain)
}

/// Has libssl stop and verify again when it is called again. False if it cannot.
pub unsafe fn ask_again(ssl: *mut sys::SSL) -> bool {
    // SAFETY: the caller's connection is alive.
    let verified = unsafe { settings::verified(ssl) };
    verified.map(|verified| verified.go_to(Stage::Open)).is_some()
}
