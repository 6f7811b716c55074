'use strict';

// The options of a connection of tlsock/tls, as they are given: what of them has a wrong type.

const { SSLSession } = require('./session.js');
const { invalid, made } = require('./tls-error.js');

// As addAbortSignal takes them.
const isSignal = (value) => typeof value === 'object' && 'aborted' in value && typeof value.addEventListener === 'function';

/** What node:tls takes for a session. */
const isSession = (value) => value instanceof SSLSession || typeof value === 'string' || ArrayBuffer.isView(value);

/** Throws what is wrong with the types. Before there is a connection: nobody could end one whose constructor throws. */
function checkTypes(options) {
  for (const [name, type] of [['enableTrace', 'boolean'], ['SNICallback', 'function'], ['ALPNCallback', 'function']])
    if (options[name] !== undefined && options[name] !== null && typeof options[name] !== type) throw invalid(`options.${name}`, `of type ${type}`, options[name]);
  if (options.signal && !isSignal(options.signal)) throw invalid('options.signal', 'an instance of AbortSignal', options.signal);
  const { ALPNProtocols } = options;
  if (ALPNProtocols && !options.isServer && !Array.isArray(ALPNProtocols) && !ArrayBuffer.isView(ALPNProtocols))
    throw invalid('options.ALPNProtocols', 'an Array, or an instance of Buffer, TypedArray, or DataView', ALPNProtocols);
  if (options.session && !options.isServer && !isSession(options.session)) throw made(TypeError, 'ERR_INVALID_ARG_TYPE', 'Session must be a buffer');
}

module.exports = { checkTypes, isSession };
