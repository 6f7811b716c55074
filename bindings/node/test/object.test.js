'use strict';

// Contexts, memory BIOs and SSLObject: Python's API without any stream.

const assert = require('node:assert');
const fs = require('node:fs');
const { join } = require('node:path');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext, text } = require('./support/certs.js');

function pair(client = clientContext(), server = serverContext(), options = {}) {
  const [up, down] = [new tlsock.MemoryBIO(), new tlsock.MemoryBIO()];
  return {
    up, down,
    client: client.wrapBio(down, up, { serverHostname: 'localhost', ...options }),
    server: server.wrapBio(up, down, { serverSide: true }),
  };
}

/** Calls until nobody waits for the other. */
function together(...calls) {
  const waiting = new Set(calls);
  for (let i = 0; waiting.size > 0; i++) {
    assert.ok(i < 20, 'both sides wait');
    for (const call of waiting) {
      try {
        call();
        waiting.delete(call);
      } catch (error) {
        if (!(error instanceof tlsock.SSLWantReadError)) throw error;
      }
    }
  }
}

const connected = (...args) => {
  const ends = pair(...args);
  together(() => ends.client.doHandshake(), () => ends.server.doHandshake());
  return ends;
};

test('a conversation in memory', () => {
  const { client, server, up } = pair();
  assert.throws(() => client.doHandshake(), { name: 'SSLWantReadError', code: 'ERR_SSL_WANT_READ' });
  assert.ok(up.pending > 0);
  assert.strictEqual(client.version(), null);
  together(() => client.doHandshake(), () => server.doHandshake());
  assert.strictEqual(client.write('hello'), 5);
  assert.strictEqual(String(server.read(2)), 'he');
  assert.strictEqual(server.pending(), 3);
  const buffer = Buffer.alloc(10);
  assert.strictEqual(server.read(buffer), 3);
  assert.strictEqual(String(buffer.subarray(0, 3)), 'llo');
  assert.strictEqual(client.version(), 'TLSv1.3');
  assert.strictEqual(client.cipher().protocol, 'TLSv1.3');
  // From OpenSSL 3.5 on together with ML-KEM.
  assert.strictEqual(client.group(), tlsock.OPENSSL_VERSION_NUMBER >= 0x30500000 ? 'X25519MLKEM768' : 'x25519');
  assert.strictEqual(client.compression(), null);
  assert.strictEqual(client.serverSide, false);
  assert.strictEqual(client.serverHostname, 'localhost');
  assert.ok(server.sharedCiphers().length > 0);
  assert.strictEqual(client.sharedCiphers(), null);
  assert.throws(() => client.getChannelBinding(), /RFC 9266/);
  assert.throws(() => client.getChannelBinding('other'), tlsock.ValueError);
  together(() => client.unwrap(), () => server.unwrap());
});

test('the end of one direction, and the end without notice', () => {
  const { client, server, down } = connected();
  client.closeWrite();
  assert.strictEqual(server.read(10).length, 0);
  server.write('still there');
  assert.strictEqual(String(client.read(100)), 'still there');
  down.writeEof();
  assert.throws(() => client.read(10), { name: 'SSLEOFError' });
});

test('sessions', () => {
  for (const version of [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3]) {
    const contexts = [clientContext(fixed(version)), serverContext()];
    const first = connected(...contexts);
    first.server.write('x');
    first.client.read();
    const { session } = first.client;
    assert.ok(session.time > 1.5e9);
    assert.ok(session.timeout > 0);
    assert.ok(session.hasTicket);
    assert.ok(session.equals(first.client.session));
    const second = connected(...contexts, { session });
    assert.ok(second.client.sessionReused);
    assert.throws(() => pair(clientContext(), serverContext()).client.session = session, { name: 'ValueError' });
  }
  assert.throws(() => new tlsock.SSLSession(), TypeError);
});

