//! What is known of Encrypted ClientHello on one connection. AWS-LC tells the name that was sent in clear, and what it has decrypted, only
//! by showing the messages as they come: so this looks at them before the program does.

use super::parts::Parts;
use super::settings;
use crate::openssl::handler::{SERVER_NAME, host_name};
use crate::openssl::inner_hello::CLIENT_HELLO;
use crate::openssl::{bytes_at, sys};
use std::cell::{Cell, OnceCell, RefCell};
use std::ffi::CString;
use std::os::raw::{c_int, c_void};
use std::ptr::null_mut;

const HANDSHAKE: c_int = 22;
const ENCRYPTED_CLIENT_HELLO: u16 = 0xFE0D;

/// What a client has sent of it in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something encrypted, or that looks like it.
    Outer,
    /// The mark of what was encrypted: somebody else has decrypted it.
    Inner,
}

/// The first ClientHello that a server has got, as far as it matters.
struct Outer {
    kind: Option<Kind>,
    name: Option<CString>,
}

/// What is known of it on one connection.
#[derive(Default)]
pub(super) struct EchState {
    /// The public name for which a client encrypts.
    public_name: OnceCell<CString>,
    /// A client sends something that looks like it.
    pub greases: Cell<bool>,
    /// A server decrypts.
    pub serves: Cell<bool>,
    /// What the program is shown messages by.
    pub show: Cell<Option<sys::MessageCallback>>,
    /// A client has encrypted something.
    hidden: Cell<bool>,
    outer: OnceCell<Outer>,
    /// What a server has decrypted, as a message, until it answers.
    inner: RefCell<Option<Vec<u8>>>,
}

impl EchState {
    /// Has a client encrypt for this name, and send no ClientHello that is not encrypted.
    pub(super) fn ask(&self, public_name: CString) {
        self.public_name.get_or_init(|| public_name);
    }

    /// The public name for which a client encrypts.
    pub(super) fn asked(&self) -> Option<&CString> {
        self.public_name.get()
    }

    /// What the client has sent in clear, for a server.
    pub(super) fn kind(&self) -> Option<Kind> {
        self.outer.get()?.kind
    }

    /// The name that the client has sent in clear, for a server.
    pub(super) fn outer_name(&self) -> Option<&CString> {
        self.outer.get()?.name.as_ref()
    }

    /// The message that a server has decrypted and is looking at.
    pub(super) fn inner(&self) -> Option<Vec<u8>> {
        self.inner.borrow().clone()
    }

    /// Looks at a message. False for one that must not be sent: a ClientHello in clear of a client that was to encrypt it.
    fn note(&self, written: bool, content_type: c_int, message: &[u8]) -> bool {
        let is_hello = content_type == HANDSHAKE && message.first() == Some(&CLIENT_HELLO);
        match (written, content_type) {
            (true, sys::SSL3_RT_CLIENT_HELLO_INNER) => self.hidden.set(true),
            (true, HANDSHAKE) if is_hello => return self.hidden.get() || self.asked().is_none(),
            (true, _) => drop(self.inner.take()),
            (false, sys::SSL3_RT_CLIENT_HELLO_INNER) if self.show.get().is_some() => {
                drop(self.inner.replace(copy(message)));
            }
            (false, HANDSHAKE) if is_hello && self.serves.get() => {
                self.outer.get_or_init(|| Outer::of(message));
            }
            _ => {}
        }
        true
    }
}

/// A copy; None without memory for it.
fn copy(message: &[u8]) -> Option<Vec<u8>> {
    crate::openssl::try_copy(message).ok()
}

impl Outer {
    fn of(message: &[u8]) -> Outer {
        let name = extension(message, SERVER_NAME).and_then(host_name);
        let kind = match extension(message, ENCRYPTED_CLIENT_HELLO).and_then(<[u8]>::first) {
            Some(0) => Some(Kind::Outer),
            Some(1) => Some(Kind::Inner),
            _ => None,
        };
        Outer { kind, name: name.and_then(|name| CString::new(name).ok()) }
    }
}

