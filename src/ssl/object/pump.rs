//! The pump: four buffers and one call, for event loops and bindings.

use super::Object;
use crate::openssl::pipe::Pipe;
use crate::ssl::engine::{Engine, Turn};
use crate::ssl::error::{Error, Result, Status};
use std::cell::{Cell, RefCell};
use std::sync::atomic::Ordering;

/// The most plaintext that one record holds.
pub const RECORD_SIZE: usize = 16384;
/// The most that encrypting one record adds.
pub const RECORD_OVERHEAD: usize = 512;

/// The input and output buffers of one call of the pump.
#[derive(Default)]
#[allow(missing_docs)]
pub struct Pump<'a> {
    /// No more ciphertext will follow.
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
    /// A failure waits for the next call that has room in plaintext_out: bytes came before it.
    pub failure_pending: bool,
}

impl Object {
    /// Moves bytes both ways in one call. The result is filled in even when it fails.
    pub fn pump(&self, pump: Pump<'_>) -> (PumpResult, Result<()>) {
        let mut done = PumpResult::default();
        let Engine { incoming, outgoing, .. } = &self.0.engine;
        let turn = match self.0.engine.turn() {
            Ok(turn) => turn,
            Err(refused) => return (done, Err(refused)),
        };
        if pump.eof {
            incoming.mark_eof();
        }
        let room = Target::new(pump.ciphertext_out);
        // Ciphertext that waits from earlier calls goes first.
        room.fill_from(outgoing);
        let mut out_of_room = false;
        let work = || {
            if !self.0.finished.load(Ordering::Relaxed) {
                turn.do_handshake()?;
                self.0.finished.store(true, Ordering::Relaxed);
            }
            out_of_room = self.pump_write(&turn, pump.plaintext_in, &room, &mut done)?;
            if pump.close_write && done.plaintext_used == pump.plaintext_in.len() {
                turn.close_write()?;
            }
            self.pump_read(&turn, pump.plaintext_out, &mut done)
        };
        let (result, used) =
            turn.lend(pump.ciphertext_in, || turn.lend_sink(&mut |bytes| room.copy_in(bytes), work));
        room.fill_from(outgoing);
        done.ciphertext_used = used;
        done.ciphertext_len = room.used.get();
        done.ciphertext_pending = outgoing.pending();
        done.plaintext_pending = turn.pending();
        done.handshake_done = self.0.finished.load(Ordering::Relaxed);
        done.peer_closed = self.0.engine.is_peer_closed();
        done.failure_pending = turn.keeps_failure();
        let left = out_of_room || (room.size > 0 && done.ciphertext_pending > 0);
        let wants = left && result.as_ref().err().is_none_or(Error::is_want);
        (done, if wants { Err(Error::want_write()) } else { result })
    }

    /// Encrypts record by record; one record may wait inside. Tells whether there was no room to encrypt all of them.
    fn pump_write(
        &self,
        turn: &Turn<'_>,
        data: &[u8],
        room: &Target<'_>,
        done: &mut PumpResult,
    ) -> Result<bool> {
        for record in data.chunks(RECORD_SIZE) {
            let waiting = self.0.engine.outgoing.pending();
            let fits = waiting == 0 && record.len() + RECORD_OVERHEAD <= room.left();
            if !fits && (waiting > 0 || room.used.get() > 0 || room.size == 0) {
                return Ok(true);
            }
            let failed = turn.write(record)?;
            done.plaintext_used += record.len();
            failed.map_or(Ok(()), Err)?;
        }
        Ok(false)
    }

    fn pump_read(&self, turn: &Turn<'_>, buffer: &mut [u8], done: &mut PumpResult) -> Result<()> {
        while done.plaintext_len < buffer.len() {
            if done.plaintext_len > 0 && turn.has_nothing() {
                break;
            }
            match turn.read(&mut buffer[done.plaintext_len..]) {
                // libssl returns 0 after a fatal alert too; the handshake call then reports the error.
                Ok(0) if !self.0.engine.is_peer_closed() => return turn.do_handshake(),
                Ok(0) => break,
                Ok(count) => done.plaintext_len += count,
                Err(error) => return failed_behind(turn, error, done.plaintext_len),
            }
        }
        Ok(())
    }
}

/// Handles a failure to read. If bytes were read before it, the next call reports it.
fn failed_behind(turn: &Turn<'_>, error: Error, read: usize) -> Result<()> {
    // A callback for a ticket may have failed, and no data may ever follow the ticket: report that failure now.
    let error = if error.is_want() { turn.take_failure().unwrap_or(error) } else { error };
    match read {
        0 => Err(error),
        _ if matches!(error.status(), Status::WantRead | Status::WantCallback) => Ok(()),
        _ => {
            turn.keep_failure(error);
            Ok(())
        }
    }
}

/// The caller's buffer for ciphertext, filled from its beginning. Cells, because libssl fills it during a call.
struct Target<'a> {
    buffer: RefCell<&'a mut [u8]>,
    used: Cell<usize>,
    size: usize,
}

impl<'a> Target<'a> {
    fn new(buffer: &'a mut [u8]) -> Target<'a> {
        Target { size: buffer.len(), buffer: RefCell::new(buffer), used: Cell::new(0) }
    }

    fn left(&self) -> usize {
        self.size - self.used.get()
    }

    /// Copies as many bytes as there is room for, and tells how many.
    fn copy_in(&self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.left());
        let used = self.used.get();
        self.buffer.borrow_mut()[used..used + count].copy_from_slice(&bytes[..count]);
        self.used.set(used + count);
        count
    }

    fn fill_from(&self, pipe: &Pipe) {
        if self.left() > 0 && pipe.pending() > 0 {
            let used = self.used.get();
            self.used.set(used + pipe.read(&mut self.buffer.borrow_mut()[used..]));
        }
    }
}
