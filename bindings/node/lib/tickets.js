'use strict';

// The keys of session tickets.

const check = require('./check.js');
const native = require('./native.js');

/** Gives a context its keys, of one length: none for one of its own. */
function setTicketKeys(handle, keys) {
  const list = check.list(keys, 'keys', check.presentBytes);
  const odd = list.findIndex((key) => key.length !== list[0].length);
  if (odd !== -1) throw check.outside(`keys[${odd}]`, `${list[0].length} bytes long, as keys[0]`, list[odd].length);
  if (list.length > 0 && list[0].length === 0) throw check.outside('keys[0]', 'a key of 48 or 80 bytes', 0);
  // Not in the pool that small Buffers share.
  const joined = Buffer.alloc(list.reduce((sum, key) => sum + key.length, 0));
  try {
    list.reduce((at, key) => (joined.set(key, at), at + key.length), 0);
    native.setTicketKeys(handle, joined, list.length > 0 ? list[0].length : 0);
  } finally {
    joined.fill(0);
  }
}

/** Gives a context the keys of files. */
function loadTicketKeys(handle, format, files) {
  native.loadTicketKeys(handle, check.integer(format, 'format'), check.list(files, 'files', check.string));
}

module.exports = { setTicketKeys, loadTicketKeys };
