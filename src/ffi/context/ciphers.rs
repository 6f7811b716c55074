//! Cipher suites and key exchange.

use crate::ffi::boundary::{call, handle, output, path, place, text};
use crate::ffi::bytes::Bytes;
use crate::ssl::{CipherList, Context, Error, Status};
use std::ffi::c_char;

/// Sets the ciphers of TLS 1.2 and below from an OpenSSL cipher list. Those of TLS 1.3 stay.
/// Ours: a list that is refused changes nothing. A server's sessions and tickets from before a change are not resumed, and a client
/// leaves aside a session of TLS 1.2 whose cipher is not in the list any more: the handshake is a full one.
/// Returns: SSL "No cipher can be selected.", VALUE beyond 64 KiB.
/// Python: SSLContext.set_ciphers(ciphers)
/// OpenSSL: SSL_CTX_set_cipher_list
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_ciphers(
    context: *mut Context,
    ciphers: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_ciphers(unsafe { text(ciphers, "ciphers") }?)
    })
}

/// Lists the enabled ciphers, best first, with TLS 1.3 before the rest; read the list with _info_at.
/// Returns: nothing beyond the conventions.
/// Python: SSLContext.get_ciphers()
/// OpenSSL: SSL_CTX_get_ciphers
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_get_ciphers(
    context: *const Context,
    ciphers: *mut *mut CipherList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = place(ciphers, "ciphers")?;
        output.give(unsafe { handle(context, "context") }?.get_ciphers());
        Ok(())
    })
}

/// Sets the ciphers of TLS 1.3 by their names, separated by colons: "TLS_AES_256_GCM_SHA384". "" means none: then
/// only TLS 1.2 and below can be offered. Neither this nor tlsock_context_set_ciphers changes what the other sets.
/// A name that is unknown is refused, where OpenSSL leaves it out; a refusal changes nothing.
/// Returns: VALUE for a name that is no known cipher of TLS 1.3 (the message has the nearest known one) and for a list that
/// is too long, SSL.
/// Extension: SSLContext.set_ciphersuites() of Python 3.15
/// OpenSSL: SSL_CTX_set_ciphersuites
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_ciphersuites(
    context: *mut Context,
    ciphersuites: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_ciphersuites(unsafe { text(ciphersuites, "ciphersuites") }?)
    })
}

/// Sets the groups for key exchange by OpenSSL's names, separated by colons, the preferred one first:
/// "X25519:P-256", with OpenSSL 3.5 and later also "X25519MLKEM768". It replaces what tlsock_context_set_ecdh_curve has
/// set. A refusal changes nothing.
/// Returns: VALUE for a name that is no known group (the message has the nearest known one) and for a list that is too long,
/// SSL for a list that OpenSSL refuses for another reason.
/// Extension: SSLContext.set_groups() of Python 3.15
/// OpenSSL: SSL_CTX_set1_groups_list
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_groups(
    context: *mut Context,
    groups: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_groups(unsafe { text(groups, "groups") }?)
    })
}

/// Gives the names of the groups that the OpenSSL in use has for this context's versions, separated by colons, by their
/// numbers in TLS; with include_aliases all names of each, otherwise the first. It is what tlsock_context_set_groups
/// takes, not what it has set. Text, ASCII.
/// Returns: nothing beyond the conventions.
/// Extension: SSLContext.get_groups(include_aliases=) of Python 3.15, here for every OpenSSL
/// OpenSSL: SSL_CTX_get0_implemented_groups
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_get_groups(
    context: *const Context,
    include_aliases: bool,
    groups: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let output = output(groups, "groups")?;
        let names = unsafe { handle(context, "context") }?.get_groups(include_aliases)?;
        output.set(Bytes::copy(names.join(":").as_bytes())?);
        Ok(())
    })
}

/// Sets the only group for key exchange, by OpenSSL's short name: "prime256v1", "X25519".
/// Returns: VALUE for an unknown name, SSL for a name that is not a group.
/// Python: SSLContext.set_ecdh_curve(curve_name)
/// OpenSSL: SSL_CTX_set1_groups
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_ecdh_curve(
    context: *mut Context,
    curve_name: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_ecdh_curve(unsafe { text(curve_name, "curve_name") }?)
    })
}

/// Loads Diffie-Hellman parameters for TLS 1.2 and below from a PEM file.
/// Returns: OS (with filename), SSL.
/// Python: SSLContext.load_dh_params(dhfile)
/// OpenSSL: SSL_CTX_set0_tmp_dh_pkey
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_load_dh_params(
    context: *mut Context,
    dhfile: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.load_dh_params(unsafe { path(dhfile, "dhfile") }?)
    })
}
