'use strict';

// Node's names on a TLSSocket of ours, beside Python's.

const assert = require('node:assert');
const { once } = require('node:events');
const net = require('node:net');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext } = require('./support/certs.js');
const { connectedPair, listen, streamPair } = require('./support/net.js');

test('both ends answer to the names of node', async () => {
  const { client, server } = await connectedPair();
  assert.deepStrictEqual([client.servername, server.servername], ['localhost', 'localhost']);
  assert.deepStrictEqual([client.authorizationError, client.verifyResult, client.authorized], [null, 0, true]);
  assert.deepStrictEqual([client.readyState, client.encrypted, client.alpnProtocol], ['open', true, false]);
  assert.strictEqual(client.getProtocol(), client.version());
  assert.strictEqual(client.getCipher().name, client.cipher().name);
  assert.deepStrictEqual(client.getFinished(), server.getPeerFinished());
  const exported = (end) => end.exportKeyingMaterial(20, 'label', Buffer.from('context'));
  assert.deepStrictEqual(exported(client), exported(server));
  assert.notDeepStrictEqual(exported(client), client.exportKeyingMaterial(20, 'label'));
  assert.strictEqual(client.getPeerCertificate().serialNumber, client.peerCertificate.serialNumber);
  assert.ok(client instanceof net.Socket);
  client.destroy();
  const [hadError] = await once(client, 'close');
  assert.deepStrictEqual([hadError, client.readyState], [false, 'closed']);
});

test('a server reports on certificates that need not pass', async () => {
  const context = clientContext((own) => own.loadCertChain(file('self-signed.pem'), file('self-signed.key')));
  const { server } = await connectedPair({ client: { context }, server: { reportVerification: true } });
  assert.deepStrictEqual([server.authorized, typeof server.authorizationError, server.getpeercert()], [false, 'string', {}]);
  assert.ok(server.getpeercert(true).length > 0);
  const strict = serverContext('ecdsa', (own) => { own.verifyMode = tlsock.CERT_REQUIRED; });
  assert.throws(() => new tlsock.TLSSocket(streamPair()[0], { context: strict, serverSide: true, reportVerification: true }), tlsock.ValueError);
});

test('setServername before the handshake decides what is asked for and checked', async () => {
  const [below, above] = streamPair();
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
  const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'other.example' });
  client.setServername('localhost');
  assert.throws(() => server.setServername('x'), { code: 'ERR_TLS_SNI_FROM_SERVER' });
  await Promise.all([client.doHandshake(), server.doHandshake()]);
  assert.deepStrictEqual([client.serverHostname, server.servername], ['localhost', 'localhost']);
  assert.throws(() => client.setServername('x'), tlsock.ValueError);
  client.destroy();
});

test('an error is told by close too', async () => {
  const [below] = streamPair();
  const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost' });
  const told = new Promise((resolve) => client.on('error', () => {}).on('close', resolve));
  client.destroy(new Error('mine'));
  assert.strictEqual(await told, true);
});

test('allowHalfOpen is that of the socket below', async (t) => {
  const port = await listen(t, net.createServer());
  for (const allowHalfOpen of [true, false]) {
    const transport = net.connect({ port, host: '127.0.0.1', allowHalfOpen });
    const socket = new tlsock.TLSSocket(transport, { context: clientContext(), serverHostname: 'localhost' }).on('error', () => {});
    assert.strictEqual(socket.allowHalfOpen, allowHalfOpen);
    socket.destroy();
  }
});

test('both ends tell which certificate they have shown', async () => {
  const identity = (context) => context.loadCertChain(file('client.pem'), file('client.key'));
  const asking = (context) => {
    context.verifyMode = tlsock.CERT_REQUIRED;
    context.loadVerifyLocations({ cafile: file('ca.pem') });
  };
  const both = (context) => context.loadCertChain(file('rsa.pem'), file('rsa.key'));
  for (const version of [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3]) {
    const [below, above] = streamPair();
    const server = new tlsock.TLSSocket(above, { context: serverContext('ecdsa', (own) => { fixed(version)(own); both(own); asking(own); }), serverSide: true });
    const client = new tlsock.TLSSocket(below, { context: clientContext(identity), serverHostname: 'localhost' });
    for (const end of [client, server]) {
      assert.deepStrictEqual([end.ownCertificate, end.getCertificate(), end.getX509Certificate()], [null, {}, undefined]);
      assert.deepStrictEqual([end.getPeerCertificate(), end.getPeerX509Certificate()], [{}, undefined]);
    }
    await Promise.all([client.doHandshake(), server.doHandshake()]);
    const facts = () => [client, server].map((end) => [end.getCertificate(), end.getX509Certificate().fingerprint256, end.ownCertificate.pem]);
    const before = facts(), shown = (end) => end.getPeerCertificate();
    assert.deepStrictEqual(before.map(([own]) => own), [shown(server), shown(client)]);
    assert.strictEqual(before[1][1], client.getPeerX509Certificate().fingerprint256);
    for (const end of [client, server]) end.destroy();
    assert.deepStrictEqual(facts(), before);
  }
  const { client, server } = await connectedPair({ client: { context: clientContext(identity) } });
  assert.deepStrictEqual([client.ownCertificate, client.getCertificate(), server.getCertificate().subject.CN], [null, {}, 'localhost']);
  for (const end of [client, server]) end.destroy();
  assert.strictEqual(client.getCertificate(), null);
});
