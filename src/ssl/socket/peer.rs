//! The peer's certificates, and the session with it. Before there is a connection, the error is the system's ENOTCONN.

use super::Socket;
use crate::ssl::certificate::{Certificate, CertificateList};
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
