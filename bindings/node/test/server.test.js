'use strict';

// What a client does ends its own connection, never the process, and the server is told.

const assert = require('node:assert');
const { EventEmitter, once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext, text } = require('./support/certs.js');
const { closed, collect, listen } = require('./support/net.js');
const { BROKEN, RawClient } = require('./support/raw.js');

const VERSIONS = { 'TLSv1.2': tlsock.TLSVersion.TLSv1_2, 'TLSv1.3': tlsock.TLSVersion.TLSv1_3 };

/** Does the handshake over a plain socket; behind: what is sent in one piece with the last flight. */
async function shake(port, context, behind = Buffer.alloc(0)) {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  const client = new RawClient(context);
  socket.write(client.feed());
  while (!client.isDone) {
    const answer = client.feed((await once(socket, 'data'))[0]);
    // In TLS 1.2 the server's last flight comes after ours.
    const isLast = client.isDone || answer.includes(Buffer.from('140303000101', 'hex'));
    if (answer.length > 0) socket.write(isLast ? Buffer.concat([answer, behind]) : answer);
    if (isLast && behind.length > 0) break;
  }
  return socket;
}

for (const [name, version] of Object.entries(VERSIONS)) {
  for (const how of ['garbage', 'a broken record', 'a reset'])
    test(`${how} after the handshake, and nobody listens to errors, ${name}`, async (t) => {
      const server = tlsock.createServer({ context: serverContext() }, (peer) => peer.pipe(peer));
      const port = await listen(t, server);
      const accepted = once(server, 'secureConnection'), told = once(server, 'tlsClientError');
      const socket = await shake(port, clientContext(fixed(version)));
      const [peer] = await accepted;
      if (how === 'a reset') socket.resetAndDestroy();
      else socket.write(how === 'garbage' ? 'garbage that is no record of TLS at all' : BROKEN);
      const [error, failed] = await told;
      assert.strictEqual(failed, peer);
      assert.strictEqual(error.remoteAddress, '127.0.0.1');
      if (how === 'a reset') assert.strictEqual(error.code, 'ECONNRESET');
      else assert.ok(error instanceof tlsock.SSLError && error.alertSent > 0);
      assert.strictEqual(peer.version(), name);
      // The next client is served.
      const next = await tlsock.promises.connect({ host: 'localhost', port, context: clientContext() });
      next.end('still here');
      assert.strictEqual(String(await collect(next)), 'still here');
      socket.destroy();
    });

  test(`a broken record right behind the last flight, and the listener asks who it is, ${name}`, async (t) => {
    const context = serverContext('ecdsa', (made) => {
      made.loadVerifyLocations({ cafile: file('ca.pem') });
      made.verifyMode = tlsock.CERT_REQUIRED;
    });
    const server = tlsock.createServer({ context });
    const port = await listen(t, server);
    const told = once(server, 'tlsClientError');
    const seen = new Promise((resolve) => server.once('secureConnection', (peer) => resolve([
      peer.authorized, peer.getpeercert().subject.length, peer.peerCertificate.subjectText, peer.version(), peer.getVerifiedChain().length,
    ])));
    const client = clientContext(fixed(version));
    client.loadCertChain(file('client.pem'), file('client.key'));
    const socket = await shake(port, client, BROKEN);
    assert.deepStrictEqual(await seen, [true, 2, 'CN=client,O=tlsock', name, 3]);
    const [error] = await told;
    assert.strictEqual(error.alertSent, tlsock.AlertDescription.BAD_RECORD_MAC);
    socket.destroy();
  });
}

test('errors that the connection\'s own listener has are not told twice', async (t) => {
  const server = tlsock.createServer({ context: serverContext() });
  const port = await listen(t, server);
  server.on('tlsClientError', () => assert.fail('told twice'));
  const failed = new Promise((resolve) => server.on('secureConnection', (peer) => peer.on('error', resolve)));
  const socket = await shake(port, clientContext());
  socket.write(BROKEN);
  assert.strictEqual((await failed).alertSent, tlsock.AlertDescription.BAD_RECORD_MAC);
  socket.destroy();
});

