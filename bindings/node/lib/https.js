'use strict';

const http = require('node:http');
const http2 = require('node:http2');

const check = require('./check.js');
const { SSLContext } = require('./context.js');
const { guardStream } = require('./http2.js');
const { putBehind } = require('./inner.js');
const { contextAlpn } = require('./inside.js');
const { Server, SERVER_OPTIONS } = require('./server.js');

const HTTP_OPTIONS = ['IncomingMessage', 'ServerResponse', 'insecureHTTPParser', 'maxHeaderSize', 'requestTimeout', 'headersTimeout',
  'keepAliveTimeout', 'keepAliveTimeoutBuffer', 'connectionsCheckingInterval', 'requireHostHeader', 'joinDuplicateHeaders',
  'rejectNonStandardBodyWrites', 'uniqueHeaders', 'shouldUpgradeCallback', 'optimizeEmptyRequests'];
// Properties that http.Server reads.
const HTTP_PROPERTIES = ['headersTimeout', 'requestTimeout', 'keepAliveTimeout', 'keepAliveTimeoutBuffer', 'maxHeadersCount', 'maxRequestsPerSocket',
  'maxHeaderSize', 'insecureHTTPParser', 'requireHostHeader', 'joinDuplicateHeaders', 'rejectNonStandardBodyWrites', 'connectionsCheckingInterval',
  'httpAllowHalfOpen'];
const HTTP2_OPTIONS = ['settings', 'remoteCustomSettings', 'maxDeflateDynamicTableSize', 'maxSettings', 'maxSessionMemory', 'maxHeaderListPairs',
  'maxOutstandingPings', 'maxSendHeaderBlockLength', 'maxReservedRemoteStreams', 'maxSessionInvalidFrames', 'maxSessionRejectedStreams',
  'paddingStrategy', 'peerMaxConcurrentStreams', 'unknownProtocolTimeout', 'streamResetBurst', 'streamResetRate', 'selectPadding', 'origins',
  'strictFieldWhitespaceValidation', 'Http2ServerRequest', 'Http2ServerResponse'];
const ALLOW_HTTP1 = ['allowHTTP1', 'Http1IncomingMessage', 'Http1ServerResponse'];

// What stands on Object.prototype was asked for by nobody: the same holds below.
function split(options, names) {
  const taken = { __proto__: null }, rest = { __proto__: null, ...options };
  for (const name of names) {
    if (rest[name] !== undefined) taken[name] = rest[name];
    delete rest[name];
  }
  return [taken, rest];
}

/** An https.Server. `http` is the http.Server that serves its connections. */
class HttpsServer extends Server {
  constructor(options, listener) {
    const [forHttp, rest] = split(check.options(options, 'createHttpsServer', [...HTTP_OPTIONS, ...SERVER_OPTIONS]), HTTP_OPTIONS);
    super(HttpsServer.#withProtocols(rest));
    this.http = putBehind(http.createServer(forHttp), this);
    // http.Server starts its timer for slow clients.
    this.on('listening', () => this.http.emit('listening'));
    this.on('secureConnection', (socket) => this.serve(socket));
    this.on('tlsClientError', (error, socket) => this.emit('clientError', error, socket));
    if (listener) this.on('request', listener);
  }

  static #withProtocols(options) {
    const isChosen = options.context || options.ALPNProtocols || options.ALPNCallback;
    return isChosen ? options : { __proto__: null, ...options, ALPNProtocols: ['http/1.1'] };
  }

  /** Serves a connection whose handshake is done. */
  serve(socket) {
    this.http.emit('connection', socket);
  }

  get timeout() {
    return this.http.timeout;
  }

  set timeout(milliseconds) {
    this.http.timeout = milliseconds;
  }

  setTimeout(milliseconds, callback) {
    this.timeout = milliseconds;
    if (check.optionalCallable(callback, 'callback') !== null) this.on('timeout', callback);
    return this;
  }

  closeAllConnections() {
    this.http.closeAllConnections();
  }

  closeIdleConnections() {
    this.http.closeIdleConnections();
  }

  /** Accepts no more connections and ends the idle ones. */
  close(callback) {
    this.closeIdleConnections();
    // http.Server stops its timer; it also reports that it was not listening, which is ignored.
    this.http.close(() => {});
    return super.close(callback);
  }

  static {
    for (const name of HTTP_PROPERTIES)
      Object.defineProperty(this.prototype, name, {
        get() { return this.http[name]; },
        set(value) { this.http[name] = value; },
        configurable: true,
      });
  }
}

