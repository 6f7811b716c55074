//! `tlsock_bytes` and the other plain views on bytes and text.

use super::boundary::ask;
use super::handle::{give_bytes, take_bytes};
use std::ffi::{CStr, c_char, c_void};

/// Owned bytes, freed by tlsock_bytes_free. One NUL that len does not count follows them, so text can
/// be printed. data is NULL for Python's None; empty bytes have data and len 0.
#[repr(C)]
pub struct Bytes {
    pub data: *mut u8,
    pub len: usize,
}

impl Bytes {
    /// Hands bytes over to C; None is Python's None.
    pub fn new(bytes: Option<Vec<u8>>) -> Bytes {
        let Some(mut bytes) = bytes else {
            return Bytes { data: std::ptr::null_mut(), len: 0 };
        };
        let len = bytes.len();
        bytes.reserve_exact(1);
        bytes.push(0);
        let data = Box::into_raw(bytes.into_boxed_slice()).cast();
        give_bytes(data);
        Bytes { data, len }
    }
}

/// Borrowed bytes.
#[repr(C)]
pub struct Slice {
    pub data: *const u8,
    pub len: usize,
}

impl Slice {
    /// Lends bytes; None gives NULL.
    pub fn new(bytes: Option<&[u8]>) -> Slice {
        bytes.map_or(Slice { data: std::ptr::null(), len: 0 }, |bytes| Slice {
            data: bytes.as_ptr(),
            len: bytes.len(),
        })
    }
}

/// Borrowed text that a peer chose: UTF-8, or the bytes that stand in a certificate where it should.
/// NUL-terminated, but it may hold more NULs before, so compare all len bytes. data is NULL where there is none.
#[repr(C)]
pub struct Text {
    pub data: *const c_char,
    pub len: usize,
}

impl Text {
    /// Lends text whose bytes end in a NUL that is not part of it; None gives NULL.
    pub fn new(with_nul: Option<&[u8]>) -> Text {
        with_nul.map_or(Text { data: std::ptr::null(), len: 0 }, |bytes| Text {
            data: bytes.as_ptr().cast(),
            len: bytes.len() - 1,
        })
    }
}

/// One part of a gathered send.
#[repr(C)]
pub struct Part {
    pub data: *const c_void,
    pub len: usize,
}

/// Lends C text; None gives NULL.
pub fn c_text(text: Option<&CStr>) -> *const c_char {
    text.map_or(std::ptr::null(), CStr::as_ptr)
}

/// Wipes and frees owned bytes and sets data to NULL and len to 0. NULL and freed bytes are ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_bytes_free(bytes: *mut Bytes) {
    ask((), || {
        let Some(bytes) = (unsafe { bytes.as_mut() }) else { return };
        if bytes.data.is_null() {
            return;
        }
        let Bytes { data, len } = std::mem::replace(bytes, Bytes::new(None));
        if take_bytes(data) {
            let all = std::ptr::slice_from_raw_parts_mut(data, len + 1);
            let mut owned = unsafe { Box::from_raw(all) };
            crate::ssl::wipe(&mut owned);
        }
    });
}
