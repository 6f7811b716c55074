'use strict';

// The one place that calls the pump: the shared array, the slabs and the transport's writes.

const net = require('node:net');

const { enter, leave } = require('./callback.js');
const { numbers, status: STATUS } = require('./constants.js');
const native = require('./native.js');
const { SLAB_SIZE, readPool, writePool } = require('./pool.js');

// Looked up once: objects with so many properties are slow to look into.
const { control, pump } = native;
const { PUMP_EOF, PUMP_CLOSE_WRITE, RECORD_SIZE, RECORD_OVERHEAD } = numbers;
const { SSL, WANT_READ } = STATUS;
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
const FAILURE_PENDING = 17;
// What fills a slab with full records.
const MOST_PLAINTEXT = 4 * RECORD_SIZE;

const fits = (start, rest) => SLAB_SIZE - start >= Math.min(rest, RECORD_SIZE) + RECORD_OVERHEAD;

/** A native connection and the transport it writes to. The outcome of a call is in the fields until the next call. */
class Engine {
  status = WANT_READ;
  error = null;
  ciphertextUsed = 0;
  plaintextUsed = 0;
  /** What was decrypted; null for nothing. */
  plaintext = null;
  plaintextPending = 0;
  handshakeDone = false;
  peerClosed = false;
  /** Whether the next `receive` fails, as bytes came before. */
  failurePending = false;
  /** Whether the transport takes no more for now. */
  full = false;
  /** Whether the transport was corked, as the last flight of a handshake goes out. */
  corked = false;
  #handle;
  #owner;
  #transport;
  #isSocket;
  #settled = false;
  #ciphertextPending = false;
  // A slab that is in the transport as a whole, until that says `drain`.
  #held = null;

  constructor(handle, transport, owner) {
    this.#handle = handle;
    this.#owner = owner;
    this.#transport = transport;
    // Those pass bytes on before they count them as written; other streams may hand the very buffer on.
    this.#isSocket = transport.constructor === net.Socket;
  }

  /** Ciphertext in (or null; `ended`: no more will come), plaintext out. */
  receive(ciphertext, start, ended) {
    const inLen = ciphertext === null ? 0 : ciphertext.length - start;
    const slab = readPool.lend(inLen), out = writePool.lend(0);
    control[FLAGS] = ended ? PUMP_EOF : 0;
    control[CIPHERTEXT_IN_START] = start;
    control[CIPHERTEXT_IN_LEN] = inLen;
    control[PLAINTEXT_IN_LEN] = 0;
    control[PLAINTEXT_OUT_START] = slab.start;
    control[PLAINTEXT_OUT_SIZE] = SLAB_SIZE - slab.start;
    const len = this.#pump(ciphertext, null, slab.buffer, out, out.start);
    const plaintextLen = control[PLAINTEXT_LEN];
    this.plaintext = plaintextLen > 0 ? slab.take(plaintextLen) : null;
    readPool.giveBack(slab);
    this.#finish(out, len);
  }

  /** Encrypts and sends what a slab holds of the chunks of a write: { list, index, start, size }. */
  send(pending) {
    const out = writePool.lend(pending.size);
    const { list } = pending;
    let len = 0;
    do {
      const chunk = list[pending.index], rest = chunk.length - pending.start;
      if (len > 0 && !fits(out.start + len, rest)) break;
      control[FLAGS] = 0;
      control[CIPHERTEXT_IN_LEN] = 0;
      control[PLAINTEXT_IN_START] = pending.start;
      control[PLAINTEXT_IN_LEN] = rest < MOST_PLAINTEXT ? rest : MOST_PLAINTEXT;
      control[PLAINTEXT_OUT_SIZE] = 0;
      len += this.#pump(null, chunk, null, out, out.start + len);
      pending.start += this.plaintextUsed;
      this.#owner.bytesWritten += this.plaintextUsed;
      if (pending.start < chunk.length) break;
      pending.start = 0;
      pending.index++;
    } while (pending.index < list.length && this.error === null);
    this.plaintext = null;
    this.#finish(out, len);
  }

