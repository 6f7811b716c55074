'use strict';

// Callbacks that take their time: the handshake waits for them.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { once } = require('node:events');
const { test } = require('node:test');
const tls = require('node:tls');
const { promisify } = require('node:util');

const tlsock = require('../index.js');
const { clientContext, fixed, serverContext, text } = require('./support/certs.js');
const { NO_PROTOCOL, closed, collect, listen, streamPair } = require('./support/net.js');
const { RawClient } = require('./support/raw.js');

const later = () => new Promise((resolve) => setImmediate(resolve));
const connect = (port, options = {}) => tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: text('ca.pem'), ...options });
const keyType = (socket) => socket.getPeerCertificate().asn1Curve ?? 'RSA';

/** The error of a client, or the type of the key that it was shown. */
async function outcome(port, options) {
  const client = connect(port, options);
  try {
    await once(client, 'secureConnect');
    const type = keyType(client);
    // The server has ended too.
    await collect(client);
    return type;
  } catch (error) {
    return error;
  } finally {
    client.destroy();
  }
}

const WAYS = {
  'done(null, context)': (right) => (name, done) => setImmediate(done, null, right),
  'a promise': (right) => async () => {
    await later();
    return right;
  },
  'a function that returns a promise': (right) => () => later().then(() => right),
  'what has the context': (right) => async () => ({ context: right }),
};

for (const [how, way] of Object.entries(WAYS))
  test(`SNICallback, ${how}: the context is the answer`, async (t) => {
    const right = serverContext('rsa'), names = [];
    const SNICallback = function ask(name, done) {
      names.push([name, this instanceof tlsock.TLSSocket]);
      return way(right).call(this, name, done);
    };
    const port = await listen(t, tlsock.createServer({ context: serverContext('ecdsa'), SNICallback }, (peer) => peer.end()));
    assert.strictEqual(await outcome(port), 'RSA');
    assert.deepStrictEqual(names, [['localhost', true]]);
    // As in Node nobody is asked about a client that gives no name.
    assert.strictEqual(await outcome(port, { servername: '' , checkServerIdentity: () => undefined }), 'prime256v1');
    assert.strictEqual(names.length, 1);
  });

test('SNICallback that takes no function to call answers at once', async (t) => {
  const right = serverContext('rsa');
  const port = await listen(t, tlsock.createServer({ context: serverContext('ecdsa'), SNICallback: () => right }, (peer) => peer.end()));
  assert.strictEqual(await outcome(port), 'RSA');
});

test('sessions of a context that SNICallback chose are resumed with it, and with no other', async (t) => {
  const right = serverContext('rsa'), other = serverContext('ed25519');
  let chosen = right;
  const server = tlsock.createServer({ context: serverContext('ecdsa'), SNICallback: async () => chosen }, (peer) => peer.end(String(peer.sessionReused)));
  const port = await listen(t, server);
  const context = clientContext();
  const visit = async (session) => {
    const client = tlsock.connect({ host: 'localhost', port, context, session });
    const kept = once(client, 'session');
    return [String(await collect(client)), (await kept)[0]];
  };
  const [first, session] = await visit();
  assert.strictEqual(first, 'false');
  assert.strictEqual((await visit(session))[0], 'true');
  chosen = other;
  assert.strictEqual((await visit(session))[0], 'false');
});

test('SNICallback that answers nothing stays with the context there is', async (t) => {
  for (const SNICallback of [(name, done) => done(), (name, done) => done(null, null), async () => undefined]) {
    const port = await listen(t, tlsock.createServer({ context: serverContext('ecdsa'), SNICallback }, (peer) => peer.end()));
    assert.strictEqual(await outcome(port), 'prime256v1');
  }
});

test('SNICallback that is async and takes a function to call is waited for until that is called', async (t) => {
  const right = serverContext('rsa');
  const SNICallback = async (name, done) => void setImmediate(done, null, right);
  const port = await listen(t, tlsock.createServer({ context: serverContext('ecdsa'), SNICallback }, (peer) => peer.end()));
  assert.strictEqual(await outcome(port), 'RSA');
});

