//! All facts of a connection in one text, for a log.

use super::{Core, Engine};
use crate::ssl::certificate::Certificate;
use crate::ssl::ech::EchStatus;
use crate::ssl::error::{Error, Result};
use crate::ssl::json::{Hex, Text, array};
use crate::ssl::text::try_text;
use std::ffi::{CStr, CString};
use std::fmt::{self, Display, Formatter};

impl Engine {
    /// All facts of the connection as JSON text, once the handshake is done: see `tlsock_object_info_json`.
    pub fn info_json(&self) -> Result<CString> {
        let core = self.core()?;
        if !core.ssl.is_init_finished() {
            return Err(Error::value("handshake not done yet"));
        }
        let facts = self.facts(&core)?;
        try_text(facts).ok_or_else(Error::no_memory)
    }

    fn facts(&self, core: &Core) -> Result<Facts<'_>> {
        let cipher = self.cipher();
        let peer = self.peer_certificate()?;
        Ok(Facts {
            server_side: core.ssl.is_server(),
            version: self.version(),
            cipher: cipher.and_then(|cipher| cipher.name),
            bits: cipher.map_or(0, |cipher| cipher.secret_bits),
            group: self.group(),
            server_sigalg: self.server_sigalg(),
            client_sigalg: self.client_sigalg(),
            alpn: self.selected_alpn_protocol(),
            server_name: self.server_name(),
            ech: self.ech_status(),
            ech_outer_name: self.ech_outer_name(),
            session_reused: core.ssl.session_reused(),
            verified: peer.as_ref().is_some_and(Certificate::verified),
            verify_result: core.ssl.verify_result(),
            verify_overridden: self.verify_overridden(),
            peer: peer.as_ref().map(Shown::of).transpose()?,
            chain: self.get_verified_chain()?.as_slice().iter().map(Shown::of).collect::<Result<_>>()?,
        })
    }
}

struct Facts<'a> {
    server_side: bool,
    version: Option<&'static CStr>,
    cipher: Option<&'static CStr>,
    bits: i32,
    group: Option<&'a CStr>,
    server_sigalg: Option<&'static CStr>,
    client_sigalg: Option<&'static CStr>,
    alpn: Option<&'a CStr>,
    server_name: Option<&'a CStr>,
    ech: EchStatus,
    ech_outer_name: Option<&'a CStr>,
    session_reused: bool,
    verified: bool,
    verify_result: i32,
    verify_overridden: bool,
    peer: Option<Shown>,
    chain: Vec<Shown>,
}

impl Display for Facts<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, r#"{{"server_side":{},"version":{}"#, self.server_side, Known(self.version))?;
        write!(f, r#","cipher":{},"bits":{}"#, Known(self.cipher), self.bits)?;
        write!(f, r#","group":{},"server_sigalg":{}"#, Known(self.group), Known(self.server_sigalg))?;
        write!(f, r#","client_sigalg":{},"alpn":{}"#, Known(self.client_sigalg), Known(self.alpn))?;
        write!(f, r#","server_name":{}"#, Known(self.server_name))?;
        write!(f, r#","ech":"{}""#, self.ech.word())?;
        write!(f, r#","ech_outer_name":{}"#, Known(self.ech_outer_name))?;
        write!(f, r#","session_reused":{},"verified":{}"#, self.session_reused, self.verified)?;
        write!(f, r#","verify_result":{}"#, self.verify_result)?;
        write!(f, r#","verify_overridden":{},"peer":"#, self.verify_overridden)?;
        match &self.peer {
            Some(peer) => write!(f, "{peer}")?,
            None => f.write_str("null")?,
        }
        f.write_str(r#","chain":"#)?;
        array(f, &self.chain, |f, shown| write!(f, "{shown}"))?;
        f.write_str("}")
    }
}

/// A string, or null.
struct Known<'a>(Option<&'a CStr>);

impl Display for Known<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(text) => write!(f, "{}", Text(text.to_bytes())),
            None => f.write_str("null"),
        }
    }
}

/// What a log says of a certificate.
struct Shown {
    certificate: Certificate,
    sha256: Vec<u8>,
}

impl Shown {
    fn of(certificate: &Certificate) -> Result<Shown> {
        Ok(Shown { sha256: certificate.fingerprint(None)?, certificate: certificate.clone() })
    }
}

impl Display for Shown {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let shown = &self.certificate;
        write!(f, r#"{{"subject":{},"issuer":{}"#, Known(shown.subject_text()), Known(shown.issuer_text()))?;
        write!(f, r#","serial_number":{}"#, Known(Some(shown.serial_number())))?;
        match shown.not_after_time() {
            Some(end) => write!(f, r#","not_after":{end}"#)?,
            None => f.write_str(r#","not_after":null"#)?,
        }
        write!(f, r#","sha256":"{}"}}"#, Hex(&self.sha256))
    }
}
