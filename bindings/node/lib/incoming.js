'use strict';

const { inspect } = require('node:util');

// The most that one call of the pump takes; at most MOST_CIPHERTEXT of src/addon.h.
const MOST = 65536;
// Encodings of a transport that lose nothing.
const WHOLE = ['latin1', 'binary', 'hex'];

function bytesOf(chunk, encoding) {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string' && WHOLE.includes(encoding)) return Buffer.from(chunk, encoding);
  const what = typeof chunk === 'string' ? `text, as setEncoding(${inspect(encoding)}) was called: bytes are lost` : inspect(chunk, { depth: 0 });
  throw Object.assign(new TypeError(`the transport gave ${what}`), { code: 'ERR_INVALID_ARG_TYPE' });
}

/** Ciphertext that was received and not yet used: the current chunk and those after it. The buffers belong to the transport. */
class Incoming {
  /** null for nothing. */
  chunk = null;
  start = 0;
  #length = 0;
  #queue = [];

  /** Adds a chunk. Throws if it cannot be turned into bytes. */
  push(chunk, encoding) {
    const bytes = bytesOf(chunk, encoding);
    if (bytes.length === 0) return bytes;
    if (this.chunk === null) this.#begin(bytes, bytes.length);
    else this.#queue.push({ bytes, length: bytes.length });
    return bytes;
  }

  #begin(bytes, length) {
    this.chunk = bytes;
    this.#length = length;
    this.start = 0;
  }

  /** Whether one call of the pump takes all that is left. */
  get isLast() {
    return this.#queue.length === 0 && (this.chunk === null || this.#length - this.start <= MOST);
  }

  /** Whether other code that has the chunk too has detached or resized it. */
  get wasChanged() {
    return this.chunk !== null && this.chunk.length !== this.#length;
  }

  use(count) {
    if (this.chunk === null) return;
    this.start += count;
    if (this.start < this.#length) return;
    const next = this.#queue.shift();
    if (next === undefined) this.clear();
    else this.#begin(next.bytes, next.length);
  }

  clear() {
    this.chunk = null;
    this.#queue = [];
  }

  /** What is left, in order. */
  peek() {
    return this.chunk === null ? [] : [this.chunk.subarray(this.start), ...this.#queue.map(({ bytes }) => bytes)];
  }

  take() {
    const rest = this.peek();
    this.clear();
    return rest;
  }
}

module.exports = { Incoming };
