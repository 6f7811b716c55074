//! Writing through TLS.

use super::operation::Operation;
use super::parts::{Parts, Progress};
use super::state::Carrier;
use super::{Socket, WITHOUT_TLS};
use crate::lock::MutexGuard;
use crate::os;
use crate::ssl::engine::{Engine, Turn};
use crate::ssl::error::{Error, Result, Status};

/// A send that was interrupted: it must be repeated with the same bytes at the front, as far as it had come.
#[derive(Default)]
pub(super) struct Writing {
    interrupted: Option<Unfinished>,
}

struct Unfinished {
    progress: Progress,
    /// The last of the bytes that libssl has taken. What it has begun it recognizes by itself.
    last: [u8; MARK],
}

/// How many of the last bytes are kept to recognize the data of an interrupted send.
const MARK: usize = 32;

impl Writing {
    /// How far an interrupted send has come with the data.
    fn resume(&mut self, data: &Parts<'_>) -> Result<Progress> {
        let Some(Unfinished { progress, last }) = &self.interrupted else { return Ok(Progress::default()) };
        if data.len() < progress.end() || data.before(progress.done) != *last {
            return Err(Error::value(
                "bad write retry: a send that was not finished must be repeated with the same bytes in front",
            ));
        }
        Ok(*progress)
    }

    /// Refuses a call that would send between the two parts of an interrupted send.
    pub fn check_whole(&self) -> Result<()> {
        match self.interrupted {
            None => Ok(()),
            Some(_) => {
                Err(Error::value("bad write retry: a send that was not finished must be repeated first"))
            }
        }
    }

    /// A send of this data has stopped here: it is to be repeated if libssl has seen anything of it.
    fn interrupt(&mut self, data: &Parts<'_>, progress: Progress) {
        let seen = progress.end() > 0;
        self.interrupted = seen.then(|| Unfinished { progress, last: data.before(progress.done) });
    }
}

impl Socket {
    pub(super) fn writing_operation(&self) -> Operation {
        Operation::write(self.timeout.get().deadline())
    }

    /// Python: `send(data)`: sends all of it with TLS, possibly only a part without.
    pub fn send(&self, data: &[u8]) -> Result<usize> {
        let operation = self.writing_operation();
        let state = self.settled(operation)?;
        match state.carrier().map_err(|errno| operation.failed(errno))? {
            Carrier::Tls(engine) => self.write_tls(engine, &[data], operation),
            Carrier::Plain => self.send_plain(data, operation.plain()),
        }
    }

    /// Python: `write(data)`
    pub fn write(&self, data: &[u8]) -> Result<usize> {
        let operation = self.writing_operation();
        let engine = self.tls(operation, "Write on closed or unwrapped SSL socket.")?;
        self.write_tls(&engine, &[data], operation)
    }

    /// Python: `sendall(data)`
    pub fn sendall(&self, data: &[u8]) -> Result<()> {
        let operation = self.writing_operation();
        let state = self.settled(operation)?;
        match state.carrier().map_err(|errno| operation.failed(errno))? {
            Carrier::Plain => self.sendall_plain(data, &mut 0, operation.plain()),
            Carrier::Tls(_) if data.is_empty() => Ok(()),
            Carrier::Tls(engine) => self.write_tls(engine, &[data], operation).map(|_| ()),
        }
    }

    /// Sends the parts in order, as one piece of data.
    pub fn sendv(&self, parts: &[&[u8]]) -> Result<usize> {
        let operation = self.writing_operation();
        let state = self.settled(operation)?;
        match state.carrier().map_err(|errno| operation.failed(errno))? {
            Carrier::Tls(engine) => self.write_tls(engine, parts, operation),
            Carrier::Plain => {
                let mut joined = Vec::new();
                self.send_plain(Parts::new(parts)?.chunk(0, &mut joined), operation.plain())
            }
        }
    }

    /// Sends as much as possible within the deadline, and tells how much was taken; what waits in the pipe is sent before
    /// the next bytes. It returns "not done yet" or a timeout only if nothing was taken.
    pub(super) fn send_some(&self, data: &[u8]) -> Result<usize> {
        let mut taken = 0;
        match self.send_counting(data, &mut taken) {
            Err(error) if taken == 0 || !passes(&error) => Err(error),
            _ => Ok(taken),
        }
    }

    /// Sends all within the deadline. Where that fails `taken` bytes have gone, or wait in the pipe, and are not to be sent again.
    pub(super) fn send_counting(&self, data: &[u8], taken: &mut usize) -> Result<()> {
        let operation = self.writing_operation();
        let state = self.settled(operation)?;
        let engine = match state.carrier().map_err(|errno| operation.failed(errno))? {
            Carrier::Tls(engine) => engine,
            Carrier::Plain => return self.sendall_plain(data, taken, operation.plain()),
        };
        let writing = self.writing_turn(Some(engine), operation)?;
        writing.check_whole()?;
        let mut progress = Progress::default();
        let result = self.write_chunks(engine, &Parts::new(&[data])?, &mut progress, operation);
        *taken = progress.done;
        result?.into_iter().for_each(|failed| engine.postpone(failed));
        Ok(())
    }

    /// Changes the keys by which this side encrypts, and asks the peer to change its own if told so. What the system has
    /// no room for goes out in front of the next bytes.
    pub fn key_update(&self, request_peer: bool) -> Result<()> {
        let operation = self.writing_operation();
        let engine = self.tls(operation, WITHOUT_TLS)?;
        let writing = self.writing_turn(Some(&engine), operation)?;
        writing.check_whole()?;
        if self.ktls_send() {
            return Err(Error::value(
                "the kernel encrypts what this socket sends, and goes on with the keys it has",
            ));
        }
        self.flush(&engine, operation)?;
        let mut done = false;
        let result = self.drive(&engine, operation, |turn| {
            turn.key_update(request_peer)?;
            done = true;
            Ok(())
        });
        match result {
            Err(error) if done && error.is_want() => Ok(()),
            result => result,
        }
    }

