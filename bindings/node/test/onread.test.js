'use strict';

// The option onread of net.Socket, in tlsock/tls as in node:tls: each byte comes once, and none to a program that has said that it wants none.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const tls = require('../tls.js');
const { text } = require('./support/certs.js');
const { closed, listen } = require('./support/net.js');
const { printed } = require('./support/printed.js');

const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') }, ca = text('ca.pem');
// More than one piece of what is decrypted at once, and no multiple of a buffer.
const SENT = Buffer.from({ length: 300_001 }, (_, index) => index % 251), ROOM = 1000;

// What the function does at its second call: what it returns, and when it wants the rest.
const STOPS = {
  'false, then resume': (socket, later) => (later(() => socket.resume()), false),
  'false, then read': (socket, later) => (later(() => socket.read(0)), false),
  'pause, then resume'(socket, later) {
    socket.pause();
    later(() => socket.resume());
  },
  'nothing against it': () => true,
};

async function filled(connect, port, options, second) {
  let isHeld = false, whileHeld = 0, calls = 0;
  const parts = [];
  const socket = connect({
    port, ca, servername: 'localhost', ...options, onread: {
      buffer: Buffer.alloc(ROOM),
      callback(count, buffer) {
        if (isHeld) whileHeld++;
        parts.push(Buffer.from(buffer.subarray(0, count)));
        if (++calls !== 2) return undefined;
        // Long enough for all that is there.
        return second(socket, (goOn) => {
          isHeld = true;
          setImmediate(() => setImmediate(() => { isHeld = false; goOn(); }));
        });
      },
    },
  });
  let ended = 0;
  socket.on('data', () => assert.fail('nothing is emitted')).on('end', () => ended++);
  await closed(socket);
  return { bytes: Buffer.concat(parts), ended, whileHeld };
}

for (const [what, second] of Object.entries(STOPS))
  test(`each byte comes once, and none uncalled for: ${what}`, { timeout: 60_000 }, async (t) => {
    const port = await listen(t, nodeTls.createServer(identity, (socket) => socket.end(SENT)));
    const [there, here] = [await filled(nodeTls.connect, port, {}, second), await filled(tls.connect, port, {}, second)];
    assert.ok(there.bytes.equals(SENT));
    assert.ok(here.bytes.equals(SENT), `${here.bytes.length} bytes`);
    assert.deepStrictEqual([here.ended, here.whileHeld], [there.ended, 0]);
  });

test('what is paused before the handshake is given nothing after it', { timeout: 60_000 }, async (t) => {
  const port = await listen(t, nodeTls.createServer(identity, (socket) => socket.end(SENT)));
  let count = 0;
  const socket = tls.connect({ port, ca, servername: 'localhost', onread: { buffer: Buffer.alloc(ROOM), callback: (length) => { count += length; } } });
  socket.pause();
  await once(socket, 'secureConnect');
  while (!socket.transport.isPaused()) await once(socket.transport, 'data');
  assert.strictEqual(count, 0);
  await closed(socket.resume());
  assert.strictEqual(count, SENT.length);
});

test('a socket that was destroyed in the function calls it no more', { timeout: 60_000 }, async (t) => {
  const port = await listen(t, nodeTls.createServer(identity, (socket) => socket.on('error', () => {}).end(SENT)));
  for (const { connect } of [nodeTls, tls]) {
    let calls = 0;
    const socket = connect({ port, ca, servername: 'localhost', onread: { buffer: Buffer.alloc(ROOM), callback() { calls++; socket.destroy(); } } });
    await closed(socket);
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
    assert.strictEqual(calls, 1);
  }
});

test('what the function throws is uncaught, and what it was not given comes', { timeout: 60_000 }, async () => {
  const got = (face) => printed(`
    const server = nodeTls.createServer(identity, (socket) => socket.end(Buffer.alloc(${SENT.length})));
    server.listen(0, '127.0.0.1', () => {
      let count = 0;
      const callback = (length) => { count += length; if (count === 2 * length) fail(); };
      const client = ${face}.connect({ port: server.address().port, ca: text('ca.pem'), servername: 'localhost', onread: { buffer: Buffer.alloc(${ROOM}), callback } });
      client.on('end', () => console.log('end', count)).on('close', () => server.close());
    });`);
  const there = await got('nodeTls');
  assert.deepStrictEqual(there, ['uncaught of the program', `end ${SENT.length}`]);
  assert.deepStrictEqual(await got('tls'), there);
});

test('a function for the buffer that throws ends the connection, and no process', { timeout: 60_000 }, async (t) => {
  const port = await listen(t, nodeTls.createServer(identity, (socket) => socket.on('error', () => {}).end(SENT))), reason = new Error('no buffer');
  const socket = tls.connect({ port, ca, servername: 'localhost', onread: { buffer() { throw reason; }, callback: () => assert.fail('no bytes') } });
  await assert.rejects(once(socket, 'close'), reason);
});
