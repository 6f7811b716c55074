//! The keys of session tickets.

use crate::ffi::boundary::{bytes, call, handle, paths};
use crate::ssl::{Context, Error, Status, TicketKeyFormat};
use std::ffi::{c_char, c_int, c_void};

/// Sets the keys of a server's session tickets: keys_len bytes, which are keys of key_len bytes each, one behind the
/// other. The first one encrypts new tickets, all decrypt, and a client that shows a ticket of a later one gets a new
/// one. So servers that share keys resume what any of them has begun, if they also trust and check alike, were called by
/// the same name and allow the same ciphers. A server with a PSK callback resumes nothing while its keys are shared:
/// others may know other clients. To rotate the keys, put the next key behind the others everywhere, then in front, and
/// drop it once its tickets have expired.
/// A key has 48 bytes (a name of 16, then the keys of AES-128-CBC and HMAC-SHA256, 16 each) or 80 (a name of 16, then
/// the keys of HMAC-SHA256 and AES-256-CBC, 32 each), as in files of nginx; see tlsock_context_load_ticket_keys. They are
/// copied, and wiped when they are replaced; a program
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

/// Sets the keys of a server's session tickets from count files, as tlsock_context_set_ticket_keys does. They are read
/// now, once: call again when they have changed. The format is told, as the first half of a file in one may be a file
/// of the other:
/// TICKET_KEYS_NGINX: each file is one key of 48 or 80 bytes, as nginx's ssl_session_ticket_key reads it. The first file
/// encrypts. A file of nothing but letters of base64 is refused.
/// TICKET_KEYS_HAPROXY: one file has a key in base64 on each line, as HAProxy's tls-ticket-keys reads it: three at least,
/// all of one length. The last three count, and of these the middle one encrypts, so that the next key is known everywhere
/// before its time. A key of 80 bytes has its two parts in the other order than nginx's: the key of AES-256-CBC is first.
/// Processes of this library resume each other's sessions by such files, and nginx's do by theirs; but neither resumes
/// what the other has begun, although both can read the tickets: a session says by whom and with which demands it was made.
/// Returns: VALUE for what is no such file, with its name and line, another format, no file, two keys of one name, a
/// key of zeros or a TLS_CLIENT context; OS for a file that cannot be read; SSL. The old keys stay then.
/// Extension.
/// OpenSSL: SSL_CTX_set_tlsext_ticket_key_evp_cb
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_context_load_ticket_keys(
    context: *mut Context,
    format: c_int,
    files: *const *const c_char,
    count: usize,
    error: *mut *mut Error,
) -> Status {
    call(error, || {
        let context = unsafe { handle(context, "context") }?;
        let files = unsafe { paths(files, count, "files") }?;
        context.load_ticket_keys(TicketKeyFormat::from_number(format)?, &files)
    })
}
