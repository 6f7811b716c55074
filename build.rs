//! Checks the library that will be linked, tells this one what it has that older ones lack and, for `make header`,
//! generates the C headers.

#[cfg(feature = "header")]
#[path = "packaging/header/mod.rs"]
mod header;

#[cfg(all(feature = "openssl", feature = "aws-lc"))]
compile_error!(
    "tlsock is built with one of its backends: OpenSSL, or AWS-LC by `--no-default-features --features aws-lc`"
);
#[cfg(not(any(feature = "openssl", feature = "aws-lc")))]
compile_error!("tlsock needs a backend: one of the features `openssl`, which is the default, and `aws-lc`");

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(ech)");
    #[cfg(feature = "openssl")]
    openssl::examine();
    #[cfg(feature = "header")]
    header::generate();
}

#[cfg(feature = "openssl")]
mod openssl {
    pub fn examine() {
        let version = version();
        require_openssl_3(version);
        tell_ech(version);
    }

    fn version() -> u64 {
        println!("cargo:rerun-if-env-changed=DEP_OPENSSL_VERSION_NUMBER");
        let version = std::env::var("DEP_OPENSSL_VERSION_NUMBER").unwrap_or_default();
        u64::from_str_radix(&version, 16).unwrap_or(0)
    }

    /// Stops the build with one clear sentence instead of hundreds of missing names.
    fn require_openssl_3(version: u64) {
        assert!(
            version >= 0x3000_0000,
            "tlsock needs OpenSSL 3.0 or newer (LibreSSL and BoringSSL lack what it uses; AWS-LC is the feature `aws-lc`); \
             install its development package or build with `--features vendored`"
        );
    }

    /// Sets `cfg(ech)` if the OpenSSL has Encrypted ClientHello: since 4.0, unless it was built with `no-ech`.
    fn tell_ech(version: u64) {
        println!("cargo:rerun-if-env-changed=DEP_OPENSSL_INCLUDE");
        let folder = std::env::var_os("DEP_OPENSSL_INCLUDE").unwrap_or_default();
        let header = std::path::Path::new(&folder).join("openssl/configuration.h");
        let left_out = std::fs::read_to_string(header).is_ok_and(|text| text.contains("OPENSSL_NO_ECH"));
        if version >= 0x4000_0000 && !left_out {
            println!("cargo:rustc-cfg=ech");
        }
    }
}
