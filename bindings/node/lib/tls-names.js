'use strict';

// Lists that node:tls has: of ciphers, and of those who are trusted.

const { derCertToPemCert } = require('./module.js');
const { createDefaultContext, SSLContext } = require('./context.js');
const { numbers } = require('./constants.js');

let names, roots;

/** The names of the ciphers there are, in small letters. */
function cipherNames() {
  if (names === undefined) {
    const context = new SSLContext(numbers.PROTOCOL_TLS_CLIENT);
    context.setCiphers('ALL:COMPLEMENTOFDEFAULT');
    names = context.getCiphers().map(({ name }) => name.toLowerCase()).sort();
  }
  return [...names];
}

/** Whom a context without `ca` trusts, as PEM: the system's CAs. */
function trusted() {
  roots ??= Object.freeze([...new Set(createDefaultContext().getCaCerts(true).map(derCertToPemCert))]);
  return roots;
}

module.exports = { cipherNames, trusted };
