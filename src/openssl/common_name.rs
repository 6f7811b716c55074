//! The common name of a certificate, which counts as a host name where the certificate has no DNS names.

use super::der::{SEQUENCE, element, elements};
use super::{asn1, sys};
use std::os::raw::c_int;

const NEVER: u32 = 0x20; // X509_CHECK_FLAG_NEVER_CHECK_SUBJECT
const ALWAYS: u32 = 0x1; // X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT

/// Has a verification pass over the common name of a certificate that has DNS names. libcrypto does so by itself, but takes an extension
/// that it had no memory to read for one that is not there.
pub(super) unsafe fn pass_over_common_name(ctx: *mut sys::X509_STORE_CTX) {
    // SAFETY: the caller's verification is alive; the parameters are its own, and live as long; so below.
    let param = unsafe { sys::X509_STORE_CTX_get0_param(ctx) };
    // SAFETY: as above.
    let flags = unsafe { sys::X509_VERIFY_PARAM_get_hostflags(param) };
    // SAFETY: as above; NULL or a certificate of the verification's.
    let leaf = unsafe { sys::X509_STORE_CTX_get0_cert(ctx) };
    // SAFETY: as above.
    if leaf.is_null() || flags & (NEVER | ALWAYS) != 0 || !unsafe { has_dns_names(leaf) } {
        return;
    }
    // SAFETY: as above.
    unsafe { sys::X509_VERIFY_PARAM_set_hostflags(param, flags | NEVER) }
}

/// Tells whether a certificate has DNS names, or may have some that cannot be read. Needs no memory.
unsafe fn has_dns_names(leaf: *mut sys::X509) -> bool {
    const FIRST: c_int = -1;
    // SAFETY: the caller's certificate is alive; so below.
    let index = unsafe { sys::X509_get_ext_by_NID(leaf, sys::NID_subject_alt_name, FIRST) };
    // SAFETY: as above; NULL for a negative index.
    let extension = unsafe { sys::X509_get_ext(leaf, index) };
    if extension.is_null() {
        return false;
    }
    // SAFETY: an extension of the certificate.
    let value = unsafe { sys::X509_EXTENSION_get_data(extension) };
    // SAFETY: the extension's value, which lives as long as the certificate.
    holds_dns_name(unsafe { asn1::content(value.cast_const().cast()) })
}

/// The same of an extension's value (RFC 5280, section 4.2.1.6).
fn holds_dns_name(value: &[u8]) -> bool {
    const DNS_NAME: u8 = 0x82;
    const CONSTRUCTED: u8 = 0x20;
    let Some((names, [])) = element(value, SEQUENCE) else { return true };
    elements(names).any(|name| name.is_none_or(|(tag, _)| tag & !CONSTRUCTED == DNS_NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns_names_are_found_among_others() {
        const EMAIL: &[u8] = &[0x81, 3, b'a', b'@', b'b'];
        const ADDRESS: &[u8] = &[0x87, 4, 127, 0, 0, 1];
        const NAME: &[u8] = &[0x82, 1, b'a'];
        let list = |names: &[&[u8]]| {
            let names = names.concat();
            [&[SEQUENCE, names.len() as u8], &names[..]].concat()
        };
        for (names, expected) in [
            (&[][..], false),
            (&[ADDRESS], false),
            (&[EMAIL, ADDRESS], false),
            (&[NAME], true),
            (&[EMAIL, ADDRESS, NAME], true),
        ] {
            assert_eq!(holds_dns_name(&list(names)), expected, "{names:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_may_hold_one() {
        // Nothing, another tag, a length beyond the end, one that is not told, something behind, a tag of two bytes.
        for value in [
            &[][..],
            &[0x04, 0],
            &[SEQUENCE, 2, 0x87],
            &[SEQUENCE, 0x80, 0, 0],
            &[SEQUENCE, 0, 0],
            &[SEQUENCE, 3, 0x9F, 0x22, 0],
        ] {
            assert!(holds_dns_name(value), "{value:?}");
        }
    }
}
