//! The password of a private key.

use crate::lock::user_code;
use crate::openssl::pem;
use crate::openssl::pkey::PKey;
use crate::ssl::error::{Error, Result};
use crate::ssl::origin::Origin;
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
    /// None. Where a context loads, its password callback is asked.
    Unsaid,
}

impl<'a> From<Option<&'a [u8]>> for Password<'a> {
    fn from(password: Option<&'a [u8]>) -> Password<'a> {
        password.map_or(Password::Unsaid, Password::Given)
    }
}

impl<'a> Password<'a> {
    /// This one, or what the callback gives where the call does not say.
    pub(crate) fn or_ask(self, callback: Option<&'a PasswordCallback>) -> Password<'a> {
        match (self, callback) {
            (Password::Unsaid, Some(callback)) => Password::Asked(&**callback),
            (password, _) => password,
        }
    }

    /// Writes it into a buffer and tells its length.
    pub(super) fn write(self, buffer: &mut [u8]) -> Result<usize> {
        let ask = match self {
            Password::Given(password) => return copy(password, buffer),
            Password::Asked(ask) => ask,
            Password::Unsaid => {
                return Err(Error::value(
                    "the private key is encrypted: pass its password or set a password callback",
                ));
            }
        };
        let len = user_code(|| ask(buffer)).map_err(|failure| failure.at_once().of_callback())?;
        within(len, buffer.len())
    }

    /// Reads a private key, and asks for the password only if it is encrypted.
    pub(super) fn read_key(self, data: &[u8], origin: Origin<'_>) -> Result<PKey> {
        let mut asking = PasswordPrompt::of(self);
        let key = pem::private_key(data, &mut |buffer: &mut [u8]| asking.ask(buffer));
        key.map_err(|failure| asking.failed(origin, |origin| origin.bad_key(failure)))
    }
}

/// A password that OpenSSL asks for, and why it did not get it.
pub(super) struct PasswordPrompt<'a> {
    password: Password<'a>,
    refusal: Option<Error>,
}

impl<'a> PasswordPrompt<'a> {
    pub fn of(password: Password<'a>) -> PasswordPrompt<'a> {
        PasswordPrompt { password, refusal: None }
    }

    pub fn ask(&mut self, buffer: &mut [u8]) -> Option<usize> {
        let answer = self.password.write(buffer);
        answer.map_err(|error| self.refusal = Some(error)).ok()
    }

    /// The error of what could not be read: that there was no password, or what else it was.
    pub fn failed(self, origin: Origin<'_>, otherwise: impl FnOnce(Origin<'_>) -> Error) -> Error {
        match self.refusal {
            Some(refusal) if matches!(self.password, Password::Unsaid) => origin.needs(refusal),
            Some(refusal) => refusal,
            None => otherwise(origin),
        }
    }
}

fn copy(password: &[u8], buffer: &mut [u8]) -> Result<usize> {
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
