'use strict';

/**
 * A copy in memory of its own, of bytes or of a text, for all that may be secret: the pool that small Buffers share can be read by all code that
 * has one of them, and nobody wipes it. A text that is not whole in its encoding ends early, as with Buffer.from.
 */
function ownBytes(value, encoding = 'utf8') {
  const isText = typeof value === 'string', copy = Buffer.alloc(isText ? Buffer.byteLength(value, encoding) : value.length);
  if (isText) return copy.subarray(0, copy.write(value, encoding));
  copy.set(value);
  return copy;
}

module.exports = { ownBytes };
