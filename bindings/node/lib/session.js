'use strict';

const check = require('./check.js');
require('./error.js');
const native = require('./native.js');

// Not exported: only this module can make sessions.
const KEY = Symbol('made by a connection');

/** A session that a later connection can resume. Connections make them. Python: SSLSession */
class SSLSession {
  #handle;
  #facts;

  constructor(key, handle) {
    if (key !== KEY) throw new TypeError('connections make sessions: see SSLObject.session');
    this.#handle = handle;
    this.#facts = native.sessionFacts(handle);
  }

  /** The id, up to 32 bytes; empty if the session has only a ticket. */
  get id() {
    return this.#facts.id;
  }

  /** When it was made, in seconds since 1970. */
  get time() {
    return this.#facts.time;
  }

  /** For how many seconds it may be resumed. */
  get timeout() {
    return this.#facts.timeout;
  }

  get ticketLifetimeHint() {
    return this.#facts.ticketLifetimeHint;
  }

  get hasTicket() {
    return this.#facts.hasTicket;
  }

  /** The session as bytes, to be kept: `SSLSession.fromData(context, data)`. They are secret. */
  toData() {
    return native.sessionData(this.#handle);
  }

  /** Reads the bytes of toData, for connections of this context. */
  static fromData(context, data) {
    const { SSLContext, contextHandle } = require('./context.js');
    const handle = contextHandle(check.instance(context, SSLContext, 'context'));
    return new SSLSession(KEY, native.sessionNewData(handle, check.bytes(data, 'data')));
  }

  /** Python: a == b */
  equals(other) {
    return native.sessionEqual(this.#handle, check.instance(other, SSLSession, 'other').#handle);
  }

  static handle(session) {
    return session.#handle;
  }
}

// Only for the other modules of this directory.
const handleOf = SSLSession.handle;
delete SSLSession.handle;
const sessionHandle = (session) => (session === null ? null : handleOf(session));
const makeSession = (handle) => (handle === null ? null : new SSLSession(KEY, handle));

module.exports = { SSLSession, makeSession, sessionHandle };
