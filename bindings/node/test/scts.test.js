'use strict';

// Signed certificate timestamps: openssl is the other side of each.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext } = require('./support/certs.js');
const { listen } = require('./support/net.js');
const { env } = require('./support/openssl.js');
const { objects } = require('./support/pairs.js');
const { join, split } = require('./support/scts.js');

const VERSIONS = { tls1_2: tlsock.TLSVersion.TLSv1_2, tls1_3: tlsock.TLSVersion.TLSv1_3 };
const SCTS = [Buffer.from('one timestamp'), Buffer.from('another')];

const asking = (version) => clientContext((context) => {
  fixed(version)(context);
  context.sctsRequested = true;
});

const identity = (scts) => tlsock.Identity.fromFiles(file('ecdsa.pem'), file('ecdsa.key')).withScts(scts);

/** The port of an openssl s_server that sends this in the extension. */
async function elsewhere(t, content, version) {
  // SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_TLS1_3_CERTIFICATE, the extension, its length
  const head = Buffer.from([0, 0, 0x11, 0x80, 0, 18, content.length >> 8, content.length & 0xff]);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tlsock-scts-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const info = path.join(folder, 'serverinfo.pem');
  const text = Buffer.concat([head, content]).toString('base64').replace(/.{64}/g, '$&\n');
  fs.writeFileSync(info, `-----BEGIN SERVERINFOV2 FOR SCT-----\n${text}\n-----END SERVERINFOV2 FOR SCT-----\n`);
  const words = ['s_server', '-accept', '127.0.0.1:0', '-rev', `-${version}`, '-serverinfo', info,
    '-cert', file('ecdsa.pem'), '-key', file('ecdsa.key'), '-cert_chain', file('ecdsa.pem')];
  const server = spawn('openssl', words, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(() => server.kill());
  let printed = '';
  for await (const chunk of server.stdout) {
    printed += chunk;
    const port = /ACCEPT .*:(\d+)\n/.exec(printed)?.[1];
    if (port) return Number(port);
  }
  throw new Error('openssl listens on no port');
}

for (const [version, number] of Object.entries(VERSIONS)) {
  test(`what openssl sends is told, ${version}`, async (t) => {
    const port = await elsewhere(t, join(SCTS), version);
    for (const [context, expected] of [[asking(number), SCTS], [clientContext(fixed(number)), []]]) {
      const client = tlsock.connect({ host: 'localhost', port, context });
      await client.doHandshake();
      const scts = client.scts();
      assert.deepStrictEqual(scts, expected);
      // Each answer, and each of its buffers, is the caller's own.
      for (const sct of scts) {
        assert.strictEqual(sct.buffer.byteLength, sct.length);
        sct.fill(0);
      }
      assert.deepStrictEqual(client.scts(), expected);
      client.destroy();
      assert.deepStrictEqual(client.scts(), expected);
    }
  });

  test(`a malformed list is refused, ${version}`, async (t) => {
    const port = await elsewhere(t, join(SCTS).subarray(1), version);
    const client = tlsock.connect({ host: 'localhost', port, context: asking(number) });
    await assert.rejects(client.doHandshake(), (error) => {
      assert.deepStrictEqual([error.name, error.alertSent], ['SSLError', 50]);
      assert.strictEqual(error.cause.message, "the server's list of certificate timestamps is malformed");
      return true;
    });
  });
}

// Its -serverinfo asks in TLS 1.2 only.
test('openssl gets what the identity brings, used and chosen', async (t) => {
  for (const [give, expected] of [
    [(context) => context.useIdentity(identity(SCTS)), SCTS],
    [(context) => context.setIdentityCallback(() => identity(SCTS)), SCTS],
    [(context) => context.useIdentity(identity(SCTS).withScts([])), null],
  ]) {
    const context = serverContext('rsa', fixed(VERSIONS.tls1_2));
    give(context);
    const server = tlsock.createServer({ context }, (socket) => socket.end());
    const words = ['s_client', '-connect', `localhost:${await listen(t, server)}`, '-tls1_2', '-serverinfo', '18', '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256'];
    const client = spawn('openssl', words, { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let printed = '';
    for await (const chunk of client.stdout) printed += chunk;
    const info = /-----BEGIN SERVERINFO FOR EXTENSION 18-----\n([^-]*)-----END/.exec(printed)?.[1];
    assert.ok(expected !== null || info === undefined, info);
    // Type and length come first.
    if (expected !== null) assert.deepStrictEqual(split(Buffer.from(info, 'base64').subarray(4)), expected);
  }
});

test('what cannot be asked for or sent is refused', () => {
  const context = serverContext();
  assert.strictEqual(context.sctsRequested, false);
  assert.throws(() => { context.sctsRequested = true; }, { name: 'ValueError', message: /requested by clients/ });
  assert.throws(() => { clientContext().sctsRequested = 1; }, TypeError);
  for (const [scts, expected] of [
    ['one', { name: 'TypeError', message: /^scts must be/ }],
    [[5], { name: 'TypeError', message: /^scts\[0\] must be/ }],
    [[Buffer.alloc(0)], { name: 'ValueError', message: /SignedCertificateTimestampList/ }],
    [[Buffer.alloc(63999)], { name: 'ValueError', message: /TLS can send 64000/ }],
    [[Buffer.alloc(65536)], { name: 'ValueError', message: /^scts\[0\] must be/ }],
    [[Buffer.alloc(40000), Buffer.alloc(40000)], { name: 'ValueError', message: /^scts must be/ }],
  ]) assert.throws(() => identity(scts), expected);
});

test('objects tell them too', () => {
  const server = serverContext();
  server.useIdentity(identity(SCTS));
  const { client, server: peer } = objects(asking(VERSIONS.tls1_3), server);
  assert.deepStrictEqual([client.scts(), peer.scts()], [SCTS, []]);
});
