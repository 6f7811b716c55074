//! What failed and why: one status for each of Python's exception classes, with the details that Python's exceptions have
//! and more that OpenSSL knows.

mod argument;
mod phase;
mod status;
#[cfg(test)]
mod tests;

use super::certificate::{Certificate, PeerText};
use super::text::try_text;
use crate::openssl::error::{Cause, Entry};
use crate::openssl::feature::{Feature, has};
use crate::openssl::library;
use std::borrow::Cow;
use std::collections::TryReserveError;
use std::ffi::{CStr, CString};
use std::fmt;

pub(crate) use argument::check_length;
pub use phase::Phase;
pub use status::Status;

/// The result of a call that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure. The "not done yet" statuses carry no details, so that poll loops allocate nothing.
pub struct Error {
    status: Status,
    details: Details,
}

enum Details {
    None,
    /// The details of `NoMemory`, which must exist when nothing can be allocated.
    Lasting(&'static Detail),
    Own(Box<[Detail; 1]>),
}

/// What is known about a failure. See the getters of `tlsock_error`.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Detail {
    pub message: Cow<'static, CStr>,
    pub library: Option<CString>,
    pub reason: Option<CString>,
    pub code: i64,
    pub verify_code: i32,
    pub verify_message: Option<CString>,
    pub os_errno: i32,
    pub filename: Option<CString>,
    pub phase: Phase,
    pub alert_sent: Option<u8>,
    pub alert_received: Option<u8>,
    pub depth: Option<u32>,
    pub certificate: Option<Certificate>,
    pub expected_name: Option<CString>,
    pub offered_names: Vec<PeerText>,
    pub verify_flag: u64,
    pub ech_retry_configs: Option<Vec<u8>>,
    pub cause: Option<Error>,
}

impl Detail {
    const fn new(message: Cow<'static, CStr>, phase: Phase) -> Detail {
        Detail {
            message,
            library: None,
            reason: None,
            code: 0,
            verify_code: 0,
            verify_message: None,
            os_errno: 0,
            filename: None,
            phase,
            alert_sent: None,
            alert_received: None,
            depth: None,
            certificate: None,
            expected_name: None,
            offered_names: Vec::new(),
            verify_flag: 0,
            ech_retry_configs: None,
            cause: None,
        }
    }

    /// Moves it to the heap; None if there is no memory.
    fn boxed(self) -> Option<Box<[Detail; 1]>> {
        let mut place = Vec::new();
        place.try_reserve_exact(1).ok()?;
        place.push(self);
        place.into_boxed_slice().try_into().ok()
    }
}

/// The details of `NoMemory`, one for each phase.
static NO_MEMORY: [Detail; Phase::ALL.len()] = {
    const fn of(phase: Phase) -> Detail {
        Detail::new(Cow::Borrowed(c"out of memory"), phase)
    }
    let [a, b, c, d, e, f, g, h, i] = Phase::ALL;
    [of(a), of(b), of(c), of(d), of(e), of(f), of(g), of(h), of(i)]
};

impl Error {
    /// A failure with the given message; `NoMemory` if there is no memory for it.
    pub fn new(status: Status, message: impl fmt::Display) -> Error {
        let made = try_text(message);
        let details = made.and_then(|message| Detail::new(Cow::Owned(message), Phase::None).boxed());
        details.map_or(Error::no_memory(), |details| Error { status, details: Details::Own(details) })
    }

    /// Python: `MemoryError`. Allocates nothing.
    pub const fn no_memory() -> Error {
        Error::no_memory_in(Phase::None)
    }

    /// The same, with the phase in which it occurred.
    pub const fn no_memory_in(phase: Phase) -> Error {
        Error { status: Status::NoMemory, details: Details::Lasting(&NO_MEMORY[phase as usize]) }
    }

    /// Python: `SSLWantReadError`. Allocates nothing.
    pub fn want_read() -> Error {
        Error { status: Status::WantRead, details: Details::None }
    }

    /// Python: `SSLWantWriteError`. Allocates nothing.
    pub fn want_write() -> Error {
        Error { status: Status::WantWrite, details: Details::None }
    }

