//! Keys that a peer's chain must have one of: pins, as curl writes them.

use super::Context;
use crate::openssl::verification::REFUSED;
use crate::openssl::x509::X509;
use crate::ssl::error::{Error, Result, Status};
use crate::ssl::text::abridged;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

const PREFIX: &str = "sha256//";

/// The SHA-256 of a certificate's SubjectPublicKeyInfo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pin([u8; 32]);

impl Pin {
    fn parse(text: &str) -> Option<Pin> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        bytes.try_into().ok().map(Pin)
    }

    fn of(certificate: &X509) -> Result<Pin> {
        certificate.key_digest()?.try_into().map(Pin).map_err(|_| Error::no_memory())
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", STANDARD.encode(self.0))
    }
}

/// Keys of which a chain must have one. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pins(BTreeSet<Pin>);

impl Pins {
    /// None for an empty list.
    fn parse(texts: &[&str]) -> Result<Option<Pins>> {
        let pins: BTreeSet<Pin> = texts.iter().map(|text| parse(text)).collect::<Result<_>>()?;
        Ok((!pins.is_empty()).then_some(Pins(pins)))
    }

    /// Refuses certificates of which none has one of the keys.
    pub fn check(&self, certificates: &[X509]) -> Result<()> {
        let seen = certificates.iter().map(Pin::of).collect::<Result<Vec<Pin>>>()?;
        match seen.iter().any(|pin| self.0.contains(pin)) {
            true => Ok(()),
            false => Err(Error::new(Status::CertVerification, NotPinned(&seen))
                .with(|detail| detail.verify_code = REFUSED)),
        }
    }
}

struct NotPinned<'a>(&'a [Pin]);

impl fmt::Display for NotPinned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("keys are pinned, and the peer showed no certificate");
        }
        f.write_str("no key is pinned of those that were seen, the peer's own first: ")?;
        for (index, pin) in self.0.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{pin}")?;
        }
        Ok(())
    }
}

fn parse(text: &str) -> Result<Pin> {
    Pin::parse(text).ok_or_else(|| {
        let several = if text.contains(';') { ": pass each of several by itself" } else { "" };
        Error::value(format_args!(
            "pin {} is not sha256// and 32 bytes in base64, 44 characters{several}",
            abridged(text)
        ))
    })
}

impl Context {
    /// Sets keys of which a peer's chain must have one, "sha256//BASE64" each, beside all else that is asked of it; none
    /// asks for none. They count until the peer has been checked.
    pub fn set_pins(&self, pins: &[&str]) -> Result<()> {
        let pins = Pins::parse(pins)?.map(Arc::new);
        self.0.pins.set(pins);
        Ok(())
    }

    pub(crate) fn pins(&self) -> Option<Arc<Pins>> {
        self.0.pins.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pin_is_refused() {
        let good = format!("{PREFIX}{}", STANDARD.encode([7; 32]));
        assert_eq!(Pin::parse(&good).map(|pin| pin.to_string()), Some(good.clone()));
        let long = format!("{PREFIX}{}", STANDARD.encode([7; 33]));
        let short = format!("{PREFIX}{}", STANDARD.encode([7; 31]));
        let bad = [
            "",
            "sha256//",
            "sha1//BwcHBwcHBwcHBwcHBwcHBwcHBwc=",
            good.strip_prefix(PREFIX).unwrap_or_default(),
            good.trim_end_matches('='),
            &good.replace('=', "=="),
            &good.to_uppercase(),
            &format!(" {good}"),
            &format!("{good}\n"),
            &format!("{good};{good}"),
            &long,
            &short,
            "sha256//!!!!BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        ];
        for text in bad {
            let error = parse(text).err().map(|error| error.message().to_string());
            assert!(error.as_ref().is_some_and(|words| words.starts_with("pin '")), "{text}");
            assert_eq!(error.is_some_and(|words| words.contains("several")), text.contains(';'));
        }
    }
}
