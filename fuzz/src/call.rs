//! Calls into the library that check what is true of every call.

use crate::c::*;
use crate::libcrypto::peek_error;
use std::ffi::{CStr, c_char, c_int};
use std::mem::MaybeUninit;
use std::ptr::null_mut;

/// The last parameter of a call that can fail.
pub type Out = *mut *mut tlsock_error;

/// Why a call did not succeed.
#[derive(Debug)]
pub struct Failure {
    /// Never OK.
    pub status: c_int,
    /// Empty where no error is told ("not done yet").
    pub message: String,
    /// OpenSSL's word for it, where there is one.
    pub reason: Option<String>,
    /// The alert we sent; -1 for none.
    pub alert_sent: c_int,
}

impl Failure {
    /// Tells whether to wait and repeat.
    pub fn is_want(&self) -> bool {
        self.status == TLSOCK_WANT_READ || self.status == TLSOCK_WANT_WRITE
    }
}

/// What a call gives.
pub type Outcome<T> = Result<T, Failure>;

const UNTOUCHED: u8 = 0xA5;

/// Makes a call that has no output but its status.
pub fn call(name: &str, body: impl FnOnce(Out) -> tlsock_status) -> Outcome<()> {
    let mut error = null_mut();
    // In a callback there may be what the call around it is about to tell.
    let before = peek_error();
    let status = body(&mut error);
    let after = peek_error();
    assert!(after == 0 || after == before, "{name} left {after:#x} in OpenSSL's error queue");
    match status {
        TLSOCK_OK | TLSOCK_WANT_READ | TLSOCK_WANT_WRITE | TLSOCK_WANT_CALLBACK => {
            assert!(error.is_null(), "{name} returned {status} and an error");
            let plain = Failure { status, message: String::new(), reason: None, alert_sent: -1 };
            if status == TLSOCK_OK { Ok(()) } else { Err(plain) }
        }
        _ => {
            assert!(!error.is_null(), "{name} returned {status} and no error");
            // SAFETY: an error of ours.
            let failure = unsafe { inspect(name, error, 0) };
            assert_eq!(failure.status, status, "{name}: the error has another status");
            assert_ne!(status, TLSOCK_PANIC, "{name}: {}", failure.message);
            // SAFETY: the same, freed once.
            unsafe { tlsock_error_free(error) };
            Err(failure)
        }
    }
}

/// Makes a call with one output, which a failure must not touch.
pub fn give<T: Copy>(name: &str, body: impl FnOnce(*mut T, Out) -> tlsock_status) -> Outcome<T> {
    let mut place = MaybeUninit::<T>::uninit();
    // SAFETY: bytes of this place.
    unsafe { place.as_mut_ptr().cast::<u8>().write_bytes(UNTOUCHED, size_of::<T>()) };
    let result = call(name, |error| body(place.as_mut_ptr(), error));
    // SAFETY: all of it was written above.
    let bytes = unsafe { std::slice::from_raw_parts(place.as_ptr().cast::<u8>(), size_of::<T>()) };
    let untouched = bytes.iter().all(|byte| *byte == UNTOUCHED);
    match result {
        Ok(()) => {
            assert!(!untouched, "{name} succeeded and gave nothing");
            // SAFETY: the call wrote a T.
            Ok(unsafe { place.assume_init() })
        }
        Err(failure) => {
            assert!(untouched, "{name} failed and wrote its output");
            Err(failure)
        }
    }
}

/// Asks for an entry that is there or not; what is not there must not be written.
pub fn at<T: Copy>(name: &str, body: impl FnOnce(*mut T) -> bool) -> Option<T> {
    let mut place = MaybeUninit::<T>::uninit();
    // SAFETY: bytes of this place.
    unsafe { place.as_mut_ptr().cast::<u8>().write_bytes(UNTOUCHED, size_of::<T>()) };
    let found = body(place.as_mut_ptr());
    // SAFETY: all of it was written above.
    let bytes = unsafe { std::slice::from_raw_parts(place.as_ptr().cast::<u8>(), size_of::<T>()) };
    assert!(found || bytes.iter().all(|byte| *byte == UNTOUCHED), "{name} said false and wrote");
    // SAFETY: it is there, so the call wrote it.
    found.then(|| unsafe { place.assume_init() })
}

