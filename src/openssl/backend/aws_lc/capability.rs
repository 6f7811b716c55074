//! Groups for key exchange and signature algorithms, which are all built in.

pub use crate::openssl::group::Group;

use crate::openssl::{Result, sys, text_at};
use std::os::raw::c_char;
use std::ptr::null_mut;

const TLS_1_3: i32 = 0x304;

/// OpenSSL's names for the groups of AWS-LC, their numbers in TLS, and whether only TLS 1.3 has them.
const GROUPS: [(&str, u32, bool); 7] = [
    ("secp256r1", 23, false),
    ("secp384r1", 24, false),
    ("secp521r1", 25, false),
    ("x25519", 29, false),
    ("SecP256r1MLKEM768", 4587, true),
    ("X25519MLKEM768", 4588, true),
    ("SecP384r1MLKEM1024", 4589, true),
];

/// All groups: a group comes once for each of its names.
pub fn groups() -> Result<Vec<Group>> {
    let made = GROUPS.map(|(name, id, is_of_tls_1_3)| {
        let from = if is_of_tls_1_3 { TLS_1_3 } else { 0 };
        Group { name: name.to_string(), id, versions: (from, 0) }
    });
    Ok(made.into())
}

/// The names of the signature algorithms.
pub fn sigalgs() -> Result<Vec<String>> {
    // SAFETY: no place asks for the number.
    let count = unsafe { sys::SSL_get_all_signature_algorithm_names(null_mut(), 0) };
    let mut names: Vec<*const c_char> = vec![null_mut(); count];
    // SAFETY: there are as many places.
    let count = unsafe { sys::SSL_get_all_signature_algorithm_names(names.as_mut_ptr(), count) };
    names.truncate(count);
    // SAFETY: static texts.
    let texts = names.into_iter().filter_map(|name| unsafe { text_at(name) }?.to_str().ok());
    Ok(texts.map(String::from).collect())
}
