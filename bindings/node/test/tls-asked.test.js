'use strict';

// The events of tlsock/tls whose listeners take part in a handshake: session stores and OCSP, with node:tls in both roles.

const assert = require('node:assert');
const { constants: { SSL_OP_NO_TICKET }, randomBytes } = require('node:crypto');
const { once } = require('node:events');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const tls = require('../tls.js');
const { text } = require('./support/certs.js');
const { closed, listen, streamPair } = require('./support/net.js');
const { staple } = require('./support/ocsp.js');

const ca = text('ca.pem');
const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };
const IMPLEMENTATIONS = [['ours', tls], ['theirs', nodeTls]];
const VERSIONS = ['TLSv1.2', 'TLSv1.3'];
const fixed = (version) => ({ minVersion: version, maxVersion: version });
const storing = (version) => ({ ...identity, ...fixed(version), secureOptions: SSL_OP_NO_TICKET });

/** Answers what it is asked a little later. */
class Store {
  kept = new Map();
  said = [];

  serve(server) {
    server.on('newSession', (id, data, done) => setImmediate(() => {
      this.said.push('new');
      this.kept.set(id.toString('hex'), data);
      done();
    }));
    server.on('resumeSession', (id, done) => setImmediate(() => {
      this.said.push('resume');
      done(null, this.kept.get(id.toString('hex')) ?? null);
    }));
    return server;
  }
}

/** Connects, reads to the end and gives whether a session was resumed, and the last session. */
async function visit(implementation, options) {
  const socket = implementation.connect({ ca, servername: 'localhost', ...options });
  let { session } = options;
  socket.on('session', (data) => { session = data; });
  const end = closed(socket);
  await once(socket, 'secureConnect');
  const facts = { isReused: socket.isSessionReused() };
  socket.resume();
  await end;
  return { ...facts, session };
}

async function served(t, implementation, options, listener = (socket) => socket.end('hi')) {
  const failures = [];
  const server = implementation.createServer(options, (socket) => {
    socket.on('error', () => {});
    listener(socket);
  }).on('tlsClientError', (error) => failures.push(error));
  return { server, failures, port: await listen(t, server) };
}

test('servers that share a store resume what another has begun', async (t) => {
  for (const version of VERSIONS)
    for (const [who, implementation] of IMPLEMENTATIONS) {
      const store = new Store(), ports = [];
      for (let i = 0; i < 2; i++) {
        const { server, port } = await served(t, tls, storing(version));
        store.serve(server);
        ports.push(port);
      }
      const options = fixed(version), first = await visit(implementation, { ...options, port: ports[0] });
      assert.strictEqual(first.isReused, false);
      assert.ok(store.said.length > 0 && store.said.includes('new'));
      store.said = [];
      const second = await visit(implementation, { ...options, port: ports[1], session: first.session });
      assert.strictEqual(second.isReused, true, `${who} ${version}`);
      assert.strictEqual(store.said[0], 'resume');
      store.kept.clear();
      assert.strictEqual((await visit(implementation, { ...options, port: ports[1], session: second.session })).isReused, false);
    }
});

test('node:tls and tlsock/tls emit the same for a client of TLS 1.2', async (t) => {
  const seen = [];
  for (const [, implementation] of IMPLEMENTATIONS) {
    const store = new Store(), { server, port } = await served(t, implementation, storing('TLSv1.2'));
    store.serve(server);
    const first = await visit(nodeTls, { port });
    const again = await visit(nodeTls, { port, maxVersion: 'TLSv1.2', session: first.session });
    // With tickets nobody is asked.
    const ticket = await served(t, implementation, { ...identity, ...fixed('TLSv1.2') });
    store.serve(ticket.server);
    await visit(nodeTls, { port: ticket.port, session: (await visit(nodeTls, { port: ticket.port })).session });
    seen.push({ said: store.said, isReused: again.isReused });
  }
  assert.deepStrictEqual(seen[0], seen[1]);
  assert.strictEqual(seen[0].isReused, true);
});

