'use strict';

// Connections of the module tlsock/tls, from options that are wrong to listeners that end them.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const tls = require('../tls.js');
const { text } = require('./support/certs.js');
const { closed, listen, streamPair } = require('./support/net.js');

const ca = text('ca.pem');
const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };

async function served(t, implementation, options, listener) {
  const server = implementation.createServer({ ...identity, ...options }, (socket) => listener(socket.on('error', () => {})));
  return { server: server.on('tlsClientError', () => {}), port: await listen(t, server) };
}

test('options of a wrong type leave a stream as it was', async () => {
  for (const options of [{ session: 5 }, { signal: 5 }, { signal: { aborted: false } }, { isServer: true, signal: 5 }]) {
    const [socket, peer] = streamPair();
    assert.throws(() => new tls.TLSSocket(socket, { ...identity, ...options }), { code: 'ERR_INVALID_ARG_TYPE' });
    await new Promise(setImmediate);
    peer.write('as it was');
    assert.deepStrictEqual([String((await once(socket, 'data'))[0]), peer.readableLength, socket.destroyed], ['as it was', 0, false]);
  }
});

// A context for each connection costs a server much, and has keys of tickets that no other one knows.
test('a server with a pskCallback resumes sessions and asks with the connection', async (t) => {
  const psk = Buffer.alloc(32, 7), asked = [], secured = [];
  const pskCallback = (socket, name) => {
    // libssl asks about tickets too.
    if (name !== 'me') return null;
    asked.push(socket);
    return psk;
  };
  const { server, port } = await served(t, tls, { pskCallback, ciphers: 'DEFAULT:PSK' }, (socket) => secured.push(socket) && socket.end('x'));
  const secureContext = nodeTls.createSecureContext({ ca });
  const visit = async (session) => {
    const socket = nodeTls.connect({ port, secureContext, servername: 'localhost', session }), [next] = await once(socket, 'session');
    const isResumed = socket.isSessionReused();
    await closed(socket.resume());
    return [isResumed, next];
  };
  const [isFirstResumed, session] = await visit(), [isResumed, next] = await visit(session);
  server.setTicketKeys(Buffer.alloc(48, 1));
  const [isResumedWithOtherKeys] = await visit(next);
  assert.deepStrictEqual([isFirstResumed, isResumed, isResumedWithOtherKeys], [false, true, false]);
  secured.splice(0);
  const keyed = { port, ciphers: 'PSK', maxVersion: 'TLSv1.2', checkServerIdentity: () => undefined, pskCallback: () => ({ psk, identity: 'me' }) };
  for (const end of [nodeTls.connect(keyed), nodeTls.connect(keyed)]) await closed(end.resume());
  assert.strictEqual(asked.length, 2);
  assert.ok(secured.length === 2 && secured.every((socket) => asked.includes(socket)));
});

test('who is destroyed in a listener tells no more sessions and secrets', async (t) => {
  const { port } = await served(t, nodeTls, {}, (socket) => socket.end('x'));
  for (const end of ['keylog', 'secureConnect', 'session']) {
    const socket = tls.connect({ port, ca, servername: 'localhost' }), told = [];
    for (const event of ['keylog', 'session']) socket.on(event, () => told.push(socket.destroyed));
    socket.once(end, () => socket.destroy());
    await closed(socket);
    assert.deepStrictEqual(new Set(told), new Set([false]), end);
  }
});
