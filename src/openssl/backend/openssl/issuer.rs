//! Chooses the issuer among trusted certificates with the same name. OpenSSL takes the first one whose name and key
//! identifiers match, and fails if another one made the signature: for a certificate without an authority key identifier,
//! the result then depends on the order in which two roots of the same name were loaded. Also, OpenSSL asks directories
//! only for names that the store does not hold.

use super::lookup::{FOUND, NOT_FOUND};
use crate::openssl::{chain::X509Stack, cvt, cvt_new, queue::preserving, store::Store, sys, x509::X509};
use std::mem::ManuallyDrop;
use std::os::raw::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{SystemTime, UNIX_EPOCH};

impl Store {
    /// Lets verification find out by the signature which of several certificates with the same name is the issuer.
    pub(in crate::openssl) fn ask_signatures(&self) {
        // SAFETY: the store is alive.
        unsafe { sys::X509_STORE_set_get_issuer(self.as_ptr(), Some(issuer)) }
    }
}

/// OpenSSL's choice, or the certificate of the same name that made the signature. This only chooses: OpenSSL still checks
/// the signature and whether the issuer may sign.
unsafe extern "C" fn issuer(
    found: *mut *mut sys::X509,
    ctx: *mut sys::X509_STORE_CTX,
    x509: *mut sys::X509,
) -> c_int {
    // SAFETY: the arguments are those that OpenSSL has passed.
    let result = unsafe { sys::X509_STORE_CTX_get1_issuer(found, ctx, x509) };
    if !matches!(result, FOUND | NOT_FOUND) {
        return result;
    }
    // SAFETY: a certificate if it was found, and NULL otherwise.
    let chosen = unsafe { *found };
    // SAFETY: all are alive.
    let choose = || unsafe { other_signer(ctx, x509, chosen) };
    // Any failure here leaves OpenSSL's choice.
    let Ok(Some(signer)) = preserving(|| catch_unwind(AssertUnwindSafe(choose))) else { return result };
    // SAFETY: the reference that came with OpenSSL's choice is replaced by the signer's; NULL is ignored.
    unsafe { sys::X509_free(chosen) };
    // SAFETY: a place for one reference.
    unsafe { *found = ManuallyDrop::new(signer).as_ptr() };
    FOUND
}

/// A certificate of the store that has signed this one, if the chosen one, or none, has not.
unsafe fn other_signer(
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
    unsafe { ask_directories(&store, name) };
    // SAFETY: as above.
    let named = unsafe { certificates(ctx, name) };
    // SAFETY: the certificate is alive.
    unsafe { signer(named, x509) }
}

/// The certificates of this name that the store holds.
unsafe fn certificates(ctx: *mut sys::X509_STORE_CTX, name: *const sys::X509_NAME) -> Vec<X509> {
    // SAFETY: both are alive.
    let named = unsafe { sys::X509_STORE_CTX_get1_certs(ctx, name) };
    // SAFETY: NULL or a list that is new, and its references are ours.
    let named = unsafe { X509Stack::from_raw(named) };
    // SAFETY: NULL or a list that is alive.
    unsafe { X509::list(named.as_ptr()) }.unwrap_or_default()
}

/// Lets the store load the certificates that directories have under a name.
unsafe fn ask_directories(store: &Store, name: *const sys::X509_NAME) {
    // SAFETY: no preconditions.
    let method = unsafe { sys::X509_LOOKUP_hash_dir() };
    // SAFETY: the store is alive. It has such a lookup already, so it returns that one.
    let lookup = unsafe { sys::X509_STORE_add_lookup(store.as_ptr(), method) };
    // SAFETY: no preconditions.
    let Ok(found) = cvt_new(|| unsafe { sys::X509_OBJECT_new() }) else { return };
    // SAFETY: all are alive.
    let result = unsafe { sys::X509_LOOKUP_by_subject(lookup, sys::X509_LU_X509, name, found.as_ptr()) };
    if result == FOUND {
        // SAFETY: the object is alive.
        let x509 = unsafe { sys::X509_OBJECT_get0_X509(found.as_ptr()) };
        // SAFETY: a certificate of the store. The lookup took no reference, but freeing the object releases one.
        unsafe { sys::X509_up_ref(x509) };
    }
    // SAFETY: the object is ours.
    unsafe { sys::X509_OBJECT_free(found.as_ptr()) };
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
    signers.max_by_key(|one| {
        let times =
            (one.not_before_seconds().unwrap_or(i64::MAX), one.not_after_seconds().unwrap_or(i64::MIN));
        ((times.0..=times.1).contains(&now), times.1)
    })
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
