'use strict';

// HTTP/2 of Node over our connections knows what it knows over those of node:tls; and both versions on one port.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const http2 = require('node:http2');
const https = require('node:https');
const path = require('node:path');
const { Duplex } = require('node:stream');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const ours = require('../tls.js');
const { clientContext, file, serverContext, text } = require('./support/certs.js');
const curl = require('./support/curl.js');
const { closed, collect, listen } = require('./support/net.js');
const { RawClient } = require('./support/raw.js');

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

const RESETS = {
  'a stream': (server) => server.on('stream', (stream) => stream.respond()),
  'what a stream pushes': (server) => server.on('stream', (stream) => {
    stream.on('error', () => {}).respond();
    stream.pushStream({ ':path': '/pushed' }, (error, pushed) => pushed.respond());
  }),
  'what a response pushes': (server) => server.on('request', (incoming, response) => {
    response.writeHead(200).flushHeaders();
    response.createPushResponse({ ':path': '/pushed' }, (error, pushed) => pushed.writeHead(200).flushHeaders());
  }),
};

for (const [what, serve] of Object.entries(RESETS))
  test(`a client that resets ${what} ends no process, and the server is told`, async (t) => {
    const server = tlsock.createHttp2Server({ context: serverContext() });
    serve(server);
    const session = await connect(t, await listen(t, server), { ca }), { NGHTTP2_INTERNAL_ERROR } = http2.constants;
    const reset = (stream) => stream.on('error', () => {}).resume().close(NGHTTP2_INTERNAL_ERROR);
    session.on('stream', reset);
    const told = once(server, 'streamError'), stream = session.request();
    stream.on('error', () => {}).resume();
    if (what === 'a stream') stream.once('response', () => reset(stream));
    const [error, failed] = await told;
    assert.strictEqual(error.code, 'ERR_HTTP2_STREAM_ERROR');
    assert.strictEqual(failed.rstCode, NGHTTP2_INTERNAL_ERROR);
    if (what !== 'a stream') return;
    // Errors that somebody listens to are theirs.
    server.on('streamError', () => assert.fail('told twice'));
    const heard = new Promise((resolve) => server.on('stream', (another) => another.on('error', resolve))), second = session.request();
    second.on('response', () => reset(second)).on('error', () => {});
    assert.strictEqual((await heard).code, 'ERR_HTTP2_STREAM_ERROR');
  });

test('pushStream refuses what it refuses without us, and a connection with streams can be destroyed', async (t) => {
  const server = tlsock.createHttp2Server({ context: serverContext() });
  const accepted = once(server, 'connection'), session = await connect(t, await listen(t, server), { ca });
  session.request().on('error', () => {}).resume();
  const [stream] = await once(server, 'stream');
  assert.throws(() => stream.pushStream({ ':path': '/' }), { code: 'ERR_INVALID_ARG_TYPE' });
  const gone = closed(stream);
  (await accepted)[0].destroy();
  session.destroy();
  await gone;
});

const frame = (type, flags, id, payload) => {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(id, 5);
  return Buffer.concat([header, payload]);
};
const NONE = Buffer.alloc(0), SETTINGS = 4, HEADERS = 1, CONTINUATION = 9, END_HEADERS = 4;
// GET / over https of localhost, by the static table of HPACK.
const GET = Buffer.from([0x82, 0x84, 0x87, 0x41, 9, ...Buffer.from('localhost')]);

