'use strict';

// A transport that closes and has told no end: what came before is delivered, and nobody takes it for the whole. What there is to compare
// with is node:tls.

const assert = require('node:assert');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const { Duplex, pipeline } = require('node:stream');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const tlsock = require('../index.js');
const tls = require('../tls.js');
const { clientContext, serverContext, text } = require('./support/certs.js');
const { closed, connectedPair, listen } = require('./support/net.js');

const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') }, ca = text('ca.pem');

const FACES = {
  tlsock: (transport) => tlsock.connect({ transport, serverHostname: 'localhost', context: clientContext() }),
  'tlsock/tls': (socket) => tls.connect({ socket, ca, servername: 'localhost' }),
};
const theirs = (socket) => nodeTls.connect({ socket, ca, servername: 'localhost' });

const TRANSPORTS = {
  'a socket': (raw) => raw,
  'a Duplex': (raw) => {
    const above = new Duplex({ read() {}, write: (chunk, encoding, done) => raw.write(chunk, done), final: (done) => raw.end(done), destroy: (error, done) => done(error, raw.destroy()) });
    raw.on('data', (data) => above.push(data)).on('end', () => above.push(null));
    return above;
  },
};

async function transportTo(port, make) {
  const raw = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(raw, 'connect');
  return make(raw.on('error', () => {})).on('error', () => {});
}

/** What a stream tells from now on. */
function watched(stream) {
  const told = [];
  for (const event of ['end', 'finish']) stream.on(event, () => told.push(event));
  stream.on('error', ({ code }) => told.push(`error ${code}`)).on('close', (hadError) => told.push(`close ${hadError}`));
  return told;
}

// Each reads until the connection is over, cuts it once the server has said something, and gives what it saw.
const READERS = {
  async events(socket, cut) {
    socket.once('data', cut);
    await closed(socket);
    return 'closed';
  },
  async iteration(socket, cut) {
    const end = closed(socket);
    try {
      for await (const part of socket) cut(part);
      return 'whole';
    } catch ({ code }) {
      return code;
    } finally {
      await end;
    }
  },
  pipeline: (socket, cut) => new Promise((resolve) => {
    const sink = new Duplex({ read() {}, write: (part, encoding, done) => { cut(part); done(); } });
    pipeline(socket, sink, (error) => (socket.closed ? resolve(error?.code ?? 'whole') : socket.once('close', () => resolve(error?.code ?? 'whole'))));
  }),
};

async function seen(connect, make, read, port, error) {
  const transport = await transportTo(port, make), socket = connect(transport), told = watched(socket);
  await once(socket, 'secureConnect');
  const outcome = await read(socket, () => transport.destroy(error));
  return { outcome, told, ended: socket.readableEnded };
}

for (const [kind, make] of Object.entries(TRANSPORTS))
  for (const [how, read] of Object.entries(READERS))
    for (const [face, connect] of Object.entries(FACES))
      test(`no end is told where none came: ${face} over ${kind}, ${how}`, { timeout: 60_000 }, async (t) => {
        const port = await listen(t, nodeTls.createServer(identity, (socket) => socket.on('error', () => {}).write('the first half')));
        const there = await seen(theirs, make, read, port);
        assert.strictEqual(there.ended, false);
        assert.deepStrictEqual(await seen(connect, make, read, port), there);
      });

for (const [face, side] of Object.entries({ 'node:tls': nodeTls, 'tlsock/tls': tls }))
  test(`a server whose transport is destroyed is told no end: ${face}`, { timeout: 60_000 }, async (t) => {
    const server = side.createServer(identity), port = await listen(t, server), accepted = once(server, 'connection');
    const client = nodeTls.connect({ port, ca, servername: 'localhost' }, () => client.write('x'));
    const end = closed(client.resume()), [peer] = await once(server, 'secureConnection'), told = watched(peer), [raw] = await accepted;
    await once(peer, 'data');
    raw.destroy();
    await once(peer, 'close');
    await end;
    assert.deepStrictEqual(told, ['close false']);
  });

test('a response of HTTP without a length that is cut off is no whole one', { timeout: 60_000 }, async (t) => {
  const port = await listen(t, nodeTls.createServer(identity, (socket) => socket.on('error', () => {}).once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nthe first half');
  })));
  const asked = async (connect, make) => {
    const transport = await transportTo(port, make), socket = connect(transport), told = [];
    const [response] = await once(http.get({ createConnection: () => socket, headers: { host: 'localhost' } }), 'response');
    for (const event of ['end', 'aborted', 'error']) response.on(event, (error) => told.push(error === undefined ? event : `${event} ${error.code}`));
    response.once('data', () => transport.destroy());
    await closed(response);
    return told;
  };
  for (const make of Object.values(TRANSPORTS)) {
    const there = await asked(theirs, make);
    assert.deepStrictEqual(there, ['aborted', 'error ECONNRESET']);
    for (const connect of Object.values(FACES)) assert.deepStrictEqual(await asked(connect, make), there);
  }
});

// node:tls drops it.
test('what came before is delivered to a slow reader, whatever it reads by', { timeout: 60_000 }, async () => {
  const LONG = 200_000;
  for (const by of ['data', 'readable', 'iteration']) {
    const { client, server } = await connectedPair();
    server.write(Buffer.alloc(LONG));
    await once(client, 'readable');
    const { transport } = client, told = watched(client), cut = once(transport, 'close');
    transport.destroy();
    await cut;
    const held = client.readableLength, gone = once(client, 'close');
    let count = 0;
    if (by === 'data') client.on('data', (part) => (count += part.length));
    else if (by === 'readable') for (let part; (part = client.read(1000) ?? client.read()) !== null;) count += part.length;
    else await assert.rejects(async () => { for await (const part of client) count += part.length; }, { code: 'ERR_STREAM_PREMATURE_CLOSE' });
    await gone;
    assert.ok(held > 0 && count >= held, `${count} of ${held}`);
    assert.deepStrictEqual(told, ['close false'], by);
    server.destroy();
  }
});

test('it is an error where each end without close_notify is one, and where a write is lost', { timeout: 60_000 }, async () => {
  const strict = await connectedPair({ client: { suppressRaggedEofs: false } });
  strict.client.transport.destroy();
  await assert.rejects(once(strict.client.resume(), 'close'), tlsock.SSLEOFError);
  strict.server.destroy();
  const { client, server } = await connectedPair();
  client.transport._write = () => {};
  client.write(Buffer.alloc(1 << 20));
  client.transport.destroy();
  await assert.rejects(once(client.resume(), 'close'), { code: 'EPIPE' });
  server.destroy();
});

test('an end that came before the transport closed is one', { timeout: 60_000 }, async (t) => {
  const port = await listen(t, tlsock.createServer({ context: serverContext() }, (socket) => socket.write('whole', () => socket.transport.end())));
  const client = tlsock.connect({ port, host: '127.0.0.1', serverHostname: 'localhost', context: clientContext() }), told = watched(client.resume());
  await once(client, 'close');
  assert.deepStrictEqual([told, client.raggedEof], [['end', 'finish', 'close false'], true]);
});
