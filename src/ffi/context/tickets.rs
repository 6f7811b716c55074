//! The keys of session tickets.

use crate::ffi::boundary::{bytes, call, handle};
use crate::ssl::{Context, Error, Status};
use std::ffi::c_void;

/// Sets the keys of a server's session tickets: keys_len bytes, which are keys of key_len bytes each, one behind the
/// other. The first one encrypts new tickets, all decrypt, and a client that shows a ticket of a later one gets a new
/// one. So servers that share keys resume what any of them has begun, if they also trust and check alike, were called by
/// the same name and allow the same ciphers. A server with a PSK callback resumes nothing while its keys are shared:
/// others may know other clients. To rotate the keys, put the next key behind the others everywhere, then in front, and
/// drop it once its tickets have expired.
/// A key has 48 bytes (a name of 16, then the keys of AES-128-CBC and HMAC-SHA256, 16 each) or 80 (a name of 16, then
/// the keys of HMAC-SHA256 and AES-256-CBC, 32 each): the files of nginx's ssl_session_ticket_key, and HAProxy's
/// tls-ticket-keys of 48 bytes once their base64 is decoded. They are copied, and wiped when they are replaced; a program
/// that has them can read the connections that their tickets resume. Counts at once, also for connections made before,
/// unless these are the first keys. With a keys_len of 0 the context has a random key of its own, as at first.
/// Returns: VALUE for another key_len, one that does not divide keys_len, two keys of one name, a key of zeros or a
/// TLS_CLIENT context, and then the old keys stay; SSL.
/// Extension. RFC 5077, section 4.
/// OpenSSL: SSL_CTX_set_tlsext_ticket_key_evp_cb
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_set_ticket_keys(
    context: *mut Context,
    keys: *const c_void,
    keys_len: usize,
    key_len: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let all = unsafe { bytes(keys, keys_len, "keys") }?;
        if keys_len > 0 && (key_len == 0 || keys_len % key_len != 0) {
            return Err(Error::value(format_args!(
                "keys has {keys_len} bytes: they are no whole number of keys of {key_len} bytes"
            )));
        }
        context.set_ticket_keys(&all.chunks_exact(key_len.max(1)).collect::<Vec<_>>())
    })
}
