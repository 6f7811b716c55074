//! Chains that were verified once and need not be verified again. The [`ChainKey`] covers everything that the result depends
//! on, except the time, which is checked again. A verification for which that cannot be ensured has no key.

use super::backend::{names, verify};
use super::error::{Cause, Entry};
use super::flags::verify::{CRL_CHECKS, DEPEND_ON_STORE_AND_TIME, NO_CHECK_TIME};
use super::store::StoreState;
use super::verification::LentVerification;
use super::{Result, sys, x509::X509, x509::digest};
use std::time::{SystemTime, UNIX_EPOCH};

/// A digest of everything that the result depends on: two verifications with the same key have the same result, apart
/// from the time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChainKey([u8; 32]);

/// A chain that was verified, and when it is valid: from the first second until before the second one, since 1970. The
/// second in which a certificate expires is left to OpenSSL, because version 3 refuses it then and 4 accepts it.
pub struct VerifiedChain {
    certificates: Vec<X509>,
    from: i64,
    until: i64,
}

impl VerifiedChain {
    /// Tells whether every certificate, and every revocation list that may have been consulted, is valid now.
    pub fn is_valid_now(&self) -> bool {
        let Ok(now) = SystemTime::now().duration_since(UNIX_EPOCH) else { return false };
        i64::try_from(now.as_secs()).is_ok_and(|now| self.from <= now && now < self.until)
    }

    fn narrow(&mut self, from: i64, until: i64) {
        self.from = self.from.max(from);
        self.until = self.until.min(until);
    }
}

impl LentVerification {
    /// A digest of everything that the result depends on; None if that is not known. `expects_names`: the peer's certificate has to be
    /// for a name or an address, though there may be no memory to learn which.
    pub fn key(&self, expects_names: bool) -> Option<ChainKey> {
        let flags = self.flags();
        let state = self.store()?.state()?;
        if flags & !DEPEND_ON_STORE_AND_TIME != 0 || (flags & CRL_CHECKS != 0 && state.may_grow()) {
            return None;
        }
        let mut facts = ChainFacts::default();
        facts.make_room(4096).ok()?;
        facts.number(flags);
        self.add_trust(&mut facts, &state);
        self.add_identity(&mut facts, expects_names).ok()?;
        self.add_certificates(&mut facts).ok()?;
        let digest = digest(c"SHA256", &facts.0).ok()?;
        digest.try_into().map(ChainKey).ok()
    }

    fn add_trust(&self, facts: &mut ChainFacts, state: &StoreState) {
        facts.number(state.number());
        // The purpose that a certificate must have follows from the side.
        // SAFETY: the connection is alive.
        facts.number(unsafe { sys::SSL_is_server(self.connection()) } as u64);
        // SAFETY: the parameters are alive.
        facts.number(unsafe { sys::X509_VERIFY_PARAM_get_depth(self.param()) } as u64);
        facts.number(self.level() as u64);
    }

    fn add_identity(&self, facts: &mut ChainFacts, expects_names: bool) -> Result<()> {
        // SAFETY: the parameters are alive.
        facts.number(u64::from(unsafe { sys::X509_VERIFY_PARAM_get_hostflags(self.param()) }));
        // The names come from the connection: in the verification's copy of them, OpenSSL 4 leaves out the final NUL.
        let mut count = 0;
        // SAFETY: the connection is alive.
        unsafe {
            names::each_host(self.connection(), |name| {
                facts.bytes(name);
                count += 1;
            });
        }
        facts.number(count);
        let mut found = count > 0;
        // SAFETY: the connection is alive.
        unsafe {
            names::address(self.connection(), |address| {
                facts.bytes(address);
                found = found || !address.is_empty();
            });
        }
        // Without memory for an address it is not told from none.
        match expects_names && !found {
            true => Err(Entry::memory().into()),
            false => Ok(()),
        }
    }

    /// Adds the certificates that the peer sent, in its order.
    fn add_certificates(&self, facts: &mut ChainFacts) -> Result<()> {
        let leaf = self.leaf().ok_or(Cause::Untold)?;
        let shown = self.sent()?;
        facts.number(shown.len() as u64);
        for x509 in std::iter::once(&leaf).chain(&shown) {
            let der = x509.to_der()?;
            facts.make_room(der.len() + 8)?;
            facts.bytes(&der);
        }
        Ok(())
    }

    /// The chain that a successful verification has found.
    pub fn outcome(&self) -> Option<VerifiedChain> {
        let certificates = self.chain().ok()?;
        if self.code() != sys::X509_V_OK || certificates.is_empty() {
            return None;
        }
        let mut chain = VerifiedChain { certificates, from: i64::MIN, until: i64::MAX };
        if self.flags() & NO_CHECK_TIME == 0 {
            self.limit(&mut chain).ok()?;
        }
        Some(chain)
    }

    fn limit(&self, chain: &mut VerifiedChain) -> Result<()> {
        for x509 in chain.certificates.clone() {
            chain.narrow(x509.not_before_seconds()?, x509.not_after_seconds()?);
        }
        if self.flags() & CRL_CHECKS == 0 {
            return Ok(());
        }
        // OpenSSL does not tell which lists it consulted, so the result is valid until the first of all lists changes.
        for crl in self.store().ok_or(Cause::Untold)?.crls()? {
            chain.narrow(crl.last_update_seconds()?, crl.next_update_seconds()?.unwrap_or(i64::MAX));
        }
        Ok(())
    }

    /// Gives the verification the result that this chain had.
    pub fn finish(&self, chain: &VerifiedChain) -> Result<()> {
        let list = X509::stack(&chain.certificates)?;
        // SAFETY: the verification is alive and takes the list over; so below.
        unsafe { verify::set_chain(self.as_ptr(), list.into_raw()) };
        // SAFETY: as above.
        unsafe { sys::X509_STORE_CTX_set_error(self.as_ptr(), sys::X509_V_OK) };
        Ok(())
    }
}

/// Bytes that can be decoded in only one way.
#[derive(Default)]
struct ChainFacts(Vec<u8>);

impl ChainFacts {
    fn make_room(&mut self, len: usize) -> Result<()> {
        self.0.try_reserve(len).map_err(|_| Entry::memory().into())
    }

    fn number(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend(bytes);
    }
}
