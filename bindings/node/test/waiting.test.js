'use strict';

// Callbacks of the handshake that answer with a promise: for a ClientHello, an identity, the verification of a peer, and a signature.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const tls = require('node:tls');
const { Worker } = require('node:worker_threads');

const tlsock = require('../index.js');
const { KINDS, VERSIONS, answerLater, contexts, ends, good, identity, later, waiting } = require('./support/answers.js');
const { clientContext, file, fixed, serverContext, text } = require('./support/certs.js');
const { closed, listen, streamPair } = require('./support/net.js');
const { signerOf } = require('./support/signer.js');

const { Identity } = tlsock;

function each(what, run) {
  for (const [name, version] of Object.entries(VERSIONS))
    for (const kind of KINDS) test(`${what}: ${kind}, ${name}`, { timeout: 60_000 }, (t) => run(kind, version, t));
}

each('a handshake goes on when the promise is settled, and asks once', async (kind, version) => {
  const answer = answerLater(), { client, server, waits, shaken, end } = await waiting(kind, answer, version);
  client.write('from the client');
  server.write('from the server');
  assert.strictEqual(answer.asked[0][0], waits);
  answer.resolve(good[kind]());
  assert.deepStrictEqual((await shaken).map(({ status }) => status), ['fulfilled', 'fulfilled']);
  assert.strictEqual(String((await once(server, 'data'))[0]), 'from the client');
  assert.strictEqual(String((await once(client, 'data'))[0]), 'from the server');
  const key = client.peerCertificate.toJSON().subject.flat(2).join();
  assert.deepStrictEqual([answer.asked.length, client.authorized, key.length > 0], [1, true, true]);
  await end();
});

each('what comes at once and what comes later is the same', async (kind, version) => {
  const mine = new Error('the directory is down');
  const answers = {
    hello: ['yes', 256, -1, NaN, tlsock.AlertDescription.ACCESS_DENIED, mine],
    identity: [null, undefined, 5, text('ecdsa.pem'), mine],
    verify: [undefined, 1, 'true', {}, false, mine],
    signature: [undefined, null, 5, 'signed', Buffer.alloc(0), Buffer.alloc(100_000), mine],
  };
  answers.judge = answers.verify;
  const give = (value) => {
    if (value === mine) throw mine;
    return value;
  };
  const outcomes = async (ask) => {
    const { waits, shaken, end } = ends(kind, ask, version), told = await shaken;
    const { name, message, code, alertSent, cause } = waits.errored;
    await end();
    // A client of TLS 1.3 is done before it is judged, and may have noticed.
    const isOver = kind === 'judge' && version === VERSIONS['TLS 1.3'];
    assert.deepStrictEqual(told.map(({ status }) => status), [isOver ? told[0].status : 'rejected', 'rejected']);
    return { name, message, code, alertSent, cause };
  };
  for (const value of answers[kind]) {
    const [atOnce, ...others] = await Promise.all([() => give(value), async () => give(value), async () => later().then(() => give(value))].map(outcomes));
    assert.ok(atOnce.alertSent > 0, String(value));
    if (value === mine) assert.strictEqual(atOnce.cause, mine);
    else if (kind === 'hello' && value < 256 && value > 0) assert.match(atOnce.cause.message, /refused the client/);
    else if (kind === 'hello') assert.match(atOnce.cause.message, /^the answer of the client hello callback must be /);
    if (value === tlsock.AlertDescription.ACCESS_DENIED) assert.strictEqual(atOnce.alertSent, value);
    for (const other of others) assert.deepStrictEqual(other, atOnce, String(value));
  }
});

each('destroy, a timeout and the end of the transport end it', async (kind, version) => {
  for (const how of ['destroy', 'timeout', 'transport']) {
    const answer = answerLater();
    const { waits, transport, shaken, end } = await waiting(kind, answer, version, how === 'timeout' ? { handshakeTimeout: 1000 } : {});
    if (how === 'destroy') waits.destroy();
    if (how === 'transport') transport.destroy();
    if (!waits.closed) await closed(waits);
    assert.strictEqual(waits.errored?.code, { timeout: 'ETIMEDOUT', transport: 'ECONNRESET' }[how]);
    await end();
    await shaken;
    answer.resolve(good[kind]());
    await later();
    assert.strictEqual(answer.asked.length, 1);
  }
});

