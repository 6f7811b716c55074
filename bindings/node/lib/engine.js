'use strict';

// The one place that calls the pump: the shared array, the slabs and the transport's writes.

const net = require('node:net');

const { enter, leave } = require('./callback.js');
const { numbers, status: STATUS } = require('./constants.js');
const native = require('./native.js');
const { SLAB_SIZE, readPool, writePool } = require('./pool.js');

const { control } = native;
const { PUMP_EOF, PUMP_CLOSE_WRITE } = numbers;
// The slots of src/addon.h.
const FLAGS = 0;
const CIPHERTEXT_IN_START = 1;
const CIPHERTEXT_IN_LEN = 2;
const PLAINTEXT_IN_START = 3;
const PLAINTEXT_IN_LEN = 4;
const PLAINTEXT_OUT_START = 5;
const PLAINTEXT_OUT_SIZE = 6;
const CIPHERTEXT_OUT_START = 7;
const CIPHERTEXT_OUT_SIZE = 8;
const CIPHERTEXT_USED = 9;
const PLAINTEXT_USED = 10;
const PLAINTEXT_LEN = 11;
const CIPHERTEXT_LEN = 12;
const CIPHERTEXT_PENDING = 13;
const PLAINTEXT_PENDING = 14;
const HANDSHAKE_DONE = 15;
const PEER_CLOSED = 16;
// What fills a slab with full records.
const MOST_PLAINTEXT = 4 * numbers.RECORD_SIZE;

/** A native connection and the transport it writes to. The outcome of a call is in the fields until the next call. */
class Engine {
  status = STATUS.WANT_READ;
  error = null;
  ciphertextUsed = 0;
  plaintextUsed = 0;
  /** What was decrypted; null for nothing. */
  plaintext = null;
  plaintextPending = 0;
  handshakeDone = false;
  peerClosed = false;
  /** Whether the transport takes no more for now. */
  full = false;
  #handle;
  #owner;
  #transport;
  #comesBack;

  constructor(handle, transport, owner) {
    this.#handle = handle;
    this.#owner = owner;
    this.#transport = transport;
    // Other streams may hand the very buffer on, and say at once that they are done with it.
    this.#comesBack = transport.constructor === net.Socket;
  }

  /** Ciphertext in (or null; `ended`: no more will come), plaintext out. */
  receive(ciphertext, start, ended) {
    const slab = readPool.lend();
    control[FLAGS] = ended ? PUMP_EOF : 0;
    control[CIPHERTEXT_IN_START] = start;
    control[CIPHERTEXT_IN_LEN] = ciphertext === null ? 0 : ciphertext.length - start;
    control[PLAINTEXT_IN_LEN] = 0;
    control[PLAINTEXT_OUT_START] = slab.start;
    control[PLAINTEXT_OUT_SIZE] = SLAB_SIZE - slab.start;
    this.#run(ciphertext, null, slab, 0);
  }

  /** Plaintext in, ciphertext out. */
  send(plaintext, start, closeWrite) {
    const len = plaintext === null ? 0 : Math.min(plaintext.length - start, MOST_PLAINTEXT);
    control[FLAGS] = closeWrite ? PUMP_CLOSE_WRITE : 0;
    control[CIPHERTEXT_IN_LEN] = 0;
    control[PLAINTEXT_IN_START] = start;
    control[PLAINTEXT_IN_LEN] = len;
    control[PLAINTEXT_OUT_SIZE] = 0;
    this.#run(null, plaintext, null, len);
  }

  #run(ciphertextIn, plaintextIn, into, len) {
    const out = writePool.lend(len);
    control[CIPHERTEXT_OUT_START] = out.start;
    control[CIPHERTEXT_OUT_SIZE] = SLAB_SIZE - out.start;
    const before = enter(this.#owner);
    const answer = native.pump(this.#handle, ciphertextIn, plaintextIn, into === null ? null : into.buffer, out.buffer);
    leave(before);
    const failed = typeof answer !== 'number';
    this.error = failed ? answer : null;
    this.status = failed ? STATUS.SSL : answer;
    this.ciphertextUsed = control[CIPHERTEXT_USED];
    this.plaintextUsed = control[PLAINTEXT_USED];
    this.plaintextPending = control[PLAINTEXT_PENDING];
    this.handshakeDone = control[HANDSHAKE_DONE] !== 0;
    this.peerClosed = control[PEER_CLOSED] !== 0;
    const plaintextLen = control[PLAINTEXT_LEN];
    const ciphertextLen = control[CIPHERTEXT_LEN];
    const more = control[CIPHERTEXT_PENDING] > 0;
    this.plaintext = plaintextLen > 0 ? into.take(plaintextLen) : null;
    if (into !== null) readPool.giveBack(into);
    this.#write(out, ciphertextLen);
    if (more) this.#drain();
  }

  // Rare: ciphertext that found no room. It leaves the fields alone.
  #drain() {
    for (;;) {
      const out = writePool.lend(numbers.RECORD_SIZE);
      control.fill(0, FLAGS, CIPHERTEXT_USED);
      control[CIPHERTEXT_OUT_START] = out.start;
      control[CIPHERTEXT_OUT_SIZE] = SLAB_SIZE - out.start;
      native.pump(this.#handle, null, null, null, out.buffer);
      const len = control[CIPHERTEXT_LEN];
      const more = control[CIPHERTEXT_PENDING] > 0;
      this.#write(out, len);
      if (!more || len === 0) return;
    }
  }

  #write(out, len) {
    const wanted = len > 0 && this.#transport.writable;
    const part = wanted ? out.take(len, this.#comesBack) : null;
    writePool.giveBack(out);
    if (wanted) this.full = !this.#transport.write(part, this.#comesBack ? out.release : undefined);
  }
}

module.exports = { Engine };
