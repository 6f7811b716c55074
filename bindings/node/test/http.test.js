'use strict';

// https and http2 of Node over our connections.

const assert = require('node:assert');
const { once } = require('node:events');
const http2 = require('node:http2');
const https = require('node:https');
const net = require('node:net');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { clientContext, serverContext, text } = require('./support/certs.js');
const { closed, collect, listen } = require('./support/net.js');

const credentials = () => ({ cert: text('ecdsa.pem'), key: text('ecdsa.key') });

async function request(options, body) {
  const sent = https.request({ host: 'localhost', path: '/path', method: body === undefined ? 'GET' : 'POST', ...options });
  sent.end(body);
  const [response] = await once(sent, 'response');
  return { response, text: String(await collect(response)), socket: sent.socket };
}

const echo = async (incoming, answer) => {
  const body = await collect(incoming);
  answer.end(`${incoming.method} ${incoming.url} ${body.length}`);
};

test('https.request over our Agent to https of Node, connections kept', async (t) => {
  const port = await listen(t, https.createServer(credentials(), echo));
  const agent = new tlsock.Agent({ context: clientContext(), keepAlive: true });
  t.after(() => agent.destroy());
  const first = await request({ port, agent });
  assert.strictEqual(first.text, 'GET /path 0');
  assert.ok(first.socket instanceof tlsock.TLSSocket);
  const second = await request({ port, agent }, 'x'.repeat(100_000));
  assert.strictEqual(second.text, 'POST /path 100000');
  assert.strictEqual(second.socket, first.socket);
});

test('the Agent resumes sessions, each with its own host', async (t) => {
  const port = await listen(t, tlsock.createHttpsServer({ context: serverContext() }, echo));
  const agent = new tlsock.Agent({ context: clientContext() });
  const reused = [];
  for (const host of ['localhost', 'localhost', '127.0.0.1', 'localhost', '127.0.0.1']) {
    const sent = https.request({ host, port, agent });
    sent.end();
    const [response] = await once(sent, 'response');
    reused.push(sent.socket.sessionReused);
    await collect(response);
  }
  assert.deepStrictEqual(reused, [false, true, false, true, true]);
});

test('https.request of Node to our https server', async (t) => {
  const server = tlsock.createHttpsServer({ context: serverContext() }, echo);
  const port = await listen(t, server);
  const agent = new https.Agent({ ca: text('ca.pem'), keepAlive: false });
  const { text: answer, response } = await request({ port, agent, servername: 'localhost', host: '127.0.0.1' }, 'x'.repeat(100_000));
  assert.strictEqual(answer, 'POST /path 100000');
  assert.strictEqual(response.statusCode, 200);
});

test('a server with a bad certificate is an error of the request', async (t) => {
  const port = await listen(t, tlsock.createHttpsServer({ context: serverContext('expired') }, echo));
  const agent = new tlsock.Agent({ context: clientContext() });
  await assert.rejects(request({ port, agent }), { name: 'SSLCertVerificationError', verifyCode: 10 });
});

async function ask(session) {
  const stream = session.request({ ':path': '/path', ':method': 'POST' });
  stream.end('x'.repeat(100_000));
  const [headers] = await once(stream, 'response');
  assert.strictEqual(headers[':status'], 200);
  return String(await collect(stream));
}

const streamEcho = async (stream, headers) => {
  const body = await collect(stream);
  stream.respond({ ':status': 200 });
  stream.end(`${headers[':method']} ${headers[':path']} ${body.length}`);
};

test('http2.connect through us to http2 of Node', async (t) => {
  const server = http2.createSecureServer(credentials()).on('stream', streamEcho);
  const port = await listen(t, server);
  const context = clientContext((made) => made.setAlpnProtocols(['h2']));
  const socket = tlsock.connect({ host: 'localhost', port, context });
  const session = http2.connect(`https://localhost:${port}`, { createConnection: () => socket });
  assert.strictEqual(await ask(session), 'POST /path 100000');
  assert.strictEqual(socket.alpnProtocol, 'h2');
  session.close();
  await once(session, 'close');
});

test('http2 of Node to an http2 server behind ours', async (t) => {
  const behind = http2.createServer().on('stream', streamEcho);
  const context = serverContext('ecdsa', (made) => made.setAlpnProtocols(['h2']));
  const port = await listen(t, tlsock.createServer({ context }, (socket) => behind.emit('connection', socket)));
  const session = http2.connect(`https://localhost:${port}`, { ca: text('ca.pem') });
  assert.strictEqual(await ask(session), 'POST /path 100000');
  session.close();
  await once(session, 'close');
});

