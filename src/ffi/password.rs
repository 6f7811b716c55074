//! The callback that gives a password.

use super::boundary::callback_result;
use super::userdata::Userdata;
use crate::ssl::{Error, Result};
use std::ffi::{c_int, c_void};
use std::sync::Arc;

/// Gives the password of a private key: writes at most size bytes into buffer and their number into *len (more than
/// size is VALUE). Return a status. See "Callbacks" above for what a callback may do and when userdata is freed.
/// Python: the callable of load_cert_chain(password=)
pub type PasswordCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        buffer: *mut u8,
        size: usize,
        len: *mut usize,
        error: *mut *mut Error,
    ) -> c_int,
>;

/// Asks a callback that stays.
pub fn asker(callback: PasswordCallback, userdata: Arc<Userdata>) -> Option<crate::ssl::PasswordCallback> {
    let callback = callback?;
    Some(Arc::new(move |buffer| {
        asked(buffer, |data, size, len, error| unsafe {
            callback(userdata.pointer(), data, size, len, error)
        })
    }))
}

/// Asks the callback of one call, which must be there.
pub fn asker_of_call(
    callback: PasswordCallback,
    userdata: *mut c_void,
) -> Result<impl Fn(&mut [u8]) -> Result<usize>> {
    let callback = callback.ok_or_else(|| Error::value("password must not be NULL"))?;
    Ok(move |buffer: &mut [u8]| {
        asked(buffer, |data, size, len, error| unsafe { callback(userdata, data, size, len, error) })
    })
}

fn asked(
    buffer: &mut [u8],
    callback: impl FnOnce(*mut u8, usize, *mut usize, *mut *mut Error) -> c_int,
) -> Result<usize> {
    let mut len = 0;
    callback_result(|error| callback(buffer.as_mut_ptr(), buffer.len(), &mut len, error))?;
    Ok(len)
}
