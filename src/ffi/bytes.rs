//! `tlsock_bytes` and the other plain views on bytes and text.

use super::boundary::ask;
use super::handle::{give_bytes, take_bytes};
use crate::ssl::{Error, Result};
use std::ffi::{CStr, c_char, c_void};

/// Owned bytes, freed by tlsock_bytes_free. One NUL that len does not count follows them, so that text can be
/// printed. data is NULL for Python's None; empty bytes have non-NULL data and len 0. Changing len has no effect on how
/// many bytes are wiped and freed.
#[repr(C)]
pub struct Bytes {
    pub data: *mut u8,
    pub len: usize,
}

/// The size of the length that is stored before the bytes, because the caller may change `len`.
const HEAD: usize = size_of::<usize>();
/// The size of the NUL after them.
const NUL: usize = 1;

impl Bytes {
    const NONE: Bytes = Bytes { data: std::ptr::null_mut(), len: 0 };

    /// Gives bytes to C; None is Python's None. They may be secret, so the vector is wiped.
    pub fn new(bytes: Option<Vec<u8>>) -> Result<Bytes> {
        let Some(mut bytes) = bytes else { return Ok(Bytes::NONE) };
        let copy = Bytes::copy(&bytes);
        crate::ssl::wipe(&mut bytes);
        copy
    }

    /// Gives a copy to C.
    pub fn copy(bytes: &[u8]) -> Result<Bytes> {
        let len = bytes.len();
        let mut all = Vec::new();
        all.try_reserve_exact(HEAD + len + NUL).map_err(|_| Error::no_memory())?;
        all.extend_from_slice(&len.to_ne_bytes());
        all.extend_from_slice(bytes);
        all.push(0);
        let start = Box::into_raw(all.into_boxed_slice()).cast::<u8>();
        // SAFETY: the head is within the allocation.
        let data = unsafe { start.add(HEAD) };
        give_bytes(data);
        Ok(Bytes { data, len })
    }

    /// Wipes and frees what C does not get after all.
    pub fn free(self) {
        if take_bytes(self.data) {
            // SAFETY: `copy` has made it, and nobody else has it.
            crate::ssl::wipe(&mut unsafe { owned(self.data) });
        }
    }
}

/// Takes back what `Bytes` made.
unsafe fn owned(data: *mut u8) -> Box<[u8]> {
    // SAFETY: the caller promises that the head stands before the bytes.
    let start = unsafe { data.sub(HEAD) };
    // SAFETY: as above; it need not be aligned.
    let len = unsafe { start.cast::<usize>().read_unaligned() };
    let all = std::ptr::slice_from_raw_parts_mut(start, HEAD + len + NUL);
    // SAFETY: the size is the one that `copy` has allocated.
    unsafe { Box::from_raw(all) }
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

/// Borrowed text that a peer chose: UTF-8, or the bytes that a certificate has in its place. It ends in a NUL but may
/// contain others, so compare all len bytes. data is NULL if there is no text.
#[repr(C)]
pub struct Text {
    pub data: *const c_char,
    pub len: usize,
}

impl Text {
    /// Lends text followed by a NUL that is not counted; None gives NULL.
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
        let data = std::mem::replace(bytes, Bytes::NONE).data;
        if take_bytes(data) {
            crate::ssl::wipe(&mut unsafe { owned(data) });
        }
    });
}
