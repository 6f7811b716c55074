//! This side's certificate chain and private key, from files or memory.

use crate::ffi::boundary::{bytes, call, handle, optional_bytes, optional_path, optional_text, path};
use crate::ffi::password::{PasswordCallback, asker, asker_of_call};
use crate::ffi::userdata::{FreeUserdata, install};
use crate::ssl::{Context, Error, Password, Status};
use std::ffi::{c_char, c_void};

/// Loads this side's certificate chain and private key from PEM files; if keyfile is NULL, the key is in certfile.
/// If password is NULL, the password callback is asked; without one an encrypted key fails, its cause is VALUE. Call
/// it once for each type of key (RSA, ECDSA) to serve both. Formats of the key: traditional, PKCS#8, and PKCS#8 v2 with
/// the public key (RFC 5958), which is not used.
/// Ours: it never reads a password from the terminal, and on failure nothing has changed.
/// Returns: OS (EFBIG beyond 256 MiB, as for any file), SSL ("[SSL] PEM lib", "[X509: KEY_VALUES_MISMATCH]"), or
/// the callback's failure. After Python's text the message names the file, as tlsock_error_filename does, and says
/// what is wrong: no certificate or key in it, a wrong password, an encryption that OpenSSL lacks, the key of
/// another certificate; tlsock_error_cause is the first error that OpenSSL reported.
/// Python: SSLContext.load_cert_chain(certfile, keyfile, password)
/// OpenSSL: SSL_CTX_use_certificate_chain_file, SSL_CTX_use_PrivateKey_file
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_load_cert_chain(
    context: *mut Context,
    certfile: *const c_char,
    keyfile: *const c_char,
    password: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let certfile = unsafe { path(certfile, "certfile") }?;
        let keyfile = unsafe { optional_path(keyfile, "keyfile") }?;
        let password = unsafe { optional_text(password, "password") }?;
        context.load_cert_chain(certfile, keyfile, password.map(str::as_bytes))
    })
}

/// Loads chain and key from memory, PEM (any number of certificates) or DER (one); if key is NULL and key_len 0, the
/// key is in cert. Otherwise like load_cert_chain.
/// Returns: as load_cert_chain, without OS.
/// Extension: CPython issue 60691.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_load_cert_chain_data(
    context: *mut Context,
    cert: *const c_void,
    cert_len: usize,
    key: *const c_void,
    key_len: usize,
    password: *const c_char,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let cert = unsafe { bytes(cert, cert_len, "cert") }?;
        let key = unsafe { optional_bytes(key, key_len, "key") }?;
        let password = unsafe { optional_text(password, "password") }?;
        context.load_cert_chain_data(cert, key, password.map(str::as_bytes))
    })
}

/// Like load_cert_chain, but asks a callback that is valid for this call only for the password of an encrypted key:
/// it is called on this thread before the call returns, and is not kept. If several threads load into one context at
/// the same time, each asks its own callback. A NULL callback is VALUE.
/// Returns: as load_cert_chain.
/// Python: SSLContext.load_cert_chain(certfile, keyfile, password=callable)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_load_cert_chain_asking(
    context: *mut Context,
    certfile: *const c_char,
    keyfile: *const c_char,
    password: PasswordCallback,
    userdata: *mut c_void,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let certfile = unsafe { path(certfile, "certfile") }?;
        let keyfile = unsafe { optional_path(keyfile, "keyfile") }?;
        let ask = asker_of_call(password, userdata)?;
        context.load_cert_chain(certfile, keyfile, Password::Asked(&ask))
    })
}

/// Like load_cert_chain_data, but asks a callback that is valid for this call only, like load_cert_chain_asking.
/// Returns: as load_cert_chain, without OS.
/// Extension: CPython issue 60691.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_load_cert_chain_data_asking(
    context: *mut Context,
    cert: *const c_void,
    cert_len: usize,
    key: *const c_void,
    key_len: usize,
    password: PasswordCallback,
    userdata: *mut c_void,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let cert = unsafe { bytes(cert, cert_len, "cert") }?;
        let key = unsafe { optional_bytes(key, key_len, "key") }?;
        let ask = asker_of_call(password, userdata)?;
        context.load_cert_chain_data(cert, key, Password::Asked(&ask))
    })
}

/// Sets the callback that gives the password of an encrypted key when a loading call passes none.
/// Returns: nothing beyond the conventions.
/// Python: load_cert_chain(password=callable)
/// OpenSSL: SSL_CTX_set_default_passwd_cb
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_password_callback(
    context: *mut Context,
    callback: PasswordCallback,
    userdata: *mut c_void,
    free_userdata: FreeUserdata,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let set = |callback| {
            context.set_password_callback(callback);
            Ok(())
        };
        install(userdata, free_userdata, |userdata| asker(callback, userdata), set)
    })
}