    /// A callback of the handshake has not answered yet. Allocates nothing.
    pub fn want_callback() -> Error {
        Error { status: Status::WantCallback, details: Details::None }
    }

    /// Python: `ValueError`.
    pub fn value(message: impl fmt::Display) -> Error {
        Error::new(Status::Value, message)
    }

    /// Python: `TypeError`.
    pub fn type_error(message: impl fmt::Display) -> Error {
        Error::new(Status::Type, message)
    }

    /// Python: `NotImplementedError`.
    pub fn not_implemented(message: impl fmt::Display) -> Error {
        Error::new(Status::NotImplemented, message)
    }

    /// Python: `NotImplementedError`, where the library in use lacks something.
    pub(crate) fn unless_has(feature: Feature) -> Result<()> {
        match has(feature) {
            true => Ok(()),
            false => Err(Error::not_implemented(format_args!("{} has no {}", library::NAME, feature.name()))),
        }
    }

    /// Python: `NotImplementedError`, where the library in use would keep bits and do nothing by them.
    pub(crate) fn unless_known(what: &str, unknown: u64) -> Result<()> {
        match unknown {
            0 => Ok(()),
            bits => Err(Error::not_implemented(format_args!("{} has no {what} {bits:#x}", library::NAME))),
        }
    }

    /// Python: `TimeoutError`.
    pub fn timeout(message: impl fmt::Display) -> Error {
        Error::new(Status::Timeout, message)
    }

    /// Python: `SSLError` with our own text, without an entry of OpenSSL's error queue.
    pub fn ssl(message: impl fmt::Display) -> Error {
        Error::new(Status::Ssl, message)
    }

    /// Python: `OSError(errno)`.
    pub fn os(errno: i32) -> Error {
        Error::os_with(errno, crate::os::error_text(errno))
    }

    /// Python: `OSError` with an error number that has its own text, such as a failed look-up.
    pub fn os_with(number: i32, message: impl fmt::Display) -> Error {
        Error::new(Status::Os, message).with(|detail| {
            detail.os_errno = number;
            detail.code = i64::from(number);
        })
    }

    /// A failed call of OpenSSL other than connection I/O: `SSLError` made from the given entry of its error queue.
    pub fn openssl(cause: impl Into<Cause>) -> Error {
        let cause = cause.into();
        let code = cause.entry().map_or(0, |entry| i64::from(entry.reason_number));
        Error::from_entry(Status::Ssl, code, cause.entry(), None, None)
    }

    /// A failed call of OpenSSL that has one meaning unless memory was short.
    #[cold]
    pub fn or_memory(cause: &Cause, meaning: impl FnOnce() -> Error) -> Error {
        if cause.is_memory() { Error::no_memory() } else { meaning() }
    }

    /// Composes an error of OpenSSL as Python does: `[LIB: REASON] text: verify_message`. `fixed` replaces the entry's own
    /// text where Python has a fixed one.
    #[cold]
    #[inline(never)]
    pub fn from_entry(
        status: Status,
        code: i64,
        entry: Option<&Entry>,
        fixed: Option<&str>,
        verify_message: Option<&str>,
    ) -> Error {
        if entry.is_some_and(Entry::is_memory) {
            return Error::no_memory();
        }
        let library = entry.and_then(Entry::library);
        let reason = entry.and_then(Entry::reason);
        let own = entry.and_then(|entry| entry.text.as_deref());
        let words = fixed.or(own).unwrap_or("unknown error");
        let reason = reason.as_deref();
        let error = match (library, reason, verify_message) {
            (Some(library), Some(reason), Some(verify)) => {
                Error::new(status, format_args!("[{library}: {reason}] {words}: {verify}"))
            }
            (Some(library), Some(reason), None) => {
                Error::new(status, format_args!("[{library}: {reason}] {words}"))
            }
            (Some(library), None, _) => Error::new(status, format_args!("[{library}] {words}")),
            (None, _, _) => Error::new(status, words),
        };
        error
            .with(|detail| detail.code = code)
            .with_text(library, |detail, text| detail.library = Some(text))
            .with_text(reason, |detail, text| detail.reason = Some(text))
            .with_text(verify_message, |detail, text| detail.verify_message = Some(text))
    }

