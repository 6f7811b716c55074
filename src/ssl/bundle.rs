//! Files of CA certificates, each parsed once per process: OpenSSL 3.0 takes 0.2 ms for a certificate, nearly all of
//! it to decode keys that are never used. A file is read again when its inode, size or modification time has changed.

mod parse;

use super::error::{Error, Result};
use super::file::{self, naming};
use super::warning;
use crate::lock::{FILE, Mutex};
use crate::openssl::error::{ERR_R_PEM_LIB, Entry, LIB_X509, X509_R_NO_CERTIFICATE_OR_CRL_FOUND};
use crate::openssl::lookup::Source;
use crate::openssl::{crl::X509Crl, x509::X509};
use crate::os;
use crate::ssl::text::repr;
use parse::{FileFault, Parsed, parse};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The content of a file at the time it was opened. It is parsed on first use.
pub(crate) struct Lazy {
    path: PathBuf,
    content: Mutex<Content, FILE>,
    may_have_crls: bool,
    /// The warning about unreadable entries has been given.
    told: AtomicBool,
}

enum Content {
    Read(file::Data),
    Parsed(Arc<Parsed>),
}

impl Lazy {
    fn new(path: &Path, data: file::Data) -> Lazy {
        let may_have_crls = std::str::from_utf8(&data).map_or(true, |text| text.contains(CRL_MARK));
        let (path, content) = (path.to_owned(), Mutex::new(Content::Read(data)));
        Lazy { path, content, may_have_crls, told: AtomicBool::new(false) }
    }

    /// Fails only when there is no memory.
    fn parsed(&self) -> Result<Arc<Parsed>> {
        let mut content = self.content.lock();
        let parsed = match &*content {
            Content::Parsed(parsed) => return Ok(Arc::clone(parsed)),
            Content::Read(data) => Arc::new(parse(data)?),
        };
        if !parsed.fault.as_ref().is_some_and(FileFault::may_pass) {
            *content = Content::Parsed(Arc::clone(&parsed));
        }
        Ok(parsed)
    }

    /// The certificates and revocation lists, if all of them can be read.
    pub fn all(&self) -> Result<Arc<Bundle>> {
        let parsed = self.parsed()?;
        let entry = match &parsed.fault {
            None => return Ok(Arc::clone(&parsed.bundle)),
            Some(FileFault::Empty) => {
                Entry::new(LIB_X509, X509_R_NO_CERTIFICATE_OR_CRL_FOUND, "no certificate or crl found")
            }
            Some(FileFault::Unreadable(..)) => Entry::new(LIB_X509, ERR_R_PEM_LIB, "PEM lib"),
        };
        let cause = parsed.fault.as_ref().map(|fault| Error::ssl(self.complaint(fault)));
        Err(naming(Error::openssl(entry).caused_by(cause), &self.path))
    }

    /// The certificates and revocation lists that can be read. The others give one warning, which is delivered later
    /// because the caller may hold locks.
    pub fn readable(&self) -> Result<Arc<Bundle>> {
        let parsed = self.parsed()?;
        if let Some(fault) = &parsed.fault {
            if !self.told.load(Ordering::Relaxed) {
                let noted = warning::note(format!("{}; it is left out", self.complaint(fault)));
                self.told.store(noted, Ordering::Relaxed);
            }
        }
        Ok(Arc::clone(&parsed.bundle))
    }

    fn complaint(&self, fault: &FileFault) -> String {
        format!("CA file {}: {fault}", repr(&self.path.to_string_lossy()))
    }

    /// Tells whether there may be revocation lists.
    pub fn may_have_crls(&self) -> bool {
        self.may_have_crls
    }
}

impl Source for Lazy {
    /// Visits nothing when there is no memory; the next call tries again.
    fn each(&self, visit: &mut dyn FnMut(&X509)) {
        if let Ok(bundle) = self.readable() {
            bundle.certificates.iter().for_each(visit);
        }
    }
}

/// The certificates and revocation lists of one file.
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

struct KnownFile {
    path: PathBuf,
    identity: [i128; 5],
    bundle: Arc<Lazy>,
}

/// Python's name of the argument that names such a file.
const ARGUMENT: &str = "cafile";

/// How the first line of a revocation list in PEM begins.
const CRL_MARK: &str = "-----BEGIN X509 CRL";

/// How many files are kept: the least recently used one goes.
const KEEP: usize = 8;

static KNOWN: Mutex<VecDeque<KnownFile>> = Mutex::new(VecDeque::new());

/// Reads the certificates and revocation lists of a PEM file.
pub(crate) fn read(path: &Path) -> Result<Arc<Bundle>> {
    let file = open(path)?;
    file.all().inspect_err(|_| KNOWN.lock().retain(|known| !Arc::ptr_eq(&known.bundle, &file)))
}

/// Opens a PEM file, to be parsed later.
pub(crate) fn open(path: &Path) -> Result<Arc<Lazy>> {
    // Opened even if its content is known: a caller without the right to read it must not get what others have read.
    let file = file::open(ARGUMENT, path)?;
    let identity = os::file_identity(&file.metadata);
    if let Some(bundle) = identity.and_then(|identity| find(path, identity)) {
        return Ok(bundle);
    }
    let bundle = Arc::new(Lazy::new(path, file::rest(ARGUMENT, path, file)?));
    if let Some(identity) = identity {
        keep(KnownFile { path: path.to_owned(), identity, bundle: Arc::clone(&bundle) });
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

fn keep(new: KnownFile) {
    let mut known = KNOWN.lock();
    known.retain(|old| old.path != new.path);
    known.push_front(new);
    known.truncate(KEEP);
}
