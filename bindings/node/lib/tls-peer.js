'use strict';

// The names of the server that a client of tlsock/tls connects to: the one that the certificate is checked for, and the one that is sent.

const net = require('node:net');

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

/** The options of a connection of the library's. */
const wrappingOf = ({ name, sent, checksName }) => ({ serverHostname: name, ...(sent === undefined ? {} : { serverName: sent }), insecureNoHostname: !checksName });

module.exports = { namesOf, wrappingOf };
