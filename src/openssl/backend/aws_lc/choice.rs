//! Which of its identities a connection shows. AWS-LC has a server choose a cipher by all of its keys, also those that can sign nothing
//! that the client takes, and a client show what was loaded last, or fail if that cannot sign: so what a peer cannot take is taken away
//! before.

use super::own::Own;
use super::{identity, settings, signer};
use crate::openssl::cert_and_key::CertAndKey;
use crate::openssl::{Result, cvt, sys, text_at};
use std::os::raw::c_int;
use std::ptr::null;
use std::sync::Arc;

const TLS_1_3: c_int = 0x304;

/// Each algorithm that is not known by its name alone: what OpenSSL calls kind and digest, and its number in TLS.
const OF_KIND_AND_DIGEST: [(&str, u16); 12] = [
    ("ecdsa+sha256", 0x0403),
    ("ecdsa+sha384", 0x0503),
    ("ecdsa+sha512", 0x0603),
    ("rsa+sha256", 0x0401),
    ("rsa+sha384", 0x0501),
    ("rsa+sha512", 0x0601),
    ("rsa-pss+sha256", 0x0804),
    ("rsa-pss+sha384", 0x0805),
    ("rsa-pss+sha512", 0x0806),
    ("pss+sha256", 0x0804),
    ("pss+sha384", 0x0805),
    ("pss+sha512", 0x0806),
];

/// The numbers of algorithms that have such names, among these.
pub(super) fn numbers<'a>(names: impl Iterator<Item = &'a str>, known: &[u16]) -> Vec<u16> {
    names.filter_map(|name| number(&name.to_ascii_lowercase(), known)).collect()
}

fn number(name: &str, known: &[u16]) -> Option<u16> {
    let of_kind = OF_KIND_AND_DIGEST.iter().find(|(words, _)| *words == name).map(|(_, number)| *number);
    of_kind.or_else(|| {
        known.iter().copied().find(|number| {
            [0, 1].into_iter().any(|with_curve| {
                // SAFETY: no preconditions.
                let words = unsafe { sys::SSL_get_signature_algorithm_name(*number, with_curve) };
                // SAFETY: NULL or static text.
                unsafe { text_at(words) }.is_some_and(|words| words.to_bytes() == name.as_bytes())
            })
        })
    })
}

/// AWS-LC has to be helped.
pub const IS_NEEDED: bool = true;

/// Has a connection that was given no identity show one of its context that its peer takes.
pub unsafe fn settle(ssl: *mut sys::SSL) -> Result<()> {
    // SAFETY: the caller's connection is alive; so below.
    let Some(own) = (unsafe { settings::of(ssl) }).map(settings::Settings::own) else { return Ok(()) };
    // SAFETY: as above.
    let is_server = unsafe { sys::SSL_is_server(ssl) } != 0;
    if is_server && own.lacks_certificate() {
        // SAFETY: as above.
        return unsafe { identity::show_nothing(ssl) };
    }
    let identities = own.identities();
    if identities.is_empty() || own.is_given() {
        return Ok(());
    }
    // SAFETY: as above.
    let taken = unsafe { shared(ssl, own, is_server) };
    // SAFETY: as above.
    let is_newer = unsafe { sys::SSL_version(ssl) } >= TLS_1_3;
    let first = |among: fn(&CertAndKey) -> bool| {
        let signing =
            |number: &u16| identities.iter().find(|one| among(one) && can_sign(one, *number, is_newer));
        taken.iter().find_map(signing)
    };
    let can_show = |identity: &CertAndKey| taken.iter().any(|number| can_sign(identity, *number, is_newer));
    let best = match is_server || is_newer {
        true => first(|_| true),
        // As with OpenSSL only the last one counts there.
        false => identities.last().filter(|last| can_show(last)),
    };
    // The cipher of TLS 1.2 may be for RSA, or for the keys that sign by ECDSA's ciphers: of these one has to be left too.
    let of_curves = first(is_of_curve);
    let keeps = |identity: &Arc<CertAndKey>| match is_server && !is_newer && is_of_curve(identity) {
        true => of_curves.is_some_and(|kept| Arc::ptr_eq(kept, identity)),
        false => can_show(identity) && (!is_newer || best.is_some_and(|best| Arc::ptr_eq(best, identity))),
    };
    let method = match best.is_some() && signer::is_used(&identities) {
        true => &raw const signer::METHOD,
        false => null(),
    };
    // A server without any fails by itself.
    let is_useless = |identity: &&Arc<CertAndKey>| match best {
        Some(_) => !keeps(identity),
        None => !is_server,
    };
    let useless = identities.iter().filter(is_useless);
    for identity in useless {
        // SAFETY: as above; the functions stay.
        unsafe { identity::take_key(ssl, identity, method) }?;
    }
    // SAFETY: as above; the certificate is alive, and the connection takes its own reference.
    best.map_or(Ok(()), |best| cvt(|| unsafe { sys::SSL_use_certificate(ssl, best.leaf.as_ptr()) }))
}

