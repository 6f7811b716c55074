//! Callbacks that look the same in both backends: for extensions of the program's own.

use super::{SSL, X509};
use std::os::raw::{c_int, c_uchar, c_uint, c_void};

/// What a callback looks like that is asked where an extension may be sent.
pub type SendExtension = unsafe extern "C" fn(
    ssl: *mut SSL,
    _: c_uint,
    place: c_uint,
    out: *mut *const c_uchar,
    out_len: *mut usize,
    x509: *mut X509,
    depth: usize,
    alert: *mut c_int,
    _: *mut c_void,
) -> c_int;

/// What a callback looks like that is told where it was sent.
pub type FreeExtension =
    unsafe extern "C" fn(ssl: *mut SSL, _: c_uint, place: c_uint, out: *const c_uchar, _: *mut c_void);

/// What a callback looks like that is told where it has come.
pub type ReceiveExtension = unsafe extern "C" fn(
    ssl: *mut SSL,
    _: c_uint,
    place: c_uint,
    data: *const c_uchar,
    len: usize,
    x509: *mut X509,
    depth: usize,
    alert: *mut c_int,
    _: *mut c_void,
) -> c_int;
