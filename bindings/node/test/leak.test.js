'use strict';

// Many connections, some destroyed in mid-handshake: nothing stays behind.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { askedLater, clientContext, fixed, serverContext } = require('./support/certs.js');
const { closed, connectedPair, streamPair } = require('./support/net.js');

// TLSOCK_TEST_CONNECTIONS=10000 for the long run.
const CONNECTIONS = Number(process.env.TLSOCK_TEST_CONNECTIONS ?? 1000);
// What is measured is the growth, which AddressSanitizer adds to; it looks at what each call does.
const LESS = process.env.TLSOCK_ASAN_ADDON ? 20 : 1;
const collected = new Set();
const registry = new FinalizationRegistry((number) => collected.add(number));

async function one(number, context, serverSideContext) {
  const [below, above] = streamPair();
  const server = new tlsock.TLSSocket(above, { context: serverSideContext, serverSide: true });
  const client = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost' });
  registry.register(client, number);
  const ends = [closed(client), closed(server)];
  const moment = number % 4;
  if (moment === 0) below.once('data', () => client.destroy());
  else if (moment === 1) client.once('secureConnect', () => client.destroy());
  else if (moment === 2) setImmediate(() => client.destroy());
  else client.end('x');
  server.resume();
  client.resume();
  await ends[0];
  server.destroy();
  await ends[1];
}

async function settle() {
  for (let i = 0; i < 10; i++) {
    await new Promise(setImmediate);
    global.gc();
  }
}

test(`${CONNECTIONS} connections leave nothing`, { timeout: 600_000 }, async () => {
  // Only TLS 1.2 has a channel binding that is remembered.
  const clients = [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3].map((version) => clientContext(fixed(version))), server = serverContext();
  const round = async (from, to) => {
    for (let i = from; i < to; i += 20) await Promise.all(Array.from({ length: 20 }, (_, k) => one(i + k, clients[k >> 2 & 1], server)));
    await settle();
    return process.memoryUsage();
  };
  const warm = await round(0, 300);
  const handlesBefore = tlsock.handleCount();
  const after = await round(300, 300 + CONNECTIONS);
  const handlesAfter = tlsock.handleCount();
  assert.ok(handlesAfter <= handlesBefore, `${handlesAfter} handles of the library, ${handlesBefore} before`);
  assert.ok(collected.size > (300 + CONNECTIONS) * 0.98, `${collected.size} of ${300 + CONNECTIONS} were collected`);
  assert.ok(after.external < warm.external + (4 << 20), `external memory grew by ${after.external - warm.external}`);
  assert.ok(after.rss < warm.rss + (48 << 20), `the process grew by ${after.rss - warm.rss}`);
});

// What is remembered of the first handshake is replaced.
test('a second handshake leaves nothing of the first', async () => {
  const contexts = askedLater();
  const connect = async () => {
    const { client, server } = await connectedPair({ client: { context: contexts.client }, server: { context: contexts.server } });
    server.verifyClientPostHandshake();
    server.write('who are you');
    client.once('data', () => client.write('me'));
    await once(server, 'data');
    const gone = [closed(server), closed(client)];
    server.destroy();
    client.destroy();
    await Promise.all(gone);
    assert.ok(server.peerCertificate !== null);
  };
  await connect();
  await settle();
  const before = tlsock.handleCount();
  for (let i = 0; i < 20; i++) await connect();
  await settle();
  assert.ok(tlsock.handleCount() < before + 10, `${tlsock.handleCount()} handles, ${before} before`);
});

test('what a connection has answered is freed', async () => {
  const { client, server } = await connectedPair();
  const before = tlsock.handleCount();
  for (let i = 0; i < 100; i++) {
    assert.ok(client.getFinished().length > 0);
    assert.strictEqual(client.getVerifiedChain().length, 3);
    assert.ok(client.session !== null && server.sharedCiphers().length > 0);
  }
  await settle();
  assert.ok(tlsock.handleCount() < before + 10, `${tlsock.handleCount()} handles, ${before} before`);
  client.destroy();
  server.destroy();
});

