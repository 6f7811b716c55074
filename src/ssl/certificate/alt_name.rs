//! The alternative names of a subject.

use super::fields::{Defect, Field, lasting, text};
use super::name::{NameAttribute, attributes};
use super::text::PeerText;
use crate::openssl::Result;
use crate::openssl::x509::GeneralName;
use crate::ssl::error::{self, Error};
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
pub(super) fn alt_names(
    names: Vec<Result<GeneralName>>,
) -> std::result::Result<Field<Vec<SubjectAltName>>, Error> {
    names.into_iter().map(|name| Ok(lasting(name)?.and_then(alt_name))).collect()
}

fn alt_name(name: GeneralName) -> Field<SubjectAltName> {
    match name {
        GeneralName::Dns(name) => plain("DNS", name),
        GeneralName::Email(name) => plain("email", name),
        GeneralName::Uri(name) => plain("URI", name),
        GeneralName::Ip(address) => plain("IP Address", ip_address(&address).into_bytes()),
        GeneralName::RegisteredId(id) => plain("Registered ID", registered_id(id).into_bytes()),
        GeneralName::Directory(entries, rfc2253) => {
            let directory = attributes(entries, FIELD)?;
            let value = text(rfc2253, FIELD)?;
            Ok(SubjectAltName { kind: error::text("DirName"), value, directory: Some(directory) })
        }
        GeneralName::Printed(line) => printed(&line),
    }
}

fn plain(kind: &str, value: Vec<u8>) -> Field<SubjectAltName> {
    Ok(SubjectAltName { kind: error::text(kind), value: text(value, FIELD)?, directory: None })
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

fn registered_id(id: String) -> String {
    if id.len() > PYTHON_BUFFER { "<INVALID>".to_string() } else { id }
}

/// Splits OpenSSL's print form of a name, `type:value`, of which Python reads the first line.
fn printed(print: &[u8]) -> Field<SubjectAltName> {
    let end = print.iter().position(|byte| *byte == b'\n').map_or(print.len(), |newline| newline + 1);
    let line = &print[..end.min(PYTHON_BUFFER - 1)];
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        let shown = String::from_utf8_lossy(&line[..line.len().min(200)]);
        return Err(Defect::Value(format!("Invalid value {shown}")));
    };
    plain(&String::from_utf8_lossy(&line[..colon]), line[colon + 1..].to_vec())
}
