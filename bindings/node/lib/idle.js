'use strict';

const check = require('./check.js');

/** The timer for a connection without traffic, as in net.Socket. */
class Idle {
  #socket;
  #timer;

  constructor(socket) {
    this.#socket = socket;
  }

  set(msecs, listener) {
    const socket = this.#socket;
    if (socket.destroyed) return;
    const milliseconds = check.milliseconds(msecs, 'milliseconds');
    if (listener !== undefined) check.callable(listener, 'callback');
    socket.timeout = milliseconds;
    this.stop();
    if (milliseconds > 0) this.#timer = setTimeout(() => socket.emit('timeout'), milliseconds).unref();
    if (listener === undefined) return;
    if (milliseconds > 0) socket.once('timeout', listener);
    else socket.removeListener('timeout', listener);
  }

  /** Restarts the timer: there was traffic. */
  refresh() {
    if (this.#timer !== undefined) this.#timer.refresh();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

module.exports = { Idle };
