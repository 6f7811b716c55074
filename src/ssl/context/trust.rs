//! Trusted certificates and revocation lists.

use super::{Context, State};
use crate::openssl::error::{Cause, Entry, LIB_PEM, LIB_X509, PEM_R_NO_START_LINE, X509_R_INVALID_DIRECTORY};
use crate::openssl::lent::Lent;
use crate::openssl::store::{self, Store};
use crate::openssl::{crl::X509Crl, in_a_row, pem, x509::X509};
use crate::ssl::bundle::{self, Bundle, Lazy};
use crate::ssl::certificate::{Certificate, CertificateList};
use crate::ssl::error::check_length;
use crate::ssl::error::{Error, Result, Status};
use crate::ssl::module::paths::{self, InEffect};
use crate::ssl::warning;
use std::ffi::CString;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A directory of hashed names that was registered with the store.
pub(super) type Directory = CString;

/// Python: `SSLContext.cert_store_stats()`
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CertStoreStats {
    /// Certificates.
    pub x509: usize,
    /// Revocation lists.
    pub crl: usize,
    /// CA certificates.
    pub x509_ca: usize,
}

impl State {
    /// Adds certificates and revocation lists, which existing connections see at once too.
    fn load(&mut self, bundle: Arc<Bundle>) -> Result<()> {
        if self.searched {
            // Verification does not look into the attached file for a name that the store holds: fill the store first.
            self.fill()?;
        }
        self.add(bundle)
    }

    fn add(&mut self, bundle: Arc<Bundle>) -> Result<()> {
        // Noted first: a failure may leave some of it in the store, which is asked what it holds.
        self.note(&bundle);
        Ok(self.store.add(&bundle.certificates, &bundle.crls)?)
    }

    fn note(&mut self, bundle: &Arc<Bundle>) {
        let known = self.loaded.iter().any(|known| known.has_same_certificates(bundle));
        if !known && !bundle.certificates.is_empty() {
            self.loaded.push(Arc::clone(bundle));
        }
    }

    /// Adds a file, but loads it into the store only when it is needed: most short-lived contexts never need it. If there
    /// are connections, they may need it now.
    fn defer(&mut self, file: Arc<Lazy>) -> Result<()> {
        let known = self.attached.iter().chain(&self.deferred).any(|known| Arc::ptr_eq(known, &file));
        if known {
            return Ok(());
        }
        if self.attach(&file)? {
            self.attached = Some(file);
            return Ok(());
        }
        self.deferred.push(file);
        if self.searched { self.fill() } else { Ok(()) }
    }

    /// Has verification look into a file, if no connection searches the store yet and the file is asked before any
    /// directory. False if the file must be loaded instead.
    fn attach(&self, file: &Arc<Lazy>) -> Result<bool> {
        if self.searched || !self.directories.is_empty() || file.may_have_crls() {
            return Ok(false);
        }
        let source: Arc<Lazy> = Arc::clone(file);
        Ok(self.store.attach(source)?)
    }

    /// Makes the store ready for connections: loads deferred files into it, unless one attached file is all there is.
    pub(super) fn make_ready(&mut self) -> Result<()> {
        self.searched = true;
        match self.deferred.is_empty() && self.loaded.is_empty() {
            true => Ok(()),
            false => self.fill(),
        }
    }

    /// Loads the attached and deferred files into the store. Entries that cannot be read are skipped.
    fn fill(&mut self) -> Result<()> {
        self.deferred.splice(0..0, self.attached.take());
        while let Some(file) = self.deferred.first() {
            self.add(file.readable()?)?;
            // Removed only after it was added: if memory was short, the next call tries it again.
            self.deferred.remove(0);
        }
        Ok(())
    }

    /// The store with everything in it.
    fn whole_store(&mut self) -> Result<&Store> {
        self.fill()?;
        Ok(&self.store)
    }

    /// Registers a directory. OpenSSL does not lock its list of directories, so if connections may be searching the store,
    /// the directory goes into a copy that replaces it. Connections go over to that before they verify: see `lend_trust`.
    fn add_directory(&mut self, directory: Directory) -> Result<()> {
        let mut store = self.store.clone();
        if self.searched {
            self.fill()?;
            store = self.copy_store()?;
        }
        store.load_directory(&directory)?;
        self.directories.push(directory);
        (self.store, self.searched) = (store, false);
        Ok(())
    }

