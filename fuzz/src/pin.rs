//! Pins of the tests' keys, made without the library.

use crate::certs;
use crate::libcrypto::sha256;
use std::process::Command;

/// The pin of a certificate's key, as curl writes it.
pub fn of(name: &str) -> String {
    let mut command = Command::new("openssl");
    command
        .args(["pkey", "-pubout", "-outform", "DER", "-in"])
        .arg(certs::folder().join(format!("{name}.key")));
    let der = command.output().expect("the openssl command is there").stdout;
    format!("sha256//{}", base64(&sha256(&der)))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number =
            three.iter().chain(&[0; 2]).take(3).fold(0, |number, byte| number << 8 | usize::from(*byte));
        for place in 0..4 {
            let letter = char::from(LETTERS[number >> (18 - 6 * place) & 63]);
            text.push(if place <= three.len() { letter } else { '=' });
        }
    }
    text
}
