'use strict';

// Small writes made in one tick become one record.

const JOINED = 65536;
// Larger writes go by themselves.
const LARGE = 16384;
const shared = Buffer.allocUnsafeSlow(JOINED);

/** Chunks of a _writev as one, in a buffer that is everybody's: use it up, or copy it, before anybody else can. */
function join(chunks, size) {
  let end = 0;
  for (const { chunk } of chunks) {
    shared.set(chunk, end);
    end += chunk.length;
  }
  return shared.subarray(0, size);
}

/** Groups of small chunks as a buffer each. */
function group(chunks) {
  const list = [];
  let small = [], size = 0;
  const flush = () => {
    if (small.length > 0) list.push(small.length === 1 ? small[0] : Buffer.concat(small, size));
    small = [];
    size = 0;
  };
  for (const { chunk } of chunks) {
    if (chunk.length >= LARGE || size + chunk.length > JOINED) flush();
    small.push(chunk);
    size += chunk.length;
  }
  flush();
  return list;
}

const areSmall = (chunks) => chunks.every(({ chunk }) => chunk.length < LARGE);

module.exports = { JOINED, areSmall, group, join };
