//! The status of a call, by its number.

use std::ffi::CStr;

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
    /// A callback of the handshake has not answered yet: repeat the call when it can. See "Callbacks" above.
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
