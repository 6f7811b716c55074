//! Which OpenSSL this is.

#[allow(clippy::print_stdout)] // why a test says less is told to who runs it
/// Whether what is known of OpenSSL 3.0 may be expected; says so if not. docs/openssl.md has what differs.
pub fn is_openssl_3_0(what: &str) -> bool {
    let known = tlsock::openssl_version_number() >> 20 == 0x300;
    if !known {
        println!("skipped: {what} of another OpenSSL than 3.0");
    }
    known
}
