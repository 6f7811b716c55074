'use strict';

// What a context demands of a peer's certificate beyond its signatures: OCSP responses, pins, lengths. node:tls is the other side of OCSP.

const assert = require('node:assert');
const { X509Certificate, createHash } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext, text } = require('./support/certs.js');
const { closed, connectedPair, listen, streamPair } = require('./support/net.js');
const { staple } = require('./support/ocsp.js');

const VERSIONS = [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3];
const revoking = '251101000000Z,keyCompromise';

/** Does the handshake, and fails as the client does. */
async function visit(context) {
  const [below, above] = streamPair();
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
  const client = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost' });
  const ends = [closed(client), closed(server)];
  try {
    await client.doHandshake();
  } finally {
    for (const end of [client, server]) end.destroy();
    await Promise.all(ends);
  }
}

/** What a server sends. */
function stapled(server) {
  const [up, down] = [new tlsock.MemoryBIO(), new tlsock.MemoryBIO()];
  const client = demanding(tlsock.OCSP_REQUEST, tlsock.TLSVersion.TLSv1_3).wrapBio(down, up, { serverHostname: 'localhost' });
  const peer = server.wrapBio(up, down, { serverSide: true });
  for (const end of [client, peer, client]) try { end.doHandshake(); } catch (error) { if (!(error instanceof tlsock.SSLWantReadError)) throw error; }
  return client.ocspResponse();
}

const demanding = (ocsp, version) => clientContext((context) => {
  fixed(version)(context);
  context.ocsp = ocsp;
});

// Since 3.6 OpenSSL refuses what cannot be decoded before anybody is asked, and its servers send nothing that is no
// response for their certificate, both by the patch level (docs/openssl.md).
const MAY_REFUSE = tlsock.OPENSSL_VERSION_NUMBER >= 0x30600000, NODE_MAY_SEND_NONE = parseFloat(process.versions.openssl) >= 3.6;