// Gives the protocols to the options, or to their context, if neither has chosen any.
function withHttp2(options, protocols) {
  if (options.ALPNProtocols || options.ALPNCallback) return options;
  const { context } = options;
  if (!context) return { __proto__: null, ...options, ALPNProtocols: protocols };
  if (contextAlpn(context).length === 0) context.setAlpnProtocols(protocols);
  if (!contextAlpn(context).includes('h2')) throw check.outside('context', 'one whose protocols have "h2"', contextAlpn(context));
  return options;
}

/**
 * A server of HTTP/2, and with `allowHTTP1` of HTTP/1 on the same port: ALPN decides. `http2` is the Http2Server that serves the
 * connections of HTTP/2.
 */
class Http2Server extends HttpsServer {
  #allowsHttp1;
  #protocols;
  // How many streams each session has.
  #sessions = new Map();

  constructor(options, listener) {
    const known = [...HTTP_OPTIONS, ...SERVER_OPTIONS, ...HTTP2_OPTIONS, ...ALLOW_HTTP1];
    const given = check.options(options, 'createHttp2Server', known);
    const [forHttp2, others] = split(given, HTTP2_OPTIONS);
    const [{ allowHTTP1, ...classes }, rest] = split(others, ALLOW_HTTP1);
    const allows = check.optionalBoolean(allowHTTP1, 'allowHTTP1');
    if (rest.context) check.instance(rest.context, SSLContext, 'context');
    const forHttp1 = { IncomingMessage: classes.Http1IncomingMessage, ServerResponse: classes.Http1ServerResponse };
    const [named] = split(forHttp1, Object.keys(forHttp1));
    const protocols = allows ? ['h2', 'http/1.1'] : ['h2'];
    super({ ...withHttp2(rest, protocols), ...named });
    this.#allowsHttp1 = allows;
    this.#protocols = protocols;
    this.http2 = putBehind(http2.createServer(forHttp2), this, ['request']);
    this.http2.on('session', (session) => this.#watch(session));
    // Streams are turned into requests only if there is a listener for them.
    this.on('newListener', (event) => {
      if (event === 'request' && this.http2.listenerCount('request') === 0) this.http2.on('request', (...args) => this.emit('request', ...args));
    });
    check.optionalCallable(listener, 'listener');
    if (listener) this.on('request', listener);
  }

  setSecureContext(options) {
    super.setSecureContext(this.#offering(options));
  }

  addContext(serverName, options) {
    super.addContext(serverName, this.#offering(options));
  }

  // A given context gets the protocols too.
  #offering(options) {
    const context = options instanceof SSLContext ? options : options?.context;
    if (context instanceof SSLContext) withHttp2({ context }, this.#protocols);
    return options;
  }

  serve(socket) {
    if (this.#allowsHttp1 && socket.alpnProtocol !== 'h2') super.serve(socket);
    else this.http2.emit('connection', socket);
  }

  #watch(session) {
    this.#sessions.set(session, 0);
    const count = (change) => this.#sessions.has(session) && this.#sessions.set(session, this.#sessions.get(session) + change);
    // Before the listeners of the program.
    session.prependListener('stream', (stream) => {
      guardStream(stream, (error, failed) => this.emit('streamError', error, failed));
      count(1);
      stream.once('close', () => count(-1));
    });
    session.once('close', () => this.#sessions.delete(session));
  }

  get timeout() {
    return super.timeout;
  }

  set timeout(milliseconds) {
    super.timeout = milliseconds;
    this.http2.timeout = milliseconds;
  }

  updateSettings(settings) {
    this.http2.updateSettings(settings);
  }

  closeAllConnections() {
    super.closeAllConnections();
    for (const session of this.#sessions.keys()) session.destroy();
  }

  closeIdleConnections() {
    super.closeIdleConnections();
    for (const [session, streams] of this.#sessions) if (streams === 0) session.close();
  }

  /** Sessions with streams end once their streams have ended. */
  close(callback) {
    for (const session of this.#sessions.keys()) session.close();
    return super.close(callback);
  }
}

/** An https.Server: `createHttpsServer({ context }, (request, response) => ...)`, with its options, properties, methods and events. */
function createHttpsServer(options, listener) {
  check.optionalCallable(listener, 'listener');
  return new HttpsServer(options, listener);
}

/** As http2.createSecureServer: `createHttp2Server({ context, allowHTTP1 }, listener)`. */
const createHttp2Server = (options, listener) => new Http2Server(options, listener);

module.exports = { createHttp2Server, createHttpsServer };