test('SNICallback that has answered and fails later ends no process', async () => {
  const source = `
    const tlsock = require(${JSON.stringify(require.resolve('../index.js'))}), { serverContext, clientContext } = require(${JSON.stringify(require.resolve('./support/certs.js'))});
    const SNICallback = async (name, done) => { done(null, null); await null; throw new Error('late'); };
    const server = tlsock.createServer({ context: serverContext(), SNICallback }, (peer) => peer.end('served'));
    server.listen(0, '127.0.0.1', () => tlsock.connect({ host: 'localhost', port: server.address().port, context: clientContext() })
      .on('data', (data) => console.log(String(data))).on('close', () => server.close()));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', source]);
  assert.strictEqual(stdout.trim(), 'served');
});

test('a transport that drains while a callback is waited for stays paused', async () => {
  const [below, above] = streamPair();
  let answer;
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true, SNICallback: (name, done) => (answer = done) });
  // In pieces of a byte: nothing more is read before the answer.
  for (const byte of new RawClient(clientContext()).feed()) below.write(Buffer.from([byte]));
  while (!answer) await later();
  assert.ok(above.isPaused());
  above.emit('drain');
  assert.ok(above.isPaused());
  answer(null, null);
  await later();
  assert.ok(!above.isPaused());
  server.destroy();
});

test('SNICallback that fails, in each way: the client gets an alert, the server is told why', async (t) => {
  const why = new Error('no such host');
  const ways = [(name, done) => done(why), async () => { throw why; }, () => { throw why; }];
  for (const SNICallback of ways) {
    const server = tlsock.createServer({ context: serverContext(), SNICallback });
    const port = await listen(t, server);
    const told = once(server, 'tlsClientError');
    assert.match((await outcome(port)).code, /_ALERT_HANDSHAKE_FAILURE$/);
    const [error] = await told;
    assert.strictEqual(error.cause, why);
    assert.strictEqual(error.alertSent, tlsock.AlertDescription.HANDSHAKE_FAILURE);
    assert.strictEqual(error.remoteAddress, '127.0.0.1');
  }
  const server = tlsock.createServer({ context: serverContext(), SNICallback: async () => 'localhost' });
  const port = await listen(t, server);
  const told = once(server, 'tlsClientError');
  await outcome(port);
  assert.match((await told)[0].cause.message, /^the answer of SNICallback must be/);
});

test('the client must show no less than the first context asks for', async (t) => {
  const strict = serverContext('ecdsa', (made) => {
    made.loadVerifyLocations({ cadata: text('ca.pem') });
    made.verifyMode = tlsock.CERT_REQUIRED;
  });
  const server = tlsock.createServer({ context: strict, SNICallback: async () => serverContext('rsa') });
  const port = await listen(t, server);
  server.on('secureConnection', () => assert.fail('it showed no certificate'));
  const told = once(server, 'tlsClientError');
  const client = connect(port).on('error', () => {}).resume();
  assert.strictEqual((await told)[0].reason, 'PEER_DID_NOT_RETURN_A_CERTIFICATE');
  client.destroy();
});

test('an asynchronous sniCallback of a context chooses another, refuses or fails', async (t) => {
  const context = serverContext('ecdsa'), right = serverContext('rsa');
  const seen = [];
  let act;
  context.sniCallback = async (connection, name, own) => {
    seen.push([connection instanceof tlsock.TLSSocket, name, own]);
    await later();
    return act(connection);
  };
  const server = tlsock.createServer({ context }, (peer) => peer.end());
  const port = await listen(t, server);
  act = (connection) => { connection.context = right; };
  assert.strictEqual(await outcome(port), 'RSA');
  act = () => undefined;
  assert.strictEqual(await outcome(port, { servername: '', checkServerIdentity: () => undefined }), 'prime256v1');
  assert.deepStrictEqual(seen, [[true, 'localhost', context], [true, null, context]]);
  act = () => tlsock.AlertDescription.UNRECOGNIZED_NAME;
  let told = once(server, 'tlsClientError');
  assert.strictEqual((await outcome(port)).code, 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME');
  assert.strictEqual((await told)[0].alertSent, tlsock.AlertDescription.UNRECOGNIZED_NAME);
  const why = new Error('the table is gone');
  act = () => { throw why; };
  told = once(server, 'tlsClientError');
  assert.match((await outcome(port)).code, /_ALERT_HANDSHAKE_FAILURE$/);
  assert.strictEqual((await told)[0].cause, why);
});

test('what cannot wait is refused in words: objects in memory, and promises of functions that are not async', async () => {
  const { SSLWantReadError, ValueError } = tlsock;
  for (const callback of [async () => undefined, () => Promise.reject(new Error('unheard'))]) {
    const context = serverContext();
    context.sniCallback = callback;
    const [up, down] = [new tlsock.MemoryBIO(), new tlsock.MemoryBIO()];
    const client = clientContext().wrapBio(down, up, { serverHostname: 'localhost' });
    const peer = context.wrapBio(up, down, { serverSide: true });
    assert.throws(() => client.doHandshake(), SSLWantReadError);
    assert.throws(() => peer.doHandshake(), (error) => error.cause instanceof ValueError && /asked/.test(error.cause.message));
  }
});

test('the deadline of the handshake counts while a callback is waited for', async (t) => {
  const server = tlsock.createServer({ context: serverContext(), handshakeTimeout: 100, SNICallback: () => {} });
  const port = await listen(t, server);
  const told = once(server, 'tlsClientError');
  const client = connect(port).on('error', () => {});
  assert.strictEqual((await told)[0].code, 'ETIMEDOUT');
  await closed(client);
});

test('destroy ends the wait, and the answer comes too late for anything', async (t) => {
  let answer, peer;
  const server = tlsock.createServer({
    context: serverContext(),
    SNICallback(name, done) {
      answer = done;
      peer = this;
    },
  });
  const port = await listen(t, server);
  const client = connect(port).on('error', () => {});
  while (!answer) await later();
  // Little piles up meanwhile.
  assert.ok(!peer.transport.isPaused());
  peer.transport.emit('data', Buffer.alloc(65536));
  assert.ok(peer.transport.isPaused());
  const gone = closed(peer);
  peer.destroy();
  await gone;
  answer(null, serverContext('rsa'));
  answer(new Error('twice'));
  await later();
  assert.strictEqual(peer.version(), null);
  client.destroy();
});

test('what a listener throws after a wait is an uncaught exception, as without one', async () => {
  const source = `
    const tlsock = require(${JSON.stringify(require.resolve('../index.js'))}), { serverContext, clientContext } = require(${JSON.stringify(require.resolve('./support/certs.js'))});
    process.on('unhandledRejection', () => console.log('rejection')).on('uncaughtException', (error) => { console.log('exception', error.message); process.exit(); });
    const server = tlsock.createServer({ context: serverContext(), SNICallback: async () => null }, () => { throw new Error('mine'); });
    server.listen(0, '127.0.0.1', () => tlsock.connect({ host: 'localhost', port: server.address().port, context: clientContext() }).on('error', () => {}));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', source]);
  assert.strictEqual(stdout.trim(), 'exception mine');
});