  /** Sends close_notify. */
  closeWrite() {
    const out = writePool.lend(0);
    control.fill(0, FLAGS, CIPHERTEXT_USED);
    control[FLAGS] = PUMP_CLOSE_WRITE;
    const len = this.#pump(null, null, null, out, out.start);
    this.plaintext = null;
    this.#finish(out, len);
  }

  /** The transport has passed everything on. */
  drained() {
    this.full = false;
    if (this.#held === null) return;
    writePool.giveBack(this.#held);
    this.#held = null;
  }

  // How much ciphertext came out.
  #pump(ciphertextIn, plaintextIn, plaintextOut, out, outStart) {
    control[CIPHERTEXT_OUT_START] = outStart;
    control[CIPHERTEXT_OUT_SIZE] = SLAB_SIZE - outStart;
    const before = enter(this.#owner);
    const answer = pump(this.#handle, ciphertextIn, plaintextIn, plaintextOut, out.buffer);
    leave(before);
    const failed = typeof answer !== 'number';
    this.error = failed ? answer : null;
    this.status = failed ? SSL : answer;
    this.ciphertextUsed = control[CIPHERTEXT_USED];
    this.plaintextUsed = control[PLAINTEXT_USED];
    this.plaintextPending = control[PLAINTEXT_PENDING];
    this.#ciphertextPending = control[CIPHERTEXT_PENDING] > 0;
    this.handshakeDone = control[HANDSHAKE_DONE] !== 0;
    this.peerClosed = control[PEER_CLOSED] !== 0;
    this.failurePending = control[FAILURE_PENDING] !== 0;
    return control[CIPHERTEXT_LEN];
  }

  #finish(out, len) {
    if (this.handshakeDone && !this.#settled) this.#settle(len);
    const more = this.#ciphertextPending;
    this.#write(out, len);
    if (more) this.#drain();
  }

  // Tickets and the last flight leave with what is said next, in one packet. Streams in memory have no packets. Who heard
  // the other's last flight has none to send: what it says later must not wait.
  #settle(len) {
    this.#settled = true;
    this.corked = this.#isSocket && len > 0;
    if (this.corked) this.#transport.cork();
  }

  uncork() {
    if (!this.corked) return;
    this.corked = false;
    this.#transport.uncork();
  }

  // Rare: ciphertext that found no room. It leaves the fields alone.
  #drain() {
    for (;;) {
      const out = writePool.lend(RECORD_SIZE);
      control.fill(0, FLAGS, CIPHERTEXT_USED);
      control[CIPHERTEXT_OUT_START] = out.start;
      control[CIPHERTEXT_OUT_SIZE] = SLAB_SIZE - out.start;
      pump(this.#handle, null, null, null, out.buffer);
      const len = control[CIPHERTEXT_LEN];
      const more = control[CIPHERTEXT_PENDING] > 0;
      this.#write(out, len);
      if (!more || len === 0) return;
    }
  }

  #write(out, len) {
    const transport = this.#transport;
    if (len === 0 || !transport.writable) return void writePool.giveBack(out);
    const part = out.buffer.subarray(out.start, out.start + len);
    if (!this.#isSocket) {
      out.start += len;
      // Before the write: it may have the other end, in this very thread, ask for a slab.
      writePool.giveBack(out);
      this.full = !transport.write(part);
      return;
    }
    const full = !transport.write(part);
    // All has gone, though it was more than its mark.
    this.full = full && transport.writableLength > 0;
    if (transport.writableLength === 0) return void writePool.giveBack(out);
    if (this.full && out.start === 0 && this.#held === null) this.#held = out;
    else {
      out.start += len;
      writePool.giveBack(out);
    }
  }
}

module.exports = { Engine };
