'use strict';

// Many connections share a context, and callbacks run JavaScript in the middle of a call: what one connection has chosen, was given or has asked
// for counts for it alone, so no connection writes it to its context.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const native = require('../lib/native.js');

// What was called with a context, by its handle: wrapped before another module has the functions.
const contexts = new Set();
let calls = null;
for (const [name, run] of Object.entries(native)) {
  if (typeof run !== 'function') continue;
  native[name] = (...args) => {
    if (contexts.has(args[0])) calls?.push([name, args[0]]);
    const answer = run(...args);
    if (['contextNew', 'contextCopy', 'createDefaultContext'].includes(name)) contexts.add(answer);
    return answer;
  };
}
// What has the library ask a connection. A context gets it once, with the first that asks; it is no choice of one of them.
const WIRES = ['setClientHelloCallback', 'setAlpnCallback', 'setMessageCallback', 'setKeylogCallback', 'setSessionCallback'];

const tlsock = require('../index.js');
const tls = require('../tls.js');
const { clientContext, fixed, serverContext, text } = require('./support/certs.js');
const { closed, listen, streamPair } = require('./support/net.js');
const { staple } = require('./support/ocsp.js');
const { objects } = require('./support/pairs.js');

const ca = text('ca.pem');
const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };
const VERSIONS = ['TLSv1.2', 'TLSv1.3'];

/** Runs something, and gives the names of what wrote meanwhile to contexts that there were before. */
async function writesOf(run) {
  const known = new Set(contexts);
  calls = [];
  try {
    await run();
    return calls.filter(([name, handle]) => /^(?:set|load|use)/.test(name) && known.has(handle)).map(([name]) => name);
  } finally {
    calls = null;
  }
}

/** A connection of node:tls that reads to the end; gives its session too. */
async function visit(port, options) {
  let { session } = options, response;
  const client = nodeTls.connect({ port, ca, servername: 'localhost', ...options }), end = closed(client);
  client.on('session', (data) => { session = data; });
  client.on('OCSPResponse', (bytes) => { response = bytes; });
  await once(client, 'secureConnect');
  const isReused = client.isSessionReused();
  client.resume();
  await end;
  return { isReused, response, session };
}

const ALPNCallback = ({ protocols }) => protocols.at(-1);

/** Each kind of server with all that its connections may ask and be given, by its name: `(t)` gives the server. */
const SERVERS = {
  createServer: () => tlsock.createServer({ context: serverContext(), ALPNCallback, SNICallback: async () => null }, (socket) => socket.end('hi')),
  'createServer, with addContext': () => {
    const server = tlsock.createServer({ context: serverContext(), ALPNCallback }, (socket) => socket.end('hi')), context = serverContext('rsa');
    context.setAlpnProtocols(['b']);
    server.addContext('localhost', context);
    return server;
  },
  'createServer, with asynchronous callbacks': () => {
    const context = serverContext();
    context.sniCallback = async () => 0;
    context.setClientHelloCallback(async () => 0);
    context.setIdentityCallback(async () => tlsock.Identity.fromData(identity.cert, identity.key));
    return tlsock.createServer({ context, ALPNCallback: async (offer) => ALPNCallback(offer) }, (socket) => socket.end('hi'));
  },
  'tlsock/tls': (t) => {
    const secureContext = tls.createSecureContext(identity), response = staple(t, 'ecdsa'), stored = new Map();
    const server = tls.createServer({ ...identity, ALPNCallback, SNICallback: (name, done) => done(null, secureContext) }, (socket) => socket.end('hi'));
    server.on('OCSPRequest', (certificate, issuer, done) => setImmediate(done, null, response));
    server.on('newSession', (id, data, done) => done(stored.set(id.toString('hex'), data) && null));
    server.on('resumeSession', (id, done) => done(null, stored.get(id.toString('hex')) ?? null));
    return server.on('keylog', () => {});
  },
};

for (const [who, make] of Object.entries(SERVERS))
  test(`${who}: a connection writes nothing to the contexts that others have`, async (t) => {
    const port = await listen(t, make(t));
    for (const version of VERSIONS) {
      const options = { minVersion: version, maxVersion: version, ALPNProtocols: ['a', 'b'], requestOCSP: true };
      let { session } = await visit(port, options);
      const wrote = await writesOf(async () => {
        for (let i = 0; i < 2; i++) ({ session } = await visit(port, { ...options, session }));
      });
      assert.deepStrictEqual(wrote, []);
    }
  });

test('the clients of a context write nothing to it', async (t) => {
  const port = await listen(t, nodeTls.createServer(identity, (socket) => socket.on('error', () => {}).end('hi')));
  const secureContext = tls.createSecureContext({ ca }), context = clientContext();
  const clients = [
    () => tls.connect({ port, secureContext, servername: 'localhost', enableTrace: true, requestOCSP: true, ALPNProtocols: ['x'] }),
    () => tlsock.connect({ port, context, serverHostname: 'localhost', expectedNames: ['localhost'] }),
  ];
  const { write } = process.stderr;
  t.after(() => { process.stderr.write = write; });
  process.stderr.write = () => true;
  for (const connect of clients) {
    const run = async () => {
      const socket = connect().on('keylog', () => {}), end = closed(socket);
      await once(socket, 'secureConnect');
      socket.resume().end();
      await end;
    };
    // What has the library ask comes with the first, and nothing else.
    assert.deepStrictEqual((await writesOf(run)).filter((name) => !WIRES.includes(name)), []);
    assert.deepStrictEqual(await writesOf(run), []);
  }
});