test('a client that goes away while a callback is waited for', async (t) => {
  let answer;
  const server = tlsock.createServer({ context: serverContext(), SNICallback: (name, done) => (answer = done) });
  const port = await listen(t, server);
  const client = connect(port).on('error', () => {});
  while (!answer) await later();
  const told = once(server, 'tlsClientError');
  client.destroy();
  await closed(client);
  answer(null, null);
  assert.ok((await told)[0] instanceof Error);
});

test('ALPNCallback chooses, at once or later, or refuses', async (t) => {
  const seen = [];
  let choose;
  const ALPNCallback = (offer) => {
    seen.push(offer);
    return choose();
  };
  const context = serverContext('ecdsa', (made) => made.setAlpnProtocols(['h2']));
  const server = tlsock.createServer({ context, ALPNCallback }, (peer) => peer.end(String(peer.alpnProtocol)));
  const port = await listen(t, server);
  const ask = async (ALPNProtocols) => String(await collect(connect(port, { ALPNProtocols })));
  choose = () => 'b';
  assert.strictEqual(await ask(['a', 'b']), 'b');
  choose = async () => 'a';
  assert.strictEqual(await ask(['a', 'b']), 'a');
  assert.deepStrictEqual(seen[0], { servername: 'localhost', protocols: ['a', 'b'] });
  const before = seen.length;
  assert.strictEqual(await ask(undefined), 'false');
  assert.strictEqual(seen.length, before);
  // The context has what it had.
  const plain = tlsock.createServer({ context }, (peer) => peer.end(String(peer.alpnProtocol)));
  assert.strictEqual(String(await collect(connect(await listen(t, plain), { ALPNProtocols: ['b', 'h2'] }))), 'h2');
  choose = async () => undefined;
  let told = once(server, 'tlsClientError');
  assert.match((await outcome(port, { ALPNProtocols: ['a'] })).code, NO_PROTOCOL);
  assert.strictEqual((await told)[0].alertSent, 120);
  // It counts also for another context, which a sniCallback sets later.
  context.sniCallback = (connection) => { connection.context = serverContext('rsa', (made) => made.setAlpnProtocols(['b'])); };
  choose = () => 'a';
  assert.strictEqual(await ask(['b', 'a']), 'a');
  context.sniCallback = null;
  choose = async () => 'c';
  told = once(server, 'tlsClientError');
  await outcome(port, { ALPNProtocols: ['a'] });
  assert.match((await told)[0].cause.message, /^the answer of ALPNCallback must be one of \[ 'a' \]/);
});

function pskContexts(version) {
  const client = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT);
  client.checkHostname = false;
  client.verifyMode = tlsock.CERT_NONE;
  const server = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
  for (const context of [client, server]) {
    fixed(version)(context);
    context.setCiphers('PSK');
  }
  return { client, server };
}

