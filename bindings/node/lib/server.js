'use strict';

const http = require('node:http');
const net = require('node:net');

const { remember } = require('./below.js');
const { MemoryBIO } = require('./bio.js');
const check = require('./check.js');
const { SSLContext } = require('./context.js');
const failure = require('./failure.js');
const { TLSSocket } = require('./socket.js');

const PASSED_ON = ['context', 'suppressRaggedEofs', 'allowHalfOpen', 'highWaterMark', 'handshakeTimeout'];
const SERVER_OPTIONS = [...PASSED_ON, 'noDelay', 'keepAlive', 'keepAliveInitialDelay'];
const HANDSHAKE_TIMEOUT = 120_000;

function socketOptions(given) {
  check.instance(given.context, SSLContext, 'context');
  const options = { serverSide: true, handshakeTimeout: HANDSHAKE_TIMEOUT };
  for (const name of PASSED_ON) if (given[name] !== undefined) options[name] = given[name];
  return options;
}

// A mistake in the options is the caller's, and not told at each connection.
function tryOptions({ context }) {
  context.wrapBio(new MemoryBIO(), new MemoryBIO(), { serverSide: true });
}

/**
 * A net.Server whose connections speak TLS. Events: `secureConnection` (TLSSocket) after the handshake, and
 * `tlsClientError` (error, TLSSocket) for a connection that failed before, or after it if nobody else listens to its errors:
 * they end no process. The error has the client's remoteAddress and remotePort.
 */
class Server extends net.Server {
  #options;

  constructor(options, listener) {
    const given = check.options(options, 'createServer', SERVER_OPTIONS);
    const forSockets = socketOptions(given);
    tryOptions(forSockets);
    check.optionalCallable(listener, 'listener');
    const { noDelay = true, keepAlive, keepAliveInitialDelay } = given;
    super({ noDelay, keepAlive, keepAliveInitialDelay, allowHalfOpen: true });
    this.#options = forSockets;
    if (listener) this.on('secureConnection', listener);
    this.on('connection', (transport) => this.#accept(transport));
  }

  #accept(transport) {
    // Once it is closed nobody can say who it was.
    remember(transport);
    let socket;
    try {
      socket = new TLSSocket(transport, this.#options);
    } catch (error) {
      transport.on('error', () => {}).destroy();
      return void this.#tell(error, transport);
    }
    this.#watch(socket);
  }

  #watch(socket) {
    let isSecure = false, isTold = false;
    const tell = (error) => {
      isTold = true;
      this.#tell(error, socket);
    };
    socket.on('error', (error) => {
      if (!isTold && (!isSecure || socket.listenerCount('error') === 1)) tell(error);
    });
    socket.once('close', () => {
      if (!isSecure && !isTold) tell(failure.gone());
    });
    socket.once('secureConnect', () => {
      isSecure = true;
      this.emit('secureConnection', socket);
    });
  }

  #tell(error, socket) {
    error.remoteAddress = socket.remoteAddress;
    error.remotePort = socket.remotePort;
    this.emit('tlsClientError', error, socket);
  }
}

/** options: context, and those of TLSSocket; the listener is for `secureConnection`. */
const createServer = (options, listener) => new Server(options, listener);

// The http.Server never listens: it is told when ours does, and when ours closes, or nobody ends clients that are slow or idle.
class HttpsServer extends Server {
  constructor(options, listener) {
    super(options);
    this.http = http.createServer(listener);
    this.on('listening', () => this.http.emit('listening'));
    this.on('secureConnection', (socket) => this.http.emit('connection', socket));
    for (const event of ['request', 'upgrade', 'connect', 'checkContinue', 'clientError']) this.#forward(event);
  }

  #forward(event) {
    const forward = (...args) => this.emit(event, ...args);
    this.on('newListener', (name) => {
      if (name === event && !this.http.listeners(event).includes(forward)) this.http.on(event, forward);
    });
  }

  close(callback) {
    // It says that it was not listening.
    this.http.close(() => {});
    return super.close(callback);
  }
}

/** An http.Server behind TLS: `createHttpsServer({ context }, (request, response) => ...)`. */
function createHttpsServer(options, listener) {
  check.optionalCallable(listener, 'listener');
  return new HttpsServer(options, listener);
}

module.exports = { Server, createServer, createHttpsServer };