test('a response that a listener gave for one connection is not sent by another that is served in the middle of its handshake', async (t) => {
  const response = staple(t, 'ecdsa');
  for (const version of VERSIONS) {
    let shared;
    const inner = [], client = clientContext((made) => { made.ocsp = tlsock.OCSP_REQUEST; });
    const server = tls.createServer({ ...identity, maxVersion: version, SNICallback(name, done) {
      shared = this.context;
      done();
    } }, (socket) => socket.end('hi'));
    server.on('OCSPRequest', (certificate, issuer, done) => done(null, response)).on('keylog', () => {
      if (inner.length === 0) inner.push(objects(client, shared).client.ocspResponse());
    });
    const port = await listen(t, server);
    assert.deepStrictEqual((await visit(port, { requestOCSP: true })).response, response);
    assert.deepStrictEqual(inner, [null]);
  }
});

test('connections with an OCSP response resume sessions, and new ticket keys count for them', async (t) => {
  for (const version of VERSIONS) {
    const server = tls.createServer({ ...identity, minVersion: version, maxVersion: version }, (socket) => socket.end('hi')), port = await listen(t, server);
    const response = staple(t, 'ecdsa');
    server.on('OCSPRequest', (certificate, issuer, done) => done(null, response));
    const first = await visit(port, { requestOCSP: true }), second = await visit(port, { requestOCSP: true, session: first.session });
    assert.deepStrictEqual([first.isReused, second.isReused], [false, true]);
    // From then on they are all of one fleet.
    server.getTicketKeys();
    const third = await visit(port, { requestOCSP: true });
    assert.strictEqual((await visit(port, { session: third.session })).isReused, true);
    server.setTicketKeys(Buffer.alloc(48, 1));
    assert.strictEqual((await visit(port, { requestOCSP: true, session: third.session })).isReused, false);
  }
});

/** The lines that enableTrace prints meanwhile. */
async function tracedIn(t, run) {
  const { write } = process.stderr, lines = [];
  t.after(() => { process.stderr.write = write; });
  process.stderr.write = (line) => lines.push(line);
  try {
    await run();
  } finally {
    process.stderr.write = write;
  }
  return lines.filter((line) => line.startsWith('TLS '));
}

async function shake(client, server, prepare = () => {}) {
  const [below, above] = streamPair();
  const ends = [new tlsock.TLSSocket(below, { context: client, serverHostname: 'localhost' }), new tlsock.TLSSocket(above, { context: server, serverSide: true })];
  prepare(...ends);
  await Promise.all(ends.map((end) => end.doHandshake()));
  for (const end of ends) end.destroy();
}

test('enableTrace prints what its own connection says', async (t) => {
  const seen = [], server = serverContext('ecdsa', fixed(tlsock.TLSVersion.TLSv1_3)), client = clientContext();
  client.messageCallback = (connection, direction) => seen.push(direction);
  const one = (end) => end.enableTrace(), lines = await tracedIn(t, () => shake(client, server, one));
  assert.deepStrictEqual([...new Set(lines.map((line) => line.split(' ')[1]))].sort(), ['read', 'write']);
  // The context's own callback is told as well.
  assert.strictEqual(seen.length, lines.length);
  assert.deepStrictEqual(await tracedIn(t, () => shake(client, server)), []);
  assert.strictEqual(seen.length, 2 * lines.length);
  client.messageCallback = null;
  assert.strictEqual((await tracedIn(t, () => shake(client, server, one))).length, lines.length);
  assert.deepStrictEqual(await tracedIn(t, () => shake(client.copy(), server)), []);
  // On a server the trace follows to the context that is set meanwhile.
  server.sniCallback = (connection) => { connection.context = serverContext('rsa'); };
  const two = await tracedIn(t, () => shake(client, server, (_, end) => end.enableTrace()));
  assert.ok(two.some((line) => line.startsWith('TLS write') && line.includes('content 22 message 11')), two.join(''));
});

test('a server is told the key log also where an SNICallback has chosen another context, as in node:tls', async (t) => {
  for (const maxVersion of VERSIONS) {
    const counts = [];
    for (const implementation of [nodeTls, tls]) {
      const secureContext = implementation.createSecureContext({ key: text('rsa.key'), cert: text('rsa.pem') }), lines = [];
      const server = implementation.createServer({ ...identity, maxVersion, SNICallback: (name, done) => done(null, secureContext) }, (socket) => socket.end('hi'));
      server.on('keylog', (line) => lines.push(String(line).split(' ')[0]));
      await visit(await listen(t, server), {});
      counts.push(lines.sort());
    }
    assert.deepStrictEqual(counts[1], counts[0]);
    assert.ok(counts[0].length > 0);
  }
});