test('the end of the handshake waits until the session is stored', async (t) => {
  for (const version of VERSIONS) {
    const order = [], waiting = [];
    const { server, port } = await served(t, tls, storing(version), (socket) => {
      order.push('server');
      socket.end('hi');
    });
    server.on('newSession', (id, data, done) => waiting.push(done));
    const client = nodeTls.connect({ port, ca, servername: 'localhost' });
    const data = once(client, 'data').then(() => order.push('data'));
    // In TLS 1.3 the client's side ends before the server has anything to store: its tickets are held.
    if (version === 'TLSv1.3') await once(client, 'secureConnect');
    client.once(version === 'TLSv1.3' ? 'session' : 'secureConnect', () => order.push('client'));
    const count = version === 'TLSv1.3' ? 2 : 1;
    // What is not held has come after that many turns.
    const turns = async () => { for (let i = 0; i < 20; i++) await new Promise(setImmediate); };
    while (waiting.length < count) await turns();
    client.write('x');
    for (const done of waiting) {
      await turns();
      order.push('stored');
      done();
      done();
    }
    await data;
    assert.deepStrictEqual(order.slice(0, count), Array(count).fill('stored'), version);
    assert.deepStrictEqual(order.slice(count).sort(), ['client', 'data', 'server'], version);
    client.destroy();
  }
});

test('a session that is never stored ends by handshakeTimeout', async (t) => {
  const { server, port } = await served(t, tls, { ...storing('TLSv1.2'), handshakeTimeout: 50 });
  server.on('newSession', () => {});
  const client = nodeTls.connect({ port, ca, servername: 'localhost' }), end = closed(client);
  const [error] = await once(server, 'tlsClientError');
  assert.strictEqual(error.code, 'ERR_TLS_HANDSHAKE_TIMEOUT');
  await end;
});

/** A server whose connections are told as they begin, `(socket)`, and the sessions that it is to store, `(socket, done)`. */
async function holding(t, version, began, store, options = {}) {
  let socket;
  const { server, failures, port } = await served(t, tls, { ...storing(version), ...options, SNICallback(name, done) {
    socket = this;
    began(socket);
    done();
  } });
  server.on('newSession', (id, data, done) => store(socket, done));
  return { server, failures, port };
}

// How a server gives up a connection whose session is being stored.
const WAYS_TO_END = {
  'a listener throws': () => { throw new Error('no store'); },
  'the connection is destroyed': (socket) => socket.destroy(),
  'the connection is destroyed with data to send': (socket) => void socket.destroy(void socket.write('early')),
  'the connection ends and is destroyed': (socket) => setImmediate(() => socket.destroy(socket.destroySoon())),
  'the transport is destroyed': (socket) => socket.transport.destroy(),
  'handshakeTimeout': () => {},
};

for (const [how, end] of Object.entries(WAYS_TO_END))
  test(`a client gets nothing of what waits for its session to be stored: ${how}`, async (t) => {
    for (const version of VERSIONS) {
      const got = [], isLate = how === 'handshakeTimeout';
      const { port, server } = await holding(t, version, () => {}, (socket) => end(socket), { handshakeTimeout: isLate ? 100 : 10_000 });
      const told = once(server, 'tlsClientError'), client = nodeTls.connect({ port, ca, servername: 'localhost' });
      for (const event of ['secureConnect', 'session', 'data']) client.on(event, () => got.push(event));
      await Promise.all([closed(client), told]);
      // With TLS 1.3 the client's side ends before the server has anything to store.
      assert.deepStrictEqual(got, version === 'TLSv1.3' ? ['secureConnect'] : [], version);
    }
  });