each('a promise that never settles keeps nothing of what has ended, by its callback or later', async (kind, version) => {
  for (const isByCallback of [false, true]) {
    const never = answerLater(), collected = new Set();
    const registry = new FinalizationRegistry((name) => collected.add(name));
    const before = tlsock.handleCount();
    await (async () => {
      const ask = (connection) => {
        if (isByCallback) connection.destroy();
        return never.ask();
      };
      const { client, server, waits, end } = ends(kind, ask, version);
      registry.register(client, 'client');
      registry.register(server, 'server');
      await never.isAsked;
      await later();
      assert.strictEqual(waits.destroyed, isByCallback);
      await end();
    })();
    for (let i = 0; i < 20 && collected.size < 2; i++) {
      await later();
      global.gc();
    }
    assert.deepStrictEqual([[...collected].sort(), tlsock.handleCount() <= before], [['client', 'server'], true]);
    never.resolve();
  }
});

each('nothing more is read meanwhile', async (kind, version) => {
  const answer = answerLater(), { waits, transport, other, shaken, end } = await waiting(kind, answer, version);
  assert.strictEqual(transport.isPaused(), true);
  // As much as the peer likes to send.
  let isTaken = false;
  other.write(Buffer.alloc(1 << 20), () => (isTaken = true));
  other.write(Buffer.alloc(1 << 20), () => (isTaken = true));
  transport.emit('drain');
  waits.resume();
  waits.read(0);
  for (let i = 0; i < 10; i++) await later();
  assert.deepStrictEqual([transport.isPaused(), isTaken, answer.asked.length], [true, false, 1]);
  answer.resolve(good[kind]());
  await shaken;
  while (waits.errored === null) await later();
  assert.ok(waits.errored instanceof tlsock.SSLError);
  await end();
});

each('objects in memory are told, and repeat the call', async (kind, version) => {
  const answer = answerLater(), { client: near, server: far } = contexts(kind, answer.ask, version);
  const up = new tlsock.MemoryBIO(), down = new tlsock.MemoryBIO();
  const client = near.wrapBio(down, up, { serverHostname: 'localhost' }), server = far.wrapBio(up, down, { serverSide: true });
  const waits = kind === 'verify' ? client : server;
  const attempt = (run) => {
    try {
      return run() ?? null;
    } catch (error) {
      return error;
    }
  };
  const turns = () => {
    const got = [];
    for (const object of [client, server, client, server, client, server]) got.push(attempt(() => object.doHandshake()));
    return got.filter((error) => error !== null && !(error instanceof tlsock.SSLWantReadError));
  };
  const [told] = turns();
  assert.ok(told instanceof tlsock.SSLWantCallbackError && told instanceof tlsock.SSLError);
  assert.strictEqual(told.code, 'ERR_SSL_WANT_CALLBACK');
  for (const run of [() => waits.doHandshake(), () => waits.read(), () => waits.write('x')]) {
    const again = attempt(run);
    assert.ok(again instanceof tlsock.SSLWantCallbackError);
    assert.strictEqual(again.answered, told.answered);
  }
  // Whatever these say, the answer is waited for.
  for (const run of [() => waits.unwrap(), () => waits.closeWrite(), () => waits.read(0), () => waits.read(Buffer.alloc(0)), () => waits.read(-1), () => waits.keyUpdate()]) attempt(run);
  let isAnswered = false;
  told.answered.then(() => (isAnswered = true));
  await later();
  assert.strictEqual(isAnswered, false);
  answer.resolve(good[kind]());
  await told.answered;
  assert.deepStrictEqual(turns(), []);
  assert.deepStrictEqual([client.version() !== null, answer.asked.length], [true, 1]);
  // A rejection is thrown by the call that is repeated.
  const reason = new Error('no'), failing = contexts(kind, () => Promise.reject(reason), version);
  const [out, back] = [new tlsock.MemoryBIO(), new tlsock.MemoryBIO()];
  const other = failing.server.wrapBio(out, back, { serverSide: true }), first = failing.client.wrapBio(back, out, { serverHostname: 'localhost' });
  let failure = null;
  for (let i = 0; i < 10 && failure === null; i++) {
    const errors = [first, other].map((object) => attempt(() => object.doHandshake()));
    const open = errors.find((error) => error instanceof tlsock.SSLWantCallbackError);
    if (open) await open.answered;
    failure = errors.find((error) => error?.cause) ?? null;
  }
  assert.strictEqual(failure.cause, reason);
});

each('a promise that is settled inside of a callback of another connection', async (kind, version) => {
  const answer = answerLater(), one = await waiting(kind, answer, version);
  const two = ends(kind, () => {
    answer.resolve(good[kind]());
    return good[kind]();
  }, version);
  for (const { shaken, end } of [one, two]) {
    assert.deepStrictEqual((await shaken).map(({ status }) => status), ['fulfilled', 'fulfilled']);
    await end();
  }
});

