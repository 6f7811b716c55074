'use strict';

const http = require('node:http');
const https = require('node:https');
const net = require('node:net');

const { Bounded } = require('./bounded.js');
const { changesOf } = require('./changes.js');
const check = require('./check.js');
const { connect } = require('./connect.js');
const { createDefaultContext } = require('./context.js');
const { ValueError } = require('./error.js');
const { nearest, unknown } = require('./nearest.js');
const { REFUSED_OPTIONS, SECURE_OPTIONS, contextOf, fingerprint, refuseOptions } = require('./node-options.js');

const OWN = ['context', 'serverHostname', 'expectedNames', 'insecureNoHostname', 'suppressRaggedEofs', 'handshakeTimeout'];
const TLS = ['servername', 'checkServerIdentity', 'rejectUnauthorized', 'session', ...SECURE_OPTIONS];
const NET = ['host', 'port', 'localAddress', 'localPort', 'family', 'hints', 'lookup', 'noDelay', 'keepAlive', 'keepAliveInitialDelay',
  'autoSelectFamily', 'autoSelectFamilyAttemptTimeout', 'signal'];
const HTTP = ['keepAliveMsecs', 'maxSockets', 'maxTotalSockets', 'maxFreeSockets', 'maxCachedSessions', 'scheduling', 'timeout', 'defaultPort',
  'protocol', 'path', 'socketPath', 'highWaterMark', 'agentKeepAliveTimeoutBuffer'];
const KNOWN = [...OWN, ...TLS, ...NET, ...HTTP, ...Object.keys(REFUSED_OPTIONS)];
// What becomes an option of connect as it is.
const PASSED_ON = ['expectedNames', 'insecureNoHostname', 'suppressRaggedEofs', 'handshakeTimeout', 'checkServerIdentity', 'timeout', ...NET];
// Requests have options of all kinds, and libraries add theirs: only what looks like one that matters is a mistake.
const THAT_MATTER = [...OWN, ...TLS, ...Object.keys(REFUSED_OPTIONS)];
const OF_REQUESTS = new Set(['agent', 'auth', 'headers', 'hostname', 'method', 'query', 'search', 'hash', 'href', ...KNOWN]);

const KEPT = 100, LOOKED_AT = 1000;

// Names that are no mistake: most requests have the same.
const harmless = new Bounded(LOOKED_AT);

function refuseMisspelt(options) {
  for (const name of Object.keys(options)) {
    if (OF_REQUESTS.has(name) || harmless.get(name)) continue;
    if (nearest(name, THAT_MATTER) !== undefined) throw unknown('a request', 'option', name, THAT_MATTER);
    harmless.set(name, true);
  }
}

// Stands for a connection that could not be made: http.Agent goes on to the next request only after a socket that has failed, and by then
// has its listeners.
function failing(error) {
  const socket = new net.Socket();
  // What is written waits.
  socket.connecting = true;
  setImmediate(() => socket.destroy(error));
  return socket;
}

/** An https.Agent whose connections are ours: `https.request({ agent: new Agent({ context }), ... })`. */
class Agent extends https.Agent {
  // Made when they are first needed: the one for requests without options, and those of options.
  #default;
  #contexts = new Bounded(KEPT);
  // The last session of each name, so that the next connection can resume it, and how often its context had been changed when it was made.
  #sessions;
  // The name of each connection, by the options that Node keeps beside it: what is in those may have changed since.
  #names = new WeakMap();
  // The context of each connection, and how often that had been changed then.
  #origins = new WeakMap();

  /**
   * options: context (checks certificates and names by default) or the options of node:tls that make one, and those of https.Agent.
   * Requests have them too.
   */
  constructor(options = {}) {
    const given = check.options(options, 'Agent', KNOWN);
    const isBare = fingerprint(given) === '';
    const context = isBare ? undefined : contextOf(given, 'Agent', false);
    refuseOptions(given, 'Agent');
    check.optionalCallable(given.checkServerIdentity, 'checkServerIdentity');
    const kept = check.integer(given.maxCachedSessions ?? KEPT, 'maxCachedSessions', 0);
    super({ ...given, maxCachedSessions: 0 });
    this.#sessions = new Bounded(kept);
    if (!isBare) this.#contexts.set(fingerprint(given), context);
    // http.Agent gives a connection that is done to the request that waits for it, unless it is destroyed.
    this.prependListener('free', (socket) => {
      if (this.#isOutdated(socket)) socket.destroy();
    });
  }

  // Whether the context of a connection was changed since: it might refuse the server now, or show it another certificate. This is no part of
  // the name, by which http.Agent finds the requests that wait.
  #isOutdated(socket) {
    const origin = this.#origins.get(socket);
    return origin !== undefined && changesOf(origin.context) !== origin.changes;
  }

