//! Thin owned wrappers over libssl and libcrypto, named as in OpenSSL. Each `unsafe` covers one call. Python's rules are not
//! applied here.

mod admission;
mod alert;
mod asn1;
mod backend;
pub mod binding;
pub mod bio;
pub mod cert_and_key;
pub mod chain;
pub mod chain_cache;
mod choice;
pub mod cipher;
mod common_name;
pub mod contents;
#[allow(dead_code)] // AWS-LC does not ask in the middle of a call.
mod coroutine;
mod cost;
pub mod crl;
pub mod ctx;
mod der;
pub mod ech;
mod ech_kind;
pub mod error;
mod expected;
mod failure;
pub mod feature;
pub mod flags;
mod group;
pub mod handler;
mod hooks;
pub mod host_name;
mod interruptible;
mod io;
mod issuer;
pub mod ktls;
pub mod lent;
pub mod library;
pub mod limits;
mod mem;
pub mod obj;
pub mod ocsp;
mod peer;
pub mod pem;
pub mod pipe;
pub mod pkey;
pub mod pool;
mod queue;
pub mod rand;
mod reason;
mod retry;
mod secret;
pub mod session;
mod sigalg;
mod signing;
mod slot;
mod source;
pub mod ssl;
pub mod stats;
pub mod store;
mod sys;
pub mod ticket;
pub mod verification;
mod verify;
mod wanted;
pub mod x509;

pub use backend::{capability, inner_hello, lookup, pkcs12, provider, signer, uri};

use error::{Cause, Entry};
pub use queue::in_a_row;
use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_long};
use std::ptr::NonNull;

/// The result of a call into OpenSSL.
pub type Result<T> = std::result::Result<T, Cause>;

/// Calls OpenSSL and checks the result. The thread's error queue is emptied before the call, so that older entries are not
/// reported for it, and after it, because a call that succeeds may leave entries too.
fn attempt<T: Copy>(call: impl FnOnce() -> T, is_good: impl FnOnce(T) -> bool) -> Result<T> {
    attempt_or(|| error::take().into(), call, is_good)
}

/// The same, with `failure` to read what the call has left on the queue.
fn attempt_or<T: Copy, E>(
    failure: impl FnOnce() -> E,
    call: impl FnOnce() -> T,
    is_good: impl FnOnce(T) -> bool,
) -> std::result::Result<T, E> {
    queue::clear();
    let result = call();
    if !is_good(result) {
        return Err(failure());
    }
    queue::clear_after();
    Ok(result)
}

/// Makes a call that returns 1 for success.
fn cvt(call: impl FnOnce() -> c_int) -> Result<()> {
    attempt(call, |result| result > 0).map(|_| ())
}

/// Makes a control call, which returns a long.
fn cvt_long(call: impl FnOnce() -> c_long) -> Result<()> {
    attempt(call, |result| result > 0).map(|_| ())
}

/// Makes a call that returns an object, or NULL for failure.
fn cvt_p<T>(call: impl FnOnce() -> *mut T) -> Result<*mut T> {
    attempt(call, |object| !object.is_null())
}

/// Makes a call that returns a length, less than 0 for failure.
fn length(call: impl FnOnce() -> c_int) -> Result<usize> {
    let length = attempt(call, |length| length >= 0)?;
    usize::try_from(length).map_err(|_| Cause::Untold)
}

/// Makes a call whose failure is an answer, not an error, and empties the error queue after it.
fn quietly<T>(call: impl FnOnce() -> T) -> T {
    let answer = call();
    queue::clear();
    answer
}

/// Makes a call that makes an object and fails only for lack of memory, even if it leaves no entry on the queue.
fn cvt_new<T>(call: impl FnOnce() -> *mut T) -> Result<NonNull<T>> {
    let made = cvt_p(call).map_err(Cause::or_memory)?;
    NonNull::new(made).ok_or(Cause::Untold)
}

/// Reads one object after another until there are no more or one is invalid.
fn sequence<T>(mut read: impl FnMut() -> Result<Option<T>>) -> impl Iterator<Item = Result<T>> {
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let next = read();
        done = !matches!(next, Ok(Some(_)));
        next.transpose()
    })
}

/// Borrows bytes of OpenSSL, which may pass NULL if there are none.
unsafe fn bytes_at<'a>(data: *const u8, len: usize) -> &'a [u8] {
    if data.is_null() || len == 0 {
        return &[];
    }
    // SAFETY: not NULL; the caller promises that this many bytes live as long as the result.
    unsafe { std::slice::from_raw_parts(data, len) }
}

/// Copies bytes; fails if there is no memory for the copy.
fn try_copy(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len()).map_err(|_| Entry::memory())?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}

/// Collects all items; fails if there is no memory for them.
fn try_collect<T>(items: impl Iterator<Item = Result<T>>) -> Result<Vec<T>> {
    let mut all = Vec::new();
    for item in items {
        all.try_reserve(1).map_err(|_| Entry::memory())?;
        all.push(item?);
    }
    Ok(all)
}

/// Borrows text of OpenSSL; None for NULL.
unsafe fn text_at<'a>(text: *const c_char) -> Option<&'a CStr> {
    // SAFETY: not NULL; the caller promises that it ends in NUL and lives as long as the result.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
}

/// Overwrites a secret in a way that the compiler cannot optimize away.
pub fn cleanse(secret: &mut [u8]) {
    // SAFETY: the pointer and length are those of one slice.
    unsafe { sys::OPENSSL_cleanse(secret.as_mut_ptr().cast(), secret.len()) }
}