/// What both sides take, in the peer's order, or in its own if a server's options say so.
unsafe fn shared(ssl: *mut sys::SSL, own: &Own, is_server: bool) -> Vec<u16> {
    const CIPHER_SERVER_PREFERENCE: u64 = 1 << 22;
    // SAFETY: the caller's connection is alive, and asks for its certificate; so below.
    let of_peer = unsafe { identity::peer_signature_algorithms(ssl) };
    let of_own = own.algorithms();
    // SAFETY: as above.
    let prefers_own = is_server && unsafe { settings::options(ssl) } & CIPHER_SERVER_PREFERENCE != 0;
    let (preferred, others) = if prefers_own { (of_own, of_peer) } else { (of_peer, of_own) };
    preferred.into_iter().filter(|number| others.contains(number)).collect()
}

/// Tells whether a key signs where a cipher of TLS 1.2 says ECDSA.
fn is_of_curve(identity: &CertAndKey) -> bool {
    matches!(identity.leaf.key_kind(), sys::EVP_PKEY_EC | sys::EVP_PKEY_ED25519)
}

/// Tells whether a key can sign by an algorithm: in TLS 1.3 those of curves have one each.
fn can_sign(identity: &CertAndKey, number: u16, is_newer: bool) -> bool {
    match (identity.leaf.key_kind(), number) {
        (sys::EVP_PKEY_RSA, 0x0804..=0x0806) => true,
        (sys::EVP_PKEY_RSA, 0x0201 | 0x0401 | 0x0501 | 0x0601) => !is_newer,
        (sys::EVP_PKEY_EC, 0x0403) => !is_newer || bits(identity) == 256,
        (sys::EVP_PKEY_EC, 0x0503) => !is_newer || bits(identity) == 384,
        (sys::EVP_PKEY_EC, 0x0603) => !is_newer || bits(identity) == 521,
        (sys::EVP_PKEY_EC, 0x0203) => !is_newer,
        (sys::EVP_PKEY_ED25519, 0x0807) => true,
        (sys::EVP_PKEY_PQDSA, 0x0904..=0x0906) => is_newer,
        _ => false,
    }
}

fn bits(identity: &CertAndKey) -> c_int {
    // SAFETY: the key is alive.
    unsafe { sys::EVP_PKEY_bits(identity.key.as_ptr()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_are_found_by_each_of_their_names() {
        let known = [0x0403, 0x0804, 0x0401, 0x0807];
        let names = "ECDSA+SHA256:rsa_pss_rsae_sha256:RSA+SHA256:ed25519:PSS+SHA384:RSA-PSS+SHA256:ecdsa_secp256r1_sha256:nonsense";
        let found = numbers(names.split(':'), &known);
        assert_eq!(found, [0x0403, 0x0804, 0x0401, 0x0807, 0x0805, 0x0804, 0x0403]);
    }
}