    /// A store with everything in it that this one holds or would look up in a file.
    pub(super) fn copy_whole_store(&mut self) -> Result<Store> {
        self.fill()?;
        self.copy_store()
    }

    fn copy_store(&self) -> Result<Store> {
        let copy = self.store.copy()?;
        self.load_directories(&copy)?;
        Ok(copy)
    }

    fn load_directories(&self, store: &Store) -> Result<()> {
        Ok(self.directories.iter().try_for_each(|directory| store.load_directory(directory))?)
    }

    /// Goes over to a store with these revocation lists and no others: from a store that is searched nothing can be taken.
    /// Connections go over to it before they verify: see `lend_trust`.
    fn replace_crls(&mut self, crls: &[X509Crl]) -> Result<()> {
        let store = self.whole_store()?.copy_certificates()?;
        store.add(&[], crls)?;
        self.load_directories(&store)?;
        (self.store, self.searched) = (store, false);
        Ok(())
    }
}

impl Context {
    /// Python: `SSLContext.load_verify_locations(cafile, capath, cadata)`. What was loaded before a failure stays.
    pub fn load_verify_locations(
        &self,
        cafile: Option<&Path>,
        capath: Option<&Path>,
        cadata: Option<&[u8]>,
    ) -> Result<()> {
        if cafile.is_none() && capath.is_none() && cadata.is_none() {
            return Err(Error::type_error("cafile, capath and cadata cannot be all omitted"));
        }
        if let Some(data) = cadata {
            self.load_verify_data(data)?;
        }
        if let Some(file) = cafile {
            let bundle = bundle::read(file)?;
            self.0.state.lock().load(bundle)?;
        }
        capath.map_or(Ok(()), |directory| self.load_verify_directory(directory))
    }

    /// Makes a change for which the store may have to be replaced.
    fn change_store(&self, change: impl FnOnce(&mut State) -> Result<()>) -> Result<()> {
        let mut state = self.0.state.lock();
        if state.searched {
            self.0.store_replaced.store(true, Ordering::Release);
            store::note_replaced();
        }
        change(&mut state)
    }

    /// Tells whether connections may have another store than the present one.
    pub(crate) fn has_replaced_store(&self) -> bool {
        self.0.store_replaced.load(Ordering::Acquire)
    }

    /// Has a connection of this context verify against its store, if that has been replaced.
    pub(crate) fn lend_trust(&self, ssl: &Lent<'_>) -> Result<()> {
        if !self.has_replaced_store() {
            return Ok(());
        }
        let store = {
            let mut state = self.0.state.lock();
            if ssl.verifies_against(&state.store) {
                return Ok(());
            }
            state.make_ready()?;
            state.store.clone()
        };
        ssl.set_store(&store);
        Ok(())
    }

    fn load_verify_data(&self, data: &[u8]) -> Result<()> {
        if data.is_empty() {
            return Err(Error::value("Empty certificate data"));
        }
        if data.len() > i32::MAX as usize {
            return Err(Error::value("Certificate data is too long."));
        }
        let (certificates, failure) = match pem::is_pem(data) {
            true => until_failure(pem::each_plain_certificate(data)?),
            false => until_failure(X509::all_from_der(data)?),
        };
        if certificates.is_empty() {
            return Err(Error::or_memory(&failure.unwrap_or(Cause::Untold), || no_certificate(data)));
        }
        let place = Error::ssl(format!("certificate {} of cadata cannot be read", certificates.len() + 1));
        self.0.state.lock().load(Arc::new(Bundle { certificates, crls: Vec::new() }))?;
        // An error without an entry on OpenSSL's queue ends the data silently, as in Python.
        match failure {
            Some(Cause::Told(entry)) => Err(Error::openssl(entry).caused_by(Some(place))),
            Some(Cause::Untold) | None => Ok(()),
        }
    }

    fn load_verify_directory(&self, directory: &Path) -> Result<()> {
        let path = directory.as_os_str().as_encoded_bytes();
        if path.is_empty() {
            return Err(Error::openssl(Entry::new(LIB_X509, X509_R_INVALID_DIRECTORY, "invalid directory")));
        }
        let path = CString::new(path).map_err(|_| Error::value("embedded null byte"))?;
        self.change_store(|state| state.add_directory(path))
    }