test('a client that reads nothing and ends ends no process, whatever is written to it', async () => {
  let isDeaf = false;
  const client = new RawClient(clientContext((made) => made.setAlpnProtocols(['h2']))), transport = new Duplex({
    read() {},
    write(chunk, encoding, callback) {
      if (isDeaf) return;
      const answer = client.feed(chunk);
      if (answer.length > 0) this.push(answer);
      callback();
    },
  });
  const server = http2.createServer(), socket = new tlsock.TLSSocket(transport, { context: h2Context(), serverSide: true });
  const shaken = socket.doHandshake();
  transport.push(client.feed());
  await shaken;
  server.emit('connection', socket);
  transport.push(client.encrypt(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(SETTINGS, 0, 0, NONE), frame(HEADERS, END_HEADERS, 1, GET)])));
  const [stream] = await once(server, 'stream');
  stream.on('error', () => {}).respond();
  await new Promise((resolve) => stream.write('read', resolve));
  isDeaf = true;
  await new Promise((resolve) => stream.write('not read', resolve));
  const ended = once(socket, 'end');
  transport.push(null);
  await ended;
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(socket.writableEnded && !socket.destroyed);
  // As long as nobody sees that the peer has gone.
  for (let i = 0; i < 3; i++) {
    stream.write('too late');
    await new Promise((resolve) => setImmediate(resolve));
  }
  const gone = closed(stream);
  transport.destroy();
  await gone;
});

const number = (value) => Buffer.from([0, 0, 0, value]), PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const PARTS = [frame(HEADERS, 0, 1, GET.subarray(0, 3)), frame(CONTINUATION, END_HEADERS, 1, GET.subarray(3))];
const RESET = frame(3, 0, 1, number(2));
const TOGETHER = {
  'a reset': [frame(HEADERS, END_HEADERS, 1, GET), RESET],
  'a reset, after headers in two parts,': [...PARTS, RESET],
  'the end of the session': [frame(HEADERS, END_HEADERS, 1, GET), frame(7, 0, 0, Buffer.concat([number(0), number(2)]))],
  'a mistake': [frame(HEADERS, END_HEADERS, 1, GET), frame(8, 0, 0, number(0))],
};
const BEHINDS = {
  createHttp2Server: () => tlsock.createHttp2Server({ context: serverContext() }),
  'http2.createServer behind a TLSSocket': () => {
    const server = tlsock.createServer({ context: h2Context() }, (socket) => behind.emit('connection', socket)), behind = http2.createServer();
    return behind.on('stream', (...args) => server.emit('stream', ...args)) && server;
  },
};

for (const [whose, make] of Object.entries(BEHINDS))
  for (const [what, frames] of Object.entries(TOGETHER))
    test(`${whose}: a stream can be answered, though ${what} came with it`, async (t) => {
      const server = make(), told = once(server, 'stream').then(([stream]) => {
        stream.on('error', () => {}).respond();
        const gone = closed(stream);
        // With nghttp2 1.59 Node leaves the session as it is, over its own sockets too, until the client goes.
        if (what === 'a mistake') client.destroy();
        return gone;
      });
      const client = tls.connect({ port: await listen(t, server), host: '127.0.0.1', servername: 'localhost', ca, ALPNProtocols: ['h2'] });
      t.after(() => client.destroy());
      client.on('error', () => {}).resume().write(Buffer.concat([PREFACE, frame(SETTINGS, 0, 0, NONE), ...frames]));
      await told;
    });

test('with tlsock/tls/hook sessions of node:http2 have the handle too', () => {
  const bytes = Buffer.concat([PREFACE, frame(SETTINGS, 0, 0, NONE), frame(HEADERS, END_HEADERS, 1, GET), RESET]).toString('hex');
  const program = `
    const http2 = require('node:http2'), tls = require('node:tls');
    const server = http2.createSecureServer(${JSON.stringify({ cert: text('ecdsa.pem'), key: text('ecdsa.key') })}).on('stream', (stream) => {
      console.log(stream.destroyed, stream.session.alpnProtocol);
      stream.on('error', () => {}).respond();
      client.destroy();
      server.close();
    });
    let client;
    server.listen(0, '127.0.0.1', () => {
      const to = { port: server.address().port, host: '127.0.0.1', servername: 'localhost', ca: ${JSON.stringify(ca)}, ALPNProtocols: ['h2'] };
      client = tls.connect(to).on('error', () => {}).resume();
      client.write(Buffer.from('${bytes}', 'hex'));
    });`;
  const out = execFileSync(process.execPath, ['--require', path.join(__dirname, '..', 'tls', 'hook.js'), '-e', program], { encoding: 'utf8', timeout: 30_000 });
  assert.strictEqual(out.trim(), 'false h2');
});

