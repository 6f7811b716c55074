//! Whether the environment counts.

use crate::ffi::boundary::{ask, call};
use crate::ssl::{self, Error, Status};

/// Tells whether variables of the environment count: SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE. By default they
/// do, but not in a program with raised privileges (setuid, setgid, capabilities of its file), as for OpenSSL with
/// its own variables (OPENSSL_CONF and others, which this does not govern). One that is empty counts as unset.
/// Ours: Python obeys them in any program, and an empty SSL_CERT_FILE or SSL_CERT_DIR counts as one without CAs.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_environment_trusted() -> bool {
    ask(false, ssl::environment_trusted)
}

/// Sets whether variables of the environment count, for the whole process and for what is made from now on. With
/// true they count in a program with raised privileges too: use that only if it chose its environment itself.
/// Returns: nothing beyond the conventions.
/// Extension.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlsock_set_environment_trusted(on: bool, error: *mut *mut Error) -> Status {
    call(error, || {
        ssl::set_environment_trusted(on);
        Ok(())
    })
}