test('what is written, or ended, while a session is stored comes after it', async (t) => {
  for (const [isStored, early] of [[true, 'early'], [true, ''], [false, 'early']]) {
    const waiting = [], begun = [];
    const { port } = await holding(t, 'TLSv1.3', (socket) => begun.push(socket), (socket, done) => waiting.push(done));
    const client = tls.connect({ port, ca, servername: 'localhost' }), seen = [];
    for (const event of ['session', 'data']) client.on(event, () => seen.push(event));
    await once(client, 'secureConnect');
    // The peer's end is answered, with what was written before.
    const [socket] = begun, end = once(socket, 'end');
    const written = early && new Promise((resolve) => socket.on('error', () => {}).write(early, (error) => resolve(error ?? early)));
    client.end();
    socket.resume();
    await end;
    assert.deepStrictEqual([waiting.length, seen, socket.bytesWritten], [2, [], 0]);
    if (isStored) for (const done of waiting) done();
    else socket.destroy();
    await closed(client);
    assert.deepStrictEqual(seen, isStored ? ['session', 'session', ...(early ? ['data'] : [])] : []);
    assert.strictEqual(await written === early, isStored);
    if (isStored) assert.strictEqual(client.raggedEof, false);
    // Too late for anything.
    for (const done of waiting) done();
  }
});

test('a store that fails refuses the client, and one that answers junk, or too late, harms nobody', async (t) => {
  const reason = new Error('the store is down');
  const { server, port, failures } = await served(t, tls, storing('TLSv1.2'));
  let session;
  const get = () => visit(nodeTls, { port, session, maxVersion: 'TLSv1.2' }), answers = [];
  server.on('resumeSession', (id, done) => answers.shift()(done));
  ({ session } = await get());
  for (const junk of [Buffer.from('INVALID SESSION'), Buffer.alloc(0), Buffer.alloc(100_000), 'text', 5, {}, undefined, new ArrayBuffer(7)]) {
    answers.push((done) => done(null, junk));
    assert.strictEqual((await get()).isReused, false);
  }
  answers.push((done) => done(reason));
  await assert.rejects(get());
  assert.strictEqual(failures.pop(), reason);
  answers.push((done) => {
    done(null, null);
    done(null, null);
  });
  await assert.rejects(get());
  assert.strictEqual(failures.pop().code, 'ERR_MULTIPLE_CALLBACK');
  // The client has gone meanwhile.
  let late;
  const asked = new Promise((resolve) => answers.push((done) => resolve(late = done)));
  const client = nodeTls.connect({ port, ca, servername: 'localhost', session, maxVersion: 'TLSv1.2' }).on('error', () => {});
  await asked;
  const told = once(server, 'tlsClientError'), end = closed(client);
  client.destroy();
  await end;
  late(null, Buffer.alloc(10));
  await told;
  session = undefined;
  assert.strictEqual((await get()).isReused, false);
});

test('a store that comes or goes while a connection is asked about counts for the next one', async (t) => {
  const options = { ...storing('TLSv1.3'), SNICallback: (name, done) => {
    // The name is asked for before the session is.
    if (server.listenerCount('resumeSession') > 0) server.removeAllListeners('resumeSession');
    else server.on('resumeSession', (id, answer) => answer(null, Buffer.from('junk')));
    setImmediate(done, null, undefined);
  } };
  const { server, failures, port } = await served(t, tls, options);
  server.on('OCSPRequest', (certificate, issuer, answer) => answer(null, null));
  for (const listeners of [1, 0, 1]) {
    assert.strictEqual((await visit(nodeTls, { ...fixed('TLSv1.3'), port })).isReused, false);
    assert.strictEqual(server.listenerCount('resumeSession'), listeners);
  }
  assert.deepStrictEqual(failures, []);
});

