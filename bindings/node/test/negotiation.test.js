'use strict';

// Groups, ciphers and signature algorithms by name.

const assert = require('node:assert');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext } = require('./support/certs.js');
const { objects } = require('./support/pairs.js');

test('signature algorithms are those that were set, for each side', () => {
  for (const version of [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3]) {
    const [client, server] = [clientContext(fixed(version)), serverContext('rsa')];
    client.loadCertChain(file('client.pem'), file('client.key'));
    server.loadVerifyLocations({ cafile: file('ca.pem') });
    server.verifyMode = tlsock.CERT_REQUIRED;
    client.setServerSigalgs('rsa_pss_rsae_sha512');
    // They hold for this side too, until it has its own: the certificate has a key for ECDSA.
    assert.throws(() => objects(client, server), tlsock.SSLError);
    client.setClientSigalgs('ecdsa_secp256r1_sha256');
    server.setClientSigalgs('ed25519:ecdsa_secp256r1_sha256');
    const ends = objects(client, server);
    ends.client.doHandshake();
    assert.strictEqual(ends.client.serverSigalg(), 'rsa_pss_rsae_sha512');
    assert.strictEqual(ends.server.clientSigalg(), 'ecdsa_secp256r1_sha256');
    server.setServerSigalgs('RSA-PSS+SHA384');
    assert.throws(() => objects(client, server), tlsock.SSLError);
  }
});

test('a name that is unknown is told with the nearest known, and nothing changes', () => {
  const [client, server] = [clientContext(), serverContext()];
  client.setGroups('P-384');
  for (const [set, names, near] of [
    ['setGroups', 'P-256:X25518', 'x25519'],
    ['setCiphersuites', 'TLS_AES_128_GCM_SHA26', 'TLS_AES_128_GCM_SHA256'],
    ['setServerSigalgs', 'ecdsa_secp256_sha256', 'ecdsa_secp256r1_sha256'],
    ['setClientSigalgs', 'Ed-25518', 'ed25519'],
  ])
    assert.throws(() => client[set](names), (error) => error instanceof tlsock.ValueError && error.message.endsWith(`the nearest known is '${near}'`), set);
  assert.strictEqual(objects(client, server).client.group(), 'secp384r1');
  assert.throws(() => client.setCiphers('ECDHE-RSA-AES128-GCM-SHA265'), (error) => {
    assert.strictEqual(error.message, 'No cipher can be selected.');
    assert.match(error.cause.message, /the nearest known is 'ECDHE-RSA-AES128-GCM-SHA256'/);
    return error.cause instanceof tlsock.ValueError;
  });
  for (const set of ['setGroups', 'setCiphersuites', 'setServerSigalgs', 'setClientSigalgs']) assert.throws(() => client[set](1), TypeError);
});

test('every listed name can be set', () => {
  const context = clientContext();
  const sigalgs = tlsock.getSigalgs();
  assert.ok(sigalgs.includes('rsa_pss_rsae_sha256') && sigalgs.includes('ed25519'));
  for (const name of sigalgs) {
    context.setServerSigalgs(name);
    context.setClientSigalgs(name);
  }
  const [first, all] = [context.getGroups(), context.getGroups({ includeAliases: true })];
  for (const name of all) context.setGroups(name);
  assert.ok(first.includes('secp256r1') && !first.includes('P-256') && all.includes('P-256'));
  assert.throws(() => context.getGroups({ include_aliases: true }), /"includeAliases" is meant/);
  assert.throws(() => context.getGroups({ includeAliases: 1 }), TypeError);
  assert.ok(tlsock.HAS_PHA && tlsock.HAS_PSK_TLS13);
});
