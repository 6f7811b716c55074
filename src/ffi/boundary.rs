//! The border between C and Rust: the only place where C pointers become Rust references, where a panic is caught, and where
//! a failure becomes a status.

use super::debug;
use super::handle::{Held, Kind, Room, check, give_error, hold, take};
use super::userdata::Inside;
use crate::ssl::{Error, Result, Status};
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Runs a function that can fail: returns its status and stores its error. A "not done yet" status stores none.
pub fn call(error: *mut *mut Error, body: impl FnOnce() -> Result<()>) -> Status {
    let _inside = Inside::enter();
    let noted = debug::Call::begin(&body);
    let status = run(error, body);
    noted.end(Some(status));
    status
}

#[inline(always)]
fn run(error: *mut *mut Error, body: impl FnOnce() -> Result<()>) -> Status {
    let body = || {
        crate::test_panic::point("ffi");
        body()
    };
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return Status::Ok,
        Ok(Err(failure)) => failure,
        Err(panic) => crate::ssl::panicked(&*panic),
    };
    let status = failure.status();
    if !error.is_null() && !failure.is_want() {
        // SAFETY: not NULL, and the header requires that it points to a place for one pointer.
        unsafe { error.write(give_error(failure)) };
    }
    status
}

/// Runs a function that cannot fail: after a panic it returns the neutral value.
pub fn ask<T>(neutral: T, body: impl FnOnce() -> T) -> T {
    let _inside = Inside::enter();
    let noted = debug::Call::begin(&body);
    let answer = catch_unwind(AssertUnwindSafe(body)).unwrap_or(neutral);
    noted.end(None);
    answer
}

/// Holds the object behind a handle for the time of a call.
pub unsafe fn handle<T: Kind + Clone>(handle: *const T, name: &str) -> Result<Held<T>> {
    // SAFETY: the same contract.
    unsafe { optional_handle(handle, name) }?.ok_or_else(|| null(name))
}

/// The same, for a handle that may be NULL.
pub unsafe fn optional_handle<T: Kind + Clone>(handle: *const T, name: &str) -> Result<Option<Held<T>>> {
    if handle.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; the header requires a live handle of this type.
    unsafe { hold(handle) }.map(Some).map_err(|fault| fault.of_argument(name))
}

/// The same, for a call that cannot fail: None for NULL.
pub unsafe fn optional<T: Kind + Clone>(handle: *const T) -> Option<Held<T>> {
    if handle.is_null() {
        return None;
    }
    // SAFETY: not NULL; the header requires a live handle of this type.
    unsafe { hold(handle) }.inspect_err(|fault| fault.report()).ok()
}

/// Borrows an immutable object behind a handle, for a call that cannot fail: None for NULL.
pub unsafe fn borrowed<'a, T: Kind>(handle: *const T) -> Option<&'a T> {
    if !handle.is_null() {
        check(handle).inspect_err(|fault| fault.report()).ok()?;
    }
    // SAFETY: NULL, or as the header requires a live handle of this type.
    unsafe { handle.as_ref() }
}

/// The same, for a call that can fail.
pub unsafe fn borrowed_argument<'a, T: Kind>(handle: *const T, name: &str) -> Result<&'a T> {
    if !handle.is_null() {
        check(handle).map_err(|fault| fault.of_argument(name))?;
    }
    // SAFETY: NULL, or as the header requires a live handle of this type.
    unsafe { handle.as_ref() }.ok_or_else(|| null(name))
}

/// Checks that an output can be written, before any work is done.
pub fn output<T>(output: *mut T, name: &str) -> Result<Output<T>> {
    if output.is_null() { Err(null(name)) } else { Ok(Output(output)) }
}

/// The caller's place for one result.
pub struct Output<T>(*mut T);

impl<T> Output<T> {
    /// Stores a value without dropping or reading what was there before.
    pub fn set(self, value: T) {
        // SAFETY: `output` has excluded NULL; the header requires a place for one value.
        unsafe { self.0.write(value) }
    }
}

/// Checks that a handle can be stored, and allocates it, before any work is done.
pub fn place<T: Kind>(place: *mut *mut T, name: &str) -> Result<Place<T>> {
    Ok(Place(output(place, name)?, Room::new()?))
}

/// The caller's place for one handle.
pub struct Place<T: Kind>(Output<*mut T>, Room<T>);

impl<T: Kind> Place<T> {
    /// Gives the caller a handle.
    pub fn give(self, value: T) {
        self.0.set(self.1.give(value));
    }

    /// Gives the caller a handle, or NULL for None.
    pub fn give_or_null(self, value: Option<T>) {
        match value {
            Some(value) => self.give(value),
            None => self.0.set(std::ptr::null_mut()),
        }
    }
}

/// Stores a value, if the caller wants it.
pub unsafe fn store<T>(output: *mut T, value: T) {
    if !output.is_null() {
        // SAFETY: not NULL; the header requires a place for one value.
        unsafe { output.write(value) }
    }
}

/// Takes a handle back from the caller and drops it. NULL is ignored.
pub unsafe fn free<T: Kind>(handle: *mut T) {
    // SAFETY: the same contract.
    unsafe { free_by(handle, drop) }
}

