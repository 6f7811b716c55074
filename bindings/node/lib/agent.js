'use strict';

const https = require('node:https');

const check = require('./check.js');
const { SSLContext, createDefaultContext } = require('./context.js');
const { connect } = require('./connect.js');

const OWN = ['context', 'serverHostname', 'suppressRaggedEofs', 'handshakeTimeout'];
// What http passes to createConnection beyond what connect knows.
const PASSED_ON = ['host', 'port', 'path', 'localAddress', 'family', 'lookup', 'signal'];

const KEPT_SESSIONS = 100;

/** An https.Agent whose connections are ours: `https.request({ agent: new Agent({ context }), ... })`. */
class Agent extends https.Agent {
  #own = {};
  // The last session of each host, so that the next connection can resume it.
  #sessions = new Map();

  /** options: context (checks certificates and names by default), and those of https.Agent. */
  constructor(options = {}) {
    if (options === null || typeof options !== 'object') throw check.wrong('options', 'an object', options);
    const rest = { ...options };
    check.optionalInstance(rest.context, SSLContext, 'context');
    const own = {};
    for (const name of OWN) {
      if (rest[name] !== undefined) own[name] = rest[name];
      delete rest[name];
    }
    super({ ...rest, maxCachedSessions: 0 });
    this.#own = { ...own, context: own.context ?? createDefaultContext() };
  }

  createConnection(options) {
    const given = { ...this.#own };
    for (const name of PASSED_ON) if (options[name] !== undefined && options[name] !== null) given[name] = options[name];
    if (options.socketPath) given.path = options.socketPath;
    else delete given.path;
    given.port = Number(given.port ?? 443);
    given.serverHostname ??= options.servername || options.host;
    const key = `${given.host}:${given.port}:${given.path ?? ''}:${given.serverHostname}`;
    given.session = this.#sessions.get(key);
    return connect(given).on('session', (session) => this.#keep(key, session));
  }

  #keep(key, session) {
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    if (this.#sessions.size > KEPT_SESSIONS) this.#sessions.delete(this.#sessions.keys().next().value);
  }
}

module.exports = { Agent };