for (const version of VERSIONS) {
  test(`responses that node:tls staples are judged, ${version}`, async (t) => {
    const good = staple(t, 'ecdsa');
    for (const [what, response, ocsp, code] of [
      ['good', good, tlsock.OCSP_REQUIRE, 0],
      ['revoked', staple(t, 'ecdsa', revoking), tlsock.OCSP_REQUEST, 23],
      ["another's", staple(t, 'rsa'), tlsock.OCSP_REQUEST, 74],
      ['garbage', Buffer.from('garbage'), tlsock.OCSP_REQUEST, 74],
      ['none', null, tlsock.OCSP_REQUEST, 0],
      ['none', null, tlsock.OCSP_REQUIRE, 73],
      ['garbage nobody asked for', Buffer.from('garbage'), tlsock.OCSP_IGNORE, 0],
    ]) {
      const server = tls.createServer({ cert: fs.readFileSync(file('ecdsa.pem')), key: fs.readFileSync(file('ecdsa.key')) });
      server.on('OCSPRequest', (certificate, issuer, answer) => answer(null, response)).on('tlsClientError', () => {});
      const port = await listen(t, server);
      const client = tlsock.connect({ host: 'localhost', port, context: demanding(ocsp, version) });
      const failure = await client.doHandshake().then(() => null, (error) => error);
      if (code === 74 && NODE_MAY_SEND_NONE && failure === null) {
        assert.strictEqual(client.ocspResponse(), null);
        continue;
      }
      // Where the server is the one that refuses it, the client is told of an end.
      if (what === 'garbage' && MAY_REFUSE && failure !== null && failure.verifyCode === undefined) {
        assert.deepStrictEqual([NODE_MAY_SEND_NONE || failure.alertSent === 113, client.ocspStatus()], [true, null]);
        continue;
      }
      assert.strictEqual(failure?.verifyCode ?? 0, code, what);
      if (code) assert.ok(failure instanceof tlsock.SSLCertVerificationError);
      const judged = code === 0 && response === good;
      assert.deepStrictEqual(client.ocspResponse(), ocsp === tlsock.OCSP_IGNORE ? null : response, what);
      const status = client.ocspStatus();
      if (code === 23) assert.deepStrictEqual([status.status, status.reason], [tlsock.OCSP_STATUS_REVOKED, 1]);
      else if (!judged) assert.strictEqual(status, null, what);
      else {
        assert.deepStrictEqual([status.status, status.reason, status.revocationTime], [tlsock.OCSP_STATUS_GOOD, 0, 0]);
        assert.strictEqual(status.nextUpdate - status.thisUpdate, 24 * 3600);
      }
      client.destroy();
      if (!judged) continue;
      // Each answer is the caller's own.
      client.ocspResponse().fill(0);
      status.status = tlsock.OCSP_STATUS_REVOKED;
      assert.deepStrictEqual(client.ocspResponse(), good);
      assert.strictEqual(client.ocspStatus().status, tlsock.OCSP_STATUS_GOOD);
    }
  });

  test(`node:tls gets the response that was set, if it asks, ${version}`, async (t) => {
    const response = staple(t, 'ecdsa');
    const context = serverContext('ecdsa', fixed(version));
    const ask = async (requestOCSP) => {
      const port = await listen(t, tlsock.createServer({ context }));
      const client = tls.connect({ host: 'localhost', port, ca: text('ca.pem'), requestOCSP });
      const answers = [];
      client.on('OCSPResponse', (answer) => answers.push(answer)).resume();
      await once(client, 'secureConnect');
      client.destroy();
      return answers;
    };
    context.setOcspResponse(response);
    assert.deepStrictEqual(await ask(true), [response]);
    assert.deepStrictEqual(await ask(false), []);
    context.setOcspResponse(new Uint8Array());
    assert.deepStrictEqual((await ask(true)).filter(Boolean), []);
    const identity = tlsock.Identity.fromFiles(file('ecdsa.pem'), file('ecdsa.key'));
    const stapled = identity.withOcspResponse(response);
    context.setIdentityCallback(() => stapled);
    assert.deepStrictEqual(await ask(true), [response]);
    context.setIdentityCallback(() => identity);
    assert.deepStrictEqual((await ask(true)).filter(Boolean), []);
    context.setIdentityCallback(null);
    context.useIdentity(stapled);
    assert.deepStrictEqual(await ask(true), [response]);
    for (const bad of [Buffer.from('garbage'), staple(t, 'rsa')]) assert.throws(() => identity.withOcspResponse(bad), tlsock.ValueError);
    for (const bad of [null, 5, undefined]) assert.throws(() => identity.withOcspResponse(bad), TypeError);
  });
}

test('bad OCSP settings are refused, and the old ones stay', (t) => {
  const [client, server] = [clientContext(), serverContext()];
  assert.strictEqual(client.ocsp, tlsock.OCSP_IGNORE);
  client.ocsp = tlsock.OCSP_REQUIRE;
  for (const mode of [-1, 3, 2 ** 31 - 1]) assert.throws(() => { client.ocsp = mode; }, tlsock.ValueError);
  for (const mode of [null, '1', {}]) assert.throws(() => { client.ocsp = mode; }, TypeError);
  assert.strictEqual(client.ocsp, tlsock.OCSP_REQUIRE);
  assert.throws(() => { server.ocsp = tlsock.OCSP_REQUEST; }, tlsock.ValueError);
  const response = staple(t, 'ecdsa');
  for (const bad of [Buffer.from('garbage'), response.subarray(1), staple(t, 'rsa')])
    assert.throws(() => server.setOcspResponse(bad), tlsock.ValueError);
  assert.throws(() => client.setOcspResponse(response), tlsock.ValueError);
  server.setOcspResponse(response);
  const detached = new Uint8Array(response);
  structuredClone(detached, { transfer: [detached.buffer] });
  const short = new ArrayBuffer(100, { maxByteLength: 200 });
  const beyond = new Uint8Array(short, 50, 20);
  if (short.resizable) short.resize(10);
  else structuredClone(short, { transfer: [short] });
  // None of these is "no bytes", which removes the response.
  for (const bad of [
    null, 5, undefined, detached, beyond, Object.create(Uint8Array.prototype), Object.create(ArrayBuffer.prototype),
    new Proxy(new Uint8Array(response), {}),
  ]) assert.throws(() => server.setOcspResponse(bad), TypeError);
  for (const bad of [detached, beyond]) assert.throws(() => client.setCrlData(bad), TypeError);
  assert.deepStrictEqual(stapled(server), response);
});

