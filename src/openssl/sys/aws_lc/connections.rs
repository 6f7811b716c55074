//! libssl's functions with the types and numbers of OpenSSL.

use aws_lc_sys::{EVP_PKEY, SSL, SSL_CTX, SSL_SESSION, X509, X509_STORE_CTX};
use std::os::raw::{c_char, c_int, c_long, c_uchar, c_uint, c_ulong, c_void};
use std::ptr::null_mut;

/// How long a server's own keys of session tickets are.
pub const TICKET_KEYS: usize = 48;

pub const SSL_OP_NO_TICKET: u64 = aws_lc_sys::SSL_OP_NO_TICKET as u64;

/// The most bytes of one call, which AWS-LC counts as an int.
const MOST: usize = c_int::MAX as usize;

/// The codes of `SSL_get_error` that have another number than OpenSSL's of the same meaning.
const CODES: [(c_int, c_int); 3] = [
    (aws_lc_sys::SSL_ERROR_PENDING_CERTIFICATE, WANT_CLIENT_HELLO_CB),
    (aws_lc_sys::SSL_ERROR_WANT_CERTIFICATE_VERIFY, WANT_RETRY_VERIFY),
    // As with one that waits for the identity.
    (aws_lc_sys::SSL_ERROR_WANT_PRIVATE_KEY_OPERATION, aws_lc_sys::SSL_ERROR_WANT_X509_LOOKUP),
];
const WANT_CLIENT_HELLO_CB: c_int = 11;
const WANT_RETRY_VERIFY: c_int = 12;

/// What a connection waits for, in OpenSSL's numbers for `SSL_want`.
const WANTS: [(c_int, c_int); 4] = [
    (aws_lc_sys::SSL_ERROR_WANT_X509_LOOKUP, 4),
    (aws_lc_sys::SSL_ERROR_PENDING_CERTIFICATE, 7),
    (aws_lc_sys::SSL_ERROR_WANT_CERTIFICATE_VERIFY, 8),
    (aws_lc_sys::SSL_ERROR_WANT_PRIVATE_KEY_OPERATION, SSL_AWAITS_SIGNATURE),
];
/// No number of OpenSSL.
pub const SSL_AWAITS_SIGNATURE: c_int = 100;
const NOTHING: c_int = 1;

pub unsafe fn SSL_get_error(ssl: *const SSL, result: c_int) -> c_int {
    // SAFETY: the caller's connection is alive.
    let code = unsafe { aws_lc_sys::SSL_get_error(ssl, result) };
    CODES.iter().find(|(own, _)| *own == code).map_or(code, |(_, number)| *number)
}

pub unsafe fn SSL_want(ssl: *const SSL) -> c_int {
    // SAFETY: the caller's connection is alive.
    let wanted = unsafe { aws_lc_sys::SSL_want(ssl) };
    WANTS.iter().find(|(own, _)| *own == wanted).map_or(NOTHING, |(_, number)| *number)
}

/// Tells whether nothing was sent or received yet.
pub unsafe fn SSL_in_before(ssl: *const SSL) -> c_int {
    // SAFETY: the caller's connection is alive.
    let state = unsafe { aws_lc_sys::SSL_state_string_long(ssl) };
    // SAFETY: static text that ends in NUL.
    let state = unsafe { std::ffi::CStr::from_ptr(state) };
    c_int::from(state == c"TLS client start_connect" || state == c"TLS server start_accept")
}

/// AWS-LC reads the certificate when it is asked for, and leaves an entry on the queue for what stands in the place of one.
pub unsafe fn SSL_get_certificate(ssl: *const SSL) -> *mut X509 {
    // SAFETY: no preconditions; the queue belongs to this thread.
    unsafe { aws_lc_sys::ERR_set_mark() };
    // SAFETY: the caller's connection is alive.
    let x509 = unsafe { aws_lc_sys::SSL_get_certificate(ssl) };
    // SAFETY: as above.
    unsafe { aws_lc_sys::ERR_pop_to_mark() };
    x509
}

/// AWS-LC frees its buffers by itself when they are empty.
pub unsafe fn SSL_free_buffers(_: *mut SSL) -> c_int {
    1
}

pub unsafe fn SSL_rstate_string(_: *const SSL) -> *const c_char {
    c"RH".as_ptr()
}

pub unsafe fn SSL_read_ex(ssl: *mut SSL, buffer: *mut c_void, size: usize, count: *mut usize) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::SSL_read_ex(ssl, buffer, size.min(MOST), count) }
}

pub unsafe fn SSL_write_ex(ssl: *mut SSL, data: *const c_void, len: usize, count: *mut usize) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::SSL_write_ex(ssl, data, len.min(MOST), count) }
}

/// OpenSSL's modes, of which AWS-LC has the first; the second it always has.
pub unsafe fn SSL_set_mode(ssl: *mut SSL, modes: c_long) {
    const ACCEPT_MOVING_WRITE_BUFFER: c_long = 0x2;
    // SAFETY: the caller's connection is alive.
    unsafe { aws_lc_sys::SSL_set_mode(ssl, (modes & ACCEPT_MOVING_WRITE_BUFFER) as u32) };
}

