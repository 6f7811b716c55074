//! `tlsock_bio_*`: Python's MemoryBIO.

use super::boundary::{ask, bytes, call, free, handle, optional, output, place};
use crate::ssl::{Error, MemoryBio, Status};
use std::ffi::c_void;

/// Makes an empty memory buffer for wrap_bio. One buffer may be one side's outgoing and the other side's incoming.
/// Returns: nothing beyond the conventions.
/// Python: MemoryBIO()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_bio_new(bio: *mut *mut MemoryBio, error: *mut *mut Error) -> Status {
    call(error, || {
        place(bio, "bio")?.give(MemoryBio::new());
        Ok(())
    })
}

/// Frees a handle on a buffer; objects made over it go on. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_bio_free(bio: *mut MemoryBio) {
    unsafe { free(bio) }
}

/// Returns the number of bytes that wait to be read.
/// Python: MemoryBIO.pending
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_bio_pending(bio: *const MemoryBio) -> usize {
    ask(0, || unsafe { optional(bio) }.as_deref().map_or(0, MemoryBio::pending))
}

/// Tells whether write_eof was called and all bytes have been read.
/// Python: MemoryBIO.eof
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_bio_eof(bio: *const MemoryBio) -> bool {
    ask(false, || unsafe { optional(bio) }.as_deref().is_some_and(MemoryBio::eof))
}

/// Takes up to size bytes out of bio; *len is 0 if it is empty.
/// Returns: nothing beyond the conventions.
/// Python: MemoryBIO.read(n)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_bio_read(
    bio: *mut MemoryBio,
    buffer: *mut c_void,
    size: usize,
    len: *mut usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let bio = unsafe { handle(bio, "bio") }?;
        let output = output(len, "len")?;
        output.set(bio.read(unsafe { super::boundary::buffer(buffer, size, "buffer") }?));
        Ok(())
    })
}

/// Appends all of the bytes.
/// Returns: SSL after write_eof, VALUE beyond INT_MAX bytes.
/// Python: MemoryBIO.write(data)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_bio_write(
    bio: *mut MemoryBio,
    data: *const c_void,
    len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let bio = unsafe { handle(bio, "bio") }?;
        bio.write(unsafe { bytes(data, len, "data") }?)
    })
}

/// Marks the end of the stream: an object that finds the buffer empty then fails with EOF instead of WANT_READ.
/// Returns: nothing beyond the conventions.
/// Python: MemoryBIO.write_eof()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_bio_write_eof(bio: *mut MemoryBio, error: *mut *mut Error) -> Status {
    call(error, || {
        unsafe { handle(bio, "bio") }?.write_eof();
        Ok(())
    })
}
