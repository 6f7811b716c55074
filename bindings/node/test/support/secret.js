'use strict';

// A process that uses secrets, for ../secret.test.js to look into: after each use it says so, and waits for a byte. Nothing else
// may happen meanwhile, or memory that was freed would be used again.

const fs = require('node:fs');

const tlsock = require('../../index.js');

// Only V8's own form of the text, Latin-1, is in this process, but for what the addon makes: UTF-8.
const [pem, key, ...codes] = process.argv.slice(2);
const password = String.fromCharCode(...codes.map(Number));
const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
const data = [fs.readFileSync(pem), fs.readFileSync(key)];
const byte = Buffer.alloc(1);

function tell() {
  fs.writeSync(1, byte);
  fs.readSync(0, byte);
}

context.loadCertChainData(data[0], data[1], password);
data[1].fill(0);
tell();
data[1] = fs.readFileSync(key);
for (const given of [password, () => password])
  for (const use of [() => context.loadCertChain(pem, key, given), () => context.loadCertChainData(...data, given)]) {
    use();
    tell();
  }
