'use strict';

// The throw-away certificates of all test suites, made once beside the other things that are built.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const tlsock = require('../../index.js');

const root = path.join(__dirname, '..', '..');
const folder = path.join(root, 'build', 'certs');

// Test files run at the same time; the script lets only one of them do the work.
execFileSync('sh', [path.join(root, '..', '..', 'tests', 'certs', 'make.sh'), folder], { stdio: 'inherit' });

const file = (name) => path.join(folder, name);
const text = (name) => fs.readFileSync(file(name), 'utf8');

function serverContext(name = 'ecdsa', change = () => {}) {
  const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
  context.loadCertChain(file(`${name}.pem`), file(`${name}.key`));
  change(context);
  return context;
}

function clientContext(change = () => {}) {
  const context = tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, { cafile: file('ca.pem') });
  change(context);
  return context;
}

/** The contexts of a client with a certificate, and of a server that may ask for it after the handshake. */
function askedLater() {
  const client = clientContext((context) => {
    context.loadCertChain(file('client.pem'), file('client.key'));
    context.postHandshakeAuth = true;
  });
  const server = serverContext('ecdsa', (context) => {
    context.postHandshakeAuth = true;
    context.verifyMode = tlsock.CERT_REQUIRED;
    context.loadVerifyLocations({ cafile: file('ca.pem') });
  });
  return { client, server };
}

const fixed = (version) => (context) => {
  context.minimumVersion = version;
  context.maximumVersion = version;
};

module.exports = { askedLater, clientContext, file, fixed, folder, serverContext, text };
