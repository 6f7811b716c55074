//! Looks at the messages of a handshake before the program does. AWS-LC tells the name that a client has sent in clear, what it has decrypted,
//! and that it has encrypted anything, only by showing the messages.

use super::ech_state::Seen;
use super::settings;
use crate::openssl::inner_hello::CLIENT_HELLO;
use crate::openssl::sys;
use std::os::raw::c_int;
use std::ptr::null_mut;

fn seen(content_type: c_int, message: &[u8]) -> Seen {
    match content_type {
        sys::SSL3_RT_CLIENT_HELLO_INNER => Seen::Inner,
        sys::SSL3_RT_HANDSHAKE if message.first() == Some(&CLIENT_HELLO) => Seen::Hello,
        _ => Seen::Other,
    }
}

/// Looks at a message of a connection with Encrypted ClientHello.
pub(super) unsafe fn overhear(ssl: *mut sys::SSL, written: bool, content_type: c_int, message: &[u8]) {
    // SAFETY: the caller's connection is alive; so below.
    let Some(state) = (unsafe { settings::of(ssl) }).and_then(|settings| settings.ech.get()) else { return };
    if !state.note(written, seen(content_type, message), message) {
        // Nothing was sent yet. Without a BIO nothing will be: the handshake fails.
        // SAFETY: as above; the other direction has its own reference to the same BIO.
        unsafe { sys::SSL_set0_wbio(ssl, null_mut()) };
    }
}

#[cfg(test)]
mod tests {
    use super::super::ech_state::tests::hello;
    use super::super::{ech, message};
    use super::*;
    use crate::openssl::ctx::{Method, SslCtx};
    use crate::openssl::cvt;
    use crate::openssl::ech_kind::Ech;
    use crate::openssl::error::LIB_SSL;

    const BIO_NOT_SET: c_int = 128;

    /// How many bytes a client sends at first, and whether it has nothing to send them by.
    fn first_flight(asks: bool) -> (usize, bool) {
        let ctx = SslCtx::new(Method::Client).expect("memory");
        // SAFETY: the context is alive; so below.
        let ssl = unsafe { sys::SSL_new(ctx.as_ptr()) };
        // SAFETY: both are alive.
        unsafe { settings::take_over(ssl, ctx.as_ptr()) }.expect("memory");
        // SAFETY: no preconditions.
        let method = unsafe { sys::BIO_s_mem() };
        // SAFETY: the method is AWS-LC's own.
        let [from, to] = [(); 2].map(|()| unsafe { sys::BIO_new(method) });
        // SAFETY: this reference is ours.
        unsafe { sys::BIO_up_ref(to) };
        // SAFETY: the connection takes over one reference to each.
        unsafe { sys::SSL_set_bio(ssl, from, to) };
        // SAFETY: as above.
        let state = unsafe { settings::ech(ssl) }.expect("settings");
        if asks {
            state.ask(c"other.example".into());
        }
        // SAFETY: as above.
        unsafe { message::listen(ssl) };
        // SAFETY: as above.
        unsafe { sys::SSL_set_connect_state(ssl) };
        // SAFETY: as above.
        let stopped = cvt(|| unsafe { sys::SSL_do_handshake(ssl) }).expect_err("nobody answers");
        // SAFETY: the BIO is alive.
        let sent = unsafe { sys::BIO_pending(to) };
        // SAFETY: ours, and freed once; so below.
        unsafe { sys::SSL_free(ssl) };
        // SAFETY: as above.
        unsafe { sys::BIO_free(to) };
        (sent, stopped.entry().is_some_and(|entry| entry.is(LIB_SSL, BIO_NOT_SET)))
    }

    /// As it would be if AWS-LC passed over the configuration that it was given.
    #[test]
    fn a_hello_that_was_to_be_encrypted_is_not_sent_in_clear() {
        assert!(first_flight(false).0 > 100, "otherwise this test sees nothing");
        assert_eq!(first_flight(true), (0, true));
    }

    /// What a server says that has got this.
    fn status_after(message: &[u8], serves: bool) -> Ech {
        let ctx = SslCtx::new(Method::Server).expect("memory");
        // SAFETY: the context is alive; so below.
        let ssl = unsafe { sys::SSL_new(ctx.as_ptr()) };
        // SAFETY: both are alive.
        unsafe { settings::take_over(ssl, ctx.as_ptr()) }.expect("memory");
        // SAFETY: as above.
        unsafe { sys::SSL_set_accept_state(ssl) };
        // SAFETY: as above.
        let state = unsafe { settings::ech(ssl) }.expect("settings");
        state.serves.set(serves);
        assert!(state.note(false, Seen::Hello, message));
        // SAFETY: as above.
        let (status, name) = unsafe { ech::status(ssl) };
        assert_eq!(name, None, "nothing was decrypted");
        // SAFETY: ours, and freed once.
        unsafe { sys::SSL_free(ssl) };
        status
    }

    #[test]
    fn what_was_not_decrypted_is_told_apart() {
        let with = |content: u8| hello(&[0xFE, 0x0D, 0, 1, content]);
        let told = |serves| [&hello(&[]), &with(0), &with(1)].map(|message| status_after(message, serves));
        assert_eq!(told(true), [Ech::None, Ech::Grease, Ech::Backend]);
        assert_eq!(told(false), [Ech::None; 3]);
    }
}
