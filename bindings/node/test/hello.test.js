'use strict';

// In whatever pieces a ClientHello comes, and whatever is in it: who is asked about a client is asked about the one that is served.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');

const tlsock = require('../index.js');
const tls = require('../tls.js');
const { clientContext, serverContext, text } = require('./support/certs.js');
const { TwoHellos, clientHello, extension, nameExtension } = require('./support/hello.js');
const { listen, streamPair } = require('./support/net.js');
const { RawClient } = require('./support/raw.js');

const ILLEGAL_PARAMETER = 47, DECODE_ERROR = 50;

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

test('nobody is asked about a ClientHello that is malformed, which is refused as without a callback', async () => {
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
    for (const error of [without, having]) assert.ok(error instanceof tlsock.SSLError, what);
    assert.ok([DECODE_ERROR, without.alertSent].includes(having.alertSent), what);
  }
});

test('as in Node an empty name is none', async () => {
  const { error } = await shake(naming(['', '']), overStream({ SNICallback: () => assert.fail('asked') }));
  assert.strictEqual(error, null);
});

/** A ClientHello of ours in other records. */
function records(hello, size) {
  const body = hello.subarray(5), out = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    out.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(out);
}

for (const [how, cut] of Object.entries({ whole: (hello) => [hello], 'by the byte': (hello) => Array.from(hello, (byte) => Buffer.from([byte])), 'records of 40 bytes': (hello) => [records(hello, 40)] }))
  test(`a ClientHello that comes ${how} is asked about`, async () => {
    const [below, above] = streamPair();
    const names = [];
    const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true, SNICallback: (name, done) => done(null, void names.push(name)) });
    const client = new RawClient(clientContext());
    for (const piece of cut(client.feed())) below.write(piece);
    below.on('data', (chunk) => {
      const answer = client.feed(chunk);
      if (answer.length > 0) below.write(answer);
    });
    await server.doHandshake();
    assert.deepStrictEqual(names, ['localhost']);
  });

/** A ClientHello whose extensions are padded, as far as there is room: OpenSSL 3.5's own take 1.4 KiB of the 64. */
function padded(hello, wanted) {
  const message = Buffer.from(hello.subarray(5));
  let at = 4 + 34;
  at += 1 + message[at];
  at += 2 + message.readUInt16BE(at);
  at += 1 + message[at];
  const count = Math.min(wanted, 0xffff - (message.length - at - 2) - 4);
  const padding = Buffer.concat([Buffer.from([0, 21, count >> 8, count & 255]), Buffer.alloc(count)]);
  const extensions = Buffer.concat([message.subarray(at + 2), padding]);
  const head = Buffer.from(message.subarray(0, at + 2));
  head.writeUInt16BE(extensions.length, at);
  const all = Buffer.concat([head, extensions]);
  all.writeUIntBE(all.length - 4, 1, 3);
  return Buffer.concat([hello.subarray(0, 5), all]);
}

test('what is no ClientHello, or too much of one, ends as it does without callbacks, and nobody is asked', async (t) => {
  const ask = (name, done) => assert.fail(`asked about ${name}`) ?? done();
  // Small enough for an extension of padding, which others have without ML-KEM alone.
  const hello = new RawClient(clientContext((made) => made.setEcdhCurve('X25519'))).feed();
  const alerts = Buffer.from('15030100020170', 'hex');
  const broken = Buffer.from(hello);
  // The length of the session's name.
  broken[5 + 4 + 34] = 255;
  const cases = {
    'plain HTTP': [Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    nothing: [Buffer.alloc(0)],
    'half a ClientHello': [hello.subarray(0, 60)],
    'a ClientHello that ends too early': [broken],
    'another message': [Buffer.from('160301000402000000', 'hex')],
    'empty records without end': [Buffer.alloc(80_000, Buffer.from('1603010000', 'hex'))],
    'a large one that is padded twice': [records(padded(hello, 65_000), 512)],
    'an alert first': [alerts, hello],
  };
  for (const [what, pieces] of Object.entries(cases)) {
    const run = async (options) => {
      const server = tlsock.createServer({ context: serverContext(), ...options });
      const port = await listen(t, server);
      server.on('secureConnection', (peer) => assert.fail(`${what} shook hands`) ?? peer);
      const told = once(server, 'tlsClientError');
      const socket = net.connect(port, '127.0.0.1').on('error', () => {}).resume();
      socket.end(Buffer.concat(pieces));
      const [error] = await told;
      return error.reason ?? error.name;
    };
    assert.strictEqual(await run({ SNICallback: ask }), await run({}), what);
  }
});

test('a ClientHello of more than 64 KiB is asked about as any other', async () => {
  const [below, above] = streamPair();
  let asked = 0;
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true, SNICallback: (name, done) => done(null, void asked++) });
  const most = Array.from({ length: 255 }, (_, index) => String(index).padStart(255, 'p'));
  const client = new RawClient(clientContext((made) => {
    // One group: there is no room for a key of ML-KEM, which OpenSSL 3.5 sends by itself.
    made.setEcdhCurve('X25519');
    made.setAlpnProtocols([...most, 'q'.repeat(30)]);
  }));
  const hello = client.feed();
  assert.ok(hello.length > 65536);
  below.write(hello);
  below.on('data', (chunk) => {
    const answer = client.feed(chunk);
    if (answer.length > 0) below.write(answer);
  });
  await server.doHandshake();
  assert.strictEqual(asked, 1);
});
