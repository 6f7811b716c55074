'use strict';

// Lists of node:tls: ciphers and trusted CAs.

const { derCertToPemCert } = require('./module.js');
const { createDefaultContext, SSLContext } = require('./context.js');
const { numbers } = require('./constants.js');

let names, roots;

/** The names of all ciphers, in lower case. */
function cipherNames() {
  if (names === undefined) {
    const context = new SSLContext(numbers.PROTOCOL_TLS_CLIENT);
    context.setCiphers('ALL:COMPLEMENTOFDEFAULT');
    names = context.getCiphers().map(({ name }) => name.toLowerCase()).sort();
  }
  return [...names];
}

/** The CAs that a context without `ca` trusts, as PEM: the system's. */
function trusted() {
  roots ??= Object.freeze([...new Set(createDefaultContext().getCaCerts(true).map(derCertToPemCert))]);
  return roots;
}

module.exports = { cipherNames, trusted };
