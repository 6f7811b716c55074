//! What OpenSSL's security callback is asked in a handshake, and what its own answers.

use crate::openssl::ctx::{Method, SslCtx};
use crate::openssl::{quietly, sys};
use std::os::raw::{c_int, c_void};
use std::ptr::null_mut;

/// What a question is about. `SSL_SECOP_*`
pub const CIPHER: c_int = 1 | 1 << 16;
pub const GROUP: c_int = 4 | 2 << 16;
pub const VERSION: c_int = 9;
pub const TICKET: c_int = 10;
pub const SIGNATURE_ALGORITHM: c_int = 11 | 5 << 16;

unsafe extern "C" {
    fn SSL_CTX_get_security_callback(ctx: *const sys::SSL_CTX) -> Option<sys::SecurityCallback>;
    fn SSL_CTX_set0_security_ex_data(ctx: *mut sys::SSL_CTX, argument: *mut c_void);
    fn SSL_CTX_set_security_callback(ctx: *mut sys::SSL_CTX, callback: Option<sys::SecurityCallback>);
}

/// OpenSSL's own answer at a level: whether what has that many bits, or this number, is allowed.
pub fn allows(level: i32, what: c_int, bits: i32, number: c_int, other: *const c_void) -> bool {
    let mut ctx = SslCtx::new(Method::Both).expect("memory");
    ctx.set_security_level(level);
    // SAFETY: the context is alive.
    let own = unsafe { SSL_CTX_get_security_callback(ctx.as_ptr()) }.expect("OpenSSL has one");
    let other = other.cast_mut();
    // SAFETY: the context is alive.
    let ssl = unsafe { sys::SSL_new(ctx.as_ptr()) };
    assert!(!ssl.is_null());
    // SAFETY: both are alive, and the caller gives what belongs to the question.
    let answer = quietly(|| unsafe { own(ssl, ctx.as_ptr(), what, bits, number, other, null_mut()) });
    // SAFETY: the connection is ours; freed once.
    unsafe { sys::SSL_free(ssl) };
    answer == 1
}

/// A question of a handshake: what it is about, the number of TLS for it, and how strong OpenSSL says that it is.
pub type Question = (c_int, u16, i32);

/// The questions about groups and signature algorithms with which a client's handshake begins.
pub fn questions(groups: Option<&std::ffi::CStr>) -> Vec<Question> {
    let mut ctx = SslCtx::new(Method::Client).expect("memory");
    if let Some(groups) = groups {
        ctx.set_groups(groups).expect("groups that OpenSSL has");
    }
    let mut asked: Vec<Question> = Vec::new();
    // SAFETY: the context is ours, and what it is given lives until the handshake below has ended.
    unsafe { SSL_CTX_set0_security_ex_data(ctx.as_ptr(), (&raw mut asked).cast()) };
    // SAFETY: the context is ours.
    unsafe { SSL_CTX_set_security_callback(ctx.as_ptr(), Some(record)) };
    // SAFETY: the context is alive.
    let ssl = unsafe { sys::SSL_new(ctx.as_ptr()) };
    assert!(!ssl.is_null());
    // SAFETY: no preconditions.
    let memory = unsafe { sys::BIO_s_mem() };
    // SAFETY: the method is static.
    let [read, written] = [(); 2].map(|()| unsafe { sys::BIO_new(memory) });
    // SAFETY: the connection takes both over.
    unsafe { sys::SSL_set_bio(ssl, read, written) };
    // SAFETY: the connection is ours; so below.
    unsafe { sys::SSL_set_connect_state(ssl) };
    // SAFETY: as above. It waits for a server.
    quietly(|| unsafe { sys::SSL_do_handshake(ssl) });
    // SAFETY: as above; freed once.
    unsafe { sys::SSL_free(ssl) };
    asked
}

unsafe extern "C" fn record(
    _: *const sys::SSL,
    _: *const sys::SSL_CTX,
    what: c_int,
    bits: c_int,
    _: c_int,
    other: *mut c_void,
    asked: *mut c_void,
) -> c_int {
    if matches!(what, GROUP | SIGNATURE_ALGORITHM) && !other.is_null() {
        // SAFETY: for these it is the two bytes of the number in TLS.
        let number = unsafe { *other.cast::<[u8; 2]>() };
        // SAFETY: the list of `questions`, which waits for this thread.
        let asked = unsafe { &mut *asked.cast::<Vec<Question>>() };
        asked.push((what, u16::from_be_bytes(number), bits));
    }
    1
}
