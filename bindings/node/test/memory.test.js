'use strict';

// Memory has one owner: what others do to their buffers, at any moment, harms no connection, and nothing of one connection is seen
// through another.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { Duplex } = require('node:stream');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { clientContext, fixed, serverContext } = require('./support/certs.js');
const { closed, collect, connectedPair, listen, streamPair } = require('./support/net.js');
const { connected, harmed, objects } = require('./support/pairs.js');

const VERSIONS = [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3];
const CAN_RESIZE = typeof ArrayBuffer.prototype.resize === 'function';

// What others can do to a buffer.
const HARMS = {
  transfer: { make: (size) => new ArrayBuffer(size), harm: (buffer) => void structuredClone(buffer, { transfer: [buffer] }) },
  ...(CAN_RESIZE && {
    resize: { make: (size) => new ArrayBuffer(size, { maxByteLength: size }), harm: (buffer) => buffer.resize(10) },
  }),
};

const owns = (bytes) => bytes.byteOffset === 0 && bytes.buffer.byteLength === bytes.length;

/** A pair of streams whose first end passes nothing on while it is held. */
function heldPair() {
  const [below, above] = streamPair();
  const { _write } = below;
  let waiting = null, isHeld = false;
  below._write = function write(...args) {
    if (isHeld) waiting = () => _write.apply(below, args);
    else _write.apply(below, args);
  };
  return {
    below, above,
    hold: () => (isHeld = true),
    release() {
      isHeld = false;
      waiting?.();
    },
  };
}

for (const version of VERSIONS)
  test(`what leaves the binding owns its memory, version ${version}`, async () => {
    const [below, above] = streamPair();
    const sent = [];
    const { write } = below;
    below.write = (bytes, ...rest) => {
      sent.push(bytes);
      return write.call(below, bytes, ...rest);
    };
    const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
    const client = new tlsock.TLSSocket(below, { context: clientContext(fixed(version)), serverHostname: 'localhost' });
    client.on('keylog', (line) => sent.push(line));
    await Promise.all([client.doHandshake(), server.doHandshake()]);
    const received = [];
    server.on('data', (chunk) => received.push(chunk));
    for (const size of [1, 100, 16384, 70_000]) client.write(Buffer.alloc(size, 'x'));
    client.end();
    await once(server, 'end');
    assert.ok(received.length > 1 && sent.length > 2);
    for (const chunk of [...received, ...sent]) assert.ok(owns(chunk), `${chunk.length} bytes in ${chunk.buffer.byteLength}`);

    const { client: object, server: peer, up } = objects(clientContext(fixed(version)));
    peer.write('in memory');
    object.write('in memory');
    const bytes = [object.read(), up.read(5), up.read(), object.session.toData(), peer.getpeercert(true), object.getpeercert(true),
      version === tlsock.TLSVersion.TLSv1_2 ? object.getChannelBinding() : null, object.session.id, tlsock.randBytes(7)];
    for (const [i, each] of bytes.entries()) assert.ok(each === null || owns(each), `${i}: ${each?.length} bytes in ${each?.buffer.byteLength}`);
  });

test('a chunk that was received can be transferred, and nobody else notices', async (t) => {
  const server = tlsock.createServer({ context: serverContext() }, (peer) => peer.pipe(peer));
  const port = await listen(t, server);
  const open = () => tlsock.promises.connect({ host: 'localhost', port, context: clientContext() });
  const [one, other] = [await open(), await open()];
  other.write('kept');
  const [kept] = await once(other, 'data');
  for (let i = 0; i < 3; i++) {
    one.write('given away');
    const [chunk] = await once(one, 'data');
    assert.ok(!Buffer.from(chunk.buffer).includes('kept'));
    harmed(chunk.buffer);
  }
  assert.strictEqual(String(kept), 'kept');
  one.destroy();
  other.destroy();
});

