'use strict';

// Functions that judge a peer after the check. node:tls is the other side.

const assert = require('node:assert');
const crypto = require('node:crypto');
const { once } = require('node:events');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext, text } = require('./support/certs.js');
const { closed, connectedPair, listen, streamPair } = require('./support/net.js');
const { objects } = require('./support/pairs.js');

const VERSIONS = { 'TLSv1.2': tlsock.TLSVersion.TLSv1_2, 'TLSv1.3': tlsock.TLSVersion.TLSv1_3 };
const HOSTNAME_MISMATCH = 62, HAS_EXPIRED = 10, SELF_SIGNED = 18;
const subjects = (chain) => chain.map(({ subjectText }) => subjectText);

function judging(callback, options, change = () => {}) {
  return clientContext((context) => {
    change(context);
    context.setVerifyCallback(callback, options);
  });
}

/** A server of node:tls; got: what its clients have sent. */
async function peer(t, name, options = {}) {
  const got = [];
  const server = tls.createServer({ cert: text(`${name}.pem`), key: text(`${name}.key`), ...options }, (socket) => {
    socket.on('error', () => {}).on('data', (chunk) => got.push(String(chunk))).write('x');
  });
  server.on('tlsClientError', () => {});
  return { port: await listen(t, server), got };
}

test('a callback sees everything of the check', async (t) => {
  const { port } = await peer(t, 'ecdsa');
  for (const version of Object.values(VERSIONS)) {
    const seen = [];
    const context = judging((...args) => seen.push(args) > 0, {}, fixed(version));
    const client = tlsock.connect({ host: 'localhost', port, context });
    await client.doHandshake();
    assert.strictEqual(seen.length, 1);
    const [[connection, verification]] = seen, { certificate, chain, sentChain } = verification;
    assert.strictEqual(connection, client);
    assert.deepStrictEqual(Object.keys(verification), ['code', 'message', 'depth', 'certificate', 'chain', 'sentChain', 'expectedNames', 'offeredNames']);
    assert.deepStrictEqual([verification.code, verification.message, verification.depth], [0, null, -1]);
    assert.deepStrictEqual([certificate.der, chain[0].der, sentChain[0].der], Array(3).fill(new crypto.X509Certificate(text('ecdsa.pem')).raw));
    assert.deepStrictEqual(subjects(chain), ['CN=localhost,O=tlsock', 'CN=tlsock test intermediate', 'CN=tlsock test root']);
    assert.deepStrictEqual(subjects(sentChain), ['CN=localhost,O=tlsock', 'CN=tlsock test intermediate']);
    assert.deepStrictEqual([verification.expectedNames, verification.offeredNames], [['localhost'], ['localhost', '127.0.0.1', '0:0:0:0:0:0:0:1']]);
    assert.deepStrictEqual([client.authorized, client.verifyOverridden, client.verifyResult], [true, false, 0]);
    const before = JSON.stringify(verification);
    client.destroy();
    await closed(client);
    global.gc();
    // It is a copy.
    assert.strictEqual(JSON.stringify(verification), before);
    assert.strictEqual(client.verifyOverridden, false);
  }
});

test('only true accepts, and nothing goes to whom the callback refuses', async (t) => {
  const { port, got } = await peer(t, 'ecdsa');
  const mine = new Error('not on the list'), rejections = [];
  const hostile = new Proxy({}, { getPrototypeOf() { throw mine; } });
  const listener = (reason) => rejections.push(reason);
  process.on('unhandledRejection', listener);
  t.after(() => process.off('unhandledRejection', listener));
  const wrong = { name: 'TypeError', message: /^the answer of the verify callback must be true, false or an Error/ };
  const answers = [
    [() => false, { name: 'ValueError', message: 'the verify callback refused the peer' }],
    [() => mine, mine], [() => { throw mine; }, mine],
    [() => { throw 'text'; }, { message: /text/ }], // eslint-disable-line no-throw-literal
    [() => { throw hostile; }, { message: 'a callback threw what cannot be shown' }],
    [() => undefined, wrong], [() => null, wrong], [() => 1, wrong], [() => 'true', wrong], [() => ({}), wrong], [() => Object(true), wrong],
    [() => ({ then: (resolve) => resolve(true) }), wrong],
    [async () => false, { name: 'ValueError', message: 'the verify callback refused the peer' }],
    [async () => mine, mine], [async () => { throw mine; }, mine], [async () => {}, wrong], [async () => 1, wrong],
  ];
  for (const version of Object.values(VERSIONS))
    for (const insecureOverride of [false, true])
      for (const [answer, expected] of answers) {
        const client = tlsock.connect({ host: 'localhost', port, context: judging(answer, { insecureOverride }, fixed(version)) });
        client.write('secret');
        const failure = await client.doHandshake().then(() => null, (error) => error);
        assert.ok(failure instanceof tlsock.SSLCertVerificationError, String(answer));
        assert.throws(() => { throw failure.cause; }, expected, String(answer));
        assert.ok(failure.alertSent > 0 && !client.authorized && !client.verifyOverridden);
      }
  const client = tlsock.connect({ host: 'localhost', port, context: judging(() => true) });
  await client.doHandshake();
  client.end('not secret');
  await closed(client.resume());
  assert.deepStrictEqual([got.join(), rejections], ['not secret', []]);
});

