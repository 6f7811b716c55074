//! Chooses the issuer among trusted certificates with the same name. libcrypto takes the first one whose name and key
//! identifiers match, and fails if another one made the signature: for a certificate without an authority key identifier,
//! the result then depends on the order in which two roots of the same name were loaded. Also, it asks directories
//! only for names that the store does not hold.

use super::{chain::X509Stack, cvt, store::Store, sys, x509::X509};
use std::os::raw::c_int;
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) const FOUND: c_int = 1;

/// A certificate of the store that has signed this one, if the chosen one, or none, has not.
pub(super) unsafe fn other_signer(
    ctx: *mut sys::X509_STORE_CTX,
    x509: *mut sys::X509,
    chosen: *mut sys::X509,
) -> Option<X509> {
    // SAFETY: the verification is alive.
    let store = unsafe { sys::X509_STORE_CTX_get0_store(ctx) };
    // SAFETY: NULL or a store that lives as long as the verification.
    let store = unsafe { Store::from_shared(store) }?;
    let directories = store.state().is_some_and(|state| state.may_grow());
    if chosen.is_null() && !directories {
        return None;
    }
    // SAFETY: the certificate is alive.
    let name = unsafe { sys::X509_get_issuer_name(x509) };
    // SAFETY: both are alive.
    let named = unsafe { certificates(ctx, name) };
    // For a name that is not in the store, OpenSSL has asked the directories already.
    if named.is_empty() || (named.len() == 1 && !directories) {
        return None;
    }
    // SAFETY: both are alive.
    let is_it = named.len() == 1 && unsafe { is_identified(chosen, x509) };
    // SAFETY: as above.
    let settled = is_it || unsafe { has_signed(chosen, x509) };
    if settled {
        return None;
    }
    // SAFETY: the certificate is alive.
    let known = unsafe { signer(named, x509) };
    if known.is_some() || !directories {
        return known;
    }
    // SAFETY: both are alive; so below.
    unsafe { store.ask_directories(name) };
    // SAFETY: as above.
    let named = unsafe { certificates(ctx, name) };
    // SAFETY: the certificate is alive.
    unsafe { signer(named, x509) }
}

/// The certificates of this name that the store holds.
pub(super) unsafe fn certificates(ctx: *mut sys::X509_STORE_CTX, name: *const sys::X509_NAME) -> Vec<X509> {
    // SAFETY: both are alive.
    let named = unsafe { sys::X509_STORE_CTX_get1_certs(ctx, name) };
    // SAFETY: NULL or a list that is new, and its references are ours.
    let named = unsafe { X509Stack::from_raw(named) };
    // SAFETY: NULL or a list that is alive.
    unsafe { X509::list(named.as_ptr()) }.unwrap_or_default()
}

/// The certificate among these that has signed another; of several, the one that OpenSSL would prefer.
unsafe fn signer(named: Vec<X509>, x509: *mut sys::X509) -> Option<X509> {
    let signers = named.into_iter().filter(|one| {
        // SAFETY: both are alive.
        let fits = unsafe { sys::X509_check_issued(one.as_ptr(), x509) } == sys::X509_V_OK;
        // SAFETY: as above.
        fits && unsafe { has_signed(one.as_ptr(), x509) }
    });
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64);
    signers.max_by_key(|one| one.preference(now))
}

/// Tells whether the chosen certificate was identified by a key identifier.
unsafe fn is_identified(chosen: *mut sys::X509, x509: *mut sys::X509) -> bool {
    if chosen.is_null() {
        return false;
    }
    // SAFETY: both are alive; so below.
    let own = unsafe { sys::X509_get0_subject_key_id(chosen) };
    // SAFETY: as above.
    let named = unsafe { sys::X509_get0_authority_key_id(x509) };
    !own.is_null() && !named.is_null()
}

unsafe fn has_signed(issuer: *mut sys::X509, x509: *mut sys::X509) -> bool {
    if issuer.is_null() {
        return false;
    }
    // SAFETY: the certificate is alive; the key lives as long.
    let key = unsafe { sys::X509_get0_pubkey(issuer) };
    // SAFETY: both are alive.
    !key.is_null() && cvt(|| unsafe { sys::X509_verify(x509, key) }).is_ok()
}
