//! Where the default CAs are searched for.

use super::environment;
use crate::openssl::library;
use std::ffi::{CStr, CString, OsStr};
use std::path::{Path, PathBuf};

/// Where the default CAs are searched for, at the time of the call.
/// Python: `DefaultVerifyPaths`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyPaths {
    cafile: Option<CString>,
    capath: Option<CString>,
}

/// The file and the directory in use, whether they exist or not.
pub(crate) struct InEffect {
    pub cafile: PathBuf,
    /// One directory, or a list of them.
    pub capath: PathBuf,
}

/// The values of the environment variables, or otherwise OpenSSL's built-in paths.
pub(crate) fn in_effect() -> InEffect {
    InEffect {
        cafile: variable_or(library::default_cert_file_env(), library::default_cert_file()),
        capath: variable_or(library::default_cert_dir_env(), library::default_cert_dir()),
    }
}

/// Tells where the default CAs are searched for now.
/// Python: `get_default_verify_paths()`
pub fn get_default_verify_paths() -> VerifyPaths {
    let InEffect { cafile, capath } = in_effect();
    VerifyPaths { cafile: c_path(cafile, Path::is_file), capath: c_path(capath, Path::is_dir) }
}

impl VerifyPaths {
    /// The CA file in use, if it exists.
    pub fn cafile(&self) -> Option<&CStr> {
        self.cafile.as_deref()
    }

    /// The CA directory in use, if it exists. A list of several never does.
    pub fn capath(&self) -> Option<&CStr> {
        self.capath.as_deref()
    }

    /// The name of the environment variable for the file.
    pub fn openssl_cafile_env(&self) -> &'static CStr {
        library::default_cert_file_env()
    }

    /// The file built into OpenSSL.
    pub fn openssl_cafile(&self) -> &'static CStr {
        library::default_cert_file()
    }

    /// The name of the environment variable for the directory.
    pub fn openssl_capath_env(&self) -> &'static CStr {
        library::default_cert_dir_env()
    }

    /// The directory built into OpenSSL.
    pub fn openssl_capath(&self) -> &'static CStr {
        library::default_cert_dir()
    }
}

fn variable_or(variable: &CStr, built_in: &CStr) -> PathBuf {
    environment::variable(os_text(variable)).unwrap_or_else(|| os_text(built_in).to_os_string()).into()
}

fn c_path(path: PathBuf, exists: impl Fn(&Path) -> bool) -> Option<CString> {
    exists(&path).then(|| CString::new(path.into_os_string().into_encoded_bytes()).ok()).flatten()
}

#[cfg(unix)]
fn os_text(text: &CStr) -> &OsStr {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(text.to_bytes())
}

#[cfg(not(unix))]
fn os_text(text: &CStr) -> &OsStr {
    OsStr::new(text.to_str().unwrap_or(""))
}
