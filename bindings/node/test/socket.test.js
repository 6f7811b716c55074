'use strict';

// TLSSocket against node:tls, both ways, and against itself.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const path = require('node:path');
const { test } = require('node:test');
const tls = require('node:tls');
const { promisify } = require('node:util');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext, text } = require('./support/certs.js');
const { collect, connectedPair, deafPort, listen, streamPair } = require('./support/net.js');

const VERSIONS = { 'TLSv1.2': tlsock.TLSVersion.TLSv1_2, 'TLSv1.3': tlsock.TLSVersion.TLSv1_3 };
const nodeServer = (options) => tls.createServer({ cert: text('ecdsa.pem'), key: text('ecdsa.key'), ...options });

for (const [name, version] of Object.entries(VERSIONS)) {
  test(`a client of ours and a server of node:tls, ${name}, both certificates checked, ALPN`, async (t) => {
    const server = nodeServer({
      ca: text('ca.pem'), requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'], minVersion: name, maxVersion: name,
    });
    const port = await listen(t, server);
    const context = clientContext((client) => {
      client.loadCertChain(file('client.pem'), file('client.key'));
      client.setAlpnProtocols(['http/1.1', 'h2']);
    });
    const accepted = once(server, 'secureConnection');
    const client = await tlsock.promises.connect({ host: 'localhost', port, context });
    const [peer] = await accepted;
    assert.strictEqual(client.version(), name);
    assert.strictEqual(peer.getProtocol(), name);
    assert.strictEqual(client.alpnProtocol, 'h2');
    assert.strictEqual(peer.alpnProtocol, 'h2');
    assert.strictEqual(peer.getPeerCertificate().subject.CN, 'client');
    assert.ok(client.authorized);
    assert.deepStrictEqual(client.getpeercert().subject.at(-1), [['commonName', 'localhost']]);
    assert.strictEqual(client.getVerifiedChain().length, 3);
    assert.strictEqual(client.getUnverifiedChain().length, 2);
    peer.pipe(peer);
    client.end('there and back');
    assert.strictEqual(String(await collect(client)), 'there and back');
    assert.strictEqual(client.raggedEof, false);
  });

  test(`a client of node:tls and a server of ours, ${name}, both certificates checked, ALPN`, async (t) => {
    const context = serverContext('rsa', (made) => {
      made.loadVerifyLocations({ cafile: file('ca.pem') });
      made.verifyMode = tlsock.CERT_REQUIRED;
      made.setAlpnProtocols(['h2']);
      fixed(version)(made);
    });
    const server = tlsock.createServer({ context });
    const port = await listen(t, server);
    const accepted = once(server, 'secureConnection');
    const client = tls.connect({
      port, host: '127.0.0.1', servername: 'localhost', ca: text('ca.pem'), cert: text('client.pem'), key: text('client.key'), ALPNProtocols: ['h2'],
    });
    const [peer] = await accepted;
    assert.strictEqual(peer.version(), name);
    assert.strictEqual(peer.alpnProtocol, 'h2');
    assert.ok(peer.authorized);
    assert.strictEqual(peer.peerCertificate.subjectText, 'CN=client,O=tlsock');
    peer.pipe(peer);
    client.end('there and back');
    assert.strictEqual(String(await collect(client)), 'there and back');
    assert.strictEqual(client.alpnProtocol, 'h2');
  });

  test(`a session is resumed, ${name}`, async (t) => {
    const port = await listen(t, nodeServer({ minVersion: name, maxVersion: name }).on('secureConnection', (peer) => peer.end('ticket')));
    const context = clientContext();
    const first = tlsock.connect({ host: 'localhost', port, context, allowHalfOpen: true });
    assert.strictEqual(String(await collect(first)), 'ticket');
    assert.strictEqual(first.sessionReused, false);
    const { session } = first;
    assert.ok(session.hasTicket);
    first.destroy();
    const second = await tlsock.promises.connect({ host: 'localhost', port, context, session });
    assert.strictEqual(second.sessionReused, true);
    second.destroy();
  });

  for (const speaker of ['client', 'server'])
    test(`the ${speaker} speaks first and does not end, full and resumed, ${name}`, { timeout: 60000 }, async (t) => {
      const server = tlsock.createServer({ context: serverContext('ecdsa', fixed(version)) }, (peer) => {
        if (speaker === 'server') peer.write('hello');
        else peer.once('data', (part) => peer.write(part));
      });
      const port = await listen(t, server);
      const context = clientContext();
      let session;
      for (const reused of [false, true]) {
        const client = tlsock.connect({ host: 'localhost', port, context, session });
        if (speaker === 'client') client.once('secureConnect', () => client.write('hello'));
        const [part] = await once(client, 'data');
        assert.strictEqual(String(part), 'hello');
        assert.strictEqual(client.sessionReused, reused);
        session = client.session;
        client.destroy();
      }
    });
}

