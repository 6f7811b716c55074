'use strict';

// Connections of the module tlsock/tls, from options that are wrong to listeners that end them.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
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

// A timer that counts for a process only as long as something else does is no time limit where streams in memory are all there is.
test('a handshake that nobody answers is over in time, whatever stream is below', async () => {
  const program = `
    const { Duplex } = require('node:stream'), nodeTls = require('node:tls');
    const [tlsock, tls] = ['index.js', 'tls.js'].map((name) => require(require('node:path').join(${JSON.stringify(path.join(__dirname, '..'))}, name)));
    const silent = () => new Duplex({ read() {}, write(chunk, encoding, done) { done(); } });
    const context = tlsock.createDefaultContext();
    const options = { context, serverHostname: 'localhost', handshakeTimeout: 20 };
    const sockets = [
      new tlsock.TLSSocket(silent(), options), new tlsock.TLSSocket(new nodeTls.TLSSocket(silent()), options),
      new tlsock.TLSSocket(new tlsock.TLSSocket(silent(), { context, serverHostname: 'localhost' }), options),
      new tls.TLSSocket(silent(), { isServer: true, handshakeTimeout: 20 }), new tls.TLSSocket(new nodeTls.TLSSocket(silent()), { isServer: true, handshakeTimeout: 20 }),
    ];
    sockets.forEach((socket, i) => socket.on('error', ({ code }) => console.log(i, code)));`;
  const out = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 60_000 });
  const [own, nodes] = ['ETIMEDOUT', 'ERR_TLS_HANDSHAKE_TIMEOUT'];
  assert.deepStrictEqual(out.trim().split('\n').sort(), [own, own, own, nodes, nodes].map((code, i) => `${i} ${code}`));
});

test('minDHSize is a size, and one that is not reached refuses the server', async (t) => {
  for (const [minDHSize, code] of [['2048', 'ERR_INVALID_ARG_TYPE'], [null, 'ERR_INVALID_ARG_TYPE'], [{}, 'ERR_INVALID_ARG_TYPE'], [0, 'ERR_OUT_OF_RANGE'], [-1, 'ERR_OUT_OF_RANGE'], [NaN, 'ERR_OUT_OF_RANGE']]) {
    assert.throws(() => nodeTls.connect({ port: 1, minDHSize }), /minDHSize/);
    assert.throws(() => tls.connect({ port: 1, minDHSize }), { code, message: /minDHSize is not a/ });
  }
  const rsa = { key: text('rsa.key'), cert: text('rsa.pem') };
  const own = { ciphers: 'DHE-RSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' }, named = { ecdhCurve: 'ffdhe2048', minVersion: 'TLSv1.3' };
  const smaller = 'ERR_TLS_DH_PARAM_SIZE';
  for (const [options, minDHSize, expected] of [[own, 2048, 'ok'], [own, 3072, smaller], [named, 2048, 'ok'], [named, 2049, smaller], [{}, 8192, 'ok'], [{ maxVersion: 'TLSv1.2' }, 8192, 'ok']])
    for (const rejectUnauthorized of [true, false]) {
      const { port } = await served(t, nodeTls, { ...rsa, dhparam: 'auto', ...options }, (socket) => socket.end('x'));
      const socket = tls.connect({ port, ca, servername: 'localhost', rejectUnauthorized, ...options, minDHSize });
      assert.strictEqual(await once(socket, 'secureConnect').then(() => 'ok', ({ code }) => code), expected, JSON.stringify([options, minDHSize]));
      socket.destroy();
    }
});

test('a connection cannot be reset, in the words of node:tls', async (t) => {
  const { port } = await served(t, nodeTls, {}, (socket) => socket.end('x'));
  for (const implementation of [nodeTls, tls]) {
    const socket = implementation.connect({ port, ca, servername: 'localhost' });
    await once(socket, 'secureConnect');
    assert.throws(() => socket.resetAndDestroy(), { name: 'TypeError', code: 'ERR_INVALID_HANDLE_TYPE' });
    assert.ok(!socket.destroyed);
    await closed(socket.destroy());
    assert.strictEqual(socket.resetAndDestroy(), socket);
  }
});
