//! The header's numbers against openssl-sys, which both the library and its users' OpenSSL agree with.
//! `tests/header/openssl_values.c` does the same against OpenSSL's C headers, for those openssl-sys lacks too.

#[path = "../src/ffi/constants.rs"]
mod constants;

use constants::*;
use openssl_sys as ffi;

#[test]
fn options() {
    let all =
        ffi::SSL_OP_CRYPTOPRO_TLSEXT_BUG | ffi::SSL_OP_TLSEXT_PADDING | ffi::SSL_OP_SAFARI_ECDHE_ECDSA_BUG;
    let pairs = [
        (TLSOCK_OP_ALL, all),
        (TLSOCK_OP_LEGACY_SERVER_CONNECT, ffi::SSL_OP_LEGACY_SERVER_CONNECT),
        (TLSOCK_OP_IGNORE_UNEXPECTED_EOF, ffi::SSL_OP_IGNORE_UNEXPECTED_EOF),
        (TLSOCK_OP_NO_TICKET, ffi::SSL_OP_NO_TICKET),
        (TLSOCK_OP_NO_COMPRESSION, ffi::SSL_OP_NO_COMPRESSION),
        (TLSOCK_OP_ENABLE_MIDDLEBOX_COMPAT, ffi::SSL_OP_ENABLE_MIDDLEBOX_COMPAT),
        (TLSOCK_OP_CIPHER_SERVER_PREFERENCE, ffi::SSL_OP_CIPHER_SERVER_PREFERENCE),
        (TLSOCK_OP_NO_SSLV2, ffi::SSL_OP_NO_SSLv2),
        (TLSOCK_OP_NO_SSLV3, ffi::SSL_OP_NO_SSLv3),
        (TLSOCK_OP_NO_TLSV1, ffi::SSL_OP_NO_TLSv1),
        (TLSOCK_OP_NO_TLSV1_1, ffi::SSL_OP_NO_TLSv1_1),
        (TLSOCK_OP_NO_TLSV1_2, ffi::SSL_OP_NO_TLSv1_2),
        (TLSOCK_OP_NO_TLSV1_3, ffi::SSL_OP_NO_TLSv1_3),
        (TLSOCK_OP_NO_RENEGOTIATION, ffi::SSL_OP_NO_RENEGOTIATION),
        (TLSOCK_OP_SINGLE_DH_USE, ffi::SSL_OP_SINGLE_DH_USE),
        (TLSOCK_OP_SINGLE_ECDH_USE, ffi::SSL_OP_SINGLE_ECDH_USE),
    ];
    for (ours, theirs) in pairs {
        assert_eq!(ours, theirs);
    }
}

#[test]
#[allow(clippy::unnecessary_cast)] // A long is shorter elsewhere.
fn verify_modes_and_flags() {
    assert_eq!([TLSOCK_CERT_NONE, TLSOCK_CERT_OPTIONAL], [ffi::SSL_VERIFY_NONE, ffi::SSL_VERIFY_PEER]);
    let pairs = [
        (TLSOCK_VERIFY_CRL_CHECK_LEAF, ffi::X509_V_FLAG_CRL_CHECK),
        (TLSOCK_VERIFY_CRL_CHECK_CHAIN, ffi::X509_V_FLAG_CRL_CHECK | ffi::X509_V_FLAG_CRL_CHECK_ALL),
        (TLSOCK_VERIFY_X509_STRICT, ffi::X509_V_FLAG_X509_STRICT),
        (TLSOCK_VERIFY_ALLOW_PROXY_CERTS, ffi::X509_V_FLAG_ALLOW_PROXY_CERTS),
        (TLSOCK_VERIFY_X509_TRUSTED_FIRST, ffi::X509_V_FLAG_TRUSTED_FIRST),
        (TLSOCK_VERIFY_X509_PARTIAL_CHAIN, ffi::X509_V_FLAG_PARTIAL_CHAIN),
    ];
    for (ours, theirs) in pairs {
        assert_eq!(ours, theirs as u64);
    }
}

#[test]
fn versions_purposes_and_errors() {
    let pairs = [
        (TLSOCK_TLS_VERSION_SSLV3, ffi::SSL3_VERSION),
        (TLSOCK_TLS_VERSION_TLSV1, ffi::TLS1_VERSION),
        (TLSOCK_TLS_VERSION_TLSV1_1, ffi::TLS1_1_VERSION),
        (TLSOCK_TLS_VERSION_TLSV1_2, ffi::TLS1_2_VERSION),
        (TLSOCK_TLS_VERSION_TLSV1_3, ffi::TLS1_3_VERSION),
        (TLSOCK_SSL_ERROR_SSL, ffi::SSL_ERROR_SSL),
        (TLSOCK_SSL_ERROR_WANT_READ, ffi::SSL_ERROR_WANT_READ),
        (TLSOCK_SSL_ERROR_WANT_WRITE, ffi::SSL_ERROR_WANT_WRITE),
        (TLSOCK_SSL_ERROR_WANT_X509_LOOKUP, ffi::SSL_ERROR_WANT_X509_LOOKUP),
        (TLSOCK_SSL_ERROR_SYSCALL, ffi::SSL_ERROR_SYSCALL),
        (TLSOCK_SSL_ERROR_ZERO_RETURN, ffi::SSL_ERROR_ZERO_RETURN),
        (TLSOCK_SSL_ERROR_WANT_CONNECT, ffi::SSL_ERROR_WANT_CONNECT),
    ];
    for (ours, theirs) in pairs {
        assert_eq!(ours, theirs);
    }
}
