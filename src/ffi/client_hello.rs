//! `tlsock_client_hello_*`: the first message of a client.

use super::boundary::{ask, borrowed};
use super::bytes::{Slice, c_text};
use crate::ssl::ClientHello;
use std::ffi::{c_char, c_int};

/// Reads a field; `neutral` for NULL.
unsafe fn field<'a, T>(
    client_hello: *const ClientHello,
    neutral: T,
    read: impl FnOnce(&'a ClientHello) -> T,
) -> T {
    ask(None, || unsafe { borrowed(client_hello) }.map(read)).unwrap_or(neutral)
}

/// One number of a list; 0 past the end.
unsafe fn number(
    client_hello: *const ClientHello,
    index: usize,
    list: impl FnOnce(&'static ClientHello) -> &'static [u16],
) -> c_int {
    let read = |hello| list(hello).get(index).copied();
    unsafe { field(client_hello, None, read) }.map_or(0, c_int::from)
}

/// Tells whether it is the second ClientHello of a handshake, which answers a HelloRetryRequest.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_is_second(client_hello: *const ClientHello) -> bool {
    unsafe { field(client_hello, false, ClientHello::is_second) }
}

/// Returns the name of the server that the client has sent, ASCII; NULL if it sent none.
/// Extension.
/// OpenSSL: SSL_client_hello_get0_ext
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_server_name(client_hello: *const ClientHello) -> *const c_char {
    unsafe { field(client_hello, c_text(None), |hello| c_text(hello.server_name())) }
}

/// Returns how many application protocols the client offers (ALPN).
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_alpn_count(client_hello: *const ClientHello) -> usize {
    unsafe { field(client_hello, 0, ClientHello::alpn_count) }
}

/// Returns one application protocol, in the client's order; data is NULL past the end.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_alpn_at(
    client_hello: *const ClientHello,
    index: usize,
) -> Slice {
    Slice::new(unsafe { field(client_hello, None, |hello| hello.alpn_at(index)) })
}

/// Returns the version in the head of the ClientHello, which TLS 1.3 no longer changes: usually 0x0303.
/// Extension.
/// OpenSSL: SSL_client_hello_get0_legacy_version
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_legacy_version(client_hello: *const ClientHello) -> c_int {
    unsafe { field(client_hello, 0, |hello| hello.legacy_version().into()) }
}

/// Returns the id of the session of TLS 1.2 and below that the client offers to resume, up to 32 bytes, also beside a ticket; empty
/// for none. Clients of TLS 1.3 send one of no meaning. Not secret.
/// Extension.
/// OpenSSL: SSL_client_hello_get0_session_id
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_session_id(client_hello: *const ClientHello) -> Slice {
    Slice::new(unsafe { field(client_hello, None, |hello| Some(hello.session_id())) })
}

/// Returns how many versions the client offers: those of its supported_versions, otherwise the one in its head.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_version_count(client_hello: *const ClientHello) -> usize {
    unsafe { field(client_hello, 0, |hello| hello.versions().len()) }
}

/// Returns one version that the client offers, in its order, by its number in TLS (TLSOCK_TLS_VERSION_*); 0 past the
/// end. This and the next lists are as they were sent, with the values that a client makes up (GREASE, RFC 8701).
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_version_at(
    client_hello: *const ClientHello,
    index: usize,
) -> c_int {
    unsafe { number(client_hello, index, ClientHello::versions) }
}

/// Returns how many ciphers the client offers.
/// Extension.
/// OpenSSL: SSL_client_hello_get0_ciphers
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_cipher_count(client_hello: *const ClientHello) -> usize {
    unsafe { field(client_hello, 0, |hello| hello.ciphers().len()) }
}

/// Returns one cipher that the client offers, in its order, by its number in TLS (0x1301 is TLS_AES_128_GCM_SHA256); 0
/// past the end.
/// Extension.
/// OpenSSL: SSL_client_hello_get0_ciphers
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_cipher_at(
    client_hello: *const ClientHello,
    index: usize,
) -> c_int {
    unsafe { number(client_hello, index, ClientHello::ciphers) }
}

/// Returns how many groups for key exchange the client offers.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_group_count(client_hello: *const ClientHello) -> usize {
    unsafe { field(client_hello, 0, |hello| hello.groups().len()) }
}

/// Returns one group for key exchange, in the client's order, by its number in TLS (0x001D is x25519); 0 past the end.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_group_at(
    client_hello: *const ClientHello,
    index: usize,
) -> c_int {
    unsafe { number(client_hello, index, ClientHello::groups) }
}

/// Returns how many signature algorithms the client takes.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_signature_algorithm_count(
    client_hello: *const ClientHello,
) -> usize {
    unsafe { field(client_hello, 0, |hello| hello.signature_algorithms().len()) }
}

/// Returns one signature algorithm that the client takes, in its order, by its number in TLS ("SignatureScheme" of RFC
/// 8446, section 4.2.3); 0 past the end.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_signature_algorithm_at(
    client_hello: *const ClientHello,
    index: usize,
) -> c_int {
    unsafe { number(client_hello, index, ClientHello::signature_algorithms) }
}

/// Returns how many extensions the ClientHello has.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_extension_count(client_hello: *const ClientHello) -> usize {
    unsafe { field(client_hello, 0, ClientHello::extension_count) }
}

/// Returns the type of one extension, in the order in which they were sent (0x0010 is ALPN); -1 past the end.
/// Extension.
/// OpenSSL: SSL_client_hello_get1_extensions_present
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_extension_type_at(
    client_hello: *const ClientHello,
    index: usize,
) -> c_int {
    let kind = |hello: &ClientHello| hello.extension_at(index).map(|(kind, _)| kind);
    unsafe { field(client_hello, None, kind) }.map_or(-1, c_int::from)
}

/// Returns the bytes of one extension, in the order in which they were sent; data is NULL past the end.
/// Extension.
/// OpenSSL: SSL_client_hello_get0_ext
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_extension_data_at(
    client_hello: *const ClientHello,
    index: usize,
) -> Slice {
    let data = |hello: &'static ClientHello| hello.extension_at(index).map(|(_, data)| data);
    Slice::new(unsafe { field(client_hello, None, data) })
}

/// Returns the fingerprint JA3 in hexadecimal, the MD5 of tlsock_client_hello_ja3_string; NULL where OpenSSL has no MD5.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_ja3(client_hello: *const ClientHello) -> *const c_char {
    unsafe { field(client_hello, c_text(None), |hello| c_text(hello.ja3())) }
}

/// Returns what JA3 is the digest of: version, ciphers, extensions, groups and point formats as decimal numbers, without
/// GREASE; NULL without memory for it.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_ja3_string(client_hello: *const ClientHello) -> *const c_char {
    unsafe { field(client_hello, c_text(None), |hello| c_text(hello.ja3_string())) }
}

/// Returns the fingerprint JA4 of a client over TCP, such as "t13d1516h2_8daaf6152771_e5627efa2ab1"; NULL where OpenSSL
/// has no SHA-256. GREASE has no part in it.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_client_hello_ja4(client_hello: *const ClientHello) -> *const c_char {
    unsafe { field(client_hello, c_text(None), |hello| c_text(hello.ja4())) }
}
