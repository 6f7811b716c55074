//! Choosing the issuer among trusted certificates with the same name. AWS-LC has no place for that: it takes the first one whose
//! name and key identifiers match, and fails if another one made the signature. So before a verification begins the issuers are looked
//! for that it may come to; where one of them is not AWS-LC's choice, or is trusted by OpenSSL and not by AWS-LC, it gets those that were found
//! in place of the store.

use super::lookup::load_named;
use super::rules::trust::PeerUse;
use super::trust;
use crate::openssl::flags::verify::PARTIAL_CHAIN;
use crate::openssl::issuer::{FOUND, certificates, other_signer};
use crate::openssl::queue::preserving;
use crate::openssl::retry::Retry;
use crate::openssl::{Result, chain::X509Stack, cvt, quietly, store::Store, sys, x509::X509};
use std::collections::VecDeque;
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;

/// For how many certificates issuers are looked for: no chain is longer.
const MOST: usize = 100;

impl Store {
    /// Does nothing: each verification does that for itself, see above.
    pub(in crate::openssl) fn ask_signatures(&self) {}

    /// Has the store hold the certificates that its directories have under a name: AWS-LC asks them only for names that it does not hold, so
    /// another store does that.
    pub(in crate::openssl) unsafe fn ask_directories(&self, name: *const sys::X509_NAME) {
        // SAFETY: the name is alive, as the caller promises.
        for x509 in unsafe { in_directories(&self.directories(), name) }.unwrap_or_default() {
            // Without memory it is as if it were not there.
            let _ = self.add_cert(&x509);
        }
    }
}

/// Has the store of a verification hold what it may come to. The trusted certificates that are its only ones, if AWS-LC's own choice
/// among those of the store would be wrong, or what it would think of them.
pub(super) unsafe fn find(ctx: *mut sys::X509_STORE_CTX, wanted: PeerUse) -> Result<Option<X509Stack>> {
    // SAFETY: the caller's verification is alive.
    let search = || unsafe { search(ctx, wanted) };
    // A source that fails does not fail the verification.
    let found = preserving(|| catch_unwind(AssertUnwindSafe(search)));
    // What was said of those that do not fit is nothing that the verification has found.
    // SAFETY: as above.
    unsafe { sys::X509_STORE_CTX_set_error(ctx, sys::X509_V_OK) };
    found.unwrap_or(Ok(None))
}

unsafe fn search(ctx: *mut sys::X509_STORE_CTX, wanted: PeerUse) -> Result<Option<X509Stack>> {
    // SAFETY: the caller's verification is alive; so below.
    let store = unsafe { sys::X509_STORE_CTX_get0_store(ctx) };
    // SAFETY: NULL or a store that lives as long as the verification.
    let Some(store) = (unsafe { Store::from_shared(store) }) else { return Ok(None) };
    // SAFETY: as above.
    let leaf = unsafe { sys::X509_STORE_CTX_get0_cert(ctx) };
    // SAFETY: NULL or a certificate of the verification.
    let leaf = unsafe { X509::from_shared(leaf) };
    // SAFETY: as above.
    let sent = unsafe { sys::X509_STORE_CTX_get0_untrusted(ctx) };
    // SAFETY: NULL or a list of the verification.
    let sent = unsafe { X509::list(sent) }?;
    // SAFETY: as above.
    let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx) };
    // SAFETY: the parameters are alive.
    let flags = unsafe { sys::X509_VERIFY_PARAM_get_flags(param) };
    #[allow(clippy::unnecessary_cast)] // c_ulong has 32 bits on Windows
    let by_itself = flags as u64 & PARTIAL_CHAIN != 0;
    if let Some(leaf) = leaf.as_ref().filter(|_| by_itself) {
        // SAFETY: the certificate is alive.
        let name = unsafe { sys::X509_get_subject_name(leaf.as_ptr()) };
        // SAFETY: the name lives as long as its certificate.
        unsafe { load_named(&store, name) };
    }
    let mut left: VecDeque<X509> = leaf.into_iter().chain(sent).collect();
    let (mut found, mut differs): (Vec<X509>, bool) = (Vec::new(), false);
    for _ in 0..MOST {
        let Some(x509) = left.pop_front() else { break };
        // SAFETY: all are alive.
        let Some((issuer, is_other)) = (unsafe { issuer_of(ctx, &store, &x509) }) else { continue };
        // Where chains may end anywhere, AWS-LC trusts whatever it does not reject.
        let told = if by_itself { None } else { trust::told(&issuer, wanted)? };
        differs = differs || is_other || told.is_some();
        if !found.contains(&issuer) {
            found.push(told.unwrap_or_else(|| issuer.clone()));
            left.push_back(issuer);
        }
    }
    differs.then(|| X509::stack(&found)).transpose()
}

/// The certificate of the store that has signed this one, and whether AWS-LC would take another.
unsafe fn issuer_of(ctx: *mut sys::X509_STORE_CTX, store: &Store, x509: &X509) -> Option<(X509, bool)> {
    // SAFETY: the certificate is alive.
    let name = unsafe { sys::X509_get_issuer_name(x509.as_ptr()) };
    // SAFETY: the name lives as long as its certificate.
    unsafe { load_named(store, name) };
    let mut chosen = null_mut();
    // SAFETY: all are alive, and the place is ours.
    let result = quietly(|| unsafe { sys::X509_STORE_CTX_get1_issuer(&mut chosen, ctx, x509.as_ptr()) });
    // SAFETY: NULL or a reference that is ours.
    let chosen = if result == FOUND { unsafe { X509::from_raw(chosen) } } else { None };
    let own = chosen.as_ref().map_or(null_mut(), X509::as_ptr);
    // SAFETY: all are alive.
    match unsafe { other_signer(ctx, x509.as_ptr(), own) } {
        Some(signer) => Some((signer, true)),
        None => chosen.map(|chosen| (chosen, false)),
    }
}

unsafe fn in_directories(directories: &[CString], name: *const sys::X509_NAME) -> Result<Vec<X509>> {
    let other = Store::new()?;
    directories.iter().try_for_each(|directory| other.load_directory(directory))?;
    let asking = Retry::new()?;
    // SAFETY: both are alive as long as the verification, which is freed first; it never begins.
    cvt(|| unsafe { sys::X509_STORE_CTX_init(asking.as_ptr(), other.as_ptr(), null_mut(), null_mut()) })?;
    // SAFETY: both are alive.
    Ok(unsafe { certificates(asking.as_ptr(), name) })
}
