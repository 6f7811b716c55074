//! What a context trusts at one time.

use super::trust::Directory;
use super::{Context, State};
use crate::openssl::flags::verify::CRL_CHECKS;
use crate::openssl::store::{Store, StoreState};
use crate::openssl::{crl::X509Crl, x509::X509, x509::digest};
use crate::ssl::bundle::{Bundle, Lazy};
use crate::ssl::error::Result;
use crate::ssl::session::{Asked, NameCheck};
use std::collections::{BTreeSet, HashMap};
use std::ffi::CString;
use std::sync::{Arc, OnceLock};

/// The content of a trust store. Two are compared by the number of their store's state first, which costs nothing;
/// files that no verification has needed yet are parsed only if the numbers differ, or for a session that is exported
/// as bytes.
pub(crate) struct Believed {
    state: StoreState,
    store: Store,
    directories: Vec<Directory>,
    loaded: Vec<Arc<Bundle>>,
    files: Vec<Arc<Lazy>>,
    crls: Vec<X509Crl>,
    authorities_digest: OnceLock<Vec<u8>>,
    lists_digest: OnceLock<Vec<u8>>,
}

impl Believed {
    /// Tells whether the content may change without notice: a revocation list may be added to a directory.
    pub fn may_change(&self, flags: u64) -> bool {
        self.state.may_grow() && flags & CRL_CHECKS != 0
    }

    /// Tells whether two stores give the same verdicts under these verify flags.
    pub fn is_same(&self, other: &Believed, flags: u64) -> bool {
        if self.state.number() == other.state.number() {
            return true;
        }
        // Without the memory to compare them, they count as different.
        matches!((self.digest(flags), other.digest(flags)), (Ok(one), Ok(two)) if one == two)
    }

    /// A digest that is the same in every process. It does not cover the files in directories.
    pub fn digest(&self, flags: u64) -> Result<Vec<u8>> {
        let mut facts = kept(&self.authorities_digest, || self.authorities())?;
        if flags & CRL_CHECKS != 0 {
            facts.extend(kept(&self.lists_digest, || self.lists())?);
        }
        Ok(facts)
    }

    /// Of the certificates that were loaded, those that the store holds, in the copy that it holds: it keeps the first one,
    /// and that says for what the certificate is trusted. Certificates from directories are in the store too, but not loaded.
    fn authorities(&self) -> Result<Vec<u8>> {
        let (held, _) = self.store.contents()?;
        let mut copies: HashMap<Vec<u8>, &X509> = HashMap::with_capacity(held.len());
        for certificate in &held {
            copies.insert(certificate.to_der()?, certificate);
        }
        let mut digests = BTreeSet::new();
        for certificate in self.loaded.iter().flat_map(|bundle| &bundle.certificates) {
            if let Some(copy) = copies.get(&certificate.to_der()?) {
                digests.insert(digest(c"SHA256", &copy.to_trusted_der()?)?);
            }
        }
        let parsed: Vec<_> = self.files.iter().map(|file| file.readable()).collect::<Result<_>>()?;
        for certificate in parsed.iter().flat_map(|bundle| &bundle.certificates) {
            let copy = copies.entry(certificate.to_der()?).or_insert(certificate);
            digests.insert(digest(c"SHA256", &copy.to_trusted_der()?)?);
        }
        let mut facts = format!("{:?}\0", self.directories).into_bytes();
        facts.extend(digests.into_iter().flatten());
        Ok(digest(c"SHA256", &facts)?)
    }

    fn lists(&self) -> Result<Vec<u8>> {
        let mut digests = BTreeSet::new();
        for crl in &self.crls {
            digests.insert(digest(c"SHA256", &crl.to_der()?)?);
        }
        let facts: Vec<u8> = digests.into_iter().flatten().collect();
        Ok(digest(c"SHA256", &facts)?)
    }

    /// When the first of the revocation lists expires that these verify flags may consult; None if a date is unreadable.
    pub fn lists_end(&self, flags: u64) -> Option<i64> {
        if flags & CRL_CHECKS == 0 {
            return Some(i64::MAX);
        }
        let ends = self.crls.iter().map(|crl| Some(crl.next_update_seconds().ok()?.unwrap_or(i64::MAX)));
        ends.collect::<Option<Vec<i64>>>().map(|ends| ends.into_iter().min().unwrap_or(i64::MAX))
    }
}

fn kept(place: &OnceLock<Vec<u8>>, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<Vec<u8>> {
    if let Some(known) = place.get() {
        return Ok(known.clone());
    }
    let made = make()?;
    Ok(place.get_or_init(|| made).clone())
}

impl State {
    /// The content of the store now.
    fn believe(&mut self) -> Option<Arc<Believed>> {
        let state = self.store.state()?;
        if let Some(known) = self.believed.as_ref().filter(|known| known.state.number() == state.number()) {
            return Some(Arc::clone(known));
        }
        let believed = Arc::new(Believed {
            state,
            store: self.store.clone(),
            directories: self.directories.clone(),
            loaded: self.loaded.clone(),
            files: self.attached.iter().chain(&self.deferred).map(Arc::clone).collect(),
            crls: self.store.crls().ok()?,
            authorities_digest: OnceLock::new(),
            lists_digest: OnceLock::new(),
        });
        self.believed = Some(Arc::clone(&believed));
        Some(believed)
    }
}

impl Context {
    /// The content of a connection's store in the given state; None if the context's store has changed since.
    pub(crate) fn believed(&self, state: StoreState) -> Option<Arc<Believed>> {
        self.0.state.lock().believe().filter(|believed| believed.state.number() == state.number())
    }

    /// What a client that is made now would ask of a server with this name.
    pub(crate) fn would_ask(&self, names: Vec<CString>) -> Result<Option<Asked>> {
        let beyond = self.beyond();
        let mut state = self.0.state.lock();
        state.make_ready()?;
        let names = Arc::new(NameCheck::new(state.check_hostname, names));
        let demands = state.ctx.demands();
        Ok(state.believe().map(|believed| Asked::new(demands, names, beyond, believed, self.client_key())))
    }
}
