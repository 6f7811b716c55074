//! Trusted certificates and revocation lists.

use crate::ffi::boundary::{bytes, call, handle, optional_bytes, optional_path, output, place};
use crate::ssl::{CertStoreStats, CertificateList, Context, Error, Status};
use std::ffi::{c_char, c_int, c_void};

/// Trusts more CAs: a PEM file (its CRLs are loaded too), a hashed directory, and PEM or DER in memory. Each may be
/// NULL, but not all. The memory is loaded first; if one of them fails, those loaded before it stay. A file that cannot
/// be read in full fails and adds nothing; tlsock_error_cause names the entry and its line.
/// Ours: a file beyond 256 MiB is EFBIG. As any file that is read here, a FIFO that nobody has open for writing is
/// empty, and nobody waits for a writer; one that has a writer, and a pipe (/dev/fd/3), is read to its end. If several CAs have the same name, the one that made the signature is used,
/// in whatever order they were loaded; OpenSSL takes the first one whose key identifier matches or is not required.
/// Returns: TYPE when all three are NULL, OS, SSL.
/// Python: SSLContext.load_verify_locations(cafile, capath, cadata)
/// OpenSSL: X509_STORE_add_cert, SSL_CTX_load_verify_locations
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_load_verify_locations(
    context: *mut Context,
    cafile: *const c_char,
    capath: *const c_char,
    cadata: *const c_void,
    cadata_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let cafile = unsafe { optional_path(cafile, "cafile") }?;
        let capath = unsafe { optional_path(capath, "capath") }?;
        let cadata = unsafe { optional_bytes(cadata, cadata_len, "cadata") }?;
        context.load_verify_locations(cafile, capath, cadata)
    })
}

/// Adds certificate revocation lists from memory, PEM or DER. They are used once verify_flags has a CRL_CHECK bit.
/// Returns: SSL.
/// Extension: Python reads CRLs only from files, by load_verify_locations.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_load_crl_data(
    context: *mut Context,
    crl: *const c_void,
    crl_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.load_crl_data(unsafe { bytes(crl, crl_len, "crl") }?)
    })
}

/// Replaces all certificate revocation lists of a context, from files or memory, by these, PEM or DER; a length of 0
/// leaves none. They count for every peer that is verified from then on, also in a handshake that has begun; sessions
/// that were made under the old lists are not resumed. Lists in directories stay, and are read again. tlsock_context_cert_store_stats counts them.
/// Returns: SSL, and then the old lists stay.
/// Extension: Python can only add CRLs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_crl_data(
    context: *mut Context,
    crl: *const c_void,
    crl_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        context.set_crl_data(unsafe { bytes(crl, crl_len, "crl") }?)
    })
}

/// Trusts the system's CAs for a purpose (TLSOCK_PURPOSE_*, or another OID's number), as
/// tlsock_context_set_default_verify_paths does.
/// Returns: SSL.
/// Python: SSLContext.load_default_certs(purpose)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_load_default_certs(
    context: *mut Context,
    purpose: c_int,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.load_default_certs(purpose))
}

/// Trusts OpenSSL's default file and directory, or those that SSL_CERT_FILE and SSL_CERT_DIR name; they need not
/// exist. Ours: entries of the file that cannot be read are skipped, with a RuntimeWarning when the file is first
/// needed, which no callback can turn into a failure; the other entries are used (Python uses none of them).
/// Returns: SSL.
/// Python: SSLContext.set_default_verify_paths()
/// OpenSSL: SSL_CTX_set_default_verify_paths
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_default_verify_paths(
    context: *mut Context,
    error: *mut *mut Error,
) -> Status {
    call(error, || unsafe { handle(context, "context") }?.set_default_verify_paths())
}

/// Counts the certificates and revocation lists in the trust store.
/// Returns: SSL.
/// Python: SSLContext.cert_store_stats()
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_cert_store_stats(
    context: *const Context,
    stats: *mut CertStoreStats,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let output = output(stats, "stats")?;
        output.set(context.cert_store_stats()?);
        Ok(())
    })
}

/// Lists the CA certificates in the trust store. Of a hashed directory it lists only those that were used so far.
/// Returns: SSL.
/// Python: SSLContext.get_ca_certs(binary_form)
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_get_ca_certs(
    context: *const Context,
    certificates: *mut *mut CertificateList,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let output = place(certificates, "certificates")?;
        output.give(context.get_ca_certs()?);
        Ok(())
    })
}
