'use strict';

// Encrypted ClientHello, with an OpenSSL that has it and with one that has not.

const assert = require('node:assert');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { clientContext, serverContext } = require('./support/certs.js');
const { closed, connectedPair, streamPair } = require('./support/net.js');
const { objects } = require('./support/pairs.js');

// The name that stays visible; the certificate wrong-name is for it.
const PUBLIC = 'other.example';
const IS_THERE = tlsock.BACKEND === 'aws-lc' || tlsock.OPENSSL_VERSION_NUMBER >= 0x40000000;

/** A server with a certificate for either name. */
function decrypting(keys, former) {
  const server = serverContext(), outer = serverContext('wrong-name');
  server.loadEchKeys(keys, former);
  server.sniCallback = (connection, name) => {
    if (name === PUBLIC) connection.context = outer;
  };
  return server;
}

const encrypting = (configs) => clientContext((context) => context.setEchConfigs(configs));

test('the constant tells whether this OpenSSL has it', () => {
  assert.strictEqual(tlsock.HAS_ECH, IS_THERE);
});

test('arguments are checked whatever OpenSSL there is', () => {
  const client = clientContext(), server = serverContext();
  for (const configs of [Buffer.alloc(0), Buffer.from([0, 1, 2])])
    assert.throws(() => client.setEchConfigs(configs), { name: 'ValueError', message: /^configs is no ECHConfigList/ });
  for (const wrong of [1, {}, []]) assert.throws(() => client.setEchConfigs(wrong), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const wrong of [1, {}, []]) {
    assert.throws(() => server.loadEchKeys(wrong), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => server.loadEchKeys('', wrong), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => tlsock.generateEchKeys(wrong), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  assert.throws(() => { client.echGrease = 1; }, { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => server.setEchConfigs(null), { name: 'ValueError', message: /is for a client/ });
  assert.throws(() => client.loadEchKeys(null), { name: 'ValueError', message: /is for a server/ });
  assert.throws(() => server.loadEchKeys(null, 'x'), { name: 'ValueError', message: /keys is empty/ });
  for (const length of [-1, 256]) assert.throws(() => tlsock.generateEchKeys(PUBLIC, length), { name: 'ValueError' });
  assert.throws(() => tlsock.generateEchKeys('127.0.0.1'), { name: 'ValueError', message: /is an address/ });
  client.setEchConfigs(null);
  client.echGrease = false;
  server.loadEchKeys(null);
  const ends = objects(client, server);
  assert.deepStrictEqual([ends.client.echStatus(), ends.server.echStatus(), ends.client.echOuterName()], ['none', 'none', null]);
});

test('without it each call says which OpenSSL is in use', { skip: IS_THERE }, () => {
  const refusal = { name: 'NotImplementedError', message: /^OpenSSL 3.* has no Encrypted ClientHello/ };
  const client = clientContext();
  assert.throws(() => client.setEchConfigs(Buffer.from([0, 5, 0xFE, 0x0D, 0, 1, 7])), refusal);
  assert.throws(() => { client.echGrease = true; }, refusal);
  assert.strictEqual(client.echGrease, false);
  assert.throws(() => serverContext().loadEchKeys('x'), refusal);
  assert.throws(() => tlsock.generateEchKeys(PUBLIC), refusal);
});

test('the name is hidden, and both ends know it', { skip: !IS_THERE }, async () => {
  const { keys, configs } = tlsock.generateEchKeys(PUBLIC, 64);
  assert.match(keys.toString(), /^-----BEGIN PRIVATE KEY-----\n/);
  const { client, server } = await connectedPair({ client: { context: encrypting(configs) }, server: { context: decrypting(keys) } });
  const check = () => {
    for (const end of [client, server]) {
      assert.deepStrictEqual([end.echStatus(), end.echOuterName()], ['accepted', PUBLIC]);
    }
  };
  check();
  const { ech, server_name: name } = JSON.parse(server.infoJson());
  assert.deepStrictEqual([ech, name], ['accepted', 'localhost']);
  client.destroy();
  server.destroy();
  check();
});

/** A handshake over streams that fails at the client. */
async function rejected(context, server, session) {
  const [below, above] = streamPair();
  const client = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost', session });
  const ends = [client, new tlsock.TLSSocket(above, { context: server, serverSide: true })];
  for (const end of ends) end.on('error', () => {});
  const [refused] = await Promise.allSettled(ends.map((end) => end.doHandshake()));
  return { client, error: refused.reason };
}

test('a rejection has what one more try needs', { skip: !IS_THERE }, async () => {
  const old = tlsock.generateEchKeys(PUBLIC), current = tlsock.generateEchKeys(PUBLIC);
  const context = encrypting(old.configs), server = decrypting(current.keys.toString());
  const { client, error } = await rejected(context, server);
  assert.deepStrictEqual([error.name, error.code, error.alertSent], ['SSLError', 'ERR_SSL_ECH_REQUIRED', 121]);
  assert.ok(error.echRetryConfigs.equals(current.configs));
  assert.strictEqual(client.echStatus(), 'rejected');
  context.setEchConfigs(error.echRetryConfigs);
  assert.strictEqual(objects(context, server).client.echStatus(), 'accepted');
  // A server that knows nothing of it, and one that proves to be somebody else.
  context.setEchConfigs(old.configs);
  server.loadEchKeys(null);
  assert.throws(() => objects(context, server), { code: 'ERR_SSL_ECH_REQUIRED', echRetryConfigs: null });
  assert.throws(() => objects(context, serverContext()), (refusal) => {
    assert.deepStrictEqual([refusal.name, refusal.expectedName], ['SSLCertVerificationError', PUBLIC]);
    return !('echRetryConfigs' in refusal);
  });
});

test('former keys decrypt, and what is no key changes nothing', { skip: !IS_THERE }, () => {
  const old = tlsock.generateEchKeys(PUBLIC), current = tlsock.generateEchKeys(PUBLIC);
  const server = decrypting(current.keys, old.keys);
  for (const bad of ['x', old.configs, current.keys.subarray(0, 100)]) {
    assert.throws(() => server.loadEchKeys(bad), { name: 'ValueError' });
  }
  for (const { configs } of [old, current]) assert.strictEqual(objects(encrypting(configs), server).server.echStatus(), 'accepted');
});

test('grease does no harm', { skip: !IS_THERE }, () => {
  const { keys, configs } = tlsock.generateEchKeys(PUBLIC);
  const client = clientContext();
  client.echGrease = true;
  assert.strictEqual(client.echGrease, true);
  const ends = objects(client, decrypting(keys));
  assert.deepStrictEqual([ends.client.echStatus(), ends.server.echStatus()], ['grease', 'grease']);
  client.setEchConfigs(configs);
  assert.strictEqual(objects(client, decrypting(keys)).client.echStatus(), 'accepted');
});

/** A handshake over streams that must be encrypted and a full one, whatever session there was; the client's session, once the server has said something. */
async function hidden(context, server, session) {
  const { client, server: peer } = await connectedPair({ client: { context, session }, server: { context: server } });
  peer.write('x');
  await new Promise((resolve) => client.once('data', resolve));
  assert.deepStrictEqual([client.echStatus(), peer.echStatus()], ['accepted', 'accepted']);
  assert.strictEqual(JSON.parse(peer.infoJson()).server_name, 'localhost');
  assert.deepStrictEqual([client.sessionReused, peer.sessionReused], [false, false]);
  const ends = [closed(client), closed(peer)];
  client.destroy();
  peer.destroy();
  await Promise.all(ends);
  return client.session;
}

test('a session is not offered: at once, after a HelloRetryRequest, and after a rejection', { skip: !IS_THERE }, async () => {
  const old = tlsock.generateEchKeys(PUBLIC), current = tlsock.generateEchKeys(PUBLIC);
  const context = encrypting(old.configs), server = decrypting(old.keys);
  let session = await hidden(context, server, await hidden(context, server));
  server.setGroups('P-384');
  context.setGroups('X25519:P-384');
  session = await hidden(context, server, session);
  server.setGroups('X25519');
  server.loadEchKeys(current.keys);
  const { error } = await rejected(context, server, session);
  assert.strictEqual(error.code, 'ERR_SSL_ECH_REQUIRED');
  context.setEchConfigs(error.echRetryConfigs);
  await hidden(context, server, session);
});

test('grease leaves sessions as they are', { skip: !IS_THERE }, async () => {
  const { keys } = tlsock.generateEchKeys(PUBLIC);
  const client = clientContext(), server = decrypting(keys);
  client.echGrease = true;
  let session;
  for (let round = 0; round < 2; round++) {
    const ends = await connectedPair({ client: { context: client, session }, server: { context: server } });
    ends.server.write('x');
    await new Promise((resolve) => ends.client.once('data', resolve));
    assert.deepStrictEqual([ends.client.echStatus(), ends.client.sessionReused], ['grease', round > 0]);
    session = ends.client.session;
    for (const end of [ends.client, ends.server]) end.destroy();
  }
});
