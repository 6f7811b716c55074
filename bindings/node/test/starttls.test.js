'use strict';

// From plain to TLS and back again, on one stream.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { clientContext, serverContext } = require('./support/certs.js');
const { connectedPair, listen } = require('./support/net.js');

// resume: unwrap gives streams back paused.
const line = async (stream) => String((await once(stream.resume(), 'data'))[0]);

test('STARTTLS, and back to plain, over TCP', async (t) => {
  const port = await listen(t, net.createServer({ allowHalfOpen: true }, async (plain) => {
    plain.on('error', () => {});
    plain.write('220 ready\r\n');
    assert.strictEqual(await line(plain), 'STARTTLS\r\n');
    plain.write('220 go ahead\r\n');
    const secure = new tlsock.TLSSocket(plain, { context: serverContext(), serverSide: true, allowHalfOpen: true });
    assert.strictEqual(await line(secure), 'secret');
    secure.write('noted');
    secure.resume();
    await once(secure, 'end');
    const after = await secure.unwrap();
    assert.strictEqual(after, plain);
    assert.strictEqual(await line(after), 'plain again');
    after.end('bye');
  }));
  const plain = net.connect({ port, allowHalfOpen: true });
  assert.strictEqual(await line(plain), '220 ready\r\n');
  plain.write('STARTTLS\r\n');
  assert.strictEqual(await line(plain), '220 go ahead\r\n');
  const secure = tlsock.connect({ transport: plain, serverHostname: 'localhost', context: clientContext() });
  secure.write('secret');
  assert.strictEqual(await line(secure), 'noted');
  const closed = once(secure, 'close');
  assert.strictEqual(await secure.unwrap(), plain);
  await closed;
  assert.strictEqual(plain.destroyed, false);
  plain.write('plain again');
  assert.strictEqual(await line(plain), 'bye');
  plain.destroy();
});

test('plain bytes right behind close_notify are given back', async () => {
  const { client, server } = await connectedPair({ both: { allowHalfOpen: true } });
  server.resume();
  const gone = client.unwrap();
  await once(server, 'end');
  const below = await server.unwrap();
  below.write('straight after');
  const plain = await gone;
  assert.strictEqual(await line(plain), 'straight after');
});

test('both sides leave at the same time, with data on the way', async () => {
  const { client, server } = await connectedPair();
  let got = '';
  server.on('data', (chunk) => (got += chunk));
  client.write('last words');
  const end = once(server, 'end');
  const [ours, theirs] = await Promise.all([client.unwrap(), server.unwrap()]);
  // Data that was sent before is still there to be read.
  await end;
  assert.strictEqual(got, 'last words');
  ours.write('hello');
  assert.strictEqual(await line(theirs), 'hello');
});

test('unwrap of what was destroyed or dies', async () => {
  const { client, server } = await connectedPair();
  const leaving = client.unwrap();
  server.on('error', () => {}).destroy();
  client.on('error', () => {});
  client.transport.push(null);
  await assert.rejects(leaving, { name: 'SSLEOFError' });
  await assert.rejects(client.unwrap(), { name: 'ValueError' });
});

/** A server and a client that ask to upgrade; ours is the one that clears its listeners, or had set an encoding. */
async function upgraded(t, prepare, after = () => {}) {
  const server = net.createServer((plain) => plain.on('error', () => {}));
  const client = net.connect(await listen(t, server), '127.0.0.1');
  const [plain] = await once(server, 'connection');
  prepare(plain);
  const secure = new tlsock.TLSSocket(plain, { context: serverContext(), serverSide: true });
  secure.on('error', () => {});
  after(plain);
  const peer = tlsock.connect({ transport: client, serverHostname: 'localhost', context: clientContext() });
  peer.on('error', () => {});
  return { secure, peer };
}

for (const [what, clear] of Object.entries({
  "removeAllListeners('data')": (plain) => plain.removeAllListeners('data'),
  'removeAllListeners()': (plain) => plain.removeAllListeners(),
  'each one removed': (plain) => {
    for (const event of plain.eventNames()) for (const listener of plain.listeners(event)) plain.removeListener(event, listener);
  },
}))
  test(`a program that clears the stream of its listeners after the upgrade: ${what}`, async (t) => {
    const { secure, peer } = await upgraded(t, (plain) => plain.on('data', () => {}), clear);
    secure.on('data', (chunk) => secure.write(`got ${chunk}`));
    peer.write('one');
    assert.strictEqual(await line(peer), 'got one');
    // Also later, and the end is seen.
    clear(secure.transport);
    peer.write('two');
    assert.strictEqual(await line(peer), 'got two');
    clear(secure.transport);
    const end = once(secure, 'end');
    peer.end();
    await end;
  });

test('a program that clears a stream of its listeners before it is connected', async (t) => {
  const port = await listen(t, tlsock.createServer({ context: serverContext() }, (peer) => peer.end('hello')));
  const plain = net.connect(port, '127.0.0.1');
  const client = tlsock.connect({ transport: plain, serverHostname: 'localhost', context: clientContext() });
  plain.removeAllListeners();
  assert.strictEqual(await line(client), 'hello');
});

test('after unwrap the stream is the program\'s: cleared listeners stay away', async () => {
  const { client, server } = await connectedPair({ both: { allowHalfOpen: true } });
  server.resume();
  const gone = client.unwrap();
  await once(server, 'end');
  await server.unwrap();
  const plain = await gone;
  plain.removeAllListeners();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepStrictEqual(plain.eventNames(), []);
});

for (const [encoding, works] of Object.entries({ latin1: true, hex: true, binary: true, utf8: false, base64: false, utf16le: false }))
  test(`STARTTLS over a stream with setEncoding('${encoding}') ${works ? 'works' : 'is an error that says so'}`, async (t) => {
    const { secure, peer } = await upgraded(t, (plain) => plain.setEncoding(encoding));
    if (works) {
      peer.write('me');
      assert.strictEqual(await line(secure), 'me');
    } else {
      const [error] = await new Promise((resolve) => secure.once('error', (...args) => resolve(args)));
      assert.ok(error instanceof TypeError && error.message.includes(`setEncoding('${encoding}')`));
    }
    peer.destroy();
  });

test('bytes of the handshake that were already read, and put back, count', async (t) => {
  const port = await listen(t, net.createServer((plain) => {
    plain.on('error', () => {});
    // One chunk has the command and the ClientHello behind it.
    plain.once('data', (chunk) => {
      plain.pause();
      const end = chunk.indexOf('\n') + 1;
      if (end < chunk.length) plain.unshift(chunk.subarray(end));
      const after = new tlsock.TLSSocket(plain, { context: serverContext(), serverSide: true });
      after.on('data', (bytes) => after.end(`got ${bytes}`)).on('error', () => {});
    });
  }));
  const plain = net.connect(port, '127.0.0.1');
  await once(plain, 'connect');
  plain.cork();
  plain.write('STARTTLS\n');
  const client = tlsock.connect({ transport: plain, serverHostname: 'localhost', context: clientContext() });
  setImmediate(() => plain.uncork());
  client.write('early');
  assert.strictEqual(await line(client), 'got early');
});
