//! Verifies a failed chain again, to find out which verify flag made it fail. Done only after a failure.

use super::backend::verify;
use super::flags::verify::{CRL_CHECK, CRL_CHECKS, STRICT};
use super::retry::Retry;
use super::verification::LentVerification;
use super::{Result, cvt, sys};
use std::os::raw::c_ulong;

/// The single flag without which a failing verification would have passed; 0 if there is none.
pub(super) unsafe fn flag_at_fault(failing: *mut sys::X509_STORE_CTX) -> u64 {
    // SAFETY: a live verification; the parameters are its own.
    let param = unsafe { sys::X509_STORE_CTX_get0_param(failing) };
    #[allow(clippy::unnecessary_cast)] // c_ulong has 32 bits on Windows
    // SAFETY: the parameters are alive.
    let flags = unsafe { sys::X509_VERIFY_PARAM_get_flags(param) } as u64;
    let revocation = if flags & CRL_CHECKS == CRL_CHECKS { CRL_CHECKS } else { CRL_CHECK };
    let candidates = [STRICT, revocation].into_iter().filter(|flag| flags & flag == *flag);
    // SAFETY: a live verification.
    let passes = |flag: &u64| unsafe { again(failing, *flag) }.unwrap_or(false);
    candidates.into_iter().find(passes).unwrap_or(0)
}

/// Verifies the same chain against the same store, but without one flag.
unsafe fn again(failing: *mut sys::X509_STORE_CTX, without: u64) -> Result<bool> {
    // SAFETY: a live verification, and what it lends lives as long; so below.
    let store = unsafe { sys::X509_STORE_CTX_get0_store(failing) };
    // SAFETY: as above.
    let leaf = unsafe { sys::X509_STORE_CTX_get0_cert(failing) };
    // SAFETY: as above.
    let sent = unsafe { sys::X509_STORE_CTX_get0_untrusted(failing) };
    // SAFETY: as above.
    let param = unsafe { sys::X509_STORE_CTX_get0_param(failing) };
    let retry = Retry::new()?;
    // SAFETY: all are alive until the retry is freed.
    cvt(|| unsafe { sys::X509_STORE_CTX_init(retry.as_ptr(), store, leaf, sent) })?;
    // SAFETY: the parameters are the retry's own.
    let own = unsafe { sys::X509_STORE_CTX_get0_param(retry.as_ptr()) };
    // SAFETY: both are alive; OpenSSL makes a copy.
    cvt(|| unsafe { sys::X509_VERIFY_PARAM_set1(own, param) })?;
    // SAFETY: the parameters are the retry's own.
    cvt(|| unsafe { sys::X509_VERIFY_PARAM_clear_flags(own, without as c_ulong) })?;
    // SAFETY: a live verification.
    let ssl = unsafe { LentVerification::new(failing) }.connection();
    // SAFETY: the retry is complete, and the connection alive.
    Ok(unsafe { verify::verify(retry.as_ptr(), ssl) } == 1)
}
