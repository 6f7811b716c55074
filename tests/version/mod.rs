//! Which OpenSSL this is: docs/openssl.md has what differs.
#![allow(dead_code)] // not every test asks both

#[allow(clippy::print_stdout)] // the reason for a skipped part is printed
/// Whether what is known of OpenSSL 3.0 may be expected; says so if not.
pub fn is_openssl_3_0(what: &str) -> bool {
    let known = tlsock::openssl_version_number() >> 20 == 0x300;
    if !known {
        println!("skipped: {what} of another OpenSSL than 3.0");
    }
    known
}

/// Whether this is OpenSSL 4, or newer.
pub fn is_openssl_4() -> bool {
    tlsock::openssl_version_number() >> 28 >= 4
}
