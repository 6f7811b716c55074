//! Choosing among trusted certificates of one name. OpenSSL takes the first one whose name and key identifiers fit, and
//! fails where the signature turns out to be another one's: a certificate without an authority key identifier is then
//! accepted or refused by the order in which two roots of one name were loaded.

use super::{chain::X509Stack, cvt, queue::preserving, store::Store, sys, x509::X509};
use std::mem::ManuallyDrop;
use std::os::raw::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{SystemTime, UNIX_EPOCH};

const FOUND: c_int = 1;

impl Store {
    /// Has verifications ask the signature which of several certificates of one name has issued another.
    pub(super) fn ask_signatures(&self) {
        // SAFETY: the store is alive.
        unsafe { sys::X509_STORE_set_get_issuer(self.as_ptr(), Some(issuer)) }
    }
}

/// OpenSSL's choice, or the one of the same name that has signed. It decides nothing else: whether the signature is good
/// and the issuer may sign, OpenSSL checks of whatever is chosen.
unsafe extern "C" fn issuer(
    found: *mut *mut sys::X509,
    ctx: *mut sys::X509_STORE_CTX,
    x509: *mut sys::X509,
) -> c_int {
    // SAFETY: OpenSSL calls with what this function takes.
    let result = unsafe { sys::X509_STORE_CTX_get1_issuer(found, ctx, x509) };
    if result != FOUND {
        return result;
    }
    // SAFETY: a certificate, as it was found.
    let chosen = unsafe { *found };
    // SAFETY: all are alive.
    let choose = || unsafe { other_signer(ctx, x509, chosen) };
    // What goes wrong in here leaves it at OpenSSL's choice.
    if let Ok(Some(signer)) = preserving(|| catch_unwind(AssertUnwindSafe(choose))) {
        // SAFETY: the reference that came with OpenSSL's choice is replaced by the signer's.
        unsafe { sys::X509_free(chosen) };
        // SAFETY: a place for one reference.
        unsafe { *found = ManuallyDrop::new(signer).as_ptr() };
    }
    FOUND
}

/// A certificate of the store that has signed this one, where the one that was chosen has not.
unsafe fn other_signer(
    ctx: *mut sys::X509_STORE_CTX,
    x509: *mut sys::X509,
    chosen: *mut sys::X509,
) -> Option<X509> {
    // SAFETY: the certificate is alive.
    let name = unsafe { sys::X509_get_issuer_name(x509) };
    // SAFETY: both are alive.
    let named = unsafe { sys::X509_STORE_CTX_get1_certs(ctx, name) };
    // SAFETY: NULL or a list that is new, and its references are ours.
    let named = unsafe { X509Stack::from_raw(named) };
    // SAFETY: NULL or a list that is alive.
    let named = unsafe { X509::list(named.as_ptr()) }.ok()?;
    // SAFETY: both are alive.
    if named.len() < 2 || unsafe { has_signed(chosen, x509) } {
        return None;
    }
    let signers = named.into_iter().filter(|one| {
        // SAFETY: both are alive.
        let fits = unsafe { sys::X509_check_issued(one.as_ptr(), x509) } == sys::X509_V_OK;
        // SAFETY: as above.
        fits && unsafe { has_signed(one.as_ptr(), x509) }
    });
    // As OpenSSL chooses among those that fit.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() as i64);
    signers.max_by_key(|one| {
        let times =
            (one.not_before_seconds().unwrap_or(i64::MAX), one.not_after_seconds().unwrap_or(i64::MIN));
        ((times.0..=times.1).contains(&now), times.1)
    })
}

unsafe fn has_signed(issuer: *mut sys::X509, x509: *mut sys::X509) -> bool {
    // SAFETY: the certificate is alive; the key lives as long.
    let key = unsafe { sys::X509_get0_pubkey(issuer) };
    // SAFETY: both are alive.
    !key.is_null() && cvt(|| unsafe { sys::X509_verify(x509, key) }).is_ok()
}
