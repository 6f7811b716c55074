//! Files of CA certificates, parsed once per process: OpenSSL 3.0 takes 0.2 ms a certificate, nearly all of it for
//! decoding keys that nobody uses. A file is read again when its identity, size or times of change differ.

use super::error::{Error, Result};
use super::file;
use crate::openssl::error::{Entry, LIB_X509};
use crate::openssl::lookup::Source;
use crate::openssl::pem;
use crate::openssl::{crl::X509Crl, x509::X509};
use crate::os;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a file held when it was opened; parsed when somebody asks.
pub(crate) struct Lazy {
    content: Mutex<Content>,
    may_have_crls: bool,
}

enum Content {
    Read(Vec<u8>),
    Parsed(Arc<Bundle>),
}

impl Lazy {
    fn new(data: Vec<u8>) -> Lazy {
        let may_have_crls = std::str::from_utf8(&data).map_or(true, |text| text.contains(CRL_MARK));
        Lazy { content: Mutex::new(Content::Read(data)), may_have_crls }
    }

    /// The certificates and revocation lists.
    pub fn parsed(&self) -> Result<Arc<Bundle>> {
        let mut content = self.content.lock();
        let bundle = match &*content {
            Content::Parsed(bundle) => return Ok(Arc::clone(bundle)),
            Content::Read(data) => Arc::new(parse(data)?),
        };
        *content = Content::Parsed(Arc::clone(&bundle));
        Ok(bundle)
    }

    /// Tells whether there may be revocation lists.
    pub fn may_have_crls(&self) -> bool {
        self.may_have_crls
    }
}

impl Source for Lazy {
    /// A file that cannot be parsed has none.
    fn each(&self, visit: &mut dyn FnMut(&X509)) {
        if let Ok(bundle) = self.parsed() {
            bundle.certificates.iter().for_each(visit);
        }
    }
}

/// What a file holds.
#[derive(Default)]
pub(crate) struct Bundle {
    pub certificates: Vec<X509>,
    pub crls: Vec<X509Crl>,
}

impl Bundle {
    /// Tells whether both hold the same certificates in the same order.
    pub fn has_same_certificates(&self, other: &Bundle) -> bool {
        std::ptr::eq(self, other) || self.certificates == other.certificates
    }
}

struct Known {
    path: PathBuf,
    identity: [i128; 5],
    bundle: Arc<Lazy>,
}

/// What the first line of a revocation list has in PEM.
const CRL_MARK: &str = "-----BEGIN X509 CRL";

/// How many files are kept: the least recently used one goes.
const KEEP: usize = 8;

static KNOWN: Mutex<VecDeque<Known>> = Mutex::new(VecDeque::new());

/// Reads the certificates and revocation lists of a PEM file.
pub(crate) fn read(path: &Path) -> Result<Arc<Bundle>> {
    let file = open(path)?;
    file.parsed().inspect_err(|_| KNOWN.lock().retain(|known| !Arc::ptr_eq(&known.bundle, &file)))
}

/// Reads a PEM file, for later.
pub(crate) fn open(path: &Path) -> Result<Arc<Lazy>> {
    let identity = os::file_identity(path).ok().flatten();
    if let Some(bundle) = identity.and_then(|identity| find(path, identity)) {
        return Ok(bundle);
    }
    let bundle = Arc::new(Lazy::new(file::read(path)?));
    if let Some(identity) = identity {
        keep(Known { path: path.to_owned(), identity, bundle: Arc::clone(&bundle) });
    }
    Ok(bundle)
}

fn find(path: &Path, identity: [i128; 5]) -> Option<Arc<Lazy>> {
    let mut known = KNOWN.lock();
    let index = known.iter().position(|known| known.path == path && known.identity == identity)?;
    let found = known.remove(index)?;
    let bundle = Arc::clone(&found.bundle);
    known.push_front(found);
    Some(bundle)
}

fn keep(new: Known) {
    let mut known = KNOWN.lock();
    known.retain(|old| old.path != new.path);
    known.push_front(new);
    known.truncate(KEEP);
}

fn parse(data: &[u8]) -> Result<Bundle> {
    const PEM_LIB: i32 = 524_297;
    let words = || Error::openssl(Some(Entry::new(LIB_X509, PEM_LIB, "PEM lib")));
    let malformed = |entry| Error::or_memory(entry, words);
    let bundle = Bundle {
        certificates: pem::certificates(data).map_err(malformed)?,
        crls: pem::crls(data).map_err(malformed)?,
    };
    if bundle.certificates.is_empty() && bundle.crls.is_empty() {
        return Err(Error::openssl(Some(Entry::new(LIB_X509, 136, "no certificate or crl found"))));
    }
    Ok(bundle)
}
