'use strict';

const http = require('node:http');
const net = require('node:net');

const check = require('./check.js');
const { SSLContext } = require('./context.js');
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

/**
 * A net.Server whose connections speak TLS. Events: `secureConnection` (TLSSocket) after the handshake, and
 * `tlsClientError` (error, TLSSocket) for one that failed.
 */
class Server extends net.Server {
  #options;

  constructor(options, listener) {
    const given = check.options(options, 'createServer', SERVER_OPTIONS);
    const forSockets = socketOptions(given);
    check.optionalCallable(listener, 'listener');
    const { noDelay = true, keepAlive, keepAliveInitialDelay } = given;
    super({ noDelay, keepAlive, keepAliveInitialDelay, allowHalfOpen: true });
    this.#options = forSockets;
    if (listener) this.on('secureConnection', listener);
    this.on('connection', (transport) => this.#accept(transport));
  }

  #accept(transport) {
    const socket = new TLSSocket(transport, this.#options);
    const failed = (error) => this.emit('tlsClientError', error, socket);
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      socket.removeListener('error', failed);
      this.emit('secureConnection', socket);
    });
  }
}

/** options: context, and those of TLSSocket; the listener is for `secureConnection`. */
const createServer = (options, listener) => new Server(options, listener);

/** An http.Server behind TLS: `createHttpsServer({ context }, (request, response) => ...)`. */
function createHttpsServer(options, listener) {
  check.optionalCallable(listener, 'listener');
  const server = new Server(options);
  server.http = http.createServer(listener);
  server.on('secureConnection', (socket) => server.http.emit('connection', socket));
  for (const event of ['request', 'upgrade', 'connect', 'checkContinue', 'clientError']) {
    const forward = (...args) => server.emit(event, ...args);
    server.on('newListener', (name) => {
      if (name === event && !server.http.listeners(event).includes(forward)) server.http.on(event, forward);
    });
  }
  return server;
}

module.exports = { Server, createServer, createHttpsServer };
