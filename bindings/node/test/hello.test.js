'use strict';

// ClientHellos that no honest client sends: who is asked about a client is asked about the one that is served.

const assert = require('node:assert');
const { test } = require('node:test');

const tlsock = require('../index.js');
const tls = require('../tls.js');
const { serverContext, text } = require('./support/certs.js');
const { TwoHellos, clientHello, extension, nameExtension } = require('./support/hello.js');
const { streamPair } = require('./support/net.js');

const ILLEGAL_PARAMETER = 47;

/** How a handshake of the client with a server over a stream in memory ends: the socket and its error, or null. */
async function shake(client, makeSocket) {
  const [below, above] = streamPair();
  const socket = makeSocket(above);
  const ended = new Promise((resolve) => socket.once('secureConnect', () => resolve(null)).once('secure', () => resolve(null)).once('error', resolve));
  below.on('data', (chunk) => {
    const answer = client.feed(chunk);
    if (answer.length > 0) below.write(answer);
  }).on('error', () => {});
  below.write(client.start());
  const error = await ended;
  socket.destroy();
  return { socket, error };
}

/** A client whose hellos name these servers, in order; null for none. */
function naming(names) {
  const left = [...names];
  return new TwoHellos((share) => {
    const name = left.shift();
    return clientHello(name === null ? [] : [nameExtension(name)], share);
  });
}

const overStream = (options) => (transport) => new tlsock.TLSSocket(transport, { serverSide: true, context: serverContext(), ...options });

function withSniCallback(sniCallback) {
  const context = serverContext();
  context.sniCallback = sniCallback;
  return overStream({ context });
}

// Each tells `ask` the names that it is asked about.
const SERVERS = {
  SNICallback: (ask) => overStream({ SNICallback: (name, done) => done(null, ask(name)) }),
  'an asynchronous sniCallback': (ask) => withSniCallback(async (socket, name) => ask(name)),
  sniCallback: (ask) => withSniCallback((socket, name) => ask(name)),
  'the SNICallback of tlsock/tls': (ask) => {
    const secureContext = tls.createSecureContext({ cert: text('ecdsa.pem'), key: text('ecdsa.key') });
    return (transport) => new tls.TLSSocket(transport, { isServer: true, secureContext, SNICallback: (name, done) => done(null, ask(name)) });
  },
};

for (const [how, server] of Object.entries(SERVERS)) {
  test(`${how}: after a HelloRetryRequest the client still names the same server`, async () => {
    const asked = [];
    const { socket, error } = await shake(naming(['one.example', 'one.example']), server((name) => void asked.push(name)));
    assert.strictEqual(error, null);
    assert.strictEqual(socket.servername, 'one.example');
    assert.deepStrictEqual([...new Set(asked)], ['one.example']);
  });

  for (const names of [['one.example', 'other.example'], ['one.example', null], [null, 'other.example']])
    test(`${how}: a second ClientHello with ${names[1]} after ${names[0]} is refused, and nobody is asked about it`, async () => {
      const asked = [];
      const { error } = await shake(naming(names), server((name) => void asked.push(name)));
      assert.strictEqual(error.alertSent, ILLEGAL_PARAMETER);
      assert.ok(!asked.includes('other.example'));
    });
}

test('nobody is asked about a name that libssl refuses: it ends as without a callback', async () => {
  const name = Buffer.from('one.example');
  const wrong = {
    'another type': [extension(0, Buffer.from('000401000161', 'hex'))],
    'two names': [nameExtension(name, [0, 'other.example'])],
    'a second name of another type': [nameExtension(name, [1, 'other.example'])],
    'a NUL': [nameExtension('one.example\0.other')],
    'too long a name': [nameExtension('a'.repeat(256))],
    'no name': [extension(0, Buffer.alloc(2))],
    'an extension that is there twice': [nameExtension(name), nameExtension('other.example')],
    'bytes after the names': [extension(0, Buffer.from('000400000161ff', 'hex'))],
    'a length too much': [extension(0, Buffer.from('000500000161', 'hex'))],
  };
  for (const [what, extensions] of Object.entries(wrong)) {
    const run = async (options) => (await shake(new TwoHellos((share) => clientHello(extensions, share)), overStream(options))).error;
    const [without, having] = [await run({}), await run({ SNICallback: (asked) => assert.fail(`asked about ${asked}`) })];
    assert.ok(without instanceof tlsock.SSLError, what);
    assert.deepStrictEqual([having.reason, having.alertSent, having.cause], [without.reason, without.alertSent, without.cause], what);
  }
});

test('as in Node an empty name is none', async () => {
  const { error } = await shake(naming(['', '']), overStream({ SNICallback: () => assert.fail('asked') }));
  assert.strictEqual(error, null);
});