pub unsafe fn SSL_set_alpn_protos(ssl: *mut SSL, protocols: *const c_uchar, len: c_uint) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::SSL_set_alpn_protos(ssl, protocols, len as usize) }
}

pub unsafe fn SSL_set_session_id_context(ssl: *mut SSL, id: *const c_uchar, len: c_uint) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::SSL_set_session_id_context(ssl, id, len as usize) }
}

pub unsafe fn SSL_set_tlsext_host_name(ssl: *mut SSL, name: *mut c_char) -> c_long {
    // SAFETY: as the caller promises.
    c_long::from(unsafe { aws_lc_sys::SSL_set_tlsext_host_name(ssl, name) })
}

type VerifyCallback = extern "C" fn(c_int, *mut X509_STORE_CTX) -> c_int;
type UnsafeVerifyCallback = unsafe extern "C" fn(c_int, *mut X509_STORE_CTX) -> c_int;

/// AWS-LC would ask for a certificate in the handshake if it saw the bit that means after it.
fn mode(bits: c_int) -> c_int {
    bits & (aws_lc_sys::SSL_VERIFY_PEER | aws_lc_sys::SSL_VERIFY_FAIL_IF_NO_PEER_CERT)
}

pub unsafe fn SSL_set_verify(ssl: *mut SSL, bits: c_int, callback: Option<VerifyCallback>) {
    // SAFETY: as the caller promises.
    unsafe {
        aws_lc_sys::SSL_set_verify(ssl, mode(bits), callback.map(|callback| callback as UnsafeVerifyCallback))
    }
}

pub unsafe fn SSL_CTX_set_verify(ctx: *mut SSL_CTX, bits: c_int, callback: Option<VerifyCallback>) {
    let callback = callback.map(|callback| callback as UnsafeVerifyCallback);
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::SSL_CTX_set_verify(ctx, mode(bits), callback) }
}

fn version(number: c_int) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

pub unsafe fn SSL_get_max_proto_version(ssl: *mut SSL) -> c_int {
    // SAFETY: the caller's connection is alive.
    c_int::from(unsafe { aws_lc_sys::SSL_get_max_proto_version(ssl) })
}

pub unsafe fn SSL_set_min_proto_version(ssl: *mut SSL, number: c_int) -> c_int {
    // SAFETY: the caller's connection is alive.
    unsafe { aws_lc_sys::SSL_set_min_proto_version(ssl, version(number)) }
}

pub unsafe fn SSL_CTX_get_min_proto_version(ctx: *mut SSL_CTX) -> c_int {
    // SAFETY: the caller's context is alive.
    c_int::from(unsafe { aws_lc_sys::SSL_CTX_get_min_proto_version(ctx) })
}

pub unsafe fn SSL_CTX_get_max_proto_version(ctx: *mut SSL_CTX) -> c_int {
    // SAFETY: the caller's context is alive.
    c_int::from(unsafe { aws_lc_sys::SSL_CTX_get_max_proto_version(ctx) })
}

pub unsafe fn SSL_CTX_set_min_proto_version(ctx: *mut SSL_CTX, number: c_int) -> c_int {
    // SAFETY: the caller's context is alive.
    unsafe { aws_lc_sys::SSL_CTX_set_min_proto_version(ctx, version(number)) }
}

pub unsafe fn SSL_CTX_set_max_proto_version(ctx: *mut SSL_CTX, number: c_int) -> c_int {
    // SAFETY: the caller's context is alive.
    unsafe { aws_lc_sys::SSL_CTX_set_max_proto_version(ctx, version(number)) }
}

pub unsafe fn SSL_CTX_get_max_cert_list(ctx: *mut SSL_CTX) -> c_long {
    // SAFETY: the caller's context is alive.
    c_long::try_from(unsafe { aws_lc_sys::SSL_CTX_get_max_cert_list(ctx) }).unwrap_or(c_long::MAX)
}

pub unsafe fn SSL_CTX_set_max_cert_list(ctx: *mut SSL_CTX, bytes: c_long) {
    // SAFETY: the caller's context is alive.
    unsafe { aws_lc_sys::SSL_CTX_set_max_cert_list(ctx, usize::try_from(bytes).unwrap_or(0)) }
}

pub unsafe fn SSL_CTX_set_session_cache_mode(ctx: *mut SSL_CTX, mode: c_long) -> c_long {
    // SAFETY: the caller's context is alive; OpenSSL's bits have the same numbers.
    c_long::from(unsafe { aws_lc_sys::SSL_CTX_set_session_cache_mode(ctx, mode as c_int) })
}

pub unsafe fn SSL_CTX_set1_groups(ctx: *mut SSL_CTX, groups: *const c_int, count: usize) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::SSL_CTX_set1_groups(ctx, groups, count) }
}

pub unsafe fn SSL_CTX_set1_groups_list(ctx: *mut SSL_CTX, groups: *const c_char) -> c_long {
    // SAFETY: as the caller promises.
    c_long::from(unsafe { aws_lc_sys::SSL_CTX_set1_groups_list(ctx, groups) })
}

