'use strict';

const failure = require('./failure.js');
const { Outgoing } = require('./outgoing.js');

/** What a connection is to send: the write under way, and the end. */
class Sending {
  #transport;
  #work;
  // An Outgoing; and the callback of the end.
  #pending = null;
  #final = null;
  #isEnded = false;
  // Whether the transport had sent everything else when close_notify was written.
  #nothingToLose = false;
  #isOver = false;

  constructor(transport, work) {
    this.#transport = transport;
    this.#work = work;
  }

  /** Takes a write. size: how many bytes there were when it was made. */
  write(chunks, size, callback) {
    this.#pending = new Outgoing(chunks, size, callback);
  }

  /** Takes the end. */
  end(callback) {
    this.#final = callback;
  }

  /** Whether the end was sent. */
  get isEnded() {
    return this.#isEnded;
  }

  get isEndDue() {
    return this.#pending === null && this.#final !== null && !this.#isEnded;
  }

  /** Whether a write or the end was not passed on whole. */
  get isUnderWay() {
    return this.#pending !== null || this.#final !== null;
  }

  /** Whether only our close_notify can be lost. */
  get nothingToLose() {
    return this.#nothingToLose;
  }

  /** The error of what can no longer be sent, once the transport has closed; null for none. */
  loss() {
    return this.isUnderWay && !this.#nothingToLose ? failure.closed() : null;
  }

  /** Sends what was written, as far as the transport takes it. Returns the error that has ended it, or null. */
  send(engine) {
    const pending = this.#pending;
    if (pending === null) return null;
    while (!pending.done) {
      if (engine.full) return null;
      if (!this.#transport.writable) return failure.closed();
      const { index, start } = pending, changed = pending.check();
      if (changed !== null) return changed;
      engine.send(pending);
      if (this.#isOver) return null;
      if (engine.error !== null) return engine.error;
      if (pending.index === index && pending.start === start) return null;
    }
    if (engine.full) return null;
    this.#pending = null;
    this.#call(pending.callback);
    return null;
  }

  // What the callbacks of a program throw is its own.
  #call(callback, reason) {
    try {
      callback(reason);
    } catch (error) {
      this.#work.hold(error);
    }
  }

  /** Sends close_notify; then the transport ends too, unless it is to be used without TLS. Returns whether this side has ended. */
  sendEnd(engine, isUnwrapping) {
    this.#isEnded = true;
    const transport = this.#transport;
    this.#nothingToLose = transport.writableLength === 0;
    if (transport.writable) engine.closeWrite();
    if (this.#isOver) return false;
    const { error } = engine;
    if (error !== null && transport.writable) this.#settle(error);
    else if (!isUnwrapping && transport.writable) transport.end((lost) => this.#settle(this.#nothingToLose ? null : lost));
    else {
      this.#settle(null);
      return true;
    }
    return false;
  }

  #settle(error) {
    const callback = this.#final;
    this.#final = null;
    if (callback !== null) this.#call(callback, error);
  }

  /** The connection is over. Returns a function that tells those who wait why. */
  stop() {
    const pending = this.#pending;
    this.#pending = null;
    this.#isOver = true;
    return (reason) => {
      if (pending !== null) this.#call(pending.callback, reason);
      this.#settle(reason);
    };
  }
}

module.exports = { Sending };
