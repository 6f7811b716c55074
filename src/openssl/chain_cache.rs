//! Chains that were verified once and need not be verified again. The [`Key`] covers everything that the result depends
//! on, except the time, which is checked again. A verification for which that cannot be ensured has no key.

use super::error::Entry;
use super::flags::verify::{CRL_CHECKS, DEPEND_ON_STORE_AND_TIME, NO_CHECK_TIME};
use super::store::{Store, StoreState};
use super::{Result, sys, text_at, x509::X509, x509::digest};
use std::os::raw::c_int;
use std::time::{SystemTime, UNIX_EPOCH};

/// A digest of everything that the result depends on: two verifications with the same key have the same result, apart
/// from the time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key([u8; 32]);

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

/// A verification of a peer's chain that libssl asks for and that has not begun.
pub(super) struct Verification(*mut sys::X509_STORE_CTX);

impl Verification {
    /// Borrows what libssl lends to its callback.
    pub unsafe fn new(ctx: *mut sys::X509_STORE_CTX) -> Verification {
        Verification(ctx)
    }

    /// The connection whose peer is verified.
    pub fn connection(&self) -> *mut sys::SSL {
        // SAFETY: no preconditions.
        let slot = unsafe { sys::SSL_get_ex_data_X509_STORE_CTX_idx() };
        // SAFETY: the verification is alive; libssl keeps the connection in that slot.
        unsafe { sys::X509_STORE_CTX_get_ex_data(self.0, slot) }.cast()
    }

    fn param(&self) -> *mut sys::X509_VERIFY_PARAM {
        // SAFETY: the verification is alive; the parameters are its own.
        unsafe { sys::X509_STORE_CTX_get0_param(self.0) }
    }

    fn flags(&self) -> u64 {
        // SAFETY: the parameters are alive.
        let flags = unsafe { sys::X509_VERIFY_PARAM_get_flags(self.param()) };
        #[allow(clippy::useless_conversion)] // c_ulong has 32 bits on Windows
        u64::from(flags)
    }

    fn store(&self) -> Option<Store> {
        // SAFETY: the verification is alive.
        let store = unsafe { sys::X509_STORE_CTX_get0_store(self.0) };
        // SAFETY: NULL or a store that lives as long as the verification.
        unsafe { Store::from_shared(store) }
    }

    /// A digest of everything that the result depends on; None if that is not known.
    pub fn key(&self) -> Option<Key> {
        let flags = self.flags();
        let state = self.store()?.state()?;
        if flags & !DEPEND_ON_STORE_AND_TIME != 0 || (flags & CRL_CHECKS != 0 && state.may_grow()) {
            return None;
        }
        let mut facts = Facts(Vec::with_capacity(4096));
        facts.number(flags);
        self.add_trust(&mut facts, &state);
        self.add_identity(&mut facts);
        self.add_certificates(&mut facts).ok()?;
        let digest = digest(c"SHA256", &facts.0).ok()?;
        digest.try_into().map(Key).ok()
    }

    fn add_trust(&self, facts: &mut Facts, state: &StoreState) {
        facts.number(state.number());
        // The purpose that a certificate must have follows from the side.
        // SAFETY: the connection is alive.
        facts.number(unsafe { sys::SSL_is_server(self.connection()) } as u64);
        // SAFETY: the parameters are alive; so below.
        facts.number(unsafe { sys::X509_VERIFY_PARAM_get_depth(self.param()) } as u64);
        // SAFETY: as above.
        facts.number(unsafe { sys::X509_VERIFY_PARAM_get_auth_level(self.param()) } as u64);
    }

    fn add_identity(&self, facts: &mut Facts) {
        // SAFETY: the parameters are alive; so below.
        facts.number(u64::from(unsafe { sys::X509_VERIFY_PARAM_get_hostflags(self.param()) }));
        // The names come from the connection: in the verification's copy of them, OpenSSL 4 leaves out the final NUL.
        // SAFETY: the connection is alive.
        let expected = unsafe { sys::SSL_get0_param(self.connection()) };
        let mut count = 0;
        loop {
            // SAFETY: the parameters live as long as the connection; past the last name there is NULL.
            let name = unsafe { sys::X509_VERIFY_PARAM_get0_host(expected, count) };
            // SAFETY: NULL or text of the parameters.
            let Some(name) = (unsafe { text_at(name) }) else { break };
            facts.bytes(name.to_bytes());
            count += 1;
        }
        facts.number(count as u64);
        // SAFETY: as above.
        let address = unsafe { sys::X509_VERIFY_PARAM_get1_ip_asc(self.param()) };
        // SAFETY: NULL or text, which is ours.
        facts.bytes(unsafe { text_at(address) }.map_or(&[], |text| text.to_bytes()));
        // SAFETY: ours to free, once; NULL is ignored.
        unsafe { sys::OPENSSL_free(address.cast()) };
    }

    /// Adds the certificates that the peer sent, in its order.
    fn add_certificates(&self, facts: &mut Facts) -> Result<()> {
        // SAFETY: the verification is alive; so below.
        let leaf = unsafe { sys::X509_STORE_CTX_get0_cert(self.0) };
        // SAFETY: NULL or a certificate of the verification.
        let leaf = unsafe { X509::from_shared(leaf) }.ok_or(None)?;
        // SAFETY: as above.
        let shown = unsafe { sys::X509_STORE_CTX_get0_untrusted(self.0) };
        // SAFETY: NULL or a list of the verification.
        let shown = unsafe { X509::list(shown) }?;
        facts.number(shown.len() as u64);
        for x509 in std::iter::once(&leaf).chain(&shown) {
            let der = x509.to_der()?;
            facts.0.try_reserve(der.len() + 8).map_err(|_| Entry::memory())?;
            facts.bytes(&der);
        }
        Ok(())
    }

    /// Verifies as libssl would: 1 if the chain is good. Never less than 0, which would ask libssl to call again.
    pub fn verify(&self) -> c_int {
        // SAFETY: the verification is alive and has not begun.
        unsafe { sys::X509_verify_cert(self.0) }.max(0)
    }

    /// The chain that a successful verification has found.
    pub fn outcome(&self) -> Option<VerifiedChain> {
        // SAFETY: the verification is alive; so below.
        let error = unsafe { sys::X509_STORE_CTX_get_error(self.0) };
        // SAFETY: as above.
        let chain = unsafe { sys::X509_STORE_CTX_get0_chain(self.0) };
        // SAFETY: NULL or a list of the verification.
        let certificates = unsafe { X509::list(chain) }.ok()?;
        if error != sys::X509_V_OK || certificates.is_empty() {
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
        for crl in self.store().ok_or(None)?.crls() {
            chain.narrow(crl.last_update_seconds()?, crl.next_update_seconds()?.unwrap_or(i64::MAX));
        }
        Ok(())
    }

    /// Gives the verification the result that this chain had.
    pub fn finish(&self, chain: &VerifiedChain) -> Result<()> {
        let list = X509::stack(&chain.certificates)?;
        // SAFETY: the verification is alive and takes the list over; so below.
        unsafe { sys::X509_STORE_CTX_set0_verified_chain(self.0, list.into_raw()) };
        // SAFETY: as above.
        unsafe { sys::X509_STORE_CTX_set_error(self.0, sys::X509_V_OK) };
        Ok(())
    }
}

/// Bytes that can be decoded in only one way.
struct Facts(Vec<u8>);

impl Facts {
    fn number(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend(bytes);
    }
}
