'use strict';

// The names of the server that a client of tlsock/tls connects to: the one that the certificate is checked for, and the one that is sent.

const net = require('node:net');

const { MemoryBIO } = require('./bio.js');
const { Bounded } = require('./bounded.js');
const { numbers } = require('./constants.js');
const { SSLContext } = require('./context.js');
const { SSLError, ValueError } = require('./error.js');

const LOOKED_AT = 1000;
// RFC 2606: no server has it, and no certificate.
const NOBODY = 'name.invalid';

/**
 * options: those of the connection; asked: what setServername was given, undefined for nothing. name: to be checked, whatever is asked for;
 * sent: to be asked for (SNI), null for no name, undefined for the one to be checked. As in node:tls, an empty servername sends none.
 */
function namesOf(options, asked) {
  const { servername } = options;
  const name = servername || options.host || options.socket?._host || 'localhost';
  const sent = asked ?? (servername === '' ? '' : undefined);
  // Addresses are not sent (RFC 6066, 3).
  return { name, sent: sent === '' || net.isIP(sent ?? '') !== 0 ? null : sent };
}

// Names that the library takes: most connections have the same.
const taken = new Bounded(LOOKED_AT);
let context;

// What the library says is wrong with the names of a connection; null for nothing.
function refusalOf(options) {
  const key = `${options.insecureNoHostname} ${options.serverHostname} ${options.serverName}`;
  if (taken.get(key)) return null;
  context ??= new SSLContext(numbers.PROTOCOL_TLS_CLIENT);
  try {
    context.wrapBio(new MemoryBIO(), new MemoryBIO(), options);
  } catch (error) {
    // libssl has more to say of some.
    if (error instanceof ValueError || error instanceof SSLError) return error;
    throw error;
  }
  taken.set(key, true);
  return null;
}

/**
 * The options of a connection of the library's, and what it says is wrong with the names: the connection must end by that. Where no name
 * is checked, one that is wrong is not sent, and nothing is wrong.
 */
function wrappingOf({ name, sent, checksName }) {
  const options = { serverHostname: name, serverName: sent, insecureNoHostname: !checksName }, refusal = refusalOf(options);
  if (refusal === null) return { refusal, options };
  if (checksName) return { refusal, options: { serverHostname: NOBODY, serverName: null, insecureNoHostname: false } };
  const unnamed = { serverName: sent, insecureNoHostname: true };
  return { refusal: null, options: refusalOf(unnamed) === null ? unnamed : { insecureNoHostname: true } };
}

module.exports = { namesOf, wrappingOf };