each('what destroys its connection before it gives its promise', async (kind, version) => {
  const { waits, shaken, end } = ends(kind, (connection) => {
    connection.destroy();
    return Promise.resolve(good[kind]());
  }, version);
  if (!waits.closed) await closed(waits);
  assert.strictEqual(waits.errored, null);
  await end();
  await shaken;
});

each('a promise that is settled and a connection that is destroyed in the same turn', async (kind, version) => {
  for (const isFirst of [true, false]) {
    const answer = answerLater(), { waits, shaken, end } = await waiting(kind, answer, version);
    if (isFirst) waits.destroy();
    answer.resolve(good[kind]());
    if (!isFirst) Promise.resolve().then(() => Promise.resolve()).then(() => waits.destroy());
    if (!waits.closed) await closed(waits);
    await end();
    await shaken;
    assert.deepStrictEqual([answer.asked.length, waits.errored], [1, null]);
  }
});

each('a callback that is replaced or taken away meanwhile is the one that answers', async (kind, version) => {
  for (const next of [null, () => assert.fail('another one was asked')]) {
    const answer = answerLater(), { waits, shaken, end } = await waiting(kind, answer, version);
    if (kind === 'hello') waits.context.setClientHelloCallback(next);
    else if (kind === 'identity') waits.context.setIdentityCallback(next);
    else if (kind === 'signature') waits.context.useIdentity(tlsock.Identity.fromFiles(file('rsa.pem'), file('rsa.key')));
    else waits.context.setVerifyCallback(next);
    for (let i = 0; i < 3; i++) {
      await later();
      global.gc();
    }
    const reason = new Error('no');
    if (next === null) answer.reject(reason);
    else answer.resolve(good[kind]());
    const told = await shaken;
    assert.deepStrictEqual([told.every(({ status }) => status === 'fulfilled'), waits.errored?.cause], [next !== null, next === null ? reason : undefined]);
    assert.strictEqual(answer.asked.length, 1);
    await end();
  }
});

for (const written of ['what is written meanwhile', ''])
  test(`a client that is asked for its certificate after the handshake chooses it later, and writes "${written}"`, { timeout: 60_000 }, () => asked(written));

async function asked(written) {
  const answer = answerLater(), [below, above] = streamPair();
  const server = serverContext('ecdsa', (context) => {
    context.loadVerifyLocations({ cafile: file('ca.pem') });
    context.verifyMode = tlsock.CERT_OPTIONAL;
    context.postHandshakeAuth = true;
    // Nothing comes behind the client's answer, which could wake it.
    context.numTickets = 0;
  });
  const client = clientContext((context) => {
    context.postHandshakeAuth = true;
    context.setIdentityCallback(answer.ask);
  });
  const far = new tlsock.TLSSocket(above, { context: server, serverSide: true }), near = new tlsock.TLSSocket(below, { context: client, serverHostname: 'localhost' });
  const closes = [closed(far), closed(near)];
  await Promise.all([near.doHandshake(), far.doHandshake()]);
  near.resume();
  assert.strictEqual(far.peerCertificate, null);
  far.verifyClientPostHandshake();
  far.write('x');
  await answer.isAsked;
  let isEnded = false;
  far.on('end', () => (isEnded = true));
  near.end(written);
  for (let i = 0; i < 10; i++) await later();
  assert.deepStrictEqual([far.read(), isEnded], [null, false]);
  answer.resolve(Identity.fromFiles(file('client.pem'), file('client.key')));
  const got = [];
  for await (const chunk of far) got.push(chunk);
  assert.strictEqual(Buffer.concat(got).toString(), written);
  assert.strictEqual(far.raggedEof, false);
  assert.ok(far.peerCertificate.verified);
  assert.strictEqual(answer.asked.length, 1);
  far.destroy();
  near.destroy();
  await Promise.all(closes);
}

test('node:tls as the client and as the server notices nothing', { timeout: 60_000 }, async (t) => {
  for (const version of Object.values(VERSIONS)) {
    const own = identity(), names = [];
    const context = serverContext('rsa', fixed(version));
    context.setClientHelloCallback(async (connection, { serverName }) => {
      await later();
      names.push(serverName);
    });
    context.setIdentityCallback(async () => later().then(() => own));
    const port = await listen(t, tlsock.createServer({ context }, (socket) => socket.end('hello')));
    const client = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', ca: text('ca.pem') });
    let got = '';
    for await (const chunk of client) got += chunk;
    assert.deepStrictEqual([got, names], ['hello', ['localhost']]);

    const server = tls.createServer({ cert: text('ecdsa.pem'), key: text('ecdsa.key') }, (socket) => socket.end('hello'));
    const judged = [];
    const judge = clientContext(fixed(version));
    judge.setVerifyCallback(async (connection, { chain }) => later().then(() => judged.push(chain.length) > 0));
    got = '';
    for await (const chunk of tlsock.connect({ host: 'localhost', port: await listen(t, server), context: judge })) got += chunk;
    assert.deepStrictEqual([got, judged], ['hello', [3]]);
  }
});