test('clients that are refused, that refuse, and that go away are told with who and why', async (t) => {
  const context = serverContext('ecdsa', (made) => {
    made.loadVerifyLocations({ cafile: file('ca.pem') });
    made.verifyMode = tlsock.CERT_REQUIRED;
  });
  const server = tlsock.createServer({ context });
  const port = await listen(t, server);
  // Only for a client that sends nothing: the others may be slow.
  const impatient = tlsock.createServer({ context, handshakeTimeout: 200 });
  const itsPort = await listen(t, impatient);
  for (const each of [server, impatient]) each.on('secureConnection', () => assert.fail('nobody is good enough'));
  const told = async (act, from = server) => {
    const next = once(from, 'tlsClientError');
    const socket = act();
    socket.on('error', () => {});
    const [error, peer] = await next;
    assert.strictEqual(error.remoteAddress, '127.0.0.1');
    assert.strictEqual(peer.remoteAddress, '127.0.0.1');
    assert.ok(error.remotePort > 0 && peer.remotePort === error.remotePort);
    assert.ok(peer.destroyed);
    socket.destroy();
    return error;
  };
  const connect = (options) => tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: text('ca.pem'), ...options });

  const without = await told(() => connect({}));
  assert.strictEqual(without.reason, 'PEER_DID_NOT_RETURN_A_CERTIFICATE');
  assert.ok(without.alertSent > 0);
  const unverified = await told(() => connect({ cert: text('self-signed.pem'), key: text('self-signed.key') }));
  assert.ok(unverified instanceof tlsock.SSLCertVerificationError);
  assert.strictEqual(unverified.verifyCode, 18);
  assert.ok(unverified.alertSent > 0);
  const untrusting = tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, { cafile: file('unknown-ca.pem') });
  const refusing = await told(() => tlsock.connect({ host: '127.0.0.1', port, serverHostname: 'localhost', context: untrusting }));
  assert.strictEqual(refusing.alertReceived, tlsock.AlertDescription.UNKNOWN_CA);
  const plain = await told(() => net.connect(port, '127.0.0.1').end('GET / HTTP/1.1\r\n\r\n'));
  assert.strictEqual(plain.reason, 'HTTP_REQUEST');
  const gone = await told(() => net.connect(port, '127.0.0.1').end());
  assert.ok(gone instanceof tlsock.SSLEOFError);
  const reset = await told(() => net.connect(port, '127.0.0.1', function connected() {
    this.resetAndDestroy();
  }));
  assert.strictEqual(reset.code, 'ECONNRESET');
  const silent = await told(() => net.connect(itsPort, '127.0.0.1'), impatient);
  assert.strictEqual(silent.code, 'ETIMEDOUT');
  const closing = await told(() => {
    server.once('connection', (transport) => transport.destroy());
    return net.connect(port, '127.0.0.1');
  });
  assert.ok(closing instanceof tlsock.SSLEOFError);
  context.sniCallback = (connection) => void connection.destroy();
  const dropped = await told(() => connect({}));
  assert.strictEqual(dropped.code, 'ECONNRESET');
});

test('a server gives clients two minutes for the handshake, unless told otherwise', async (t) => {
  const { setTimeout } = globalThis;
  t.after(() => (globalThis.setTimeout = setTimeout));
  for (const [handshakeTimeout, expected] of [[undefined, 120_000], [5000, 5000], [0, undefined]]) {
    const delays = [];
    globalThis.setTimeout = (run, delay, ...rest) => {
      if (delay >= 1000) delays.push(delay);
      return setTimeout(run, delay, ...rest);
    };
    const server = tlsock.createServer({ context: serverContext(), handshakeTimeout });
    const port = await listen(t, server);
    const socket = net.connect(port, '127.0.0.1');
    await once(server, 'connection');
    globalThis.setTimeout = setTimeout;
    assert.deepStrictEqual(delays, expected === undefined ? [] : [expected]);
    socket.destroy();
  }
});

test('a context that cannot serve is refused when the server is made', () => {
  assert.throws(() => tlsock.createServer({ context: clientContext() }), tlsock.SSLError);
});

