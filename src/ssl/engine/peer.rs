//! The peer: its certificates, and the sessions that prove who it is.

use super::Engine;
use crate::openssl::flags::mode;
use crate::openssl::x509::X509;
use crate::ssl::certificate::{Certificate, CertificateList};
use crate::ssl::context::{CERT_NONE, OcspStatus};
use crate::ssl::error::{Error, Result};
use crate::ssl::session::Session;

impl Engine {
    /// Python: `session`. Ours: none before the handshake is finished.
    pub fn session(&self) -> Result<Option<Session>> {
        let core = self.core()?;
        // Inside a callback libssl may be changing the session.
        if core.is_inside() && !core.ssl.is_init_finished() || !core.ssl.is_admitted() {
            return Ok(None);
        }
        let record = self.events.witness.record();
        Ok(core.ssl.session().zip(record).map(|(session, record)| Session::new(session, record)))
    }

    /// Python: `session = session`. Ours: the session is offered only if what it proves covers what this connection demands
    /// when its handshake begins.
    pub fn set_session(&self, session: &Session) -> Result<()> {
        let core = self.core()?;
        if !session.is_of(&self.context()) {
            return Err(Error::value("Session refers to a different SSLContext."));
        }
        if core.ssl.is_server() {
            return Err(Error::value("Cannot set session for server-side SSLSocket."));
        }
        if core.ssl.is_init_finished() {
            return Err(Error::value("Cannot set session after handshake."));
        }
        if core.is_inside() || !core.ssl.in_before() {
            return Err(Error::value("Cannot set session once the handshake has begun."));
        }
        let verifies = core.ssl.verify_mode() & mode::PEER != 0;
        session.trust().check_fits(verifies, self.events.witness.names().names())?;
        core.offered.replace(Some(session.clone()));
        Ok(())
    }

    /// Python: `session_reused`
    pub fn session_reused(&self) -> bool {
        self.core().is_ok_and(|core| core.ssl.session_reused())
    }

    /// The result of verification, as OpenSSL's X509_V_* number, even if the mode lets a failure pass.
    pub fn verify_result(&self) -> Result<i32> {
        let core = self.core()?;
        if !core.ssl.is_init_finished() {
            return Err(Error::value("handshake not done yet"));
        }
        Ok(core.ssl.verify_result())
    }

    /// The OCSP response that the server has sent in its last full handshake, as it came; on clients.
    pub fn ocsp_response(&self) -> Option<Vec<u8>> {
        self.events.seldom(|seldom| &seldom.stapled).map(|stapled| stapled.der)
    }

    /// What the server's OCSP response says of its certificate, if it was checked and is valid.
    pub fn ocsp_status(&self) -> OcspStatus {
        let answer = self.events.seldom(|seldom| &seldom.stapled).and_then(|stapled| stapled.answer);
        answer.as_ref().map(OcspStatus::of).unwrap_or_default()
    }

    /// The list of certificate timestamps that the server has sent in its last full handshake, as it came; on clients.
    pub fn scts(&self) -> Result<Option<Vec<u8>>> {
        self.events.scts.received()
    }

    /// Tells whether a verify callback has accepted the peer's certificate though the check had refused it.
    pub fn verify_overridden(&self) -> bool {
        self.events.is_overridden()
    }

    /// Requests a certificate from the client, but goes on when it does not verify.
    pub(crate) fn report_verification(&self) {
        self.events.report();
        if let Some(ssl) = self.core().ok().as_ref().and_then(|core| core.ssl.lent()) {
            ssl.report_verification();
        }
    }

    /// The bytes of this side's last Finished message, or the peer's if not `own`; None before the end of the handshake.
    pub fn finished(&self, own: bool) -> Option<Vec<u8>> {
        let core = self.core().ok()?;
        core.ssl.is_init_finished().then(|| core.ssl.finished(own))
    }

    /// Python: `getpeercert()`: the certificate if it was verified.
    pub fn getpeercert(&self) -> Result<Option<Certificate>> {
        Ok(self.peer_certificate()?.filter(Certificate::verified))
    }

    /// Python: `getpeercert(binary_form=True)`: the certificate, verified or not.
    pub fn peer_certificate(&self) -> Result<Option<Certificate>> {
        let core = self.core()?;
        if !core.ssl.is_init_finished() {
            return Err(Error::value("handshake not done yet"));
        }
        // As in Python, the context's present mode counts; but a connection that did not verify never counts as verified.
        let asked = core.ssl.verify_mode() & mode::PEER != 0 && self.context().verify_mode() != CERT_NONE;
        let verified = asked && core.ssl.verify_result() == 0;
        Ok(core.ssl.peer_certificate().map(|x509| Certificate::new(x509, verified)))
    }

    /// Python: `get_verified_chain()`
    pub fn get_verified_chain(&self) -> Result<CertificateList> {
        let core = self.core()?;
        // What has passed for the public name has not for that of the server.
        let asked = core.ssl.verify_mode() & mode::PEER != 0 && !self.events.ech.is_rejected();
        let verified = asked && core.ssl.verify_result() == 0;
        match core.ssl.session_reused() {
            true => Ok(CertificateList::default()),
            false => list(core.ssl.verified_chain()?, verified),
        }
    }

    /// The chain of a verified peer, built and verified again with what is trusted now. For a resumed session, whose chain
    /// is not kept. Empty if it does not verify.
    pub fn verify_again(&self) -> Result<CertificateList> {
        let core = self.core()?;
        let verified = core.ssl.verify_mode() & mode::PEER != 0 && core.ssl.verify_result() == 0;
        let context = self.context();
        if !verified || !core.ssl.is_init_finished() || context.verify_mode() == CERT_NONE {
            return Ok(CertificateList::default());
        }
        // In a callback libssl may be at work with the store that it has.
        if let Some(ssl) = core.ssl.lent().filter(|_| !core.is_inside()) {
            context.lend_trust(&ssl)?;
        }
        list(core.ssl.verify_again()?, true)
    }

    /// Python: `get_unverified_chain()`
    pub fn get_unverified_chain(&self) -> Result<CertificateList> {
        let core = self.core()?;
        // A session that never left this process still has the chain of its first handshake; the peer sent none now.
        if core.ssl.session_reused() {
            return Ok(CertificateList::default());
        }
        let mut chain = core.ssl.peer_chain()?;
        // On a server, OpenSSL's list does not contain the peer's own certificate.
        if core.ssl.is_server() {
            chain.try_reserve(1)?;
            chain.splice(0..0, core.ssl.peer_certificate());
        }
        list(chain, false)
    }
}

fn list(chain: Vec<X509>, verified: bool) -> Result<CertificateList> {
    let mut list = Vec::new();
    list.try_reserve_exact(chain.len())?;
    list.extend(chain.into_iter().map(|x509| Certificate::new(x509, verified)));
    Ok(list.into())
}