for (const [how, { make, harm }] of Object.entries(HARMS)) {
  test(`a written buffer that is gone before all of it was sent: ${how}`, async () => {
    const pair = heldPair();
    const { client, server } = await connected(pair.below, pair.above);
    const got = collect(server).catch((error) => error);
    pair.hold();
    const buffer = make(400_000);
    const written = new Uint8Array(buffer).fill(7);
    const outcomes = [];
    client.on('error', () => {});
    server.on('error', () => {});
    client.write(written, (error) => outcomes.push(error));
    await new Promise(setImmediate);
    const { bytesWritten } = client;
    assert.ok(bytesWritten > 0 && bytesWritten < 400_000);
    harm(buffer);
    const end = closed(client);
    pair.release();
    await end;
    assert.strictEqual(outcomes.length, 1);
    assert.match(outcomes[0].message, /detached or resized/);
    assert.strictEqual(client.errored, outcomes[0]);
    assert.strictEqual(client.bytesWritten, bytesWritten);
    pair.above.push(null);
    const bytes = await got;
    assert.ok(bytes.length <= bytesWritten && bytes.every((byte) => byte === 7));
  });

  test(`a written buffer that is gone while those before it are sent: ${how}`, async () => {
    const pair = heldPair();
    const { client, server } = await connected(pair.below, pair.above);
    let got = 0;
    server.on('data', (chunk) => {
      got += chunk.length;
      assert.ok(chunk.every((byte) => byte === 7));
    }).on('error', () => {});
    pair.hold();
    const buffer = make(1000);
    client.write(Buffer.alloc(150_000, 7));
    client.write(new Uint8Array(buffer).fill(7));
    client.write(Buffer.alloc(1000, 8));
    const end = closed(client);
    await new Promise(setImmediate);
    harm(buffer);
    pair.release();
    await end;
    assert.match(client.errored.message, /detached or resized/);
    assert.ok(got < 152_000);
    server.destroy();
  });

  test(`a written buffer that is gone before the tick is over: ${how}`, async () => {
    for (const others of [[], ['before', 'behind']]) {
      const { client, server } = await connectedPair();
      const received = [];
      server.on('data', (chunk) => received.push(chunk)).on('error', () => {});
      const end = closed(client);
      const buffer = make(1000);
      const outcomes = [];
      if (others[0]) client.write(others[0]);
      client.write(new Uint8Array(buffer).fill(7), (error) => outcomes.push(error));
      if (others[1]) client.write(others[1]);
      harm(buffer);
      await end;
      assert.match(client.errored.message, /detached or resized/);
      assert.strictEqual(outcomes.length, 1);
      assert.match(outcomes[0].message, /detached or resized/);
      assert.strictEqual(Buffer.concat(received).length, 0);
      server.destroy();
    }
  });

  test(`what the transport gave is gone before it was read: ${how}`, async () => {
    const { client, server } = await connectedPair({ client: { highWaterMark: 1 } });
    // The first stops the reader; the second waits.
    const buffer = make(0x4000);
    client.pause();
    server.write('x'.repeat(100));
    await once(client, 'readable');
    client.transport.emit('data', new Uint8Array(buffer));
    harm(buffer);
    const failed = once(client, 'error');
    client.read();
    const [error] = await failed;
    assert.match(error.message, /detached or resized/);
    server.on('error', () => {}).destroy();
  });
}

test('a wrapped transport may pass bytes on later', async (t) => {
  const port = await listen(t, tlsock.createServer({ context: serverContext() }, (peer) => peer.pipe(peer)));
  const plain = net.connect(port, '127.0.0.1');
  await once(plain, 'connect');
  const { write } = plain;
  let queue = [];
  plain.write = (bytes) => {
    queue.push(bytes);
    setImmediate(() => {
      for (const each of queue) write.call(plain, each);
      queue = [];
    });
    return true;
  };
  const client = tlsock.connect({ transport: plain, context: clientContext(), serverHostname: 'localhost' });
  let got = '';
  client.on('data', (chunk) => (got += chunk));
  for (let i = 0; i < 200; i++) {
    client.write(`message ${i};`);
    if (i % 3 === 0) await new Promise(process.nextTick);
  }
  while (!got.includes('message 199;')) await once(client, 'data');
  assert.strictEqual(got, Array.from({ length: 200 }, (_, i) => `message ${i};`).join(''));
  client.destroy();
});

