'use strict';

// What a TLSSocket says of its connection: what was true when the handshake ended, also after a failure and the end; null before.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { askedLater, clientContext, file, fixed, serverContext } = require('./support/certs.js');
const { closed, connectedPair, listen, streamPair } = require('./support/net.js');
const { BROKEN } = require('./support/raw.js');

const VERSIONS = { 'TLSv1.2': tlsock.TLSVersion.TLSv1_2, 'TLSv1.3': tlsock.TLSVersion.TLSv1_3 };
const METHODS = ['getpeercert', 'cipher', 'sharedCiphers', 'version', 'group', 'compression', 'selectedAlpnProtocol', 'selectedNpnProtocol',
  'clientSigalg', 'serverSigalg', 'ocspResponse', 'ocspStatus'];

// A content type.
const ALERT = 21;

const names = (chain) => chain.map(({ subjectText }) => subjectText);

// Over TLS 1.3 tls-unique is not defined, which is an error as for an SSLObject.
function binding(socket) {
  try {
    return socket.getChannelBinding();
  } catch (error) {
    return error.name;
  }
}

/** Everything there is to ask, as plain values. */
function ask(socket) {
  const answers = Object.fromEntries(METHODS.map((name) => [name, socket[name]()]));
  return {
    ...answers,
    binding: binding(socket),
    scts: socket.scts().map(String),
    finished: socket.getFinished() ?? null,
    peerFinished: socket.getPeerFinished() ?? null,
    der: socket.getpeercert(true),
    verified: names(socket.getVerifiedChain()),
    unverified: names(socket.getUnverifiedChain()),
    peer: socket.peerCertificate?.subjectText ?? null,
    authorized: socket.authorized,
    reused: socket.sessionReused,
    alpn: socket.alpnProtocol,
    serverHostname: socket.serverHostname,
    serverSide: socket.serverSide,
  };
}

const nothing = (socket) => ({
  ...Object.fromEntries(METHODS.map((name) => [name, null])),
  binding: null, scts: [], finished: null, peerFinished: null, der: null, verified: [], unverified: [], peer: null, authorized: false, reused: false, alpn: false,
  serverHostname: socket.serverHostname, serverSide: socket.serverSide,
});

function contexts(version) {
  const client = clientContext(fixed(version)), server = serverContext('ecdsa', (context) => {
    context.loadVerifyLocations({ cafile: file('ca.pem') });
    context.verifyMode = tlsock.CERT_REQUIRED;
    context.useIdentity(tlsock.Identity.fromFiles(file('ecdsa.pem'), file('ecdsa.key')).withScts([Buffer.from('one'), Buffer.from('other')]));
  });
  client.sctsRequested = true;
  client.loadCertChain(file('client.pem'), file('client.key'));
  for (const context of [client, server]) context.setAlpnProtocols(['h2']);
  return [client, server];
}

for (const [name, version] of Object.entries(VERSIONS))
  for (const how of ['destroy', 'a broken record', 'the end'])
    test(`both ends know after ${how} what they knew before, ${name}`, async () => {
      const [context, serverSide] = contexts(version), atAlert = [];
      for (const each of [context, serverSide])
        each.messageCallback = (connection, direction, _, contentType) => direction === 'write' && contentType === ALERT && atAlert.push(ask(connection));
      const { client, server } = await connectedPair({ client: { context }, server: { context: serverSide } });
      server.resume();
      client.resume();
      await new Promise(setImmediate);
      const before = [ask(client), ask(server)];
      assert.strictEqual(before[0].version, name);
      for (const each of before) {
        assert.ok(each.authorized);
        assert.strictEqual(each.alpn, 'h2');
        assert.strictEqual(each.verified.length, 3);
        if (name === 'TLSv1.3') assert.strictEqual(each.binding, 'ValueError');
        else assert.ok(each.binding.length > 0);
        assert.ok(each.cipher.name);
        assert.ok(each.group);
      }
      assert.ok(before[1].sharedCiphers.length > 0);
      const { id } = client.session;
      const ends = [closed(client), closed(server)];
      if (how === 'destroy') for (const end of [client, server]) end.destroy();
      else if (how === 'the end') client.end();
      else for (const end of [client, server]) end.transport.emit('data', BROKEN);
      assert.deepStrictEqual([ask(client), ask(server)], before, 'at once');
      // In the call that fails. The server gets the client's alert first, and sends none.
      if (how === 'a broken record') assert.deepStrictEqual(atAlert, [before[0]]);
      await Promise.all(ends);
      assert.deepStrictEqual([ask(client), ask(server)], before);
      assert.ok(client.session.id.equals(id));
      // Nobody changes what is remembered.
      for (const answer of [client.getFinished(), name === 'TLSv1.3' ? null : client.getChannelBinding()]) answer?.fill(0);
      client.cipher().name = 'another';
      assert.deepStrictEqual(ask(client), before[0]);
      assert.throws(() => client.getChannelBinding('tls-imaginary'), tlsock.ValueError);
      assert.throws(() => server.verifyClientPostHandshake(), tlsock.ValueError);
    });

