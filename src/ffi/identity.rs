//! `tlsock_identity_*`: a certificate chain with its private key.

mod request;

use super::boundary::{
    self, bytes, call, callback_result, free, handle, optional_bytes, optional_path, optional_text, path,
    place,
};
use super::password::{PasswordCallback, asker_of_call};
use super::userdata::{FreeUserdata, Userdata, install};
use crate::ssl::{self, CertificateList, Error, Identity, Password, SignerWait, Status};
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::null;
use std::sync::Arc;

/// Signs with a private key that is elsewhere: in a key store, in hardware, in another process. algorithm is "rsa_pkcs1",
/// "rsa_pss" (MGF1 of the same digest, a salt as long as the digest), "ecdsa" (the signature is DER, ECDSA-Sig-Value) or
/// "ed25519". data is the value of the digest of this name ("sha256", "sha384", "sha512"; "sha1" and "sha224" only where
/// the security level allows them); for ed25519, where digest is NULL, it is the whole message. Write the signature into
/// signature, and its length, at most size, into *signature_len. Return a status: WANT_CALLBACK waits, if the identity was
/// made with TLSOCK_SIGNER_MAY_WAIT, and is VALUE otherwise; any other but OK ends the handshake, and its error is the cause
/// of the handshake's. The callback runs in the thread of the call that does the handshake, which waits for it, and so do other
/// calls on this one connection; several handshakes may ask at once. A callback that waits is asked again with the same
/// bytes. What it gives is verified before it is sent: a signature that is not the key's ends the handshake here. See
/// "Callbacks" above for what a callback may do and when userdata is freed.
/// Extension.
pub type SignerCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        algorithm: *const c_char,
        digest: *const c_char,
        data: *const u8,
        data_len: usize,
        signature: *mut u8,
        size: usize,
        signature_len: *mut usize,
        error: *mut *mut Error,
    ) -> c_int,
>;

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
/// NULL and "" are both for a file without one. A file that is larger than 16 MiB, whose keys take more than 10 million
/// iterations together, or which has more than 1000 certificates and keys, is refused before the time is spent.
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

/// Makes an identity of the same certificates and key with an OCSP response, in DER, which a server sends with them to
/// clients that ask for it, however the identity is used: by tlsock_context_use_identity, where it counts as
/// tlsock_context_set_ocsp_response for its certificate, or by a callback that chooses it for a connection. It is not
/// sent any more once it ends. The given identity does not change; both are to be freed.
/// Returns: VALUE for bytes that are no response with an answer, and for a response that is not for the identity's first
/// certificate or not valid now; SSL.
/// Extension.
/// OpenSSL: SSL_set_tlsext_status_ocsp_resp
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_with_ocsp_response(
    identity: *const Identity,
    response: *const c_void,
    response_len: usize,
    made: *mut *mut Identity,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let made = place(made, "made")?;
        let identity = unsafe { handle(identity, "identity") }?;
        made.give(identity.with_ocsp_response(unsafe { bytes(response, response_len, "response") }?)?);
        Ok(())
    })
}

/// Makes an identity of the same certificates and key with signed certificate timestamps: a SignedCertificateTimestampList
/// (RFC 6962, section 3.3), for which two bytes tell the length of the whole and of each timestamp. A server sends it with the
/// first certificate to clients that ask, however the identity is used, by tlsock_context_use_identity or by a callback that
/// chooses it for a connection. Only the lengths are looked at. A length of 0 makes an identity without any. The given identity does not change; both are to be freed.
/// Returns: VALUE for lengths that do not fit and for more than 64,000 bytes.
/// Extension: what crypto/tls does
/// OpenSSL: SSL_CTX_use_serverinfo_ex
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_with_scts(
    identity: *const Identity,
    scts: *const c_void,
    scts_len: usize,
    made: *mut *mut Identity,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let made = place(made, "made")?;
        let identity = unsafe { handle(identity, "identity") }?;
        made.give(identity.with_scts(unsafe { bytes(scts, scts_len, "scts") }?)?);
        Ok(())
    })
}

