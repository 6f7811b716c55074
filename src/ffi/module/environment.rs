//! Whether environment variables are used.

use crate::ffi::boundary::{ask, call};
use crate::ssl::{self, Error, Status};

/// Tells whether environment variables are used: SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE. By default they are,
/// except in a program with raised privileges (setuid, setgid, capabilities of its file), as for OpenSSL with its own
/// variables (OPENSSL_CONF and others, which this does not control). An empty one counts as not set.
/// Ours: Python uses them in any program, and with an empty SSL_CERT_FILE or SSL_CERT_DIR it loads no CAs.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_environment_trusted() -> bool {
    ask(false, ssl::environment_trusted)
}

/// Sets whether environment variables are used, for the whole process and for what is made from now on. With true they
/// are used even in a program with raised privileges: do this only if the program has set its environment itself.
/// Returns: nothing beyond the conventions.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_set_environment_trusted(on: bool, error: *mut *mut Error) -> Status {
    call(error, || {
        ssl::set_environment_trusted(on);
        Ok(())
    })
}