test('a listener gives the OCSP response that clients ask for', async (t) => {
  const response = staple(t, 'ecdsa'), seen = [];
  for (const version of VERSIONS)
    for (const [who, implementation] of IMPLEMENTATIONS) {
      const { server, port } = await served(t, implementation, { ...identity, ca, ...fixed(version) });
      const asked = [];
      let answer = response;
      server.on('OCSPRequest', (certificate, issuer, done) => setImmediate(() => {
        asked.push([certificate, issuer]);
        done(null, answer);
      }));
      for (const [, client] of IMPLEMENTATIONS) {
        const told = async (options) => {
          const socket = client.connect({ port, ca, servername: 'localhost', ...options }), responses = [];
          socket.on('OCSPResponse', (each) => responses.push(each, socket.authorized));
          const end = closed(socket);
          await once(socket, 'secureConnect');
          socket.resume();
          await end;
          return responses;
        };
        answer = response;
        assert.deepStrictEqual(await told({ requestOCSP: true }), [response, false], `${who} ${version}`);
        // A connection has only what its own listener gave.
        answer = null;
        assert.deepStrictEqual(await told({ requestOCSP: true }), [null, false]);
        assert.deepStrictEqual(await told({}), []);
      }
      assert.strictEqual(asked.length, 4);
      seen.push(asked);
    }
  // The same certificate, and the same issuer.
  for (const asked of seen) assert.deepStrictEqual(asked, seen[0]);
  assert.ok(Buffer.isBuffer(seen[0][0][1]));
});

test('sessions outlive the OCSP response of their handshake', async (t) => {
  const responses = [staple(t, 'ecdsa'), staple(t, 'ecdsa', '251101000000Z,keyCompromise'), null];
  for (const version of VERSIONS) {
    const reused = {};
    for (const [who, implementation] of IMPLEMENTATIONS) {
      const { server, port } = await served(t, implementation, { ...identity, ca, ...fixed(version) });
      const told = [];
      let answer, session;
      server.on('OCSPRequest', (certificate, issuer, done) => done(null, answer));
      for (const response of [...responses, ...responses]) {
        answer = response;
        const visited = await visit(nodeTls, { ...fixed(version), port, requestOCSP: true, session });
        session = visited.session;
        told.push(visited.isReused);
      }
      reused[who] = told;
    }
    assert.deepStrictEqual(reused.ours, reused.theirs, version);
    assert.deepStrictEqual(reused.ours, [false, true, true, true, true, true]);
  }
});

test('an OCSP response is what the library takes for one', async (t) => {
  const warnings = [], listener = (warning) => warnings.push(warning);
  process.on('warning', listener);
  t.after(() => process.removeListener('warning', listener));
  for (const answer of ['text', Buffer.from('hello world'), staple(t, 'rsa')]) {
    const { server, port } = await served(t, tls, { ...identity, ca });
    server.on('OCSPRequest', (certificate, issuer, done) => done(null, answer));
    const socket = nodeTls.connect({ port, ca, servername: 'localhost', requestOCSP: true });
    const end = closed(socket), [response] = await once(socket, 'OCSPResponse');
    assert.strictEqual(response, null);
    socket.destroy();
    await end;
  }
  assert.deepStrictEqual(warnings.map(({ code }) => code), ['TLSOCK_OCSP_RESPONSE', 'TLSOCK_OCSP_RESPONSE']);
  const reason = new Error('no responder'), { server, port, failures } = await served(t, tls, { ...identity, ca });
  server.on('OCSPRequest', (certificate, issuer, done) => done(reason));
  await closed(nodeTls.connect({ port, ca, servername: 'localhost', requestOCSP: true }));
  assert.deepStrictEqual(failures, [reason]);
});

test('a client that asks for OCSP verifies what comes', async (t) => {
  const revoked = staple(t, 'ecdsa', '251101000000Z,keyCompromise');
  for (const version of VERSIONS) {
    const got = [], { server, port } = await served(t, nodeTls, { ...identity, ...fixed(version) }, (socket) => socket.on('data', (data) => got.push(data)));
    server.on('OCSPRequest', (certificate, issuer, done) => done(null, revoked));
    const options = { port, ca, servername: 'localhost', requestOCSP: true }, refused = tls.connect(options);
    assert.strictEqual((await once(refused, 'error'))[0].code, 'CERT_REVOKED');
    const lenient = tls.connect({ ...options, rejectUnauthorized: false });
    assert.deepStrictEqual((await once(lenient, 'OCSPResponse'))[0], revoked);
    lenient.destroy();
    // What was written is not sent to a server that its listener refuses.
    for (const refuse of [(socket) => socket.destroy(), () => { throw new Error('not this one'); }]) {
      const socket = tls.connect({ ...options, rejectUnauthorized: false }), end = closed(socket);
      socket.write('secret');
      socket.on('OCSPResponse', () => refuse(socket));
      socket.on('secureConnect', () => assert.fail('it was refused'));
      await end;
    }
    assert.deepStrictEqual(got, []);
  }
});

