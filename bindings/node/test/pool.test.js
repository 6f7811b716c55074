'use strict';

// Small Buffers share a pool, which all code that has one of them can read as a whole and nobody wipes: nothing that is secret is copied into it.

const assert = require('node:assert');
const { constants: { SSL_OP_NO_TICKET }, createPrivateKey } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const nodeTls = require('node:tls');

// A pool that no test fills, and that texts of all lengths go to.
Buffer.poolSize = 1 << 25;
while (Buffer.from('x').buffer.byteLength !== Buffer.poolSize) Buffer.allocUnsafe(1 << 12);

const tlsock = require('../index.js');
const tls = require('../tls.js');
const { clientContext, file, serverContext, text } = require('./support/certs.js');
const { closed, listen } = require('./support/net.js');
const { objects } = require('./support/pairs.js');

const ca = text('ca.pem');
const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };
const PASSWORD = 'a password that nobody else has', PFX_PASSWORD = 'sesame';

/** Memory of its own, as the secrets that are looked for must not be in the pool themselves. */
function own(secret) {
  const isText = typeof secret === 'string', bytes = Buffer.alloc(isText ? Buffer.byteLength(secret, 'latin1') : secret.length);
  if (isText) bytes.write(secret, 'latin1');
  else bytes.set(secret);
  return bytes;
}

/** A part that is long enough to be there by no chance. */
const part = (secret) => own(secret.slice(40, 100));

/** Runs something that gives the secrets it has used, and looks for them in what came to the pool meanwhile. */
async function leaks(run) {
  const { buffer, byteOffset } = Buffer.from('x');
  const secrets = (await run()).map(own), end = Buffer.from('x');
  assert.strictEqual(end.buffer, buffer);
  const pool = Buffer.from(buffer, byteOffset, end.byteOffset - byteOffset);
  return secrets.map((secret) => pool.includes(secret));
}

const ignoring = (run) => {
  try {
    run();
  } catch {
    // What is wrong with it is told by other tests.
  }
};

const encrypted = createPrivateKey(identity.key).export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: PASSWORD });
const pfx = fs.readFileSync(file('ecdsa.p12'), 'latin1');
const both = identity.cert + identity.key;
const ticketKeys = Buffer.alloc(48).map((_, index) => index * 7 + 3);
const keyOf = (pem) => part(pem.slice(pem.indexOf('PRIVATE KEY')));

async function read(socket) {
  const end = closed(socket);
  socket.resume();
  await end;
}