test('certificates that are not good are refused with an error that says why', async (t) => {
  const refused = async (name, context, expected, serverHostname) => {
    const server = tlsock.createServer({ context: serverContext(name) });
    const alert = once(server, 'tlsClientError');
    const port = await listen(t, server);
    await assert.rejects(tlsock.promises.connect({ host: '127.0.0.1', port, context, serverHostname }), (error) => {
      assert.ok(error instanceof tlsock.SSLCertVerificationError);
      assert.ok(error instanceof tlsock.SSLError);
      assert.strictEqual(error.code, 'ERR_SSL_CERTIFICATE_VERIFY_FAILED');
      assert.strictEqual(error.name, 'SSLCertVerificationError');
      for (const [key, value] of Object.entries(expected)) assert.deepStrictEqual(error[key], value, key);
      return true;
    });
    const [error] = await alert;
    assert.ok(error instanceof tlsock.SSLError);
    assert.ok(error.alertReceived > 0, 'the server is told');
  };
  await refused('expired', clientContext(), { verifyCode: 10, depth: 0, library: 'SSL', reason: 'CERTIFICATE_VERIFY_FAILED' }, 'localhost');
  await refused('self-signed', clientContext(), { verifyCode: 18 }, 'localhost');
  await refused('wrong-name', clientContext(), { verifyCode: 62, expectedName: 'localhost', offeredNames: ['other.example'] }, 'localhost');
  await refused('ecdsa', tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, { cafile: file('unknown-ca.pem') }), { verifyCode: 20 }, 'localhost');
  const revoked = clientContext((context) => {
    context.loadCrlData(text('crl.pem'));
    context.verifyFlags |= tlsock.VERIFY_CRL_CHECK_LEAF;
  });
  await refused('revoked', revoked, { verifyCode: 23 }, 'localhost');
});

test('the refused certificate is in the error', async (t) => {
  const port = await listen(t, tlsock.createServer({ context: serverContext('expired') }));
  const error = await tlsock.promises.connect({ host: 'localhost', port, context: clientContext() }).catch((thrown) => thrown);
  assert.ok(error.certificate.equals(new tlsock.Certificate(text('expired.pem'))));
  assert.strictEqual(error.phase, 'handshake');
});

test('a peer that does not speak TLS', async (t) => {
  const port = await listen(t, net.createServer((peer) => peer.on('error', () => {}).end('220 mail.example ESMTP\r\n')));
  await assert.rejects(tlsock.promises.connect({ host: 'localhost', port, context: clientContext() }), {
    name: 'SSLError', code: 'ERR_SSL_WRONG_VERSION_NUMBER', library: 'SSL', reason: 'WRONG_VERSION_NUMBER',
  });
});

test('a peer that hangs up in the handshake', async (t) => {
  const port = await listen(t, net.createServer((peer) => peer.once('data', () => peer.end())));
  await assert.rejects(tlsock.promises.connect({ host: 'localhost', port, context: clientContext() }), { name: 'SSLEOFError', code: 'ERR_SSL_EOF' });
});

