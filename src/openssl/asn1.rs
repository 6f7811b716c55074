//! The ASN.1 values that certificates consist of. Their pointers are lent by a parent that is alive.

use super::error::{Cause, Entry};
use super::{Result, bytes_at, cvt, cvt_new, length, library, mem, quietly, sys, try_copy};
use std::os::raw::{c_int, c_long};
use std::ptr::null_mut;

const SECONDS_PER_DAY: i64 = 86_400;

/// The content bytes of a string, a number or a time.
pub(super) unsafe fn content<'a>(string: *const sys::ASN1_STRING) -> &'a [u8] {
    // SAFETY: the caller's string is alive.
    let data = unsafe { sys::ASN1_STRING_get0_data(string) };
    // SAFETY: the same.
    let len = unsafe { sys::ASN1_STRING_length(string) };
    // SAFETY: the string has that many bytes, and the caller promises that it outlives 'a.
    unsafe { bytes_at(data, usize::try_from(len).unwrap_or(0)) }
}

/// The type number of a string.
pub(super) unsafe fn string_type(string: *const sys::ASN1_STRING) -> c_int {
    // SAFETY: the caller's string is alive.
    unsafe { sys::ASN1_STRING_type(string) }
}

/// The text of a string of any character set, in UTF-8 as far as OpenSSL checks it.
pub(super) unsafe fn to_utf8(string: *const sys::ASN1_STRING) -> Result<Vec<u8>> {
    let mut text = null_mut();
    // SAFETY: the caller's string is alive; text takes a new buffer.
    let len = length(|| unsafe { sys::ASN1_STRING_to_UTF8(&mut text, string) })?;
    // SAFETY: OpenSSL wrote that many bytes.
    let copy = try_copy(unsafe { bytes_at(text, len) });
    // SAFETY: the buffer is ours to free, once.
    unsafe { sys::OPENSSL_free(text.cast()) };
    copy
}

/// The long name of an object if it has one, otherwise its dotted number, of any length.
pub(super) unsafe fn object_text(object: *const sys::ASN1_OBJECT) -> Result<String> {
    // SAFETY: the caller's object is alive; without a buffer OpenSSL only measures.
    let len = length(|| unsafe { sys::OBJ_obj2txt(null_mut(), 0, object, 0) })?;
    let mut text = Vec::new();
    text.try_reserve_exact(len + 1).map_err(|_| Entry::memory())?;
    text.resize(len + 1, 0_u8);
    let size = c_int::try_from(text.len()).map_err(|_| Cause::Untold)?;
    // SAFETY: the buffer has that size.
    unsafe { sys::OBJ_obj2txt(text.as_mut_ptr().cast(), size, object, 0) };
    text.truncate(len);
    String::from_utf8(text).map_err(|_| Cause::Untold)
}

/// OpenSSL's number for an object; 0 for one it does not know.
pub(super) unsafe fn object_nid(object: *const sys::ASN1_OBJECT) -> c_int {
    // SAFETY: the caller's object is alive.
    unsafe { sys::OBJ_obj2nid(object) }
}

/// A time as OpenSSL prints it; "Bad time value" if it is not a valid time.
pub(super) unsafe fn time_text(time: *const sys::ASN1_TIME) -> Result<Vec<u8>> {
    const INVALID: &[u8] = b"Bad time value";
    let mut whole = false;
    let text = mem::printed(|out| {
        // SAFETY: both are alive. If it fails, the text that it has printed says so.
        whole = quietly(|| unsafe { sys::ASN1_TIME_print(out, time) }) == 1;
        Ok(())
    })?;
    // Only the text's own memory can have failed otherwise.
    if whole || text == INVALID { Ok(text) } else { Err(Entry::memory().into()) }
}

/// A time in seconds since 1970.
pub(super) unsafe fn time_seconds(time: *const sys::ASN1_TIME) -> Result<i64> {
    // SAFETY: NULL asks for a new one.
    let epoch = Time(cvt_new(|| unsafe { sys::ASN1_TIME_set(null_mut(), 0) })?.as_ptr());
    let (mut days, mut seconds) = (0, 0);
    // SAFETY: both times are alive, and so are the two numbers.
    cvt(|| unsafe { sys::ASN1_TIME_diff(&mut days, &mut seconds, epoch.0, time) })?;
    Ok(i64::from(days) * SECONDS_PER_DAY + i64::from(seconds))
}

struct Time(*mut sys::ASN1_TIME);

impl Drop for Time {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::ASN1_TIME_free(self.0) }
    }
}

/// Writes an object as DER with its `i2d` function.
pub(super) fn to_der(mut i2d: impl FnMut(*mut *mut u8) -> c_int) -> Result<Vec<u8>> {
    let mut buffer = null_mut();
    let len = length(|| i2d(&mut buffer))?;
    // SAFETY: for NULL OpenSSL made a buffer of the length it returned.
    let der = try_copy(unsafe { bytes_at(buffer, len) });
    // SAFETY: the buffer is ours to free, once.
    unsafe { sys::OPENSSL_free(buffer.cast()) };
    der
}

/// Reads an object with its `d2i` function from DER, which must hold nothing more; bytes left over are an error
/// without an entry.
pub(super) fn from_der<T, E: From<Cause>>(
    der: &[u8],
    d2i: impl FnOnce(*mut *const u8, c_long) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    library::init()?;
    let mut rest = der.as_ptr();
    let len = c_long::try_from(der.len()).map_err(|_| E::from(Cause::Untold))?;
    let object = d2i(&mut rest, len)?;
    if rest == der.as_ptr_range().end { Ok(object) } else { Err(Cause::Untold.into()) }
}

/// The items of a stack, lent by it; none for NULL.
pub(super) unsafe fn items<T>(stack: *const sys::OPENSSL_STACK) -> impl Iterator<Item = *const T> {
    // SAFETY: NULL or a live stack; -1 for NULL.
    let count = unsafe { sys::OPENSSL_sk_num(stack) };
    (0..count).map(move |index| {
        // SAFETY: the caller promises that the stack is alive; the index is in range.
        unsafe { sys::OPENSSL_sk_value(stack, index) }.cast_const().cast::<T>()
    })
}
