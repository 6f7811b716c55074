//! Why a call of libssl failed, as OpenSSL 3 reports it. OpenSSL 4 answers any call on a connection that has failed with
//! [`SSL_ERROR_SSL`] and an empty queue. OpenSSL 3 never does that: each call examines the connection itself, and has its
//! own reason or finds that the stream has ended.

use super::error::{self, Entry, LIB_SSL};
use super::ssl::{Failure, Ssl};
use super::sys::{self, SSL_ERROR_SSL, SSL_ERROR_SYSCALL, SSL_ERROR_ZERO_RETURN};
use std::os::raw::c_int;

const SSL_R_PROTOCOL_IS_SHUTDOWN: c_int = 207;
const SSL_R_SHUTDOWN_WHILE_IN_INIT: c_int = 407;
const SSL_R_APPLICATION_DATA_AFTER_CLOSE_NOTIFY: c_int = 291;

/// The kind of call that failed.
#[derive(Clone, Copy)]
pub(super) enum Asked {
    Handshake,
    Read,
    Write,
    Shutdown,
}

impl Failure {
    /// The error of `SSL_shutdown` when it finds data instead of close_notify.
    pub fn data_after_close_notify() -> Failure {
        let entry = Entry::of(LIB_SSL, SSL_R_APPLICATION_DATA_AFTER_CLOSE_NOTIFY);
        Failure { code: SSL_ERROR_SSL, entry: Some(entry) }
    }
}

impl Ssl {
    /// Takes libssl's error of a call that has just failed.
    pub(super) fn failure(&self, asked: Asked, result: c_int) -> Failure {
        // SAFETY: the SSL is alive; the queue has not been touched since the call.
        let code = unsafe { sys::SSL_get_error(self.as_ptr(), result) };
        match (code, error::take()) {
            (SSL_ERROR_SSL, None) => failed_before(asked, self.shutdown_state()),
            (code, entry) => Failure { code, entry },
        }
    }
}

/// The error of OpenSSL 3 for a call on a connection that has failed: it is in its handshake again, which cannot continue.
/// `sent` and `received` refer to close_notify; a fatal alert counts as received. (OpenSSL 3 differs if a warning alert
/// came before it, but OpenSSL has no function that tells.)
fn failed_before(asked: Asked, (sent, received): (bool, bool)) -> Failure {
    let reason = |reason| Failure { code: SSL_ERROR_SSL, entry: Some(Entry::of(LIB_SSL, reason)) };
    match asked {
        Asked::Shutdown => reason(SSL_R_SHUTDOWN_WHILE_IN_INIT),
        Asked::Write if sent => reason(SSL_R_PROTOCOL_IS_SHUTDOWN),
        _ if received => Failure { code: SSL_ERROR_ZERO_RETURN, entry: None },
        _ => Failure { code: SSL_ERROR_SYSCALL, entry: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code, and library and reason if there are any.
    fn told(asked: Asked, sent: bool, received: bool) -> (c_int, Option<(c_int, c_int)>) {
        let failure = failed_before(asked, (sent, received));
        (failure.code, failure.entry.map(|entry| (entry.library_number, entry.reason_number)))
    }

    #[test]
    fn what_is_asked_of_a_connection_that_has_failed() {
        let in_init = (SSL_ERROR_SSL, Some((LIB_SSL, SSL_R_SHUTDOWN_WHILE_IN_INIT)));
        let over = (SSL_ERROR_SSL, Some((LIB_SSL, SSL_R_PROTOCOL_IS_SHUTDOWN)));
        for (sent, received) in [(false, false), (false, true), (true, false), (true, true)] {
            let nothing = (if received { SSL_ERROR_ZERO_RETURN } else { SSL_ERROR_SYSCALL }, None);
            assert_eq!(told(Asked::Shutdown, sent, received), in_init);
            assert_eq!(told(Asked::Write, sent, received), if sent { over } else { nothing });
            assert_eq!(told(Asked::Read, sent, received), nothing);
            assert_eq!(told(Asked::Handshake, sent, received), nothing);
        }
    }
}
