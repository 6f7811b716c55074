'use strict';

const check = require('./check.js');
require('./error.js');
const native = require('./native.js');

/** A buffer in memory between the two sides of a connection. Python: MemoryBIO */
class MemoryBIO {
  #handle = native.bioNew();

  /** How many bytes wait to be read. */
  get pending() {
    return native.bioPending(this.#handle);
  }

  /** Whether writeEof was called and all bytes have been read. */
  get eof() {
    return native.bioEof(this.#handle);
  }

  /** Takes up to `size` bytes out; all of them by default. */
  read(size = -1) {
    return native.bioRead(this.#handle, check.integer(size, 'size', -1));
  }

  /** Appends bytes, and returns their number. */
  write(data) {
    const given = check.bytes(data, 'data');
    native.bioWrite(this.#handle, given);
    return given.byteLength;
  }

  /** Marks the end: reading from the empty buffer then throws SSLEOFError instead of SSLWantReadError. */
  writeEof() {
    native.bioWriteEof(this.#handle);
  }

  static handle(bio) {
    return bio.#handle;
  }
}

// Only for the other modules of this directory.
const bioHandle = MemoryBIO.handle;
delete MemoryBIO.handle;

module.exports = { MemoryBIO, bioHandle };
