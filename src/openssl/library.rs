//! Facts about the OpenSSL in use: its version, its features, and where it looks for CAs.

use super::error::Entry;
use super::{Result, backend, quietly, slot, sys};
use once_cell::sync::OnceCell;
use std::ffi::CStr;
use std::os::raw::{c_char, c_int};

/// Initializes OpenSSL. Called wherever OpenSSL may be used for the first time; after a failure the next call tries again.
pub fn init() -> Result<()> {
    static DONE: OnceCell<()> = OnceCell::new();
    // The only failure that can occur on all systems is lack of memory, which OpenSSL does not always report.
    let set_up_with = |options| -> Result<()> {
        // Not with `cvt`: using the error queue would initialize OpenSSL with other options.
        // SAFETY: no preconditions; NULL means no settings.
        match quietly(|| unsafe { sys::OPENSSL_init_ssl(options, std::ptr::null()) }) {
            1 => Ok(()),
            _ => Err(Entry::memory().into()),
        }
    };
    let set_up = || {
        has_memory()?;
        backend::library::begin();
        // If loading error texts fails once, OpenSSL never loads them: it works without them.
        set_up_with(sys::OPENSSL_INIT_LOAD_SSL_STRINGS | sys::OPENSSL_INIT_NO_ATEXIT)
            .or_else(|_| set_up_with(sys::OPENSSL_INIT_NO_ATEXIT))?;
        // OpenSSL reports success even if its library context could not be allocated, and most later calls would then crash.
        // Creating a slot fails in that case.
        slot::of_handler().map(drop)
    };
    DONE.get_or_try_init(set_up).copied()
}

/// Fails where OpenSSL's first allocations would. Since 3.2 OpenSSL waits for itself, for ever, if its very first one fails: it
/// reports that with an error, for which it has to be initialized.
fn has_memory() -> Result<()> {
    let mut trial = Vec::<u8>::new();
    trial.try_reserve_exact(4096).map_err(|_| Entry::memory())?;
    std::hint::black_box(&trial);
    Ok(())
}

/// What the library is called.
pub const NAME: &str = backend::library::NAME;

/// What it is called in the features of this crate.
pub const BACKEND: &CStr = backend::library::BACKEND;

/// The version text.
pub fn version() -> &'static CStr {
    fixed(backend::library::version())
}

/// The version as one number.
pub fn version_number() -> u64 {
    // SAFETY: no preconditions.
    let number = unsafe { sys::OpenSSL_version_num() };
    #[allow(clippy::unnecessary_cast)] // c_ulong has 32 bits on Windows
    return number as u64;
}

/// The name of the environment variable for the CA file.
pub fn default_cert_file_env() -> &'static CStr {
    // SAFETY: no preconditions.
    fixed(unsafe { sys::X509_get_default_cert_file_env() })
}

/// The CA file that is built into OpenSSL.
pub fn default_cert_file() -> &'static CStr {
    // SAFETY: no preconditions.
    fixed(unsafe { sys::X509_get_default_cert_file() })
}

/// The name of the environment variable for the CA directory.
pub fn default_cert_dir_env() -> &'static CStr {
    // SAFETY: no preconditions.
    fixed(unsafe { sys::X509_get_default_cert_dir_env() })
}

/// The CA directory that is built into OpenSSL.
pub fn default_cert_dir() -> &'static CStr {
    // SAFETY: no preconditions.
    fixed(unsafe { sys::X509_get_default_cert_dir() })
}

/// Tells whether a protocol version is built in.
pub fn speaks(version: c_int) -> Result<bool> {
    init()?;
    backend::library::speaks(version)
}

fn fixed(text: *const c_char) -> &'static CStr {
    if text.is_null() {
        return c"";
    }
    // SAFETY: not NULL; these texts of OpenSSL are static and end in NUL.
    unsafe { CStr::from_ptr(text) }
}
