//! Checks the OpenSSL that will be linked and, for `make header`, generates the C headers.

#[cfg(feature = "header")]
#[path = "packaging/header/mod.rs"]
mod header;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    require_openssl_3();
    #[cfg(feature = "header")]
    header::generate();
}

/// Stops the build with one clear sentence instead of hundreds of missing names.
fn require_openssl_3() {
    println!("cargo:rerun-if-env-changed=DEP_OPENSSL_VERSION_NUMBER");
    let version = std::env::var("DEP_OPENSSL_VERSION_NUMBER").unwrap_or_default();
    let number = u64::from_str_radix(&version, 16).unwrap_or(0);
    assert!(
        number >= 0x3000_0000,
        "tlsock needs OpenSSL 3.0 or newer (LibreSSL, BoringSSL and AWS-LC lack what it uses); \
         install its development package or build with `--features vendored`"
    );
}
