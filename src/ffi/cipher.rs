//! `tlsock_cipher_list_*`, and the properties of a cipher suite.

use super::boundary::{ask, borrowed, free, store};
use super::bytes::c_text;
use crate::ssl::{Cipher, CipherInfo, CipherList};
use std::ffi::{c_char, c_int};

/// Python: the triple of SSLSocket.cipher(); static text, NULL if OpenSSL has none.
#[repr(C)]
pub struct RawCipher {
    pub name: *const c_char,
    pub protocol: *const c_char,
    pub secret_bits: c_int,
}

/// Python: an entry of SSLContext.get_ciphers(). The text is lent by the list; digest is NULL for AEAD.
#[repr(C)]
pub struct RawCipherInfo {
    pub name: *const c_char,
    pub protocol: *const c_char,
    pub description: *const c_char,
    pub symmetric: *const c_char,
    pub digest: *const c_char,
    pub kea: *const c_char,
    pub auth: *const c_char,
    pub id: u32,
    pub strength_bits: c_int,
    pub alg_bits: c_int,
    pub aead: bool,
}

impl RawCipher {
    /// Fills in the caller's triple, if there are a cipher and a place for it.
    pub fn store(known: Option<Cipher>, cipher: *mut RawCipher) -> bool {
        fill(known.map(RawCipher::from), cipher)
    }
}

impl From<Cipher> for RawCipher {
    fn from(known: Cipher) -> RawCipher {
        RawCipher {
            name: c_text(known.name),
            protocol: c_text(known.protocol),
            secret_bits: known.secret_bits,
        }
    }
}

impl From<&CipherInfo> for RawCipherInfo {
    fn from(known: &CipherInfo) -> RawCipherInfo {
        RawCipherInfo {
            name: c_text(known.name),
            protocol: c_text(known.protocol),
            description: c_text(known.description.as_deref()),
            symmetric: c_text(known.symmetric),
            digest: c_text(known.digest),
            kea: c_text(known.kea),
            auth: c_text(known.auth),
            id: known.id,
            strength_bits: known.strength_bits,
            alg_bits: known.alg_bits,
            aead: known.aead,
        }
    }
}

fn fill<T>(known: Option<T>, place: *mut T) -> bool {
    let Some(known) = known.filter(|_| !place.is_null()) else { return false };
    unsafe { store(place, known) };
    true
}

/// Returns the number of ciphers in a list.
/// Python: len(SSLContext.get_ciphers())
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_cipher_list_count(ciphers: *const CipherList) -> usize {
    ask(0, || unsafe { borrowed(ciphers) }.map_or(0, |list| list.as_slice().len()))
}

/// Fills in the triple of one cipher. Past the end it returns false and changes nothing.
/// Python: an entry of SSLSocket.shared_ciphers()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_cipher_list_at(
    ciphers: *const CipherList,
    index: usize,
    cipher: *mut RawCipher,
) -> bool {
    ask(false, || RawCipher::store(unsafe { borrowed(ciphers) }.and_then(|list| list.triple(index)), cipher))
}

/// Fills in all properties of one cipher; the text is lent by the list. Returns false past the end.
/// Python: an entry of SSLContext.get_ciphers()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_cipher_list_info_at(
    ciphers: *const CipherList,
    index: usize,
    info: *mut RawCipherInfo,
) -> bool {
    ask(false, || {
        let known = unsafe { borrowed(ciphers) }.and_then(|list| list.as_slice().get(index));
        fill(known.map(RawCipherInfo::from), info)
    })
}

/// Frees a list of ciphers. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_cipher_list_free(ciphers: *mut CipherList) {
    unsafe { free(ciphers) }
}
