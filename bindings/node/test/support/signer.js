'use strict';

// The openssl program as the place where a key is.

const { execFileSync } = require('node:child_process');
const crypto = require('node:crypto');

const { file, text } = require('./certs.js');

// Under AddressSanitizer it must not be loaded with the sanitizer.
const { LD_PRELOAD, ...env } = process.env;

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
    return execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', file(`${name}.key`), ...options], { input: data, env, stdio: ['pipe', 'pipe', 'inherit'] });
  };
}

module.exports = { signerOf };
