//! OpenSSL's security levels (SSL_CTX_set_security_level(3)), which AWS-LC takes and ignores.

use super::facts::CertificateFacts;
use super::suite::{KeyExchange, Mac, SUITES, Suite};
use super::verdict::{ChainFailure, Complaint};

/// A security level, from 0 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u32);

/// What a certificate that this side shows is refused for when it is loaded, by OpenSSL's reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnRefusal {
    EeKeyTooSmall,
    CaKeyTooSmall,
    CaMdTooWeak,
}

impl OwnRefusal {
    /// OpenSSL's number of the reason. `SSL_R_*`
    pub fn reason(self) -> i32 {
        match self {
            OwnRefusal::EeKeyTooSmall => 399,
            OwnRefusal::CaKeyTooSmall => 397,
            OwnRefusal::CaMdTooWeak => 398,
        }
    }
}

/// TLS 1.2, the first version without MD5 and SHA-1 in its signatures.
pub const FIRST_SAFE: u16 = 0x0303;
const HIGHEST: i32 = 5;

/// Each group that AWS-LC has: its number in TLS, and its strength.
const GROUPS: [(u16, u32); 8] = [
    (21, 112),     // secp224r1
    (23, 128),     // secp256r1
    (24, 192),     // secp384r1
    (25, 256),     // secp521r1
    (29, 128),     // x25519
    (0x11EB, 192), // SecP256r1MLKEM768
    (0x11EC, 192), // X25519MLKEM768
    (0x11ED, 256), // SecP384r1MLKEM1024
];

/// Each signature algorithm of handshakes that AWS-LC has: its number in TLS, and the strength of its digest.
const SIGNATURE_ALGORITHMS: [(u16, u32); 15] = [
    (0x0201, 64),  // rsa_pkcs1_sha1
    (0x0203, 64),  // ecdsa_sha1
    (0x0401, 128), // rsa_pkcs1_sha256
    (0x0501, 192),
    (0x0601, 256),
    (0x0403, 128), // ecdsa_secp256r1_sha256
    (0x0503, 192),
    (0x0603, 256),
    (0x0804, 128), // rsa_pss_rsae_sha256
    (0x0805, 192),
    (0x0806, 256),
    (0x0807, 128), // ed25519
    (0x0904, 128), // mldsa44
    (0x0905, 192),
    (0x0906, 256),
];

/// AWS-LC's groups where the program has chosen none, the preferred one first.
pub const DEFAULT_GROUPS: [u16; 6] = [0x11EC, 0x11EB, 0x11ED, 29, 23, 24];

/// The signatures that are taken from peers where the program has not chosen, in OpenSSL's order: those of AWS-LC, and Ed25519. SHA-1
/// is left out at every level.
pub const DEFAULT_SIGNATURE_ALGORITHMS: [u16; 10] =
    [0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601];

/// By which algorithms this side signs where the program has not chosen, in AWS-LC's order: all but those of SHA-1.
pub const DEFAULT_SIGNING_ALGORITHMS: [u16; 13] =
    [0x0807, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601, 0x0904, 0x0905, 0x0906];

/// What a name of a signature algorithm has in it, in small letters, and how strong that is.
const NAMED_STRENGTHS: [(&str, u32); 8] = [
    ("sha1", 64),
    ("sha256", 128),
    ("sha384", 192),
    ("sha512", 256),
    ("ed25519", 128),
    ("mldsa44", 128),
    ("mldsa65", 192),
    ("mldsa87", 256),
];

/// The names of groups that OpenSSL and AWS-LC take.
const GROUP_NAMES: [(&str, u16); 13] = [
    ("P-224", 21),
    ("secp224r1", 21),
    ("P-256", 23),
    ("prime256v1", 23),
    ("secp256r1", 23),
    ("P-384", 24),
    ("secp384r1", 24),
    ("P-521", 25),
    ("secp521r1", 25),
    ("X25519", 29),
    ("SecP256r1MLKEM768", 0x11EB),
    ("X25519MLKEM768", 0x11EC),
    ("SecP384r1MLKEM1024", 0x11ED),
];

/// The groups of a list of names. Names that are not known stand for none.
pub fn groups_of(names: &str) -> Vec<u16> {
    let number = |name: &str| GROUP_NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    names.split(':').filter_map(number).map(|(_, number)| *number).collect()
}

impl Level {
    /// Its number.
    pub fn number(self) -> i32 {
        self.0 as i32
    }

    /// A level by its number; what is less than 0 is 0, what is more than 5 is 5, as in OpenSSL.
    pub fn new(number: i32) -> Level {
        Level(number.clamp(0, HIGHEST).unsigned_abs())
    }

