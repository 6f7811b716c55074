//! Why a private key could not be read.

use crate::openssl::error::{ERR_R_UNSUPPORTED, Entry, LIB_DECODER, LIB_EVP, LIB_PEM};
use crate::openssl::{cvt_p, sys};
use std::ffi::CString;
use std::os::raw::c_int;
use std::ptr::null_mut;

const PEM_R_UNSUPPORTED_CIPHER: c_int = 113;
const PEM_R_UNSUPPORTED_ENCRYPTION: c_int = 114;

/// Why a private key could not be read, with the first entry on OpenSSL's error queue: later ones follow from it.
#[derive(Debug)]
pub enum KeyFailure {
    /// The data holds no key.
    Missing,
    /// Its encryption is unknown to OpenSSL, or is in a provider that is not loaded.
    Unsupported(Option<Entry>),
    /// It could not be decrypted with the given password.
    Password(Option<Entry>),
    /// It is not a valid key.
    Broken(Option<Entry>),
}

impl KeyFailure {
    /// Derives the reason from OpenSSL's entries, the oldest first. `decrypted` says whether a password was given.
    pub(super) fn of(entries: &[Entry], decrypted: bool) -> KeyFailure {
        if entries.iter().any(Entry::is_memory) {
            return KeyFailure::Broken(Some(Entry::memory()));
        }
        let unsupported = entries.iter().find(|entry| is_unsupported(entry)).cloned();
        // "No decoder accepts it" says nothing if another entry gives a reason.
        let telling = entries.iter().find(|entry| !entry.is(LIB_DECODER, ERR_R_UNSUPPORTED));
        let first = telling.or_else(|| entries.first()).cloned();
        match (decrypted, unsupported) {
            (true, Some(entry)) => KeyFailure::Unsupported(Some(entry)),
            (true, None) => KeyFailure::Password(first),
            (false, _) => KeyFailure::Broken(first),
        }
    }
}

impl From<Option<Entry>> for KeyFailure {
    fn from(entry: Option<Entry>) -> KeyFailure {
        KeyFailure::Broken(entry)
    }
}

fn is_unsupported(entry: &Entry) -> bool {
    entry.is(LIB_EVP, ERR_R_UNSUPPORTED)
        || entry.is(LIB_PEM, PEM_R_UNSUPPORTED_CIPHER)
        || entry.is(LIB_PEM, PEM_R_UNSUPPORTED_ENCRYPTION)
}

/// Checks that OpenSSL has the cipher that is named in the header of a key in the traditional format. Without this check
/// OpenSSL would report a wrong password.
pub(super) fn check_cipher(key_block: &[u8]) -> Result<(), KeyFailure> {
    const HEAD: &[u8] = b"DEK-Info:";
    let Some(start) = super::find(key_block, HEAD) else { return Ok(()) };
    let name = key_block[start + HEAD.len()..].split(|byte| b",\r\n".contains(byte)).next();
    let Ok(name) = CString::new(name.unwrap_or_default().trim_ascii()) else { return Ok(()) };
    // SAFETY: the text ends in NUL; NULL selects the default library context and properties.
    let cipher = cvt_p(|| unsafe { sys::EVP_CIPHER_fetch(null_mut(), name.as_ptr(), null_mut()) });
    let cipher = cipher.map_err(KeyFailure::Unsupported)?;
    // SAFETY: the one reference is ours.
    unsafe { sys::EVP_CIPHER_free(cipher) };
    Ok(())
}
