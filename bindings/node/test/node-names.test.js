'use strict';

// Node's names on a TLSSocket of ours, beside Python's.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
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

/** Two CAs that have certified each other, and a server's certificate of the first: `{ trusted, cert, key }` in PEM. */
function crossCertified(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tlsock-cross-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const sign = (name, subject, issuer, extensions) => {
    fs.writeFileSync(path.join(folder, `${name}.ext`), extensions);
    openssl('req', '-new', '-key', `${subject}.key`, '-subj', `/CN=${subject}`, '-out', `${name}.csr`);
    openssl('req', '-x509', '-key', `${issuer}.key`, '-subj', `/CN=${issuer}`, '-out', `${issuer}.self`, '-days', '9');
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', `${issuer}.self`, '-CAkey', `${issuer}.key`, '-set_serial', '7', '-days', '9', '-extfile', `${name}.ext`, '-out', `${name}.pem`);
    return fs.readFileSync(path.join(folder, `${name}.pem`), 'utf8');
  };
  for (const name of ['one', 'other', 'leaf']) openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  const trusted = [sign('a', 'one', 'other', 'basicConstraints=critical,CA:true\n'), sign('b', 'other', 'one', 'basicConstraints=critical,CA:true\n')];
  const cert = sign('leaf', 'leaf', 'one', 'subjectAltName=DNS:localhost\n');
  return { trusted, cert, key: fs.readFileSync(path.join(folder, 'leaf.key')) };
}

test('the issuers of a certificate end, also where CAs have certified each other', async (t) => {
  const { trusted, cert, key } = crossCertified(t);
  const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT), server = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
  context.loadVerifyLocations({ cadata: trusted.join('') });
  context.verifyFlags |= tlsock.VERIFY_X509_PARTIAL_CHAIN;
  server.loadCertChainData(cert, key);
  const { client } = await connectedPair({ client: { context }, server: { context: server } });
  const names = [];
  for (let at = client.getPeerCertificate(true); at !== undefined && names.length < 9; at = at.issuerCertificate) names.push(at.subject.CN);
  assert.deepStrictEqual(names, ['leaf', 'one', 'other']);
  client.destroy();
});

test('a handshake that is waited for often adds no more listeners', async () => {
  const [below, above] = streamPair();
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
  const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost' });
  const waiting = Array.from({ length: 20 }, () => client.doHandshake());
  const counts = () => ['error', 'close', 'secureConnect'].map((event) => client.listenerCount(event));
  assert.deepStrictEqual(counts(), [1, 1, 1]);
  await Promise.all([...waiting, server.doHandshake()]);
  await client.doHandshake();
  assert.deepStrictEqual(counts(), [0, 0, 0]);
  client.destroy(new Error('mine')).on('error', () => {});
  await assert.rejects(client.doHandshake(), /mine/);
});

test('where a program has frozen Error, sockets still have no handle', () => {
  const program = `Object.freeze(Error);
    const [below] = require('./support/net.js').streamPair();
    const socket = new (require('../index.js').TLSSocket)(below, { serverHostname: 'localhost' }).on('error', () => {});
    if (socket._handle !== undefined) throw new TypeError('a handle');
    socket.destroy();`;
  execFileSync(process.execPath, ['--eval', program], { cwd: __dirname, stdio: 'pipe' });
});
