//! `tlsock_identity_*`: a certificate chain with its private key.

use super::boundary::{bytes, call, free, handle, optional_bytes, optional_path, optional_text, path, place};
use super::password::{PasswordCallback, asker_of_call};
use crate::ssl::{CertificateList, Error, Identity, Password, Status};
use std::ffi::{c_char, c_void};

/// Reads an identity, which is a certificate chain with its private key, from PEM files; if keyfile is NULL the key is in
/// certfile. password is for an encrypted key, and may be NULL where there is none to decrypt. The files are read
/// once: a context uses the identity by tlsock_context_use_identity, any number of contexts the same one.
/// Returns: as tlsock_context_load_cert_chain, with the same messages.
/// Extension.
/// OpenSSL: PEM_read_bio_X509_AUX, PEM_read_bio_PrivateKey, X509_check_private_key
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_new_files(
    certfile: *const c_char,
    keyfile: *const c_char,
    password: *const c_char,
    identity: *mut *mut Identity,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let identity = place(identity, "identity")?;
        let certfile = unsafe { path(certfile, "certfile") }?;
        let keyfile = unsafe { optional_path(keyfile, "keyfile") }?;
        let password = unsafe { optional_text(password, "password") }?;
        identity.give(Identity::from_files(certfile, keyfile, password.map(str::as_bytes))?);
        Ok(())
    })
}

/// Does what tlsock_identity_new_files does, and asks a callback of this call for the password of an encrypted key: it
/// is called on this thread before the call returns, and not kept. A NULL callback is VALUE.
/// Returns: as tlsock_identity_new_files, or the callback's failure.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_new_files_asking(
    certfile: *const c_char,
    keyfile: *const c_char,
    password: PasswordCallback,
    userdata: *mut c_void,
    identity: *mut *mut Identity,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let identity = place(identity, "identity")?;
        let certfile = unsafe { path(certfile, "certfile") }?;
        let keyfile = unsafe { optional_path(keyfile, "keyfile") }?;
        let ask = asker_of_call(password, userdata)?;
        identity.give(Identity::from_files(certfile, keyfile, Password::Asked(&ask))?);
        Ok(())
    })
}

/// Reads an identity from memory: each of cert and key is PEM (any number of certificates) or DER (one), told by its
/// content; if key is NULL and key_len 0 the key is in cert. password is for an encrypted key, or NULL.
/// Returns: as tlsock_identity_new_files, without OS.
/// Extension: CPython issue 60691.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_new_data(
    cert: *const c_void,
    cert_len: usize,
    key: *const c_void,
    key_len: usize,
    password: *const c_char,
    identity: *mut *mut Identity,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let identity = place(identity, "identity")?;
        let cert = unsafe { bytes(cert, cert_len, "cert") }?;
        let key = unsafe { optional_bytes(key, key_len, "key") }?;
        let password = unsafe { optional_text(password, "password") }?;
        identity.give(Identity::from_data(cert, key, password.map(str::as_bytes))?);
        Ok(())
    })
}

/// Does what tlsock_identity_new_data does, and asks a callback of this call, as tlsock_identity_new_files_asking does.
/// Returns: as tlsock_identity_new_data, or the callback's failure.
/// Extension: CPython issue 60691.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_new_data_asking(
    cert: *const c_void,
    cert_len: usize,
    key: *const c_void,
    key_len: usize,
    password: PasswordCallback,
    userdata: *mut c_void,
    identity: *mut *mut Identity,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let identity = place(identity, "identity")?;
        let cert = unsafe { bytes(cert, cert_len, "cert") }?;
        let key = unsafe { optional_bytes(key, key_len, "key") }?;
        let ask = asker_of_call(password, userdata)?;
        identity.give(Identity::from_data(cert, key, Password::Asked(&ask))?);
        Ok(())
    })
}

/// Reads an identity from a PKCS#12 file in memory (.p12, .pfx): its first private key that has a certificate in the file,
/// and the certificates that lead from there to a root, in order; other certificates are left out. password is UTF-8;
/// NULL and "" are both for a file without one. A file that is larger than 16 MiB, or whose keys take more than 10
/// million iterations together, is refused before the time is spent.
/// Returns: VALUE for a file that is too large; SSL: the message says whether the password is wrong, the encryption is
/// one that OpenSSL lacks (RC2 and single DES are in its legacy provider), the file is damaged, or has no key, no
/// certificate or none for its key.
/// Extension.
/// OpenSSL: d2i_PKCS12, PKCS12_parse
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_new_pkcs12(
    data: *const c_void,
    data_len: usize,
    password: *const c_char,
    identity: *mut *mut Identity,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let identity = place(identity, "identity")?;
        let data = unsafe { bytes(data, data_len, "data") }?;
        let password = unsafe { optional_text(password, "password") }?;
        identity.give(Identity::from_pkcs12(data, password.map(str::as_bytes))?);
        Ok(())
    })
}

/// Gives the certificates of an identity: this side's own one first, then the chain as peers get it. The list is the
/// caller's, to be freed with tlsock_certificate_list_free; it may outlive the identity.
/// Returns: nothing beyond the conventions.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_certificates(
    identity: *const Identity,
    certificates: *mut *mut CertificateList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let certificates = place(certificates, "certificates")?;
        certificates.give(unsafe { handle(identity, "identity") }?.certificates());
        Ok(())
    })
}

/// Frees a handle on an identity. NULL is ignored. Contexts and connections that use the identity keep it for as long as
/// they do; the private key is wiped when the last of them is gone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_free(identity: *mut Identity) {
    unsafe { free(identity) }
}
