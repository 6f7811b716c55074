//! What failed and why: one status per Python exception class, with the details Python's exceptions carry
//! and those OpenSSL's users never get.

use super::certificate::{Certificate, PeerText};
use crate::openssl::error::Entry;
use std::ffi::{CStr, CString};
use std::fmt;

/// The result of a call that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// The outcome of a call: one value per Python exception class. Ranges tell the kind of a value that a
/// later version adds: 1-9 not done yet, 10-19 TLS (Python's SSLError and its children), 20-29 the
/// system (OSError), 30-39 the caller, 40-49 the library.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// Wait until the transport is readable, then repeat. Python: SSLWantReadError, BlockingIOError
    WantRead = 1,
    /// Wait until the transport is writable, then repeat. Python: SSLWantWriteError, BlockingIOError
    WantWrite = 2,
    /// Reserved: the handshake waits for an answer of the application. Never returned by 0.1.
    WantCallback = 3,
    /// TLS failed; library and reason say how. Python: SSLError
    Ssl = 10,
    /// Both directions are closed by close_notify. Python: SSLZeroReturnError
    ZeroReturn = 11,
    /// The transport ended without close_notify: truncation. Python: SSLEOFError
    Eof = 12,
    /// Never returned, as in Python 3.13: system errors are TLSOCK_OS. Python: SSLSyscallError
    Syscall = 13,
    /// The peer's certificate or name was refused. Python: SSLCertVerificationError (CertificateError)
    CertVerification = 14,
    /// The system failed; tlsock_error_os_errno says how. Python: OSError
    Os = 20,
    /// The deadline passed. Python: TimeoutError
    Timeout = 21,
    /// A signal came, and the interrupt callback ended the call. Python: what the signal's handler raised
    Interrupted = 22,
    /// Wrong argument or wrong state. Python: ValueError, OverflowError, UnicodeError
    Value = 30,
    /// Wrong kind of argument. Python: TypeError
    Type = 31,
    /// Not in this build, platform or OpenSSL. Python: NotImplementedError
    NotImplemented = 32,
    /// Python: MemoryError
    NoMemory = 33,
    /// A defect of this library; the handles involved stay valid to free.
    Panic = 40,
}

impl Status {
    /// Every status, in order.
    pub const ALL: [Status; 17] = [
        Status::Ok,
        Status::WantRead,
        Status::WantWrite,
        Status::WantCallback,
        Status::Ssl,
        Status::ZeroReturn,
        Status::Eof,
        Status::Syscall,
        Status::CertVerification,
        Status::Os,
        Status::Timeout,
        Status::Interrupted,
        Status::Value,
        Status::Type,
        Status::NotImplemented,
        Status::NoMemory,
        Status::Panic,
    ];

    /// Finds the status with this number; None for numbers that mean nothing in this version.
    pub fn from_number(number: i32) -> Option<Status> {
        Status::ALL.into_iter().find(|status| *status as i32 == number)
    }
}

/// What a connection was doing when an error came. Extension.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Phase {
    #[default]
    None = 0,
    Configure = 1,
    Resolve = 2,
    Connect = 3,
    Accept = 4,
    Handshake = 5,
    Read = 6,
    Write = 7,
    Shutdown = 8,
}

/// A failure. The "not done yet" statuses carry no details, so that poll loops allocate nothing.
pub struct Error {
    status: Status,
    detail: Option<Box<Detail>>,
}

/// What is known about a failure. See the getters of `tlsock_error`.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Detail {
    pub message: CString,
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
    pub cause: Option<Error>,
}

impl Error {
    /// A failure with the given message.
    pub fn new(status: Status, message: impl Into<Vec<u8>>) -> Error {
        let detail = Detail {
            message: text(message),
            library: None,
            reason: None,
            code: 0,
            verify_code: 0,
            verify_message: None,
            os_errno: 0,
            filename: None,
            phase: Phase::None,
            alert_sent: None,
            alert_received: None,
            depth: None,
            certificate: None,
            expected_name: None,
            offered_names: Vec::new(),
            verify_flag: 0,
            cause: None,
        };
        Error { status, detail: Some(Box::new(detail)) }
    }

    /// Python: `SSLWantReadError`. Allocates nothing.
    pub fn want_read() -> Error {
        Error { status: Status::WantRead, detail: None }
    }

    /// Python: `SSLWantWriteError`. Allocates nothing.
    pub fn want_write() -> Error {
        Error { status: Status::WantWrite, detail: None }
    }

    /// Python: `ValueError`.
    pub fn value(message: impl Into<Vec<u8>>) -> Error {
        Error::new(Status::Value, message)
    }

    /// Python: `TypeError`.
    pub fn type_error(message: impl Into<Vec<u8>>) -> Error {
        Error::new(Status::Type, message)
    }

    /// Python: `NotImplementedError`.
    pub fn not_implemented(message: impl Into<Vec<u8>>) -> Error {
        Error::new(Status::NotImplemented, message)
    }

    /// Python: `MemoryError`.
    pub fn no_memory(message: impl Into<Vec<u8>>) -> Error {
        Error::new(Status::NoMemory, message)
    }

    /// Python: `TimeoutError`.
    pub fn timeout(message: impl Into<Vec<u8>>) -> Error {
        Error::new(Status::Timeout, message)
    }

    /// Python: `SSLError` with a text of this module's and nothing from OpenSSL's queue.
    pub fn ssl(message: impl Into<Vec<u8>>) -> Error {
        Error::new(Status::Ssl, message)
    }

    /// Python: `OSError(errno)`.
    pub fn os(errno: i32) -> Error {
        Error::os_with(errno, crate::os::error_text(errno))
    }

