//! What is known of Encrypted ClientHello on one connection, from the messages of its handshake.

use super::parts::Parts;
use crate::openssl::host_name::{SERVER_NAME, host_name};
use crate::openssl::try_copy;
use std::cell::{Cell, OnceCell, RefCell};
use std::ffi::CString;

const ENCRYPTED_CLIENT_HELLO: usize = 0xFE0D;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// A ClientHello as it is sent.
    Hello,
    /// What is encrypted in one.
    Inner,
    /// Another one.
    Other,
}

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
    pub(super) fn note(&self, written: bool, seen: Seen, message: &[u8]) -> bool {
        match (written, seen) {
            (true, Seen::Inner) => self.hidden.set(true),
            (true, Seen::Hello) => return self.hidden.get() || self.asked().is_none(),
            (true, Seen::Other) => drop(self.inner.take()),
            (false, Seen::Inner) => drop(self.inner.replace(try_copy(message).ok())),
            (false, Seen::Hello) if self.serves.get() => {
                self.outer.get_or_init(|| Outer::of(message));
            }
            (false, _) => {}
        }
        true
    }
}

impl Outer {
    fn of(message: &[u8]) -> Outer {
        let name = extension(message, SERVER_NAME.into()).and_then(host_name);
        let kind = match extension(message, ENCRYPTED_CLIENT_HELLO).and_then(<[u8]>::first) {
            Some(0) => Some(Kind::Outer),
            Some(1) => Some(Kind::Inner),
            _ => None,
        };
        Outer { kind, name: name.and_then(|name| CString::new(name).ok()) }
    }
}

/// The content of one extension of a ClientHello, which is given as a message.
fn extension(message: &[u8], wanted: usize) -> Option<&[u8]> {
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
        if kind == wanted {
            return Some(content);
        }
    }
    None
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn hello(extensions: &[u8]) -> Vec<u8> {
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
