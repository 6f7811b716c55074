'use strict';

// HTTP/2 of Node over our connections knows what it knows over those of node:tls; and both versions on one port.

const assert = require('node:assert');
const { once } = require('node:events');
const http2 = require('node:http2');
const https = require('node:https');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const { clientContext, file, serverContext, text } = require('./support/certs.js');
const curl = require('./support/curl.js');
const { closed, collect, listen } = require('./support/net.js');

const ca = text('ca.pem');
const h2Context = (protocols = ['h2']) => serverContext('ecdsa', (made) => {
  made.setAlpnProtocols(protocols);
  made.loadVerifyLocations({ cafile: file('ca.pem') });
  made.verifyMode = tlsock.CERT_OPTIONAL;
});

/** What a handler of either version learns. */
function facts({ socket, stream, httpVersion }) {
  const session = stream?.session;
  return {
    httpVersion, address: socket.remoteAddress, port: typeof socket.remotePort, family: socket.remoteFamily, local: socket.localAddress,
    encrypted: socket.encrypted, authorized: socket.authorized, alpn: socket.alpnProtocol,
    session: session && [session.alpnProtocol, session.encrypted, session.socket.remoteAddress],
  };
}
const tell = (incoming, response) => response.end(JSON.stringify(facts(incoming)));

async function ask(session, path = '/') {
  const stream = session.request({ ':path': path });
  return String(await collect(stream));
}

async function connect(t, port, options) {
  const session = http2.connect(`https://localhost:${port}`, options);
  session.on('error', () => {});
  t.after(() => session.destroy());
  await once(session, 'connect');
  return session;
}

const SERVERS = {
  'node:http2': () => http2.createSecureServer({ cert: text('ecdsa.pem'), key: text('ecdsa.key'), ca, requestCert: true, rejectUnauthorized: false, allowHTTP1: true }, tell),
  createHttp2Server: () => tlsock.createHttp2Server({ context: h2Context(['h2', 'http/1.1']), allowHTTP1: true }, tell),
  'http2.createServer behind createServer'() {
    const behind = http2.createServer(tell);
    return tlsock.createServer({ context: h2Context() }, (socket) => behind.emit('connection', socket));
  },
};

for (const [whose, make] of Object.entries(SERVERS))
  for (const [who, identity] of Object.entries({ anybody: {}, 'a client that proves who it is': { cert: text('client.pem'), key: text('client.key') } }))
    test(`what a handler knows of ${who}, ${whose}`, async (t) => {
      const session = await connect(t, await listen(t, make()), { ca, ...identity });
      const seen = JSON.parse(await ask(session));
      assert.deepStrictEqual(seen, {
        httpVersion: '2.0', address: '127.0.0.1', port: 'number', family: 'IPv4', local: '127.0.0.1', encrypted: true,
        authorized: 'key' in identity, alpn: 'h2', session: ['h2', true, '127.0.0.1'],
      });
    });

test('the certificate of an HTTP/2 client, and of a server', async (t) => {
  const server = tlsock.createHttp2Server({ context: h2Context() });
  server.on('stream', (stream) => stream.end(stream.session.socket.peerCertificate.subjectText));
  const context = clientContext((made) => made.setAlpnProtocols(['h2']));
  context.loadCertChain(file('client.pem'), file('client.key'));
  const port = await listen(t, server);
  const session = await connect(t, port, { createConnection: () => tlsock.connect({ host: 'localhost', port, context }) });
  assert.strictEqual(await ask(session), 'CN=client,O=tlsock');
  const { socket } = session;
  assert.deepStrictEqual([session.alpnProtocol, session.encrypted, socket.authorized, socket.remoteAddress, socket.encrypted, socket.alpnProtocol],
    ['h2', true, true, '127.0.0.1', true, 'h2']);
  assert.match(socket.peerCertificate.subjectText, /CN=localhost/);
  assert.strictEqual(socket.version(), 'TLSv1.3');
});

