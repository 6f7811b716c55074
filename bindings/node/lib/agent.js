'use strict';

const https = require('node:https');

const check = require('./check.js');
const { SSLContext, createDefaultContext } = require('./context.js');
const { connect } = require('./connect.js');

const OWN = ['context', 'serverHostname', 'suppressRaggedEofs', 'handshakeTimeout'];
// What http passes to createConnection beyond what connect knows.
const PASSED_ON = ['host', 'port', 'path', 'localAddress', 'family', 'lookup', 'signal'];

/** An https.Agent whose connections are ours: `https.request({ agent: new Agent({ context }), ... })`. */
class Agent extends https.Agent {
  #own = {};

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
    return connect(given);
  }
}

module.exports = { Agent };
