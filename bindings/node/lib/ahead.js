'use strict';

// While a server's program is asked about a ClientHello, the transport is read on, within a limit: a client that has gone is noticed, which in that
// state can never finish a handshake. Later a client may have said all that it has to say, and its end has to wait for its turn.

// What may come before the answer, and what each chunk counts for at least: small ones cost more than their bytes.
const MOST = 65536, LEAST = 1024;

/** What a connection has received before its ClientHello was answered. */
class Ahead {
  #size = 0;

  count({ length }) {
    this.#size += Math.max(length, LEAST);
  }

  /** Whether the program is being asked. */
  isAsking(engine, gate) {
    return engine.waits && engine.choked && gate.wasHeard === false;
  }

  /** Whether the transport has to be paused until the engine goes on. */
  stops(engine, gate) {
    return engine.choked && !(this.#size < MOST && this.isAsking(engine, gate));
  }
}

module.exports = { Ahead };