test('a session over a connection that is there already, and over one that fails', async (t) => {
  const port = await listen(t, tlsock.createHttp2Server({ context: h2Context() }, tell));
  const context = clientContext((made) => made.setAlpnProtocols(['h2']));
  const socket = await tlsock.promises.connect({ host: 'localhost', port, context });
  const session = await connect(t, port, { createConnection: () => socket });
  assert.strictEqual(session.alpnProtocol, 'h2');
  assert.strictEqual(JSON.parse(await ask(session)).alpn, 'h2');
  session.close();
  await once(session, 'close');
  const refused = http2.connect(`https://localhost:${port}`, { createConnection: () => tlsock.connect({ host: 'localhost', port }) });
  const [error] = await once(refused, 'error');
  assert.ok(error instanceof tlsock.SSLCertVerificationError);
});

test('one port, two versions: ALPN decides', async (t) => {
  const server = tlsock.createHttp2Server({ context: serverContext(), allowHTTP1: true }, tell);
  const port = await listen(t, server);
  assert.strictEqual(JSON.parse(await ask(await connect(t, port, { ca }))).httpVersion, '2.0');
  for (const options of [{}, { ALPNProtocols: ['http/1.1'] }, { agent: new tlsock.Agent({ ca }) }]) {
    const request = https.get({ host: 'localhost', port, ca, agent: false, ...options });
    const [response] = await once(request, 'response');
    assert.strictEqual(JSON.parse(String(await collect(response))).httpVersion, '1.1');
  }
  const base = ['-sS', '--max-time', '20', '--cacert', file('ca.pem'), '--noproxy', '*', `https://localhost:${port}/`];
  for (const [flag, version] of [['--http2', '2.0'], ['--http1.1', '1.1']])
    assert.strictEqual(JSON.parse((await curl([flag, ...base])).stdout).httpVersion, version);
});

test('without allowHTTP1 others are told', async (t) => {
  const server = tlsock.createHttp2Server({ context: serverContext() }, tell);
  const port = await listen(t, server);
  const plain = () => tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca });
  const client = plain();
  assert.match(String(await collect(client)), /^HTTP\/1\.0 403 /);
  server.once('unknownProtocol', (socket) => socket.end(`unknown: ${socket.alpnProtocol}`));
  assert.strictEqual(String(await collect(plain())), 'unknown: false');
});

test('the context gets protocols if it has none, and must offer HTTP/2 if it has', async (t) => {
  assert.throws(() => tlsock.createHttp2Server({ context: serverContext('ecdsa', (made) => made.setAlpnProtocols(['http/1.1'])) }), { message: /"h2"/ });
  assert.throws(() => tlsock.createHttp2Server({ context: {} }), TypeError);
  assert.throws(() => tlsock.createHttp2Server({ context: serverContext(), setings: {} }), { message: /"settings" is meant/ });
  const port = await listen(t, tlsock.createHttp2Server({ cert: text('ecdsa.pem'), key: text('ecdsa.key') }, tell));
  assert.strictEqual((await connect(t, port, { ca })).alpnProtocol, 'h2');
});

test('contexts that come later offer the same protocols', async (t) => {
  const pair = { cert: text('rsa.pem'), key: text('rsa.key') };
  for (const later of [pair, serverContext('rsa')])
    for (const first of [{ cert: text('ecdsa.pem'), key: text('ecdsa.key') }, { context: serverContext() }]) {
      const server = tlsock.createHttp2Server({ ...first, allowHTTP1: true }, tell);
      const port = await listen(t, server);
      server.addContext('other.name', later);
      server.setSecureContext(later);
      for (const servername of ['localhost', 'other.name']) {
        const client = tls.connect({ port, host: '127.0.0.1', servername, ca, ALPNProtocols: ['h2'], checkServerIdentity: () => undefined });
        await once(client, 'secureConnect');
        assert.deepStrictEqual([client.alpnProtocol, client.getPeerCertificate().asn1Curve], ['h2', undefined]);
        client.destroy();
      }
      assert.throws(() => server.setSecureContext(serverContext('rsa', (made) => made.setAlpnProtocols(['http/1.1']))), { message: /"h2"/ });
    }
  const web = tlsock.createHttpsServer({ ...pair, ALPNProtocols: ['mine'] });
  const port = await listen(t, web);
  web.setSecureContext({ cert: text('ecdsa.pem'), key: text('ecdsa.key') });
  const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca, ALPNProtocols: ['mine'] });
  await once(client, 'secureConnect');
  assert.strictEqual(client.alpnProtocol, 'mine');
  client.destroy();
});