test('what a context says and takes', () => {
  const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT);
  assert.strictEqual(context.protocol, tlsock.PROTOCOL_TLS_CLIENT);
  assert.strictEqual(context.checkHostname, true);
  assert.strictEqual(context.verifyMode, tlsock.CERT_REQUIRED);
  assert.throws(() => (context.verifyMode = tlsock.CERT_NONE), tlsock.ValueError);
  context.checkHostname = false;
  context.verifyMode = tlsock.CERT_NONE;
  context.options |= tlsock.OP_NO_TICKET;
  assert.ok(context.options & tlsock.OP_NO_TICKET);
  context.options &= ~tlsock.OP_NO_TICKET;
  assert.strictEqual(context.options & tlsock.OP_NO_TICKET, 0n);
  assert.throws(() => (context.options = 'x'), TypeError);
  assert.throws(() => (context.options = -1n), RangeError);
  context.minimumVersion = tlsock.TLSVersion.TLSv1_3;
  assert.strictEqual(context.minimumVersion, tlsock.TLSVersion.TLSv1_3);
  assert.throws(() => (context.minimumVersion = '1.3'), { name: 'TypeError', message: /^minimumVersion must be a number/ });
  context.setCiphers('ECDHE+AESGCM');
  assert.ok(context.getCiphers().every(({ name }) => name.includes('AES') || name.includes('CHACHA')));
  assert.throws(() => context.setCiphers('none such'), { name: 'SSLError', message: /No cipher can be selected/ });
  context.setEcdhCurve('prime256v1');
  assert.throws(() => context.setNpnProtocols(['x']), tlsock.NotImplementedError);
  assert.throws(() => context.setAlpnProtocols('h2'), TypeError);
  assert.throws(() => context.setAlpnProtocols([1]), /protocols\[0\] must be a string/);
  context.loadVerifyLocations({ cadata: text('ca.pem') });
  assert.deepStrictEqual(context.certStoreStats(), { x509: 1, crl: 0, x509Ca: 1 });
  assert.deepStrictEqual(context.getCaCerts()[0].subject, [[['commonName', 'tlsock test root']]]);
  assert.ok(Buffer.isBuffer(context.getCaCerts(true)[0]));
  assert.strictEqual(context.sessionStats().number, 0);
  assert.throws(() => context.loadVerifyLocations({}), TypeError);
  assert.throws(() => context.loadVerifyLocations({ cafile: '/none/such' }), { name: 'OSError', code: 'ENOENT' });
  assert.throws(() => new tlsock.SSLContext(99), tlsock.ValueError);
});

test('what fails says why', () => {
  const ends = pair(clientContext(), serverContext('expired'));
  assert.throws(() => together(() => ends.client.doHandshake(), () => ends.server.doHandshake()), (error) => {
    assert.ok(error instanceof tlsock.SSLCertVerificationError);
    assert.strictEqual(error.verifyCode, 10);
    assert.strictEqual(error.verifyMessage, 'certificate has expired');
    assert.strictEqual(error.phase, 'handshake');
    assert.strictEqual(error.certificate.subjectText, 'CN=localhost,O=tlsock');
    return true;
  });
  const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
  assert.throws(() => context.setCiphers('no such cipher'), { name: 'SSLError', message: 'No cipher can be selected.' });
  assert.throws(() => context.loadCertChain('/no/such/file'), { code: 'ENOENT' });
  assert.throws(() => context.setEcdhCurve('no such curve'), { message: /no such curve/ });
  const bio = new tlsock.MemoryBIO();
  bio.writeEof();
  assert.throws(() => bio.write('x'), { message: 'cannot write() after write_eof()' });
});

test('a chain is verified once', () => {
  const [client, server] = [clientContext(), serverContext()];
  assert.strictEqual(client.chainCache, false);
  assert.throws(() => (client.chainCache = 1), TypeError);
  client.chainCache = true;
  for (let round = 0; round < 3; round++) {
    const ends = connected(client, server);
    assert.strictEqual(client.chainCacheHits, round);
    assert.strictEqual(ends.client.getVerifiedChain().length, 3);
  }
  client.chainCache = false;
  assert.strictEqual(client.chainCache, false);
  connected(client, server);
  assert.strictEqual(client.chainCacheHits, 2);
});

test('certificates', () => {
  const certificate = new tlsock.Certificate(text('rsa.pem'));
  assert.strictEqual(certificate.subjectText, 'CN=localhost,O=tlsock');
  assert.deepStrictEqual(certificate.subjectAltName[0], ['DNS', 'localhost']);
  assert.strictEqual(certificate.version, 3);
  assert.strictEqual(certificate.notAfterTime, tlsock.certTimeToSeconds(certificate.notAfter));
  assert.strictEqual(certificate.verified, false);
  assert.strictEqual(certificate.fingerprint().length, 32);
  assert.throws(() => certificate.fingerprint('none'), tlsock.ValueError);
  assert.ok(new tlsock.Certificate(certificate.der).equals(certificate));
  assert.ok(!new tlsock.Certificate(text('ecdsa.pem')).equals(certificate));
  assert.strictEqual(tlsock.derCertToPemCert(certificate.der), certificate.pem);
  assert.ok(tlsock.pemCertToDerCert(certificate.pem).equals(certificate.der));
  assert.throws(() => new tlsock.Certificate('nothing'), tlsock.SSLError);
  assert.throws(() => new tlsock.Certificate(7), TypeError);
});