test('a chain must have a pinned key', async () => {
  const pin = (name) => {
    const key = new X509Certificate(fs.readFileSync(file(`${name}.pem`))).publicKey.export({ type: 'spki', format: 'der' });
    return `sha256//${createHash('sha256').update(key).digest('base64')}`;
  };
  const context = clientContext();
  for (const name of ['ecdsa', 'inter', 'ca']) {
    context.setPins([pin('rsa'), pin(name)]);
    await visit(context);
  }
  context.setPins([pin('rsa')]);
  for (const bad of [['junk'], [pin('ecdsa'), pin('ecdsa').slice(1)], [''], ['sha256//']]) assert.throws(() => context.setPins(bad), tlsock.ValueError);
  const used = [pin('rsa')].values();
  used.next();
  // What has been used up is not "no pins", nor is an array that lies about itself.
  for (const bad of [null, 5, [5], '', 'sha256//', undefined, used, new Set(), new Map().keys(), new Array(1)])
    assert.throws(() => context.setPins(bad), TypeError);
  for (const none of [used, new Set()]) assert.throws(() => serverContext().setTicketKeys(none), TypeError);
  await assert.rejects(visit(context), { name: 'SSLCertVerificationError', verifyCode: 50 });
  context.setPins([]);
  await visit(context);
});

test('chains have bounds', async () => {
  const context = clientContext();
  assert.deepStrictEqual([context.verifyDepth, context.maxCertList], [-1, 102400]);
  for (const depth of [-2, 'x', 2 ** 40]) assert.throws(() => { context.verifyDepth = depth; });
  for (const bytes of [0, -1, 2 ** 24, null]) assert.throws(() => { context.maxCertList = bytes; });
  assert.deepStrictEqual([context.verifyDepth, context.maxCertList], [-1, 102400]);
  await visit(clientContext((made) => { made.verifyDepth = 1; }));
  await assert.rejects(visit(clientContext((made) => { made.verifyDepth = 0; })), { verifyCode: 22 });
  await visit(clientContext((made) => { made.maxCertList = 20000; }));
  await assert.rejects(visit(clientContext((made) => { made.maxCertList = 100; })), { name: 'SSLError' });
});

test('a connection tells its facts', async () => {
  for (const version of VERSIONS) {
    const { client, server } = await connectedPair({ both: {}, client: { context: clientContext(fixed(version)) } });
    for (const [end, side] of [[client, 'client'], [server, 'server']]) {
      const facts = JSON.parse(end.infoJson());
      assert.strictEqual(facts.version, end.version(), side);
      assert.strictEqual(facts.cipher.name ?? facts.cipher, end.cipher().name);
      assert.match(end.serverSigalg(), /ecdsa/i);
      assert.strictEqual(end.clientSigalg(), null);
    }
    const kept = client.serverSigalg();
    const ends = [closed(client), closed(server)];
    client.destroy();
    server.destroy();
    await Promise.all(ends);
    assert.strictEqual(client.serverSigalg(), kept);
    assert.throws(() => client.infoJson(), tlsock.ValueError);
    assert.strictEqual(client.ocspResponse(), null);
  }
});