test('streams alone make no requests, and listeners of streams get theirs', async (t) => {
  const server = tlsock.createHttp2Server({ context: serverContext(), settings: { maxConcurrentStreams: 7 } });
  server.on('stream', (stream, headers) => {
    stream.respond({ ':status': 201 });
    stream.end(`${headers[':path']} ${server.http2.listenerCount('request')}`);
  });
  const session = await connect(t, await listen(t, server), { ca });
  if (session.remoteSettings.maxConcurrentStreams !== 7) await once(session, 'remoteSettings');
  assert.strictEqual(session.remoteSettings.maxConcurrentStreams, 7);
  assert.strictEqual(await ask(session, '/path'), '/path 0');
});

test('close lets streams end, closeAllConnections does not', async (t) => {
  const held = [];
  const make = async () => {
    const server = tlsock.createHttp2Server({ context: serverContext(), allowHTTP1: true });
    server.on('stream', (stream) => {
      stream.on('error', () => {}).respond();
      held.push(stream);
      server.emit('held');
    });
    return [server, await listen(t, server)];
  };
  const [server, port] = await make();
  const idle = await connect(t, port, { ca }), busy = await connect(t, port, { ca });
  const answer = collect(busy.request({ ':path': '/' }));
  await once(server, 'held');
  const idleGone = closed(idle), all = new Promise((resolve) => server.close(resolve));
  await idleGone;
  held[0].end('late');
  assert.strictEqual(String(await answer), 'late');
  await all;

  const [other, otherPort] = await make();
  const quiet = await connect(t, otherPort, { ca }), stuck = await connect(t, otherPort, { ca });
  const request = stuck.request({ ':path': '/' });
  const failed = closed(request.resume());
  await once(other, 'held');
  const quietGone = closed(quiet), stuckGone = closed(stuck);
  other.closeIdleConnections();
  await quietGone;
  assert.strictEqual(stuck.destroyed, false);
  other.closeAllConnections();
  await stuckGone;
  await failed;
  await new Promise((resolve) => other.close(resolve));
});

test('setTimeout ends sessions that are idle', async (t) => {
  const server = tlsock.createHttp2Server({ context: serverContext() }, tell);
  const port = await listen(t, server);
  server.setTimeout(50);
  assert.deepStrictEqual([server.timeout, server.http2.timeout], [50, 50]);
  const told = once(server, 'timeout');
  const session = await connect(t, port, { ca });
  await told;
  session.destroy();
});

test('much data both ways, and a connection that others read from has no handle', async (t) => {
  const server = tlsock.createHttp2Server({ context: serverContext(), allowHTTP1: true }, (incoming, response) => incoming.pipe(response));
  const port = await listen(t, server);
  const context = clientContext((made) => made.setAlpnProtocols(['h2']));
  const session = await connect(t, port, { createConnection: () => tlsock.connect({ host: 'localhost', port, context }) });
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  const sent = Buffer.alloc(3_000_000, 'abcdefg');
  stream.end(sent);
  assert.ok((await collect(stream)).equals(sent));
  const plain = await tlsock.promises.connect({ host: 'localhost', port, context: clientContext() });
  assert.strictEqual(plain._handle, undefined);
  plain.destroy();
});
