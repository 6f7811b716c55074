'use strict';

// The module tlsock/tls: node:tls's exports, options, events and error codes, against node:tls itself where there are two ends.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { createPrivateKey } = require('node:crypto');
const { once } = require('node:events');
const net = require('node:net');
const path = require('node:path');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const tls = require('../tls.js');
const tlsock = require('../index.js');
const { file, text } = require('./support/certs.js');
const { NO_PROTOCOL, closed, collect, listen, streamPair } = require('./support/net.js');
const { pkcs12 } = require('./support/openssl.js');

const ca = text('ca.pem');
const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };
const clientIdentity = { key: text('client.key'), cert: text('client.pem') };
const IMPLEMENTATIONS = [['ours', tls, nodeTls], ['theirs', nodeTls, tls]];

async function served(t, implementation, options, listener = (socket) => socket.end('hi')) {
  const server = implementation.createServer({ ...identity, ...options }, (socket) => {
    socket.on('error', () => {});
    listener(socket);
  });
  server.on('tlsClientError', () => {});
  return { server, port: await listen(t, server) };
}

test('the exports are those of node:tls', async () => {
  assert.deepStrictEqual(Object.keys(nodeTls).filter((name) => !(name in tls)), []);
  const imported = await import('../tls.mjs');
  assert.strictEqual(imported.default, tls);
  for (const name of Object.keys(tls)) assert.ok(name in imported, name);
});

test('contexts without ca trust whom the program has chosen, from then on', async (t) => {
  const { port } = await served(t, nodeTls, {});
  const before = tls.createSecureContext();
  assert.deepStrictEqual(tls.getCACertificates(), tls.getCACertificates('system'));
  t.after(() => tls.setDefaultCACertificates(tls.getCACertificates('system')));
  tls.setDefaultCACertificates([ca, Buffer.from(ca)]);
  assert.deepStrictEqual(tls.getCACertificates().map((pem) => pem.trim()), [ca.trim()]);
  const socket = tls.connect({ port, servername: 'localhost' });
  await once(socket, 'secureConnect');
  assert.strictEqual(socket.authorized, true);
  socket.destroy();
  assert.match((await once(tls.connect({ port, servername: 'localhost', secureContext: before }), 'error'))[0].code, /^UNABLE_TO/);
  tls.setDefaultCACertificates([]);
  assert.match((await once(tls.connect({ port, servername: 'localhost' }), 'error'))[0].code, /^UNABLE_TO/);
  assert.deepStrictEqual(tls.getCACertificates('bundled'), nodeTls.rootCertificates);
  const system = new Set(tls.getCACertificates('system'));
  assert.ok(tls.getCACertificates('extra').every((pem) => system.has(pem)));
  for (const [certs, code] of [['x', 'ERR_INVALID_ARG_TYPE'], [[1], 'ERR_INVALID_ARG_TYPE']]) assert.throws(() => tls.setDefaultCACertificates(certs), { code });
  assert.throws(() => tls.getCACertificates('none'), { code: 'ERR_INVALID_ARG_VALUE' });
});

test('both faces tell the same of a connection', async (t) => {
  const { port } = await served(t, nodeTls, { requestCert: true, ca, rejectUnauthorized: false }, (socket) => socket.resume());
  const facts = [];
  for (const implementation of [tls, nodeTls]) {
    const socket = implementation.connect({ port, ca, ...clientIdentity, servername: 'localhost', ALPNProtocols: ['x'], ecdhCurve: 'X25519' });
    await once(socket, 'secureConnect');
    const { authorized, authorizationError, servername, alpnProtocol, encrypted, readyState, connecting, secureConnecting } = socket;
    facts.push({
      authorized, authorizationError, servername, alpnProtocol, encrypted, readyState, connecting, secureConnecting, cipher: socket.getCipher(),
      protocol: socket.getProtocol(), peer: socket.getPeerCertificate(true).fingerprint256, own: socket.getCertificate().fingerprint256,
      group: socket.getEphemeralKeyInfo(), issuer: socket.getPeerCertificate(true).issuerCertificate.subject.CN, isReused: socket.isSessionReused(),
      x509: socket.getPeerX509Certificate().subject, isSocket: socket instanceof net.Socket,
    });
    socket.destroy();
    assert.deepStrictEqual(await once(socket, 'close'), [false]);
  }
  assert.deepStrictEqual(facts[0], facts[1]);
});

