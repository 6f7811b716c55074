// Loads the addon named on the command line after Node's own OpenSSL has worked, and lets that one work again.
//
// Node exports the functions of the OpenSSL inside it, and the loader would bind the calls of our library and of
// the system's libssl to them. RTLD_DEEPBIND keeps the two apart: a library searches its own dependencies first.

'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const os = require('node:os');
const tls = require('node:tls');

const digest = () => crypto.createHash('sha256').update('tlsock').digest('hex');
const before = digest();
tls.createSecureContext();

const addon = { exports: {} };
const { RTLD_NOW, RTLD_DEEPBIND } = os.constants.dlopen;
process.dlopen(addon, process.argv[2], RTLD_NOW | RTLD_DEEPBIND);
console.log(addon.exports);

assert.strictEqual(digest(), before);
tls.createSecureContext();
