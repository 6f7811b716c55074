//! What `VERIFY_X509_STRICT` demands of a chain: the rules of RFC 5280 that verification passes over without it. Each rule is a
//! function that says whether a certificate breaks it; they stand in the order in which OpenSSL asks them.

use super::facts::CertificateFacts;
use super::verdict::{ChainFailure, Complaint};

/// By which OpenSSL's rules a chain is judged. Version 4 has changed some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleEdition {
    /// OpenSSL 3.0 to 3.6.
    Three,
    Four,
}

impl RuleEdition {
    /// The edition of an OpenSSL, by its major version.
    pub fn of(major: u32) -> RuleEdition {
        if major < 4 { RuleEdition::Three } else { RuleEdition::Four }
    }
}

/// A certificate at its place in the chain.
struct Position<'a> {
    facts: &'a CertificateFacts,
    is_leaf: bool,
    /// The last one, which is the trust anchor.
    is_last: bool,
    edition: RuleEdition,
}

type Rule = fn(&Position<'_>) -> bool;

/// OpenSSL also has codes for key identifiers that are critical (90 and 91), but gives another before it comes to them: that such an
/// extension is one that nobody handles.
const RULES: [(Complaint, Rule); 15] = [
    (Complaint::PathlenInvalidForNonCa, limits_path_as_no_authority),
    (Complaint::PathlenWithoutKuKeyCertSign, limits_path_and_signs_nothing),
    (Complaint::CaBconsNotCritical, has_negligible_constraints),
    (Complaint::CaCertMissingKeyUsage, is_authority_for_anything),
    (Complaint::KuKeyCertSignInvalidForNonCa, signs_as_no_authority),
    (Complaint::IssuerNameEmpty, has_no_issuer),
    (Complaint::SubjectNameEmpty, has_no_name),
    (Complaint::EmptySubjectSanNotCritical, has_negligible_names_only),
    (Complaint::EmptySubjectAltName, has_names_without_any),
    (Complaint::SignatureAlgorithmInconsistency, names_two_algorithms),
    (Complaint::EmptyAuthorityKeyIdentifier, has_empty_authority_key),
    (Complaint::AkidIssuerSerialNotPaired, names_half_an_authority),
    (Complaint::MissingAuthorityKeyIdentifier, does_not_name_authority_key),
    (Complaint::MissingSubjectKeyIdentifier, is_authority_without_key_name),
    (Complaint::ExtensionsRequireVersion3, needs_version_3),
];

/// The first thing that is wrong with a chain, which ends with a trust anchor. `strict`: VERIFY_X509_STRICT is set; what is asked
/// without it too are the rules that AWS-LC lacks.
pub(super) fn check_chain(
    chain: &[CertificateFacts],
    strict: bool,
    edition: RuleEdition,
) -> Option<ChainFailure> {
    ChainFailure::first(chain, |depth, facts| {
        let place = Position { facts, is_leaf: depth == 0, is_last: depth + 1 == chain.len(), edition };
        if strict && is_authority_by_other_means(&place) {
            return Some(Complaint::InvalidCa);
        }
        // A certificate that is trusted by itself need not follow RFC 5280 (RFC 6818, 2).
        if chain.len() == 1 {
            return None;
        }
        if facts.key.has_explicit_curve {
            return Some(Complaint::EcKeyExplicitParams);
        }
        if !strict {
            return None;
        }
        RULES.iter().find(|(_, breaks)| breaks(&place)).map(|(complaint, _)| *complaint)
    })
}

/// RFC 5280, 6.1.4 (k): what signs others has basic constraints that say so. The peer's own certificate may say nothing, but not
/// that it is an authority in the ways of before X.509 v3.
fn is_authority_by_other_means(place: &Position<'_>) -> bool {
    let facts = place.facts;
    let refuses_to_sign = facts.key_usage.is_some_and(|usage| !usage.signs_certificates);
    if !place.is_leaf {
        return refuses_to_sign || !facts.is_ca();
    }
    if refuses_to_sign || facts.basic_constraints.is_some() {
        return false;
    }
    let is_old_root = facts.version == 0 && facts.is_self_signed;
    is_old_root || facts.key_usage.is_some() || facts.netscape_ca
}

/// RFC 5280, 4.2.1.9: only an authority may limit the path.
fn limits_path_as_no_authority(place: &Position<'_>) -> bool {
    limits_path(place) && !place.facts.is_ca()
}

/// RFC 5280, 4.2.1.9: only an authority whose key signs certificates may limit the path.
fn limits_path_and_signs_nothing(place: &Position<'_>) -> bool {
    limits_path(place) && !signs_certificates(place)
}

fn limits_path(place: &Position<'_>) -> bool {
    place.facts.basic_constraints.is_some_and(|constraints| constraints.path_length.is_some())
}

fn signs_certificates(place: &Position<'_>) -> bool {
    place.facts.key_usage.is_some_and(|usage| usage.signs_certificates)
}

/// RFC 5280, 4.2.1.9: the basic constraints of an authority are critical. OpenSSL 4 does not ask for it.
fn has_negligible_constraints(place: &Position<'_>) -> bool {
    let negligible = place.facts.basic_constraints.is_some_and(|it| it.is_ca && !it.critical);
    negligible && place.edition == RuleEdition::Three
}

/// RFC 5280, 4.2.1.3: an authority says what its key is for.
fn is_authority_for_anything(place: &Position<'_>) -> bool {
    place.facts.is_ca() && place.facts.key_usage.is_none()
}

/// RFC 5280, 4.2.1.3: only an authority signs certificates.
fn signs_as_no_authority(place: &Position<'_>) -> bool {
    !place.facts.is_ca() && signs_certificates(place)
}

/// RFC 5280, 4.1.2.4
fn has_no_issuer(place: &Position<'_>) -> bool {
    place.facts.issuer_is_empty
}

/// RFC 5280, 4.1.2.6: an authority and an issuer of revocation lists have a subject, others that or an alternative name.
fn has_no_name(place: &Position<'_>) -> bool {
    let facts = place.facts;
    let signs_crls = facts.key_usage.is_some_and(|usage| usage.signs_crls);
    facts.subject_is_empty && (facts.is_ca() || signs_crls || facts.alternative_names.is_none())
}

/// RFC 5280, 4.2.1.6: without a subject the alternative names are critical. OpenSSL 4 does not ask for it.
fn has_negligible_names_only(place: &Position<'_>) -> bool {
    let negligible = place.facts.alternative_names.is_some_and(|names| !names.critical);
    place.facts.subject_is_empty && negligible && place.edition == RuleEdition::Three
}

/// RFC 5280, 4.2.1.6
fn has_names_without_any(place: &Position<'_>) -> bool {
    place.facts.alternative_names.is_some_and(|names| names.is_empty)
}

/// RFC 5280, 4.1.1.2
fn names_two_algorithms(place: &Position<'_>) -> bool {
    !place.facts.algorithms_agree
}

/// RFC 5280, 4.2.1.1: an identifier identifies something. OpenSSL 3 takes an empty one for a missing one.
fn has_empty_authority_key(place: &Position<'_>) -> bool {
    let Some(key) = &place.facts.authority_key else { return false };
    let is_empty = key.key.is_none() && !key.has_issuer && key.serial.is_none();
    place.edition == RuleEdition::Four && is_version_3(place) && is_empty
}

/// RFC 5280, 4.2.1.1: issuer and serial number are both there or both missing. OpenSSL 3 does not look.
fn names_half_an_authority(place: &Position<'_>) -> bool {
    let Some(key) = &place.facts.authority_key else { return false };
    place.edition == RuleEdition::Four && is_version_3(place) && key.has_issuer != key.serial.is_some()
}

/// RFC 5280, 4.2.1.1: all but self-signed certificates name the key they are signed by, which for OpenSSL 4 may be by issuer and
/// serial number.
fn does_not_name_authority_key(place: &Position<'_>) -> bool {
    let named = match (&place.facts.authority_key, place.edition) {
        (Some(key), RuleEdition::Three) => key.key.is_some(),
        (Some(_), RuleEdition::Four) => true,
        (None, _) => false,
    };
    is_version_3(place) && !place.is_last && !named
}

/// RFC 5280, 4.2.1.2: an authority names its key.
fn is_authority_without_key_name(place: &Position<'_>) -> bool {
    is_version_3(place) && place.facts.is_ca() && place.facts.subject_key.is_none()
}

/// RFC 5280, 4.1.2.9: only version 3 has extensions.
fn needs_version_3(place: &Position<'_>) -> bool {
    !is_version_3(place) && place.facts.has_extensions
}

fn is_version_3(place: &Position<'_>) -> bool {
    place.facts.version >= 2
}
