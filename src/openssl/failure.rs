//! Why a call of libssl's failed, as OpenSSL 3 tells it. For OpenSSL 4 a connection that has failed is done with: whatever
//! is asked of it then, its answer is [`SSL_ERROR_SSL`] and an empty queue. OpenSSL 3 never says that: there each
//! call looks at the connection by itself, and has a reason of its own or finds that no more can come.

use super::error::{Entry, LIB_SSL};
use super::sys::{SSL_ERROR_SSL, SSL_ERROR_SYSCALL, SSL_ERROR_ZERO_RETURN};
use std::os::raw::c_int;

const SSL_R_PROTOCOL_IS_SHUTDOWN: c_int = 207;
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

/// What was asked of a connection.
#[derive(Clone, Copy)]
pub(super) enum IoCall {
    Handshake,
    Read,
    Write,
    Shutdown,
}

impl Failure {
    /// What `SSL_shutdown` says when it meets data in the place of close_notify.
    pub fn data_after_close_notify() -> Failure {
        let entry = Entry::of(LIB_SSL, SSL_R_APPLICATION_DATA_AFTER_CLOSE_NOTIFY);
        Failure { code: SSL_ERROR_SSL, entry: Some(entry) }
    }
}

/// What OpenSSL 3 says to who goes on with a connection that has failed: it is back in its handshake, which gets no
/// further. `sent` and `received` tell of close_notify, and a fatal alert counts as one that was received. (Not to 3
/// if a warning came before it, which nobody can ask OpenSSL for.)
pub(super) fn failed_before(asked: IoCall, (sent, received): (bool, bool)) -> Failure {
    let reason = |reason| Failure { code: SSL_ERROR_SSL, entry: Some(Entry::of(LIB_SSL, reason)) };
    match asked {
        IoCall::Shutdown => reason(SSL_R_SHUTDOWN_WHILE_IN_INIT),
        IoCall::Write if sent => reason(SSL_R_PROTOCOL_IS_SHUTDOWN),
        _ if received => Failure { code: SSL_ERROR_ZERO_RETURN, entry: None },
        _ => Failure { code: SSL_ERROR_SYSCALL, entry: None },
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