test('nothing is known before the handshake, nor after one that failed', async (t) => {
  const [below, above] = streamPair();
  const server = new tlsock.TLSSocket(above, { context: serverContext('expired'), serverSide: true });
  const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost' });
  assert.deepStrictEqual(ask(client), nothing(client));
  assert.deepStrictEqual(ask(server), nothing(server));
  assert.strictEqual(client.session, null);
  await Promise.all([closed(client), closed(server)]);
  assert.ok(client.errored instanceof tlsock.SSLCertVerificationError);
  assert.deepStrictEqual(ask(client), nothing(client));
  assert.deepStrictEqual(ask(server), nothing(server));

  const port = await listen(t, tlsock.createServer({ context: serverContext() }));
  const early = tlsock.connect({ host: 'localhost', port, context: clientContext() });
  early.destroy();
  await once(early, 'close');
  assert.deepStrictEqual(ask(early), nothing(early));
});

test('whoever was not verified is not authorized', async () => {
  const unverifying = clientContext((context) => {
    context.checkHostname = false;
    context.verifyMode = tlsock.CERT_NONE;
  });
  const { client, server } = await connectedPair({ client: { context: unverifying }, server: { context: serverContext('self-signed') } });
  for (let i = 0; i < 2; i++) {
    assert.strictEqual(client.authorized, false);
    assert.deepStrictEqual(client.getpeercert(), {});
    assert.ok(client.peerCertificate !== null);
    // No certificate was asked for.
    assert.strictEqual(server.authorized, false);
    assert.strictEqual(server.getpeercert(), null);
    client.destroy();
    server.destroy();
  }
});

test('a certificate that was shown later is known after the end', async () => {
  const contexts = askedLater();
  const { client, server } = await connectedPair({ client: { context: contexts.client }, server: { context: contexts.server } });
  assert.strictEqual(server.authorized, false);
  server.verifyClientPostHandshake();
  server.write('who are you');
  client.once('data', () => client.write('me'));
  await once(server, 'data');
  assert.strictEqual(server.authorized, true);
  const known = [ask(server), ask(client)];
  assert.ok(known[0].clientSigalg !== null);
  server.destroy();
  client.destroy();
  assert.strictEqual(server.peerCertificate.subjectText, 'CN=client,O=tlsock');
  assert.deepStrictEqual([ask(server), ask(client)], known);
});

// Node's own streams obey Object.prototype, too: nothing else may run meanwhile.
function underPrototype(names, run) {
  const given = [];
  for (const name of names)
    Object.defineProperty(Object.prototype, name, { configurable: true, get: () => 7, set: (value) => given.push([name, typeof value]) });
  try {
    run();
  } finally {
    for (const name of names) delete Object.prototype[name];
  }
  return given;
}

test('what stands on Object.prototype is no answer, and no setter there gets a handle', async () => {
  const [below] = streamPair();
  const never = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost' });
  const { client, server } = await connectedPair();
  const kept = ask(client), context = clientContext();
  never.destroy();
  let answers, after;
  const given = underPrototype(['peerCertificate', 'session', 'getVerifiedChain', 'getUnverifiedChain', 'sharedCiphers', 'version', 'serverSigalg',
    'verifyResult', 'ocspStatus', 'handle'], () => {
    answers = [never.peerCertificate, never.session, never.sharedCiphers(), never.version(), never.serverSigalg(), never.verifyResult, never.ocspStatus()];
    context.wrapBio(new tlsock.MemoryBIO(), new tlsock.MemoryBIO(), { serverHostname: 'localhost' });
    after = client.peerCertificate.subjectText;
  });
  assert.deepStrictEqual(given, []);
  assert.deepStrictEqual(answers, answers.map(() => null));
  assert.strictEqual(after, kept.peer);
  server.destroy();
  assert.deepStrictEqual(underPrototype(['peerCertificate', 'session', 'getVerifiedChain', 'sharedCiphers', 'version'], () => client.destroy()), []);
  assert.deepStrictEqual(ask(client), kept);
});