/// The same, with `end` in place of a plain drop.
pub unsafe fn free_by<T: Kind>(handle: *mut T, end: impl FnOnce(T)) {
    if !handle.is_null() {
        // SAFETY: the header requires that it was made by `give` and not freed before.
        ask((), || unsafe { take(handle) }.map_or((), end));
    }
}

/// Runs a callback of the program, and takes its number and error.
pub fn callback_answer(callback: impl FnOnce(*mut *mut Error) -> c_int) -> (c_int, Option<Error>) {
    let mut error = std::ptr::null_mut::<Error>();
    let answer = callback(&mut error);
    // SAFETY: NULL or made by `tlsock_error_new`, and ours from now on.
    (answer, if error.is_null() { None } else { unsafe { take(error) } })
}

/// Runs a callback of the program that returns a status, and takes its error.
pub fn callback_result(callback: impl FnOnce(*mut *mut Error) -> c_int) -> Result<()> {
    let (status, error) = callback_answer(callback);
    if status == Status::Ok as c_int {
        return Ok(());
    }
    let known = Status::from_number(status).unwrap_or(Status::Value);
    if known == Status::WantCallback {
        return Err(Error::want_callback());
    }
    Err(match error {
        // The error may be that of a call on another connection, which waits.
        Some(error) if error.waits() => Error::new(known, error.message()),
        Some(error) => error,
        None => Error::new(known, format_args!("the callback failed with status {status}")),
    })
}

/// Reads text that must not be NULL.
pub unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str> {
    // SAFETY: the same contract.
    unsafe { optional_text(text, name) }?.ok_or_else(|| null(name))
}

/// Reads text that may be NULL.
pub unsafe fn optional_text<'a>(text: *const c_char, name: &str) -> Result<Option<&'a str>> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; the header requires that it ends in NUL.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map(Some).map_err(|_| Error::value(format_args!("{name} is not UTF-8 text")))
}

/// Reads a path, which may be NULL. On Unix it need not be UTF-8.
pub unsafe fn optional_path<'a>(path: *const c_char, name: &str) -> Result<Option<&'a Path>> {
    if path.is_null() {
        return Ok(None);
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let _ = name;
        // SAFETY: not NULL; the header requires that it ends in NUL.
        let bytes = unsafe { CStr::from_ptr(path) }.to_bytes();
        Ok(Some(Path::new(OsStr::from_bytes(bytes))))
    }
    #[cfg(not(unix))]
    // SAFETY: the same contract.
    Ok(unsafe { optional_text(path, name) }?.map(|path| Path::new(OsStr::new(path))))
}

/// Reads a path that must not be NULL.
pub unsafe fn path<'a>(path: *const c_char, name: &str) -> Result<&'a Path> {
    // SAFETY: the same contract.
    unsafe { optional_path(path, name) }?.ok_or_else(|| null(name))
}

/// Reads an array of paths, which must not be NULL, as none of them may be.
pub unsafe fn paths<'a>(paths: *const *const c_char, count: usize, name: &str) -> Result<Vec<&'a Path>> {
    if paths.is_null() {
        return Err(null(name));
    }
    // SAFETY: the same contract.
    let all = unsafe { slice(paths, count, name) }?;
    // SAFETY: the same contract.
    let read = |one: &*const c_char| unsafe { path(*one, &format!("{name}[i]")) };
    all.iter().map(read).collect()
}

/// Reads bytes. NULL is allowed if the length is 0.
pub unsafe fn bytes<'a>(data: *const c_void, len: usize, name: &str) -> Result<&'a [u8]> {
    // SAFETY: the same contract.
    unsafe { slice(data.cast::<u8>(), len, name) }
}

/// Reads bytes that may be missing: NULL with length 0 gives None.
pub unsafe fn optional_bytes<'a>(data: *const c_void, len: usize, name: &str) -> Result<Option<&'a [u8]>> {
    if data.is_null() && len == 0 {
        return Ok(None);
    }
    // SAFETY: the same contract.
    unsafe { bytes(data, len, name) }.map(Some)
}

/// Reads an array. NULL is allowed if it is empty.
pub unsafe fn slice<'a, T>(data: *const T, count: usize, name: &str) -> Result<&'a [T]> {
    if count == 0 {
        return Ok(&[]);
    }
    check_length::<T>(count, name)?;
    if data.is_null() {
        return Err(null(name));
    }
    // SAFETY: not NULL, of a possible size, and the header requires that all of it can be read.
    Ok(unsafe { std::slice::from_raw_parts(data, count) })
}

/// Borrows a buffer to write into. NULL is allowed if its size is 0.
pub unsafe fn buffer<'a>(data: *mut c_void, size: usize, name: &str) -> Result<&'a mut [u8]> {
    if size == 0 {
        return Ok(&mut []);
    }
    check_length::<u8>(size, name)?;
    if data.is_null() {
        return Err(null(name));
    }
    // SAFETY: not NULL, of a possible size, and the header requires that it is ours during the call.
    Ok(unsafe { std::slice::from_raw_parts_mut(data.cast::<u8>(), size) })
}

fn check_length<T>(count: usize, name: &str) -> Result<()> {
    if count > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(Error::value(format_args!("{name} cannot be {count} long: is its length negative?")));
    }
    Ok(())
}

fn null(name: &str) -> Error {
    Error::value(format_args!("{name} must not be NULL"))
}