test('a connection that cannot be made is told, and the server goes on', async (t) => {
  const server = tlsock.createServer({ context: serverContext() });
  const port = await listen(t, server);
  const { wrapBio } = require('../lib/native.js');
  require('../lib/native.js').wrapBio = () => {
    throw new Error('no memory today');
  };
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const [error] = await once(server, 'tlsClientError');
  require('../lib/native.js').wrapBio = wrapBio;
  assert.strictEqual(error.message, 'no memory today');
  assert.strictEqual(error.remoteAddress, '127.0.0.1');
  await closed(socket);
  const next = await tlsock.promises.connect({ host: 'localhost', port, context: clientContext() });
  next.destroy();
});

test('what an HTTP server says to a bad request arrives', async (t) => {
  const port = await listen(t, tlsock.createHttpsServer({ context: serverContext() }, (incoming, answer) => answer.end('fine')));
  for (const [request, status] of [['GARBAGE\r\n\r\n', '400'], [`GET / HTTP/1.1\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`, '431']]) {
    const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: text('ca.pem') });
    let got = '';
    client.on('data', (chunk) => (got += chunk));
    const end = closed(client);
    client.write(request);
    await end;
    assert.ok(got.startsWith(`HTTP/1.1 ${status} `), got.slice(0, 60));
  }
});

test('what the program throws, whatever it is, is told and ends no process', async (t) => {
  for (const reason of ['a text', null, Object.freeze(new Error('frozen'))]) {
    const context = serverContext();
    context.messageCallback = async () => { throw reason; };
    const server = tlsock.createServer({ context }, (peer) => peer.on('error', () => {}));
    const port = await listen(t, server);
    const told = once(server, 'tlsClientError');
    const client = net.connect(port, '127.0.0.1').on('error', () => {});
    client.write(new RawClient(clientContext()).feed());
    const [error] = await told;
    assert.ok(error instanceof Error && error.remoteAddress === '127.0.0.1');
    assert.strictEqual(error.cause, reason);
    client.destroy();
  }
});

test('what an async listener of connections rejects ends its connection, with events.captureRejections', async (t) => {
  const identity = { cert: text('ecdsa.pem'), key: text('ecdsa.key') };
  const makers = {
    'tlsock/tls': (listener) => require('../tls.js').createServer(identity, listener),
    ours: (listener) => tlsock.createServer({ context: serverContext() }, listener),
  };
  for (const [whose, make] of Object.entries(makers)) {
    const before = EventEmitter.captureRejections, why = new Error('rejected');
    let peer;
    EventEmitter.captureRejections = true;
    const server = make(async (accepted) => {
      peer = accepted;
      throw why;
    });
    EventEmitter.captureRejections = before;
    server.on('error', (error) => assert.fail(`${whose}: ${error.message}`));
    const port = await listen(t, server);
    await closed(tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: text('ca.pem') }).resume());
    assert.strictEqual(peer.errored, why, whose);
  }
});

test('events with names of Object.prototype are no others', () => {
  const server = tlsock.createServer({ context: serverContext() });
  for (const name of ['toString', 'constructor', '__proto__']) assert.strictEqual(server.on(name, () => {}).listenerCount(name), 1);
  const identity = { cert: text('ecdsa.pem'), key: text('ecdsa.key') };
  for (const minVersion of ['toString', '__proto__', 'tlsv1.2', ''])
    assert.throws(() => tlsock.createServer({ ...identity, minVersion }), { code: 'ERR_OUT_OF_RANGE', message: /^minVersion must be one of TLSv1, / });
});

test('whom a blockList blocks is not let in by any version of Node', async (t) => {
  const blockList = new net.BlockList();
  blockList.addAddress('127.0.0.1');
  const make = () => tlsock.createServer({ context: serverContext(), blockList }, () => assert.fail('let in'));
  if (!Object.hasOwn(new net.Server({ blockList }), 'blockList')) return void assert.throws(make, { name: 'NotImplementedError', message: /blockList/ });
  const port = await listen(t, make());
  await closed(net.connect(port, '127.0.0.1').on('error', () => {}).resume());
});