/// Reads an identity from OpenSSL's stores: the certificates under cert_uri and the private key under key_uri, both under
/// cert_uri if key_uri is NULL. file: with an absolute path is always served (PEM, DER and PKCS#12, told by content), other schemes, such as
/// pkcs11:, by the providers that the program or its openssl.cnf has loaded; a key of theirs stays where it is, and
/// signs there. Of the certificates those count that lead from the key's to a root. password is for an encrypted file,
/// or the PIN of a token, or NULL. No terminal is ever read. What a store takes to open a file is OpenSSL's to bound:
/// for a PKCS#12 file of a stranger there is tlsock_identity_new_pkcs12.
/// Returns: VALUE for a URI without a scheme, NOT_IMPLEMENTED for a scheme that nobody serves, OS for a file that is not
/// there, SSL. Messages name the argument and the scheme, never the URI: it may hold a PIN.
/// Extension.
/// OpenSSL: OSSL_STORE_open_ex, OSSL_STORE_load
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_new_uri(
    cert_uri: *const c_char,
    key_uri: *const c_char,
    password: *const c_char,
    identity: *mut *mut Identity,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let identity = place(identity, "identity")?;
        let cert_uri = unsafe { boundary::text(cert_uri, "cert_uri") }?;
        let key_uri = unsafe { optional_text(key_uri, "key_uri") }?;
        let password = unsafe { optional_text(password, "password") }?;
        identity.give(Identity::from_uri(cert_uri, key_uri, password.map(str::as_bytes))?);
        Ok(())
    })
}

/// Makes an identity whose private key stays elsewhere: chain is the certificates, PEM (any number) or DER (one), and
/// callback signs for the key of the first one, RSA (also RSA-PSS), ECDSA or Ed25519. It serves clients and servers in
/// TLS 1.2 and 1.3; ciphers that have RSA decrypt (of which the defaults have none) fail with it. Nothing changes for
/// others in the process who use OpenSSL. A NULL callback is VALUE. flags is 0, or TLSOCK_SIGNER_MAY_WAIT where the callback may
/// return WANT_CALLBACK: libssl cannot be left where it asks for a signature, so that each full handshake by such an
/// identity gets a thread of the library, from the choice of the identity until the signature. It runs no code of the
/// program, and only while the thread that calls waits for it. Until the signature is there the connection's context
/// cannot be set (VALUE); freeing or closing the connection ends the wait. A process that forks meanwhile: the child's copy
/// of the connection fails with VALUE, and its memory is not freed there.
/// Returns: VALUE for unknown flags, SSL for a chain that cannot be read, NOT_IMPLEMENTED for another kind of key; the
/// operations of such a connection OS where the system gives no further thread.
/// Extension.
/// OpenSSL: a provider of our own, in a library context that nobody else sees
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_new_signer(
    chain: *const c_void,
    chain_len: usize,
    flags: u32,
    callback: SignerCallback,
    userdata: *mut c_void,
    free_userdata: FreeUserdata,
    identity: *mut *mut Identity,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let identity = place(identity, "identity")?;
        let wait = SignerWait::from_bits(flags)?;
        let chain = unsafe { bytes(chain, chain_len, "chain") }?;
        let make = |signer: Option<ssl::SignerCallback>| {
            let signer = signer.ok_or_else(|| Error::value("callback must not be NULL"))?;
            identity.give(Identity::from_signer(chain, wait, signer)?);
            Ok(())
        };
        install(userdata, free_userdata, |userdata| signer(callback, userdata), make)
    })
}

fn signer(callback: SignerCallback, userdata: Arc<Userdata>) -> Option<ssl::SignerCallback> {
    let callback = callback?;
    Some(Arc::new(move |request, signature| {
        let (algorithm, digest) = (text(Some(request.algorithm)), text(request.digest));
        let pointer = |text: &Option<CString>| text.as_ref().map_or(null(), |text| text.as_ptr());
        let (data, mut len) = (request.data, 0);
        callback_result(|error| unsafe {
            callback(
                userdata.pointer(),
                pointer(&algorithm),
                pointer(&digest),
                data.as_ptr(),
                data.len(),
                signature.as_mut_ptr(),
                signature.len(),
                &mut len,
                error,
            )
        })?;
        Ok(len)
    }))
}

fn text(text: Option<&str>) -> Option<CString> {
    text.map(|text| CString::new(text).unwrap_or_default())
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
/// they do; the private key is wiped when the last of them is gone, but not what OpenSSL's decoder has left of it in memory
/// that it has freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_identity_free(identity: *mut Identity) {
    unsafe { free(identity) }
}
