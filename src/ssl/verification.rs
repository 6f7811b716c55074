//! What a verify callback sees of a check.

use super::certificate::{Certificate, CertificateList, PeerText};
use super::error::Result;
use crate::openssl::ctx::verify_text;
use crate::openssl::verification::LentVerification;
use crate::openssl::x509::X509;
use std::ffi::{CStr, CString};

/// A check of a peer's certificate that has come to its verdict. Immutable.
// No part of it that is lent to C may have its address: handles are told apart by that.
#[repr(C)]
#[derive(Debug)]
pub struct Verification {
    code: i32,
    message: Option<CString>,
    depth: u32,
    certificate: Certificate,
    chain: CertificateList,
    sent: CertificateList,
    expected: Vec<CString>,
    offered: Vec<PeerText>,
}

impl Verification {
    pub(crate) fn of(lent: &LentVerification, leaf: X509, expected: Vec<CString>) -> Result<Verification> {
        let (code, passed) = (lent.code(), lent.code() == 0);
        let certificate = Certificate::new(leaf, passed);
        Ok(Verification {
            code,
            message: verify_text(code).filter(|_| !passed).map(super::text::text),
            depth: lent.depth(),
            offered: certificate.offered_names()?,
            certificate,
            chain: list(lent.chain()?, passed),
            sent: list(lent.sent()?, false),
            expected,
        })
    }

    /// 0 if the check has passed, otherwise OpenSSL's `X509_V_ERR_*`.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// OpenSSL's text for the code; None if the check has passed.
    pub fn message(&self) -> Option<&CStr> {
        self.message.as_deref()
    }

    /// How deep in the chain the certificate is that failed; None if the check has passed.
    pub fn depth(&self) -> Option<u32> {
        Some(self.depth).filter(|_| self.code != 0)
    }

    /// The peer's own certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The chain as it was built, the peer first; of a check that failed, as far as it was built.
    pub fn chain(&self) -> &CertificateList {
        &self.chain
    }

    /// The certificates as the peer has sent them.
    pub fn sent_chain(&self) -> &CertificateList {
        &self.sent
    }

    /// The names or the address that the certificate must be for; empty where no name is checked.
    pub fn expected_names(&self) -> &[CString] {
        &self.expected
    }

    /// The names that the certificate is for.
    pub fn offered_names(&self) -> &[PeerText] {
        &self.offered
    }
}

fn list(chain: Vec<X509>, verified: bool) -> CertificateList {
    let certificates: Vec<_> = chain.into_iter().map(|x509| Certificate::new(x509, verified)).collect();
    certificates.into()
}
