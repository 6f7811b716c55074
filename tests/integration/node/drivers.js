'use strict';

// Each driver does its usual work over TLS, and then is told a wrong CA: it must refuse. All connections must be ours.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const tls = require('node:tls');

const ours = require(path.join(process.env.TLSOCK_BINDING, 'tls.js'));

const { TLSOCK_CERTS: certs, TLSOCK_USER: user, TLSOCK_PASSWORD: password, TLSOCK_DATABASE: database, ...ports } = process.env;
const read = (name) => fs.readFileSync(path.join(certs, name), 'utf8');
const trust = { ca: read('ca.pem'), servername: 'localhost' };
const stranger = { ca: read('unknown-ca.pem'), servername: 'localhost' };
const client = { key: read('client.key'), cert: read('client.pem') };
const server = { key: read('rsa.key'), cert: read('rsa.pem') };

let count = 0;
for (const name of ['connect', 'createServer']) {
  const original = tls[name];
  tls[name] = (...args) => {
    count++;
    const made = original(...args);
    assert.ok(made instanceof ours.TLSSocket || made instanceof ours.Server);
    return made;
  };
}

const PATIENCE = 20_000;
const outcome = { passed: 0, failed: 0 };

function within(promise) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('it took too long')), PATIENCE); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function run(name, work) {
  const before = count;
  try {
    await within(work());
    assert.ok(count > before, 'no connection of ours');
    outcome.passed++;
    console.log(`ok     ${name}`);
  } catch (error) {
    outcome.failed++;
    console.log(`FAILED ${name}: ${error.stack}`);
  }
}

const refuses = (promise) => assert.rejects(promise, (error) => /certificate|unable to|UNABLE|issuer/i.test(`${error.code} ${error.message} ${error.cause?.message}`));

module.exports = { client, database, password, ports, read, refuses, run, server, stranger, trust, user };

async function main() {
  for (const file of ['databases.js', 'messages.js', 'web.js']) await require(path.join(__dirname, file))();
  console.log(`${outcome.passed} passed, ${outcome.failed} failed`);
  process.exit(outcome.failed === 0 ? 0 : 1);
}

if (require.main === module) {
  require.cache[__filename].exports = module.exports;
  main();
}
