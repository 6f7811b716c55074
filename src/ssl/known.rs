//! Which names of ciphers, groups and signature algorithms the OpenSSL in use knows, and the error for one that it does
//! not know. Names are tried with a context that nobody uses, as OpenSSL tells only whether it takes a whole list.

use crate::openssl::capability;
use crate::openssl::ctx::{Method, SslCtx};
use crate::ssl::error::{Error, Result};
use crate::ssl::nearest::nearest;
use crate::ssl::text::{abridged, try_text};
use std::borrow::Cow;

/// What a list names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameKind {
    /// Ciphers of TLS 1.2 and below, or words for several of them.
    Cipher,
    /// Ciphers of TLS 1.3.
    Ciphersuite,
    Group,
    Sigalg,
}

/// The ciphers of TLS 1.3 that versions of OpenSSL have.
const CIPHERSUITES: [&str; 7] = [
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
    "TLS_SHA256_SHA256",
    "TLS_SHA384_SHA384",
];

/// The signature algorithms that versions of OpenSSL have in libssl itself, in its order.
const SIGALGS: [&str; 26] = [
    "ecdsa_secp256r1_sha256",
    "ecdsa_secp384r1_sha384",
    "ecdsa_secp521r1_sha512",
    "ed25519",
    "ed448",
    "ecdsa_sha224",
    "ecdsa_sha1",
    "ecdsa_brainpoolP256r1tls13_sha256",
    "ecdsa_brainpoolP384r1tls13_sha384",
    "ecdsa_brainpoolP512r1tls13_sha512",
    "rsa_pss_rsae_sha256",
    "rsa_pss_rsae_sha384",
    "rsa_pss_rsae_sha512",
    "rsa_pss_pss_sha256",
    "rsa_pss_pss_sha384",
    "rsa_pss_pss_sha512",
    "rsa_pkcs1_sha256",
    "rsa_pkcs1_sha384",
    "rsa_pkcs1_sha512",
    "rsa_pkcs1_sha224",
    "rsa_pkcs1_sha1",
    "dsa_sha256",
    "dsa_sha384",
    "dsa_sha512",
    "dsa_sha224",
    "dsa_sha1",
];

/// The words of cipher lists that stand for several ciphers, as ciphers(1) has them.
const CIPHER_WORDS: &str = "DEFAULT ALL COMPLEMENTOFALL COMPLEMENTOFDEFAULT HIGH MEDIUM LOW eNULL NULL aNULL kRSA aRSA RSA kDHr kDHd kDH kDHE \
     kEDH DH DHE EDH ADH kEECDH kECDHE ECDH ECDHE EECDH AECDH aDSS DSS aDH aECDSA ECDSA SSLv3 TLSv1 TLSv1.0 TLSv1.2 AES128 AES256 AES AESGCM AESCCM \
     AESCCM8 ARIA ARIA128 ARIA256 ARIAGCM CAMELLIA128 CAMELLIA256 CAMELLIA CHACHA20 CBC 3DES DES RC4 RC2 IDEA SEED MD5 SHA1 SHA SHA256 SHA384 aGOST \
     aGOST01 aGOST12 kGOST kGOST18 GOST94 GOST89MAC GOST2012 GOST89 GOST2012256 GOST2012MAC GOST89MAC12 PSK kPSK kECDHEPSK kDHEPSK kRSAPSK aPSK SRP \
     kSRP aSRP SUITEB128 SUITEB128ONLY SUITEB128C2 SUITEB192 FIPS EXP EXPORT STRENGTH aECDH kECDHr kECDHe kECDH";

impl NameKind {
    fn noun(self) -> &'static str {
        match self {
            NameKind::Cipher => "cipher",
            NameKind::Ciphersuite => "cipher of TLS 1.3",
            NameKind::Group => "group",
            NameKind::Sigalg => "signature algorithm",
        }
    }

    /// Where the known names are listed.
    fn listing(self) -> &'static str {
        match self {
            NameKind::Cipher | NameKind::Ciphersuite => "get_ciphers",
            NameKind::Group => "get_groups",
            NameKind::Sigalg => "get_sigalgs",
        }
    }

    /// The names in a list, without the signs that say what to do with them.
    fn words(self, list: &str) -> impl Iterator<Item = &str> {
        let separates = move |sign: char| match self {
            NameKind::Cipher => matches!(sign, ':' | ',' | ' ' | ';' | '+'),
            // Since 3.5 a slash parts groups that are preferred over others.
            NameKind::Group => matches!(sign, ':' | '/'),
            NameKind::Ciphersuite | NameKind::Sigalg => sign == ':',
        };
        list.split(separates).map(str::trim).filter_map(move |word| match self {
            NameKind::Cipher if word.starts_with('@') => None,
            NameKind::Cipher => Some(word.trim_start_matches(['!', '-'])).filter(|word| !word.is_empty()),
            NameKind::Ciphersuite => Some(word).filter(|word| !word.is_empty()),
            // Since 3.3 a question mark permits a name to be unknown; since 3.5 there are signs for groups.
            NameKind::Group | NameKind::Sigalg if word.starts_with('?') => None,
            NameKind::Group => Some(word.trim_start_matches(['*', '-'])),
            NameKind::Sigalg => Some(word),
        })
    }
}

/// Asks OpenSSL about names.
pub(crate) struct KnownNames {
    scratch: SslCtx,
}