    /// How strong everything has to be, in bits.
    fn least_bits(self) -> u32 {
        match self.0 {
            0 => 0,
            1 => 80,
            2 => 112,
            3 => 128,
            4 => 192,
            _ => 256,
        }
    }

    /// What is not known has no strength: only level 0, which asks for none, allows it.
    fn allows_bits(self, bits: Option<u32>) -> bool {
        self.0 == 0 || bits.is_some_and(|bits| bits >= self.least_bits())
    }

    /// Tells whether a version of TLS may be spoken. OpenSSL 3.0 allows TLS 1.0 up to level 2 and 1.1 up to 3, but with nothing to
    /// sign handshakes by above level 0, where they sign by SHA-1 and MD5. Here it is as in later ones.
    pub fn allows_version(self, version: u16) -> bool {
        self.0 == 0 || version >= FIRST_SAFE
    }

    /// Tells whether a cipher of TLS 1.2 or below may be used.
    pub fn allows_suite(self, suite: &Suite) -> bool {
        /// HMAC of SHA-1.
        const SHA1_MAC: u32 = 160;
        let forward_secret = matches!(suite.exchange, KeyExchange::Ecdhe | KeyExchange::EcdhePsk);
        self.allows_bits(Some(suite.bits))
            && (suite.mac != Mac::Sha1 || self.least_bits() <= SHA1_MAC)
            && (forward_secret || self.0 < 3)
    }

    /// The same by its name. One that is not known is refused.
    pub fn allows_cipher(self, name: &str) -> bool {
        SUITES.iter().any(|suite| suite.name == name && self.allows_suite(suite))
    }

    /// Tells whether a cipher of TLS 1.3 with a key of that many bits may be used.
    pub fn allows_tls1_3_cipher(self, bits: u32) -> bool {
        self.allows_bits(Some(bits))
    }

    /// Tells whether a group for key exchange may be used, by its number in TLS.
    pub fn allows_group(self, group: u16) -> bool {
        self.allows_bits(strength_of(&GROUPS, group))
    }

    /// Tells whether handshakes may be signed by an algorithm, by its number in TLS.
    pub fn allows_signature_algorithm(self, algorithm: u16) -> bool {
        self.allows_bits(strength_of(&SIGNATURE_ALGORITHMS, algorithm))
    }

    /// Tells whether handshakes may be signed by an algorithm of this name: one of TLS, or a key and a digest with a plus between.
    pub fn allows_signature_name(self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let found = NAMED_STRENGTHS.iter().find(|(part, _)| name.ends_with(part));
        self.allows_bits(found.map(|(_, bits)| *bits))
    }

    /// Tells whether a session may be kept in a ticket.
    pub fn allows_tickets(self) -> bool {
        self.0 < 3
    }

    /// Tells whether a certificate that this side shows may be loaded, with its chain.
    pub fn check_own<'a>(
        self,
        leaf: &CertificateFacts,
        chain: impl IntoIterator<Item = &'a CertificateFacts>,
    ) -> Result<(), OwnRefusal> {
        self.check_own_one(leaf, OwnRefusal::EeKeyTooSmall)?;
        chain.into_iter().try_for_each(|one| self.check_own_one(one, OwnRefusal::CaKeyTooSmall))
    }

    fn check_own_one(self, facts: &CertificateFacts, small: OwnRefusal) -> Result<(), OwnRefusal> {
        if !self.allows_bits(facts.key.strength) {
            return Err(small);
        }
        match facts.is_self_signed || self.allows_bits(facts.signature_strength) {
            true => Ok(()),
            false => Err(OwnRefusal::CaMdTooWeak),
        }
    }

    /// Looks at the key of a peer's own certificate, before its chain is built.
    pub fn check_leaf_key(self, leaf: &CertificateFacts) -> Option<ChainFailure> {
        (!self.allows_bits(leaf.key.strength))
            .then_some(ChainFailure { complaint: Complaint::EeKeyTooSmall, depth: 0 })
    }

    /// Looks at the keys and signatures of a peer's chain, which ends with a trust anchor: how that one is signed does not
    /// matter.
    pub fn check_chain(self, chain: &[CertificateFacts]) -> Option<ChainFailure> {
        let complaint = |depth: usize, facts: &CertificateFacts| {
            if depth > 0 && !self.allows_bits(facts.key.strength) {
                return Some(Complaint::CaKeyTooSmall);
            }
            let is_anchor = depth + 1 == chain.len();
            (!is_anchor && !self.allows_bits(facts.signature_strength)).then_some(Complaint::CaMdTooWeak)
        };
        ChainFailure::first(chain, complaint)
    }
}

fn strength_of(table: &[(u16, u32)], number: u16) -> Option<u32> {
    table.iter().find(|(known, _)| *known == number).map(|(_, bits)| *bits)
}
