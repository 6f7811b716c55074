//! Shows ClientHellos to the program, before anything is chosen.

use super::{Choosing, Events, gone};
use crate::lock::user_code;
use crate::openssl::ech::Ech;
use crate::openssl::handler::{Alert, Handler, Reply};
use crate::openssl::inner_hello::CLIENT_HELLO;
use crate::openssl::lent::Lent;
use crate::ssl::client_hello::{ClientHello, Unread};
use crate::ssl::context::{Callbacks, ClientHelloCallback, Refusal};
use crate::ssl::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A message that is kept for the program.
#[derive(Clone, Default)]
pub(super) enum Overheard {
    /// None: libssl passes on no ClientHello that has the format of SSL 2.
    #[default]
    Nothing,
    /// From its type on.
    Whole(Arc<Vec<u8>>),
    /// There is no memory for it.
    NoMemory,
}

impl Overheard {
    fn copy(message: &[u8]) -> Overheard {
        let mut copy = Vec::new();
        if copy.try_reserve_exact(message.len()).is_err() {
            return Overheard::NoMemory;
        }
        copy.extend_from_slice(message);
        Overheard::Whole(Arc::new(copy))
    }
}

/// The ClientHellos of one connection.
#[derive(Default)]
pub(super) struct Hellos {
    /// The program sees them. Set when a handshake begins, and never taken back.
    shown: AtomicBool,
    /// One of this handshake has its answer.
    answered: AtomicBool,
}

impl Hellos {
    /// A handshake begins.
    pub fn begin(&self) {
        self.answered.store(false, Ordering::Relaxed);
    }
}

impl Events {
    /// Has ClientHellos kept from now on, if the callbacks of a context want that. Tells whether they are kept.
    pub fn show_hellos(&self, callbacks: &Callbacks) -> bool {
        if callbacks.client_hello.is_some() {
            self.hellos.shown.store(true, Ordering::Relaxed);
        }
        self.hellos.shown.load(Ordering::Relaxed)
    }

    /// Keeps a message if it is a ClientHello that the program is to see.
    pub(super) fn hear(&self, content_type: i32, message: &[u8]) {
        const HANDSHAKE: i32 = 22;
        let is_hello = content_type == HANDSHAKE && message.first() == Some(&CLIENT_HELLO);
        if is_hello && self.hellos.shown.load(Ordering::Relaxed) {
            self.set_seldom(|seldom| &seldom.hello, Overheard::copy(message));
        }
    }

    /// Keeps what was decrypted in place of the message that came.
    fn hear_inner(&self, ssl: &Lent<'_>) {
        if ssl.ech() == Ech::Accepted {
            let inner = ssl.inner_client_hello().map(Arc::new);
            let inner = inner.map_or(Overheard::NoMemory, Overheard::Whole);
            self.set_seldom(|seldom| &seldom.hello, inner);
        }
    }

    /// Asks the callback of the context that the connection has by now, otherwise that of the first one. One that has not
    /// answered yet is asked again, whatever the connection and the context have got meanwhile.
    pub(super) fn show_hello(&self, ssl: &Lent<'_>) -> Result<Reply, Alert> {
        self.heed(ssl)?;
        let answer = match self.hellos.shown.load(Ordering::Relaxed) {
            true => self.ask_for_answer(ssl),
            false => Ok(Reply::Given),
        };
        if answer == Ok(Reply::Given) {
            self.heed(ssl)?;
        }
        if answer != Ok(Reply::Pending) {
            // Also where nobody was asked: the next one of this handshake is the second.
            self.hellos.answered.store(true, Ordering::Relaxed);
        }
        answer
    }

    fn ask_for_answer(&self, ssl: &Lent<'_>) -> Result<Reply, Alert> {
        if self.has_aborted() {
            return Err(Alert::INTERNAL_ERROR);
        }
        self.hear_inner(ssl);
        let pick = |callbacks: &Callbacks| callbacks.client_hello.clone();
        let found = self.take_seldom(|seldom| &seldom.hello_asked).or_else(|| self.of_contexts(pick));
        let answer = found.as_ref().map_or(Ok(Reply::Given), |(_, callback)| self.ask_about_hello(callback));
        match answer {
            Ok(Reply::Pending) => self.set_seldom(|seldom| &seldom.hello_asked, found),
            _ => drop(self.take_seldom(|seldom| &seldom.hello)),
        }
        answer
    }

    fn ask_about_hello(&self, callback: &ClientHelloCallback) -> Result<Reply, Alert> {
        let hello = match self.read_hello() {
            Ok(hello) => hello,
            Err((alert, failure)) => {
                self.fail(failure);
                return Err(alert);
            }
        };
        let _choosing = Choosing::begin(&self.choosing);
        let answer = self.lend(|connection| user_code(|| callback(connection, &hello)));
        match answer.unwrap_or_else(|| Err(Refusal::from(gone()))) {
            Ok(()) => Ok(Reply::Given),
            Err(Refusal { cause: Some(cause), .. }) if cause.waits() => Ok(Reply::Pending),
            Err(Refusal { alert, cause }) => {
                if let Some(cause) = cause {
                    self.fail(cause);
                }
                Err(Alert(alert))
            }
        }
    }

    fn read_hello(&self) -> Result<ClientHello, (Alert, Error)> {
        let no_memory = || (Alert::INTERNAL_ERROR, Error::no_memory());
        let message = match self.seldom(|seldom| &seldom.hello) {
            Overheard::Whole(message) => message,
            Overheard::NoMemory => return Err(no_memory()),
            Overheard::Nothing => {
                let failure = Error::ssl("the ClientHello has the format of SSL 2");
                return Err((Alert::PROTOCOL_VERSION, failure));
            }
        };
        let second = self.hellos.answered.load(Ordering::Relaxed);
        ClientHello::parse(message, second).map_err(|unread| match unread {
            Unread::Memory => no_memory(),
            Unread::Malformed => (Alert::DECODE_ERROR, Error::ssl("the ClientHello is malformed")),
        })
    }
}