test('what the check has refused is accepted only by a setter that says so', async (t) => {
  for (const [name, code] of [['wrong-name', HOSTNAME_MISMATCH], ['expired', HAS_EXPIRED], ['self-signed', SELF_SIGNED]])
    for (const version of Object.values(VERSIONS)) {
      const { port } = await peer(t, name);
      const seen = [];
      const callback = (connection, verification) => seen.push(verification) > 0;
      const safe = tlsock.connect({ host: 'localhost', port, context: judging(callback, {}, fixed(version)) });
      await assert.rejects(safe.doHandshake(), { name: 'SSLCertVerificationError', verifyCode: code });
      assert.deepStrictEqual(seen, [], 'it was not asked');
      const context = judging(callback, { insecureOverride: true }, fixed(version));
      const client = tlsock.connect({ host: 'localhost', port, context });
      await client.doHandshake();
      const [{ code: seenCode, message, depth, offeredNames }] = seen;
      assert.deepStrictEqual([seenCode, depth, seen.length], [code, 0, 1]);
      assert.match(message, /./);
      assert.strictEqual(offeredNames.length, name === 'wrong-name' ? 1 : 3);
      const facts = () => [client.verifyOverridden, client.authorized, client.verifyResult, client.getpeercert()];
      assert.deepStrictEqual(facts(), [true, false, code, {}]);
      client.destroy();
      await closed(client);
      assert.deepStrictEqual(facts(), [true, false, code, {}], 'after the end');
      // Without the flag the check decides again, and so it does without a callback.
      for (const next of [callback, null]) {
        context.setVerifyCallback(next);
        await assert.rejects(tlsock.connect({ host: 'localhost', port, context }).doHandshake(), { verifyCode: code });
      }
    }
});

test('a server judges its clients', async () => {
  const asking = (callback, verifyMode) => serverContext('ecdsa', (context) => {
    context.loadVerifyLocations({ cafile: file('ca.pem') });
    context.verifyMode = verifyMode;
    context.setVerifyCallback(callback);
  });
  const client = clientContext((context) => context.loadCertChain(file('client.pem'), file('client.key')));
  const seen = [];
  const { server } = objects(client, asking((connection, verification) => seen.push([connection, verification]) > 0, tlsock.CERT_REQUIRED));
  const [[connection, { certificate, expectedNames }]] = seen;
  assert.strictEqual(connection, server);
  assert.deepStrictEqual([certificate.der, expectedNames], [new crypto.X509Certificate(text('client.pem')).raw, []]);
  const mine = new Error('unknown client');
  assert.throws(() => objects(client, asking(() => mine, tlsock.CERT_REQUIRED)), { name: 'SSLCertVerificationError', cause: mine });
  // A client without a certificate is not judged.
  objects(clientContext(), asking(() => mine, tlsock.CERT_OPTIONAL));
});

test('what is judged resumes no session', async () => {
  for (const version of Object.values(VERSIONS)) {
    const context = clientContext(fixed(version)), server = serverContext();
    const visit = async (session) => {
      const { client, server: far } = await connectedPair({ client: { context, session }, server: { context: server } });
      far.write('x');
      await once(client, 'data');
      const facts = { reused: client.sessionReused, session: client.session, verified: client.getVerifiedChain().length, again: subjects(client.verifyAgain()), own: far.verifyAgain() };
      const ends = [closed(client), closed(far)];
      client.destroy();
      far.destroy();
      await Promise.all(ends);
      assert.throws(() => client.verifyAgain(), tlsock.ValueError);
      return facts;
    };
    const first = await visit(null), second = await visit(first.session);
    assert.deepStrictEqual([first.reused, second.reused], [false, true]);
    assert.deepStrictEqual([first.verified, second.verified], [3, 0]);
    assert.deepStrictEqual(first.own, []);
    // A resumed session has no chain of its own.
    assert.deepStrictEqual([first.again, second.again], Array(2).fill(['CN=localhost,O=tlsock', 'CN=tlsock test intermediate', 'CN=tlsock test root']));
    let calls = 0;
    context.setVerifyCallback(() => ++calls > 0);
    const third = await visit(second.session);
    assert.deepStrictEqual([third.reused, calls], [false, 1]);
  }
});

test('bad arguments of setVerifyCallback are refused, and the callback stays', () => {
  const mine = new Error('mine'), context = judging(() => mine);
  for (const bad of [5, 'x', {}, true]) assert.throws(() => context.setVerifyCallback(bad), { name: 'TypeError', message: /^callback must be a function/ });
  for (const bad of [1, 'yes', null]) assert.throws(() => context.setVerifyCallback(() => true, { insecureOverride: bad }), { name: 'TypeError', message: /^insecureOverride must be/ });
  assert.throws(() => context.setVerifyCallback(() => true, { insecure: true }), { name: 'TypeError', message: /no option "insecure"/ });
  assert.throws(() => context.setVerifyCallback(() => true, 1), TypeError);
  assert.throws(() => objects(context), { cause: mine });
  assert.ok(!Object.keys(tlsock.VerifyFlags).some((name) => name.includes('OVERRIDE')));
});
