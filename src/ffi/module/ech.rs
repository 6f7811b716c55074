//! Keys for Encrypted ClientHello.

use crate::ffi::boundary::{call, output, text};
use crate::ffi::bytes::Bytes;
use crate::ssl::{Error, Status};
use std::ffi::{c_char, c_int};

/// Makes a key for Encrypted ClientHello (X25519, HKDF-SHA256, AES-128-GCM), as tlsock_context_load_ech_keys takes it: *keys
/// is text in PEM with the private key, and *configs the ECHConfigList for clients, whose base64 is the value of `ech` in an
/// HTTPS record of DNS. tlsock_bytes_free wipes both. public_name is what stays visible in place of the server's name: it
/// must be a host name for which the server has a certificate too. Names of servers up to max_name_length bytes, at most
/// 255, are padded to one length; with 0 their length can be guessed from that of the ClientHello, by steps of 32.
/// Returns: VALUE for a public_name that cannot be one (an address, shorter than 4 bytes or longer than 255, a last label of
/// digits) and for another max_name_length; NOT_IMPLEMENTED without TLSOCK_HAS_ECH; SSL.
/// Extension.
/// OpenSSL: OSSL_ECHSTORE_new_config, OSSL_ECHSTORE_write_pem
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_generate_ech_keys(
    public_name: *const c_char,
    max_name_length: c_int,
    keys: *mut Bytes,
    configs: *mut Bytes,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let (keys, configs) = (output(keys, "keys")?, output(configs, "configs")?);
        let public_name = unsafe { text(public_name, "public_name") }?;
        let made = crate::ssl::generate_ech_keys(public_name, max_name_length)?;
        let secret = Bytes::new(Some(made.pem))?;
        match Bytes::copy(&made.configs) {
            Ok(public) => {
                keys.set(secret);
                configs.set(public);
                Ok(())
            }
            Err(failure) => {
                secret.free();
                Err(failure)
            }
        }
    })
}
