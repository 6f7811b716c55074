//! A verification of a peer's chain that libssl asked for, as it lends it to its callback.

use super::backend::verify;
use super::store::Store;
use super::{Result, lent::Lent, queue, sys, x509::X509};
use std::os::raw::c_int;

/// A verification, lent.
pub struct LentVerification(*mut sys::X509_STORE_CTX);

impl LentVerification {
    /// Borrows what libssl lends to its callback.
    pub(super) unsafe fn new(ctx: *mut sys::X509_STORE_CTX) -> LentVerification {
        LentVerification(ctx)
    }

    pub(super) fn as_ptr(&self) -> *mut sys::X509_STORE_CTX {
        self.0
    }

    /// The connection that asks.
    pub(super) fn connection(&self) -> *mut sys::SSL {
        // SAFETY: no preconditions.
        let slot = unsafe { sys::SSL_get_ex_data_X509_STORE_CTX_idx() };
        // SAFETY: the verification is alive; libssl keeps the connection in that slot.
        unsafe { sys::X509_STORE_CTX_get_ex_data(self.0, slot) }.cast()
    }

    /// The connection that asks, lent.
    pub fn lent(&self) -> Option<Lent<'_>> {
        // SAFETY: the connection lives as long as its verification.
        unsafe { Lent::new(self.connection()) }
    }

    /// Tells whether the peer is a server.
    pub fn is_of_server(&self) -> bool {
        self.lent().is_some_and(|ssl| !ssl.is_server())
    }

    /// Tells whether the connection asks for a verdict: otherwise libssl goes on whatever it is.
    pub fn is_asked_for(&self) -> bool {
        self.lent().is_none_or(|ssl| ssl.demands().verifies())
    }

    pub(super) fn param(&self) -> *mut sys::X509_VERIFY_PARAM {
        // SAFETY: the verification is alive; the parameters are its own.
        unsafe { sys::X509_STORE_CTX_get0_param(self.0) }
    }

    pub(super) fn flags(&self) -> u64 {
        // SAFETY: the parameters are alive.
        let flags = unsafe { sys::X509_VERIFY_PARAM_get_flags(self.param()) };
        #[allow(clippy::useless_conversion)] // c_ulong has 32 bits on Windows
        u64::from(flags)
    }

    /// The security level that it has to keep.
    pub(super) fn level(&self) -> c_int {
        // SAFETY: the verification is alive.
        unsafe { verify::level(self.0) }
    }

    pub(super) fn store(&self) -> Option<Store> {
        // SAFETY: the verification is alive.
        let store = unsafe { sys::X509_STORE_CTX_get0_store(self.0) };
        // SAFETY: NULL or a store that lives as long as the verification.
        unsafe { Store::from_shared(store) }
    }

    /// Has the verification demand all that its connection demands. False, and it has failed, if there was no memory for that.
    pub(super) fn take_over(&self) -> bool {
        // SAFETY: both are alive, and the verification has not begun.
        let taken = unsafe { verify::take_over(self.0, self.connection()) };
        if !taken {
            // SAFETY: the verification is alive.
            unsafe { sys::X509_STORE_CTX_set_error(self.0, sys::X509_V_ERR_OUT_OF_MEM) }
        }
        taken
    }

    /// Tells whether it has failed for lack of memory.
    pub fn lacked_memory(&self) -> bool {
        self.code() == sys::X509_V_ERR_OUT_OF_MEM
    }

    /// Verifies as libssl would: 1 for a chain that is good. Less than 0 would ask libssl to call again.
    pub(super) fn verify(&self) -> c_int {
        // SAFETY: the verification is alive and has not begun.
        unsafe { verify::verify(self.0, self.connection()) }.max(0)
    }

    /// What it has come to: `X509_V_OK`, or what was wrong.
    pub fn code(&self) -> i32 {
        // SAFETY: the verification is alive; so below.
        unsafe { verify::code(self.0) }
    }

    /// How deep in the chain the certificate is that the code is about.
    pub fn depth(&self) -> u32 {
        // SAFETY: as above.
        unsafe { verify::depth(self.0) }
    }

    /// The peer's own certificate.
    pub fn leaf(&self) -> Option<X509> {
        // SAFETY: as above.
        let leaf = unsafe { sys::X509_STORE_CTX_get0_cert(self.0) };
        // SAFETY: NULL or a certificate of the verification's.
        unsafe { X509::from_shared(leaf) }
    }

    /// What the peer has sent, in its order.
    pub fn sent(&self) -> Result<Vec<X509>> {
        // SAFETY: as above.
        let shown = unsafe { sys::X509_STORE_CTX_get0_untrusted(self.0) };
        // SAFETY: NULL or a list of the verification's.
        unsafe { X509::list(shown) }
    }

    /// The chain as far as it was built.
    pub fn chain(&self) -> Result<Vec<X509>> {
        // SAFETY: as above.
        let chain = unsafe { verify::built(self.0) };
        // SAFETY: NULL or a list of the verification's.
        unsafe { X509::list(chain) }
    }

    /// Tells whether libssl stops at a peer about whom the program has not decided, and verifies again when it is called again.
    pub fn can_stop(&self) -> bool {
        verify::STOPS_SERVERS || self.is_of_server()
    }

    /// Has libssl stop, if it can. Until it is called again the peer counts as refused. A server's that goes on gets nothing more:
    /// see [`super::handler::Admission::Open`]. False if it would go on with a peer that nobody has accepted.
    pub(super) fn stop(&self) -> bool {
        let Some(ssl) = self.lent() else { return false };
        let waits = ssl.is_undecided();
        let stops = self.is_of_server() || (waits && verify::STOPS_SERVERS);
        if !stops {
            return waits;
        }
        self.refuse();
        // What OpenSSL has said of the chain is not why the call comes back.
        queue::clear();
        // SAFETY: the connection is alive.
        unsafe { verify::ask_again(ssl.as_ptr()) }
    }

    /// Says that the application has refused what OpenSSL found good.
    pub fn refuse(&self) {
        // SAFETY: as above.
        unsafe { sys::X509_STORE_CTX_set_error(self.0, REFUSED) }
    }
}

/// `X509_V_ERR_APPLICATION_VERIFICATION`
pub const REFUSED: i32 = 50;
