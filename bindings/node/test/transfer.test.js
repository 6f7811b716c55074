'use strict';

// Much data, byte by byte the same, through pipeline() and under a slow reader.

const assert = require('node:assert');
const crypto = require('node:crypto');
const { Readable, Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const { clientContext, serverContext, text } = require('./support/certs.js');
const { connectedPair, listen } = require('./support/net.js');

const MEGABYTE = 1 << 20;
// TLSOCK_TEST_MEGABYTES=1024 for the long run.
const MEGABYTES = Number(process.env.TLSOCK_TEST_MEGABYTES ?? 128);
const block = crypto.randomBytes(MEGABYTE);

/** Chunks of changing sizes, and the digest of them all. */
function source(megabytes, sizes) {
  const digest = crypto.createHash('sha256');
  function* chunks() {
    let rest = megabytes * MEGABYTE;
    for (let i = 0; rest > 0; i++) {
      const size = Math.min(sizes[i % sizes.length], rest);
      const start = (i * 977) % (MEGABYTE - size + 1);
      const chunk = block.subarray(start, start + size);
      digest.update(chunk);
      rest -= size;
      yield chunk;
    }
  }
  return { stream: Readable.from(chunks(), { objectMode: false, highWaterMark: 65536 }), digest };
}

/** Digests what comes; lets go of the thread so often that the writer is always ahead. */
function slowSink(pause) {
  const digest = crypto.createHash('sha256');
  let received = 0, most = 0;
  const stream = new Writable({
    highWaterMark: 16384,
    write(chunk, encoding, callback) {
      digest.update(chunk);
      received += chunk.length;
      most = Math.max(most, process.memoryUsage.rss());
      if (pause) setImmediate(callback);
      else callback();
    },
  });
  return { stream, digest, result: () => ({ received, most }) };
}

async function transfer(from, to, megabytes, sizes) {
  const { stream, digest } = source(megabytes, sizes);
  const sink = slowSink(true);
  await Promise.all([pipeline(stream, from), pipeline(to, sink.stream)]);
  const { received, most } = sink.result();
  assert.strictEqual(received, megabytes * MEGABYTE);
  assert.strictEqual(sink.digest.digest('hex'), digest.digest('hex'));
  return most;
}

test(`${MEGABYTES} MiB to a slow reader over TCP with flat memory`, { timeout: 600_000 }, async (t) => {
  const peers = [];
  const server = tlsock.createServer({ context: serverContext(), allowHalfOpen: true }, (peer) => peers.push(peer));
  const port = await listen(t, server);
  const connected = async () => {
    const client = await tlsock.promises.connect({ host: 'localhost', port, context: clientContext(), allowHalfOpen: true });
    while (peers.length === 0) await new Promise(setImmediate);
    return [client, peers.pop()];
  };
  const [client, peer] = await connected();
  const warm = await transfer(peer, client, 16, [65536]);
  const most = await transfer(...(await connected()), MEGABYTES, [1, 65536, 100, 16384, 16385, 333, 262144, 5000]);
  assert.ok(most < warm + 64 * MEGABYTE, `${(most - warm) / MEGABYTE} MiB more than before`);
  client.destroy();
});

test('both ways at once through a stream in memory', { timeout: 120_000 }, async () => {
  const { client, server } = await connectedPair({ both: { allowHalfOpen: true } });
  await Promise.all([transfer(client, server, 8, [1000, 70000, 3]), transfer(server, client, 8, [16384, 1, 100_000])]);
});

test('node:tls sends, we read slowly; and the reverse', { timeout: 120_000 }, async (t) => {
  const peers = [];
  const server = tls.createServer({ cert: text('ecdsa.pem'), key: text('ecdsa.key'), allowHalfOpen: true }, (peer) => peers.push(peer));
  const port = await listen(t, server);
  const client = await tlsock.promises.connect({ host: 'localhost', port, context: clientContext(), allowHalfOpen: true });
  while (peers.length === 0) await new Promise(setImmediate);
  await transfer(peers[0], client, 8, [65536, 10, 1000]);
  await transfer(client, peers[0], 8, [65536, 10, 1000]);
  client.destroy();
});

test('a reader that stops stops the writer', async () => {
  const { client, server } = await connectedPair();
  const chunk = Buffer.alloc(65536);
  let written = 0;
  while (written < 64 && client.write(chunk)) written++;
  await new Promise(setImmediate);
  while (written < 64 && !client.writableNeedDrain) {
    client.write(chunk);
    written++;
    await new Promise(setImmediate);
  }
  assert.ok(written < 16, `${written} chunks of 64 KiB went out unread`);
  server.resume();
  await new Promise((resolve) => client.once('drain', resolve));
  client.destroy();
  server.on('error', () => {}).destroy();
});
