//! Sending a file, and being a C stream.

use super::operation::Operation;
use super::parts::{Parts, Progress};
use super::state::Carrier;
use super::write::is_unfinished;
use super::{File, Socket};
use crate::lock::Slot;
use crate::os::{self, LentFile, Transfer};
use crate::ssl::engine::Engine;
use crate::ssl::error::{Error, Result, Status};
use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// How much of a file is read at a time.
const BLOCK: usize = 64 * 1024;

impl Socket {
    /// Python: `sendfile(file, offset, count)`; count 0 means to the end. Also tells how many bytes were sent if it fails.
    /// The file position is left after the last byte sent.
    pub fn sendfile(&self, file: LentFile<'_>, offset: u64, count: u64) -> (u64, Result<()>) {
        let (mut sent, mut failed) = (0, None);
        let result = self.send_blocks(file, offset, count, &mut sent, &mut failed);
        let result = match result {
            Ok(()) => failed.map_or(Ok(()), Err),
            Err(error) => Err(self.postponing(failed, error)),
        };
        if sent == 0 {
            return (0, result);
        }
        let moved = os::seek(file, offset.saturating_add(sent)).map_err(Error::os);
        (sent, result.and(moved))
    }

    /// If a callback fails meanwhile, or the key log, the rest is sent nevertheless, and the first failure is in `failed`.
    fn send_blocks(
        &self,
        file: LentFile<'_>,
        offset: u64,
        count: u64,
        sent: &mut u64,
        failed: &mut Option<Error>,
    ) -> Result<()> {
        let operation = self.writing_operation();
        if operation.deadline.is_none() {
            return Err(Error::value("non-blocking sockets are not supported"));
        }
        let state = self.settled(operation)?;
        let (engine, operation) = match state.carrier().map_err(|errno| operation.failed(errno))? {
            Carrier::Tls(engine) => (Some(engine), operation),
            Carrier::Plain => (None, operation.plain()),
        };
        let turn = self.writing_turn(engine.map(Arc::as_ref), operation)?;
        turn.check_whole()?;
        let count = if count == 0 { u64::MAX } else { count };
        if let Some(engine) = engine.filter(|_| self.ktls_send()) {
            // Data that waits from earlier calls goes first.
            self.flush(engine, operation)?;
            if self.send_in_kernel(engine, file, offset, count, sent, operation)? {
                return Ok(());
            }
        }
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(BLOCK)?;
        buffer.resize(BLOCK, 0);
        while *sent < count {
            let size = usize::try_from(count - *sent).map_or(BLOCK, |left| left.min(BLOCK));
            let at = offset.saturating_add(*sent);
            let len = os::read_at(file, &mut buffer[..size], at).map_err(Error::os)?;
            let block = &buffer[..len];
            if block.is_empty() {
                break;
            }
            let mut progress = Progress::default();
            let result = self.send_block(engine, block, &mut progress, operation);
            // Counts an unfinished block too: what libssl has taken is sent before anything else.
            *sent += progress.done as u64;
            *failed = failed.take().or(result?);
            if *sent < count {
                operation.in_time()?;
            }
        }
        Ok(())
    }

    fn send_block(
        &self,
        engine: Option<&Arc<Engine>>,
        block: &[u8],
        progress: &mut Progress,
        operation: Operation,
    ) -> Result<Option<Error>> {
        match engine {
            Some(engine) => self.write_chunks(engine, &Parts::new(&[block])?, progress, operation),
            None => self.sendall_plain(block, &mut progress.done, operation).map(|()| None),
        }
    }

    /// Python: `makefile(mode)`. The stream holds the socket: the descriptor is closed with the last stream.
    pub fn makefile(&self, mode: &str) -> Result<*mut File> {
        if !matches!(mode, "r" | "rb" | "r+" | "rb+" | "r+b" | "w" | "wb" | "w+" | "wb+" | "w+b") {
            return Err(Error::value(format_args!("mode '{mode}' must be r or w, with or without + and b")));
        }
        self.fd()?;
        let mode = CString::new(mode).map_err(|_| Error::value("mode holds a NUL"))?;
        let opened = os::open_stream(&mode, Box::new(Stream::over(self)));
        opened.map_err(|errno| match errno {
            os::errno::NOSYS => Error::not_implemented("the C library has no streams of other libraries"),
            errno => Error::os(errno),
        })
    }
}

/// What a C stream reads from and writes to.
struct Stream {
    socket: Socket,
    /// A read has timed out. The data it was in the middle of is unknown, so further reads are refused.
    timed_out: AtomicBool,
    /// The last write has failed.
    stopped: Slot<Option<Stop>>,
}

/// Where a write of a stream has failed.
#[derive(Clone)]
struct Stop {
    /// None if the next write may go on.
    fatal: Option<i32>,
    /// What has taken bytes that may still wait inside.
    engine: Option<Arc<Engine>>,
}

impl Stream {
    fn over(socket: &Socket) -> Stream {
        socket.streams.lock().open += 1;
        Stream { socket: socket.clone(), timed_out: AtomicBool::new(false), stopped: Slot::default() }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.socket.stream_closed();
    }
}

impl Transfer for Stream {
    fn read(&self, buffer: &mut [u8]) -> os::Result<usize> {
        if self.timed_out.load(Ordering::Acquire) {
            return Err(os::errno::TIMEDOUT);
        }
        self.socket.recv(buffer).map_err(|error| {
            self.timed_out.store(error.status() == Status::Timeout, Ordering::Release);
            errno(&error)
        })
    }

    fn write(&self, data: &[u8], taken: &mut usize) -> os::Result<()> {
        let engine = self.socket.engine();
        match self.socket.send_counting(data, taken) {
            Ok(()) => {
                self.stopped.set(None);
                Ok(())
            }
            Err(error) => {
                let fatal = Some(errno(&error)).filter(|_| !is_unfinished(&error));
                if fatal.is_some() {
                    // What libssl has taken will never go.
                    *taken = 0;
                }
                self.stopped.set(Some(Stop { fatal, engine }));
                Err(errno(&error))
            }
        }
    }

    fn close(&self) -> os::Result<()> {
        let Some(Stop { fatal, engine }) = self.stopped.get() else { return Ok(()) };
        if let Some(errno) = fatal {
            return Err(errno);
        }
        self.socket.send_rest().map_err(|error| errno(&error))?;
        match engine.is_some_and(|engine| engine.outgoing.pending() > 0 || engine.outgoing.has_discarded()) {
            true => Err(os::errno::IO),
            false => Ok(()),
        }
    }
}

/// The errno that describes the error best.
fn errno(error: &Error) -> i32 {
    match error.status() {
        Status::WantRead | Status::WantWrite | Status::WantCallback => os::errno::AGAIN,
        Status::Timeout => os::errno::TIMEDOUT,
        Status::Interrupted => os::errno::INTR,
        Status::Os if error.os_errno() != 0 => error.os_errno(),
        _ => os::errno::IO,
    }
}
