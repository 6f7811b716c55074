//! One field of a certificate as it was decoded, and what is wrong with it.

use super::text::PeerText;
use crate::openssl::error::Cause;
use crate::ssl::Error;
use crate::ssl::text::try_text;
use std::ffi::CString;
use std::fmt::Display;

/// A field, or why it cannot be decoded.
pub(super) type Field<T> = Result<T, Defect>;

/// Why a field cannot be decoded. Unlike an `Error` it can be cloned and reported many times.
#[derive(Clone, Debug)]
pub(super) enum Defect {
    /// OpenSSL failed to decode it.
    OpenSsl(Cause),
    /// It was decoded, but Python cannot make text of it.
    Value(String),
}

impl From<&Defect> for Error {
    fn from(defect: &Defect) -> Error {
        match defect {
            Defect::OpenSsl(cause) => Error::openssl(cause.clone()),
            Defect::Value(message) => Error::value(message.as_str()),
        }
    }
}

/// A value and, if it could not be decoded in full, its defect.
pub(super) type Decoded<T> = (T, Option<Defect>);

/// A list of names. One that is not text is listed as its bytes, so that it does not look absent.
pub(super) struct Listed<T> {
    pub items: Vec<T>,
    /// The first defect in the list. Python then gives nothing of the list.
    pub defect: Option<Defect>,
}

impl<T> Listed<T> {
    pub fn new() -> Listed<T> {
        Listed { items: Vec::new(), defect: None }
    }

    /// Records a defect, unless there was one before.
    pub fn note(&mut self, defect: Option<Defect>) {
        self.defect = self.defect.take().or(defect);
    }

    pub fn push(&mut self, (item, defect): Decoded<T>) -> Result<(), Error> {
        self.items.try_reserve(1)?;
        self.items.push(item);
        self.note(defect);
        Ok(())
    }
}

/// Takes bytes that should be text; `field` names the field they come from.
pub(super) fn text(bytes: &[u8], field: &str) -> Result<Decoded<PeerText>, Error> {
    let wrong = std::str::from_utf8(bytes).err();
    let defect = wrong.map(|error| Defect::Value(format!("{field} is not UTF-8 text: {error}")));
    Ok((PeerText::new(bytes)?, defect))
}

/// Text of any length, as a C string.
pub(super) fn c_text(words: impl Display) -> Result<CString, Error> {
    try_text(words).ok_or_else(Error::no_memory)
}

/// Keeps a failure that OpenSSL would report each time as a defect; lack of memory is an error of this call alone.
pub(super) fn lasting<T>(field: Result<T, Cause>) -> Result<Field<T>, Error> {
    match field {
        Err(cause) if cause.is_memory() => Err(Error::no_memory()),
        field => Ok(field.map_err(Defect::OpenSsl)),
    }
}
