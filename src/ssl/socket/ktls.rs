//! Kernel TLS: the kernel encrypts what a socket sends.

use super::operation::Operation;
use super::{Inner, Socket};
use crate::openssl::flags::OP_ENABLE_KTLS;
use crate::openssl::ktls::Kernel;
use crate::os::{self, LentFile, OwnedSocket};
use crate::ssl::engine::Engine;
use crate::ssl::error::{Error, Result};
use std::sync::{Arc, Weak};

/// The kernel's side of a socket, as libssl sees it.
struct Below(Weak<Inner>);

impl Kernel for Below {
    fn encrypt(&self, keys: &[u8]) -> bool {
        self.0.upgrade().is_some_and(|inner| Socket(inner).encrypt_in_kernel(keys))
    }
}

impl Socket {
    /// Offers libssl the kernel's encryption, if the context's options ask for it.
    pub(super) fn offer_kernel(&self, engine: &Engine) {
        if engine.context().options() & OP_ENABLE_KTLS != 0 {
            engine.offload(Box::new(Below(Arc::downgrade(&self.0))));
        }
    }

    /// Tells whether the kernel encrypts what is sent. Once it does, it does so until the descriptor is closed.
    pub fn ktls_send(&self) -> bool {
        self.open_fd().is_ok_and(|fd| fd.kernel_sends())
    }

    /// Tells whether the kernel decrypts what is received; it never does.
    pub fn ktls_recv(&self) -> bool {
        false
    }

    fn encrypt_in_kernel(&self, keys: &[u8]) -> bool {
        let (Some(engine), Ok(fd)) = (self.engine(), self.open_fd()) else { return false };
        // Records that wait here are encrypted already: the kernel would encrypt them again.
        let sent = engine.outgoing.drain(|bytes, record_type| send(&fd, bytes, record_type));
        if sent.is_err() || engine.outgoing.pending() > 0 {
            return false;
        }
        if os::encrypt_in_kernel(os::lend(&fd), keys).is_err() {
            return false;
        }
        fd.set_kernel_sends();
        true
    }

    /// Lets the kernel send a part of a file without copying it through this process. False if it cannot, or not from the
    /// offset that it has reached.
    pub(super) fn send_in_kernel(
        &self,
        engine: &Engine,
        file: LentFile<'_>,
        offset: u64,
        count: u64,
        sent: &mut u64,
        operation: Operation,
    ) -> Result<bool> {
        /// The most that Linux sends in one call.
        const MOST: u64 = 1 << 30;
        let fd = self.open_fd()?;
        while *sent < count {
            // Keys are there before the client is: libssl's writes know when it may get data, or say why not.
            if !engine.is_open_for_data() {
                return Ok(false);
            }
            let size = (count - *sent).min(MOST) as usize;
            match os::send_file(os::lend(&fd), file, offset.saturating_add(*sent), size) {
                Ok(0) => return Ok(true),
                Ok(len) => *sent += len as u64,
                Err(os::errno::AGAIN) => self.wait_for_room(operation)?,
                Err(_) => {
                    fd.check_open()?;
                    return Ok(false);
                }
            }
            if *sent < count {
                operation.in_time()?;
            }
        }
        Ok(true)
    }

    /// Refuses plain bytes that the kernel would encrypt.
    pub(super) fn check_sends_plain(&self) -> Result<()> {
        if !self.ktls_send() {
            return Ok(());
        }
        Err(Error::value(
            "the kernel still encrypts what this socket sends, though TLS is over: close it and make a new connection",
        ))
    }
}

/// Sends as much as the system takes, as a record of the given type if the kernel makes the records.
pub(super) fn send(fd: &OwnedSocket, bytes: &[u8], record_type: Option<u8>) -> os::Result<usize> {
    match record_type {
        None => os::send(os::lend(fd), bytes),
        Some(record_type) => os::send_record(os::lend(fd), record_type, bytes),
    }
}