test('the Agent keeps the sessions of a hundred hosts', { timeout: 60_000 }, async (t) => {
  const port = await listen(t, tlsock.createServer({ context: serverContext() }, (peer) => peer.end('hello')));
  const context = clientContext((made) => {
    made.checkHostname = false;
    made.verifyMode = tlsock.CERT_NONE;
  });
  const agent = new tlsock.Agent({ context });
  const visit = async (name) => {
    const socket = agent.createConnection({ host: '127.0.0.1', port, servername: name });
    await collect(socket);
    return socket.sessionReused;
  };
  for (let i = 0; i < 101; i++) assert.strictEqual(await visit(`host-${i}`), false);
  // The first one had to go; that of the second is still there, but for what this visit brings.
  assert.strictEqual(await visit('host-1'), true);
  assert.strictEqual(await visit('host-100'), true);
  assert.strictEqual(await visit('host-0'), false);
});

test('an https server ends clients that are slow with their headers', { timeout: 60_000 }, async (t) => {
  const server = tlsock.createHttpsServer({ context: serverContext() }, echo);
  Object.assign(server.http, { headersTimeout: 200, requestTimeout: 200, connectionsCheckingInterval: 50 });
  const port = await listen(t, server);
  const client = await tlsock.promises.connect({ host: 'localhost', port, context: clientContext() });
  client.resume().write('GET / HTTP/1.1\r\nHost: x\r\n');
  const trickle = setInterval(() => client.writable && client.write('X-A: b\r\n'), 20);
  t.after(() => clearInterval(trickle));
  // What it still writes may be answered by a reset.
  await closed(client);
});

test('close of an https server ends the clients that are idle', { timeout: 60_000 }, async (t) => {
  const server = tlsock.createHttpsServer({ context: serverContext() }, echo);
  const port = await listen(t, server);
  const agent = new https.Agent({ ca: text('ca.pem'), keepAlive: true });
  t.after(() => agent.destroy());
  await request({ port, agent, servername: 'localhost', host: '127.0.0.1' });
  // Once all connections have ended.
  await new Promise((resolve) => server.close(resolve));
});

test('a request of which nothing has left is not finished', async (t) => {
  const port = await listen(t, net.createServer((peer) => peer.on('error', () => {}).once('data', () => peer.resetAndDestroy())));
  const request = https.request({ host: 'localhost', port, method: 'POST', agent: new tlsock.Agent({ context: clientContext() }) });
  let isFinished = false;
  request.on('finish', () => (isFinished = true));
  await assert.rejects(pipeline(Readable.from(['what', 'is', 'sent']), request), { code: 'ECONNRESET' });
  assert.strictEqual(isFinished, false);
  // One that is given up is told so.
  const silent = await listen(t, net.createServer((peer) => peer.on('error', () => {})));
  const left = https.request({ host: 'localhost', port: silent, method: 'POST', agent: new tlsock.Agent({ context: clientContext() }) });
  left.on('finish', () => (isFinished = true)).on('socket', (socket) => socket.on('connect', () => left.destroy()));
  await assert.rejects(pipeline(Readable.from(['what', 'is', 'sent']), left), { code: 'ECONNRESET' });
  assert.strictEqual(isFinished, false);
});

test('a server that ends without an answer is told once', async (t) => {
  const port = await listen(t, tlsock.createServer({ context: serverContext() }, (peer) => peer.once('data', () => peer.end())));
  const sent = https.request({ host: 'localhost', port, method: 'POST', agent: new tlsock.Agent({ context: clientContext() }) }), codes = [];
  const gone = new Promise((resolve) => sent.once('close', resolve));
  sent.on('error', ({ code }) => codes.push(code)).end('what is sent');
  await gone;
  assert.deepStrictEqual(codes, ['ECONNRESET']);
});

test('a response that has not left is not finished', async (t) => {
  const server = tlsock.createHttpsServer({ context: serverContext() });
  const client = await tlsock.promises.connect({ host: 'localhost', port: await listen(t, server), context: clientContext() });
  client.on('error', () => {}).pause().write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [, response] = await once(server, 'request'), gone = once(response, 'close');
  let isFinished = false;
  response.on('finish', () => (isFinished = true)).end(Buffer.alloc(20 << 20));
  await new Promise(setImmediate);
  client.transport.resetAndDestroy();
  await gone;
  assert.strictEqual(isFinished, false);
});
