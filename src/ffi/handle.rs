//! The handles that C holds: how many there are and, in debug builds and with the feature `checked`, which.

#[cfg(any(debug_assertions, feature = "checked"))]
mod checked;
#[cfg(not(any(debug_assertions, feature = "checked")))]
mod unchecked;

use crate::ssl::{
    Certificate, CertificateList, CipherList, Context, Error, MemoryBio, Object, Result, Session, Socket,
    StoreList, VerifyPaths,
};
#[cfg(any(debug_assertions, feature = "checked"))]
use checked as registry;
pub use registry::Loan;
use std::sync::atomic::{AtomicUsize, Ordering};
#[cfg(not(any(debug_assertions, feature = "checked")))]
use unchecked as registry;

/// What C has a handle of, by its name in C.
pub trait Kind: 'static {
    /// The name of the handle.
    #[allow(dead_code, reason = "a release checks nothing and has nothing to say")]
    const NAME: &'static str;
}

impl Kind for Certificate {
    const NAME: &'static str = "tlsock_certificate";
}
impl Kind for CertificateList {
    const NAME: &'static str = "tlsock_certificate_list";
}
impl Kind for CipherList {
    const NAME: &'static str = "tlsock_cipher_list";
}
impl Kind for Context {
    const NAME: &'static str = "tlsock_context";
}
impl Kind for Error {
    const NAME: &'static str = "tlsock_error";
}
impl Kind for MemoryBio {
    const NAME: &'static str = "tlsock_bio";
}
impl Kind for Object {
    const NAME: &'static str = "tlsock_object";
}
impl Kind for Session {
    const NAME: &'static str = "tlsock_session";
}
impl Kind for Socket {
    const NAME: &'static str = "tlsock_socket";
}
impl Kind for StoreList {
    const NAME: &'static str = "tlsock_store_list";
}
impl Kind for VerifyPaths {
    const NAME: &'static str = "tlsock_verify_paths";
}

/// Owned bytes are no handle, but are freed like one.
struct OwnedBytes;

impl Kind for OwnedBytes {
    const NAME: &'static str = "tlsock_bytes";
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Hands a value over to C.
pub fn give<T: Kind>(value: T) -> *mut T {
    let handle = Box::into_raw(Box::new(value));
    COUNT.fetch_add(1, Ordering::Relaxed);
    registry::given::<T>(handle.addr());
    handle
}

/// Takes a value back from C; None where a checked build knows that this is no handle of C's.
pub unsafe fn take<T: Kind>(handle: *mut T) -> Option<T> {
    if !registry::taken::<T>(handle.addr()) {
        return None;
    }
    COUNT.fetch_sub(1, Ordering::Relaxed);
    Some(unsafe { registry::unbox(handle) })
}

/// Counts bytes that C has to free.
pub fn give_bytes(data: *mut u8) {
    COUNT.fetch_add(1, Ordering::Relaxed);
    registry::given::<OwnedBytes>(data.addr());
}

/// Counts bytes that C frees; false where a checked build knows that they are none of C's.
pub fn take_bytes(data: *mut u8) -> bool {
    let known = registry::taken::<OwnedBytes>(data.addr());
    if known {
        COUNT.fetch_sub(1, Ordering::Relaxed);
        registry::forget(data.addr());
    }
    known
}

/// Lends C what belongs to one of its handles, for as long as that lives.
pub fn lend<T: Kind, L: Kind>(lent: Option<&T>, lender: *const L) -> *const T {
    let Some(lent) = lent else { return std::ptr::null() };
    registry::lent::<T>(std::ptr::from_ref(lent).addr(), lender.addr());
    lent
}

/// Makes sure, in a checked build, that a pointer is a handle of C's.
pub fn check<T: Kind>(handle: *const T, argument: &str) -> Result<()> {
    registry::check::<T>(handle.addr(), argument)
}

/// As `check`, for calls that cannot fail: whoever sees warnings is told.
pub fn is_live<T: Kind>(handle: *const T) -> bool {
    registry::is_live::<T>(handle.addr())
}

/// Returns how many handles this process was given and has not freed yet: of every kind, with errors,
/// lists and owned bytes. 0 once all is freed: for tests that look for leaks.
/// Extension: Python's objects free themselves.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_handle_count() -> usize {
    COUNT.load(Ordering::Relaxed)
}
