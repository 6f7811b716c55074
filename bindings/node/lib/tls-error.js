'use strict';

// Errors as node:tls words them, for the module tlsock/tls. The library's error is their cause.

const { X509Certificate } = require('node:crypto');
const { inspect } = require('node:util');

const nodeTls = require('./node-tls.js');

const { OSError, SSLCertVerificationError, SSLEOFError, SSLError } = require('./error.js');
const { outcomeName, outcomeText } = require('./x509.js');

const WRONG_NAME = [62, 64];
// X509_V_ERR_APPLICATION_VERIFICATION: the library's own refusals.
const OWN_REFUSAL = 50;
const NO_CERTIFICATE = 'UNABLE_TO_GET_ISSUER_CERT';
const INVALID_PROTOCOL = 'ERR_TLS_ALPN_CALLBACK_INVALID_RESULT';

const made = (Type, code, message, more) => Object.assign(new Type(message), { code, ...more });

function received(value) {
  if (value === undefined || value === null) return `${value}`;
  if (typeof value === 'function') return `function ${value.name}`;
  if (typeof value === 'object') return value.constructor?.name ? `an instance of ${value.constructor.name}` : inspect(value, { depth: -1 });
  return `type ${typeof value} (${inspect(value, { colors: false })})`;
}

/** Node's error for an argument or option of a wrong type. */
function invalid(name, expected, value) {
  const kind = name.includes('.') ? 'property' : 'argument';
  return made(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" ${kind} must be ${expected}. Received ${received(value)}`);
}

const reset = (message, more) => made(Error, 'ECONNRESET', message, more);

function wrongName(error, host) {
  const known = error.certificate === undefined ? undefined
    : nodeTls.checkServerIdentity(host ?? error.expectedName ?? '', new X509Certificate(error.certificate.der).toLegacyObject());
  return Object.assign(known ?? made(Error, 'ERR_TLS_CERT_ALTNAME_INVALID', error.message, { reason: error.verifyMessage, host }), { cause: error });
}

// node:tls names the reason why a certificate was refused.
function refused(error, { host, isAlone, isServer }) {
  // node:tls reports no more than this to a server that has refused a client.
  if (isServer) return reset('socket hang up', { cause: error });
  if (WRONG_NAME.includes(error.verifyCode)) return wrongName(error, host);
  if (error.verifyCode === OWN_REFUSAL && error.certificate === undefined) return made(Error, NO_CERTIFICATE, error.message, { cause: error });
  const message = outcomeText(error.verifyCode, isAlone, error.verifyMessage);
  return made(Error, outcomeName(error.verifyCode, isAlone), message, { cause: error });
}

// The reason of an alert or of the library in lower case, as OpenSSL writes it.
function failed(error) {
  const { library, reason } = error;
  if (typeof reason !== 'string' || library !== 'SSL') return error;
  const words = reason.toLowerCase().replace(/_/g, ' ');
  return Object.assign(error, { message: `SSL routines::${words}`, library: 'SSL routines', reason: words });
}

// The connection ended, with or without close_notify: lib/failure.js.
const isCut = (error) => error instanceof SSLEOFError || (error instanceof OSError && error.code === 'ECONNRESET');

/**
 * about: isServer, isEstablished, host (asked for), isAlone (the peer sent one certificate), and what node:tls reports about the address that a
 * client connected to.
 */
function asNode(error, about) {
  if (error instanceof SSLCertVerificationError) return refused(error, about);
  if (isCut(error) && !about.isEstablished) {
    if (about.isServer) return reset('socket hang up', { cause: error });
    return reset('Client network socket disconnected before secure TLS connection was established', { ...about.where, cause: error });
  }
  return error instanceof SSLError ? failed(error) : error;
}

module.exports = { INVALID_PROTOCOL, NO_CERTIFICATE, asNode, invalid, made, reset };