/// Runs a call that fills a buffer and says how much; what is beyond stays as it was.
pub fn fill(
    name: &str,
    size: usize,
    body: impl FnOnce(*mut u8, usize, *mut usize, Out) -> tlsock_status,
) -> Outcome<Vec<u8>> {
    let mut buffer = vec![UNTOUCHED; size];
    let result = give(name, |len: *mut usize, error| body(buffer.as_mut_ptr(), size, len, error));
    let used = *result.as_ref().unwrap_or(&0);
    assert!(used <= size, "{name} filled {used} of {size} bytes");
    assert!(buffer[used..].iter().all(|byte| *byte == UNTOUCHED), "{name} wrote beyond what it counted");
    buffer.truncate(used);
    result.map(|_| buffer)
}

/// Takes owned bytes and frees them. None is Python's None.
pub fn owned(
    name: &str,
    body: impl FnOnce(*mut tlsock_bytes, Out) -> tlsock_status,
) -> Outcome<Option<Vec<u8>>> {
    let mut bytes = give(name, body)?;
    let copy = (!bytes.data.is_null()).then(|| {
        // SAFETY: len bytes and one NUL, by the header.
        let all = unsafe { std::slice::from_raw_parts(bytes.data, bytes.len + 1) };
        assert_eq!(all[bytes.len], 0, "{name}: no NUL after the bytes");
        all[..bytes.len].to_vec()
    });
    assert!(copy.is_some() || bytes.len == 0, "{name}: a length and no bytes");
    // SAFETY: ours to free; freeing twice is allowed.
    unsafe {
        tlsock_bytes_free(&mut bytes);
        tlsock_bytes_free(&mut bytes);
    }
    assert!(bytes.data.is_null() && bytes.len == 0);
    Ok(copy)
}

/// Reads text that the library lends; None for NULL.
///
/// # Safety
/// The pointer is NULL or lent text.
pub unsafe fn text<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: lent text ends in NUL.
    let text = unsafe { CStr::from_ptr(text) };
    Some(text.to_str().expect("text is UTF-8"))
}

/// Reads text that a peer chose.
///
/// # Safety
/// The text is lent.
pub unsafe fn peer_text<'a>(text: tlsock_text) -> Option<&'a str> {
    if text.data.is_null() {
        assert_eq!(text.len, 0, "a length and no text");
        return None;
    }
    // SAFETY: len bytes and one NUL, by the header.
    let bytes = unsafe { std::slice::from_raw_parts(text.data.cast::<u8>(), text.len + 1) };
    assert_eq!(bytes[text.len], 0, "no NUL after the text");
    Some(std::str::from_utf8(&bytes[..text.len]).expect("text is UTF-8"))
}

/// Asks an error everything.
///
/// # Safety
/// The error is live.
unsafe fn inspect(name: &str, error: *const tlsock_error, depth: u32) -> Failure {
    // SAFETY: a live error, as the caller promises.
    unsafe {
        let status = tlsock_error_status(error);
        let message = text(tlsock_error_message(error)).expect("a message is never NULL").to_string();
        assert!(!message.is_empty(), "{name}: an error without a message");
        assert!(depth < 32, "{name}: causes without end");
        assert!(status != TLSOCK_OK && text(tlsock_status_name(status)).is_some());
        let reason = text(tlsock_error_reason(error)).map(str::to_string);
        text(tlsock_error_library(error));
        text(tlsock_error_filename(error));
        text(tlsock_error_expected_name(error));
        let refused = status == TLSOCK_CERT_VERIFICATION;
        assert!(refused || text(tlsock_error_verify_message(error)).is_none(), "{name}: {message}");
        assert!(refused || tlsock_error_verify_code(error) == 0);
        assert!(status == TLSOCK_OS || tlsock_error_os_errno(error) == 0, "{name}: {message}");
        assert!((0..=8).contains(&tlsock_error_phase(error)));
        assert!((-1..256).contains(&tlsock_error_alert_received(error)));
        assert!(tlsock_error_depth(error) >= -1);
        tlsock_error_code(error);
        tlsock_error_verify_flag(error);
        let names = tlsock_error_offered_name_count(error);
        assert!((0..names).all(|index| peer_text(tlsock_error_offered_name_at(error, index)).is_some()));
        assert!(peer_text(tlsock_error_offered_name_at(error, names)).is_none());
        let certificate = tlsock_error_certificate(error);
        if !certificate.is_null() {
            assert!(tlsock_certificate_der(certificate).len > 0);
            assert!(!tlsock_certificate_verified(certificate), "{name}: refused, but called verified");
        }
        let cause = tlsock_error_cause(error);
        if !cause.is_null() {
            inspect(name, cause, depth + 1);
        }
        Failure { status, message, reason, alert_sent: tlsock_error_alert_sent(error) }
    }
}
