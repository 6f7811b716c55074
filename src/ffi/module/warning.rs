//! Warnings.

use crate::ffi::boundary::call;
use crate::ffi::userdata::{FreeUserdata, Userdata};
use crate::ssl::text::text;
use crate::ssl::{Error, Result, Status, WarningHandler, set_warning_callback};
use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;

/// Sees a warning. category is the name of Python's class, "DeprecationWarning", "RuntimeWarning" or "UserWarning";
/// category and message are lent for the time of the call. Return OK to go on, anything else to make the call fail
/// with VALUE and nothing changed. See "Callbacks" above for what a callback may do and when userdata is freed.
/// Python: the warnings module
pub type WarningCallback = Option<
    unsafe extern "C" fn(userdata: *mut c_void, category: *const c_char, message: *const c_char) -> c_int,
>;

/// Sets the callback that sees warnings (about deprecated protocols and options, and the like), for the whole process.
/// There is none by default. Unreadable entries of the system's CA file are reported when the CAs are first needed: a
/// failure of the callback then changes nothing.
/// Returns: nothing beyond the conventions.
/// Python: the warnings module
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_set_warning_callback(
    callback: WarningCallback,
    userdata: *mut c_void,
    free_userdata: FreeUserdata,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        set_warning_callback(handler(callback, Userdata::new(userdata, free_userdata)));
        Ok(())
    })
}

fn handler(callback: WarningCallback, userdata: Userdata) -> Option<WarningHandler> {
    let callback = callback?;
    Some(Arc::new(move |category, message| {
        let (category, message) = (text(category), text(message));
        let status = unsafe { callback(userdata.pointer(), category.as_ptr(), message.as_ptr()) };
        accepted(status)
    }))
}

fn accepted(status: c_int) -> Result<()> {
    match status {
        0 => Ok(()),
        refusal => Err(Error::new(
            Status::from_number(refusal).unwrap_or(Status::Value),
            format_args!("the warning callback returned {refusal}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::tlsock_set_warning_callback;
    use crate::ffi::boundary::text;
    use crate::ssl::Status;
    use crate::ssl::warning::warn;
    use std::ffi::{CStr, c_char, c_int, c_void};
    use std::ptr::null_mut;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const MESSAGE: &CStr = c"a warning of this test";

    unsafe extern "C" fn refuse(
        calls: *mut c_void,
        category: *const c_char,
        message: *const c_char,
    ) -> c_int {
        if text(message, "message").ok() != MESSAGE.to_str().ok() {
            return 0;
        }
        assert_eq!(text(category, "category").ok(), Some("RuntimeWarning"));
        let calls = &*calls.cast::<AtomicUsize>();
        calls.fetch_add(1, Ordering::SeqCst);
        Status::Type as c_int
    }

    unsafe extern "C" fn count_free(calls: *mut c_void) {
        let calls = &*calls.cast::<AtomicUsize>();
        calls.fetch_add(100, Ordering::SeqCst);
    }

    #[test]
    fn a_callback_that_refuses_makes_the_call_fail_and_is_freed_once() {
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let userdata = CALLS.as_ptr().cast();
        let warning = || warn("RuntimeWarning", MESSAGE.to_str().expect("ASCII"));
        warning().expect("nobody sees it");
        let set =
            |callback, free| unsafe { tlsock_set_warning_callback(callback, userdata, free, null_mut()) };
        assert_eq!(set(Some(refuse), Some(count_free)), Status::Ok);
        let error = warning().expect_err("it is refused");
        assert_eq!((error.status(), error.message()), (Status::Value, "a warning of this test"));
        let cause = error.detail().and_then(|detail| detail.cause.as_ref()).expect("a cause");
        assert_eq!((cause.status(), cause.message()), (Status::Type, "the warning callback returned 31"));
        assert_eq!(CALLS.load(Ordering::SeqCst), 1);
        assert_eq!(set(None, None), Status::Ok);
        assert_eq!(CALLS.load(Ordering::SeqCst), 101);
        warning().expect("nobody sees it again");
        assert_eq!(set(None, Some(count_free)), Status::Ok);
        assert_eq!(CALLS.load(Ordering::SeqCst), 201, "what comes without a callback is freed at once");
    }
}
