//! Streams of the C library that read and write through this library.

use super::Result;
use std::ffi::CStr;

/// The C library's FILE.
#[repr(C)]
pub struct File {
    _private: [u8; 0],
}

/// The source and destination of a stream. Dropping it closes it.
#[allow(dead_code, reason = "not every C library can open one")]
pub trait Transfer: Send + Sync {
    /// Reads some bytes; 0 at the end.
    fn read(&self, buffer: &mut [u8]) -> Result<usize>;
    /// Writes all bytes. Where it fails, `taken` of them have gone, and only the others are to be written again.
    fn write(&self, data: &[u8], taken: &mut usize) -> Result<()>;
    /// Sends what earlier writes have left behind, before the stream is dropped.
    fn close(&self) -> Result<()>;
}

/// Opens a stream; `NOSYS` if the C library cannot.
pub fn open(mode: &CStr, transfer: Box<dyn Transfer>) -> Result<*mut File> {
    system::open(mode, transfer)
}

#[cfg(any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple", target_os = "freebsd"))]
mod cookie {
    use super::{Result, Transfer};
    use std::ffi::{c_int, c_void};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    pub type Cookie = Box<dyn Transfer>;

    unsafe extern "C" {
        #[cfg_attr(target_os = "linux", link_name = "__errno_location")]
        #[cfg_attr(not(target_os = "linux"), link_name = "__error")]
        fn errno_place() -> *mut c_int;
    }

    /// Runs one call of the stream; a failure sets errno, and no panic reaches C.
    pub unsafe fn run<T>(cookie: *mut c_void, work: impl FnOnce(&dyn Transfer) -> Result<T>) -> Option<T> {
        // SAFETY: the C library calls with the cookie that `open` gave it.
        let transfer = unsafe { &**cookie.cast::<Cookie>() };
        let result = catch_unwind(AssertUnwindSafe(|| work(transfer)));
        result.unwrap_or(Err(crate::os::errno::IO)).map_err(set_errno).ok()
    }

    fn set_errno(errno: c_int) {
        // SAFETY: no preconditions.
        let place = unsafe { errno_place() };
        // SAFETY: errno of this thread.
        unsafe { place.write(errno) };
    }

    pub unsafe extern "C" fn close(cookie: *mut c_void) -> c_int {
        // SAFETY: the C library gives our cookie.
        let sent = unsafe { run(cookie, |transfer| transfer.close()) };
        // SAFETY: the cookie that `open` gave to the C library, which closes once.
        let transfer = unsafe { Box::from_raw(cookie.cast::<Cookie>()) };
        let _ = catch_unwind(AssertUnwindSafe(|| drop(transfer)));
        sent.map_or(-1, |()| 0)
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod system {
    use super::cookie::{Cookie, close, run};
    use super::{File, Result, Transfer};
    use std::ffi::{CStr, c_char, c_int, c_void};

    #[repr(C)]
    struct Functions {
        read: unsafe extern "C" fn(*mut c_void, *mut c_char, usize) -> isize,
        write: unsafe extern "C" fn(*mut c_void, *const c_char, usize) -> isize,
        seek: Option<unsafe extern "C" fn(*mut c_void, *mut i64, c_int) -> c_int>,
        close: unsafe extern "C" fn(*mut c_void) -> c_int,
    }

    unsafe extern "C" {
        fn fopencookie(cookie: *mut c_void, mode: *const c_char, functions: Functions) -> *mut File;
    }

    pub fn open(mode: &CStr, transfer: Box<dyn Transfer>) -> Result<*mut File> {
        let cookie = Box::into_raw(Box::<Cookie>::new(transfer));
        // SAFETY: the functions match the cookie, which belongs to the stream from now on.
        let file = unsafe {
            fopencookie(cookie.cast(), mode.as_ptr(), Functions { read, write, seek: None, close })
        };
        if file.is_null() {
            // SAFETY: opening failed, so the cookie is still ours.
            drop(unsafe { Box::from_raw(cookie) });
            return Err(crate::os::errno::INVAL);
        }
        Ok(file)
    }

    unsafe extern "C" fn read(cookie: *mut c_void, buffer: *mut c_char, size: usize) -> isize {
        // SAFETY: the C library gives size writable bytes.
        let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), size) };
        // SAFETY: the C library gives our cookie.
        unsafe { run(cookie, |transfer| transfer.read(buffer)) }.map_or(-1, |count| count as isize)
    }

    /// For a failure before the first byte glibc expects 0; other C libraries expect -1.
    unsafe extern "C" fn write(cookie: *mut c_void, data: *const c_char, len: usize) -> isize {
        // SAFETY: the C library gives len readable bytes.
        let data = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) };
        let mut taken = 0;
        // SAFETY: the C library gives our cookie.
        let all = unsafe { run(cookie, |transfer| transfer.write(data, &mut taken)) };
        all.map_or(taken, |()| len) as isize
    }
}