test('exported keys and Finished messages are the same on both ends', async (t) => {
  const seen = [];
  const look = (socket) => ({ key: socket.exportKeyingMaterial(32, 'label', Buffer.from('c')).toString('hex'), finished: [socket.getFinished(), socket.getPeerFinished()] });
  const { port } = await served(t, nodeTls, {}, (socket) => seen.push(look(socket)) && socket.end('x'));
  const client = tls.connect({ port, ca, servername: 'localhost' });
  await once(client, 'data');
  const ours = look(client);
  assert.strictEqual(ours.key, seen[0].key);
  assert.deepStrictEqual(ours.finished, seen[0].finished.reverse());
});

/** What a client is told of a server's certificate. */
async function refusal(client, port, options) {
  const [error] = await once(client.connect({ port, ...options }, () => assert.fail('secure')), 'error');
  // Node 24 advises to use the system's CAs, which ours does.
  return [error.code, error.message.replace(/; if the root CA is installed locally, .*$/, '')];
}

test("refused certificates have node's codes and words", async (t) => {
  const mine = Object.assign(new Error('no'), { code: 'MINE' });
  for (const [name, options] of [
    ['ecdsa', { ca, servername: 'other.example' }], ['ecdsa', { ca, servername: 'localhost', checkServerIdentity: () => mine }], ['ecdsa', { ca: [] }],
    ['ecdsa', { ca: text('self-signed.pem') }], ['expired', { ca }], ['self-signed', { ca }],
  ]) {
    const { port } = await served(t, nodeTls, { key: text(`${name}.key`), cert: text(`${name}.pem`) });
    const [ours, theirs] = [await refusal(tls, port, options), await refusal(nodeTls, port, options)];
    assert.deepStrictEqual(ours, theirs, `${name} ${Object.keys(options)}`);
  }
});

