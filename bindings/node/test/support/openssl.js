'use strict';

// The openssl program. Under AddressSanitizer it must not be loaded with the sanitizer.

const { execFileSync } = require('node:child_process');

const { file } = require('./certs.js');

const { LD_PRELOAD, ...env } = process.env;

/** What it prints, of what it is given. */
const openssl = (words, input = '') => execFileSync('openssl', words, { input, env, stdio: ['pipe', 'pipe', 'pipe'] });

/** A PKCS #12 file of a certificate of the tests and its key, under the password "secret". more: words of the program's. */
const pkcs12 = (name, ...more) => openssl(['pkcs12', '-export', '-inkey', file(`${name}.key`), '-in', file(`${name}.pem`), '-passout', 'pass:secret', ...more]);

module.exports = { env, openssl, pkcs12 };
