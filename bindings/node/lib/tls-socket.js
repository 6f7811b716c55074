'use strict';

// node:tls's TLSSocket, with its options, events and errors, on top of this module's TLSSocket.

const net = require('node:net');
const { inspect, types } = require('node:util');
const { addAbortSignal, getDefaultHighWaterMark = () => 16384 } = require('node:stream');

const { errorOf } = require('./current.js');
const { SSLCertVerificationError, ValueError } = require('./error.js');
const hook = require('./hook.js');
const nodeTls = require('./node-tls.js');
const { SSLSession } = require('./session.js');
const { limited } = require('./shaken.js');
const { protocolsOf: parsed } = require('./secure.js');
const { TLSSocket: Socket } = require('./socket.js');
const { SecureContext, createSecureContext } = require('./tls-context.js');
const { refusalOfSize } = require('./tls-dh.js');
const { NO_CERTIFICATE, asNode, invalid, made } = require('./tls-error.js');
const { checkTypes, isSession } = require('./tls-given.js');
const { namesOf, wrappingOf } = require('./tls-peer.js');
const { pskFor } = require('./tls-psk.js');
const { keepsSessions, whenStored } = require('./tls-sessions.js');
const { gateOf, shareSessions } = require('./tls-asked.js');
const { outcomeName } = require('./x509.js');

// Events of the system's socket that programs listen to on a TLSSocket.
const PASSED_ON = ['lookup', 'connectionAttempt', 'connectionAttemptFailed', 'connectionAttemptTimeout'];

// What is wrong with them is told in node's words.
function protocolsOf(value) {
  if (value === undefined || value === null) return undefined;
  nodeTls.convertALPNProtocols(value, {});
  return Array.isArray(value) || ArrayBuffer.isView(value) ? parsed(value) : undefined;
}

function contextOf(options) {
  const given = options.secureContext ?? options.credentials;
  if (given === undefined || given === null) return createSecureContext(options);
  if (given instanceof SecureContext) return given;
  throw made(TypeError, 'ERR_TLS_INVALID_CONTEXT', 'context must be a SecureContext');
}

// What the library checks: the chain always, and the name if the default checkServerIdentity is used. asked: what setServername was given.
function plan(options, asked) {
  const isServer = Boolean(options.isServer);
  const verifies = isServer ? Boolean(options.requestCert) && options.rejectUnauthorized !== false : options.rejectUnauthorized !== false;
  const hasOwnCheck = options.checkServerIdentity !== undefined && options.checkServerIdentity !== nodeTls.checkServerIdentity;
  return {
    ...(isServer ? { name: null } : namesOf(options, asked)), isServer, asks: isServer && Boolean(options.requestCert), verifies, checksName: !isServer && verifies && !hasOwnCheck,
    protocols: protocolsOf(options.ALPNProtocols) ?? (options.server && options.protocols), asksProtocol: isServer && Boolean(options.ALPNCallback),
    keepsSessions: isServer && keepsSessions(options.server), requestsOcsp: !isServer && Boolean(options.requestOCSP),
  };
}

const isError = (value) => value instanceof Error || types.isNativeError(value);

// As in node:tls, any truthy answer refuses; so does a promise, which would come too late.
function refusalOf(answer) {
  if (!answer) return null;
  if (isError(answer)) return answer;
  if (types.isPromise(answer)) answer.catch(() => {});
  return made(Error, 'ERR_TLS_CERT_ALTNAME_INVALID', `checkServerIdentity answered ${inspect(answer)}`, { cause: answer });
}

/** A TLS connection with node:tls's options, events and errors. */
class TLSSocket extends Socket {
  #options;
  #secureContext;
  #plan;
  #authorized = false;
  #authorizationError = null;
  #isSecure = false;
  #isVerified = false;
  #waitingSessions = [];
  // Undocumented, but read by programs.
  _secureEstablished = false;
  #asked = null;
  // What setServername was given; undefined for nothing.
  #toSend;
  // What is wrong with the names of the server; null for nothing.
  #refusal = null;
  #protocol;
  // What refuses the client.
  #thrown = null;

