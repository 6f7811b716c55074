'use strict';

const { numbers } = require('./constants.js');
const failure = require('./failure.js');

// The most that one call of the pump takes: MOST_PLAINTEXT of src/addon.h.
const MOST = 4 * numbers.RECORD_SIZE;

/** A write under way. The buffers belong to the program, which may detach or resize them at any time: a changed buffer is not sent. */
class Outgoing {
  chunks;
  callback;
  /** The next chunk to send, and where in it. */
  index = 0;
  start = 0;
  #lengths;

  /** size: how many bytes there were when they were written. */
  constructor(chunks, size, callback) {
    this.chunks = chunks;
    this.callback = callback;
    this.#lengths = [];
    let sum = 0;
    for (const { length } of chunks) {
      this.#lengths.push(length);
      sum += length;
    }
    this.wasChanged = sum !== size;
  }

  get done() {
    return this.index === this.chunks.length;
  }

  /** The error if a buffer that the next call would send has changed. */
  check() {
    let changed = this.wasChanged;
    for (let i = this.index, taken = -this.start; i < this.chunks.length && taken < MOST && !changed; i++) {
      changed = this.chunks[i].length !== this.#lengths[i];
      taken += this.#lengths[i];
    }
    return changed ? failure.changed('a written buffer') : null;
  }

  /** Marks `count` bytes as sent. */
  use(count) {
    this.start += count;
    while (!this.done && this.start >= this.#lengths[this.index]) {
      this.start -= this.#lengths[this.index];
      // Buffers that are sent can be freed.
      this.chunks[this.index++] = null;
    }
  }
}

module.exports = { Outgoing };
