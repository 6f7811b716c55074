'use strict';

// A client that shows its certificate after the handshake, to a server whose callback judges it later.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { answerLater, later } = require('./support/answers.js');
const { clientContext, file, serverContext } = require('./support/certs.js');
const { closed, streamPair } = require('./support/net.js');

/** Both ends, of which the server has asked, and the client has answered and sent "early". */
async function asked(answer) {
  const [below, above] = streamPair();
  const server = serverContext('ecdsa', (context) => {
    context.loadVerifyLocations({ cafile: file('ca.pem') });
    context.verifyMode = tlsock.CERT_OPTIONAL;
    context.postHandshakeAuth = true;
    context.setVerifyCallback(answer.ask);
  });
  const client = clientContext((context) => {
    context.postHandshakeAuth = true;
    context.loadCertChain(file('client.pem'), file('client.key'));
  });
  const far = new tlsock.TLSSocket(above, { context: server, serverSide: true }), near = new tlsock.TLSSocket(below, { context: client, serverHostname: 'localhost' });
  const closes = Promise.all([closed(far), closed(near)]);
  await Promise.all([near.doHandshake(), far.doHandshake()]);
  const got = [];
  far.on('data', (data) => got.push(String(data)));
  far.verifyClientPostHandshake();
  far.write('x');
  await once(near, 'data');
  near.write('early');
  await answer.isAsked;
  far.write('secret');
  const told = [];
  near.on('data', (data) => told.push(String(data)));
  for (let i = 0; i < 20; i++) await later();
  assert.deepStrictEqual([got, told, answer.asked.length], [[], [], 1]);
  assert.strictEqual(far.peerCertificate, null);
  return { far, near, got, told, closes };
}

test('it is read once it is accepted', { timeout: 60_000 }, async () => {
  const answer = answerLater(), { far, near, got, told, closes } = await asked(answer);
  answer.resolve(true);
  while (got.length === 0 || told.length === 0) await later();
  assert.deepStrictEqual([got, told, answer.asked.length, far.peerCertificate.verified], [['early'], ['secret'], 1, true]);
  far.destroy();
  near.destroy();
  await closes;
});

test('nothing of it is given out once it is refused, and it gets nothing', { timeout: 60_000 }, async () => {
  const answer = answerLater(), { far, near, got, told, closes } = await asked(answer);
  answer.resolve(false);
  await closes;
  assert.ok(far.errored instanceof tlsock.SSLCertVerificationError, String(far.errored));
  assert.deepStrictEqual([got, told, near.errored !== null], [[], [], true]);
});

test('destroy and the end of the transport end the wait', { timeout: 60_000 }, async () => {
  for (const end of [({ far }) => far.destroy(), ({ far }) => far.transport.destroy()]) {
    const answer = answerLater(), ends = await asked(answer);
    end(ends);
    if (!ends.far.closed) await closed(ends.far);
    answer.resolve(true);
    await later();
    ends.near.destroy();
    await ends.closes;
    assert.deepStrictEqual([ends.got, ends.told, answer.asked.length], [[], [], 1]);
  }
});

test('a verdict that never comes keeps nothing', { timeout: 60_000 }, async () => {
  const answer = answerLater(), collected = new Set(), before = tlsock.handleCount();
  const registry = new FinalizationRegistry((name) => collected.add(name));
  await (async () => {
    const { far, near, closes } = await asked(answer);
    registry.register(far, 'far');
    registry.register(near, 'near');
    far.destroy();
    near.destroy();
    await closes;
    answer.asked.length = 0;
  })();
  for (let i = 0; i < 50 && collected.size < 2; i++) {
    await later();
    global.gc();
  }
  assert.deepStrictEqual([[...collected].sort(), tlsock.handleCount() <= before], [['far', 'near'], true]);
  answer.resolve(true);
});