  /** socket: a stream, or nothing: then `connect` makes one. */
  constructor(socket, options) {
    // What stands on Object.prototype was asked for by nobody.
    const given = { __proto__: null, ...options };
    checkTypes(given);
    const secureContext = contextOf(given), planned = plan(given);
    if (planned.isServer) shareSessions(given.server, secureContext);
    const context = secureContext.contextFor({ ...planned, ...pskFor(given) }), wrapping = TLSSocket.#wrapping(given, planned);
    super(socket ?? new net.Socket({ allowHalfOpen: true }), {
      context, serverSide: planned.isServer, ...wrapping.options,
      allowHalfOpen: Boolean(socket && !given.server ? socket.allowHalfOpen : given.allowHalfOpen),
      highWaterMark: given.highWaterMark ?? getDefaultHighWaterMark(false),
      // A server chooses by what the client says first.
      ...(planned.isServer ? { [hook.GATE]: (self) => gateOf(self, TLSSocket.#asking(self, given)) } : {}),
    });
    this.#options = given;
    this.#secureContext = secureContext;
    this.#plan = planned;
    this.server = given.server;
    this.#refuse(wrapping.refusal);
    this.#offer(given);
    this.#follow(socket);
    if (given.handshakeTimeout > 0) this.#limit(given.handshakeTimeout);
    if (given.signal) addAbortSignal(given.signal, this);
    if (given.enableTrace) this.enableTrace();
    if (given.pauseOnConnect) this.pause();
    if (!given.server && !given[hook.CONNECTED]) this.on('error', (error) => this.emit('_tlsError', error));
  }

  // The options of the native connection, and what is wrong with the names in them.
  static #wrapping({ requestCert }, planned) {
    return planned.isServer ? { refusal: null, options: { reportVerification: Boolean(requestCert) && !planned.verifies } } : wrappingOf(planned);
  }

  // As in node:tls, that a server cannot have its name is an event: the caller, who may have the name from anywhere, has no listener yet.
  #refuse(refusal) {
    this.#refusal = refusal;
    process.nextTick(() => {
      if (refusal !== null && this.#refusal === refusal) this.destroy(refusal);
    });
  }

  // The options of a server's gate.
  static #asking(self, given) {
    return { __proto__: null, ...given, secureContext: () => self.#secureContext };
  }

  #offer({ session }) {
    if (session && !this.#plan.isServer) this.setSession(session);
  }

  /** As in node:tls, a session that does not fit is ignored: no session at all, one of another context, or of a server with another name. */
  setSession(session) {
    if (!isSession(session)) throw made(TypeError, 'ERR_INVALID_ARG_TYPE', 'Session must be a buffer');
    try {
      super.setSession(session);
    } catch {
      // The handshake is a full one.
    }
  }

  #follow(socket) {
    // A stream that was given is connected by the program.
    if (!socket) for (const event of PASSED_ON) this.transport.on?.(event, (...args) => this.emit(event, ...args));
  }

  // Whether data goes into a buffer of the program, and is never emitted: the option onread of net.Socket.
  get #fills() {
    return this.#options.onread !== undefined && !this.#options.socket;
  }

  [hook.GIVE](plaintext, take) {
    return this.#fills ? this.#fill(plaintext, take) : super[hook.GIVE](plaintext, take);
  }

