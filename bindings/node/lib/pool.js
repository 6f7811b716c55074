'use strict';

// Buffers for what the pump puts out. A fresh Buffer for each record would cost more than its encryption, so many
// records share one slab, each in a part of its own.

const { numbers } = require('./constants.js');

const { RECORD_SIZE, RECORD_OVERHEAD } = numbers;
const RECORD = RECORD_SIZE + RECORD_OVERHEAD;
// Room for four full records: what one read of Node's sockets brings.
const SLAB_SIZE = 4 * RECORD;
const KEPT = 4;

/** Decrypted bytes go to the reader for good; the collector frees a slab with its last part. */
class ReadSlab {
  buffer = Buffer.allocUnsafeSlow(SLAB_SIZE);
  start = 0;

  take(len) {
    const part = this.buffer.subarray(this.start, this.start + len);
    // Parts begin at multiples of 8, as typed arrays over them may want.
    this.start = Math.min(SLAB_SIZE, (this.start + len + 7) & ~7);
    return part;
  }
}

class ReadPool {
  #slab = null;

  /** Lends a slab with room for a full record, and for what `len` bytes of ciphertext hold. */
  lend(len) {
    const slab = this.#slab, room = Math.min(SLAB_SIZE, Math.max(len, RECORD_SIZE));
    this.#slab = null;
    return slab !== null && SLAB_SIZE - slab.start >= room ? slab : new ReadSlab();
  }

  giveBack(slab) {
    this.#slab = slab;
  }
}

/**
 * Slabs of ciphertext. A part is taken by moving `start` on; what the transport has passed on for good is given up by
 * leaving it where it was.
 */
class WriteSlab {
  buffer = Buffer.allocUnsafeSlow(SLAB_SIZE);
  start = 0;
}

class WritePool {
  #free = [];

  /** Lends a slab with room for `len` bytes of plaintext in full records. */
  lend(len) {
    const room = len < RECORD_SIZE ? len + RECORD_OVERHEAD : SLAB_SIZE;
    const slab = this.#free.pop();
    return slab !== undefined && SLAB_SIZE - slab.start >= room ? slab : new WriteSlab();
  }

  giveBack(slab) {
    if (this.#free.length < KEPT && SLAB_SIZE - slab.start >= RECORD_OVERHEAD) this.#free.push(slab);
  }
}

// One of each per thread. A slab is lent for the time of one call of the pump: a callback may pump another connection.
module.exports = { readPool: new ReadPool(), writePool: new WritePool(), SLAB_SIZE };
