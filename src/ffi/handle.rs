//! The handles that C holds: their number and, in debug builds and with the feature `checked`, a registry of all of them.

#[cfg(any(debug_assertions, feature = "checked"))]
mod checked;
#[cfg(not(any(debug_assertions, feature = "checked")))]
mod unchecked;

use crate::ssl::{
    Certificate, CertificateList, CipherList, ClientHello, Context, Error, Identity, IdentityRequest,
    MemoryBio, Object, Phase, Result, Session, Socket, StoreList, Verification, VerifyPaths,
};
#[cfg(any(debug_assertions, feature = "checked"))]
use checked as registry;
pub use registry::{Fault, Loan};
use std::alloc::{Layout, alloc, dealloc};
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
#[cfg(not(any(debug_assertions, feature = "checked")))]
use unchecked as registry;

/// A type that C has handles of, with its name in C.
pub trait Kind: 'static {
    /// The name of the handle.
    #[allow(dead_code, reason = "only checked builds report the name")]
    const NAME: &'static str;

    /// The value, if the handle is one of those that are never freed.
    fn lasting(_handle: *const Self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
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
impl Kind for ClientHello {
    const NAME: &'static str = "tlsock_client_hello";
}
impl Kind for Context {
    const NAME: &'static str = "tlsock_context";
}
impl Kind for Error {
    const NAME: &'static str = "tlsock_error";

    fn lasting(handle: *const Error) -> Option<Error> {
        let index = NO_MEMORY.iter().position(|lasting| std::ptr::eq(lasting, handle))?;
        Some(Error::no_memory_in(Phase::ALL[index]))
    }
}
impl Kind for Identity {
    const NAME: &'static str = "tlsock_identity";
}
impl Kind for IdentityRequest {
    const NAME: &'static str = "tlsock_identity_request";
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
impl Kind for Verification {
    const NAME: &'static str = "tlsock_verification";
}
impl Kind for VerifyPaths {
    const NAME: &'static str = "tlsock_verify_paths";
}

/// Owned bytes are not a handle, but are freed and counted like one.
struct OwnedBytes;

impl Kind for OwnedBytes {
    const NAME: &'static str = "tlsock_bytes";
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Memory for a value that C will have a handle on. It is the value's box, so freeing the handle drops the box.
pub struct Room<T>(NonNull<T>);

impl<T: Kind> Room<T> {
    /// Allocates it, before the work whose result goes there.
    pub fn new() -> Result<Room<T>> {
        const { assert!(size_of::<T>() > 0) };
        // SAFETY: the layout is not of size 0.
        let room = unsafe { alloc(Layout::new::<T>()) };
        NonNull::new(room.cast()).map(Room).ok_or_else(Error::no_memory)
    }

    /// Gives C a handle on a value.
    pub fn give(self, value: T) -> *mut T {
        let handle = ManuallyDrop::new(self).0.as_ptr();
        // SAFETY: our own memory, which nothing has read.
        unsafe { handle.write(value) };
        COUNT.fetch_add(1, Ordering::Relaxed);
        registry::given::<T>(handle.addr());
        handle
    }
}

impl<T> Drop for Room<T> {
    fn drop(&mut self) {
        // SAFETY: made by `new` with this layout; it holds no value.
        unsafe { dealloc(self.0.as_ptr().cast(), Layout::new::<T>()) }
    }
}

/// The errors of `NoMemory`, one for each phase, which C gets if there is no memory for another.
static NO_MEMORY: [Error; Phase::ALL.len()] = {
    let [a, b, c, d, e, f, g, h, i] = Phase::ALL;
    [
        Error::no_memory_in(a),
        Error::no_memory_in(b),
        Error::no_memory_in(c),
        Error::no_memory_in(d),
        Error::no_memory_in(e),
        Error::no_memory_in(f),
        Error::no_memory_in(g),
        Error::no_memory_in(h),
        Error::no_memory_in(i),
    ]
};

/// Gives C an error. `NoMemory` is static and takes no memory.
pub fn give_error(error: Error) -> *mut Error {
    match Room::new() {
        Ok(room) if !error.is_lasting() => room.give(error),
        _ => {
            let phase = error.detail().map_or(Phase::None, |detail| detail.phase);
            std::ptr::from_ref(&NO_MEMORY[phase as usize]).cast_mut()
        }
    }
}

/// The value behind a handle for the time of a call: it stays alive even if a callback frees the handle meanwhile.
pub struct Held<T> {
    value: T,
    _use: registry::Use,
}

impl<T> Deref for Held<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// Holds the value behind a handle.
pub unsafe fn hold<T: Kind + Clone>(handle: *const T) -> std::result::Result<Held<T>, Fault> {
    // SAFETY: the caller promises a live handle; a checked build reads it only if the registry confirms that.
    let clone = || unsafe { (*handle).clone() };
    let (value, _use) = registry::hold(handle.addr(), clone)?;
    Ok(Held { value, _use })
}

/// Takes a value back from C; None if a checked build finds that C does not own such a handle.
pub unsafe fn take<T: Kind>(handle: *mut T) -> Option<T> {
    if let Some(value) = T::lasting(handle) {
        return Some(value);
    }
    if !registry::taken::<T>(handle.addr()) {
        return None;
    }
    COUNT.fetch_sub(1, Ordering::Relaxed);
    Some(unsafe { registry::unbox(handle) })
}

/// Counts bytes that C must free.
pub fn give_bytes(data: *mut u8) {
    COUNT.fetch_add(1, Ordering::Relaxed);
    registry::given::<OwnedBytes>(data.addr());
}

/// Counts bytes that C has freed; false if a checked build finds that C does not own them.
pub fn take_bytes(data: *mut u8) -> bool {
    let known = registry::taken::<OwnedBytes>(data.addr());
    if known {
        COUNT.fetch_sub(1, Ordering::Relaxed);
        registry::forget(data.addr());
    }
    known
}

/// Lends C a value that belongs to one of its handles, for as long as that handle lives.
pub fn lend<T: Kind, L: Kind>(lent: Option<&T>, lender: *const L) -> *const T {
    let Some(lent) = lent else { return std::ptr::null() };
    registry::lent::<T>(std::ptr::from_ref(lent).addr(), lender.addr());
    lent
}

/// Checks, in a checked build, that a pointer is a live handle of C.
pub fn check<T: Kind>(handle: *const T) -> std::result::Result<(), Fault> {
    if T::lasting(handle).is_some() { Ok(()) } else { registry::check::<T>(handle.addr()) }
}

/// How many handles C has not freed yet.
pub fn count() -> usize {
    COUNT.load(Ordering::Relaxed)
}