impl KnownNames {
    pub fn new() -> Result<KnownNames> {
        Ok(KnownNames { scratch: SslCtx::new(Method::Both)? })
    }

    /// Tells whether OpenSSL knows a name.
    fn has(&mut self, kind: NameKind, name: &str) -> Result<bool> {
        if kind == NameKind::Cipher && CIPHER_WORDS.split_whitespace().any(|word| word == name) {
            return Ok(true);
        }
        if name.contains('\0') {
            return Ok(false);
        }
        // Each is tried at the lowest level.
        let level = if kind == NameKind::Cipher { ":@SECLEVEL=0" } else { "" };
        let text = try_text(format_args!("{name}{level}")).ok_or_else(Error::no_memory)?;
        let set = match kind {
            NameKind::Cipher => self.scratch.set_ciphers(&text),
            NameKind::Ciphersuite => self.scratch.set_ciphersuites(&text),
            NameKind::Group => self.scratch.set_groups(&text),
            NameKind::Sigalg => self.scratch.set_server_sigalgs(&text),
        };
        match set {
            Err(cause) if cause.is_memory() => Err(Error::no_memory()),
            // OpenSSL takes names of other versions in the place of ciphers of TLS 1.3 too.
            Ok(()) if kind == NameKind::Ciphersuite => Ok(self.enabled(true).any(|own| own == name)),
            set => Ok(set.is_ok()),
        }
    }

    /// The names of the ciphers that are enabled, of TLS 1.3 or of the versions before.
    fn enabled(&self, of_tls_1_3: bool) -> impl Iterator<Item = &'static str> {
        let wanted = self
            .scratch
            .enabled_names()
            .filter(move |cipher| (cipher.protocol == Some(c"TLSv1.3")) == of_tls_1_3);
        wanted.filter_map(|cipher| cipher.name?.to_str().ok())
    }

    /// The groups that providers have, once for each name.
    pub fn groups(&mut self) -> Result<Vec<capability::Group>> {
        self.known_of(NameKind::Group, capability::groups()?, |group| &group.name)
    }

    /// The names that may be meant by an unknown one.
    pub fn all(&mut self, kind: NameKind) -> Result<Vec<Cow<'static, str>>> {
        let mut names = Vec::new();
        match kind {
            NameKind::Cipher => {
                self.scratch.set_ciphers(c"ALL:COMPLEMENTOFALL:@SECLEVEL=0")?;
                let own = self.enabled(false).chain(CIPHER_WORDS.split_whitespace());
                collect(&mut names, own.map(Cow::Borrowed))?;
                return Ok(names);
            }
            NameKind::Ciphersuite => collect(&mut names, CIPHERSUITES.map(Cow::Borrowed))?,
            NameKind::Group => {
                collect(&mut names, self.groups()?.into_iter().map(|group| Cow::Owned(group.name)))?;
                return Ok(names);
            }
            NameKind::Sigalg => {
                collect(&mut names, SIGALGS.map(Cow::Borrowed))?;
                collect(&mut names, capability::sigalgs()?.into_iter().map(Cow::Owned))?;
            }
        }
        self.known_of(kind, names, |name| name)
    }

    /// Those of them whose names OpenSSL knows.
    fn known_of<T>(&mut self, kind: NameKind, all: Vec<T>, name: impl Fn(&T) -> &str) -> Result<Vec<T>> {
        let mut known = Vec::new();
        for one in all {
            if self.has(kind, name(&one))? {
                known.try_reserve(1)?;
                known.push(one);
            }
        }
        Ok(known)
    }

    /// The first name in a list that is unknown.
    fn first_unknown<'a>(&mut self, kind: NameKind, list: &'a str) -> Result<Option<&'a str>> {
        for word in kind.words(list) {
            if !self.has(kind, word)? {
                return Ok(Some(word));
            }
        }
        Ok(None)
    }

    /// The error for the first name in a list that is unknown; None if all are known.
    fn unknown_in(&mut self, kind: NameKind, argument: &str, list: &str) -> Result<Option<Error>> {
        let Some(name) = self.first_unknown(kind, list)? else { return Ok(None) };
        if name.is_empty() {
            return Ok(Some(Error::value(format_args!("{argument} has an empty name"))));
        }
        let (noun, given) = (kind.noun(), abridged(name));
        if kind == NameKind::Cipher && self.has(NameKind::Ciphersuite, name)? {
            return Ok(Some(Error::value(format_args!(
                "{given} in {argument} is a cipher of TLS 1.3: set_ciphersuites sets those"
            ))));
        }
        let known = self.all(kind)?;
        Ok(Some(match nearest(name, known.iter().map(|name| &**name)) {
            Some(near) => Error::value(format_args!(
                "{argument} names {given}, which is no known {noun}; the nearest known is '{near}'"
            )),
            None => Error::value(format_args!(
                "{argument} names {given}, which is no known {noun}; {} lists those",
                kind.listing()
            )),
        }))
    }
}

fn collect<T>(names: &mut Vec<T>, more: impl IntoIterator<Item = T>) -> Result<()> {
    for name in more {
        names.try_reserve(1)?;
        names.push(name);
    }
    Ok(())
}

/// The error for the first unknown name in a list; None if all names are known.
pub(crate) fn unknown(kind: NameKind, argument: &str, list: &str) -> Result<Option<Error>> {
    KnownNames::new()?.unknown_in(kind, argument, list)
}