test('getpeercert of the verified, the unverified and the absent', () => {
  const { client, server } = connected();
  assert.deepStrictEqual(client.getpeercert().subjectAltName[0], ['DNS', 'localhost']);
  assert.ok(client.getpeercert(true).equals(new tlsock.Certificate(text('ecdsa.pem')).der));
  assert.ok(client.peerCertificate.verified);
  assert.strictEqual(server.getpeercert(), null);
  const trusting = clientContext((context) => {
    context.checkHostname = false;
    context.verifyMode = tlsock.CERT_NONE;
  });
  assert.deepStrictEqual(connected(trusting).client.getpeercert(), {});
  assert.throws(() => pair().client.getpeercert(), tlsock.ValueError);
});

test('memory BIOs', () => {
  const bio = new tlsock.MemoryBIO();
  assert.strictEqual(bio.write('abc'), 3);
  assert.strictEqual(bio.write(new Uint16Array([0x6564])), 2);
  assert.strictEqual(bio.pending, 5);
  assert.strictEqual(String(bio.read(2)), 'ab');
  assert.strictEqual(String(bio.read()), 'cde');
  bio.writeEof();
  assert.ok(bio.eof);
  assert.throws(() => bio.write('x'), tlsock.SSLError);
  assert.throws(() => bio.write(7), TypeError);
  assert.throws(() => new tlsock.SSLObject(), TypeError);
});

test('functions of the module', () => {
  assert.strictEqual(tlsock.randBytes(32).length, 32);
  assert.ok(tlsock.randStatus());
  tlsock.randAdd('x', 0);
  assert.strictEqual(tlsock.nid2obj(tlsock.Purpose.SERVER_AUTH).oid, '1.3.6.1.5.5.7.3.1');
  assert.strictEqual(tlsock.txt2obj('serverAuth', true).nid, tlsock.Purpose.SERVER_AUTH);
  assert.throws(() => tlsock.txt2obj('none such'), tlsock.ValueError);
  assert.strictEqual(tlsock.getProtocolName(tlsock.PROTOCOL_TLS), 'PROTOCOL_TLS');
  assert.strictEqual(tlsock.getDefaultVerifyPaths().opensslCafileEnv, 'SSL_CERT_FILE');
  assert.strictEqual(tlsock.certTimeToSeconds('Jan  5 09:34:43 2018 GMT'), 1515144883);
  assert.ok(['openssl', 'aws-lc'].includes(tlsock.BACKEND));
  assert.match(tlsock.OPENSSL_VERSION, /^OpenSSL [34]\./);
  assert.strictEqual(tlsock.OPENSSL_VERSION_INFO.length, 5);
  assert.deepStrictEqual(tlsock.CHANNEL_BINDING_TYPES, ['tls-unique', 'tls-exporter', 'tls-server-end-point']);
  assert.strictEqual(tlsock.HAS_TLSv1_3, true);
  assert.strictEqual(tlsock.HAS_NPN, false);
  assert.throws(() => tlsock.enumCertificates('ROOT'), tlsock.NotImplementedError);
});

test('import gives what require gives', async () => {
  const imported = await import('../index.mjs');
  assert.strictEqual(imported.default, tlsock);
  for (const name of Object.keys(tlsock)) assert.ok(name in imported && imported[name] === tlsock[name], name);
});

test('the README examples run', () => {
  const readme = fs.readFileSync(require.resolve('../README.md'), 'utf8');
  const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
  assert.ok(examples.length >= 4);
  const known = { 'server.pem': 'ecdsa.pem', 'server.key': 'ecdsa.key' };
  const source = examples.join('\n').replace(/'(\w+\.(?:pem|key))'/g, (_, name) => JSON.stringify(file(known[name] ?? name)))
    .replaceAll("from 'tlsock'", `from ${JSON.stringify(require.resolve('../index.mjs'))}`);
  const path = file('readme.mjs');
  fs.writeFileSync(path, source);
  const { spawnSync } = require('node:child_process');
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8', timeout: 60_000 });
  assert.strictEqual(status, 0, stderr);
  assert.deepStrictEqual(stdout.trim().split('\n'), ['hello, tlsock', 'STARTTLS hello', 'in memory', 'HTTP/1.1']);
});

test('all names have types', () => {
  const lib = join(__dirname, '../lib');
  const files = ['../index.d.ts', ...fs.readdirSync(lib).filter((name) => name.endsWith('.d.ts'))];
  const types = files.map((name) => fs.readFileSync(join(lib, name), 'utf8')).join('');
  const typed = (name) => new RegExp(`\\b${name}\\b`).test(types);
  const missing = Object.keys(tlsock).filter((name) => !typed(name));
  for (const name of ['SSLContext', 'SSLObject', 'SSLSession', 'Certificate', 'MemoryBIO', 'TLSSocket'])
    missing.push(...Object.getOwnPropertyNames(tlsock[name].prototype).filter((member) => !member.startsWith('_') && !typed(member)));
  assert.deepStrictEqual(missing, []);
});