    /// Python: `OSError` of an error number that has a text of its own, such as a failed look-up.
    pub fn os_with(number: i32, message: impl Into<Vec<u8>>) -> Error {
        Error::new(Status::Os, message).with(|detail| {
            detail.os_errno = number;
            detail.code = i64::from(number);
        })
    }

    /// A failed call of OpenSSL's that is no connection I/O: `SSLError` made from its most recent error.
    pub fn openssl(entry: Option<Entry>) -> Error {
        let code = entry.as_ref().map_or(0, |entry| i64::from(entry.reason_number));
        Error::from_entry(Status::Ssl, code, entry.as_ref(), None, None)
    }

    /// Composes an error of OpenSSL's as Python does: `[LIB: REASON] text: verify_message`. `text` is the
    /// fixed text of the case, if it has one.
    pub fn from_entry(
        status: Status,
        code: i64,
        entry: Option<&Entry>,
        fixed: Option<&str>,
        verify_message: Option<&str>,
    ) -> Error {
        let library = entry.and_then(Entry::library);
        let reason = entry.and_then(Entry::reason);
        let own = entry.and_then(|entry| entry.text.as_deref());
        let words = fixed.or(own).unwrap_or("unknown error");
        let message = match (library, reason.as_deref(), verify_message) {
            (Some(library), Some(reason), Some(verify)) => format!("[{library}: {reason}] {words}: {verify}"),
            (Some(library), Some(reason), None) => format!("[{library}: {reason}] {words}"),
            (Some(library), None, _) => format!("[{library}] {words}"),
            (None, _, _) => words.to_string(),
        };
        Error::new(status, message).with(|detail| {
            detail.code = code;
            detail.library = library.map(text);
            detail.reason = reason.as_deref().map(text);
            detail.verify_message = verify_message.map(text);
        })
    }

    /// Changes the details. A "not done yet" status has none and stays without.
    pub fn with(mut self, change: impl FnOnce(&mut Detail)) -> Error {
        if let Some(detail) = &mut self.detail {
            change(detail);
        }
        self
    }

    /// Says what was going on, unless that is known already.
    pub fn in_phase(self, phase: Phase) -> Error {
        self.with(|detail| {
            if detail.phase == Phase::None {
                detail.phase = phase;
            }
        })
    }

    /// Names the error that led to this one. Python: `__context__`
    pub fn caused_by(self, cause: Option<Error>) -> Error {
        self.with(|detail| detail.cause = cause)
    }

    /// What a call fails with because a callback did: the callback's words, and its error as the cause.
    pub(crate) fn of_callback(self) -> Error {
        let error = Error::new(self.status, self.message());
        let (code, errno) = self.detail().map_or((0, 0), |detail| (detail.code, detail.os_errno));
        error.with(|detail| (detail.code, detail.os_errno) = (code, errno)).caused_by(Some(self))
    }

    /// Names the failure of a callback, which this one comes from, also in the message.
    pub(crate) fn because_of(self, failed: Error) -> Error {
        let message = text(format!("{}: {}", self.message(), failed.message()));
        self.with(|detail| detail.message = message).caused_by(Some(failed))
    }

    /// The status a call with this failure returns.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The details; None for the "not done yet" statuses.
    pub fn detail(&self) -> Option<&Detail> {
        self.detail.as_deref()
    }

    /// The message. Python: `str(error)`
    pub fn message(&self) -> &str {
        match &self.detail {
            Some(detail) => detail.message.to_str().unwrap_or(""),
            None if self.status == Status::WantRead => "The operation did not complete (read)",
            None => "The operation did not complete (write)",
        }
    }

    /// Tells whether the call only has to be repeated.
    pub fn is_want(&self) -> bool {
        matches!(self.status, Status::WantRead | Status::WantWrite)
    }

    /// The system's number of an `Os` error; 0 else.
    pub fn os_errno(&self) -> i32 {
        self.detail().map_or(0, |detail| detail.os_errno)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("status", &self.status).field("detail", &self.detail).finish()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

impl From<Option<Entry>> for Error {
    fn from(entry: Option<Entry>) -> Error {
        Error::openssl(entry)
    }
}

/// Makes text that C can read: without the NULs it cannot hold, and always UTF-8.
pub(crate) fn text(text: impl Into<Vec<u8>>) -> CString {
    let mut bytes: Vec<u8> = text.into();
    if std::str::from_utf8(&bytes).is_err() {
        bytes = String::from_utf8_lossy(&bytes).into_owned().into_bytes();
    }
    bytes.retain(|byte| *byte != 0);
    CString::new(bytes).unwrap_or_default()
}

/// Reads text made by [`text`].
pub(crate) fn as_str(text: &CStr) -> &str {
    text.to_str().unwrap_or("")
}

impl Status {
    /// The name of Python's class for a status number; an unknown one gets the class of its range.
    pub fn class_name(number: i32) -> &'static CStr {
        match number {
            0 => c"OK",
            1 => c"SSLWantReadError",
            2 => c"SSLWantWriteError",
            11 => c"SSLZeroReturnError",
            12 => c"SSLEOFError",
            13 => c"SSLSyscallError",
            14 => c"SSLCertVerificationError",
            3..=19 => c"SSLError",
            21 => c"TimeoutError",
            22 => c"InterruptedError",
            20..=29 => c"OSError",
            31 => c"TypeError",
            32 => c"NotImplementedError",
            33 => c"MemoryError",
            30..=39 => c"ValueError",
            40..=49 => c"RuntimeError",
            _ => c"Exception",
        }
    }
}