const goneWith = (code, syscall) => Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
const LEAVINGS = {
  'before all was written': { error: goneWith('EPIPE', 'write'), heard: ['aborted', `close ${http2.constants.NGHTTP2_CANCEL}`, 'session close'] },
  'by a reset': {
    error: goneWith('ECONNRESET', 'read'),
    heard: ['aborted', 'told ECONNRESET', `close ${http2.constants.NGHTTP2_INTERNAL_ERROR}`, 'session error ECONNRESET', 'session close'],
  },
};

for (const [how, { error, heard }] of Object.entries(LEAVINGS))
  test(`tlsock/tls: a client that goes ${how} ends no process, and sessions hear of it as over node:tls`, async (t) => {
    const behind = http2.createServer(), server = ours.createServer({ cert: text('ecdsa.pem'), key: text('ecdsa.key'), ALPNProtocols: ['h2'] });
    server.on('secureConnection', (socket) => behind.emit('connection', socket));
    const port = await listen(t, server), accepted = once(server, 'connection'), seen = [];
    server.on('tlsClientError', ({ code }) => seen.push(`told ${code}`));
    const client = await connect(t, port, { ca });
    client.request().on('error', () => {}).resume();
    const [stream] = await once(behind, 'stream'), { session } = stream;
    stream.respond();
    stream.on('aborted', () => seen.push('aborted')).on('close', () => seen.push(`close ${stream.rstCode}`));
    session.on('error', ({ code }) => seen.push(`session error ${code}`));
    const gone = closed(session.on('close', () => seen.push('session close')));
    (await accepted)[0].destroy(error);
    await gone;
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepStrictEqual(seen, heard);
  });

test('tlsock/tls: streams that clients reset are told once each', async (t) => {
  const server = ours.createServer({ cert: text('ecdsa.pem'), key: text('ecdsa.key'), ALPNProtocols: ['h2'] }), behind = http2.createServer();
  server.on('secureConnection', (socket) => behind.emit('connection', socket));
  behind.on('stream', (stream) => stream.respond());
  const client = await connect(t, await listen(t, server), { ca }), told = [];
  server.on('tlsClientError', (error, socket) => told.push([error.code, socket.destroyed]));
  for (let i = 1; i <= 2; i++) {
    const request = client.request(), failed = once(server, 'tlsClientError');
    await once(request, 'response');
    request.on('error', () => {}).close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    await failed;
  }
  assert.deepStrictEqual(told, Array(2).fill(['ERR_HTTP2_STREAM_ERROR', false]));
});

test('with tlsock/tls/hook clients that ask and go end no process', () => {
  const bytes = Buffer.concat([PREFACE, frame(SETTINGS, 0, 0, NONE), frame(HEADERS, 5, 1, GET)]).toString('hex');
  const client = `
    const tls = require('node:tls'), to = { port: process.argv[1], host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] };
    const go = (left) => left > 0 && tls.connect(to, function gone() {
      this.write(Buffer.from('${bytes}', 'hex'));
      this.destroy();
    }).on('error', () => {}).on('close', () => go(left - 1));
    go(30);`;
  const program = `
    const http2 = require('node:http2'), { execFile } = require('node:child_process');
    const server = http2.createSecureServer(${JSON.stringify({ cert: text('ecdsa.pem'), key: text('ecdsa.key') })});
    let sessions = 0;
    server.on('session', () => sessions++).on('stream', async (stream) => {
      await null;
      stream.respond();
      stream.end('hello');
    });
    server.listen(0, '127.0.0.1', () => execFile(process.execPath, ['-e', ${JSON.stringify(client)}, server.address().port], () => {
      console.log(sessions);
      server.close();
    }));`;
  const out = execFileSync(process.execPath, ['--require', path.join(__dirname, '..', 'tls', 'hook.js'), '-e', program], { encoding: 'utf8', timeout: 60_000 });
  assert.strictEqual(Number(out), 30);
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
