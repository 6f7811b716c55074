'use strict';

// Every write is called back once, what was written before the end leaves, and no peer makes us keep more and more.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const ours = require('../tls.js');
const { clientContext, serverContext, text } = require('./support/certs.js');
const { closed, collect, connectedPair, deafPort, listen, streamPair } = require('./support/net.js');
const { BROKEN, RawSender } = require('./support/raw.js');

const ENDS = {
  destroy: { end: ({ client }) => client.destroy() },
  'destroy with an error': { end: ({ client }) => client.destroy(new Error('mine')) },
  'a reset': { end: ({ raw }) => raw.resetAndDestroy() },
  'destroy before the handshake': { isEarly: true, end: ({ client }) => client.destroy() },
  'nobody listens': { isEarly: true, isRefused: true, end() {} },
};

for (const [how, { isEarly, isRefused, end }] of Object.entries(ENDS))
  test(`callbacks of writes and of the end are called once: ${how}`, async (t) => {
    const server = tlsock.createServer({ context: serverContext() }, (peer) => peer.on('error', () => {}).pause());
    const port = isRefused ? await deafPort(t) : await listen(t, server);
    const accepted = once(server, 'connection');
    const client = tlsock.connect({ host: '127.0.0.1', port, serverHostname: 'localhost', context: clientContext() });
    if (!isEarly) await client.doHandshake();
    const calls = new Map([0, 1, 2, 'end'].map((name) => [name, []]));
    const note = (name) => (error) => calls.get(name).push(error ?? null);
    for (let i = 0; i < 3; i++) client.write(Buffer.alloc(4 << 20), note(i));
    client.end(note('end'));
    const gone = closed(client);
    if (!isEarly) await new Promise(setImmediate);
    end({ client, raw: isRefused ? null : (await accepted)[0] });
    await gone;
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
    for (const [name, outcomes] of calls) {
      assert.strictEqual(outcomes.length, 1, `${name}: ${outcomes.length} calls`);
      if (name > 0 || name === 'end') assert.ok(outcomes[0] instanceof Error, `${name}`);
    }
  });

test('an end that the transport has not passed on fails with it', async () => {
  let isDeaf = false;
  const [below, above] = streamPair(), pass = above._write;
  above._write = function write(chunk, encoding, callback) {
    if (!isDeaf) pass.call(this, chunk, encoding, callback);
  };
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true, allowHalfOpen: true });
  const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost' });
  await Promise.all([client.doHandshake(), server.doHandshake()]);
  isDeaf = true;
  await new Promise((resolve) => server.write('lost', resolve));
  const calls = [], gone = closed(server.resume());
  let isFinished = false;
  server.on('finish', () => (isFinished = true)).end((error) => calls.push(error));
  client.end();
  await once(server, 'end');
  above.destroy();
  await gone;
  assert.ok(calls.length === 1 && calls[0] instanceof Error && server.errored instanceof Error && !isFinished);
});

test('what was written before destroy arrives, wherever destroy is called', async (t) => {
  const wheres = {
    'in the data listener': (peer) => peer.once('data', () => {
      peer.write('good');
      peer.write('bye');
      peer.destroy();
    }),
    later: (peer) => peer.once('data', () => setImmediate(() => {
      peer.end('goodbye');
      peer.destroy(new Error('mine'));
    })),
    'with a callback': (peer) => peer.once('data', () => peer.write('goodbye', () => peer.destroy())),
    'in the handshake listener': (peer) => {
      peer.write('goodbye');
      peer.destroy();
    },
  };
  for (const [where, act] of Object.entries(wheres)) {
    const port = await listen(t, tlsock.createServer({ context: serverContext() }, act));
    const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: text('ca.pem') });
    let got = '';
    client.on('data', (chunk) => (got += chunk)).write('hello');
    await closed(client);
    assert.strictEqual(got, 'goodbye', where);
  }
});

test('destroy is no error, though something was written that cannot leave', async () => {
  const { client, server } = await connectedPair();
  const outcomes = [];
  const gone = new Promise((resolve) => client.once('close', resolve));
  client.transport.destroy();
  client.write('lost', (error) => outcomes.push(error));
  // Nobody listens to errors.
  client.destroy();
  await gone;
  assert.strictEqual(outcomes.length, 1);
  assert.ok(outcomes[0] instanceof Error);
  server.on('error', () => {}).destroy();
});

