//! Why a private key could not be read.

use crate::openssl::error::{ERR_R_UNSUPPORTED, Entry, LIB_DECODER, LIB_EVP, LIB_PEM};
use crate::openssl::{cvt_p, sys};
use std::ffi::CString;
use std::os::raw::c_int;
use std::ptr::null_mut;

const PEM_R_UNSUPPORTED_CIPHER: c_int = 113;
const PEM_R_UNSUPPORTED_ENCRYPTION: c_int = 114;

/// Why a private key could not be read, each with what OpenSSL found first: what it found later follows from that.
#[derive(Debug)]
pub enum KeyFailure {
    /// There is none.
    Missing,
    /// It is encrypted in a way that OpenSSL does not know, or has in a provider that is not loaded.
    Unsupported(Option<Entry>),
    /// It could not be decrypted with the password that was given.
    Password(Option<Entry>),
    /// It is no key.
    Broken(Option<Entry>),
}

impl KeyFailure {
    /// What OpenSSL's entries mean, the oldest first. `decrypted` tells whether a password was given.
    pub(in crate::openssl) fn of(entries: &[Entry], decrypted: bool) -> KeyFailure {
        if entries.iter().any(Entry::is_memory) {
            return KeyFailure::Broken(Some(Entry::memory()));
        }
        let unsupported = entries.iter().find(|entry| is_unsupported(entry)).cloned();
        // That no decoder took it says nothing where another entry does.
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

/// Checks that the cipher is there that the head of a key in the traditional form names. Without it OpenSSL says that
/// the password is wrong.
pub(super) fn check_cipher(key_block: &[u8]) -> Result<(), KeyFailure> {
    const HEAD: &[u8] = b"DEK-Info:";
    let Some(start) = super::find(key_block, HEAD) else { return Ok(()) };
    let name = key_block[start + HEAD.len()..].split(|byte| b",\r\n".contains(byte)).next();
    let Ok(name) = CString::new(name.unwrap_or_default().trim_ascii()) else { return Ok(()) };
    // SAFETY: the text ends in NUL; the default library and properties are asked.
    let cipher = cvt_p(|| unsafe { sys::EVP_CIPHER_fetch(null_mut(), name.as_ptr(), null_mut()) });
    let cipher = cipher.map_err(KeyFailure::Unsupported)?;
    // SAFETY: the one reference is ours.
    unsafe { sys::EVP_CIPHER_free(cipher) };
    Ok(())
}