/** Has a client of node:tls visit a server twice, with the session of the first time. */
async function visitTwice(port) {
  let session;
  const sockets = [];
  for (let i = 0; i < 2; i++) {
    const client = nodeTls.connect({ port, ca, servername: 'localhost', session, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
    await once(client, 'secureConnect');
    session = client.getSession();
    sockets.push(client.isSessionReused());
    await read(client);
  }
  assert.deepStrictEqual(sockets, [false, true]);
}

/** The session of a client of TLS 1.2. */
async function sessionOf(t, connect) {
  const port = await listen(t, nodeTls.createServer({ ...identity, maxVersion: 'TLSv1.2' }, (socket) => socket.on('error', () => {}).end('hi')));
  const first = connect({ port });
  await once(first, 'secureConnect');
  const session = first.getSession();
  await read(first);
  return { port, session };
}

function pskContexts(client, server) {
  const contexts = [tlsock.PROTOCOL_TLS_CLIENT, tlsock.PROTOCOL_TLS_SERVER].map((protocol) => new tlsock.SSLContext(protocol));
  for (const context of contexts) {
    context.maximumVersion = tlsock.TLSVersion.TLSv1_2;
    context.setCiphers('PSK');
  }
  contexts[0].checkHostname = false;
  contexts[0].verifyMode = tlsock.CERT_NONE;
  contexts[0].setPskClientCallback(client);
  contexts[1].setPskServerCallback(server);
  return contexts;
}

/** By what takes secrets: a function that gives them to it, and returns those that are looked for. */
const PATHS = {
  'key and passphrase of an Agent'() {
    new tlsock.Agent({ ca, cert: identity.cert, key: encrypted, passphrase: PASSWORD }).getName({ host: 'x' });
    return [PASSWORD, keyOf(encrypted)];
  },
  'keys with a passphrase each of a server'() {
    tlsock.createServer({ cert: [identity.cert], key: [{ pem: encrypted, passphrase: PASSWORD }] });
    return [PASSWORD, keyOf(encrypted)];
  },
  'a PKCS #12 file as text'() {
    tlsock.createServer({ pfx, passphrase: PFX_PASSWORD });
    tls.createSecureContext({ pfx, passphrase: PFX_PASSWORD });
    return [PFX_PASSWORD, part(pfx)];
  },
  'a PKCS #12 file as bytes'() {
    const bytes = own(pfx);
    tls.createSecureContext({ pfx: [{ buf: bytes, passphrase: PFX_PASSWORD }] });
    tlsock.Identity.fromPkcs12(bytes, PFX_PASSWORD);
    return [PFX_PASSWORD, part(pfx)];
  },
  'createSecureContext'() {
    tls.createSecureContext({ ...identity, key: encrypted, passphrase: PASSWORD });
    tls.createSecureContext({ cert: identity.cert, key: [{ pem: own(encrypted), passphrase: PASSWORD }] });
    return [PASSWORD, keyOf(encrypted)];
  },
  'a certificate with its key in one text'() {
    const context = tls.createSecureContext({ cert: both, key: both, ca: both });
    assert.ok(context.certificate && context.issuer);
    tls.createServer({ cert: both, key: both, ca: both, requestCert: true });
    tlsock.createServer({ cert: both, ca: both, requestCert: true });
    return [keyOf(both)];
  },
  'the keys and passwords of a context'() {
    const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
    for (const password of [PASSWORD, () => PASSWORD, own(PASSWORD), () => own(PASSWORD)]) {
      context.loadCertChainData(identity.cert, encrypted, password);
      tlsock.Identity.fromData(identity.cert, encrypted, password);
    }
    return [PASSWORD, keyOf(encrypted)];
  },
  'what is no session, or no key'() {
    const context = serverContext();
    ignoring(() => tlsock.SSLSession.fromData(context, PASSWORD));
    ignoring(() => context.loadEchKeys(PASSWORD, PASSWORD));
    ignoring(() => tls.createSecureContext({ key: PASSWORD }));
    for (const wrong of [{ pfx, passphrase: PASSWORD }, { pfx: [{ buf: pfx, passphrase: PASSWORD }] }, { pfx: PASSWORD }])
      for (const make of [tls.createSecureContext, tls.createServer]) ignoring(() => make(wrong));
    ignoring(() => tlsock.createServer({ cert: identity.cert, key: PASSWORD }));
    tlsock.randAdd(PASSWORD, 0);
    return [PASSWORD];
  },
  'ticket keys'() {
    const server = tls.createServer({ ...identity, ticketKeys });
    server.setTicketKeys(ticketKeys);
    assert.deepStrictEqual(server.getTicketKeys(), ticketKeys);
    // As node:cluster passes them on.
    server._setServerData(server._getServerData());
    assert.deepStrictEqual(server.getTicketKeys(), ticketKeys);
    serverContext().setTicketKeys([own(ticketKeys).fill(1, 0, 16), ticketKeys]);
    return [ticketKeys];
  },
  async 'sessions that listeners keep'(t) {
    const store = new Map();
    const server = tls.createServer({ ...identity, secureOptions: SSL_OP_NO_TICKET }, (socket) => socket.on('error', () => {}).end('hi'));
    server.on('newSession', (id, data, done) => done(void store.set(id.toString('hex'), data)));
    server.on('resumeSession', (id, done) => done(null, store.get(id.toString('hex')) ?? null));
    await visitTwice(await listen(t, server));
    return [...store.values()].map(part);
  },
  async 'sessions in the cache of a context'(t) {
    const store = new Map(), context = serverContext();
    context.options |= BigInt(SSL_OP_NO_TICKET);
    context.setSessionCache({ put: (connection, id, data) => void store.set(id.toString('hex'), data), get: (connection, id) => store.get(id.toString('hex')) });
    await visitTwice(await listen(t, tlsock.createServer({ context }, (socket) => socket.end('hi'))));
    return [...store.values()].map(part);
  },
  async 'a session as text, with tlsock/tls'(t) {
    const { port, session } = await sessionOf(t, (options) => tls.connect({ ...options, ca, servername: 'localhost' }));
    const socket = tls.connect({ port, ca, servername: 'localhost', session: session.toString('latin1') });
    await once(socket, 'secureConnect');
    assert.ok(socket.isSessionReused());
    await read(socket);
    return [part(session)];
  },
  async 'a session as text, with setSession'(t) {
    const context = clientContext(), options = { context, serverHostname: 'localhost' };
    const { port, session } = await sessionOf(t, ({ port: at }) => tlsock.connect({ port: at, ...options }));
    const socket = tlsock.connect({ port, ...options });
    socket.setSession(session.toString('latin1'));
    await once(socket, 'secureConnect');
    assert.ok(socket.isSessionReused());
    await read(socket);
    return [part(session)];
  },
  async 'the key log'(t) {
    const lines = [], server = tls.createServer(identity, (socket) => socket.on('error', () => {}).end('hi')).on('keylog', (line) => lines.push(line));
    await read(nodeTls.connect({ port: await listen(t, server), ca, servername: 'localhost' }));
    assert.ok(lines.length > 0);
    return lines.map((line) => part(line.subarray(line.length - 101)));
  },
  'pre-shared keys'() {
    for (const key of [PASSWORD, own(PASSWORD)]) {
      const [client, server] = pskContexts(() => ['me', key], () => key);
      assert.strictEqual(objects(client, server).server.version(), 'TLSv1.2');
    }
    return [PASSWORD];
  },
  'what is written to connections in memory'() {
    const { client, server } = objects();
    client.write(PASSWORD);
    assert.strictEqual(server.read().toString(), PASSWORD);
    client.exportKeyingMaterial(32, 'label', PASSWORD);
    new tlsock.MemoryBIO().write(PASSWORD);
    return [PASSWORD, client.exportKeyingMaterial(32, 'label', PASSWORD)];
  },
};

test('the search finds what is there', async () => {
  assert.deepStrictEqual(await leaks(() => [Buffer.from(PASSWORD).toString(), PFX_PASSWORD]), [true, false]);
  assert.deepStrictEqual(await leaks(() => [part(Buffer.from(both))]), [true]);
});

for (const [what, run] of Object.entries(PATHS))
  test(`${what}: nothing of it is in the pool`, async (t) => {
    const found = await leaks(() => run(t));
    assert.ok(found.length > 0);
    assert.deepStrictEqual(found, found.map(() => false));
  });
