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
  // What was on the way is still there to be read.
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