test('a hundred handshakes wait, and all go on', { timeout: 120_000 }, async () => {
  const answer = answerLater();
  const all = Array.from({ length: 100 }, (_, i) => ends(KINDS[i % 2], answer.ask, VERSIONS['TLS 1.3']));
  while (answer.asked.length < all.length) await later();
  assert.ok(all.every(({ client }) => client.secureConnecting));
  answer.resolve(undefined);
  const told = await Promise.all(all.map(({ shaken }) => shaken));
  // No identity is undefined.
  assert.deepStrictEqual(told.map(([{ status }]) => status), all.map((_, i) => (i % 2 === 0 ? 'fulfilled' : 'rejected')));
  await Promise.all(all.map(({ end }) => end()));
});

test('a worker that is ended while its handshake waits', { timeout: 60_000 }, async () => {
  for (const during of KINDS) {
    const worker = new Worker(require.resolve('./support/promising.js'), { workerData: { during } });
    assert.deepStrictEqual(await once(worker, 'message'), ['waiting']);
    await worker.terminate();
  }
});

test('signatures that are waited for do not block the loop, and each goes to its own connection', { timeout: 120_000 }, async () => {
  for (const version of Object.values(VERSIONS)) {
    const questions = [];
    const sign = (...request) => new Promise((resolve) => questions.push(() => resolve(signerOf('ecdsa')(...request))));
    const server = serverContext('ecdsa', fixed(version)), client = clientContext();
    server.useIdentity(Identity.fromSigner(text('ecdsa.pem'), sign));
    const all = Array.from({ length: 5 }, () => {
      const [below, above] = streamPair();
      const far = new tlsock.TLSSocket(above, { context: server, serverSide: true }), near = new tlsock.TLSSocket(below, { context: client, serverHostname: 'localhost' });
      return { near, far, closes: Promise.all([closed(near), closed(far)]), shaken: Promise.allSettled([near.doHandshake(), far.doHandshake()]) };
    });
    while (questions.length < all.length) await later();
    all[2].far.destroy();
    all[2].near.destroy();
    // The last that has asked is the first that is answered.
    for (const answer of questions.reverse()) {
      answer();
      await later();
    }
    const told = await Promise.all(all.map(({ shaken }) => shaken));
    assert.deepStrictEqual(told.map(([{ status }]) => status), all.map((_, i) => (i === 2 ? 'rejected' : 'fulfilled')));
    for (const [i, { near, far, closes }] of all.entries()) {
      if (i !== 2) assert.strictEqual(near.peerCertificate.verified, true);
      near.destroy();
      far.destroy();
      await closes;
    }
  }
});

test('a client that is asked for its certificate after the handshake signs later, each time anew', { timeout: 60_000 }, async () => {
  const asked = [], [below, above] = streamPair();
  const server = serverContext('ecdsa', (context) => {
    context.loadVerifyLocations({ cafile: file('ca.pem') });
    context.verifyMode = tlsock.CERT_OPTIONAL;
    context.postHandshakeAuth = true;
  });
  const client = clientContext((context) => (context.postHandshakeAuth = true));
  client.useIdentity(Identity.fromSigner(text('client.pem'), async (...request) => {
    asked.push(request[2].toString('hex'));
    await later();
    return signerOf('client')(...request);
  }));
  const far = new tlsock.TLSSocket(above, { context: server, serverSide: true }), near = new tlsock.TLSSocket(below, { context: client, serverHostname: 'localhost' });
  const closes = [closed(far), closed(near)];
  await Promise.all([near.doHandshake(), far.doHandshake()]);
  near.resume();
  for (let i = 1; i <= 2; i++) {
    far.verifyClientPostHandshake();
    far.write('x');
    while (asked.length < i) await later();
    near.write('y');
    await once(far, 'data');
    assert.ok(far.peerCertificate.verified);
  }
  assert.deepStrictEqual([asked.length, new Set(asked).size], [2, 2]);
  far.destroy();
  near.destroy();
  await Promise.all(closes);
});