function ends({ client, server }) {
  const [below, above] = streamPair();
  return [new tlsock.TLSSocket(below, { context: client }), new tlsock.TLSSocket(above, { context: server, serverSide: true })];
}

test('asynchronous functions for pre-shared keys, TLS 1.3', async () => {
  const contexts = pskContexts(tlsock.TLSVersion.TLSv1_3), key = Buffer.from('c0ffee', 'hex'), asked = [];
  contexts.client.setPskClientCallback(async (hint) => {
    asked.push(hint);
    await later();
    return ['me', key];
  });
  contexts.server.setPskServerCallback(async (identity) => {
    asked.push(identity);
    await later();
    return identity === 'me' ? key : null;
  });
  const [client, server] = ends(contexts);
  await Promise.all([client.doHandshake(), server.doHandshake()]);
  client.end('shared');
  assert.strictEqual(String(await collect(server)), 'shared');
  assert.deepStrictEqual(asked, [null, 'me']);

  // To know no key is no failure of the function.
  for (const none of [null, undefined]) {
    contexts.server.setPskServerCallback(async () => none);
    const stranger = await Promise.allSettled(ends(contexts).map((end) => end.doHandshake()));
    assert.deepStrictEqual(stranger.map(({ reason }) => reason instanceof tlsock.SSLError && reason.cause), [undefined, undefined]);
  }

  const why = new Error('no key today');
  contexts.client.setPskClientCallback(async () => { throw why; });
  const failed = ends(contexts);
  failed[1].on('error', () => {});
  await assert.rejects(failed[0].doHandshake(), (error) => error.cause === why);
  contexts.client.setPskClientCallback(() => ['me', key]);
  contexts.server.setPskServerCallback(async () => { throw why; });
  const outcomes = await Promise.allSettled(ends(contexts).map((end) => end.doHandshake()));
  assert.strictEqual(outcomes[1].reason.cause, why);
  assert.strictEqual(outcomes[0].reason.alertReceived, tlsock.AlertDescription.HANDSHAKE_FAILURE);
});

test('a client that waits for its key reads nothing, and is told that its peer has gone', async () => {
  const contexts = pskContexts(tlsock.TLSVersion.TLSv1_3);
  let answer;
  contexts.client.setPskClientCallback(async () => new Promise((resolve) => (answer = resolve)));
  const flooded = streamPair(), flood = Buffer.alloc(65536, 'x'), client = new tlsock.TLSSocket(flooded[0], { context: contexts.client });
  const failed = assert.rejects(client.doHandshake(), tlsock.SSLError);
  client.on('error', () => {});
  for (let i = 0; i < 100; i++) flooded[1].write(flood);
  for (let i = 0; i < 10; i++) await later();
  assert.ok(flooded[1].writableLength > 90 * flood.length, 'the peer can fill the memory');
  answer(['me', 'secret']);
  await failed;

  const [below] = streamPair(), left = new tlsock.TLSSocket(below, { context: contexts.client });
  const told = assert.rejects(left.doHandshake(), { code: 'ECONNRESET' });
  await later();
  below.destroy();
  await told;
});

test('in TLS 1.2 a pre-shared key comes too late to be waited for, and the error says so', async () => {
  const contexts = pskContexts(tlsock.TLSVersion.TLSv1_2);
  contexts.client.setPskClientCallback(() => ['me', 'secret']);
  contexts.server.setPskServerCallback(async () => 'secret');
  const [client, server] = ends(contexts);
  client.on('error', () => {});
  await assert.rejects(server.doHandshake(), (error) => /TLS 1\.3 only/.test(error.cause.message));
});

test('who is only told may be asynchronous, and what fails ends the connection', async () => {
  const why = new Error('the log is full');
  const context = clientContext();
  context.keylogCallback = async () => {
    await later();
    throw why;
  };
  const [below, above] = streamPair();
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
  const client = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost' });
  server.on('error', () => {});
  const [error] = await once(client, 'error').then(() => [], (reason) => [reason]);
  assert.strictEqual(error ?? client.errored, why);
});

test('callbacks of clients and servers are refused on the other side', () => {
  const [below] = streamPair();
  assert.throws(() => new tlsock.TLSSocket(below, { SNICallback: () => {} }), { message: 'SNICallback is for servers' });
  assert.throws(() => new tlsock.TLSSocket(below, { context: serverContext(), serverSide: true, checkServerIdentity: () => {} }), { message: 'checkServerIdentity is for clients' });
  assert.throws(() => tlsock.createServer({ context: serverContext(), SNICallback: 1 }), TypeError);
  for (const event of ['newSession', 'resumeSession', 'OCSPRequest'])
    assert.throws(() => tlsock.createServer({ context: serverContext() }).on(event, () => {}), { name: 'NotImplementedError', message: new RegExp(event) });
});
