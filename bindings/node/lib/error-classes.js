'use strict';

// Python's exception classes.

/** TLS failed: `library` and `reason` say how, `code` is `ERR_SSL_` and the reason. */
class SSLError extends Error {}
/** Both directions are closed by close_notify. */
class SSLZeroReturnError extends SSLError {}
/** Give the connection more ciphertext, then repeat the call. */
class SSLWantReadError extends SSLError {}
/** Send the ciphertext that waits, then repeat the call. */
class SSLWantWriteError extends SSLError {}
/** A callback has not answered yet: repeat the call when it has. */
class SSLWantCallbackError extends SSLError {}
class SSLSyscallError extends SSLError {}
/** The transport ended without close_notify: what came may be cut short. */
class SSLEOFError extends SSLError {}
/** The peer's certificate or name was refused. */
class SSLCertVerificationError extends SSLError {}
/** The system failed; `code` is such as `ENOENT`. */
class OSError extends Error {}
/** A deadline passed. */
class TimeoutError extends OSError {}
/** A wrong argument, or a call at the wrong time. */
class ValueError extends RangeError {}
class NotImplementedError extends Error {}

for (const type of [SSLError, SSLZeroReturnError, SSLWantReadError, SSLWantWriteError, SSLWantCallbackError, SSLSyscallError,
  SSLEOFError, SSLCertVerificationError, OSError, TimeoutError, ValueError, NotImplementedError])
  Object.defineProperty(type.prototype, 'name', { value: type.name, configurable: true, writable: true });

module.exports = {
  SSLError, SSLZeroReturnError, SSLWantReadError, SSLWantWriteError, SSLWantCallbackError, SSLSyscallError, SSLEOFError,
  SSLCertVerificationError, OSError, TimeoutError,
  ValueError, NotImplementedError,
};
