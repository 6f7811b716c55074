'use strict';

const { EventEmitter } = require('node:events');
const { Duplex } = require('node:stream');

const { createSecureContext } = require('./tls-context.js');
const { TLSSocket } = require('./tls-socket.js');

// One of two streams of which each reads what is written to the other.
class End extends Duplex {
  other = null;
  #resume = null;

  _read() {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  _write(chunk, encoding, callback) {
    this.other.#take(chunk, callback);
  }

  _final(callback) {
    this.other.#take(null, callback);
  }

  #take(chunk, callback) {
    if (this.push(chunk) || chunk === null) callback();
    else this.#resume = callback;
  }
}

/** Deprecated in node:tls, which still has it: a TLSSocket and the stream that its records go to and come from. */
class SecurePair extends EventEmitter {
  constructor(context, isServer, requestCert, rejectUnauthorized, options = {}) {
    super();
    const below = new End();
    this.encrypted = new End();
    below.other = this.encrypted;
    this.encrypted.other = below;
    const secureContext = context ?? createSecureContext();
    this.credentials = secureContext;
    // A client of a pair verified by itself, or not at all.
    this.cleartext = new TLSSocket(below, { ...options, secureContext, isServer: Boolean(isServer), requestCert: Boolean(requestCert), rejectUnauthorized });
    this.cleartext.once('secure', () => this.emit('secure'));
  }

  destroy() {
    this.cleartext.destroy();
    this.encrypted.destroy();
  }
}

const createSecurePair = (...args) => new SecurePair(...args);

module.exports = { createSecurePair };