  // As much as fits, and nothing while the socket is paused. The program may destroy the socket then, throw, or answer false to be given the rest later.
  #fill(plaintext, take) {
    const into = this.isPaused() ? null : this.#room();
    if (into === null) return false;
    const count = Math.min(into.length, plaintext.length);
    into.set(plaintext.subarray(0, count));
    take(count);
    return this.#options.onread.callback(count, into) !== false;
  }

  // The buffer; null where there is none, and the socket is destroyed: its data would never find a place.
  #room() {
    const { buffer } = this.#options.onread;
    try {
      const into = typeof buffer === 'function' ? buffer() : buffer;
      if (into?.length > 0) return into;
      this.destroy(made(Error, 'ENOBUFS', 'the buffer of onread has no room'));
    } catch (error) {
      this.destroy(errorOf(error));
    }
    return null;
  }

  // Each of these asks for what was held back, as in net.Socket: streams ask for no more than they have been given.
  resume() {
    if (this.#fills) process.nextTick(() => this._read());
    return super.resume();
  }

  read(size) {
    if (this.#fills) process.nextTick(() => this._read());
    return super.read(size);
  }

  #limit(milliseconds) {
    const timer = limited(this.transport, () => this.destroy(made(Error, 'ERR_TLS_HANDSHAKE_TIMEOUT', 'TLS handshake timeout')), milliseconds);
    const stop = () => clearTimeout(timer);
    this.once('secure', stop).once('close', stop);
  }

  /** Connects the socket below, as net.Socket does. */
  connect(...args) {
    const [given, listener] = net._normalizeArgs(args), options = { __proto__: null, ...given };
    if (listener !== null && listener !== undefined) this.once('connect', listener);
    if (this.destroyed) return this;
    this.#rename(options.servername ?? this.#options.servername, options.host);
    if (options.timeout) this.setTimeout(options.timeout);
    if (this.#refusal === null) this.transport.connect({ ...options, allowHalfOpen: true });
    return this;
  }

  #rename(servername, host) {
    if (this.#plan.isServer || this.#options.socketIsConnected) return;
    const options = { __proto__: null, ...this.#options, servername, host: host ?? this.#options.host };
    const planned = plan(options, this.#toSend);
    if (planned.name === this.#plan.name && planned.sent === this.#plan.sent) return;
    const context = this.#secureContext.contextFor({ ...planned, ...pskFor(options) }), wrapping = wrappingOf(planned);
    if (!this[hook.REWRAP](context, { serverSide: false, ...wrapping.options })) return;
    this.#plan = planned;
    this.#refuse(wrapping.refusal);
    this.#offer(options);
  }

  /** Sets the name to send (SNI), before the handshake. As in node:tls, the certificate is still checked for that of the options. */
  setServername(name) {
    if (typeof name !== 'string') throw invalid('name', 'of type string', name);
    if (this.#plan.isServer) throw made(Error, 'ERR_TLS_SNI_FROM_SERVER', 'Cannot issue SNI from a TLS server-side socket');
    this.#toSend = name;
    const { sent } = namesOf(this.#options, name), { refusal, options } = wrappingOf({ ...this.#plan, sent });
    if (!this.#send(options.serverName ?? null)) return;
    this.#plan.sent = sent;
    this.#refuse(refusal);
  }

  // As in node:tls, nothing happens once the handshake has begun: false.
  #send(name) {
    try {
      super.setServerName(name);
      return true;
    } catch (error) {
      if (error instanceof ValueError) return false;
      throw error;
    }
  }

  /** Called by the Choice: the name that the client asks for, before the library knows it. */
  hear(serverName) {
    this.#asked = serverName;
  }

  get servername() {
    return super.servername ?? this.#asked;
  }

  /** Called by the Choice: another secure context. */
  adopt(secureContext) {
    this.#secureContext = secureContext;
    this.context = secureContext.contextFor({ ...this.#plan, ...pskFor(this.#options) });
  }

  /** Called by the Choice: the protocol that ALPNCallback has chosen; undefined refuses. */
  choose(protocol) {
    this.#protocol = protocol;
  }

  /** Called by the library. */
  chosenProtocol() {
    return this.#protocol;
  }

  /** A function that was asked about the client has thrown this, or said so. */
  deny(error) {
    this.#thrown = errorOf(error);
  }

  [hook.TOLD](error) {
    if (this.#thrown !== null) return this.#thrown;
    const { host, port, path, localAddress } = this.#options ?? {};
    const isAlone = error.certificate !== undefined && error.depth === 0;
    const told = asNode(error, { isServer: this.serverSide, isEstablished: this.#isSecure, host: this.#plan?.name, isAlone, where: { path, host, port, localAddress } });
    if (error instanceof SSLCertVerificationError && !this.serverSide) this.#authorizationError = told.code;
    return told;
  }

  // The library has refused what it was to refuse. Here the other results are reported, and the program's checkServerIdentity is
  // called. An exception meanwhile refuses the peer too.
  [hook.JUDGE]() {
    this.#isSecure = this._secureEstablished = true;
    const { isServer, verifies, requestsOcsp } = this.#plan;
    if (isServer && !this.#options.requestCert) return null;
    const refusal = (isServer ? null : refusalOfSize(this, this.#options.minDHSize)) ?? (requestsOcsp ? this.#tellOcsp() : null);
    if (refusal !== null || this.destroyed) return refusal;
    const wrong = this.#wrong();
    if (this.destroyed) return null;
    this.#authorized = wrong === null;
    if (wrong === null) return null;
    this.#authorizationError = wrong.code ?? wrong.message ?? String(wrong);
    return verifies ? wrong : null;
  }

  // A listener that throws refuses the server; null for no refusal.
  #tellOcsp() {
    try {
      this.emit('OCSPResponse', this.ocspResponse());
      return null;
    } catch (error) {
      return isError(error) ? error : made(Error, 'ERR_TLSOCK_VALUE', `a listener of OCSPResponse threw ${inspect(error)}`, { cause: error });
    }
  }

  // An Error with what is wrong with the peer; null for nothing.
  #wrong() {
    try {
      return this.#outcome() ?? (this.#plan.isServer ? null : this.#identityError());
    } catch (error) {
      return isError(error) ? error : made(Error, 'ERR_TLS_CERT_ALTNAME_INVALID', `checkServerIdentity threw ${inspect(error)}`, { cause: error });
    }
  }

  // The result of the verification. A peer without a certificate has proved nothing, unless both sides share a key.
  #outcome() {
    const named = (name) => made(Error, name, name);
    if (this.peerCertificate === null) return this.#isKeyed() ? null : named(NO_CERTIFICATE);
    const code = this.verifyResult;
    return code === 0 ? null : named(outcomeName(code, this.getUnverifiedChain().length === 1));
  }

  // TLS 1.3 reports pre-shared keys as resumed sessions. On servers this is always false: they asked for a certificate.
  #isKeyed() {
    if (this.#plan.isServer) return false;
    return this.getProtocol() === 'TLSv1.3' ? this.isSessionReused() : this.getCipher().name.includes('PSK');
  }

  #identityError() {
    const isShown = this.peerCertificate !== null;
    if (!isShown && this.isSessionReused()) return null;
    const check = this.#options.checkServerIdentity ?? nodeTls.checkServerIdentity;
    if (isShown && this.#plan.checksName) return null;
    return refusalOf(check(this.#plan.name, this.getPeerCertificate(true)));
  }

  [hook.ESTABLISHED]() {
    whenStored(this, () => this.#tellSecure());
  }

  #tellSecure() {
    if (this.destroyed) return;
    try {
      this.emit('secure');
    } finally {
      this.#tellConnected();
    }
  }

  #tellConnected() {
    if (this.destroyed) return;
    this.#isVerified = true;
    if (this.#options[hook.SECURED]) this.#options[hook.SECURED](this);
    else this.emit('secureConnect');
    for (const session of this.#waitingSessions.splice(0)) if (!this.destroyed) this.emit('session', session);
  }

  emit(event, ...args) {
    // As in node:tls: bytes, and only once the peer is verified.
    if (event === 'session' && args[0] instanceof SSLSession) {
      const bytes = args[0].toData();
      if (this.#isVerified) return super.emit('session', bytes);
      this.#waitingSessions.push(bytes);
      return true;
    }
    return super.emit(event, ...args);
  }

  get secureConnecting() {
    return !this.#isVerified;
  }

  get authorized() {
    return this.#authorized;
  }

  set authorized(value) {
    this.#authorized = value;
  }

  get authorizationError() {
    return this.#authorizationError;
  }

  set authorizationError(value) {
    this.#authorizationError = value;
  }

  get alpnProtocol() {
    return this.#isSecure ? super.alpnProtocol : null;
  }

  exportKeyingMaterial(length, label, context) {
    if (typeof length !== 'number' || !Number.isInteger(length)) throw invalid('length', 'of type number', length);
    if (length < 1) throw made(RangeError, 'ERR_OUT_OF_RANGE', `The value of "length" is out of range. It must be >= 1 && < 4294967296. Received ${length}`);
    if (typeof label !== 'string') throw invalid('label', 'of type string', label);
    if (context !== undefined && !ArrayBuffer.isView(context)) throw invalid('context', 'an instance of Buffer, TypedArray, or DataView', context);
    if (!this.#isSecure) throw made(Error, 'ERR_TLS_INVALID_STATE', 'TLS socket connection must be securely established');
    return super.exportKeyingMaterial(length, label, context);
  }

  /** Renegotiation is off: false, and the callback is told why. */
  renegotiate(options, callback) {
    if (options === null || typeof options !== 'object') throw invalid('options', 'of type object', options);
    if (callback !== undefined && typeof callback !== 'function') throw invalid('callback', 'of type function', callback);
    if (this.destroyed) return undefined;
    const [code, reason] = this.getProtocol() === 'TLSv1.3' ? ['ERR_SSL_WRONG_SSL_VERSION', 'wrong ssl version'] : ['ERR_SSL_NO_RENEGOTIATION', 'no renegotiation'];
    if (callback !== undefined) process.nextTick(callback, made(Error, code, `SSL routines::${reason}`, { library: 'SSL routines', reason }));
    return false;
  }

  getCertificate() {
    const certificate = this.#secureContext.certificate;
    if (this.destroyed) return null;
    return certificate === undefined ? {} : certificate.toLegacyObject();
  }

  getX509Certificate() {
    return this.#secureContext.certificate;
  }

  /** Sets the certificate to show, before the handshake: whom this side trusts stays. As in node:tls, a server trusts the CAs that come with it. */
  setKeyCert(context) {
    if (this.destroyed) return;
    const given = context instanceof SecureContext ? context : createSecureContext(context);
    this.adopt(this.#plan.isServer && given.namesCas ? given : this.#secureContext.showing(given));
  }
}

// After the connection is destroyed these answer nothing.
for (const name of ['getCipher', 'getProtocol', 'getSession', 'getFinished', 'getPeerFinished', 'getEphemeralKeyInfo', 'isSessionReused', 'getPeerCertificate']) {
  const inherited = Socket.prototype[name];
  TLSSocket.prototype[name] = { [name](...args) { return this.destroyed ? null : inherited.apply(this, args); } }[name];
}
Object.defineProperty(TLSSocket.prototype, 'bufferSize', { get() { return this.destroyed ? undefined : this.writableLength; }, configurable: true });

module.exports = { TLSSocket, protocolsOf };
