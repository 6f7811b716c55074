//! Lists of timestamps, and identities.

use super::certs;
use tlsock::Identity;

/// Nobody here looks into them.
pub const ONE: &[u8] = b"one timestamp";
pub const TWO: &[u8] = b"another";

/// A SignedCertificateTimestampList.
pub fn list(scts: &[&[u8]]) -> Vec<u8> {
    let counted = |bytes: &[u8]| {
        let len = u16::try_from(bytes.len()).expect("a length of two bytes");
        [&len.to_be_bytes()[..], bytes].concat()
    };
    counted(&scts.iter().flat_map(|sct| counted(sct)).collect::<Vec<u8>>())
}

pub fn identity(name: &str) -> Identity {
    let [cert, key] = ["pem", "key"].map(|kind| certs::read(&format!("{name}.{kind}")));
    Identity::from_data(&cert, Some(&key), None).expect("an identity")
}
