//! Callbacks from libssl: each finds the connection's handler and never lets a panic reach C.

mod chain_cache;
mod keylog;
mod message;
mod psk;
mod server_name;
mod session;

pub(super) use chain_cache::verify_chain;
pub(super) use keylog::keylog;
pub use psk::PskResult;
pub use server_name::Alert;
pub(super) use server_name::{client_hello, server_name};
pub(super) use session::{new_session, new_ticket};

use super::chain_cache::{Key, VerifiedChain};
use super::queue::preserving;
use super::{Result, lent::Lent, session::SslSession, slot_once, ssl::Ssl, sys, verify, x509::X509};
use once_cell::sync::OnceCell;
use std::ffi::CStr;
use std::os::raw::{c_int, c_uchar, c_uint, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What a connection does when libssl asks or reports something. Called on the thread that drives the connection, inside
/// one of its I/O calls.
pub trait Handler: Send + Sync {
    /// A handshake has begun or finished.
    fn handshake(&self, step: Step, ssl: &Lent<'_>);
    /// An alert was sent (`written`) or received.
    fn alert(&self, written: bool, description: u8);
    /// Verification refused a certificate; `flag` is the verify flag without which it would have passed, or 0.
    fn verify_failed(&self, code: i32, depth: u32, certificate: Option<X509>, flag: u64);
    /// Chooses one of the client's protocols, given in wire format; the answer is part of `offered`.
    fn select_alpn<'a>(&self, offered: &'a [u8]) -> Option<&'a [u8]>;
    /// Examines a ClientHello, which may name a server, before libssl looks up the session that it offers.
    fn client_hello(&self, name: Option<&[u8]>, ssl: &Lent<'_>) -> std::result::Result<(), Alert>;
    /// The answer to the server name: whether an SNI callback has seen it, or the alert to send.
    fn name_answer(&self) -> std::result::Result<bool, Alert>;
    /// Gives a client's identity, NUL-terminated, and its key, for a server's hint.
    fn psk_client(
        &self,
        hint: Option<&CStr>,
        identity: &mut [u8],
        key: &mut [u8],
        ssl: &Lent<'_>,
    ) -> PskResult;
    /// Gives the key of a client's identity.
    fn psk_server(&self, identity: Option<&CStr>, key: &mut [u8]) -> PskResult;
    /// A protocol message was sent (`written`) or received.
    fn message(&self, written: bool, version: i32, content_type: i32, data: &[u8]);
    /// A line for the key log.
    fn keylog(&self, line: &CStr);
    /// A session that can be resumed.
    fn new_session(&self, session: SslSession, ssl: &Lent<'_>);
    /// A ticket is about to be made of the current session. False ends the connection.
    fn new_ticket(&self, ssl: &Lent<'_>) -> bool;
    /// Tells whether verified chains are kept.
    fn keeps_chains(&self) -> bool;
    /// Finds a chain that was verified before and is valid now.
    fn known_chain(&self, key: &Key) -> Option<Arc<VerifiedChain>>;
    /// A chain was verified.
    fn keep_chain(&self, key: Key, chain: VerifiedChain);
    /// A callback has ended the handshake: the connection sends and receives nothing more.
    fn has_aborted(&self) -> bool;
    /// A callback panicked, with this payload.
    fn panicked(&self, panic: Box<dyn std::any::Any + Send>);
}

/// A step of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It began.
    Started,
    /// It was finished.
    Finished {
        /// It resumed a session.
        resumed: bool,
    },
}

/// The slot of an SSL that holds its handler: a pointer to an `Arc<dyn Handler>` which the `Ssl` owns.
pub(super) fn slot() -> Result<c_int> {
    static SLOT: OnceCell<c_int> = OnceCell::new();
    slot_once(&SLOT, || {
        // SAFETY: no callbacks are registered with the slot.
        unsafe { sys::SSL_get_ex_new_index(0, std::ptr::null_mut(), None, None, None) }
    })
}

unsafe fn handler<'a>(ssl: *const sys::SSL) -> Option<&'a Arc<dyn Handler>> {
    let slot = slot().ok()?;
    // SAFETY: libssl calls with a live SSL.
    let data = unsafe { sys::SSL_get_ex_data(ssl, slot) };
    // SAFETY: NULL or what `Ssl::new` put there, which lives as long as the SSL.
    unsafe { data.cast::<Arc<dyn Handler>>().cast_const().as_ref() }
}

/// Calls the handler, which may use the error queue in any way. A panic gives `failed` and is kept for the call in
/// progress.
unsafe fn guarded<T>(ssl: *const sys::SSL, failed: T, answer: impl FnOnce(&dyn Handler) -> T) -> T {
    // SAFETY: libssl calls with a live SSL.
    let Some(handler) = (unsafe { handler(ssl) }) else { return failed };
    preserving(|| match catch_unwind(AssertUnwindSafe(|| answer(&**handler))) {
        Ok(value) => value,
        Err(panic) => {
            let _ = catch_unwind(AssertUnwindSafe(|| handler.panicked(panic)));
            failed
        }
    })
}

pub(super) unsafe extern "C" fn info(ssl: *const sys::SSL, place: c_int, value: c_int) {
    const ALERT: c_int = 0x4000;
    const WRITE: c_int = 0x08;
    const STARTED: c_int = 0x10;
    const FINISHED: c_int = 0x20;
    // SAFETY: libssl calls with a live SSL.
    let Some(lent) = (unsafe { Lent::new(ssl.cast_mut()) }) else { return };
    let tell = |handler: &dyn Handler| match place {
        STARTED => handler.handshake(Step::Started, &lent),
        FINISHED => handler.handshake(Step::Finished { resumed: lent.is_resumed() }, &lent),
        place => handler.alert(place & WRITE != 0, value as u8),
    };
    if matches!(place, STARTED | FINISHED) || place & ALERT != 0 {
        // SAFETY: libssl calls with a live SSL.
        unsafe { guarded(ssl, (), tell) }
    }
}

pub(super) extern "C" fn verify(passed: c_int, store: *mut sys::X509_STORE_CTX) -> c_int {
    if passed == 1 {
        return passed;
    }
    // SAFETY: libssl calls with a live verification; so for the three calls below.
    let code = unsafe { sys::X509_STORE_CTX_get_error(store) };
    // SAFETY: as above.
    let depth = unsafe { sys::X509_STORE_CTX_get_error_depth(store) };
    // SAFETY: as above.
    let certificate = unsafe { sys::X509_STORE_CTX_get_current_cert(store) };
    // SAFETY: a certificate of the verification, or NULL.
    let certificate = unsafe { X509::from_shared(certificate) };
    // SAFETY: no preconditions.
    let slot = unsafe { sys::SSL_get_ex_data_X509_STORE_CTX_idx() };
    // SAFETY: libssl keeps the connection in that slot.
    let ssl = unsafe { sys::X509_STORE_CTX_get_ex_data(store, slot) }.cast_const().cast::<sys::SSL>();
    if ssl.is_null() {
        return passed;
    }
    let depth = depth.max(0) as u32;
    // SAFETY: the connection that is verifying.
    let fatal = unsafe { sys::SSL_get_verify_mode(ssl) } & sys::SSL_VERIFY_PEER != 0;
    let tell = |handler: &dyn Handler| {
        // SAFETY: libssl calls with a live verification.
        let flag = if fatal { unsafe { verify::flag_at_fault(store) } } else { 0 };
        handler.verify_failed(code, depth, certificate, flag);
    };
    // SAFETY: the connection that is verifying.
    unsafe { guarded(ssl, (), tell) };
    passed
}

/// Lets a handshake go on although verification fails. OpenSSL keeps the last failure as the result.
pub(super) extern "C" fn go_on(_: c_int, _: *mut sys::X509_STORE_CTX) -> c_int {
    1
}

pub(super) unsafe extern "C" fn alpn_select(
    ssl: *mut sys::SSL,
    out: *mut *const c_uchar,
    out_len: *mut c_uchar,
    offered: *const c_uchar,
    offered_len: c_uint,
    _: *mut c_void,
) -> c_int {
    // SAFETY: libssl gives offered_len readable bytes.
    let offered = unsafe { std::slice::from_raw_parts(offered, offered_len as usize) };
    // SAFETY: libssl calls with a live SSL.
    let chosen = unsafe { guarded(ssl, None, |handler| handler.select_alpn(offered)) };
    let Some(chosen) = chosen.filter(|chosen| chosen.len() <= 255) else {
        return sys::SSL_TLSEXT_ERR_NOACK;
    };
    // SAFETY: libssl gives a place for the answer, which points into its own bytes.
    unsafe { out.write(chosen.as_ptr()) };
    // SAFETY: as above; the length was checked.
    unsafe { out_len.write(chosen.len() as c_uchar) };
    sys::SSL_TLSEXT_ERR_OK
}

impl Ssl {
    /// The handler's slot, for `Ssl` alone.
    pub(super) fn handler_slot() -> Result<c_int> {
        slot()
    }
}
