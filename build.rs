//! Checks the OpenSSL that will be linked and, for `make header`, generates the C header.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    require_openssl_3();
    #[cfg(feature = "header")]
    header();
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

#[cfg(feature = "header")]
fn header() {
    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-changed=src");
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    cbindgen::generate(root)
        .expect("cbindgen reads src/ffi")
        .write_to_file(std::path::Path::new(&out).join("tlsock.h"));
}