test('errors, of calls that throw and of those that answer, are freed', () => {
  const context = clientContext();
  const object = context.wrapBio(new tlsock.MemoryBIO(), new tlsock.MemoryBIO(), { serverHostname: 'localhost' });
  const before = tlsock.handleCount();
  for (let i = 0; i < 100; i++) {
    assert.throws(() => object.doHandshake(), tlsock.SSLWantReadError);
    assert.throws(() => context.setCiphers('no such cipher'), tlsock.SSLError);
    assert.throws(() => tlsock.txt2obj('no such object'), tlsock.ValueError);
  }
  assert.strictEqual(tlsock.handleCount(), before);
});

test('handles nobody closed are freed by the collector', async () => {
  const context = clientContext();
  const make = () => context.wrapBio(new tlsock.MemoryBIO(), new tlsock.MemoryBIO(), { serverHostname: 'localhost' });
  const loop = async () => {
    for (let i = 0; i < 2000; i++) {
      make();
      if (i % 200 === 0) await settle();
    }
    await settle();
    return process.memoryUsage().rss;
  };
  const handles = tlsock.handleCount();
  const warm = await loop();
  const after = await loop();
  // The collector may keep the very last ones.
  assert.ok(tlsock.handleCount() < handles + 50, `${tlsock.handleCount()} handles, ${handles} before`);
  assert.ok(after < warm + (16 << 20), `the process grew by ${after - warm}`);
});

test('calls inside of calls leave no memory of the addon behind', { skip: process.platform !== 'linux' }, () => {
  const { readFileSync } = require('node:fs');
  const { objects } = require('./support/pairs.js');
  const size = () => Number(/^VmData:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))[1]);
  const other = objects(), context = clientContext();
  let inner = 0;
  context.messageCallback = () => {
    inner++;
    assert.throws(() => other.client.read(1), tlsock.SSLWantReadError);
  };
  const { client, server } = objects(context);
  const run = (times) => {
    for (let i = 0; i < times; i++) {
      server.write('x');
      client.read();
    }
    return size();
  };
  const before = run(100), after = run(2000);
  assert.ok(inner > 2000);
  // Each that was left behind would be 200 kB.
  assert.ok(after - before < 150_000, `${after - before} kB`);
});

const dataSize = () => Number(/^VmData:\s+(\d+)/m.exec(require('node:fs').readFileSync('/proc/self/status', 'latin1'))[1]);

test('callbacks that were replaced leave nothing', { skip: process.platform !== 'linux' }, async () => {
  const context = clientContext();
  const run = async (times) => {
    for (let i = 0; i < times; i++) context.messageCallback = i % 2 ? () => {} : null;
    await settle();
    return dataSize();
  };
  const before = await run(100_000 / LESS), after = await run(600_000 / LESS);
  // A pointer and a reference of each would be 60 bytes and more, 36 MB. The heap of JavaScript grows too, but in steps.
  assert.ok(after - before < 20_000, `${after - before} kB`);
});

test('callbacks that are refused leave nothing', { skip: process.platform !== 'linux' }, async () => {
  const context = clientContext();
  const run = async (times) => {
    for (let i = 0; i < times; i++) assert.throws(() => { context.alpnCallback = () => {}; }, tlsock.ValueError);
    await settle();
    return dataSize();
  };
  const sizes = [];
  for (const times of [50_000, 100_000, 100_000, 100_000]) sizes.push(await run(times / LESS));
  const growths = sizes.slice(1).map((size, i) => size - sizes[i]);
  // A pointer and a reference of each would be 6 MB and more in each round. The heap of JavaScript grows too, but in steps.
  assert.ok(Math.min(...growths) < 3_000, `${growths} kB`);
});
