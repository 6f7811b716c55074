'use strict';

// node:http2 tells of a stream by process.nextTick. Over a system's socket that happens before it looks at the next frame; over a stream in
// JavaScript only once the whole chunk was read, when a reset or an error behind it has destroyed the stream already: `respond` would throw, and the
// client end the process. What comes after a frame that opens a stream therefore waits until the listeners have run.

const PREFACE = 24, HEADER = 9, HEADERS = 1, CONTINUATION = 9, END_HEADERS = 4;

/** Finds the frames in what a client sends. */
class Frames {
  #header = Buffer.alloc(HEADER);
  #known = 0;
  // How many bytes there are before the next header.
  #left = PREFACE;
  #opens = false;

  /** How many bytes of the chunk there are up to the end of a frame that opens a stream; all, if there is none. */
  next(chunk) {
    for (let at = 0; at < chunk.length;) {
      if (this.#left === 0) {
        this.#header[this.#known++] = chunk[at++];
        if (this.#known === HEADER) this.#begin();
      } else {
        const taken = Math.min(this.#left, chunk.length - at);
        at += taken;
        this.#left -= taken;
        if (this.#left === 0 && this.#opens) return at;
      }
    }
    return chunk.length;
  }

  #begin() {
    const [type, flags] = this.#header.subarray(3);
    this.#known = 0;
    this.#left = this.#header.readUIntBE(0, 3);
    this.#opens = (type === HEADERS || type === CONTINUATION) && (flags & END_HEADERS) !== 0;
  }
}

/** Has the handle of a server's session read so. */
function readInSteps(handle, socket) {
  const { readBuffer, emitEOF } = handle, frames = new Frames();
  let waiting = [], isBusy = false;
  const pass = (chunk) => {
    // The end.
    if (chunk === null) return void emitEOF.call(handle);
    const end = frames.next(chunk);
    if (end < chunk.length) waiting.unshift(chunk.subarray(end));
    readBuffer.call(handle, chunk.subarray(0, end));
  };
  const step = () => {
    isBusy = true;
    try {
      if (socket.destroyed) waiting = [];
      else pass(waiting.shift());
    } finally {
      isBusy = waiting.length > 0;
      // After the promises of the listeners, too.
      if (isBusy) queueMicrotask(() => process.nextTick(step));
    }
  };
  const put = (chunk) => {
    waiting.push(chunk);
    if (!isBusy) step();
  };
  handle.readBuffer = put;
  handle.emitEOF = () => put(null);
  return handle;
}

module.exports = { readInSteps };
