// Types of the errors: one class for each exception of Python. An argument of a wrong type gives Node's TypeError.

import { Certificate } from './certificate';

/** What the connection was doing when it failed. */
export type Phase = 'configure' | 'resolve' | 'connect' | 'accept' | 'handshake' | 'read' | 'write' | 'shutdown';

/** TLS failed: `code` is `ERR_SSL_` and the reason. */
export class SSLError extends Error {
  /** `ERR_SSL_` and the reason, such as `ERR_SSL_WRONG_VERSION_NUMBER`. */
  code: string;
  /** An SSL_ERROR_* after I/O, otherwise OpenSSL's reason number. Python: SSLError.errno */
  errno?: number;
  /** The part of OpenSSL that failed, such as "SSL". */
  library?: string | null;
  /** OpenSSL's mnemonic, such as "WRONG_VERSION_NUMBER". Python: SSLError.reason */
  reason?: string | null;
  /** The file it is about. */
  path?: string;
  /** What the connection was doing. */
  phase?: Phase;
  /** The alert that was sent: an AlertDescription, or a newer number. */
  alertSent?: number;
  /** The alert that the peer sent, by its number. */
  alertReceived?: number;
  /**
   * With the code ERR_SSL_ECH_REQUIRED: a server that has proved to be the one with the public name has not decrypted the ClientHello. What it has
   * given is for `setEchConfigs` and one more try; null if it says that it does without Encrypted ClientHello.
   */
  echRetryConfigs?: Buffer | null;
}
/** Both directions are closed by close_notify. `code` is `ERR_SSL_ZERO_RETURN`. */
export class SSLZeroReturnError extends SSLError {}
/** Write more ciphertext to the connection, then repeat the call. `code` is `ERR_SSL_WANT_READ`. */
export class SSLWantReadError extends SSLError {}
/** Send the waiting ciphertext, then repeat the call. `code` is `ERR_SSL_WANT_WRITE`. */
export class SSLWantWriteError extends SSLError {}
/**
 * A client hello, identity or verify callback has answered with a promise: repeat the call when that is settled. `code` is
 * `ERR_SSL_WANT_CALLBACK`. Only an SSLObject throws it: a TLSSocket waits by itself.
 */
export class SSLWantCallbackError extends SSLError {
  /** Resolves when there is an answer, or a failure, which the repeated call then throws. Never rejects. */
  answered: Promise<void>;
}
/** Never thrown, as in Python 3.13: system errors are OSError. */
export class SSLSyscallError extends SSLError {}
/** The transport ended without close_notify. */
export class SSLEOFError extends SSLError {}
/** The peer's certificate or name was refused. */
export class SSLCertVerificationError extends SSLError {
  /** OpenSSL's X509_V_ERR_* number, such as 62 for a wrong name. Python: verify_code */
  verifyCode: number;
  /** The text of verifyCode. Python: verify_message */
  verifyMessage: string;
  /** The position in the chain: 0 is the peer's own certificate. */
  depth?: number;
  /** The VERIFY_* bit that made the verification fail. */
  verifyFlag?: number;
  /** The certificate that was refused. */
  certificate?: Certificate;
  /** The host name or address that the certificate should have named. */
  expectedName?: string;
  /** The names that the certificate contains. */
  offeredNames: string[];
}
export { SSLCertVerificationError as CertificateError };
/** A system call failed: `code` is the name, such as `ENOENT`. */
export class OSError extends Error {
  /** The system's name of the error, such as `ENOENT`. */
  code: string;
  /** The system's number, negated as in Node. */
  errno?: number;
  /** The file it is about. */
  path?: string;
  /** What the connection was doing. */
  phase?: Phase;
}
/** A deadline passed: `code` is `ETIMEDOUT`. */
export class TimeoutError extends OSError {}
/** A wrong argument, or a call at the wrong time. */
export class ValueError extends RangeError {
  /** `ERR_TLSOCK_VALUE`, or the code that Node uses, such as `ERR_OUT_OF_RANGE`. */
  code: string;
}
/** This library or this OpenSSL cannot do it. */
export class NotImplementedError extends Error {
  /** `ERR_TLSOCK_NOT_IMPLEMENTED`. */
  code: string;
}