    /// Changes the details. A "not done yet" status has none, and those of `NoMemory` cannot be changed.
    pub fn with(mut self, change: impl FnOnce(&mut Detail)) -> Error {
        if let Details::Own(details) = &mut self.details {
            let [detail] = &mut **details;
            change(detail);
        }
        self
    }

    /// Adds a text, if there is one, to the details. If there is no memory for it, the error becomes `NoMemory`.
    pub fn with_text(self, text: Option<impl fmt::Display>, add: impl FnOnce(&mut Detail, CString)) -> Error {
        let Some(text) = text else { return self };
        match try_text(text) {
            Some(text) => self.with(|detail| add(detail, text)),
            None => Error::no_memory_in(self.detail().map_or(Phase::None, |detail| detail.phase)),
        }
    }

    /// Sets the phase in which it occurred, unless that is known already.
    pub fn in_phase(self, phase: Phase) -> Error {
        if self.detail().is_none_or(|detail| detail.phase != Phase::None) {
            return self;
        }
        match self.status {
            Status::NoMemory if self.is_lasting() => Error::no_memory_in(phase),
            _ => self.with(|detail| detail.phase = phase),
        }
    }

    /// Sets the error that led to this one. Python: `__context__`
    pub fn caused_by(self, cause: Option<Error>) -> Error {
        self.with(|detail| detail.cause = cause)
    }

    /// The failure of a callback that has to answer at once: a "not done yet" status becomes a real failure, because it
    /// would make the caller repeat the operation for ever.
    pub(crate) fn at_once(self) -> Error {
        match self.status {
            Status::WantCallback => Error::value(
                "this callback cannot wait: only those for a ClientHello, for an identity, for the verification of a peer and for a signature can",
            ),
            _ if self.is_want() => Error::value(self.message()),
            _ => self,
        }
    }

    /// The error of a call that failed because a callback did: the callback's message, and its error as the cause.
    pub(crate) fn of_callback(self) -> Error {
        let error = Error::new(self.status, self.message());
        let numbers = |detail: &Detail| (detail.code, detail.os_errno, detail.verify_code);
        let told = self.detail().map_or((0, 0, 0), numbers);
        error.with(|detail| (detail.code, detail.os_errno, detail.verify_code) = told).caused_by(Some(self))
    }

    /// Adds the failure of a callback that led to this error: as the cause, and to the message.
    pub(crate) fn because_of(self, failed: Error) -> Error {
        let message = try_text(format_args!("{}: {}", self.message(), failed.message()));
        match message {
            Some(message) => self.with(|detail| detail.message = Cow::Owned(message)).caused_by(Some(failed)),
            None => Error::no_memory_in(self.detail().map_or(Phase::None, |detail| detail.phase)),
        }
    }

    /// The status a call with this failure returns.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The details; None for the "not done yet" statuses.
    pub fn detail(&self) -> Option<&Detail> {
        match &self.details {
            Details::None => None,
            Details::Lasting(detail) => Some(detail),
            Details::Own(details) => details.first(),
        }
    }

    /// Tells whether this is `NoMemory`, whose details cannot be changed.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(self.details, Details::Lasting(_))
    }

    /// The message. Python: `str(error)`
    pub fn message(&self) -> &str {
        match self.detail() {
            Some(detail) => detail.message.to_str().unwrap_or(""),
            None if self.status == Status::WantRead => "The operation did not complete (read)",
            None if self.status == Status::WantCallback => "The operation did not complete (callback)",
            None => "The operation did not complete (write)",
        }
    }

    /// Tells whether the call only has to be repeated.
    pub fn is_want(&self) -> bool {
        matches!(self.status, Status::WantRead | Status::WantWrite | Status::WantCallback)
    }

    /// Tells whether a callback of the handshake has not answered yet.
    pub fn waits(&self) -> bool {
        self.status == Status::WantCallback
    }

    /// The system's number of an `Os` error; otherwise 0.
    pub fn os_errno(&self) -> i32 {
        self.detail().map_or(0, |detail| detail.os_errno)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("status", &self.status).field("detail", &self.detail()).finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

impl From<TryReserveError> for Error {
    fn from(_: TryReserveError) -> Error {
        Error::no_memory()
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Error {
        Error::openssl(cause)
    }
}
