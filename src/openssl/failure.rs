//! Why a call of libssl failed, as OpenSSL 3 reports it. OpenSSL 4 answers any call on a connection that has failed with
//! [`SSL_ERROR_SSL`] and an empty queue. OpenSSL 3 never does that: each call examines the connection itself, and has its
//! own reason or finds that the stream has ended.

use super::error::{Entry, LIB_SSL, LIB_SYS, SSL_R_CERTIFICATE_VERIFY_FAILED};
use super::sys::{SSL_ERROR_SSL, SSL_ERROR_SYSCALL, SSL_ERROR_WANT_X509_LOOKUP, SSL_ERROR_ZERO_RETURN};
use std::os::raw::c_int;

/// `SSL_ERROR_WANT_RETRY_VERIFY`
pub const SSL_ERROR_WANT_RETRY_VERIFY: c_int = 12;
/// No code of OpenSSL: libssl was not called.
pub const NO_THREAD: c_int = -1;
/// libssl's reason for a write after close_notify.
pub const SSL_R_PROTOCOL_IS_SHUTDOWN: c_int = 207;
const SSL_R_SHUTDOWN_WHILE_IN_INIT: c_int = 407;
const SSL_R_APPLICATION_DATA_AFTER_CLOSE_NOTIFY: c_int = 291;

/// Why an I/O call did not succeed, taken before anything else could disturb it.
#[derive(Debug)]
pub struct Failure {
    /// What `SSL_get_error` said.
    pub code: i32,
    /// The most recent entry of the error queue.
    pub entry: Option<Entry>,
}

/// The kind of call that failed.
#[derive(Clone, Copy)]
pub(super) enum IoCall {
    Handshake,
    Read,
    Write,
    Shutdown,
}

impl Failure {
    /// The failure of a call with this entry.
    pub(super) fn of(entry: Entry) -> Failure {
        Failure { code: SSL_ERROR_SSL, entry: Some(entry) }
    }

    /// What a handshake says that is refused because of its certificate.
    pub fn certificate_verify_failed() -> Failure {
        Failure { code: SSL_ERROR_SSL, entry: Some(Entry::of(LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED)) }
    }

    /// What a call says that the program has to answer a question for.
    pub fn want_verdict() -> Failure {
        Failure { code: SSL_ERROR_WANT_RETRY_VERIFY, entry: None }
    }

    /// What `SSL_shutdown` says during a handshake.
    pub fn shutdown_while_in_init() -> Failure {
        Failure { code: SSL_ERROR_SSL, entry: Some(Entry::of(LIB_SSL, SSL_R_SHUTDOWN_WHILE_IN_INIT)) }
    }

    /// What a write says once close_notify was sent.
    pub fn protocol_is_shutdown() -> Failure {
        Failure { code: SSL_ERROR_SSL, entry: Some(Entry::of(LIB_SSL, SSL_R_PROTOCOL_IS_SHUTDOWN)) }
    }

    /// What a call says whose transport has ended without close_notify.
    pub fn cut_off() -> Failure {
        Failure { code: SSL_ERROR_SYSCALL, entry: None }
    }

    /// The failure of a call that waits for a signature, as of one that waits for the identity.
    pub fn stopped() -> Failure {
        Failure { code: SSL_ERROR_WANT_X509_LOOKUP, entry: None }
    }

    /// What a handshake says that needs a thread, and the system gives none.
    pub fn no_thread(why: &std::io::Error) -> Failure {
        const NO_MEMORY: c_int = 12;
        let entry = Entry::of(LIB_SYS, why.raw_os_error().unwrap_or(NO_MEMORY));
        Failure { code: NO_THREAD, entry: Some(entry) }
    }

    /// Tells whether the call can be repeated.
    pub fn is_passing(&self) -> bool {
        !matches!(self.code, SSL_ERROR_SSL | SSL_ERROR_SYSCALL | SSL_ERROR_ZERO_RETURN | NO_THREAD)
    }

    /// The error of `SSL_shutdown` when it finds data instead of close_notify.
    pub fn data_after_close_notify() -> Failure {
        let entry = Entry::of(LIB_SSL, SSL_R_APPLICATION_DATA_AFTER_CLOSE_NOTIFY);
        Failure { code: SSL_ERROR_SSL, entry: Some(entry) }
    }
}

/// The error of OpenSSL 3 for a call on a connection that has failed: it is in its handshake again, which cannot continue.
/// `sent` and `received` refer to close_notify; a fatal alert counts as received. (OpenSSL 3 differs if a warning alert
/// came before it, but OpenSSL has no function that tells.)
pub(super) fn failed_before(asked: IoCall, (sent, received): (bool, bool)) -> Failure {
    let reason = |reason| Failure { code: SSL_ERROR_SSL, entry: Some(Entry::of(LIB_SSL, reason)) };
    match asked {
        IoCall::Shutdown => Failure::shutdown_while_in_init(),
        IoCall::Write if sent => reason(SSL_R_PROTOCOL_IS_SHUTDOWN),
        _ if received => Failure { code: SSL_ERROR_ZERO_RETURN, entry: None },
        _ => Failure::cut_off(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code, and library and reason if there are any.
    fn told(asked: IoCall, sent: bool, received: bool) -> (c_int, Option<(c_int, c_int)>) {
        let failure = failed_before(asked, (sent, received));
        (failure.code, failure.entry.map(|entry| (entry.library_number, entry.reason_number)))
    }

    #[test]
    fn what_is_asked_of_a_connection_that_has_failed() {
        let in_init = (SSL_ERROR_SSL, Some((LIB_SSL, SSL_R_SHUTDOWN_WHILE_IN_INIT)));
        let over = (SSL_ERROR_SSL, Some((LIB_SSL, SSL_R_PROTOCOL_IS_SHUTDOWN)));
        for (sent, received) in [(false, false), (false, true), (true, false), (true, true)] {
            let nothing = (if received { SSL_ERROR_ZERO_RETURN } else { SSL_ERROR_SYSCALL }, None);
            assert_eq!(told(IoCall::Shutdown, sent, received), in_init);
            assert_eq!(told(IoCall::Write, sent, received), if sent { over } else { nothing });
            assert_eq!(told(IoCall::Read, sent, received), nothing);
            assert_eq!(told(IoCall::Handshake, sent, received), nothing);
        }
    }
}
