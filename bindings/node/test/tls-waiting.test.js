'use strict';

// Clients of tlsock/tls that go, or send what nobody asked for, while an answer of the server's program is waited for.

const assert = require('node:assert');
const { constants: { SSL_OP_NO_TICKET } } = require('node:crypto');
const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const { withResolvers } = require('../lib/shaken.js');
const tls = require('../tls.js');
const { text } = require('./support/certs.js');
const { closed, listen } = require('./support/net.js');

const ca = text('ca.pem');
const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };
const storing = { ...identity, maxVersion: 'TLSv1.2', secureOptions: SSL_OP_NO_TICKET };

/** A session that no ticket has. */
async function sessionOf(t) {
  const client = nodeTls.connect({ port: await listen(t, nodeTls.createServer(storing, (socket) => socket.end())), ca, servername: 'localhost' });
  await once(client, 'secureConnect');
  const session = client.getSession();
  await closed(client.resume());
  return session;
}

const SILENT = {
  SNICallback: (ask) => [{ ...identity, SNICallback: ask }],
  resumeSession: (ask) => [storing, 'resumeSession', ask],
  newSession: (ask) => [storing, 'newSession', ask],
  OCSPRequest: (ask) => [identity, 'OCSPRequest', ask],
};

for (const [what, make] of Object.entries(SILENT))
  for (const leave of ['destroy', 'resetAndDestroy'])
    test(`a client that goes (${leave}) while ${what} is not answered is told at once, as with node:tls`, { timeout: 20_000 }, async (t) => {
      let session;
      if (what === 'resumeSession') session = await sessionOf(t);
      for (const implementation of [tls, nodeTls]) {
        const asked = withResolvers(), [options, event, listener] = make((...args) => asked.resolve(args.at(-1)));
        const server = implementation.createServer(options), told = [];
        if (event) server.on(event, listener);
        const port = await listen(t, server), below = net.connect(port, '127.0.0.1'), accepted = once(server, 'connection');
        server.on('tlsClientError', ({ code }) => told.push(code));
        nodeTls.connect({ socket: below, ca, servername: 'localhost', requestOCSP: true, session }).on('error', () => {});
        const answer = await asked.promise, [socket] = await accepted, ended = once(server, 'tlsClientError'), all = new Promise((resolve) => server.close(resolve));
        below[leave]();
        await ended;
        await all;
        answer(null, null);
        await new Promise((resolve) => setImmediate(resolve));
        assert.deepStrictEqual([told, socket.destroyed], [['ECONNRESET'], true]);
      }
    });

test('a client that floods while SNICallback is not answered is read from no further than 64 KiB and a chunk', { timeout: 20_000 }, async (t) => {
  const asked = withResolvers(), server = tls.createServer({ ...identity, SNICallback: (name, answer) => asked.resolve(answer) });
  const port = await listen(t, server), accepted = once(server, 'connection'), below = net.connect(port, '127.0.0.1').on('error', () => {});
  nodeTls.connect({ socket: below, ca, servername: 'localhost' }).on('error', () => {});
  const answer = await asked.promise, [socket] = await accepted;
  for (let i = 0; i < 64; i++) below.write(Buffer.alloc(65536));
  while (!socket.isPaused()) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(socket.bytesRead <= 3 * 65536, `${socket.bytesRead}`);
  const told = once(server, 'tlsClientError');
  answer(null, null);
  // What was held back comes first.
  assert.strictEqual((await told)[0].code, 'ERR_SSL_WRONG_VERSION_NUMBER');
});
