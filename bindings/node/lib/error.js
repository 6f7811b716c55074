'use strict';

// One class for each of Python's exception classes, made from the facts that src/error.c gathers.

const util = require('node:util');

const { takeThrown } = require('./callback.js');
const native = require('./native.js');
const { status: STATUS } = require('./constants.js');

const PHASES = [null, 'configure', 'resolve', 'connect', 'accept', 'handshake', 'read', 'write', 'shutdown'];

/** TLS failed: `library` and `reason` say how, `code` is `ERR_SSL_` and the reason. */
class SSLError extends Error {}
/** Both directions are closed by close_notify. */
class SSLZeroReturnError extends SSLError {}
/** Write more ciphertext to the connection, then repeat the call. */
class SSLWantReadError extends SSLError {}
/** Send the waiting ciphertext, then repeat the call. */
class SSLWantWriteError extends SSLError {}
class SSLSyscallError extends SSLError {}
/** The transport ended without close_notify: the data may be incomplete. */
class SSLEOFError extends SSLError {}
/** The peer's certificate or name was refused. */
class SSLCertVerificationError extends SSLError {}
/** A system call failed; `code` is its name, such as `ENOENT`. */
class OSError extends Error {}
/** A deadline passed. */
class TimeoutError extends OSError {}
/** A wrong argument, or a call at the wrong time. */
class ValueError extends RangeError {}
class NotImplementedError extends Error {}

const CLASSES = {
  [STATUS.WANT_READ]: [SSLWantReadError, 'ERR_SSL_WANT_READ'],
  [STATUS.WANT_WRITE]: [SSLWantWriteError, 'ERR_SSL_WANT_WRITE'],
  [STATUS.SSL]: [SSLError, 'ERR_SSL_SSL'],
  [STATUS.ZERO_RETURN]: [SSLZeroReturnError, 'ERR_SSL_ZERO_RETURN'],
  [STATUS.EOF]: [SSLEOFError, 'ERR_SSL_EOF'],
  [STATUS.SYSCALL]: [SSLSyscallError, 'ERR_SSL_SYSCALL'],
  [STATUS.CERT_VERIFICATION]: [SSLCertVerificationError, 'ERR_SSL_CERTIFICATE_VERIFY_FAILED'],
  [STATUS.OS]: [OSError, 'ERR_OS'],
  [STATUS.TIMEOUT]: [TimeoutError, 'ETIMEDOUT'],
  [STATUS.INTERRUPTED]: [OSError, 'ERR_TLSOCK_INTERRUPTED'],
  [STATUS.VALUE]: [ValueError, 'ERR_TLSOCK_VALUE'],
  [STATUS.TYPE]: [TypeError, 'ERR_TLSOCK_TYPE'],
  [STATUS.NOT_IMPLEMENTED]: [NotImplementedError, 'ERR_TLSOCK_NOT_IMPLEMENTED'],
  [STATUS.NO_MEMORY]: [RangeError, 'ERR_TLSOCK_NO_MEMORY'],
};
const MESSAGES = {
  [STATUS.WANT_READ]: 'the operation needs more of what the peer sends',
  [STATUS.WANT_WRITE]: 'the operation needs room for what is to be sent',
};

for (const type of [SSLError, SSLZeroReturnError, SSLWantReadError, SSLWantWriteError, SSLSyscallError, SSLEOFError,
  SSLCertVerificationError, OSError, TimeoutError, ValueError, NotImplementedError])
  Object.defineProperty(type.prototype, 'name', { value: type.name, configurable: true, writable: true });

// Attributes that exist only when they have a value.
function describe(error, facts) {
  const { depth, alertSent, alertReceived, verifyFlag, certificate, expectedName } = facts;
  if (PHASES[facts.phase]) error.phase = PHASES[facts.phase];
  if (alertSent >= 0) error.alertSent = alertSent;
  if (alertReceived >= 0) error.alertReceived = alertReceived;
  if (!(error instanceof SSLCertVerificationError)) return;
  error.verifyCode = facts.verifyCode;
  error.verifyMessage = facts.verifyMessage;
  error.offeredNames = facts.offeredNames;
  if (depth >= 0) error.depth = depth;
  if (verifyFlag) error.verifyFlag = verifyFlag;
  if (expectedName !== null) error.expectedName = expectedName;
  if (certificate === null) return;
  const { Certificate } = require('./certificate.js');
  let parsed;
  Object.defineProperty(error, 'certificate', { get: () => (parsed ??= new Certificate(certificate)), configurable: true });
}

function describeSystem(error, { osErrno, filename }) {
  if (osErrno) {
    error.errno = -osErrno;
    try {
      error.code = util.getSystemErrorName(-osErrno);
    } catch { /* A number Node does not know keeps the general code. */ }
  }
  if (filename !== null) error.path = filename;
}

// The messages of src/callback.c, and the library's message for a warning callback.
const isOfCallback = (facts) => /^the (callback threw$|warning callback returned )/.test(facts?.message ?? '');

function makeError(facts) {
  const [Type, code] = CLASSES[facts.status] ?? [facts.status < 20 ? SSLError : Error, `ERR_TLSOCK_${facts.status}`];
  const error = new Type(facts.message || MESSAGES[facts.status] || facts.name);
  error.code = code;
  if (facts.message === undefined) return error;
  if (error instanceof SSLError) {
    if (Type === SSLError && facts.reason !== null && /^[A-Z0-9_]+$/.test(facts.reason)) error.code = `ERR_SSL_${facts.reason}`;
    error.errno = facts.errno;
    error.library = facts.library;
    error.reason = facts.reason;
  }
  if (error instanceof OSError) describeSystem(error, facts);
  describe(error, facts);
  // The library only knows that a callback failed, not what it threw.
  const thrown = isOfCallback(facts) || isOfCallback(facts.cause) ? takeThrown() : undefined;
  const cause = thrown ?? (facts.cause && makeError(facts.cause));
  if (cause !== undefined) error.cause = cause;
  return error;
}

native.setup(makeError);

module.exports = {
  SSLError, SSLZeroReturnError, SSLWantReadError, SSLWantWriteError, SSLSyscallError, SSLEOFError, SSLCertVerificationError,
  CertificateError: SSLCertVerificationError, OSError, TimeoutError, ValueError, NotImplementedError,
};
