'use strict';

// Where a server keeps its sessions outside of the process: what the addon calls.

const check = require('./check.js');
const { connectionAtWork } = require('./current.js');
const native = require('./native.js');

// The numbers of src/session_cache.c.
const PUT = 0, GET = 1;
const METHODS = ['put', 'get', 'remove'];

/** A cache as a program gives it, each of its methods read once; null for none. */
function checkedCache(cache) {
  if (cache === undefined || cache === null) return null;
  if (typeof cache !== 'object') throw check.wrong('cache', 'an object with put and get', cache);
  const [put, get, remove] = METHODS.map((name) => check.member(cache, name));
  check.callable(put, 'cache.put');
  check.callable(get, 'cache.get');
  check.optionalCallable(remove, 'cache.remove');
  return { cache, put, get, remove };
}

const sessionOf = (answer) => check.optionalBytes(check.synchronous(answer, 'the answer of cache.get'), 'the answer of cache.get');

/** The function that the addon calls. watch: is given the answers that may be promises. */
function runCache({ cache, put, get, remove }, watch) {
  return (what, id, data, seconds) => {
    const connection = connectionAtWork();
    if (what === GET) return sessionOf(get.call(cache, connection, id));
    watch(what === PUT ? put.call(cache, connection, id, data, seconds) : remove?.call(cache, connection, id));
    return null;
  };
}

module.exports = { checkedCache, runCache, set: native.setSessionCache };
