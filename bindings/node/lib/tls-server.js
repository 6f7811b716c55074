'use strict';

// node:tls's Server over this module's sockets. It is a function, as https.Server calls it with its own object as `this`.

const assert = require('node:assert');
const net = require('node:net');
const util = require('node:util');
const { createHash } = require('node:crypto');

const { remember } = require('./below.js');
const check = require('./check.js');
const hook = require('./hook.js');
const { guardStreams } = require('./http2.js');
const nodeTls = require('./node-tls.js');
const { ownBytes } = require('./own.js');
const { rejected } = require('./rejected.js');
const { SecureContext, createSecureContext, forNode, tellAsNode } = require('./tls-context.js');
const { invalid, made, reset } = require('./tls-error.js');
const { TLSSocket, protocolsOf } = require('./tls-socket.js');

const HANDSHAKE_TIMEOUT = 120_000;
// Options that setSecureContext makes a context from; a Server has them as properties.
const CONTEXT_OPTIONS = ['pfx', 'key', 'passphrase', 'cert', 'clientCertEngine', 'ca', 'ciphers', 'sigalgs', 'ecdhCurve', 'dhparam', 'minVersion', 'maxVersion',
  'secureProtocol', 'secureOptions', 'honorCipherOrder', 'crl', 'sessionIdContext', 'ticketKeys', 'sessionTimeout', 'privateKeyIdentifier', 'privateKeyEngine'];
// Of these no value asks for what nothing asks for: the system's CAs, no revocation, the usual algorithms.
const AS_GIVEN = ['ca', 'crl', 'sigalgs', 'ecdhCurve'];
const SERVER_OPTIONS = ['handshakeTimeout', 'SNICallback', 'ALPNCallback', 'ALPNProtocols', 'pskCallback', 'pskIdentityHint', 'enableTrace', 'allowHalfOpen',
  'requestCert', 'rejectUnauthorized'];
const SETTINGS = Symbol('settings');

// What stands on Object.prototype was asked for by nobody.
function among(names, options) {
  const given = { __proto__: null };
  for (const name of names) if (check.has(options, name)) given[name] = options[name];
  return given;
}

function checked(options, name, type) {
  const value = options[name];
  if (value !== undefined && value !== null && value !== false && typeof value !== type) throw invalid(`options.${name}`, `of type ${type}`, value);
  return value ?? undefined;
}

function settingsOf(options) {
  if (options.ALPNCallback && options.ALPNProtocols)
    throw made(TypeError, 'ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS', 'The ALPNCallback and ALPNProtocols TLS options are mutually exclusive');
  return {
    handshakeTimeout: checked(options, 'handshakeTimeout', 'number') || HANDSHAKE_TIMEOUT,
    SNICallback: checked(options, 'SNICallback', 'function'),
    ALPNCallback: checked(options, 'ALPNCallback', 'function'),
    pskCallback: checked(options, 'pskCallback', 'function'),
    pskIdentityHint: checked(options, 'pskIdentityHint', 'string'),
    enableTrace: options.enableTrace,
    protocols: protocolsOf(options.ALPNProtocols),
    allowHalfOpen: options.allowHalfOpen,
  };
}

function Server(options, listener) {
  if (!(this instanceof Server)) return new Server(options, listener);
  const isListener = typeof options === 'function';
  const given = isListener ? {} : options ?? {};
  if (typeof given !== 'object') throw invalid('options', 'of type object', given);
  try {
    const own = among(SERVER_OPTIONS, given);
    this[SETTINGS] = settingsOf(own);
    this._contexts = [];
    this.requestCert = Boolean(own.requestCert);
    this.rejectUnauthorized = own.rejectUnauthorized !== false;
    if (own.ALPNProtocols) nodeTls.convertALPNProtocols(own.ALPNProtocols, this);
    this.ALPNCallback = own.ALPNCallback;
    this.setSecureContext(given);
  } catch (error) {
    tellAsNode(error, () => new nodeTls.Server(forNode(given)));
  }
  net.Server.call(this, given, accept);
  const onSecure = isListener ? options : listener;
  if (onSecure) this.on('secureConnection', onSecure);
}
Object.setPrototypeOf(Server.prototype, net.Server.prototype);
Object.setPrototypeOf(Server, net.Server);

