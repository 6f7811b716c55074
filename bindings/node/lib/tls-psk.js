'use strict';

const check = require('./check.js');
const { connectionAtWork } = require('./current.js');
const { invalid, made } = require('./tls-error.js');

// PSK_MAX_IDENTITY_LEN of OpenSSL.
const MOST_HINT = 256;

function key(value) {
  if (!ArrayBuffer.isView(value)) throw invalid('psk', 'an instance of Buffer, TypedArray, or DataView', value);
  return value;
}

function forClient(callback) {
  return (hint) => {
    const answer = check.synchronous(callback(hint), 'pskCallback');
    if (answer === undefined || answer === null) return null;
    if (typeof answer !== 'object') throw invalid('ret', 'of type object', answer);
    if (typeof answer.identity !== 'string') throw invalid('identity', 'of type string', answer.identity);
    return [answer.identity, key(answer.psk)];
  };
}

function forServer(callback) {
  return (identity) => {
    const answer = check.synchronous(callback(connectionAtWork(), identity), 'pskCallback');
    if (answer === undefined || answer === null) return null;
    return key(ArrayBuffer.isView(answer) ? answer : answer.psk);
  };
}

/** node:tls's pskCallback and its hint, checked, for a context; nothing for none. */
function pskFor({ pskCallback, pskIdentityHint }) {
  if (pskCallback === undefined || pskCallback === null) return {};
  if (typeof pskCallback !== 'function') throw invalid('pskCallback', 'of type function', pskCallback);
  if (pskIdentityHint !== undefined && pskIdentityHint !== null && typeof pskIdentityHint !== 'string')
    throw invalid('options.pskIdentityHint', 'of type string', pskIdentityHint);
  if (pskIdentityHint && Buffer.byteLength(pskIdentityHint) > MOST_HINT)
    throw made(Error, 'ERR_TLS_PSK_SET_IDENTIY_HINT_FAILED', 'Failed to set PSK identity hint');
  return { pskCallback, pskIdentityHint };
}

/** Has a context ask a pskCallback. */
function setPsk(context, isServer, callback, hint) {
  if (isServer) context.setPskServerCallback(forServer(callback), hint);
  else context.setPskClientCallback(forClient(callback));
}

module.exports = { pskFor, setPsk };