test('an error in one go with the end of the handshake is the caller\'s of connect and doHandshake', async (t) => {
  // The server's last flight and a broken record in one piece.
  const port = await listen(t, net.createServer((transport) => {
    const { write } = transport;
    transport.write = (bytes, ...rest) => write.call(transport, Buffer.concat([bytes, BROKEN]), ...rest);
    new tlsock.TLSSocket(transport, { context: serverContext(), serverSide: true }).on('error', () => {});
  }));
  const options = { host: 'localhost', port, context: clientContext() };
  const reason = { name: 'SSLError', reason: /DECRYPTION_FAILED_OR_BAD_RECORD_MAC/ };
  await assert.rejects(tlsock.promises.connect(options), reason);
  await assert.rejects(tlsock.connect(options).doHandshake(), reason);
  let established = null;
  const client = tlsock.connect(options, () => (established = client.getpeercert().subject));
  await closed(client);
  assert.ok(established.length > 0);
  await assert.rejects(client.doHandshake(), reason);
});

test('a transport that fails after the peer\'s end is told if data was unsent', async () => {
  const failure = new Error('the line is cut');
  for (const isUnsent of [true, false]) {
    const { client, server } = await connectedPair({ both: { allowHalfOpen: true } });
    const { transport } = client;
    server.end();
    client.resume();
    await once(client, 'end');
    // Nothing passes any more.
    transport._write = () => {};
    if (isUnsent) client.write('lost');
    client.end();
    await new Promise(setImmediate);
    const gone = closed(client);
    transport.destroy(failure);
    await gone;
    assert.strictEqual(client.errored, isUnsent ? failure : null);
    server.destroy();
  }
});

/** A server after its handshake with a client, whose records are then made by hand; its answers are not read. */
async function handmade() {
  const [below, above] = streamPair();
  const context = clientContext();
  let secret = null;
  context.keylogCallback = (connection, line) => {
    const [label, , value] = line.split(' ');
    if (label === 'CLIENT_TRAFFIC_SECRET_0') secret = value;
  };
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
  const client = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost' });
  await Promise.all([client.doHandshake(), server.doHandshake()]);
  await new Promise(setImmediate);
  const waiting = [];
  above._write = (chunk, encoding, callback) => waiting.push(callback);
  return { server, above, sender: new RawSender(secret, client.cipher().name), waiting };
}

test('a peer that asks for new keys without end and never reads gets no more answers', async () => {
  const { server, above, sender, waiting } = await handmade();
  let got = '';
  server.on('data', (chunk) => (got += chunk));
  let most = 0;
  for (let i = 0; i < 14; i++) {
    above.push(Buffer.concat(Array.from({ length: 500 }, () => sender.keyUpdate())));
    await new Promise(setImmediate);
    most = Math.max(most, above.writableLength);
  }
  assert.ok(most > 65536 && most < 150_000, `${most} bytes of answers wait`);
  assert.ok(above.isPaused());
  // Once the peer reads, it is served again.
  above.push(sender.record(23, Buffer.from('sorry')));
  above._write = (chunk, encoding, callback) => callback();
  waiting.pop()();
  while (got === '') await new Promise(setImmediate);
  assert.strictEqual(got, 'sorry');
  server.destroy();
});

test('data to send does not stop the reader', async () => {
  const { server, above, sender } = await handmade();
  let got = 0;
  server.on('data', (chunk) => (got += chunk.length));
  server.write(Buffer.alloc(1 << 20));
  await new Promise(setImmediate);
  assert.ok(above.writableNeedDrain);
  for (let i = 0; i < 100; i++) above.push(Buffer.concat([sender.keyUpdate(), sender.record(23, Buffer.alloc(1000))]));
  await new Promise(setImmediate);
  assert.strictEqual(got, 100_000);
  server.destroy();
});

test('unwrap gives back the plain bytes that came in one piece with close_notify, and nothing else', async () => {
  for (const [before, behind] of [['', 'plain'], ['last words', 'plain'], ['last words', '']]) {
    const { client, server } = await connectedPair({ both: { allowHalfOpen: true } });
    let heard = '';
    client.on('data', (chunk) => (heard += chunk));
    // Everything the server sends from now on comes in one piece.
    const held = [];
    const { transport } = server;
    transport.write = (bytes) => held.push(Buffer.from(bytes)) > 0;
    if (before) server.write(before);
    server.resume();
    const leaving = client.unwrap();
    await once(server, 'end');
    server.unwrap();
    await new Promise(setImmediate);
    client.transport.push(Buffer.concat([...held, Buffer.from(behind)]));
    const below = await leaving;
    assert.strictEqual(heard, before);
    below.push(null);
    assert.strictEqual(String(await collect(below.resume())), behind);
  }
});

