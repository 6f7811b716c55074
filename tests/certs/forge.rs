//! Certificates that no CA would sign, put together field by field with `openssl asn1parse -genconf`. Their
//! signature and key are empty: they are only for reading.

use super::{run, scratch};
use std::fmt::Write;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

pub const COMMON_NAME: &str = "2.5.4.3";
pub const SUBJECT_ALT_NAME: &str = "2.5.29.17";
pub const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";
pub const AUTHORITY_INFO_ACCESS: &str = "1.3.6.1.5.5.7.1.1";
pub const UTF8: &str = "12U";
pub const BMP: &str = "30U";
// Private until `as_universal`: newer programs refuse to write an invalid time.
pub const UTC_TIME: &str = "23P";
pub const GENERALIZED_TIME: &str = "24P";

/// One ASN.1 value.
#[derive(Clone)]
pub enum Node {
    /// A value in OpenSSL's notation.
    Plain(String),
    /// A SEQUENCE or SET of others, behind tag modifiers.
    Many(String, &'static str, Vec<Node>),
}

/// Bytes under a tag: "12U" is universal 12, "2" is context-specific 2.
pub fn bytes(tag: &str, bytes: impl AsRef<[u8]>) -> Node {
    if bytes.as_ref().is_empty() {
        return Node::Plain(format!("IMPLICIT:{tag},OCT:"));
    }
    let hex: String = bytes.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    Node::Plain(format!("IMPLICIT:{tag},FORMAT:HEX,OCT:{hex}"))
}

pub fn bit_string(hex: &str) -> Node {
    Node::Plain(format!("FORMAT:HEX,BITSTRING:{hex}"))
}

pub fn oid(oid: &str) -> Node {
    Node::Plain(format!("OID:{oid}"))
}

pub fn sequence(items: impl Into<Vec<Node>>) -> Node {
    tagged("", items)
}

/// A SEQUENCE behind tag modifiers, such as "EXPLICIT:0," or "OCTWRAP,".
pub fn tagged(modifiers: &str, items: impl Into<Vec<Node>>) -> Node {
    Node::Many(modifiers.to_string(), "SEQUENCE", items.into())
}

pub fn set(items: impl Into<Vec<Node>>) -> Node {
    Node::Many(String::new(), "SET", items.into())
}

/// A (type, value) pair of a name.
pub fn attribute(kind: &str, value: Node) -> Node {
    sequence([oid(kind), value])
}

/// A name whose RDNs have one attribute each.
pub fn name(attributes: &[(&str, Node)]) -> Node {
    let rdns = attributes.iter().map(|(kind, value)| set([attribute(kind, value.clone())]));
    sequence(rdns.collect::<Vec<_>>())
}

pub fn common_name(text: &str) -> Node {
    name(&[(COMMON_NAME, bytes(UTF8, text))])
}

pub fn extension(kind: &str, items: impl Into<Vec<Node>>) -> Node {
    sequence([oid(kind), tagged("OCTWRAP,", items)])
}

/// An extension whose content is any bytes.
pub fn raw_extension(kind: &str, content: &[u8]) -> Node {
    sequence([oid(kind), bytes("4U", content)])
}

/// The fields of a certificate.
#[derive(Clone)]
pub struct Forged {
    pub version: Option<u32>,
    pub serial: String,
    pub issuer: Node,
    pub subject: Node,
    pub not_before: Node,
    pub not_after: Node,
    pub extensions: Vec<Node>,
}

impl Default for Forged {
    fn default() -> Forged {
        Forged {
            version: Some(2),
            serial: "1".to_string(),
            issuer: common_name("issuer"),
            subject: common_name("subject"),
            not_before: bytes(UTC_TIME, "180105093443Z"),
            not_after: bytes(UTC_TIME, "380117223407Z"),
            extensions: Vec::new(),
        }
    }
}

impl Forged {
    /// A certificate with one extension.
    pub fn with(extension: Node) -> Forged {
        Forged { extensions: vec![extension], ..Forged::default() }
    }

    /// A certificate with these alternative names.
    pub fn alt_names(names: impl Into<Vec<Node>>) -> Forged {
        Forged::with(extension(SUBJECT_ALT_NAME, names))
    }

    /// The certificate as DER.
    pub fn der(&self) -> Vec<u8> {
        let algorithm = || sequence([oid("1.2.840.10045.4.3.2")]);
        let mut tbs = Vec::new();
        tbs.extend(self.version.map(|version| Node::Plain(format!("EXPLICIT:0,INTEGER:{version}"))));
        tbs.push(Node::Plain(format!("INTEGER:{}", self.serial)));
        tbs.extend([algorithm(), self.issuer.clone()]);
        tbs.push(sequence([self.not_before.clone(), self.not_after.clone()]));
        tbs.push(self.subject.clone());
        tbs.push(sequence([algorithm(), bit_string("00")]));
        if !self.extensions.is_empty() {
            tbs.push(tagged("EXPLICIT:3,", self.extensions.clone()));
        }
        der(&sequence([sequence(tbs), algorithm(), bit_string("00")]))
    }
}

/// Encodes a value.
pub fn der(root: &Node) -> Vec<u8> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let file = scratch().join(format!("forged-{}", NEXT.fetch_add(1, Ordering::Relaxed)));
    let (conf, out) = (file.with_extension("cnf"), file.with_extension("der"));
    let mut sections = Vec::new();
    let root = write(root, &mut sections);
    std::fs::write(&conf, format!("asn1={root}\n{}", sections.concat())).expect("scratch can be written");
    run(Command::new("openssl").args(["asn1parse", "-noout", "-genconf"]).arg(&conf).arg("-out").arg(&out));
    let mut der = std::fs::read(&out).expect("openssl wrote the file");
    as_universal(&mut der);
    der
}

/// Makes universal tags of private ones, but for those within an OCTET STRING.
fn as_universal(mut values: &mut [u8]) {
    const CLASS_AND_FORM: u8 = 0b1110_0000;
    const PRIVATE_PRIMITIVE: u8 = 0b1100_0000;
    const CONSTRUCTED: u8 = 0b0010_0000;
    while !values.is_empty() {
        let (header, len) = content(values);
        let (value, rest) = values.split_at_mut(header + len);
        if value[0] & CLASS_AND_FORM == PRIVATE_PRIMITIVE {
            value[0] &= !CLASS_AND_FORM;
        } else if value[0] & CONSTRUCTED != 0 {
            as_universal(&mut value[header..]);
        }
        values = rest;
    }
}

/// Where the content of a DER value begins, and how long it is.
fn content(value: &[u8]) -> (usize, usize) {
    match value[1] {
        len @ ..0x80 => (2, usize::from(len)),
        long => {
            let header = 2 + usize::from(long & 0x7F);
            (header, value[2..header].iter().fold(0, |len, byte| len << 8 | usize::from(*byte)))
        }
    }
}

/// Turns a value into OpenSSL's notation, in which every SEQUENCE is a section.
fn write(node: &Node, sections: &mut Vec<String>) -> String {
    match node {
        Node::Plain(text) => text.clone(),
        Node::Many(modifiers, kind, items) => {
            let index = sections.len();
            sections.push(String::new());
            let mut section = format!("[s{index}]\n");
            for (number, item) in items.iter().enumerate() {
                let item = write(item, sections);
                writeln!(section, "i{number}={item}").expect("text can be appended to");
            }
            sections[index] = section;
            format!("{modifiers}{kind}:s{index}")
        }
    }
}
