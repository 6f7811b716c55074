//! This side's certificate chain and private key.

use super::Context;
use super::origin::Origin;
use crate::lock::user_code;
use crate::openssl::ctx::{Identity, SslCtx};
use crate::openssl::{pem, pkey::PKey, x509::X509};
use crate::ssl::error::check_length;
use crate::ssl::error::{Error, Result};
use crate::ssl::file;
use crate::ssl::wipe;
use std::path::Path;
use std::sync::Arc;

/// Gives the password of a private key: writes it into the buffer and says how long it is.
pub type PasswordCallback = Arc<dyn Fn(&mut [u8]) -> Result<usize> + Send + Sync>;

/// Where the password of a private key comes from.
#[derive(Clone, Copy)]
pub enum Password<'a> {
    /// The password itself.
    Given(&'a [u8]),
    /// A callback for this call only.
    Asked(&'a (dyn Fn(&mut [u8]) -> Result<usize> + 'a)),
    /// The context's callback.
    OfContext,
}

impl<'a> From<Option<&'a [u8]>> for Password<'a> {
    fn from(password: Option<&'a [u8]>) -> Password<'a> {
        password.map_or(Password::OfContext, Password::Given)
    }
}

impl Password<'_> {
    fn write(self, context: Option<&PasswordCallback>, buffer: &mut [u8]) -> Result<usize> {
        let ask: &dyn Fn(&mut [u8]) -> Result<usize> = match (self, context) {
            (Password::Given(password), _) => return copy_password(password, buffer),
            (Password::Asked(ask), _) => ask,
            (Password::OfContext, Some(callback)) => &**callback,
            (Password::OfContext, None) => {
                return Err(Error::value(
                    "the private key is encrypted: pass its password or set a password callback",
                ));
            }
        };
        let len = user_code(|| ask(buffer)).map_err(Error::of_callback)?;
        within(len, buffer.len())
    }
}

impl Context {
    /// Python: `SSLContext.load_cert_chain(certfile, keyfile, password)`. Ours: a failure changes nothing.
    pub fn load_cert_chain<'a>(
        &self,
        certfile: &Path,
        keyfile: Option<&Path>,
        password: impl Into<Password<'a>>,
    ) -> Result<()> {
        let mut cert = file::read("certfile", certfile)?;
        let mut key = keyfile.map(|file| file::read("keyfile", file)).transpose()?;
        let of_cert = Origin::file("certfile", certfile);
        let of_key = keyfile.map_or(of_cert, |file| Origin::file("keyfile", file));
        let loaded = check_pem(&cert, of_cert)
            .and_then(|()| key.as_deref().map_or(Ok(()), |key| check_pem(key, of_key)))
            .and_then(|()| {
                self.load_identity((&cert, of_cert), (key.as_ref().unwrap_or(&cert), of_key), password.into())
            });
        wipe(&mut cert);
        wipe(key.as_deref_mut().unwrap_or_default());
        loaded
    }

    /// Like [`Context::load_cert_chain`], from memory: PEM or DER. Without `key`, the key is taken from `cert`.
    pub fn load_cert_chain_data<'a>(
        &self,
        cert: &[u8],
        key: Option<&[u8]>,
        password: impl Into<Password<'a>>,
    ) -> Result<()> {
        check_length(cert, "cert")?;
        check_length(key.unwrap_or_default(), "key")?;
        let of_cert = Origin::argument("cert");
        let of_key = if key.is_some() { Origin::argument("key") } else { of_cert };
        self.load_identity((cert, of_cert), (key.unwrap_or(cert), of_key), password.into())
    }

    fn load_identity(
        &self,
        (cert, of_cert): (&[u8], Origin<'_>),
        (key, of_key): (&[u8], Origin<'_>),
        password: Password<'_>,
    ) -> Result<()> {
        let mut certificates = read_certificates(cert, of_cert)?.into_iter();
        let leaf = certificates.next().ok_or_else(|| of_cert.unreadable("no certificate was found", None))?;
        // libssl would accept malformed extensions without an error; Python refuses them.
        leaf.check_extensions().map_err(|entry| of_cert.bad_entry(1, entry))?;
        let key = self.read_key(key, of_key, password)?;
        key.matches(&leaf).map_err(|entry| of_key.mismatch(entry, of_cert))?;
        let identity = Identity { leaf, chain: certificates.collect(), key };
        self.use_identity(identity)
    }

    /// Sets the callback that gives the password of an encrypted key when a loading call passes none.
    pub fn set_password_callback(&self, callback: Option<PasswordCallback>) {
        self.0.password.set(callback);
    }

    fn use_identity(&self, identity: Identity) -> Result<()> {
        let mut state = self.0.state.lock();
        let ctx: &mut SslCtx = state.edit()?;
        Ok(ctx.use_identity(identity)?)
    }

    fn read_key(&self, data: &[u8], origin: Origin<'_>, password: Password<'_>) -> Result<PKey> {
        let callback = self.0.password.get();
        let nobody = matches!(password, Password::OfContext) && callback.is_none();
        let mut refusal = None;
        let mut ask = |buffer: &mut [u8]| {
            let answer = password.write(callback.as_ref(), buffer);
            answer.map_err(|error| refusal = Some(error)).ok()
        };
        let key = pem::private_key(data, &mut ask);
        match (key, refusal) {
            (Ok(key), _) => Ok(key),
            (Err(_), Some(refusal)) if nobody => Err(origin.needs(refusal)),
            (Err(_), Some(refusal)) => Err(refusal),
            (Err(failure), None) => Err(origin.bad_key(failure)),
        }
    }
}

fn copy_password(password: &[u8], buffer: &mut [u8]) -> Result<usize> {
    within(password.len(), buffer.len())?;
    buffer[..password.len()].copy_from_slice(password);
    Ok(password.len())
}

fn within(len: usize, size: usize) -> Result<usize> {
    if len <= size {
        return Ok(len);
    }
    Err(Error::value(format_args!("password cannot be longer than {size} bytes")))
}

fn read_certificates(data: &[u8], origin: Origin<'_>) -> Result<Vec<X509>> {
    let broken = |entry| origin.unreadable("the certificate cannot be read", entry);
    if !pem::is_pem(data) {
        return Ok(vec![X509::from_der(data).map_err(broken)?]);
    }
    let mut certificates = Vec::new();
    for x509 in pem::each_certificate(data)? {
        // For the certificates after the first, Python reports OpenSSL's reason.
        let told = |entry| match certificates.len() {
            0 => broken(entry),
            before => origin.bad_entry(before + 1, entry),
        };
        let x509 = x509.map_err(told)?;
        certificates.push(x509);
    }
    Ok(certificates)
}

/// Files must be PEM, as in Python: a DER file has no room for a key beside the certificate.
fn check_pem(data: &[u8], origin: Origin<'_>) -> Result<()> {
    match pem::is_pem(data) {
        true => Ok(()),
        false => Err(origin.unreadable("the file is not PEM (DER is read from memory)", None)),
    }
}
