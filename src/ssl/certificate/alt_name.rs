//! The alternative names of a subject.

use super::field::{Decoded, Defect, Listed, c_text, lasting, text};
use super::name::{NameAttribute, attributes};
use super::text::PeerText;
use crate::openssl;
use crate::openssl::x509::GeneralName;
use crate::ssl::error::Result;
use std::ffi::CString;
use std::net::Ipv4Addr;

const FIELD: &str = "subjectAltName";
/// Python reads names into a buffer of this many bytes, with a NUL.
const PYTHON_BUFFER: usize = 2047;

/// One alternative name.
#[derive(Clone, Debug)]
pub struct SubjectAltName {
    /// Python's word for its type: `DNS`, `IP Address`, `email`, `URI`, `DirName`, `Registered ID`,
    /// `othername`, `X400Name`, `EdiPartyName`.
    pub kind: CString,
    /// The name; a directory name in one line of RFC 2253.
    pub value: PeerText,
    /// The attributes of a directory name.
    pub directory: Option<Vec<NameAttribute>>,
}

/// Decodes the names as Python does.
pub(super) fn alt_names(names: Vec<openssl::Result<GeneralName>>) -> Result<Listed<SubjectAltName>> {
    let mut listed = Listed::new();
    for name in names {
        match lasting(name)? {
            Ok(name) => listed.push(alt_name(name)?)?,
            Err(defect) => listed.note(Some(defect)),
        }
    }
    Ok(listed)
}

fn alt_name(name: GeneralName) -> Result<Decoded<SubjectAltName>> {
    match name {
        GeneralName::Dns(name) => plain("DNS", &name),
        GeneralName::Email(name) => plain("email", &name),
        GeneralName::Uri(name) => plain("URI", &name),
        GeneralName::Ip(address) => plain("IP Address", ip_address(&address).as_bytes()),
        GeneralName::RegisteredId(id) => plain("Registered ID", registered_id(&id).as_bytes()),
        GeneralName::Directory(entries, rfc2253) => {
            let mut directory = attributes(Ok(entries), FIELD)?;
            let (value, defect) = text(&rfc2253, FIELD)?;
            directory.note(defect);
            let kind = c_text("DirName")?;
            Ok((SubjectAltName { kind, value, directory: Some(directory.items) }, directory.defect))
        }
        GeneralName::Printed(line) => printed(&line),
    }
}

fn plain(kind: &str, value: &[u8]) -> Result<Decoded<SubjectAltName>> {
    let (value, defect) = text(value, FIELD)?;
    Ok((SubjectAltName { kind: c_text(kind)?, value, directory: None }, defect))
}

/// IPv6 without any shortening: eight groups of upper-case hex.
fn ip_address(address: &[u8]) -> String {
    if let Ok(v4) = <[u8; 4]>::try_from(address) {
        return Ipv4Addr::from(v4).to_string();
    }
    if address.len() != 16 {
        return "<invalid>".to_string();
    }
    let group = |pair: &[u8]| format!("{:X}", u16::from(pair[0]) << 8 | u16::from(pair[1]));
    address.chunks_exact(2).map(group).collect::<Vec<_>>().join(":")
}

fn registered_id(id: &str) -> &str {
    if id.len() > PYTHON_BUFFER { "<INVALID>" } else { id }
}

/// Splits OpenSSL's print form of a name, `type:value`, of which Python reads the first line.
fn printed(print: &[u8]) -> Result<Decoded<SubjectAltName>> {
    let end = print.iter().position(|byte| *byte == b'\n').map_or(print.len(), |newline| newline + 1);
    let line = &print[..end.min(PYTHON_BUFFER - 1)];
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        let shown = String::from_utf8_lossy(&line[..line.len().min(200)]);
        let defect = Defect::Value(format!("Invalid value {shown}"));
        return Ok((plain("", line)?.0, Some(defect)));
    };
    plain(&String::from_utf8_lossy(&line[..colon]), &line[colon + 1..])
}