  // http.Agent passes over those that are destroyed.
  #dropOutdated() {
    for (const sockets of Object.values(this.freeSockets)) for (const socket of sockets) if (this.#isOutdated(socket)) socket.destroy();
  }

  /** Requests whose names are equal can use the same connection. */
  getName(options = {}) {
    return this.#names.get(options) ?? this.#nameOf(options);
  }

  #nameOf(given) {
    const options = { __proto__: null, ...given }, { serverHostname, servername, host } = options;
    // In quotes, so that a colon in the name does not separate parts.
    const peer = JSON.stringify(String(serverHostname ?? (servername || host || '')));
    return `${http.Agent.prototype.getName.call(this, options)}:${peer}${servername === '' ? ' unsent' : ''}:${fingerprint(options)}`;
  }

  // As in Node, the agent's options take precedence over those of requests.
  #with(options) {
    return { __proto__: null, ...options, ...this.options };
  }

  // Also where a context or a connection is there already: what is refused is not part of their names.
  #refuse(options) {
    refuseMisspelt(options);
    refuseOptions(options, 'a request');
  }

  addRequest(request, options, ...others) {
    try {
      this.#refuse(this.#with(options));
    } catch (error) {
      return void request.onSocket(null, error);
    }
    this.#dropOutdated();
    super.addRequest(request, options, ...others);
  }

  #contextOf(options) {
    const name = fingerprint(options);
    if (name === '') return (this.#default ??= createDefaultContext());
    return this.#contexts.get(name) ?? this.#contexts.set(name, contextOf(options, 'a request', false));
  }

  /** done: given by http.Agent, which then gets a socket in any case; without it errors are thrown. */
  createConnection(options, done) {
    if (options === null || typeof options !== 'object') throw check.wrong('options', 'an object', options);
    try {
      const all = this.#with(options), name = this.#nameOf(all);
      if (typeof done === 'function') this.#names.set(options, name);
      return this.#connect(all, name);
    } catch (error) {
      if (typeof done !== 'function') throw error;
      return failing(error);
    }
  }

  #connect(options, name) {
    this.#refuse(options);
    const context = this.#contextOf(options), given = { context }, changes = changesOf(context);
    for (const name of PASSED_ON) if (options[name] !== undefined && options[name] !== null) given[name] = options[name];
    if (options.socketPath) given.path = options.socketPath;
    given.port = Number(given.port ?? 443);
    given.serverHostname = options.serverHostname ?? (options.servername || options.host);
    const socket = this.#resume(name, connect(given), options.session, changes);
    // As in Node: the host is checked, and not sent.
    if (options.servername === '') socket.setServerName(null);
    this.#origins.set(socket, { context, changes });
    return this.#keepSession(name, socket, changes);
  }

  // None of before a change: the server would take the client for whom it was then. That the context refuses one is no reason to fail.
  #sessionFor(name, changes) {
    const kept = this.#sessions.get(name);
    return kept?.changes === changes ? kept.session : undefined;
  }

  #resume(name, socket, own, changes) {
    const session = own ?? this.#sessionFor(name, changes);
    if (!session) return socket;
    try {
      socket.session = session;
    } catch (error) {
      if (!(error instanceof ValueError) || own) {
        socket.destroy();
        throw error;
      }
      this.#sessions.delete(name);
    }
    return socket;
  }

  #keepSession(name, socket, changes) {
    socket.once('close', (hadError) => {
      if (hadError || socket.errored) this.#sessions.delete(name);
    });
    return socket.on('session', (session) => this.#sessions.set(name, { session, changes }));
  }
}

module.exports = { Agent };
