//! What verification finds wrong, and what a connection asks of its peer.

use super::{Handler, guarded};
use crate::openssl::backend;
use crate::openssl::lent::Lent;
use crate::openssl::verify::flag_at_fault;
use crate::openssl::{Result, cvt, sys, x509::X509};
use std::os::raw::{c_int, c_ulong};

pub(in crate::openssl) extern "C" fn verify(passed: c_int, store: *mut sys::X509_STORE_CTX) -> c_int {
    if passed == 1 {
        return passed;
    }
    // SAFETY: libssl calls with a live verification; so for the three calls below.
    let code = unsafe { backend::verify::code(store) };
    // SAFETY: as above.
    let depth = unsafe { backend::verify::depth(store) };
    // SAFETY: as above.
    let certificate = unsafe { backend::verify::certificate(store) };
    // SAFETY: a certificate of the verification, or NULL.
    let certificate = unsafe { X509::from_shared(certificate) };
    // SAFETY: no preconditions.
    let slot = unsafe { sys::SSL_get_ex_data_X509_STORE_CTX_idx() };
    // SAFETY: libssl keeps the connection in that slot.
    let ssl = unsafe { sys::X509_STORE_CTX_get_ex_data(store, slot) }.cast_const().cast::<sys::SSL>();
    if ssl.is_null() {
        return passed;
    }
    // SAFETY: the connection that is verifying.
    let fatal = unsafe { sys::SSL_get_verify_mode(ssl) } & sys::SSL_VERIFY_PEER != 0;
    let tell = |handler: &dyn Handler| {
        // SAFETY: libssl calls with a live verification.
        let flag = if fatal { unsafe { flag_at_fault(store) } } else { 0 };
        handler.verify_failed(code, depth, certificate, flag);
    };
    // SAFETY: the connection that is verifying.
    unsafe { guarded(ssl, (), tell) };
    passed
}

/// Lets a handshake go on although verification fails. OpenSSL keeps the last failure as the result.
extern "C" fn go_on(_: c_int, _: *mut sys::X509_STORE_CTX) -> c_int {
    1
}

impl Lent<'_> {
    /// Sets what is demanded of the peer from now on. `strictly`: a failure ends the handshake even if it was only to be
    /// reported.
    pub fn demand(&self, mode: i32, flags: u64, strictly: bool) -> Result<()> {
        let callback = strictly.then_some(verify as extern "C" fn(_, _) -> _);
        // SAFETY: the connection is alive; a NULL callback keeps the present one.
        unsafe { sys::SSL_set_verify(self.as_ptr(), mode, callback) };
        let old = self.demands().flags;
        // SAFETY: the parameters live as long as the connection; so below.
        cvt(|| unsafe { sys::X509_VERIFY_PARAM_clear_flags(self.param(), (old & !flags) as c_ulong) })?;
        // SAFETY: as above.
        cvt(|| unsafe { sys::X509_VERIFY_PARAM_set_flags(self.param(), (flags & !old) as c_ulong) })
    }

    /// Requests a certificate from the peer and goes on even if it does not verify: `verify_result` reports that.
    pub fn report_verification(&self) {
        // SAFETY: the connection is alive; the callback has no state.
        unsafe { sys::SSL_set_verify(self.as_ptr(), sys::SSL_VERIFY_PEER, Some(go_on)) }
    }
}
