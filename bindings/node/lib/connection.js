'use strict';

// What both SSLObject and TLSSocket know about their connection.

const { Certificate, makeCertificate } = require('./certificate.js');
const check = require('./check.js');
const { ValueError } = require('./error.js');
const { contextCallbacks, contextHandle, contextSigners } = require('./inside.js');
const native = require('./native.js');
const { forgetTold, toldProtocol } = require('./protocols.js');
const { split } = require('./timestamps.js');
const { follow } = require('./trace.js');
const { SSLSession, makeSession, sessionHandle } = require('./session.js');

// A program may have replaced Function.prototype.call, which would see handles.
const { apply } = Reflect;

// By their numbers.
const ECH_STATUSES = ['none', 'grease', 'accepted', 'rejected', 'backend'];

/** A native connection. For a stream it remembers what was true when its handshake ended (src/kept.c). */
class Connection {
  // Declared, so that a setter on Object.prototype does not get them.
  handle;
  context;
  contexts;
  signers;
  serverSide;
  serverHostname;
  /** Those that were set; undefined for none. */
  expectedNames;
  /** For a stream: takes what is to be sent although nothing was written. */
  onOutput = () => {};
  /** For a stream: is told of each further context. */
  onContext = () => {};
  #isStream = false;
  #isFree = false;
  #uses = 0;
  #freeLater = false;

  constructor({ handle, context, serverSide, serverHostname, expectedNames }, isStream = false) {
    this.handle = handle;
    this.context = context;
    // The library may still call the callbacks of earlier contexts.
    this.contexts = [context];
    // What signs for it stays, whatever the context gets later.
    this.signers = [contextSigners(context)];
    this.serverSide = serverSide;
    this.serverHostname = serverHostname;
    this.expectedNames = expectedNames;
    this.#isStream = isStream;
  }