test('servers that share ticketKeys resume what another has begun, and rotate them', async (t) => {
  const randomKeys = () => randomBytes(48);
  for (const version of VERSIONS) {
    const keys = randomKeys(), options = { ...identity, ...fixed(version) };
    const [one, two, three] = [await served(t, tls, { ...options, ticketKeys: keys }), await served(t, tls, options), await served(t, tls, options)];
    assert.deepStrictEqual(one.server.getTicketKeys(), keys);
    const { session } = await visit(nodeTls, { port: one.port });
    const isResumed = async ({ port }) => (await visit(nodeTls, { port, session })).isReused;
    assert.strictEqual(await isResumed(two), false);
    two.server.setTicketKeys(keys);
    assert.strictEqual(await isResumed(two), true);
    // Those that a server has made for itself.
    two.server.setTicketKeys(three.server.getTicketKeys());
    assert.strictEqual(await isResumed(two), false);
    const own = await visit(nodeTls, { port: two.port });
    assert.strictEqual((await visit(nodeTls, { port: three.port, session: own.session })).isReused, true);
    // As node:cluster shares them between workers.
    const worker = await served(t, tls, options);
    worker.server._setServerData(JSON.parse(JSON.stringify(three.server._getServerData())));
    assert.deepStrictEqual(worker.server.getTicketKeys(), three.server.getTicketKeys());
    three.server.getTicketKeys().fill(1);
    assert.deepStrictEqual(three.server.getTicketKeys(), two.server.getTicketKeys());
  }
  for (const keys of [Buffer.alloc(47), Buffer.alloc(0), 'x'.repeat(48), {}])
    for (const implementation of [tls, nodeTls]) {
      assert.throws(() => implementation.createServer({ ...identity, ticketKeys: keys }), TypeError);
      assert.throws(() => implementation.createServer(identity).setTicketKeys(keys));
    }
});

test('new ticket keys count for a connection that has begun, also with a pskCallback that others have not', async () => {
  const decline = () => () => null;
  for (const isRotated of [false, true]) {
    const secureContext = tls.createSecureContext({ ...identity, maxVersion: 'TLSv1.2' });
    const accept = (pskCallback) => {
      const [below, above] = streamPair();
      return { below, server: new tls.TLSSocket(above, { isServer: true, secureContext, pskCallback }) };
    };
    const shake = async ({ below }, session) => {
      const client = nodeTls.connect({ socket: below, ca, servername: 'localhost', session });
      await once(client, 'secureConnect');
      return client;
    };
    const first = decline(), before = await shake(accept(first)), begun = accept(first);
    accept(decline());
    if (isRotated) secureContext.setTicketKeys(randomBytes(48));
    assert.strictEqual((await shake(begun, before.getSession())).isSessionReused(), !isRotated);
  }
});

test('without listeners a server keeps its sessions itself', async (t) => {
  const port = await listen(t, tls.createServer(storing('TLSv1.2'), (socket) => socket.end('hi')));
  const visit = async (session) => {
    const client = nodeTls.connect({ port, ca, servername: 'localhost', session });
    await once(client, 'secureConnect');
    const seen = { isReused: client.isSessionReused(), session: client.getSession() };
    await closed(client.resume());
    return seen;
  };
  const first = await visit();
  assert.strictEqual(first.isReused, false);
  assert.strictEqual((await visit(first.session)).isReused, true);
});
