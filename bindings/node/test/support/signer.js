'use strict';

// The openssl program as the place where a key is.

const crypto = require('node:crypto');

const { file, text } = require('./certs.js');
const { openssl } = require('./openssl.js');

const OPTIONS = {
  rsa_pkcs1: ['rsa_padding_mode:pkcs1'],
  rsa_pss: ['rsa_padding_mode:pss', 'rsa_pss_saltlen:digest'],
  ecdsa: [],
};

/** A signer with the key of a certificate of the tests; told: a list that gets what it was asked for. */
function signerOf(name, told = []) {
  return (algorithm, digest, data) => {
    told.push([algorithm, digest, data.length]);
    // The program wants a file for these, and node:crypto can sign whole messages.
    if (algorithm === 'ed25519') return crypto.sign(null, data, text(`${name}.key`));
    const options = [`digest:${digest}`, ...OPTIONS[algorithm]].flatMap((option) => ['-pkeyopt', option]);
    return openssl(['pkeyutl', '-sign', '-inkey', file(`${name}.key`), ...options], data);
  };
}

module.exports = { signerOf };
