//! How many authorities may stand below one (RFC 5280, 4.2.1.9), always: AWS-LC does not ask a certificate that is issued by its own name,
//! such as a root, and counts one too few below the others where the peer's own is.

use super::facts::CertificateFacts;
use super::verdict::{ChainFailure, Complaint};

/// The first certificate with more authorities below it than it allows. One that is issued by its own name is not counted, but has to
/// be obeyed.
pub(super) fn check_chain(chain: &[CertificateFacts]) -> Option<ChainFailure> {
    let mut below: u64 = 0;
    for (depth, facts) in (0..).zip(chain).skip(1) {
        let limit = facts.basic_constraints.and_then(|constraints| constraints.path_length);
        if limit.is_some_and(|limit| below > limit) {
            return Some(ChainFailure { complaint: Complaint::PathLengthExceeded, depth });
        }
        below += u64::from(!facts.is_self_issued);
    }
    None
}
