//! Cipher suites and key exchange.

use super::Context;
use crate::openssl::ctx::SslCtx;
use crate::openssl::feature::Feature;
use crate::openssl::{error::Cause, obj, pem};
use crate::ssl::cipher::CipherList;
use crate::ssl::error::{Error, Result};
use crate::ssl::file;
use crate::ssl::known::{KnownNames, NameKind, unknown};
use crate::ssl::origin::Origin;
use crate::ssl::text::repr;
use std::ffi::CString;
use std::path::Path;

/// Far longer than a list of all ciphers; OpenSSL takes a microsecond for each byte.
const LONGEST: usize = 64 * 1024;

/// A list of names as OpenSSL takes it.
pub(super) fn listed(argument: &str, names: &str) -> Result<CString> {
    if names.len() > LONGEST {
        return Err(Error::value(format_args!("{argument} cannot be longer than {LONGEST} bytes")));
    }
    CString::new(names).map_err(|_| Error::value("embedded null character"))
}

/// The error for a list that OpenSSL has refused: it names the first unknown name.
pub(super) fn refused(cause: Cause, kind: NameKind, argument: &str, list: &str) -> Error {
    if cause.is_memory() {
        return Error::no_memory();
    }
    match unknown(kind, argument, list) {
        Ok(Some(error)) | Err(error) => error,
        Ok(None) => Error::openssl(cause),
    }
}

/// Sets the ciphers; a failure changes nothing.
pub(super) fn set(ctx: &mut SslCtx, ciphers: &str) -> Result<()> {
    let text = listed("ciphers", ciphers)?;
    let (old, level) = (ctx.ciphers().map(ToOwned::to_owned), ctx.security_level());
    let Err(failure) = ctx.set_ciphers(&text) else { return Ok(()) };
    if failure.is_memory() {
        // In this case OpenSSL still has the old list.
        ctx.set_security_level(level);
        return Err(Error::no_memory());
    }
    // OpenSSL may have changed the level, and has dropped the old list, before it found that no cipher is left.
    if let Some(old) = old {
        ctx.set_ciphers(&old)?;
    }
    ctx.set_security_level(level);
    let why = unknown(NameKind::Cipher, "ciphers", ciphers)?;
    Err(Error::ssl("No cipher can be selected.").with(|detail| detail.cause = why))
}

impl Context {
    /// Python: `SSLContext.set_ciphers(ciphers)`. Ours: a list that is refused changes nothing.
    pub fn set_ciphers(&self, ciphers: &str) -> Result<()> {
        set(self.0.state.lock().edit()?, ciphers)
    }

    /// Sets the ciphers of TLS 1.3, which `set_ciphers` leaves alone. Python 3.15: `SSLContext.set_ciphersuites(…)`
    pub fn set_ciphersuites(&self, ciphersuites: &str) -> Result<()> {
        let text = listed("ciphersuites", ciphersuites)?;
        // OpenSSL would leave out what it does not know, and enable ciphers of other versions.
        if let Some(error) = unknown(NameKind::Ciphersuite, "ciphersuites", ciphersuites)? {
            return Err(error);
        }
        Ok(self.0.state.lock().edit()?.set_ciphersuites(&text)?)
    }

    /// Sets the groups for key exchange, the preferred one first. Python 3.15: `SSLContext.set_groups(groups)`
    pub fn set_groups(&self, groups: &str) -> Result<()> {
        let text = listed("groups", groups)?;
        // OpenSSL 3.5 takes an empty list, with which no handshake of TLS 1.3 succeeds.
        if !groups.contains(|letter: char| letter.is_ascii_alphanumeric()) {
            return Err(Error::value("groups names no group"));
        }
        let set = self.0.state.lock().edit()?.set_groups(&text);
        set.map_err(|cause| refused(cause, NameKind::Group, "groups", groups))
    }

    /// The groups that the OpenSSL in use has for the context's versions, by their numbers in TLS; with aliases all names
    /// of each. Python 3.15: `SSLContext.get_groups(include_aliases=)`
    pub fn get_groups(&self, include_aliases: bool) -> Result<Vec<String>> {
        let mut groups = KnownNames::new()?.groups()?;
        let (lowest, highest) = {
            let state = self.0.state.lock();
            (state.ctx.min_version(), state.ctx.max_version())
        };
        let within = |limit: i32, version: i32| limit <= 0 || version <= 0 || limit <= version;
        groups.retain(|group| within(group.versions.0, highest) && within(lowest, group.versions.1));
        groups.sort_by_key(|group| group.id);
        if !include_aliases {
            groups.dedup_by_key(|group| group.id);
        }
        Ok(groups.into_iter().map(|group| group.name).collect())
    }

    /// Python: `SSLContext.get_ciphers()`
    pub fn get_ciphers(&self) -> CipherList {
        self.0.state.lock().ctx.enabled_ciphers().into()
    }

    /// Python: `SSLContext.set_ecdh_curve(curve_name)`. As in Python, it affects clients too.
    pub fn set_ecdh_curve(&self, curve_name: &str) -> Result<()> {
        let name = CString::new(curve_name).map_err(|_| Error::value("embedded null byte"))?;
        let number = obj::short_name_number(&name);
        if number == obj::UNDEFINED {
            return Err(Error::value(format_args!("unknown elliptic curve name {}", repr(curve_name))));
        }
        Ok(self.0.state.lock().edit()?.set_group(number)?)
    }

    /// Python: `SSLContext.load_dh_params(dhfile)`
    pub fn load_dh_params(&self, dhfile: &Path) -> Result<()> {
        Error::unless_has(Feature::FiniteFieldDh)?;
        let pem = file::read("dhfile", dhfile)?;
        let origin = Origin::file("dhfile", dhfile);
        let parameters = pem::dh_parameters(&pem).map_err(|entry| origin.bad_file(entry))?;
        let set = self.0.state.lock().edit()?.set_dh_parameters(&parameters);
        set.map_err(|entry| origin.unusable(entry))
    }
}
