//! Memory of OpenSSL: BIOs, for those of its functions that read or print only through a BIO, and copies that it takes over.

use super::error::{Cause, Entry};
use super::{Result, bytes_at, cvt_new, library, sys, try_copy};
use std::marker::PhantomData;
use std::os::raw::c_int;
use std::ptr::{NonNull, null_mut};

/// A BIO that reads our bytes.
pub(super) struct MemReader<'a>(NonNull<sys::BIO>, PhantomData<&'a [u8]>);

impl<'a> MemReader<'a> {
    /// Reads `data` from its start.
    pub(super) fn new(data: &'a [u8]) -> Result<MemReader<'a>> {
        library::init()?;
        let len = c_int::try_from(data.len()).map_err(|_| Cause::Untold)?;
        // SAFETY: pointer and length are those of one slice, which the result's lifetime keeps borrowed.
        let bio = cvt_new(|| unsafe { sys::BIO_new_mem_buf(data.as_ptr().cast(), len) })?;
        Ok(MemReader(bio, PhantomData))
    }

    /// The pointer, lent.
    pub(super) fn as_ptr(&self) -> *mut sys::BIO {
        self.0.as_ptr()
    }

    /// Tells whether everything was read.
    pub(super) fn is_at_end(&self) -> bool {
        // SAFETY: the BIO is alive; this control takes no argument.
        unsafe { sys::BIO_ctrl(self.as_ptr(), sys::BIO_CTRL_EOF, 0, null_mut()) != 0 }
    }

    /// What was read of `data`, which is all that it reads.
    pub(super) fn read_of(&self, data: &'a [u8]) -> &'a [u8] {
        // SAFETY: the BIO is alive; this control takes no argument.
        let left = unsafe { sys::BIO_ctrl(self.as_ptr(), sys::BIO_CTRL_PENDING, 0, null_mut()) };
        let left = usize::try_from(left).unwrap_or(0);
        &data[..data.len().saturating_sub(left)]
    }
}

impl Drop for MemReader<'_> {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::BIO_free_all(self.as_ptr()) }
    }
}

/// Collects what `print` writes to a BIO.
pub(super) fn printed(print: impl FnOnce(*mut sys::BIO) -> Result<()>) -> Result<Vec<u8>> {
    let bio = MemWriter::new()?;
    print(bio.0.as_ptr())?;
    try_copy(bio.contents())
}

/// A copy in memory of OpenSSL, which takes it over.
pub(super) fn given(bytes: &[u8]) -> Result<NonNull<u8>> {
    // SAFETY: no preconditions. The place it is told is only for debugging.
    let copy = unsafe { sys::CRYPTO_malloc(bytes.len(), c"".as_ptr(), 0) }.cast::<u8>();
    let copy = NonNull::new(copy).ok_or_else(Entry::memory)?;
    // SAFETY: the copy has this length.
    unsafe { copy.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    Ok(copy)
}

struct MemWriter(NonNull<sys::BIO>);

impl MemWriter {
    fn new() -> Result<MemWriter> {
        // SAFETY: no preconditions; the method is static.
        let method = unsafe { sys::BIO_s_mem() };
        // SAFETY: the method is OpenSSL's own.
        let bio = cvt_new(|| unsafe { sys::BIO_new(method) });
        // Nothing else can fail there, but the newest entry tells only that its buffer could not be made.
        bio.map(MemWriter).map_err(|_| Entry::memory().into())
    }

    fn contents(&self) -> &[u8] {
        let mut data = null_mut();
        // SAFETY: a memory BIO; data takes the address of its buffer.
        let len = unsafe { sys::BIO_get_mem_data(self.0.as_ptr(), &mut data) };
        // SAFETY: the buffer is as long as OpenSSL says and stays until the BIO is written or freed.
        unsafe { bytes_at(data.cast(), usize::try_from(len).unwrap_or(0)) }
    }
}

impl Drop for MemWriter {
    fn drop(&mut self) {
        // SAFETY: the only owner frees it once.
        unsafe { sys::BIO_free_all(self.0.as_ptr()) }
    }
}
