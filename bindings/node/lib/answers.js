'use strict';

// What SSLObject and TLSSocket can both be asked about their connection.

const { Certificate, makeCertificate } = require('./certificate.js');
const check = require('./check.js');
const { SSLContext, contextHandle } = require('./context.js');
const native = require('./native.js');
const { SSLSession, makeSession, sessionHandle } = require('./session.js');

/** A native connection and what stays true of it. */
class Connection {
  constructor({ handle, context, serverSide, serverHostname }) {
    this.handle = handle;
    this.context = context;
    // The library may still call the callbacks of contexts it had before.
    this.contexts = [context];
    this.serverSide = serverSide;
    this.serverHostname = serverHostname;
  }

  free() {
    native.free(this.handle);
  }
}

const methods = {
  /** Python's dict of the verified certificate, `{}` if it is not verified, null if there is none; or its DER bytes. */
  getpeercert({ handle }, binaryForm = false) {
    const binary = check.boolean(binaryForm, 'binaryForm');
    const certificate = makeCertificate(native.peerCertificate(handle));
    if (certificate === null) return null;
    if (binary) return certificate.der;
    const verified = makeCertificate(native.getpeercert(handle));
    return verified === null ? {} : verified.toJSON();
  },

  /** The chain as verification built it, the peer first and the trust anchor last. */
  getVerifiedChain({ handle }) {
    return native.getVerifiedChain(handle).map((der) => new Certificate(der));
  },

  /** The certificates as the peer sent them. */
  getUnverifiedChain({ handle }) {
    return native.getUnverifiedChain(handle).map((der) => new Certificate(der));
  },

  /** `{ name, protocol, secretBits }` */
  cipher: ({ handle }) => native.cipher(handle),

  /** Server: the ciphers that both sides know; null on clients. */
  sharedCiphers: ({ handle }) => native.sharedCiphers(handle),

  /** "TLSv1.3" and the like; null before the end of the handshake. */
  version: ({ handle }) => native.version(handle),

  /** The group of the key exchange, such as "x25519". */
  group: ({ handle }) => native.group(handle),

  compression: ({ handle }) => native.compression(handle),

  selectedAlpnProtocol: ({ handle }) => native.selectedAlpnProtocol(handle),

  selectedNpnProtocol: ({ handle }) => native.selectedNpnProtocol(handle),

  /** Bytes that name this connection, for authentication above TLS; null before the end of the handshake. */
  getChannelBinding: ({ handle }, type = 'tls-unique') => native.getChannelBinding(handle, check.string(type, 'type')),

  /** Asks a TLS 1.3 client for its certificate: the request goes out with the next write. */
  verifyClientPostHandshake: ({ handle }) => native.verifyClientPostHandshake(handle),
};

const attributes = {
  /** The peer's Certificate, verified or not. */
  peerCertificate: { get: ({ handle }) => makeCertificate(native.peerCertificate(handle)) },

  context: {
    get: (connection) => connection.context,
    set(connection, context) {
      native.setContext(connection.handle, contextHandle(check.instance(context, SSLContext, 'context')));
      connection.context = context;
      connection.contexts.push(context);
    },
  },

  serverSide: { get: (connection) => connection.serverSide },

  /** The name the peer must prove, as ASCII. */
  serverHostname: { get: (connection) => connection.serverHostname },

  /** The session that a later connection can resume; set it before the handshake to resume one. */
  session: {
    get: ({ handle }) => makeSession(native.session(handle)),
    set: ({ handle }, session) => native.setSession(handle, sessionHandle(check.instance(session, SSLSession, 'session'))),
  },

  sessionReused: { get: ({ handle }) => native.sessionReused(handle) },
};

/** Gives a class all of these. connectionOf finds the Connection of an instance. */
function answer(Class, connectionOf) {
  for (const [name, method] of Object.entries(methods)) {
    const value = { [name](...args) { return method(connectionOf(this), ...args); } }[name];
    Object.defineProperty(Class.prototype, name, { value, configurable: true, writable: true });
  }
  for (const [name, { get, set }] of Object.entries(attributes))
    Object.defineProperty(Class.prototype, name, {
      get() { return get(connectionOf(this)); },
      set: set && function assign(value) { set(connectionOf(this), value); },
      configurable: true,
    });
}

module.exports = { Connection, answer };
