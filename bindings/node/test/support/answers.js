'use strict';

// Handshakes that wait for a callback whose promise the test settles.

const assert = require('node:assert');

const tlsock = require('../../index.js');
const { clientContext, file, fixed, serverContext, text } = require('./certs.js');
const { closed, streamPair } = require('./net.js');
const { signerOf } = require('./signer.js');

const VERSIONS = { 'TLS 1.2': tlsock.TLSVersion.TLSv1_2, 'TLS 1.3': tlsock.TLSVersion.TLSv1_3 };
/** Of 'verify' the client waits for a verdict on the server, of 'judge' it is the other way round. */
const KINDS = ['hello', 'identity', 'verify', 'judge', 'signature'];
const identity = () => tlsock.Identity.fromFiles(file('ecdsa.pem'), file('ecdsa.key'));
const later = () => new Promise((resolve) => setImmediate(resolve));
const good = { hello: () => undefined, identity, verify: () => true, judge: () => true, signature: () => 'sign' };

/** A callback whose promise the test settles; isAsked: a promise that somebody has asked. */
function answerLater() {
  const made = { asked: [] };
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  made.isAsked = new Promise((resolve) => {
    made.ask = (...args) => {
      made.asked.push(args);
      resolve();
      return made.promise;
    };
  });
  return made;
}

/** What a signer answers to what a test says: "sign" stands for the right signature. */
const signature = (said, request) => (said === 'sign' ? signerOf('rsa')(...request) : said);

// Apart from what knows the connection: what a promise calls must not keep it.
const signatures = (said, request) => (said instanceof Promise ? said.then((value) => signature(value, request)) : signature(said, request));

/** Contexts of which one has a callback. A signer is not told for which connection it signs: the test says so. */
function contexts(kind, ask, version, whose = () => null) {
  const client = clientContext(fixed(version)), server = serverContext('rsa');
  if (kind === 'hello') server.setClientHelloCallback(ask);
  else if (kind === 'identity') server.setIdentityCallback(ask);
  else if (kind === 'signature')
    server.useIdentity(tlsock.Identity.fromSigner(text('rsa.pem'), (...request) => signatures(ask(whose()), request)));
  else if (kind === 'verify') client.setVerifyCallback(ask);
  else {
    client.loadCertChain(file('client.pem'), file('client.key'));
    server.loadVerifyLocations({ cafile: file('ca.pem') });
    server.verifyMode = tlsock.CERT_REQUIRED;
    server.setVerifyCallback(ask);
  }
  return { client, server };
}

/** Two ends that do the handshake. shaken: what becomes of them; end: destroys both. */
function ends(kind, ask, version, options = {}) {
  const { client: context, server: far } = contexts(kind, ask, version, () => server), [below, above] = streamPair();
  const server = new tlsock.TLSSocket(above, { context: far, serverSide: true, ...options });
  const client = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost', ...options });
  const closes = Promise.all([closed(client), closed(server)]);
  const end = async () => {
    client.destroy();
    server.destroy();
    await closes;
  };
  const waits = kind === 'verify' ? client : server;
  const shaken = Promise.allSettled([client.doHandshake(), server.doHandshake()]);
  return { client, server, waits, transport: waits.transport, other: kind === 'verify' ? above : below, shaken, end };
}

/** The same, in the middle of a handshake that waits. */
async function waiting(kind, answer, version, options) {
  const made = ends(kind, answer.ask, version, options);
  await answer.isAsked;
  for (let i = 0; i < 10; i++) await later();
  // In TLS 1.3 the client has the last word, and is done before it was judged.
  const isOver = kind === 'judge' && version === VERSIONS['TLS 1.3'];
  assert.deepStrictEqual([made.client.secureConnecting, made.server.secureConnecting, answer.asked.length], [!isOver, true, 1]);
  return made;
}

module.exports = { KINDS, VERSIONS, answerLater, contexts, ends, good, identity, later, waiting };
