'use strict';

const net = require('node:net');
const { inspect } = require('node:util');

const { remember } = require('./below.js');
const { MemoryBIO } = require('./bio.js');
const check = require('./check.js');
const { numbers } = require('./constants.js');
const { SSLContext } = require('./context.js');
const { NotImplementedError } = require('./error.js');
const failure = require('./failure.js');
const { checkGateOptions } = require('./gate.js');
const { contextAlpn } = require('./inside.js');
const { REFUSED_OPTIONS, SECURE_OPTIONS, SERVER_ONLY, contextOf } = require('./node-options.js');
const { rejected } = require('./rejected.js');
const { TLSSocket } = require('./socket.js');

const PASSED_ON = ['context', 'suppressRaggedEofs', 'allowHalfOpen', 'highWaterMark', 'handshakeTimeout', 'SNICallback', 'ALPNCallback'];
const FOR_NET = ['noDelay', 'keepAlive', 'keepAliveInitialDelay', 'blockList'];
const SERVER_OPTIONS = [...PASSED_ON, ...FOR_NET, ...SECURE_OPTIONS, ...SERVER_ONLY, 'rejectUnauthorized', ...Object.keys(REFUSED_OPTIONS)];
const HANDSHAKE_TIMEOUT = 120_000;

// Events of tls.Server that would never come.
const NEVER = {
  newSession: 'the context keeps sessions, or what setSessionCache gives it',
  resumeSession: 'the context keeps sessions, or what setSessionCache gives it',
  OCSPRequest: 'setOcspResponse of the context takes the response',
};

// As in Node, a star stands for one label or a part of it.
function matcherOf(serverName) {
  const parts = check.string(serverName, 'serverName').split('*').map((part) => part.replace(/[.^$+?()|\-\\[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^.]*')}$`, 'i');
}

function contextFor(given) {
  // Without any certificate only a context will do.
  if (!given.SNICallback && !given.cert && !given.key && !given.pfx) check.instance(given.context, SSLContext, 'context');
  return contextOf(given, 'createServer', true);
}

function socketOptions(given) {
  const options = { __proto__: null, serverSide: true, handshakeTimeout: HANDSHAKE_TIMEOUT, allowHalfOpen: false };
  for (const name of PASSED_ON) if (given[name] !== undefined) options[name] = given[name];
  options.context = contextFor(given);
  checkGateOptions(options, true);
  return options;
}

// Wrong options are reported here, to the caller, and not at each connection.
function tryOptions({ context }) {
  context.wrapBio(new MemoryBIO(), new MemoryBIO(), { serverSide: true });
}

/**
 * A net.Server whose connections speak TLS. Events: `secureConnection` (TLSSocket) after the handshake, and
 * `tlsClientError` (error, TLSSocket) for a connection that failed before, or later without a listener for its errors:
 * a client cannot end the process. The error has the client's remoteAddress and remotePort.
 */
class Server extends net.Server {
  #options;
  // Names and their contexts, the last added first.
  #named = [];
  // Options for contexts that are made later: protocols, and whether clients must send a certificate.
  #always = {};

  constructor(options, listener) {
    const given = check.options(options, 'createServer', SERVER_OPTIONS);
    const forSockets = socketOptions(given);
    tryOptions(forSockets);
    check.optionalCallable(listener, 'listener');
    const forNet = { noDelay: true, allowHalfOpen: true };
    for (const name of FOR_NET) if (given[name] !== undefined) forNet[name] = given[name];
    super(forNet);
    // Older versions of Node would let in whom the list blocks.
    if (given.blockList && !Object.hasOwn(this, 'blockList')) throw new NotImplementedError('this version of Node has no servers with a blockList');
    this.#options = forSockets;
    const { context } = forSockets, protocols = contextAlpn(context);
    if (protocols.length > 0) this.#always.ALPNProtocols = protocols;
    if (context.verifyMode !== numbers.CERT_NONE) this.#always.requestCert = true;
    this.on('newListener', (event) => {
      if (Object.hasOwn(NEVER, event)) throw new NotImplementedError(`servers have no event "${event}": ${NEVER[event]}`);
    });
    if (listener) this.on('secureConnection', listener);
    this.on('connection', (transport) => this.#accept(transport));
  }

  /** Sets the context of new connections: an SSLContext, or the options of node:tls that make one. */
  setSecureContext(options) {
    this.#options = { ...this.#options, context: this.#later(options, 'setSecureContext') };
  }

  /** Adds a context for clients that ask for this name, which may have stars; the last match is used. */
  addContext(serverName, options) {
    this.#named.unshift([matcherOf(serverName), this.#later(options, 'addContext')]);
    this.#options = { SNICallback: (name) => this.#contextOf(name), ...this.#options };
  }

  // A given context is used as it is.
  #later(options, what) {
    const given = options instanceof SSLContext ? { __proto__: null, context: options } : check.options(options, what, SERVER_OPTIONS);
    const context = contextFor(given.context ? given : { __proto__: null, ...this.#always, ...given });
    tryOptions({ context });
    return context;
  }

  #contextOf(name) {
    return this.#named.find(([matcher]) => matcher.test(name))?.[1] ?? null;
  }

  getTicketKeys() {
    throw new NotImplementedError('ticket keys are the context\'s: setTicketKeys of it sets them, and nothing tells them');
  }

  setTicketKeys() {
    this.getTicketKeys();
  }

  #accept(transport) {
    // After closing, the addresses could no longer be found.
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

  // What the program threw may not be an object, or may be frozen.
  #tell(reason, socket) {
    const error = Object.isExtensible(reason) ? reason : new Error(`the connection failed with ${inspect(reason)}`, { cause: reason });
    error.remoteAddress = socket.remoteAddress;
    error.remotePort = socket.remotePort;
    this.emit('tlsClientError', error, socket);
  }
}

Server.prototype[Symbol.for('nodejs.rejection')] = rejected;

/** options: context, and those of TLSSocket. The listener is for `secureConnection`. */
const createServer = (options, listener) => new Server(options, listener);

module.exports = { Server, SERVER_OPTIONS, createServer };