test('the numbers of the pump are no sizes until they were checked', () => {
  const native = require('../lib/native.js');
  const { contextNew, wrapBio, pump, CONTROL_COUNT } = native;
  const context = contextNew(tlsock.PROTOCOL_TLS_SERVER);
  const bytes = new Uint8Array(100);
  const run = (start, index, data) => {
    const numbers = new Float64Array(CONTROL_COUNT), outcome = [null, null, null];
    [numbers[2], numbers[3]] = [index, start];
    pump(wrapBio(context, null, null, 1, null, null), numbers, outcome, data);
    return outcome[0]?.message;
  };
  for (const data of [bytes, [bytes]]) {
    for (const start of [101, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 53, 2 ** 60, -1, NaN, Infinity])
      assert.match(run(start, 0, data), /detached or resized/, `${start}`);
    assert.doesNotMatch(run(100, 0, data) ?? '', /detached or resized/);
  }
  for (const index of [1, 2 ** 32, -1, NaN, Infinity]) assert.match(run(0, index, [bytes]), /detached or resized/, `${index}`);
  for (const data of [7, {}, 'text', [7], [{}], new Uint16Array(4), new DataView(new ArrayBuffer(4))]) assert.match(run(0, 0, data), /detached or resized/);
});

test('the pump takes no array but its own, and no flags that are no number', () => {
  const { contextNew, wrapBio, pump, read, CONTROL_COUNT } = require('../lib/native.js');
  const context = contextNew(tlsock.PROTOCOL_TLS_SERVER), make = () => wrapBio(context, null, null, 1, null, null);
  const run = (numbers) => {
    const outcome = [null, null, null];
    pump(make(), numbers, outcome, null);
    return outcome[0]?.message;
  };
  for (const numbers of [new Float64Array(1), new Float64Array(CONTROL_COUNT - 1), new Float32Array(CONTROL_COUNT), new Uint8Array(8 * CONTROL_COUNT), [], null]) {
    assert.match(run(numbers), /detached or resized/);
    assert.ok(Array.from(numbers ?? []).every((number) => number === 0));
  }
  for (const flags of [-1, NaN, 2 ** 60, Infinity]) assert.match(run(Float64Array.from({ length: CONTROL_COUNT }, (_, slot) => (slot === 0 ? flags : 0))), /detached or resized/);
  for (const size of [-1, -(2 ** 40)]) assert.strictEqual(read(make(), size).length, 0);
});

test('a read takes what there is, however much room it is given', () => {
  const { client, server } = objects(), data = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
  server.write(data);
  const parts = [];
  for (let left = data.length; left > 0; left -= parts.at(-1).length) parts.push(client.read(2 ** 31 - 1));
  assert.deepStrictEqual(Buffer.concat(parts), data);
  const into = Buffer.alloc(200_000);
  server.write(data);
  const count = client.read(into);
  assert.ok(count > 0 && into.subarray(0, count).equals(data.subarray(0, count)) && into.subarray(count).every((byte) => byte === 0));
});

test('a transport that gives text is refused if bytes are lost', async () => {
  for (const [encoding, works] of [['utf8', false], ['latin1', true], ['hex', true], ['base64', false]]) {
    const [below, above] = streamPair();
    above.setEncoding(encoding);
    const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
    const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost' });
    client.on('error', () => {});
    if (works) await Promise.all([client.doHandshake(), server.doHandshake()]);
    else await assert.rejects(server.doHandshake(), /setEncoding/);
    client.destroy();
    server.on('error', () => {}).destroy();
  }
});

test('a transport that gives neither bytes nor text', async () => {
  const odd = new Duplex({ readableObjectMode: true, read() {}, write: (chunk, encoding, callback) => callback() });
  const client = new tlsock.TLSSocket(odd, { context: clientContext(), serverHostname: 'localhost' });
  odd.push({ no: 'bytes' });
  await assert.rejects(client.doHandshake(), /the transport gave/);
});