    /// Sends what waits in the pipe.
    pub(super) fn send_rest(&self) -> Result<()> {
        if self.pending_write() == 0 {
            return Ok(());
        }
        let operation = self.writing_operation();
        let Some(engine) = self.engine() else { return Ok(()) };
        let _turn = self.writing_turn(Some(&engine), operation)?;
        self.flush(&engine, operation)
    }

    /// Waits until no other thread writes.
    pub(super) fn writing_turn(
        &self,
        engine: Option<&Engine>,
        operation: Operation,
    ) -> Result<MutexGuard<'_, Writing>> {
        Operation::check_free(&self.writing)?;
        self.check_directions(engine, operation)?;
        // A callback's thread may hold the lock already: the call is refused, because it would deadlock.
        engine.map_or(Ok(()), Engine::check_reentry)?;
        operation.turn(&self.writing, Error::want_write)
    }

    fn write_tls(&self, engine: &Engine, parts: &[&[u8]], operation: Operation) -> Result<usize> {
        let data = Parts::new(parts)?;
        let mut writing = self.writing_turn(Some(engine), operation)?;
        let mut progress = writing.resume(&data)?;
        let result = self.write_chunks(engine, &data, &mut progress, operation);
        match &result {
            Err(error) if is_unfinished(error) => writing.interrupt(&data, progress),
            // It was not for this send to go on.
            Err(error) if error.status() == Status::Value => {}
            _ => writing.interrupted = None,
        }
        result?.map_or(Ok(data.len()), Err)
    }

    /// Sends the rest of the data. If a callback fails meanwhile, or the key log, the rest is sent nevertheless: what it
    /// gives is the first such failure.
    pub(super) fn write_chunks(
        &self,
        engine: &Engine,
        data: &Parts<'_>,
        progress: &mut Progress,
        operation: Operation,
    ) -> Result<Option<Error>> {
        // Bytes that an earlier call could not send go first.
        self.flush(engine, operation)?;
        let mut failed = None;
        match self.write_all_chunks(engine, data, progress, operation, &mut failed) {
            Ok(()) => Ok(failed),
            Err(error) => {
                if error.status() == Status::NoMemory {
                    progress.begun = progress.done + engine.begun();
                }
                Err(self.postponing(failed, error))
            }
        }
    }

    /// Leaves the failure of a callback to the call that finishes what this one has begun. Where that cannot be finished it is
    /// told at once, beside the reason.
    pub(super) fn postponing(&self, failed: Option<Error>, error: Error) -> Error {
        let Some(failed) = failed else { return error };
        match self.engine().filter(|_| is_unfinished(&error)) {
            Some(engine) => {
                engine.postpone(failed);
                error
            }
            None => error.because_of(failed),
        }
    }

    fn write_all_chunks(
        &self,
        engine: &Engine,
        data: &Parts<'_>,
        progress: &mut Progress,
        operation: Operation,
        failed: &mut Option<Error>,
    ) -> Result<()> {
        if data.len() == 0 {
            return self.drive(engine, operation, |turn| {
                *failed = turn.write(&[])?;
                Ok(())
            });
        }
        if progress.done == data.len() {
            // An earlier call has encrypted all of it: nothing asks libssl here, which would tell what failed then.
            *failed = engine.turn()?.take_failure();
            return Ok(());
        }
        let mut joined = Vec::new();
        while progress.done < data.len() {
            let chunk = data.next(*progress, &mut joined)?;
            self.drive(engine, operation, |turn| {
                let taken = self.encrypt(engine, turn, chunk, operation)?;
                // What libssl has taken counts, though the system has no room for it yet, or refuses it for now.
                progress.done += chunk.len();
                *failed = failed.take().or(taken.failed);
                taken.refused.map_or(Ok(()), Err)
            })?;
            if progress.done < data.len() {
                operation.in_time()?;
            }
        }
        Ok(())
    }
}

/// A chunk that libssl has taken.
struct Taken {
    /// The failure of a callback meanwhile.
    failed: Option<Error>,
    /// Why the system has not taken all of its records.
    refused: Option<Error>,
}

impl Socket {
    /// Encrypts a chunk and sends each record from libssl's buffer as far as the system takes it; the rest waits in the
    /// pipe. Collecting the records first would save system calls, but the copy costs more.
    fn encrypt(&self, engine: &Engine, turn: &Turn<'_>, chunk: &[u8], operation: Operation) -> Result<Taken> {
        // Sending here holds the connection's lock, for which a thread that reads would have to wait.
        if self.reading.is_locked() {
            return Ok(Taken { failed: turn.write(chunk)?, refused: None });
        }
        let fd = self.open_fd()?;
        let mut refused = None;
        let mut send = |bytes: &[u8]| match os::send(os::lend(&fd), bytes) {
            Ok(count) => count,
            Err(errno) => {
                refused = Some(errno).filter(|errno| *errno != os::errno::AGAIN);
                0
            }
        };
        let failed = turn.lend_sink(&mut send, || turn.write(chunk))?;
        let refused = refused.map(|errno| self.cannot_send(engine, &fd, errno, operation));
        Ok(Taken { failed, refused })
    }
}

/// Tells whether a repeated send can still finish what this one began.
pub(super) fn is_unfinished(error: &Error) -> bool {
    passes(error) || error.status() == Status::Interrupted
}

/// Tells whether what has stopped a send passes by itself.
fn passes(error: &Error) -> bool {
    error.is_want() || matches!(error.status(), Status::Timeout | Status::NoMemory)
}