test('a port where nobody listens', async (t) => {
  const port = await deafPort(t);
  await assert.rejects(tlsock.promises.connect({ host: '127.0.0.1', port, context: clientContext() }), { code: 'ECONNREFUSED' });
});

test('a silent peer is given up after handshakeTimeout', async (t) => {
  const port = await listen(t, net.createServer((peer) => t.after(() => peer.destroy())));
  await assert.rejects(tlsock.promises.connect({ host: 'localhost', port, context: clientContext(), handshakeTimeout: 50 }), {
    name: 'TimeoutError', code: 'ETIMEDOUT',
  });
});

test('a socket that is not to keep the process does not, with a handshakeTimeout either', async (t) => {
  const port = await listen(t, net.createServer((peer) => peer.on('error', () => {})));
  const program = `require(${JSON.stringify(path.join(__dirname, '..'))}).connect({ port: ${port}, host: '127.0.0.1', handshakeTimeout: 100_000 }).unref();`;
  await promisify(execFile)(process.execPath, ['-e', program], { timeout: 50_000 });
});

test('a handshake over TLS over what is not the system\'s keeps the process until its timeout', async () => {
  const program = `const { Duplex } = require('node:stream'), { TLSSocket, createDefaultContext } = require(${JSON.stringify(path.join(__dirname, '..'))});
    const deaf = new Duplex({ read() {}, write(chunk, encoding, done) { done(); } }), options = { context: createDefaultContext(), serverHostname: 'localhost' };
    const outer = new TLSSocket(deaf, { ...options, handshakeTimeout: 0 });
    new TLSSocket(outer, { ...options, handshakeTimeout: 50 }).on('error', ({ code }) => console.log(code));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { timeout: 50_000 });
  assert.strictEqual(stdout.trim(), 'ETIMEDOUT');
});

test('half-close: the answer to what was ended is still read', async () => {
  const { client, server } = await connectedPair({ both: { allowHalfOpen: true } });
  client.end('question');
  assert.strictEqual(String(await collect(server)), 'question');
  assert.ok(server.writable);
  server.end('answer');
  assert.strictEqual(String(await collect(client)), 'answer');
});

test('without allowHalfOpen the end is answered with the end', async () => {
  const { client, server } = await connectedPair();
  server.resume();
  client.resume().end();
  await Promise.all([once(client, 'close'), once(server, 'close')]);
  assert.ok(server.writableFinished);
});

test('an end without close_notify is told, or is an error if asked', async () => {
  for (const suppressRaggedEofs of [true, false]) {
    const [below, above] = streamPair();
    const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
    // Without suppressRaggedEofs it is told by an alert.
    server.on('error', (error) => assert.strictEqual(error.alertReceived, tlsock.ALERT_DESCRIPTION_DECODE_ERROR));
    const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost', suppressRaggedEofs });
    await Promise.all([client.doHandshake(), server.doHandshake()]);
    server.write('half of it');
    await once(client, 'readable');
    above.end();
    if (suppressRaggedEofs) assert.strictEqual(String(await collect(client)), 'half of it');
    else await assert.rejects(collect(client), { name: 'SSLEOFError' });
    assert.strictEqual(client.raggedEof, suppressRaggedEofs);
  }
});

test('what is written before the handshake goes out after it, in order', async () => {
  const [below, above] = streamPair();
  const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost' });
  for (const part of ['one ', 'two ', 'three']) client.write(part);
  client.end();
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
  assert.strictEqual(String(await collect(server)), 'one two three');
});

test('small writes of one tick become one record', async () => {
  const { client, server } = await connectedPair();
  let writes = 0;
  const { write } = client.transport;
  client.transport.write = function count(...args) {
    writes++;
    return write.apply(this, args);
  };
  for (let i = 0; i < 100; i++) client.write('x');
  client.end();
  assert.strictEqual(String(await collect(server)), 'x'.repeat(100));
  assert.strictEqual(writes, 2, 'one for the data and one for close_notify');
});

test('the last flight leaves with what the listener of the handshake writes', async (t) => {
  const gathered = [];
  const port = await listen(t, net.createServer((transport) => {
    const { _writev } = transport;
    transport._writev = (chunks, callback) => {
      gathered.push(chunks.length);
      _writev.call(transport, chunks, callback);
    };
    const server = new tlsock.TLSSocket(transport, { context: serverContext(), serverSide: true });
    server.on('secureConnect', () => server.write('welcome'));
  }));
  const client = tlsock.connect({ port, context: clientContext() });
  const [greeting] = await once(client, 'data');
  assert.strictEqual(String(greeting), 'welcome');
  assert.deepStrictEqual(gathered, [2]);
  client.destroy();
});

test('a client that is destroyed as the handshake ends has still ended it', async (t) => {
  const destroyed = (transport) => {
    const client = tlsock.connect({ transport, context: clientContext(), serverHostname: 'localhost' });
    client.once('secureConnect', () => client.destroy());
  };
  const server = tlsock.createServer({ context: serverContext() });
  const port = await listen(t, server);
  destroyed(net.connect({ port, host: '127.0.0.1' }));
  await once(server, 'secureConnection');

  const [below, above] = streamPair();
  destroyed(below);
  await once(new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true }), 'secureConnect');
});

test('TLS inside TLS', async () => {
  const { client, server } = await connectedPair();
  const inner = new tlsock.TLSSocket(client, { context: clientContext(), serverHostname: 'localhost' });
  const answer = new tlsock.TLSSocket(server, { context: serverContext('rsa'), serverSide: true });
  inner.end('inside');
  assert.strictEqual(String(await collect(answer)), 'inside');
});

test('setTimeout tells of silence', async () => {
  const { client } = await connectedPair();
  client.setTimeout(20);
  // The timer holds no process.
  const alive = setInterval(() => {}, 1000);
  await once(client, 'timeout');
  clearInterval(alive);
  assert.strictEqual(client.timeout, 20);
  client.destroy();
});

test('what leaves is no silence, even of one long write', async () => {
  const { client, server } = await connectedPair();
  const { transport } = server, write = transport._write.bind(transport);
  transport._write = (chunk, encoding, callback) => write(chunk, encoding, () => setTimeout(callback, 20));
  const received = collect(client);
  server.setTimeout(200, () => server.destroy(new Error('silence')));
  server.end(Buffer.alloc(2 << 20));
  assert.strictEqual((await received).length, 2 << 20);
});

test('a signal ends a connection over a stream, too', async () => {
  const [below] = streamPair(), aborting = new AbortController();
  assert.throws(() => tlsock.connect({ transport: below, serverHostname: 'localhost', context: clientContext(), signal: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
  const client = tlsock.connect({ transport: below, serverHostname: 'localhost', context: clientContext(), signal: aborting.signal });
  aborting.abort();
  assert.strictEqual((await once(client, 'error'))[0].name, 'AbortError');
  assert.ok(below.destroyed);
});

test('setTimeout(0) takes a listener away', async () => {
  const { client } = await connectedPair();
  const listener = () => {};
  client.setTimeout(60_000, listener);
  assert.deepStrictEqual(client.listeners('timeout'), [listener]);
  client.setTimeout(0, listener);
  assert.deepStrictEqual(client.listeners('timeout'), []);
  client.destroy();
});

test('a setTimeout that is refused changes nothing', async () => {
  const { client } = await connectedPair();
  for (const milliseconds of [0, 60_000]) {
    assert.throws(() => client.setTimeout(milliseconds, 'no function'), { code: 'ERR_INVALID_ARG_TYPE', message: /callback/ });
    assert.strictEqual(client.timeout, 0);
  }
  client.destroy();
});

test('destroy at any moment', async (t) => {
  const port = await listen(t, tlsock.createServer({ context: serverContext() }, (peer) => peer.on('error', () => {})));
  for (const moment of ['at once', 'connect of the transport', 'data', 'secureConnect']) {
    const client = tlsock.connect({ host: 'localhost', port, context: clientContext() });
    let version = null;
    client.once('secureConnect', () => (version = 'TLSv1.3'));
    if (moment === 'at once') client.destroy();
    else if (moment === 'secureConnect') client.once('secureConnect', () => client.destroy());
    else client.transport.once(moment.split(' ')[0], () => client.destroy());
    await once(client, 'close');
    assert.ok(client.transport.destroyed, moment);
    assert.strictEqual(client.version(), version, moment);
  }
  const failed = tlsock.connect({ host: 'localhost', port, context: clientContext() });
  failed.destroy(new Error('mine'));
  await assert.rejects(once(failed, 'secureConnect'), { message: 'mine' });
});

test('mistakes are named before anything happens', () => {
  const context = clientContext();
  assert.throws(() => tlsock.connect({ port: 1, hostt: 'x' }), { name: 'TypeError', message: 'connect has no option "hostt"; "host" is meant' });
  assert.throws(() => tlsock.connect({ port: 1, Host: 'x' }), /"host" is meant/);
  assert.throws(() => tlsock.connect({ port: 70000, context }), { name: 'ValueError', message: /^port must be/ });
  assert.throws(() => tlsock.connect({ port: 1, context: {} }), { name: 'TypeError', message: /^context must be of class SSLContext/ });
  assert.throws(() => new tlsock.TLSSocket({}, { context }), /^TypeError: transport must be a Duplex/);
  assert.throws(() => new tlsock.TLSSocket(new net.Socket(), { serverSide: true }), /^TypeError: context must be/);
  assert.throws(() => tlsock.createServer({}), /context must be/);
  assert.throws(() => tlsock.createServer({ context, cert: '' }), /has no option "cert"/);
  assert.throws(() => new tlsock.TLSSocket(streamPair()[0], { context }), { name: 'ValueError', message: /server_hostname/ });
});

test('a stream that has ended before', async () => {
  const [below] = streamPair();
  below.push(null);
  below.resume();
  await once(below, 'end');
  const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost' });
  await assert.rejects(client.doHandshake(), { name: 'SSLEOFError' });
});

test('getServerCertificate', async (t) => {
  const port = await listen(t, tlsock.createServer({ context: serverContext('self-signed') }));
  assert.strictEqual(await tlsock.getServerCertificate('localhost', port), new tlsock.Certificate(text('self-signed.pem')).pem);
  await assert.rejects(tlsock.getServerCertificate('localhost', port, { cafile: file('ca.pem') }), tlsock.SSLCertVerificationError);
});

for (const how of ['end', 'destroy'])
  test(`a server that never reads sees that the client is gone: ${how}`, async (t) => {
    const server = tlsock.createServer({ context: serverContext() });
    const port = await listen(t, server);
    const arrived = once(server, 'secureConnection');
    const client = await tlsock.promises.connect({ host: 'localhost', port, context: clientContext() });
    const [peer] = await arrived;
    const errors = [];
    const gone = new Promise((resolve) => peer.on('error', (error) => errors.push(error)).once('close', resolve));
    client[how]();
    await gone;
    // A client that leaves without reading its session tickets resets the connection.
    assert.deepStrictEqual(errors.map(({ code }) => code).filter((code) => how === 'end' || code !== 'ECONNRESET'), []);
    client.destroy();
  });

test('many pieces of all sizes in one tick arrive in order', async (t) => {
  const server = tlsock.createServer({ context: serverContext() }, (peer) => peer.pipe(peer));
  const port = await listen(t, server);
  const client = await tlsock.promises.connect({ host: 'localhost', port, context: clientContext() });
  const pieces = [0, 1, 20_000, 5, 16_384, 16_385, 70_000, 3, 200_000, 16_383, 16_383, 16_383, 16_383, 16_383].map((size, i) => Buffer.alloc(size, i + 1));
  for (const piece of pieces) client.write(piece);
  client.end();
  assert.ok((await collect(client)).equals(Buffer.concat(pieces)));
});
