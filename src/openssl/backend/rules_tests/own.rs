//! Certificates that this side shows.

use super::forge::{self, Forged};
use super::variations::{SIGNATURES, any_chain};
use super::{Dice, keys, reference};
use crate::openssl::backend::rules::facts::CertificateFacts;
use crate::openssl::backend::rules::level::{Level, OwnRefusal};
use crate::openssl::ctx::{Method, SslCtx};
use crate::openssl::{Result, cvt, cvt_long, sys};

/// What OpenSSL says to a certificate and its chain when they are loaded; None for a fault that is not of levels.
fn by_openssl(chain: &[Forged], level: i32) -> Option<std::result::Result<(), OwnRefusal>> {
    let mut ctx = SslCtx::new(Method::Both).expect("memory");
    ctx.set_security_level(level);
    let Err(cause) = load(&ctx, chain) else { return Some(Ok(())) };
    let reason = cause.entry()?.reason()?;
    let all = [OwnRefusal::EeKeyTooSmall, OwnRefusal::CaKeyTooSmall, OwnRefusal::CaMdTooWeak];
    let known = all.into_iter().find(|refusal| mnemonic(*refusal) == reason)?;
    assert!(cause.entry()?.is(LIBRARY_SSL, known.reason()));
    Some(Err(known))
}

fn mnemonic(refusal: OwnRefusal) -> &'static str {
    match refusal {
        OwnRefusal::EeKeyTooSmall => "EE_KEY_TOO_SMALL",
        OwnRefusal::CaKeyTooSmall => "CA_KEY_TOO_SMALL",
        OwnRefusal::CaMdTooWeak => "CA_MD_TOO_WEAK",
    }
}

const LIBRARY_SSL: i32 = 20;

fn load(ctx: &SslCtx, chain: &[Forged]) -> Result<()> {
    let certificates: Vec<_> = chain.iter().map(reference::certificate).collect();
    // SAFETY: both are alive; the context takes its own reference. So below.
    cvt(|| unsafe { sys::SSL_CTX_use_certificate(ctx.as_ptr(), certificates[0].as_ptr()) })?;
    certificates[1..].iter().try_for_each(|one| {
        // SAFETY: as above.
        cvt_long(|| unsafe { sys::SSL_CTX_add1_chain_cert(ctx.as_ptr(), one.as_ptr()) })
    })
}

fn here(chain: &[Forged], level: i32) -> std::result::Result<(), OwnRefusal> {
    let facts: Vec<_> =
        chain.iter().map(|one| CertificateFacts::from_der(&one.der()).expect("it can be read")).collect();
    Level::new(level).check_own(&facts[0], &facts[1..])
}

/// OpenSSL since 3.5 sends what is signed with a weak digest.
fn signatures_matter() -> bool {
    reference::version() < 0x3050_0000
}

#[test]
fn own_certificates_are_refused_as_by_openssl() {
    let mut seen = std::collections::HashSet::new();
    for level in 0..=5 {
        for signed in SIGNATURES {
            for bits in [512, 1024, 2048, 3072, 7680, 15360] {
                let mut chain = forge::good_chain(2);
                (chain[0].key, chain[0].signed) = (keys::rsa(bits), signed);
                compare(&chain, level, &mut seen);
                chain = forge::good_chain(3);
                (chain[1].key, chain[1].signed) = (keys::rsa(bits), signed);
                compare(&chain, level, &mut seen);
                // A root's own signature does not matter.
                (chain[2].key, chain[2].signed) = (keys::rsa(bits), signed);
                compare(&chain, level, &mut seen);
            }
        }
    }
    assert_eq!(seen.len(), if signatures_matter() { 4 } else { 3 });
}

#[test]
fn own_certificates_of_all_kinds_are_refused_as_by_openssl() {
    let mut dice = Dice(0x0123_4567_89AB_CDEF);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..400 {
        let chain = any_chain(&mut dice);
        for level in 0..=5 {
            compare(&chain, level, &mut seen);
        }
    }
}

/// A certificate is its own issuer by its names and its authority key identifier: otherwise its signature counts.
#[test]
fn own_signatures_count_where_another_key_is_named() {
    let named = |key: &[u8], serial| forge::authority_key(false, Some(key), None, serial);
    let cases = [
        (named(b"root", None), Ok(())),
        (named(b"another", None), Err(OwnRefusal::CaMdTooWeak)),
        (forge::authority_key(false, None, Some("root"), Some(9)), Err(OwnRefusal::CaMdTooWeak)),
        (forge::authority_key(false, None, Some("root"), Some(1)), Ok(())),
    ];
    for (identifier, expected) in cases {
        let mut root = forge::good_chain(2).remove(1);
        root.serial = 1;
        root.signed = forge::RSA_SHA1;
        root.set(identifier);
        let chain = [forge::good_chain(1).remove(0), root];
        assert_eq!(here(&chain, 2), expected);
        if signatures_matter() {
            assert_eq!(by_openssl(&chain, 2), Some(expected));
        }
    }
}

type Seen = std::collections::HashSet<Option<&'static str>>;

fn compare(chain: &[Forged], level: i32, seen: &mut Seen) {
    let Some(theirs) = by_openssl(chain, level) else { return };
    let ours = here(chain, level);
    if !signatures_matter() && ours == Err(OwnRefusal::CaMdTooWeak) {
        return;
    }
    seen.insert(ours.err().map(mnemonic));
    assert_eq!(ours, theirs, "level {level}: {chain:?}");
}
