'use strict';

const { Connection, answer } = require('./connection.js');
const check = require('./check.js');
const { during } = require('./current.js');
const { SSLWantCallbackError } = require('./error.js');
const native = require('./native.js');
const { guardClass } = require('./nearest.js');
const { forget } = require('./waiting.js');
const { Wrapped } = require('./wrap.js');

/** A connection in memory that never waits: it reads and writes its MemoryBIOs. Python: SSLObject */
class SSLObject {
  #connection;

  constructor(wrapped) {
    if (!(wrapped instanceof Wrapped)) throw new TypeError('contexts make these: see SSLContext.wrapBio');
    this.#connection = new Connection(wrapped);
  }

  #call(call, ...args) {
    return during(this, () => call(this.#connection.handle, ...args));
  }

  // For what does the handshake: other calls leave the answers alone that it waits for.
  #run(call, ...args) {
    let isWaiting = false;
    try {
      return this.#call(call, ...args);
    } catch (error) {
      isWaiting = error instanceof SSLWantCallbackError;
      throw error;
    } finally {
      if (!isWaiting) forget(this);
    }
  }

  /** Throws SSLWantReadError while data of the peer is missing, and SSLWantCallbackError while the answer of a callback is. */
  doHandshake() {
    this.#run(native.doHandshake);
  }

  /** Reads up to `size` bytes, or fills a buffer and returns the number of bytes. Empty at the clean end. */
  read(size = 1024) {
    if (typeof size !== 'number') return this.#read(native.readInto, SSLObject.#into(size));
    return this.#read(native.read, check.integer(size, 'size', 0));
  }

  // Reading nothing is no reason to go on with the handshake.
  #read(call, what) {
    return (what.length ?? what) === 0 ? this.#call(call, what) : this.#run(call, what);
  }

  static #into(buffer) {
    if (!ArrayBuffer.isView(buffer)) throw check.wrong('size', 'a number or a buffer', buffer);
    return check.bytes(buffer, 'size');
  }

  /** Encrypts all of data and returns its length. */
  write(data) {
    return this.#run(native.write, check.presentBytes(data, 'data'));
  }

  /** How many decrypted bytes are ready to be read. */
  pending() {
    return native.pending(this.#connection.handle);
  }

  /** Sends close_notify and waits for the peer's: SSLWantReadError until that has come. */
  unwrap() {
    this.#call(native.unwrap);
  }

  /** Sends close_notify; reading stays possible. */
  closeWrite() {
    this.#call(native.closeWrite);
  }

  static {
    answer(SSLObject, (object) => object.#connection);
  }
}

guardClass(SSLObject);

module.exports = { SSLObject };