#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
mod system {
    use super::cookie::{Cookie, close, run};
    use super::{File, Result, Transfer};
    use std::ffi::{CStr, c_char, c_int, c_void};

    type Read = unsafe extern "C" fn(*mut c_void, *mut c_char, c_int) -> c_int;
    type Write = unsafe extern "C" fn(*mut c_void, *const c_char, c_int) -> c_int;
    type Seek = unsafe extern "C" fn(*mut c_void, i64, c_int) -> i64;
    type Close = unsafe extern "C" fn(*mut c_void) -> c_int;

    unsafe extern "C" {
        fn funopen(
            cookie: *const c_void,
            read: Option<Read>,
            write: Option<Write>,
            seek: Option<Seek>,
            close: Option<Close>,
        ) -> *mut File;
    }

    /// The mode is expressed by which functions are given.
    pub fn open(mode: &CStr, transfer: Box<dyn Transfer>) -> Result<*mut File> {
        let both = mode.to_bytes().contains(&b'+');
        let reader = (both || mode.to_bytes()[0] == b'r').then_some(read as Read);
        let writer = (both || mode.to_bytes()[0] == b'w').then_some(write as Write);
        let cookie = Box::into_raw(Box::<Cookie>::new(transfer));
        // SAFETY: the functions match the cookie, which belongs to the stream from now on.
        let file = unsafe { funopen(cookie.cast(), reader, writer, None, Some(close)) };
        if file.is_null() {
            // SAFETY: opening failed, so the cookie is still ours.
            drop(unsafe { Box::from_raw(cookie) });
            return Err(crate::os::errno::INVAL);
        }
        Ok(file)
    }

    unsafe extern "C" fn read(cookie: *mut c_void, buffer: *mut c_char, size: c_int) -> c_int {
        let Ok(len) = usize::try_from(size) else { return -1 };
        // SAFETY: the C library gives size writable bytes.
        let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<u8>(), len) };
        // SAFETY: the C library gives our cookie.
        unsafe { run(cookie, |transfer| transfer.read(buffer)) }.map_or(-1, |count| count as c_int)
    }

    unsafe extern "C" fn write(cookie: *mut c_void, data: *const c_char, size: c_int) -> c_int {
        let Ok(len) = usize::try_from(size) else { return -1 };
        // SAFETY: the C library gives size readable bytes.
        let data = unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) };
        let mut taken = 0;
        // SAFETY: the C library gives our cookie.
        let all = unsafe { run(cookie, |transfer| transfer.write(data, &mut taken)) };
        match (all, taken) {
            (Some(()), _) => size,
            (None, 0) => -1,
            (None, taken) => taken as c_int,
        }
    }
}

#[cfg(not(any(
    all(target_os = "linux", target_env = "gnu"),
    target_vendor = "apple",
    target_os = "freebsd"
)))]
mod system {
    use super::{File, Result, Transfer};
    use std::ffi::CStr;

    pub fn open(_: &CStr, _: Box<dyn Transfer>) -> Result<*mut File> {
        Err(crate::os::errno::NOSYS)
    }
}