/// The content of one extension of a ClientHello, which is given as a message.
fn extension(message: &[u8], wanted: u16) -> Option<&[u8]> {
    const HEAD: usize = 4;
    const VERSION_AND_RANDOM: usize = 2 + 32;
    let mut hello = Parts(message);
    hello.take(HEAD + VERSION_AND_RANDOM)?;
    let _session_id = hello.counted(1)?;
    let _ciphers = hello.counted(2)?;
    let _compression = hello.counted(1)?;
    let mut extensions = Parts(hello.counted(2)?);
    while !extensions.is_empty() {
        let (kind, content) = (extensions.number(2)?, extensions.counted(2)?);
        if kind == usize::from(wanted) {
            return Some(content);
        }
    }
    None
}

/// Has a connection show its messages to this library, and to the program if it wants that.
pub(super) unsafe fn install(ssl: *mut sys::SSL) {
    // SAFETY: the caller's connection is alive, and the callback stays.
    unsafe { sys::SSL_set_msg_callback(ssl, Some(overhear)) }
}

unsafe extern "C" fn overhear(
    written: c_int,
    version: c_int,
    content_type: c_int,
    data: *const c_void,
    len: usize,
    ssl: *mut sys::SSL,
    argument: *mut c_void,
) {
    // SAFETY: libssl calls with a live SSL; so below.
    let Some(state) = (unsafe { settings::of(ssl) }).and_then(|settings| settings.ech.get()) else { return };
    // SAFETY: libssl gives that many bytes.
    let message = unsafe { bytes_at(data.cast(), len) };
    if !state.note(written != 0, content_type, message) {
        // Nothing was sent yet. Without a BIO nothing will be: the handshake fails.
        // SAFETY: as above; the other direction has its own reference to the same BIO.
        unsafe { sys::SSL_set0_wbio(ssl, null_mut()) };
    }
    // OpenSSL shows what was encrypted to nobody.
    if let Some(show) = state.show.get().filter(|_| content_type != sys::SSL3_RT_CLIENT_HELLO_INNER) {
        // SAFETY: libssl's own arguments.
        unsafe { show(written, version, content_type, data, len, ssl, argument) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ech;
    use super::*;
    use crate::openssl::ctx::{Method, SslCtx};
    use crate::openssl::cvt;
    use crate::openssl::ech::Ech;
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
        unsafe { install(ssl) };
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
        assert!(state.note(false, HANDSHAKE, message));
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

    fn hello(extensions: &[u8]) -> Vec<u8> {
        let mut message = vec![1, 0, 0, 0];
        message.extend([3; 34]);
        message.extend([1, 9, 0, 2, 0x13, 1, 1, 0]);
        message.extend((extensions.len() as u16).to_be_bytes());
        message.extend_from_slice(extensions);
        message
    }

    #[test]
    fn a_server_knows_what_was_sent_in_clear() {
        let name = [0, 0, 0, 8, 0, 6, 0, 0, 3, b'a', b'.', b'b'];
        let read = |message: &[u8]| {
            let Outer { kind, name } = Outer::of(message);
            (kind, name.map(CString::into_bytes))
        };
        let with =
            |content: &[u8]| hello(&[&name[..], &[0xFE, 0x0D, 0, content.len() as u8], content].concat());
        let named = || Some(b"a.b".to_vec());
        assert_eq!(read(&hello(&name)), (None, named()));
        assert_eq!(read(&with(&[0, 1, 2])), (Some(Kind::Outer), named()));
        assert_eq!(read(&with(&[1])), (Some(Kind::Inner), named()));
        assert_eq!(read(&with(&[2])), (None, named()));
        assert_eq!(read(&with(&[])), (None, named()));
        let whole = with(&[0]);
        for len in 0..whole.len() {
            assert_eq!(read(&whole[..len]), (None, None));
        }
        let nul = [&name[..9], b"\0.b"].concat();
        assert_eq!(read(&hello(&nul)), (None, None));
    }
}
