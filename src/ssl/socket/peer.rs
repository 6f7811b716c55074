//! The peer's certificates, and the session with it. Before there is a connection, the error is the system's ENOTCONN.

use super::Socket;
use crate::ssl::certificate::{Certificate, CertificateList};
use crate::ssl::context::OcspStatus;
use crate::ssl::error::Result;
use crate::ssl::session::Session;

impl Socket {
    /// Python: `getpeercert()`. None if the peer has no certificate or was not asked for one.
    pub fn getpeercert(&self) -> Result<Option<Certificate>> {
        self.connection()?.getpeercert()
    }

    /// The same, verified or not.
    pub fn peer_certificate(&self) -> Result<Option<Certificate>> {
        self.connection()?.peer_certificate()
    }

    /// The result of verification, as OpenSSL's X509_V_* number.
    pub fn verify_result(&self) -> Result<i32> {
        self.connection()?.verify_result()
    }

    /// The OCSP response that the server has sent in its last full handshake, as it came; on clients.
    pub fn ocsp_response(&self) -> Option<Vec<u8>> {
        self.engine()?.ocsp_response()
    }

    /// What the server's OCSP response says of its certificate, if it was checked and is valid.
    pub fn ocsp_status(&self) -> OcspStatus {
        self.engine().map(|engine| engine.ocsp_status()).unwrap_or_default()
    }

    /// The list of certificate timestamps that the server has sent in its last full handshake, as it came; on clients.
    pub fn scts(&self) -> Result<Option<Vec<u8>>> {
        self.engine().map_or(Ok(None), |engine| engine.scts())
    }

    /// Tells whether a verify callback has accepted the peer's certificate though the check had refused it.
    pub fn verify_overridden(&self) -> bool {
        self.engine().is_some_and(|engine| engine.verify_overridden())
    }

    /// Python: `get_verified_chain()`
    pub fn get_verified_chain(&self) -> Result<CertificateList> {
        self.connection()?.get_verified_chain()
    }

    /// The chain of a verified peer, built and verified again with what is trusted now.
    pub fn verify_again(&self) -> Result<CertificateList> {
        self.connection()?.verify_again()
    }

    /// Python: `get_unverified_chain()`
    pub fn get_unverified_chain(&self) -> Result<CertificateList> {
        self.connection()?.get_unverified_chain()
    }

    /// Python: `session`. None while there is no TLS.
    pub fn session(&self) -> Result<Option<Session>> {
        self.engine().map_or(Ok(None), |engine| engine.session())
    }

    /// Python: `session_reused`
    pub fn session_reused(&self) -> bool {
        self.engine().is_some_and(|engine| engine.session_reused())
    }
}