// With the server as this.
function accept(transport) {
  remember(transport);
  // After the client's end there may still be something to send, such as close_notify.
  transport.allowHalfOpen = true;
  const { SNICallback, ...settings } = this[SETTINGS];
  let socket, state;
  try {
    socket = new TLSSocket(transport, {
      ...settings, SNICallback: SNICallback ?? (this._contexts.length > 0 ? byName.bind(this) : undefined), secureContext: this._sharedCreds, isServer: true, server: this,
      requestCert: this.requestCert, rejectUnauthorized: this.rejectUnauthorized, pauseOnConnect: this.pauseOnConnect,
      [hook.SECURED]: () => {
        state.isSecure = true;
        this.emit('secureConnection', socket);
      },
    });
  } catch (error) {
    transport.on('error', () => {}).destroy();
    return void this.emit('tlsClientError', error, transport);
  }
  state = watch(this, socket);
}

// A client cannot end the process: an error of a connection without a listener is emitted by the server.
function watch(server, socket) {
  const state = { isSecure: false, isTold: false };
  const tell = (error) => {
    if (state.isTold) return;
    state.isTold = true;
    server.emit('tlsClientError', error, socket);
  };
  socket.on('error', (error) => {
    if (!state.isSecure || socket.listenerCount('error') === 1) tell(error);
  });
  socket.once('close', () => {
    if (!state.isSecure) tell(reset('socket hang up'));
  });
  // While newSession is not answered the client lacks the end of the handshake: one that goes without it has nothing to wait for.
  socket.once('end', () => {
    if (!state.isSecure && socket.getProtocol() !== 'TLSv1.3') socket.destroy();
  });
  guardStreams(socket, tellOnce(server, socket));
  if (server.listenerCount('keylog') > 0) socket.on('keylog', (line) => server.emit('keylog', line, socket));
  return state;
}

// What ends a session is an error of each of its streams.
function tellOnce(server, socket) {
  let last = null;
  return (error) => {
    if (error === last) return;
    last = error;
    server.emit('tlsClientError', error, socket);
  };
}

function byName(servername, done) {
  const found = this._contexts.findLast(([pattern]) => pattern.test(servername));
  done(null, found?.[1]);
}

/** As in node:tls: an asterisk stands for the letters of one label. */
Server.prototype.addContext = function addContext(servername, context) {
  if (!servername) throw made(Error, 'ERR_TLS_REQUIRED_SERVER_NAME', '"servername" is required parameter for Server.addContext');
  const pattern = servername.replace(/[.^$+?()|\-\\[\]{}]/g, '\\$&').replaceAll('*', '[^.]*');
  this._contexts.push([new RegExp(`^${pattern}$`), context instanceof SecureContext ? context : createSecureContext(context)]);
};

/** Sets the options of new connections. */
Server.prototype.setSecureContext = function setSecureContext(options) {
  if (options === null || typeof options !== 'object') throw invalid('options', 'of type object', options);
  const own = {}, given = among(CONTEXT_OPTIONS, options);
  for (const name of CONTEXT_OPTIONS) own[name] = AS_GIVEN.includes(name) ? given[name] ?? undefined : given[name] || undefined;
  own.honorCipherOrder = given.honorCipherOrder === undefined ? true : Boolean(given.honorCipherOrder);
  own.sessionIdContext ??= createHash('sha1').update(process.argv.join(' ')).digest('hex').slice(0, 32);
  const shared = createSecureContext(own);
  Object.assign(this, own);
  this._sharedCreds = shared;
};

/** As in node:tls, where it is deprecated: the options are stored, and no context is made. */
Server.prototype.setOptions = util.deprecate(function setOptions(options) {
  for (const name of CONTEXT_OPTIONS) if (options[name] !== undefined) this[name] = options[name];
}, 'Server.prototype.setOptions() is deprecated', 'DEP0122');

Server.prototype.getTicketKeys = function getTicketKeys() {
  return this._sharedCreds.getTicketKeys();
};

/** Counts at once, also for connections that have begun. */
Server.prototype.setTicketKeys = function setTicketKeys(keys) {
  if (!ArrayBuffer.isView(keys)) throw invalid('buffer', 'an instance of Buffer, TypedArray, or DataView', keys);
  if (keys.byteLength !== 48) throw new assert.AssertionError({ message: 'Session ticket keys must be a 48-byte buffer' });
  this._sharedCreds.setTicketKeys(keys);
};

// node:cluster takes the keys of the first worker to the others.
Server.prototype._getServerData = function getServerData() {
  return { ticketKeys: this.getTicketKeys().toString('hex') };
};

Server.prototype._setServerData = function setServerData({ ticketKeys }) {
  this.setTicketKeys(ownBytes(ticketKeys, 'hex'));
};

Server.prototype[Symbol.for('nodejs.rejection')] = rejected;

module.exports = { Server };