// A close_notify in the clear comes from anybody: what it ends has told nothing.
test('an end before the end of the handshake is a failure, and no empty stream', async (t) => {
  const closeNotify = Buffer.from([21, 3, 3, 0, 2, 1, 0]);
  const server = net.createServer((raw) => raw.on('error', () => {}).once('data', () => raw.end(closeNotify)));
  const port = await listen(t, server), code = 'ECONNRESET';
  await assert.rejects(tlsock.promises.connect({ host: 'localhost', port, context: clientContext() }), { code, phase: 'handshake' });
  await assert.rejects(collect(tlsock.connect({ host: 'localhost', port, context: clientContext() })), { code });
  await assert.rejects(collect(ours.connect({ host: 'localhost', port })), { code, message: /before secure TLS connection was established/ });
  const secure = tlsock.createServer({ context: serverContext() }, () => assert.fail('there was no handshake'));
  const refused = once(secure, 'tlsClientError'), raw = net.connect(await listen(t, secure), '127.0.0.1', () => raw.write(closeNotify));
  raw.on('error', () => {});
  assert.ok((await refused)[0] instanceof Error);
  raw.destroy();
});

test('over a transport that is over already a connection fails at once, with its error where it has one', { timeout: 60_000 }, async (t) => {
  const port = await listen(t, net.createServer()), nobody = await deafPort(t), reason = new Error('of the program');
  const made = async (run, event) => {
    const transport = new net.Socket().on('error', () => {});
    const over = event === 'connect' ? once(transport, event).then(() => closed(transport.destroy())) : closed(transport);
    run(transport);
    await over;
    return transport;
  };
  const transports = {
    'it was closed': [() => made((transport) => transport.connect(port, '127.0.0.1'), 'connect'), undefined],
    'it could not be connected': [() => made((transport) => transport.connect(nobody, '127.0.0.1')), 'ECONNREFUSED'],
    'it was never connected': [() => made((transport) => transport.destroy()), undefined],
    'the program has failed it': [() => made((transport) => transport.destroy(reason)), reason],
  };
  for (const [what, [make, expected]] of Object.entries(transports)) {
    const error = await tlsock.promises.connect({ transport: await make(), serverHostname: 'localhost', context: clientContext() }).catch((caught) => caught);
    assert.ok(error instanceof Error, what);
    if (expected !== undefined) assert.ok(error === expected || error.code === expected, `${what}: ${error}`);
    const socket = ours.connect({ socket: await make(), servername: 'localhost' });
    assert.strictEqual(await once(socket, 'close').catch(({ code }) => code), error === reason ? undefined : expected ?? 'ECONNRESET', what);
  }
  // One that is to be connected yet is waited for.
  const served = await listen(t, tlsock.createServer({ context: serverContext() }));
  const later = new net.Socket(), connected = tlsock.promises.connect({ transport: later, serverHostname: 'localhost', context: clientContext() });
  await new Promise(setImmediate);
  later.connect(served, '127.0.0.1');
  (await connected).destroy();
});

// What each does with a client, once it is made or secure.
const ORDERS = {
  'a write before a refusal': { options: { ca: undefined }, made: (client, note) => client.write('x', note) },
  'a write behind destroy': { secure(client, note) { client.destroy(); client.write('x', note); } },
  'writes before destroy with an error': { secure(client, note) { client.write(Buffer.alloc(32 << 20), note); setImmediate(() => client.destroy(new Error('mine'))); } },
};

for (const [what, { options, made = () => {}, secure = () => {} }] of Object.entries(ORDERS))
  test(`errors, callbacks of writes and the close come in the order of node:tls: ${what}`, { timeout: 60_000 }, async (t) => {
    const port = await listen(t, tls.createServer({ key: text('ecdsa.key'), cert: text('ecdsa.pem') }, (socket) => socket.on('error', () => {}).pause()));
    const seen = [];
    for (const { connect } of [tls, ours]) {
      const told = [], client = connect({ port, ca: text('ca.pem'), servername: 'localhost', ...options });
      for (const event of ['error', 'close']) client.on(event, () => told.push(event));
      const note = () => told.push('write');
      client.once('secureConnect', () => secure(client, note));
      made(client, note);
      await closed(client);
      for (let i = 0; i < 3; i++) await new Promise(setImmediate);
      seen.push(told);
    }
    assert.ok(seen[0].includes('write') && seen[0].at(-1) === 'close', seen[0].join());
    assert.deepStrictEqual(seen[1], seen[0]);
  });