  /** Asks the native connection, which answers what it remembers after a failure or the end. SSLObject throws as Python does. */
  ask(name) {
    try {
      return native[name](this.handle);
    } catch (error) {
      // Before the end of the handshake.
      if (!this.#isStream || error.code !== 'ERR_TLSOCK_VALUE') throw error;
      return null;
    }
  }

  get isInUse() {
    return this.#uses > 0;
  }

  /** A call that needs the native connection: nothing is remembered for it. */
  use(call, one, two, three) {
    if (this.#isFree) throw Object.assign(new ValueError('the connection was closed'), { code: 'ERR_TLSOCK_VALUE' });
    return call(this.handle, one, two, three);
  }

  /** Called before a native call in which a callback may free the connection. */
  enter() {
    this.#uses++;
  }

  leave() {
    if (--this.#uses === 0 && this.#freeLater) this.free();
  }

  free() {
    if (this.#uses > 0) return void (this.#freeLater = true);
    if (this.#isFree) return;
    this.#isFree = true;
    native.close(this.handle);
  }
}

const chain = (list) => (list === null ? [] : native.certificatesOf(list).map((der) => new Certificate(der)));

const methods = {
  /** Python's dict of the verified certificate, `{}` if it is not verified, null if there is none; or its DER bytes. */
  getpeercert(connection, binaryForm = false) {
    const binary = check.boolean(binaryForm, 'binaryForm');
    const certificate = makeCertificate(connection.ask('peerCertificate'));
    if (certificate === null) return null;
    if (binary) return certificate.der;
    return certificate.verified ? certificate.toJSON() : {};
  },

  /** The chain as verification built it, the peer first and the trust anchor last. */
  getVerifiedChain(connection) {
    return chain(connection.ask('getVerifiedChain'));
  },

  /** The certificates as the peer sent them. */
  getUnverifiedChain(connection) {
    return chain(connection.ask('getUnverifiedChain'));
  },

  /** The chain of a verified peer by what is trusted now, the peer first; empty if it does not verify now. */
  verifyAgain: (connection) => chain(connection.use(native.verifyAgain)),

  /** `{ name, protocol, secretBits }` */
  cipher: (connection) => connection.ask('cipher'),

  /** Server: the ciphers that both sides know; null on clients. */
  sharedCiphers(connection) {
    const list = connection.ask('sharedCiphers');
    return list === null ? null : native.ciphersOf(list);
  },

  /** "TLSv1.3" and the like; null before the end of the handshake. */
  version: (connection) => connection.ask('version'),

  /** The group of the key exchange, such as "x25519". */
  group: (connection) => connection.ask('group'),

  /** What has become of Encrypted ClientHello: "none", "grease", "accepted", "rejected" or "backend". */
  echStatus: (connection) => ECH_STATUSES[connection.ask('echStatus') ?? 0],

  /** The name that was sent in clear, where that of the server was encrypted; null otherwise. */
  echOuterName: (connection) => connection.ask('echOuterName'),

  /** How the client has signed, by the name in TLS; null if it has not. Python 3.15: client_sigalg */
  clientSigalg: (connection) => connection.ask('clientSigalg'),

  /** How the server has signed. Python 3.15: server_sigalg */
  serverSigalg: (connection) => connection.ask('serverSigalg'),

  /** All facts of the connection as one line of JSON, for a log. */
  infoJson: (connection) => connection.use(native.infoJson).toString(),

  /** The OCSP response that the server has sent, in DER, accepted or not; null for none. */
  ocspResponse: (connection) => connection.ask('ocspResponse'),

  /** What that response says: `{ status, reason, revocationTime, thisUpdate, nextUpdate }`; null if it is not valid. */
  ocspStatus: (connection) => connection.ask('ocspStatus'),

  /** The certificate timestamps that the server has sent, as they came; none without sctsRequested. */
  scts: (connection) => split(connection.ask('scts')),

  compression: (connection) => connection.ask('compression'),

  /** As in node:tls, each character is a byte. The library gives only what is text. */
  selectedAlpnProtocol(connection) {
    const name = connection.ask('selectedAlpnProtocol');
    return name === null ? null : toldProtocol(this) ?? name;
  },

  selectedNpnProtocol: (connection) => connection.ask('selectedNpnProtocol'),

  /** Bytes that name this connection, for authentication above TLS; null before the end of the handshake. */
  getChannelBinding(connection, type = 'tls-unique') {
    // Only tls-unique is remembered, where it is defined: the connection answers everything else, also unknown types.
    const asksConnection = check.string(type, 'type') !== 'tls-unique' || connection.ask('version') === 'TLSv1.3';
    return asksConnection ? connection.use(native.getChannelBinding, type) : connection.ask('tlsUnique');
  },

  /** The last Finished message that this side sent, as bytes; undefined before the end of the handshake. */
  getFinished: (connection) => connection.ask('ownFinished') ?? undefined,

  getPeerFinished: (connection) => connection.ask('peerFinished') ?? undefined,

  /** Bytes that only the two sides can derive: RFC 5705, RFC 8446 section 7.5. */
  exportKeyingMaterial(connection, length, label, context) {
    const text = check.string(label, 'label'), bytes = check.optionalBytes(context, 'context');
    return connection.use(native.exportKeyingMaterial, text, bytes, check.integer(length, 'length', 0, 65536));
  },

  /** Before the handshake, on clients: the names of which the certificate must have one, instead of serverHostname. */
  setExpectedNames(connection, names) {
    const given = check.list(names, 'names', check.string);
    connection.use(native.setExpectedNames, given);
    connection.expectedNames = given;
  },

  /** Before the handshake, on clients: the name to ask for (SNI), instead of serverHostname; null for none. */
  setServerName: (connection, name) => connection.use(native.setServerName, name === null ? null : check.string(name, 'name')),

  /** TLS 1.3: new keys for what this side sends, and with requestPeer for what the peer sends. */
  keyUpdate(connection, requestPeer = false) {
    connection.use(native.keyUpdate, check.boolean(requestPeer, 'requestPeer'));
    connection.onOutput();
  },

  /** Asks a TLS 1.3 client for its certificate: the request is sent with the next write. */
  verifyClientPostHandshake: (connection) => connection.use(native.verifyClientPostHandshake),
};

const attributes = {
  /** The peer's Certificate, verified or not. */
  peerCertificate: { get: (connection) => makeCertificate(connection.ask('peerCertificate')) },

  /** The Certificate that this side has shown; null for none. */
  ownCertificate: { get: (connection) => makeCertificate(connection.ask('ownCertificate')) },

  context: {
    get: (connection) => connection.context,
    set(connection, context) {
      const handle = contextHandle(context);
      connection.onContext(context);
      follow(this, context);
      if (this.listenerCount?.('keylog') > 0) contextCallbacks(context).wireKeylog();
      connection.use(native.setContext, handle);
      if (connection.ask('version') === null) forgetTold(this);
      connection.context = context;
      connection.contexts.push(context);
      connection.signers.push(contextSigners(context));
    },
  },

  serverSide: { get: (connection) => connection.serverSide },

  /** The name the peer must prove, as ASCII. */
  serverHostname: { get: (connection) => connection.serverHostname },

  /** The session that a later connection can resume; set it before the handshake to resume one. */
  session: {
    get: (connection) => makeSession(connection.ask('session')),
    set: (connection, session) => connection.use(native.setSession, sessionHandle(check.instance(session, SSLSession, 'session'))),
  },

  sessionReused: { get: (connection) => connection.ask('sessionReused') ?? false },

  /** The name that the client asks for (SNI); false for none, null before it is known. */
  servername: { get: (connection) => connection.ask('serverName') ?? (connection.ask('version') === null ? null : false) },

  /** Whether a verify callback has accepted a peer that the check had refused. */
  verifyOverridden: { get: (connection) => connection.ask('verifyOverridden') ?? false },

  /** The result of the verification, also where a bad certificate is allowed: 0 or an X509_V_ERR_* number; null before the handshake. */
  verifyResult: { get: (connection) => connection.ask('verifyResult') },
};

/** Adds all of these to a class. connectionOf finds the Connection of an instance, which is their `this`. */
function answer(Class, connectionOf) {
  for (const [name, method] of Object.entries(methods)) {
    const value = { [name](...args) { return apply(method, this, [connectionOf(this), ...args]); } }[name];
    Object.defineProperty(Class.prototype, name, { value, configurable: true, writable: true });
  }
  for (const [name, { get, set }] of Object.entries(attributes))
    Object.defineProperty(Class.prototype, name, {
      get() { return get(connectionOf(this)); },
      set: set && function assign(value) { apply(set, this, [connectionOf(this), value]); },
      configurable: true,
    });
}

module.exports = { Connection, answer };
