'use strict';

// Buffers for what the pump puts out. A fresh Buffer for each record would cost more than its encryption, so many
// records share one slab, each in a part of its own.

const { numbers } = require('./constants.js');

const RECORD = numbers.RECORD_SIZE + numbers.RECORD_OVERHEAD;
// Room for four full records: what one read of Node's sockets brings.
const SLAB_SIZE = 4 * RECORD;
const KEPT = 8;

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

  /** Lends a slab with room for a full record. */
  lend() {
    const slab = this.#slab;
    this.#slab = null;
    return slab !== null && SLAB_SIZE - slab.start >= numbers.RECORD_SIZE ? slab : new ReadSlab();
  }

  giveBack(slab) {
    this.#slab = slab;
  }
}

/** A slab of ciphertext: used again when the transport says that it needs none of it any more. */
class WriteSlab {
  buffer = Buffer.allocUnsafeSlow(SLAB_SIZE);
  start = 0;
  #parts = 0;
  #retired = false;
  #reusable = true;
  #pool;

  constructor(pool) {
    this.#pool = pool;
  }

  take(len, comesBack) {
    const part = this.buffer.subarray(this.start, this.start + len);
    this.start += len;
    if (comesBack) this.#parts++;
    else this.#reusable = false;
    return part;
  }

  // The callback of a write.
  release = (error) => {
    this.#parts--;
    if (error) this.#reusable = false;
    this.#recycle();
  };

  retire() {
    this.#retired = true;
    this.#recycle();
  }

  #recycle() {
    if (!this.#retired || this.#parts > 0 || !this.#reusable) return;
    this.#retired = false;
    this.start = 0;
    this.#pool.keep(this);
  }
}

class WritePool {
  #free = [];
  #slab = null;

  /** Lends a slab with room for `len` bytes of plaintext in full records. */
  lend(len) {
    const room = len < numbers.RECORD_SIZE ? len + numbers.RECORD_OVERHEAD : SLAB_SIZE;
    const slab = this.#slab;
    this.#slab = null;
    if (slab !== null && SLAB_SIZE - slab.start >= room) return slab;
    slab?.retire();
    return this.#free.pop() ?? new WriteSlab(this);
  }

  giveBack(slab) {
    this.#slab?.retire();
    this.#slab = slab;
  }

  keep(slab) {
    if (this.#free.length < KEPT) this.#free.push(slab);
  }
}

// One of each per thread. A slab is lent for the time of one call of the pump: a callback may pump another connection.
module.exports = { readPool: new ReadPool(), writePool: new WritePool(), SLAB_SIZE };
