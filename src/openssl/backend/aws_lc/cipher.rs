//! Lists of ciphers, and what the handshakes of a cipher prove. AWS-LC reads OpenSSL's lists but for the security level, and takes
//! one that leaves no cipher.

use super::settings;
use crate::openssl::error::{Entry, LIB_SSL};
use crate::openssl::{Result, asn1, cvt, sys};
use std::ffi::{CStr, CString};
use std::os::raw::c_int;

const SSL_R_INVALID_COMMAND: c_int = 280;
const SSL_R_NO_CIPHER_MATCH: c_int = 185;
const SECLEVEL: &str = "@SECLEVEL=";
/// Words for the key exchange by ECDHE, to which AWS-LC counts those with a pre-shared key too.
const ECDHE: [&str; 5] = ["ECDH", "ECDHE", "EECDH", "kECDHE", "kEECDH"];
/// Words for so much that pre-shared keys are among it.
const ALL: [&str; 4] = ["ALL", "DEFAULT", "HIGH", "MEDIUM"];

/// A list as AWS-LC takes it, and the security level in it.
struct Parsed {
    list: CString,
    level: Option<c_int>,
}

impl Parsed {
    fn of(list: &CStr) -> Result<Parsed> {
        let invalid = || Entry::of(LIB_SSL, SSL_R_INVALID_COMMAND);
        let text = list.to_str().map_err(|_| invalid())?;
        let (mut rules, mut level) = (Vec::new(), None);
        for rule in text.split([':', ';', ',', ' ']).filter(|rule| !rule.is_empty()) {
            match rule.strip_prefix(SECLEVEL) {
                Some(number) => {
                    level = Some(
                        number.parse().ok().filter(|level| (0..=5).contains(level)).ok_or_else(invalid)?,
                    );
                }
                None => rules.push(rule),
            }
        }
        let mut words = rules.iter().flat_map(|rule| rule.trim_start_matches(['!', '-', '+']).split('+'));
        let names_psk = words.clone().any(|word| word.contains("PSK") || ALL.contains(&word));
        if !names_psk && words.any(|word| ECDHE.contains(&word)) {
            rules.push("!aPSK");
        }
        let list = CString::new(rules.join(":")).map_err(|_| invalid())?;
        Ok(Parsed { list, level })
    }
}

/// Sets the ciphers of TLS 1.2 and below of a context, and its security level where the list has one.
pub unsafe fn set_context_list(ctx: *mut sys::SSL_CTX, list: &CStr) -> Result<()> {
    let parsed = Parsed::of(list)?;
    // SAFETY: the caller's context is alive; the text ends in NUL; so below.
    cvt(|| unsafe { sys::SSL_CTX_set_cipher_list(ctx, parsed.list.as_ptr()) })?;
    // SAFETY: as above.
    let ciphers = unsafe { sys::SSL_CTX_get_ciphers(ctx) };
    // SAFETY: the context's own list.
    unsafe { check(ciphers) }?;
    if let Some(level) = parsed.level {
        // SAFETY: as above.
        unsafe { settings::set_context_level(ctx, level) };
    }
    Ok(())
}

/// The same of a connection.
pub unsafe fn set_list(ssl: *mut sys::SSL, list: &CStr) -> Result<()> {
    let parsed = Parsed::of(list)?;
    // SAFETY: the caller's connection is alive; the text ends in NUL; so below.
    cvt(|| unsafe { sys::SSL_set_cipher_list(ssl, parsed.list.as_ptr()) })?;
    // SAFETY: as above.
    let ciphers = unsafe { sys::SSL_get_ciphers(ssl) };
    // SAFETY: the connection's own list.
    unsafe { check(ciphers) }?;
    // SAFETY: as above.
    let settings = unsafe { settings::of(ssl) };
    if let Some((level, settings)) = parsed.level.zip(settings) {
        settings.set_level(level);
    }
    Ok(())
}

/// Refuses a list of ciphers that leaves none of TLS 1.2 and below.
unsafe fn check(ciphers: *const sys::stack_st_SSL_CIPHER) -> Result<()> {
    // SAFETY: NULL or a live list, as the caller promises.
    let mut ciphers = unsafe { asn1::items::<sys::SSL_CIPHER>(ciphers.cast()) };
    // SAFETY: the elements are static ciphers.
    let is_old = |cipher| unsafe { sys::SSL_CIPHER_get_min_version(cipher) } < sys::TLS1_3_VERSION as u16;
    match ciphers.any(is_old) {
        true => Ok(()),
        false => Err(Entry::of(LIB_SSL, SSL_R_NO_CIPHER_MATCH).into()),
    }
}

/// Tells whether both sides of a cipher of TLS 1.2 and below have a key that they had before.
pub unsafe fn is_of_psk(cipher: *const sys::SSL_CIPHER) -> bool {
    // SAFETY: the caller's cipher is static.
    unsafe { sys::SSL_CIPHER_get_auth_nid(cipher) == sys::NID_auth_psk }
}

/// Tells whether a server of a cipher may show a certificate.
pub unsafe fn is_of_certificate(cipher: *const sys::SSL_CIPHER) -> bool {
    // SAFETY: the caller's cipher is static.
    let auth = unsafe { sys::SSL_CIPHER_get_auth_nid(cipher) };
    [sys::NID_auth_rsa, sys::NID_auth_ecdsa, sys::NID_auth_any].contains(&auth)
}

#[cfg(test)]
mod tests {
    use super::Parsed;

    #[test]
    fn the_level_is_taken_out_of_a_list() {
        for (list, taken, level) in [
            (c"@SECLEVEL=2:ECDH+AESGCM:!aNULL", c"ECDH+AESGCM:!aNULL:!aPSK", Some(2)),
            (c"ALL:@SECLEVEL=0", c"ALL", Some(0)),
            (c"ECDHE+AES:PSK", c"ECDHE+AES:PSK", None),
            (c"AES128-SHA, AES256-SHA", c"AES128-SHA:AES256-SHA", None),
            (c":::", c"", None),
        ] {
            let parsed = Parsed::of(list).unwrap();
            assert_eq!((&*parsed.list, parsed.level), (taken, level), "{list:?}");
        }
        for list in [c"ALL:@SECLEVEL=6", c"@SECLEVEL=", c"@SECLEVEL=-1"] {
            assert!(Parsed::of(list).is_err(), "{list:?}");
        }
    }
}