    /// Adds revocation lists from memory, PEM or DER.
    pub fn load_crl_data(&self, data: &[u8]) -> Result<()> {
        let crls = read_crls(data)?;
        self.0.state.lock().load(Arc::new(Bundle { certificates: Vec::new(), crls }))
    }

    /// Replaces all revocation lists, wherever they were loaded from, by those in memory, PEM or DER. None is left
    /// where there is no data.
    pub fn set_crl_data(&self, data: &[u8]) -> Result<()> {
        let crls = if data.is_empty() { Vec::new() } else { read_crls(data)? };
        self.change_store(|state| state.replace_crls(&crls))
    }

    /// Python: `SSLContext.load_default_certs(purpose)`
    pub fn load_default_certs(&self, purpose: i32) -> Result<()> {
        if cfg!(windows) {
            self.load_windows_certs(purpose)?;
        }
        self.set_default_verify_paths()
    }

    /// Python: `SSLContext.set_default_verify_paths()`. Files that do not exist or cannot be read are skipped.
    pub fn set_default_verify_paths(&self) -> Result<()> {
        in_a_row(|| self.load_paths(&paths::in_effect()))
    }

    fn load_paths(&self, defaults: &InEffect) -> Result<()> {
        if let Some(file) = unless_bad(bundle::open(&defaults.cafile))? {
            self.0.state.lock().defer(file)?;
        }
        match defaults.capath.as_os_str().is_empty() {
            true => Ok(()),
            false => self.load_verify_directory(&defaults.capath),
        }
    }

    fn store_contents(&self) -> Result<(Vec<X509>, usize)> {
        let contents = self.0.state.lock().whole_store()?.contents()?;
        warning::tell_noted();
        Ok(contents)
    }

    /// Python: `SSLContext.cert_store_stats()`
    pub fn cert_store_stats(&self) -> Result<CertStoreStats> {
        let (certificates, crl) = self.store_contents()?;
        let x509_ca = certificates.iter().filter(|x509| x509.is_ca()).count();
        Ok(CertStoreStats { x509: certificates.len(), crl, x509_ca })
    }

    /// Python: `SSLContext.get_ca_certs()`
    pub fn get_ca_certs(&self) -> Result<CertificateList> {
        let (certificates, _) = self.store_contents()?;
        let authorities = certificates.into_iter().filter(X509::is_ca);
        Ok(authorities.map(|x509| Certificate::new(x509, false)).collect::<Vec<_>>().into())
    }
}

fn read_crls(data: &[u8]) -> Result<Vec<X509Crl>> {
    check_length(data, "crl")?;
    let read = match pem::is_pem(data) {
        true => pem::crls(data),
        false => X509Crl::all_from_der(data).and_then(Iterator::collect),
    };
    let crls: Vec<X509Crl> = read.map_err(|cause| match cause {
        Cause::Told(entry) => Error::openssl(entry),
        Cause::Untold => Error::ssl("crl does not contain a revocation list"),
    })?;
    if crls.is_empty() {
        return Err(Error::openssl(Entry::new(LIB_PEM, PEM_R_NO_START_LINE, "no start line")));
    }
    Ok(crls)
}

/// The content of a file, or None if it cannot be opened. Lack of memory remains an error.
fn unless_bad<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Err(error) if error.status() != Status::NoMemory => Ok(None),
        read => read.map(Some),
    }
}

/// The certificates that could be read, and the failure that ended the reading, if any.
fn until_failure(read: impl Iterator<Item = crate::openssl::Result<X509>>) -> (Vec<X509>, Option<Cause>) {
    let (mut certificates, mut failure) = (Vec::new(), None);
    for item in read {
        match item {
            Ok(x509) => certificates.push(x509),
            Err(cause) => failure = Some(cause),
        }
    }
    (certificates, failure)
}

fn no_certificate(data: &[u8]) -> Error {
    let text = std::str::from_utf8(data).is_ok_and(|text| text.is_ascii());
    let message = match text {
        true => "no start line: cadata does not contain a certificate",
        false => "not enough data: cadata does not contain a certificate",
    };
    Error::new(Status::Ssl, message)
}
