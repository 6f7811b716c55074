//! A TLS connection in memory, which never waits. Python: `SSLObject`

use super::bio::MemoryBio;
use super::connection::Owner;
use super::context::Context;
use super::engine::Engine;
use super::error::{Error, Result, Status};
use super::hostname;
use super::session::Session;
use parking_lot::Mutex;
use std::ffi::c_void;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

/// Plaintext in one record, at most.
pub const RECORD_SIZE: usize = 16384;
/// The most that encrypting one record adds.
pub const RECORD_OVERHEAD: usize = 512;

/// A handle on a connection in memory. Its getters are those of every connection.
pub struct Object(pub(crate) Arc<Shared>);

/// What all handles on an object share.
pub(crate) struct Shared {
    engine: Engine,
    /// An error that waits because the pump had bytes to deliver first.
    parked: Mutex<Option<Error>>,
    userdata: AtomicPtr<c_void>,
    /// The pump has seen the handshake finished. After a fatal error libssl is in a handshake again.
    finished: AtomicBool,
}

/// What goes into the pump and where its results go.
#[derive(Default)]
#[allow(missing_docs)]
pub struct Pump<'a> {
    /// No ciphertext will follow.
    pub eof: bool,
    /// Send close_notify once the plaintext is encrypted.
    pub close_write: bool,
    pub ciphertext_in: &'a [u8],
    pub plaintext_in: &'a [u8],
    pub plaintext_out: &'a mut [u8],
    pub ciphertext_out: &'a mut [u8],
}

/// What the pump did.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PumpResult {
    /// Taken of ciphertext_in: pass the rest again, first.
    pub ciphertext_used: usize,
    /// Taken of plaintext_in.
    pub plaintext_used: usize,
    /// Put into plaintext_out.
    pub plaintext_len: usize,
    /// Put into ciphertext_out: send it, whatever the status.
    pub ciphertext_len: usize,
    /// Ciphertext that waits inside for room in a ciphertext_out.
    pub ciphertext_pending: usize,
    /// Decrypted bytes that wait inside for room in a plaintext_out.
    pub plaintext_pending: usize,
    /// The handshake is finished.
    pub handshake_done: bool,
    /// The peer's close_notify was read: no more plaintext will come.
    pub peer_closed: bool,
}

impl Object {
    pub(crate) fn new(
        context: &Context,
        server_side: bool,
        server_hostname: Option<&str>,
        session: Option<&Session>,
        bios: Option<(&MemoryBio, &MemoryBio)>,
    ) -> Result<Object> {
        let pipes = match bios {
            Some((incoming, outgoing)) => (incoming.pipe(), outgoing.pipe()),
            None => Default::default(),
        };
        let hostname = server_hostname.map(hostname::encode).transpose()?;
        let engine = Engine::new(context, server_side, hostname, session, pipes)?;
        let shared = Arc::new(Shared {
            engine,
            parked: Mutex::new(None),
            userdata: AtomicPtr::default(),
            finished: AtomicBool::new(false),
        });
        shared.engine.belong_to(Owner::Object(Arc::downgrade(&shared)));
        Ok(Object(shared))
    }

    /// The pointer that was stored; NULL at first.
    pub fn userdata(&self) -> *mut c_void {
        self.0.userdata.load(Ordering::Acquire)
    }

    /// Stores a pointer that is never followed.
    pub fn set_userdata(&self, userdata: *mut c_void) {
        self.0.userdata.store(userdata, Ordering::Release);
    }

    /// Python: `SSLObject.unwrap()`
    pub fn unwrap(&self) -> Result<()> {
        self.0.engine.shutdown()
    }

    /// Moves bytes both ways in one call. The result is filled also on failure.
    pub fn pump(&self, pump: Pump<'_>) -> (PumpResult, Result<()>) {
        let mut done = PumpResult::default();
        let _turn = match self.0.engine.hold() {
            Ok(turn) => turn,
            Err(refused) => return (done, Err(refused)),
        };
        if pump.eof {
            self.0.engine.incoming.mark_eof();
        }
        let Pump { ciphertext_in, plaintext_in, plaintext_out, ciphertext_out, close_write, .. } = pump;
        let room = ciphertext_out.len();
        let mut work = || {
            self.pump_handshake()?;
            self.pump_write(plaintext_in, room, &mut done)?;
            if close_write && done.plaintext_used == plaintext_in.len() {
                self.0.engine.close_write()?;
            }
            self.pump_read(plaintext_out, &mut done)
        };
        let (mut result, used) = match ciphertext_in {
            [] => (work(), 0),
            some => self.0.engine.incoming.lend(some, work),
        };
        done.ciphertext_used = used;
        if room > 0 {
            done.ciphertext_len = self.0.engine.outgoing.read(ciphertext_out);
        }
        done.ciphertext_pending = self.0.engine.outgoing.pending();
        done.plaintext_pending = self.0.engine.pending();
        if done.plaintext_len > 0 || self.0.engine.is_handshake_done() {
            self.0.finished.store(true, Ordering::Relaxed);
        }
        done.handshake_done = self.0.finished.load(Ordering::Relaxed);
        done.peer_closed = self.0.engine.is_peer_closed();
        let left = done.plaintext_used < plaintext_in.len() || (room > 0 && done.ciphertext_pending > 0);
        if left && result.as_ref().err().is_none_or(Error::is_want) && done.handshake_done {
            result = Err(Error::want_write());
        }
        (done, result)
    }

    fn pump_handshake(&self) -> Result<()> {
        let parked = self.0.parked.lock().take();
        match parked {
            Some(error) => Err(error),
            None if self.0.engine.is_handshake_done() => Ok(()),
            None => self.0.engine.do_handshake(),
        }
    }

    /// Encrypts record by record, as long as there is room; one record may wait inside.
    fn pump_write(&self, data: &[u8], room: usize, done: &mut PumpResult) -> Result<()> {
        for record in data.chunks(RECORD_SIZE) {
            let waiting = self.0.engine.outgoing.pending();
            let fits = waiting + record.len() + RECORD_OVERHEAD <= room;
            if !fits && (waiting > 0 || room == 0) {
                break;
            }
            self.0.engine.write(record)?;
            done.plaintext_used += record.len();
        }
        Ok(())
    }

    fn pump_read(&self, buffer: &mut [u8], done: &mut PumpResult) -> Result<()> {
        while done.plaintext_len < buffer.len() {
            match self.0.engine.read(&mut buffer[done.plaintext_len..]) {
                Ok(0) => break,
                Ok(count) => done.plaintext_len += count,
                Err(error) if done.plaintext_len == 0 => return Err(error),
                Err(error) if error.status() == Status::WantRead => break,
                Err(error) => {
                    *self.0.parked.lock() = Some(error);
                    break;
                }
            }
        }
        Ok(())
    }
}

impl Deref for Object {
    type Target = Engine;
    fn deref(&self) -> &Engine {
        &self.0.engine
    }
}
