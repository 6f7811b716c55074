//! Converts certificates between DER and PEM.

use crate::ssl::error::{Error, Result};
use crate::ssl::text::is_space;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Python: `PEM_HEADER`
pub const PEM_HEADER: &str = "-----BEGIN CERTIFICATE-----";
/// Python: `PEM_FOOTER`
pub const PEM_FOOTER: &str = "-----END CERTIFICATE-----";

const LINE: usize = 64;
/// Padding is checked separately, and bits after the last whole byte are ignored, as in Python.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Gives the PEM text of DER bytes, which are not checked.
/// Python: `DER_cert_to_PEM_cert(der_cert_bytes)`
pub fn der_cert_to_pem_cert(der: &[u8]) -> Result<String> {
    let mut body = Vec::new();
    let len = base64::encoded_len(der.len(), true).ok_or_else(Error::no_memory)?;
    body.try_reserve_exact(len)?;
    body.resize(len, 0);
    let _ = BASE64.encode_slice(der, &mut body);
    let body = String::from_utf8(body).unwrap_or_default();
    let mut pem = String::new();
    pem.try_reserve_exact(body.len() + body.len() / LINE + 64)?;
    pem.push_str(PEM_HEADER);
    pem.push('\n');
    for start in (0..body.len()).step_by(LINE) {
        pem.push_str(&body[start..body.len().min(start + LINE)]);
        pem.push('\n');
    }
    pem.push_str(PEM_FOOTER);
    pem.push('\n');
    Ok(pem)
}

/// Gives the DER bytes of a PEM text that holds one certificate.
/// Python: `PEM_cert_to_DER_cert(pem_cert_string)`
pub fn pem_cert_to_der_cert(pem: &str) -> Result<Vec<u8>> {
    if !pem.starts_with(PEM_HEADER) {
        return Err(Error::value(format_args!("Invalid PEM encoding; must start with {PEM_HEADER}")));
    }
    let stripped = pem.trim_matches(is_space);
    if !stripped.ends_with(PEM_FOOTER) {
        return Err(Error::value(format_args!("Invalid PEM encoding; must end with {PEM_FOOTER}")));
    }
    // Header and footer may overlap in their dashes: then there is nothing between them.
    let body = stripped.get(PEM_HEADER.len()..stripped.len() - PEM_FOOTER.len()).unwrap_or("");
    decode_leniently(body)
}

/// Decodes base64 as Python does since its issue 145264: skips characters outside its alphabet, and padding with more
/// behind it.
fn decode_leniently(body: &str) -> Result<Vec<u8>> {
    if let Some(c) = body.chars().find(|c| !c.is_ascii()) {
        return Err(Error::value(format_args!("pem holds '{c}', which is not ASCII")));
    }
    let (data, padding) = essence(body.as_bytes())?;
    match (data.len() % 4, padding) {
        (0, _) | (2, 2..) | (3, 1..) => {
            let mut der = Vec::new();
            der.try_reserve_exact(base64::decoded_len_estimate(data.len()))?;
            BASE64.decode_vec(&data, &mut der).map_err(Error::value)?;
            Ok(der)
        }
        (1, _) => Err(Error::value(format_args!(
            "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
            data.len()
        ))),
        _ => Err(Error::value("Incorrect padding")),
    }
}

/// Picks the characters of the alphabet, and counts the padding after the last of them.
fn essence(body: &[u8]) -> Result<(Vec<u8>, usize)> {
    let mut data = Vec::new();
    data.try_reserve_exact(body.len())?;
    let mut padding = 0;
    for &byte in body {
        if byte == b'=' {
            padding += 1;
        } else if byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/' {
            data.push(byte);
            padding = 0;
        }
    }
    Ok((data, padding))
}
