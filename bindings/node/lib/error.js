'use strict';

// Errors of Python's exception classes, made from the facts that src/error.c gathers.

const util = require('node:util');

const addon = require('./addon.js');
const { Certificate } = require('./certificate.js');
const { status: STATUS } = require('./constants.js');
const { connectionAtWork, takeThrown } = require('./current.js');
const classes = require('./error-classes.js');
const { answerTo } = require('./waiting.js');

const PHASES = [null, 'configure', 'resolve', 'connect', 'accept', 'handshake', 'read', 'write', 'shutdown'];

const {
  SSLError, SSLZeroReturnError, SSLWantReadError, SSLWantWriteError, SSLWantCallbackError, SSLSyscallError, SSLEOFError, SSLCertVerificationError, OSError,
  TimeoutError, ValueError, NotImplementedError,
} = classes;

const CLASSES = {
  [STATUS.WANT_READ]: [SSLWantReadError, 'ERR_SSL_WANT_READ'],
  [STATUS.WANT_WRITE]: [SSLWantWriteError, 'ERR_SSL_WANT_WRITE'],
  [STATUS.WANT_CALLBACK]: [SSLWantCallbackError, 'ERR_SSL_WANT_CALLBACK'],
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
  [STATUS.WANT_CALLBACK]: 'the operation needs the answer of a callback, which has given a promise',
};

// Attributes that are there only when they say something.
function describe(error, facts) {
  const { depth, alertSent, alertReceived, verifyFlag, certificate, expectedName, filename } = facts;
  if (filename !== null) error.path = filename;
  if (PHASES[facts.phase]) error.phase = PHASES[facts.phase];
  if (alertSent >= 0) error.alertSent = alertSent;
  if (alertReceived >= 0) error.alertReceived = alertReceived;
  if (facts.echRetryConfigs !== null) error.echRetryConfigs = facts.echRetryConfigs.length > 0 ? facts.echRetryConfigs : null;
  if (!(error instanceof SSLCertVerificationError)) return;
  error.verifyCode = facts.verifyCode;
  error.verifyMessage = facts.verifyMessage;
  error.offeredNames = facts.offeredNames;
  if (depth >= 0) error.depth = depth;
  if (verifyFlag) error.verifyFlag = verifyFlag;
  if (expectedName !== null) error.expectedName = expectedName;
  if (certificate === null) return;
  let parsed;
  Object.defineProperty(error, 'certificate', { get: () => (parsed ??= new Certificate(certificate)), configurable: true });
}

function describeSystem(error, { osErrno }) {
  if (!osErrno) return;
  error.errno = -osErrno;
  try {
    error.code = util.getSystemErrorName(-osErrno);
  } catch { /* A number Node does not know keeps the general code. */ }
}

// The messages of src/callback.c, and the library's message for a warning callback.
const isOfCallback = (facts) => /^the (callback threw$|warning callback returned )/.test(facts?.message ?? '');

function makeError(facts) {
  const [Type, code] = CLASSES[facts.status] ?? [facts.status < 20 ? SSLError : Error, `ERR_TLSOCK_${facts.status}`];
  const error = new Type(facts.message || MESSAGES[facts.status] || facts.name);
  error.code = code;
  if (error instanceof SSLWantCallbackError) error.answered = answerTo(connectionAtWork());
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

addon.setup(makeError);

module.exports = { ...classes, CertificateError: SSLCertVerificationError };
