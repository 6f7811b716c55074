'use strict';

// Callbacks of the handshake that wait while a connection gets another context, or while another thing is found.

const assert = require('node:assert');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { VERSIONS, answerLater, contexts, later, waiting } = require('./support/answers.js');
const { clientContext, file, fixed, serverContext } = require('./support/certs.js');
const { closed, streamPair } = require('./support/net.js');

test('a client that gets another context meanwhile asks both, each once', { timeout: 60_000 }, async () => {
  for (const version of Object.values(VERSIONS))
    for (const refuses of [null, 0, 1]) {
      const answers = [answerLater(), answerLater()];
      const { client, shaken, end } = await waiting('verify', answers[0], version);
      client.context = contexts('verify', answers[1].ask, version).client;
      answers[0].resolve(refuses !== 0);
      await (refuses === 0 ? Promise.race([answers[1].isAsked, shaken]) : answers[1].isAsked);
      for (let i = 0; i < 10; i++) await later();
      assert.strictEqual(client.authorized, false);
      answers[1].resolve(refuses !== 1);
      await shaken;
      assert.strictEqual(client.authorized, refuses === null);
      assert.ok(answers.every(({ asked }) => asked.length <= 1));
      if (refuses === null) assert.ok(answers.every(({ asked }) => asked.length === 1));
      await end();
    }
});

test('both contexts of a client are asked once, whichever answers first', { timeout: 60_000 }, async () => {
  for (const version of Object.values(VERSIONS)) {
    const answers = [answerLater(), answerLater()], [below, above] = streamPair();
    const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
    const client = new tlsock.TLSSocket(below, { context: contexts('verify', answers[0].ask, version).client, serverHostname: 'localhost' });
    const closes = [closed(client), closed(server)];
    client.context = contexts('verify', answers[1].ask, version).client;
    const first = await Promise.race(answers.map((answer) => answer.isAsked.then(() => answer)));
    first.resolve(true);
    await Promise.all(answers.map(({ isAsked }) => isAsked));
    answers.forEach((answer) => answer.resolve(true));
    await client.doHandshake();
    assert.deepStrictEqual(answers.map(({ asked }) => asked.length), [1, 1]);
    client.destroy();
    server.destroy();
    await Promise.all(closes);
  }
});

test('a verdict counts only for what was found when it was asked for', { timeout: 60_000 }, async () => {
  for (const version of Object.values(VERSIONS)) {
    const answers = [answerLater(), answerLater()], codes = [];
    const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT);
    fixed(version)(context);
    context.setVerifyCallback((connection, { code }) => answers[codes.push(code) - 1].ask(), { insecureOverride: true });
    const [below, above] = streamPair();
    const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
    const client = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost' });
    const closes = [closed(client), closed(server)];
    await answers[0].isAsked;
    context.loadVerifyLocations({ cafile: file('ca.pem') });
    answers[0].resolve(true);
    await answers[1].isAsked;
    assert.deepStrictEqual([codes, client.secureConnecting], [[20, 0], true]);
    answers[1].resolve(false);
    await assert.rejects(client.doHandshake(), { name: 'SSLCertVerificationError', verifyCode: 50 });
    server.destroy();
    await Promise.all(closes);
  }
});

test('a server that gets another context meanwhile shows that one, and the client hello callback still answers', { timeout: 60_000 }, async () => {
  for (const version of Object.values(VERSIONS)) {
    const answer = answerLater(), { client, server, shaken, end } = await waiting('hello', answer, version);
    server.context = serverContext('ecdsa', (context) => context.setClientHelloCallback(() => assert.fail('the other one was asked')));
    answer.resolve();
    assert.deepStrictEqual((await shaken).map(({ status }) => status), ['fulfilled', 'fulfilled']);
    assert.strictEqual(client.serverSigalg().startsWith('ecdsa'), true);
    assert.strictEqual(answer.asked.length, 1);
    await end();
  }
});