test('rejectUnauthorized: false verifies and reports', async (t) => {
  const { port } = await served(t, nodeTls, {});
  for (const [options, error] of [[{}, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'], [{ ca, servername: 'other.example' }, 'ERR_TLS_CERT_ALTNAME_INVALID'], [{ ca }, null]]) {
    const socket = tls.connect({ port, host: 'localhost', rejectUnauthorized: false, ...options });
    await once(socket, 'secureConnect');
    assert.deepStrictEqual([socket.authorized, socket.authorizationError], [error === null, error]);
    await closed(socket.end().resume());
  }
});

test('a server that asks for certificates reports or refuses', async (t) => {
  const told = [];
  const { port } = await served(t, tls, { requestCert: true, rejectUnauthorized: false, ca }, (socket) => {
    told.push([socket.authorized, socket.authorizationError]);
    socket.end();
  });
  for (const own of [{}, clientIdentity, { key: text('self-signed.key'), cert: text('self-signed.pem') }]) {
    const socket = nodeTls.connect({ port, ca, servername: 'localhost', ...own });
    await closed(socket.resume());
  }
  assert.deepStrictEqual(told.slice(0, 2), [[false, 'UNABLE_TO_GET_ISSUER_CERT'], [true, null]]);
  assert.strictEqual(told[2][0], false);
  const strict = await served(t, tls, { requestCert: true, ca }, () => assert.fail('secure'));
  const gone = closed(nodeTls.connect({ port: strict.port, ca, servername: 'localhost' }));
  const [error] = await once(strict.server, 'tlsClientError');
  assert.strictEqual(error.code, 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE');
  await gone;
  const stranger = closed(nodeTls.connect({ port: strict.port, ca, servername: 'localhost', key: text('self-signed.key'), cert: text('self-signed.pem') }));
  const [refused] = await once(strict.server, 'tlsClientError');
  assert.deepStrictEqual([refused.code, refused.cause instanceof tlsock.SSLCertVerificationError], ['ECONNRESET', true]);
  await stranger;
});

test('SNICallback may take its time, and gives another certificate', async (t) => {
  const other = tls.createSecureContext({ key: text('rsa.key'), cert: text('rsa.pem') });
  const SNICallback = (name, done) => setImmediate(() => (name === 'localhost' ? done(null, other) : done(new Error('nobody'))));
  const { port, server } = await served(t, tls, { SNICallback }, (socket) => socket.end(socket.servername));
  const client = nodeTls.connect({ port, ca, servername: 'localhost' });
  const [name] = await once(client, 'data');
  assert.strictEqual(String(name), 'localhost');
  assert.strictEqual(client.getPeerX509Certificate().publicKey.asymmetricKeyType, 'rsa');
  const refused = closed(nodeTls.connect({ port, ca, servername: 'elsewhere' }));
  const [error] = await once(server, 'tlsClientError');
  assert.strictEqual(error.message, 'nobody');
  await refused;
});

test('a client without a common protocol is refused by an alert', async (t) => {
  const { server, port } = await served(t, tls, { ALPNProtocols: ['a', 'b'] }, (socket) => socket.end(String(socket.alpnProtocol)));
  for (const [offered, chosen] of [[['b'], 'b'], [undefined, 'false']]) {
    const [answer] = await once(nodeTls.connect({ port, ca, servername: 'localhost', ALPNProtocols: offered }), 'data');
    assert.strictEqual(String(answer), chosen);
  }
  const told = once(server, 'tlsClientError');
  const [error] = await once(nodeTls.connect({ port, ca, servername: 'localhost', ALPNProtocols: ['c'] }), 'error');
  assert.match(error.code, NO_PROTOCOL);
  assert.strictEqual((await told)[0].alertSent, 120);
});

test('keys shared before, with node on the other end', async (t) => {
  const psk = Buffer.alloc(32, 7);
  for (const [, client, other] of IMPLEMENTATIONS) {
    const { port } = await served(t, other, { key: undefined, cert: undefined, ciphers: 'PSK', pskCallback: (socket, name) => (name === 'me' ? psk : null) });
    const options = { port, ciphers: 'PSK', checkServerIdentity: () => undefined };
    const [answer] = await once(client.connect({ ...options, pskCallback: () => ({ psk, identity: 'me' }) }), 'data');
    assert.strictEqual(String(answer), 'hi');
    await once(client.connect({ ...options, pskCallback: () => ({ psk, identity: 'you' }) }), 'error');
  }
});

test('a session that getSession gave is resumed', async (t) => {
  const { port } = await served(t, tls, {}, (socket) => socket.write('x'));
  const first = tls.connect({ port, ca, servername: 'localhost' });
  const [session] = await once(first, 'session');
  assert.ok(Buffer.isBuffer(session));
  first.destroy();
  const second = tls.connect({ port, ca, servername: 'localhost', session });
  await once(second, 'data');
  assert.strictEqual(second.isSessionReused(), true);
  second.destroy();
});

test('a session vouches for no more than its connection has proved', async (t) => {
  const { port } = await served(t, tls, {}, (socket) => socket.write('x'));
  const lax = tls.connect({ port, servername: 'localhost', rejectUnauthorized: false });
  const [session] = await once(lax, 'session');
  lax.destroy();
  const strict = tls.connect({ port, ca, servername: 'localhost', session });
  await once(strict, 'data');
  assert.deepStrictEqual([strict.authorized, strict.isSessionReused()], [true, false]);
  strict.destroy();
  const refused = tls.connect({ port, ca: [], servername: 'localhost', session });
  assert.match((await once(refused, 'error'))[0].code, /^UNABLE_TO/);
});

test('a PKCS #12 file, new and old', async (t) => {
  for (const extra of [[], ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1']]) {
    const pfx = pkcs12('ecdsa', ...extra);
    assert.throws(() => tls.createSecureContext({ pfx, passphrase: 'wrong' }), { message: 'mac verify failure' });
    const { port } = await served(t, tls, { key: undefined, cert: undefined, pfx, passphrase: 'secret' });
    const [answer] = await once(nodeTls.connect({ port, ca, servername: 'localhost' }), 'data');
    assert.strictEqual(String(answer), 'hi');
  }
});

test('a PKCS #12 file that asks for rounds without end is refused, and not given to node:tls either', () => {
  const pfx = pkcs12('ecdsa', '-iter', '100000');
  // The last thing in the file is how many rounds the digest takes, 100,000 in DER. What is around it gets longer with it.
  const count = Buffer.from([2, 3, 1, 0x86, 0xa0]), digest = pfx.subarray(pfx.lastIndexOf(Buffer.from([0x30, 0x31])) - 2);
  assert.ok(pfx.subarray(-5).equals(count) && digest[0] === 0x30 && digest[1] === digest.length - 2 && pfx[1] === 0x82);
  const asking = (...number) => {
    const more = 2 + number.length - count.length, changed = Buffer.concat([pfx.subarray(0, -5), Buffer.from([2, number.length, ...number])]);
    changed.writeUInt16BE(changed.length - 4, 2);
    changed[changed.length - digest.length - more + 1] += more;
    return changed;
  };
  assert.ok(tls.createSecureContext({ pfx: asking(1, 0x86, 0xa0), passphrase: 'secret' }).certificate, 'many rounds, but not too many');
  for (const number of [[0x7f, 0xff, 0xff, 0xff], [0x7f, ...Buffer.alloc(7, 0xff)], [0, ...Buffer.alloc(15, 0xff)]])
    for (const make of [tls.createSecureContext, tls.createServer, (options) => tls.connect({ port: 1, ...options })])
      assert.throws(() => make({ pfx: asking(...number), passphrase: 'secret' }), { code: 'ERR_TLSOCK_PKCS12', message: /more than \d+ iterations/ });
  for (const number of [[0], [0xff, 0xff]]) assert.throws(() => tls.createSecureContext({ pfx: asking(...number), passphrase: 'secret' }), Error);
});

test('what else is not in order in a PKCS #12 file is told too', () => {
  const pfx = pkcs12('ecdsa', '-passout', 'pass:');
  for (const passphrase of [undefined, '']) assert.ok(tls.createSecureContext({ pfx, passphrase }).certificate);
  assert.ok(tls.createSecureContext({ pfx: pfx.toString('latin1') }).certificate);
  assert.ok(tls.createSecureContext({ pfx: [{ buf: pfx, passphrase: '' }], passphrase: 'another' }).certificate);
  for (const bad of [pfx.subarray(0, 100), Buffer.alloc(0), 'junk']) assert.throws(() => tls.createSecureContext({ pfx: [bad] }), { code: 'ERR_TLSOCK_PKCS12' });
  const old = pkcs12('ecdsa', '-legacy', '-certpbe', 'PBE-SHA1-RC2-40'), words = { code: 'ERR_CRYPTO_UNSUPPORTED_OPERATION', message: 'Unsupported PKCS12 PFX data' };
  // Node 18 has other words.
  for (const implementation of process.versions.node.startsWith('18.') ? [tls] : [nodeTls, tls])
    assert.throws(() => implementation.createSecureContext({ pfx: old, passphrase: 'secret' }), words);
  for (const bad of [5, [5], [null], [{ buf: 5 }], {}]) assert.throws(() => tls.createSecureContext({ pfx: bad }), Error, String(bad));
});

test('sigalgs say who may sign how, as in node:tls', async (t) => {
  const pair = { key: text('rsa.key'), cert: text('rsa.pem') }, [small, large] = ['RSA-PSS+SHA384', 'rsa_pss_rsae_sha512'];
  for (const version of ['TLSv1.2', 'TLSv1.3'])
    for (const [ofServer, ofClient] of [[small, large], [large, `${small}:${large}`], [undefined, small], [small, undefined]]) {
      const outcomes = [];
      for (const [serving, asking] of [[tls, nodeTls], [nodeTls, tls], [nodeTls, nodeTls]]) {
        const { port } = await served(t, serving, { ...pair, sigalgs: ofServer, minVersion: version, maxVersion: version }, (socket) => socket.on('error', () => {}).end('x'));
        const client = asking.connect({ port, ca, servername: 'localhost', sigalgs: ofClient });
        outcomes.push(await once(client, 'secureConnect').then(() => 'ok', ({ code }) => code.replace(/^.*_ALERT_/, '')));
        if (asking === tls && outcomes.at(-1) === 'ok') assert.strictEqual(client.serverSigalg(), (ofServer ?? ofClient) === small ? 'rsa_pss_rsae_sha384' : large);
        client.destroy();
      }
      assert.deepStrictEqual(outcomes, Array(3).fill(ofServer === small && ofClient === large ? 'HANDSHAKE_FAILURE' : 'ok'), version);
    }
  assert.throws(() => tls.createSecureContext({ sigalgs: 'rsa_pss_rsae_sha25' }));
});

test('ciphers of TLS 1.3 and below are those that were named', async (t) => {
  const { port } = await served(t, tls, {});
  for (const [ciphers, name, version] of [
    ['TLS_CHACHA20_POLY1305_SHA256', 'TLS_CHACHA20_POLY1305_SHA256', 'TLSv1.3'], ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'TLSv1.2'],
  ]) {
    const socket = tls.connect({ port, ca, servername: 'localhost', ciphers, maxVersion: version });
    await once(socket, 'secureConnect');
    assert.deepStrictEqual([socket.getCipher().name, socket.getProtocol()], [name, version]);
    socket.destroy();
  }
});

test("dhparam 'auto' has groups as strong as the key, as in node:tls", async (t) => {
  const bits = createPrivateKey(text('rsa.key')).asymmetricKeyDetails.modulusLength;
  for (const implementation of [tls, nodeTls]) {
    const options = { key: text('rsa.key'), cert: text('rsa.pem'), ciphers: 'DHE-RSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2', dhparam: 'auto' };
    const { port } = await served(t, implementation, options);
    const socket = nodeTls.connect({ port, ca, servername: 'localhost', ciphers: options.ciphers, maxVersion: 'TLSv1.2' });
    await once(socket, 'secureConnect');
    const { type, size } = socket.getEphemeralKeyInfo();
    assert.deepStrictEqual([type, size], ['DH', bits]);
    socket.destroy();
  }
});

test('renegotiate says that it does nothing', async (t) => {
  for (const [version, code] of [['TLSv1.2', 'ERR_SSL_NO_RENEGOTIATION'], ['TLSv1.3', 'ERR_SSL_WRONG_SSL_VERSION']]) {
    const { port } = await served(t, nodeTls, {}, (socket) => socket.pipe(socket));
    const socket = tls.connect({ port, ca, servername: 'localhost', maxVersion: version });
    await once(socket, 'secureConnect');
    assert.throws(() => socket.renegotiate(null), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.throws(() => socket.renegotiate({}, 1), { code: 'ERR_INVALID_ARG_TYPE' });
    assert.strictEqual(socket.renegotiate({}), false);
    const error = await new Promise((resolve) => assert.strictEqual(socket.renegotiate({}, resolve), false));
    assert.strictEqual(error.code, code);
    socket.end('still here');
    assert.strictEqual(String(await collect(socket)), 'still here');
    assert.strictEqual(socket.renegotiate({}), undefined);
  }
});

test('a secure context has what it was given, though the caller has wiped or changed it since', async (t) => {
  const own = { key: Buffer.from(identity.key), cert: Buffer.from(identity.cert), ca: Buffer.from(ca) };
  const secureContext = tls.createSecureContext(own);
  for (const bytes of Object.values(own)) bytes.fill(0);
  Object.assign(own, { key: 'x', cert: 'x', ca: 'x' });
  // Contexts for protocols are made when they are first needed.
  const { port } = await served(t, tls, { secureContext, ALPNProtocols: ['a'], key: undefined, cert: undefined, SNICallback: (name, done) => done(null, secureContext) });
  const socket = tls.connect({ port, secureContext, servername: 'localhost', ALPNProtocols: ['a'] });
  await once(socket, 'secureConnect');
  assert.deepStrictEqual([socket.authorized, socket.alpnProtocol], [true, 'a']);
  socket.destroy();
});

test('options are read once, also those that are inherited', () => {
  const reads = {};
  const options = Object.create(Object.defineProperties({}, Object.fromEntries(Object.entries({ ...identity, ca, ciphers: 'ALL' }).map(([name, value]) =>
    [name, { enumerable: true, get() { reads[name] = (reads[name] ?? 0) + 1; return value; } }]))));
  assert.ok(tls.createSecureContext(options).certificate);
  assert.deepStrictEqual(reads, { key: 1, cert: 1, ca: 1, ciphers: 1 });
});

test('options on Object.prototype trust nobody', async (t) => {
  const { port } = await served(t, nodeTls, {});
  for (const [name, value] of Object.entries({ ca, rejectUnauthorized: false, checkServerIdentity: () => undefined, secureContext: tls.createSecureContext({ ca }) })) {
    const refused = [(socket) => new tls.TLSSocket(socket, {}), (socket) => tls.connect({ socket, servername: 'localhost' }),
      (socket) => tls.connect({ socket, servername: 'localhost', secureContext: tls.createSecureContext({}) })].map(async (make) => {
      const socket = net.connect(port);
      await once(socket, 'connect');
      Object.defineProperty(Object.prototype, name, { value, configurable: true });
      let made;
      try {
        made = make(socket);
      } finally {
        delete Object.prototype[name];
      }
      made.once('secureConnect', () => made.destroy(new Error('trusted'))).once('secure', () => made.destroy(new Error('trusted')));
      const [error] = await once(made, 'error');
      assert.match(String(error.code), /^UNABLE_TO/, name);
    });
    await Promise.all(refused);
  }
});

test('a buffer of onread that takes nothing ends the connection', async (t) => {
  const { port } = await served(t, nodeTls, {});
  for (const buffer of [Buffer.alloc(0), () => Buffer.alloc(0), () => undefined]) {
    const socket = tls.connect({ port, ca, servername: 'localhost', onread: { buffer, callback: () => true } });
    assert.strictEqual((await once(socket, 'error'))[0].code, 'ENOBUFS');
  }
});

test('with tlsock/tls/hook node:https and node:tls are ours, also if node:https was loaded before', () => {
  const hook = path.join(__dirname, '..', 'tls', 'hook.js');
  const program = `
    const https = require('node:https');
    require(${JSON.stringify(hook)});
    const tls = require('node:tls'), ours = require(${JSON.stringify(path.join(__dirname, '..', 'tls.js'))});
    const server = https.createServer({ key: ${JSON.stringify(identity.key)}, cert: ${JSON.stringify(identity.cert)} }, (request, response) => {
      response.end(String(request.socket instanceof ours.TLSSocket));
    }).listen(0, '127.0.0.1', () => {
      https.get({ port: server.address().port, host: '127.0.0.1', servername: 'localhost', ca: ${JSON.stringify(ca)}, agent: new https.Agent() }, (response) => {
        response.on('data', (data) => console.log(String(data), response.socket instanceof ours.TLSSocket, tls.connect === ours.connect, response.socket.authorized));
        response.on('end', () => server.close());
      });
    });`;
  for (const before of [['--require', hook], []]) {
    const out = execFileSync(process.execPath, [...before, '-e', program], { encoding: 'utf8' });
    assert.strictEqual(out.trim(), 'true true true true', before[0] ?? 'https first');
  }
});

test('a write after both ends tells EPIPE, as that of net.Socket', async (t) => {
  for (const [name, implementation] of IMPLEMENTATIONS) {
    const { port } = await served(t, nodeTls, {}), socket = implementation.connect({ port, ca, servername: 'localhost' });
    await closed(socket.resume());
    const [error] = await new Promise((resolve) => socket.write('x', (...told) => resolve(told)));
    assert.strictEqual(error.code, 'EPIPE', name);
  }
});

test('what functions of a server reject or throw, at whatever moment, ends one connection', async (t) => {
  const told = [], tell = (reason) => told.push(reason);
  process.on('unhandledRejection', tell).on('uncaughtException', tell);
  t.after(() => process.off('unhandledRejection', tell).off('uncaughtException', tell));
  const fail = () => { throw new Error('mine'); }, reject = async () => fail(), answer = { get context() { return fail(); } };
  const psk = { ciphers: 'PSK', maxVersion: 'TLSv1.2' };
  const cases = [
    [{ ALPNCallback: reject }, { ALPNProtocols: ['x'] }],
    [{ ...psk, key: undefined, cert: undefined, pskCallback: reject }, { ...psk, pskCallback: () => ({ psk: Buffer.alloc(16, 1), identity: 'me' }) }],
    [{ SNICallback: async () => answer }, {}],
    [{ SNICallback: (name, done) => setImmediate(done, null, answer) }, {}],
  ];
  for (const [options, more] of cases) {
    const { server, port } = await served(t, tls, options), refused = once(server, 'tlsClientError');
    await once(nodeTls.connect({ port, ca, servername: 'localhost', checkServerIdentity: () => undefined, ...more }), 'error');
    assert.ok((await refused)[0] instanceof Error);
    await new Promise(setImmediate);
  }
  assert.deepStrictEqual(told, []);
});

test('a session of a wrong type is told', () => {
  for (const implementation of [tls, nodeTls]) assert.throws(() => implementation.connect({ port: 1, session: 5 }).on('error', () => {}), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('a client that wants a staple is told that there is none', async (t) => {
  const { port } = await served(t, nodeTls, {});
  const socket = tls.connect({ port, ca, servername: 'localhost', requestOCSP: true });
  assert.deepStrictEqual(await once(socket, 'OCSPResponse'), [null]);
  await closed(socket.resume());
});

test('a timeout is as net.Socket takes it', async (t) => {
  const { port } = await served(t, tls, {}, () => {});
  const socket = tls.connect({ port: String(port), ca, servername: 'localhost' });
  assert.throws(() => socket.setTimeout('1'), { code: 'ERR_INVALID_ARG_TYPE' });
  assert.throws(() => socket.setTimeout(-1), { code: 'ERR_OUT_OF_RANGE' });
  socket.setTimeout(0.5);
  await once(socket, 'timeout');
  socket.destroy();
});

test('connections over one stream, one after the other, leave no listeners', async () => {
  const [below, above] = streamPair();
  for (let i = 0; i < 3; i++) {
    const client = new tls.TLSSocket(below, { ca, servername: 'localhost' }), server = new tls.TLSSocket(above, { isServer: true, ...identity });
    await once(client, 'secureConnect');
    for (const end of [client, server]) end.resume();
    await Promise.all([client.unwrap(), server.unwrap()]);
    assert.deepStrictEqual([below.eventNames(), above.eventNames()], [[], []]);
  }
});
