'use strict';

// Who a connection of tlsock/tls shows itself to be, and which name it checks: with node:tls on the other end.

const assert = require('node:assert');
const { X509Certificate } = require('node:crypto');
const { once } = require('node:events');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const tls = require('../tls.js');
const { text } = require('./support/certs.js');
const { closed, listen } = require('./support/net.js');

const ca = text('ca.pem');
const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };
const clientIdentity = { key: text('client.key'), cert: text('client.pem') };
const VERSIONS = ['TLSv1.2', 'TLSv1.3'];

// A server of node:tls.
async function peer(t, options) {
  const server = nodeTls.createServer({ ...identity, ...options }, (socket) => socket.on('error', () => {}).write('x'));
  server.on('tlsClientError', () => {});
  return { server, port: await listen(t, server) };
}

// A context without `ca` trusts the CAs of the system, which are many.
test('setKeyCert sets what a client shows, and neither whom it trusts nor what it allows', async (t) => {
  const strangers = { ca: text('twin-ca.pem') }, known = { ca }, shown = [];
  const { port, server } = await peer(t, { requestCert: true, rejectUnauthorized: false });
  server.on('secureConnection', (socket) => shown.push(socket.getPeerX509Certificate()?.serialNumber));
  const visit = async (implementation, own, given) => {
    const socket = implementation.connect({ port, host: 'localhost', ...own });
    socket.setKeyCert(implementation.createSecureContext({ ...clientIdentity, ...given }));
    socket.resume().on('error', () => {}).once('data', () => socket.destroy());
    await closed(socket);
    return [socket.authorizationError ?? null, shown.pop()];
  };
  const { serialNumber } = new X509Certificate(clientIdentity.cert), unknown = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';
  for (const given of [{}, known]) assert.deepStrictEqual([await visit(nodeTls, strangers, given), await visit(tls, strangers, given)], [[unknown, undefined], [unknown, undefined]]);
  for (const given of [{}, strangers, { crl: text('crl.pem') }, { ciphers: 'AES128-SHA', maxVersion: 'TLSv1.2' }]) {
    assert.strictEqual((await visit(nodeTls, known, given))[0], null);
    assert.deepStrictEqual(await visit(tls, known, given), [null, serialNumber], Object.keys(given).join());
  }
});

test('what is given by setKeyCert is given to one connection, and sessions go on', async (t) => {
  const secureContext = tls.createSecureContext({ ca }), given = tls.createSecureContext(clientIdentity), shown = [];
  const { port, server } = await peer(t, { requestCert: true, rejectUnauthorized: false });
  server.on('secureConnection', (socket) => shown.push(socket.getPeerX509Certificate()?.subject ?? null));
  const visit = async (change, session) => {
    const socket = tls.connect({ port, host: 'localhost', secureContext });
    change(socket);
    if (session) socket.setSession(session);
    await once(socket, 'data');
    const result = { isReused: socket.isSessionReused(), session: socket.getSession() };
    await closed(socket.destroy());
    return result;
  };
  const show = (socket) => socket.setKeyCert(given), nothing = () => {};
  const { session } = await visit(show);
  const reused = [await visit(show, session), await visit(nothing), await visit((socket) => socket.setKeyCert({}))].map(({ isReused }) => isReused);
  assert.deepStrictEqual(reused, [true, false, false]);
  const { subject } = new X509Certificate(clientIdentity.cert);
  assert.deepStrictEqual(shown, [subject, subject, null, null]);
});

test('a server that is given a certificate without CAs goes on to trust its own', async (t) => {
  const rsa = { key: text('rsa.key'), cert: text('rsa.pem') }, strangers = { ca: text('twin-ca.pem') };
  for (const maxVersion of VERSIONS)
    for (const [own, given, expected] of [[{ ca }, {}, 'rsa'], [strangers, {}, 'refused'], [strangers, { ca }, 'rsa'], [{ ca }, strangers, 'refused']]) {
      const server = tls.createServer({
        ...identity, ...own, requestCert: true, maxVersion,
        ALPNCallback() {
          this.setKeyCert({ ...rsa, ...given });
          return 'a';
        },
      }, (socket) => socket.on('error', () => {}).end('x'));
      const socket = nodeTls.connect({ port: await listen(t, server.on('tlsClientError', () => {})), ca, host: 'localhost', ALPNProtocols: ['a'], ...clientIdentity });
      const kind = () => socket.getPeerX509Certificate().publicKey.asymmetricKeyType;
      assert.strictEqual(await once(socket, 'data').then(kind, () => 'refused'), expected, JSON.stringify([maxVersion, own === strangers, Object.keys(given)]));
      socket.destroy();
    }
});