pub unsafe fn SSL_CTX_set1_sigalgs_list(ctx: *mut SSL_CTX, sigalgs: *const c_char) -> c_long {
    // SAFETY: as the caller promises.
    c_long::from(unsafe { aws_lc_sys::SSL_CTX_set1_sigalgs_list(ctx, sigalgs) })
}

/// There is no such limit here: nobody gets as far, since `has` says so.
pub unsafe fn SSL_CTX_set1_client_sigalgs_list(_: *mut SSL_CTX, _: *const c_char) -> c_int {
    0
}

/// The same with keys of Diffie-Hellman.
pub unsafe fn SSL_CTX_set0_tmp_dh_pkey(_: *mut SSL_CTX, _: *mut EVP_PKEY) -> c_int {
    0
}

pub unsafe fn SSL_CTX_get_tlsext_ticket_keys(ctx: *mut SSL_CTX, keys: *mut c_uchar, len: usize) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::SSL_CTX_get_tlsext_ticket_keys(ctx, keys.cast(), len) }
}

pub unsafe fn SSL_CTX_set_tlsext_ticket_keys(ctx: *mut SSL_CTX, keys: *const c_uchar, len: usize) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::SSL_CTX_set_tlsext_ticket_keys(ctx, keys.cast(), len) }
}

type ServerNameCallback = unsafe extern "C" fn(*mut SSL, *mut c_int, *mut c_void) -> c_int;

pub unsafe fn SSL_CTX_set_tlsext_servername_callback__fixed_rust(
    ctx: *mut SSL_CTX,
    callback: Option<ServerNameCallback>,
) -> c_long {
    // SAFETY: as the caller promises.
    c_long::from(unsafe { aws_lc_sys::SSL_CTX_set_tlsext_servername_callback(ctx, callback) })
}

type AlpnCallback = unsafe extern "C" fn(
    *mut SSL,
    *mut *const c_uchar,
    *mut c_uchar,
    *const c_uchar,
    c_uint,
    *mut c_void,
) -> c_int;

pub unsafe fn SSL_CTX_set_alpn_select_cb__fixed_rust(
    ctx: *mut SSL_CTX,
    callback: Option<AlpnCallback>,
    argument: *mut c_void,
) {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::SSL_CTX_set_alpn_select_cb(ctx, callback, argument) }
}

/// What a context has counted: sessions in the cache, then connect, connect_good, connect_renegotiate, the same three for
/// accept, hits, misses, timeouts and cache_full. AWS-LC counts the sessions and the hits, and nothing of the rest.
pub unsafe fn SSL_CTX_counters(ctx: *mut SSL_CTX) -> [i64; 11] {
    // SAFETY: the caller's context is alive; so below.
    let sessions = unsafe { aws_lc_sys::SSL_CTX_sess_number(ctx) };
    let mut counts = [0; 11];
    counts[0] = i64::try_from(sessions).unwrap_or(i64::MAX);
    let counters: [unsafe extern "C" fn(*const SSL_CTX) -> c_int; 10] = [
        aws_lc_sys::SSL_CTX_sess_connect,
        aws_lc_sys::SSL_CTX_sess_connect_good,
        aws_lc_sys::SSL_CTX_sess_connect_renegotiate,
        aws_lc_sys::SSL_CTX_sess_accept,
        aws_lc_sys::SSL_CTX_sess_accept_good,
        aws_lc_sys::SSL_CTX_sess_accept_renegotiate,
        aws_lc_sys::SSL_CTX_sess_hits,
        aws_lc_sys::SSL_CTX_sess_misses,
        aws_lc_sys::SSL_CTX_sess_timeouts,
        aws_lc_sys::SSL_CTX_sess_cache_full,
    ];
    for (count, counter) in counts[1..].iter_mut().zip(counters) {
        // SAFETY: as above.
        *count = i64::from(unsafe { counter(ctx) });
    }
    counts
}

pub unsafe fn SSL_SESSION_set_timeout(session: *mut SSL_SESSION, seconds: c_long) -> c_long {
    // SAFETY: the caller's session is alive.
    c_long::from(unsafe {
        aws_lc_sys::SSL_SESSION_set_timeout(session, u32::try_from(seconds).unwrap_or(u32::MAX))
    })
}

pub unsafe fn SSL_SESSION_get_ticket_lifetime_hint(session: *const SSL_SESSION) -> c_ulong {
    // SAFETY: the caller's session is alive.
    c_ulong::from(unsafe { aws_lc_sys::SSL_SESSION_get_ticket_lifetime_hint(session) })
}

pub unsafe fn SSL_SESSION_set1_id_context(
    session: *mut SSL_SESSION,
    id: *const c_uchar,
    len: c_uint,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe { aws_lc_sys::SSL_SESSION_set1_id_context(session, id, len as usize) }
}

/// The index of a new slot of connections for data of others, which nobody frees.
pub unsafe fn SSL_new_slot() -> c_int {
    // SAFETY: no callbacks are registered with the slot.
    unsafe { aws_lc_sys::SSL_get_ex_new_index(0, null_mut(), null_mut(), None, None) }
}
