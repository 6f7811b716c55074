//! Checks the OpenSSL that will be linked, tells the library what it has that older ones lack and, for `make header`,
//! generates the C headers.

#[cfg(feature = "header")]
#[path = "packaging/header/mod.rs"]
mod header;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let version = openssl_version();
    require_openssl_3(version);
    tell_ech(version);
    #[cfg(feature = "header")]
    header::generate();
}

fn openssl_version() -> u64 {
    println!("cargo:rerun-if-env-changed=DEP_OPENSSL_VERSION_NUMBER");
    let version = std::env::var("DEP_OPENSSL_VERSION_NUMBER").unwrap_or_default();
    u64::from_str_radix(&version, 16).unwrap_or(0)
}

/// Stops the build with one clear sentence instead of hundreds of missing names.
fn require_openssl_3(version: u64) {
    assert!(
        version >= 0x3000_0000,
        "tlsock needs OpenSSL 3.0 or newer (LibreSSL, BoringSSL and AWS-LC lack what it uses); \
         install its development package or build with `--features vendored`"
    );
}

/// Sets `cfg(ech)` if the OpenSSL has Encrypted ClientHello: since 4.0, unless it was built with `no-ech`.
fn tell_ech(version: u64) {
    println!("cargo:rustc-check-cfg=cfg(ech)");
    println!("cargo:rerun-if-env-changed=DEP_OPENSSL_INCLUDE");
    let folder = std::env::var_os("DEP_OPENSSL_INCLUDE").unwrap_or_default();
    let header = std::path::Path::new(&folder).join("openssl/configuration.h");
    let left_out = std::fs::read_to_string(header).is_ok_and(|text| text.contains("OPENSSL_NO_ECH"));
    if version >= 0x4000_0000 && !left_out {
        println!("cargo:rustc-cfg=ech");
    }
}
