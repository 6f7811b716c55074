//! The verdict on a peer's chain: what AWS-LC says, and what the rules say that it lacks.

use super::facts::CertificateFacts;
use super::level::Level;
use super::path_length;
use super::strict::{self, RuleEdition};
use super::verdict::{ChainFailure, Complaint};

/// What is asked of a chain beside what AWS-LC asks.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    pub level: Level,
    /// VERIFY_X509_STRICT
    pub strict: bool,
    pub edition: RuleEdition,
}

/// What AWS-LC has come to, in the numbers of OpenSSL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// 0 if it has found nothing wrong.
    pub code: i32,
    pub depth: u32,
}

impl Outcome {
    /// Tells whether no chain was found, or none that ends with what may be trusted for this.
    fn has_no_chain(self) -> bool {
        const OUT_OF_MEM: i32 = 17;
        const CERT_UNTRUSTED: i32 = 27;
        const CERT_REJECTED: i32 = 28;
        const STORE_LOOKUP: i32 = 70;
        matches!(
            self.code,
            UNABLE_TO_GET_ISSUER_CERT | OUT_OF_MEM | DEPTH_ZERO_SELF_SIGNED_CERT
                ..=CERT_CHAIN_TOO_LONG | CERT_UNTRUSTED | CERT_REJECTED | STORE_LOOKUP
        )
    }
}

const UNABLE_TO_GET_ISSUER_CERT: i32 = 2;
const DEPTH_ZERO_SELF_SIGNED_CERT: i32 = 18;
const SELF_SIGNED_CERT_IN_CHAIN: i32 = 19;
const UNABLE_TO_GET_ISSUER_CERT_LOCALLY: i32 = 20;
const CERT_CHAIN_TOO_LONG: i32 = 22;

/// OpenSSL's code for a chain that ends with nobody who is trusted, where AWS-LC says this one: of one that is as long as it may be
/// OpenSSL says that, and of a certificate that nobody but itself has signed that it is alone. `depth`: how many certificates may stand
/// between the peer's own and the last.
pub fn without_end(chain: &[Vec<u8>], depth: i32, code: i32) -> i32 {
    let ends_with_nobody = matches!(
        code,
        UNABLE_TO_GET_ISSUER_CERT
            | DEPTH_ZERO_SELF_SIGNED_CERT
            | SELF_SIGNED_CERT_IN_CHAIN
            | UNABLE_TO_GET_ISSUER_CERT_LOCALLY
    );
    let limit = usize::try_from(depth).unwrap_or(0).saturating_add(1);
    match chain {
        _ if !ends_with_nobody => code,
        _ if chain.len() > limit => CERT_CHAIN_TOO_LONG,
        [alone] if code == UNABLE_TO_GET_ISSUER_CERT_LOCALLY => {
            let is_own_issuer = CertificateFacts::from_der(alone).is_some_and(|facts| facts.is_self_signed);
            if is_own_issuer { DEPTH_ZERO_SELF_SIGNED_CERT } else { code }
        }
        _ => code,
    }
}

/// When OpenSSL looks at what a code is about, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    LeafKey,
    Building,
    /// The extensions of one certificate after the other; of one, the second number is the order.
    Extensions(u32, u8),
    Levels,
    Later,
}

/// What OpenSSL asks of one certificate, in its order: whether it is an authority by the rules here is asked after what AWS-LC asks of
/// that, and before its key is looked at.
const BEFORE: u8 = 0;
const AUTHORITY: u8 = 1;
const KEY: u8 = 2;
const RULES: u8 = 3;
const PURPOSE: u8 = 4;
const PATH_LENGTH: u8 = 5;

impl Stage {
    fn of_rule(failure: ChainFailure) -> Stage {
        match failure.complaint {
            Complaint::EeKeyTooSmall => Stage::LeafKey,
            Complaint::InvalidCa => Stage::Extensions(failure.depth, AUTHORITY),
            Complaint::EcKeyExplicitParams => Stage::Extensions(failure.depth, KEY),
            Complaint::PathLengthExceeded => Stage::Extensions(failure.depth, PATH_LENGTH),
            Complaint::CaKeyTooSmall | Complaint::CaMdTooWeak => Stage::Levels,
            _ => Stage::Extensions(failure.depth, RULES),
        }
    }

    fn of_library(outcome: Outcome) -> Stage {
        const UNSPECIFIED: i32 = 1;
        const PATH_LENGTH_EXCEEDED: i32 = Complaint::PathLengthExceeded as i32;
        const INVALID_PURPOSE: i32 = 26;
        const UNHANDLED_CRITICAL_EXTENSION: i32 = 34;
        const PROXY_CERTIFICATES_NOT_ALLOWED: i32 = 40;
        const INVALID_EXTENSION: i32 = 41;
        const INVALID_CA: i32 = 79;
        match outcome.code {
            _ if outcome.has_no_chain() => Stage::Building,
            UNHANDLED_CRITICAL_EXTENSION
            | PROXY_CERTIFICATES_NOT_ALLOWED
            | INVALID_EXTENSION
            | INVALID_CA => Stage::Extensions(outcome.depth, BEFORE),
            // A key that cannot be read.
            UNSPECIFIED => Stage::Extensions(outcome.depth, KEY),
            INVALID_PURPOSE => Stage::Extensions(outcome.depth, PURPOSE),
            PATH_LENGTH_EXCEEDED => Stage::Extensions(outcome.depth, PATH_LENGTH),
            _ => Stage::Later,
        }
    }
}

impl Demand {
    /// What OpenSSL would refuse the chain for where AWS-LC does not, or does for something that OpenSSL looks at later. The
    /// certificates are in DER, the peer's own first. A certificate that cannot be read is refused.
    pub fn objection(self, chain: &[Vec<u8>], outcome: Outcome) -> Option<ChainFailure> {
        let found = self.broken(chain, outcome.has_no_chain())?;
        let is_first = outcome.code == 0 || Stage::of_rule(found) < Stage::of_library(outcome);
        is_first.then_some(found)
    }

    fn broken(self, chain: &[Vec<u8>], has_no_end: bool) -> Option<ChainFailure> {
        let mut facts = Vec::new();
        for (depth, der) in (0..).zip(chain) {
            let Some(read) = CertificateFacts::from_der(der) else {
                return Some(ChainFailure { complaint: Complaint::InvalidExtension, depth });
            };
            facts.push(read);
        }
        let Some(leaf) = facts.first() else {
            return Some(ChainFailure { complaint: Complaint::InvalidExtension, depth: 0 });
        };
        let key = self.level.check_leaf_key(leaf);
        if key.is_some() || has_no_end {
            return key;
        }
        let found = [
            strict::check_chain(&facts, self.strict, self.edition),
            path_length::check_chain(&facts),
            self.level.check_chain(&facts),
        ];
        found.into_iter().flatten().min_by_key(|failure| Stage::of_rule(*failure))
    }
}
