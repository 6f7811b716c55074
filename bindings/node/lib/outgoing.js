'use strict';

const { numbers } = require('./constants.js');
const failure = require('./failure.js');

// As much as one call of the pump takes: MOST_PLAINTEXT of src/addon.h.
const MOST = 4 * numbers.RECORD_SIZE;

/** A write under way. The buffers are the writer's, who may detach or resize them at any time: what changed is not sent. */
class Outgoing {
  chunks;
  callback;
  /** Where to go on. */
  index = 0;
  start = 0;
  #lengths;

  /** size: how many bytes there were when they were written. */
  constructor(chunks, size, callback) {
    this.chunks = chunks;
    this.callback = callback;
    this.#lengths = chunks.map((chunk) => chunk.length);
    this.wasChanged = this.#lengths.reduce((sum, length) => sum + length, 0) !== size;
  }

  get done() {
    return this.index === this.chunks.length;
  }

  /** The error if what the next call takes is not what was written. */
  check() {
    let changed = this.wasChanged;
    for (let i = this.index, taken = -this.start; i < this.chunks.length && taken < MOST && !changed; i++) {
      changed = this.chunks[i].length !== this.#lengths[i];
      taken += this.#lengths[i];
    }
    return changed ? failure.changed('a written buffer') : null;
  }

  /** So many bytes are sent. */
  use(count) {
    this.start += count;
    while (!this.done && this.start >= this.#lengths[this.index]) {
      this.start -= this.#lengths[this.index];
      // Nothing is kept that is not needed any more.
      this.chunks[this.index++] = null;
    }
  }
}

module.exports = { Outgoing };
