'use strict';

// The exports of node:tls, implemented with tlsock. Functions without TLS are Node's own.

const net = require('node:net');
// The one whose values programs may set.
const liveTls = require('node:tls');
const util = require('node:util');

const nodeTls = require('./lib/node-tls.js');
const hook = require('./lib/hook.js');
const exported = require('./lib/tls-exports.js');
const { SecureContext, createSecureContext } = require('./lib/tls-context.js');
const { checkLeastSize } = require('./lib/tls-dh.js');
const { createSecurePair } = require('./lib/tls-pair.js');
const { Server } = require('./lib/tls-server.js');
const { TLSSocket } = require('./lib/tls-socket.js');
const names = require('./lib/tls-names.js');
const { invalid } = require('./lib/tls-error.js');

// [port,] [host,] [options,] [listener]
function argumentsOf(args) {
  const [options, listener] = net._normalizeArgs(args);
  const more = args.slice(1, 3).find((each) => each !== null && typeof each === 'object');
  return [{ ...options, ...more }, listener];
}

/** As tls.connect of node:tls. The certificate and the name are verified unless rejectUnauthorized is false. */
function connect(...args) {
  const [given, listener] = argumentsOf(args);
  const options = { __proto__: null, rejectUnauthorized: true, checkServerIdentity: exported.current.checkServerIdentity, ciphers: tls.DEFAULT_CIPHERS, minDHSize: 1024, ...given };
  if (typeof options.checkServerIdentity !== 'function') throw invalid('options.checkServerIdentity', 'of type function', options.checkServerIdentity);
  checkLeastSize(options.minDHSize);
  if (net.isIP(options.servername ?? '') !== 0) warnOfAddress();
  const secureContext = options.secureContext ?? exported.current.createSecureContext(options);
  const socket = new TLSSocket(options.socket, { ...options, secureContext, isServer: false, requestCert: true, [hook.CONNECTED]: true });
  if (listener) socket.once('secureConnect', listener);
  if (!options.socket) socket.connect(options);
  return socket;
}

let isWarned = false;

function warnOfAddress() {
  if (isWarned) return;
  isWarned = true;
  process.emitWarning('Setting the TLS ServerName to an IP address is not permitted by RFC 6066. This will be ignored in a future version.', 'DeprecationWarning', 'DEP0123');
}

const createServer = (options, listener) => new Server(options, listener);

const tls = {
  connect, createServer, createSecureContext, TLSSocket, Server, SecureContext, getCiphers: names.cipherNames,
  createSecurePair: util.deprecate(createSecurePair, 'tls.createSecurePair() is deprecated. Please use tls.TLSSocket instead.', 'DEP0064'),
  getCACertificates: names.getCACertificates, setDefaultCACertificates: names.setDefaultCACertificates,
  getCertificateCompressionAlgorithms: names.getCertificateCompressionAlgorithms,
  checkServerIdentity: nodeTls.checkServerIdentity,
  convertALPNProtocols: nodeTls.convertALPNProtocols,
  CLIENT_RENEG_LIMIT: nodeTls.CLIENT_RENEG_LIMIT,
  CLIENT_RENEG_WINDOW: nodeTls.CLIENT_RENEG_WINDOW,
};
// Defaults that programs may set are set for node:tls too: each exists once.
for (const name of ['DEFAULT_CIPHERS', 'DEFAULT_ECDH_CURVE', 'DEFAULT_MIN_VERSION', 'DEFAULT_MAX_VERSION'])
  Object.defineProperty(tls, name, {
    get: () => liveTls[name],
    set(value) { liveTls[name] = value; },
    enumerable: true, configurable: true,
  });
Object.defineProperty(tls, 'rootCertificates', { get: names.trusted, enumerable: true, configurable: true });

exported.current = tls;

module.exports = tls;
