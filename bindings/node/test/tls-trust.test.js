'use strict';

// Whom tlsock/tls trusts, and that nobody else gets anything: with node:tls on the other end.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { X509Certificate } = require('node:crypto');
const { once } = require('node:events');
const path = require('node:path');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const tlsock = require('../index.js');
const tls = require('../tls.js');
const { file, text } = require('./support/certs.js');
const { closed, listen } = require('./support/net.js');
const { staple } = require('./support/ocsp.js');
const { pkcs12 } = require('./support/openssl.js');

const ca = text('ca.pem');
const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };
const clientIdentity = { key: text('client.key'), cert: text('client.pem') };
const VERSIONS = ['TLSv1.2', 'TLSv1.3'];

// A server of node:tls; gone: resolves with all that it got on its next connection, once that has closed.
async function peer(t, options, greeting = 'x') {
  let got = '';
  const server = nodeTls.createServer({ ...identity, ...options }, (socket) => {
    socket.on('error', () => {}).on('data', (chunk) => { got += chunk; });
    if (greeting) socket.write(greeting);
  });
  server.on('tlsClientError', () => {});
  const port = await listen(t, server);
  const gone = async () => {
    const [raw] = await once(server, 'connection');
    await closed(raw);
    return got;
  };
  return { server, port, gone };
}

// What a connection came to, and its session.
async function outcome(implementation, options) {
  const socket = implementation.connect(options), result = {};
  const ended = new Promise((resolve) => socket.once('close', resolve));
  // Servers send their tickets before they send anything else.
  const seen = Promise.race([once(socket, 'data').then(() => socket.getSession(), () => undefined), ended]);
  socket.on('error', (error) => { result.error = error.code; });
  socket.on('secureConnect', () => { result.isReused = socket.isSessionReused(); });
  const value = await seen;
  Object.assign(result, { authorized: socket.authorized, authorizationError: socket.authorizationError });
  if (Buffer.isBuffer(value)) Object.defineProperty(result, 'session', { value });
  socket.destroy();
  await ended;
  return result;
}

const failed = (error) => ({ error, authorized: false, authorizationError: error });

const ANSWERS = {
  Error: () => Object.assign(new Error('no'), { code: 'MINE' }),
  'a text': () => 'no',
  true: () => true,
  'a promise': async () => undefined,
  'a promise that rejects': async () => { throw new Error('no'); },
  'what it throws': () => { throw Object.assign(new Error('no'), { code: 'MINE' }); },
  'no Error that it throws': () => { throw 'no'; }, // eslint-disable-line no-throw-literal
};

test('a PKCS #12 file is this side and whom it trusts, as in node:tls', async (t) => {
  const pfx = pkcs12('client', '-certfile', file('ca.pem')), seen = [];
  const { port, server } = await peer(t, { ca, requestCert: true });
  server.on('secureConnection', (socket) => seen.push(socket.getPeerX509Certificate().subject));
  const outcomes = [];
  for (const implementation of [nodeTls, tls])
    for (const options of [{ pfx, passphrase: 'secret' }, { pfx: [{ buf: pfx, passphrase: 'secret' }], passphrase: 'another' }])
      outcomes.push(await outcome(implementation, { port, host: 'localhost', ...options }));
  for (const each of outcomes) assert.deepStrictEqual(each, { isReused: false, authorized: true, authorizationError: null });
  assert.deepStrictEqual(new Set(seen), new Set([new X509Certificate(clientIdentity.cert).subject]));
  assert.strictEqual(seen.length, outcomes.length);
});

// It refuses a name that no certificate can have (docs/openssl.md).
const IS_OPENSSL_4 = tlsock.OPENSSL_VERSION_NUMBER >= 0x40000000;

test('requestOCSP gives the response, as in node:tls, and refuses what is not good', async (t) => {
  const good = staple(t, 'ecdsa'), revoked = staple(t, 'ecdsa', '251101000000Z,keyCompromise');
  for (const maxVersion of VERSIONS)
    for (const [what, response, expected] of [['good', good, null], ['none', null, null], ['revoked', revoked, 'CERT_REVOKED'], ['garbage', Buffer.from('junk'), 'UNSPECIFIED']]) {
      const { port, server } = await peer(t, { maxVersion });
      server.on('OCSPRequest', (certificate, issuer, answer) => answer(null, response));
      const ask = async (implementation, options = { requestOCSP: true }) => {
        const socket = implementation.connect({ port, ca, host: 'localhost', ...options }).resume(), told = [];
        socket.on('OCSPResponse', (answer) => told.push(answer)).on('error', () => {}).on('secureConnect', () => socket.destroy());
        await closed(socket);
        return [told, socket.authorizationError ?? null];
      };
      // Since 3.6 OpenSSL neither sends nor takes what is no response, both by the patch level.
      const [sent, refused] = await ask(nodeTls);
      if (what === 'garbage' && sent[0] === null && parseFloat(process.versions.openssl) >= 3.6) continue;
      assert.deepStrictEqual([sent, refused], [[response], null], what);
      if (what === 'garbage' && tlsock.OPENSSL_VERSION_NUMBER >= 0x30600000) {
        const [told, error] = await ask(tls);
        if (told.length === 0 && error === null) {
          assert.deepStrictEqual(await ask(tls, { requestOCSP: true, rejectUnauthorized: false }), [[], null], what);
          continue;
        }
      }
      assert.deepStrictEqual(await ask(tls), expected === null ? [[response], null] : [[], expected], what);
      assert.deepStrictEqual(await ask(tls, {}), [[], null], what);
      if (expected !== null) assert.deepStrictEqual(await ask(tls, { requestOCSP: true, rejectUnauthorized: false }), [[response], null], what);
    }
});

test('a server names the same authorities as that of node:tls', async (t) => {
  const own = tlsock.Identity.fromData(clientIdentity.cert, clientIdentity.key), named = { node: [], ours: [] };
  const der = new X509Certificate(text('inter.pem')).raw;
  const shared = { node: nodeTls.createSecureContext({ ...identity, ca }), ours: tls.createSecureContext({ ...identity, ca }) };
  for (const [name, implementation] of [['node', nodeTls], ['ours', tls]])
    // The last two have one secure context, of which only the second server asks for certificates.
    for (const options of [{ ca: [ca, text('inter.pem')] }, { ca: ca + text('inter.pem') }, { ca: [ca, text('inter.pem')], rejectUnauthorized: false }, { ca, requestCert: false }, {}, { ca: [ca, der] },
      { requestCert: false, SNICallback: (_, done) => done(null, shared[name]) }, { rejectUnauthorized: false, SNICallback: (_, done) => done(null, shared[name]) }]) {
      const server = implementation.createServer({ ...identity, requestCert: true, ...options }, (socket) => socket.on('error', () => {}).end('x'));
      server.on('tlsClientError', () => {});
      const context = tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, { cadata: ca });
      let asked = null;
      context.setIdentityCallback((connection, { caNames }) => {
        asked = caNames.map((each) => each.text);
        return own;
      });
      const client = tlsock.connect({ host: 'localhost', port: await listen(t, server), context }).resume();
      await closed(client);
      named[name].push(asked);
    }
  const both = ['CN=tlsock test root', 'CN=tlsock test intermediate'];
  // node:tls takes no DER.
  assert.deepStrictEqual(named.ours, [both, both, both, null, [], both, null, both.slice(0, 1)]);
  assert.deepStrictEqual(named.node, [both, both, both, null, [], both.slice(0, 1), null, both.slice(0, 1)]);
});

for (const version of VERSIONS)
  test(`nothing goes to a server that checkServerIdentity refuses, ${version}`, async (t) => {
    const { port, gone } = await peer(t, { maxVersion: version });
    for (const [name, checkServerIdentity] of Object.entries(ANSWERS)) {
      const got = gone();
      const socket = tls.connect({ port, ca, servername: 'localhost', checkServerIdentity }, () => assert.fail('secure'));
      socket.on('data', () => assert.fail('data')).write('secret');
      const [error] = await once(socket, 'error');
      const isMine = ['Error', 'what it throws'].includes(name);
      assert.deepStrictEqual([error.code, socket.authorized, socket.authorizationError], [isMine ? 'MINE' : 'ERR_TLS_CERT_ALTNAME_INVALID', false, error.code], name);
      assert.strictEqual(await got, '', name);
    }
  });

// A socket that was made before anybody knew whom it is for asks for, and checks, the name of its connect.
test('the name that connect gives is the one that is checked', async (t) => {
  const { server, port } = await peer(t, {});
  const names = [];
  server.on('secureConnection', (socket) => names.push(socket.servername));
  const ways = {
    connect: (socket, servername) => socket.connect({ port, host: '127.0.0.1', servername }),
    host: (socket, host) => socket.connect({ port, host, lookup: (_, options, done) => (options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)) }),
  };
  for (const [way, connect] of Object.entries(ways))
    for (const [first, then, code] of [['localhost', 'other.example', 'ERR_TLS_CERT_ALTNAME_INVALID'], ['other.example', 'localhost', undefined]]) {
      const socket = new tls.TLSSocket(undefined, { ca, host: first, ...(way === 'connect' ? { servername: first } : {}) });
      const came = Promise.race([once(socket, 'secure').then(() => undefined, (error) => error.code), once(socket, 'close').then(() => 'closed')]);
      connect(socket, then);
      assert.strictEqual(await came, code, `${way}: ${first}, ${then}`);
      assert.strictEqual(socket.authorized, code === undefined);
      socket.destroy();
    }
  assert.deepStrictEqual([...new Set(names)], ['localhost']);
});

test('what checkServerIdentity refuses is told where nothing has to pass', async (t) => {
  const { port } = await peer(t, {});
  for (const [name, checkServerIdentity] of Object.entries(ANSWERS)) {
    const { authorized, authorizationError, error } = await outcome(tls, { port, ca, servername: 'localhost', rejectUnauthorized: false, checkServerIdentity });
    assert.deepStrictEqual([authorized, typeof authorizationError, error], [false, 'string', undefined], name);
  }
});

test('checkServerIdentity gets the name and the certificate, also of a session, and what is false passes', async (t) => {
  for (const maxVersion of VERSIONS) {
    const { port } = await peer(t, { maxVersion });
    const shown = [];
    const checkServerIdentity = (name, certificate) => void shown.push([name, certificate.fingerprint256, Boolean(certificate.issuerCertificate)]);
    const secureContext = tls.createSecureContext({ ca });
    const first = await outcome(tls, { port, secureContext, servername: 'other.example', checkServerIdentity });
    const second = await outcome(tls, { port, secureContext, servername: 'other.example', checkServerIdentity, session: first.session });
    assert.deepStrictEqual([first.authorized, second.authorized, second.isReused], [true, true, true]);
    assert.strictEqual(shown.length, 2);
    assert.deepStrictEqual(shown.map(([name, print]) => [name, print]), Array(2).fill(['other.example', shown[0][1]]));
    assert.ok(shown[0][2]);
    const third = await outcome(tls, { port, secureContext, servername: 'other.example', checkServerIdentity: () => Object.assign(new Error('no'), { code: 'MINE' }), session: first.session });
    assert.deepStrictEqual(third, failed('MINE'));
    for (const answer of [undefined, null, false, 0, ''])
      assert.strictEqual((await outcome(tls, { port, ca, servername: 'localhost', checkServerIdentity: () => answer })).authorized, true);
  }
});

test('it is known who the peer is before anybody hears of the handshake', async (t) => {
  const { port } = await peer(t, {});
  const socket = tls.connect({ port, ca, servername: 'localhost', requestOCSP: true }), seen = [];
  for (const event of ['OCSPResponse', 'secure', 'secureConnect']) socket.on(event, () => seen.push([event, socket.authorized]));
  await once(socket, 'data');
  assert.deepStrictEqual(seen, [['OCSPResponse', false], ['secure', true], ['secureConnect', true]]);
  socket.destroy();
});

test('a server without a certificate has proved nothing', async (t) => {
  const ciphers = 'aNULL:@SECLEVEL=0', maxVersion = 'TLSv1.2';
  const { port } = await peer(t, { key: undefined, cert: undefined, ciphers, maxVersion });
  for (const options of [{}, { ca }, { checkServerIdentity: () => undefined }, { servername: 'localhost' }])
    for (const implementation of [tls, nodeTls])
      assert.deepStrictEqual(await outcome(implementation, { port, ciphers, maxVersion, ...options }), failed('UNABLE_TO_GET_ISSUER_CERT'));
  const lax = await outcome(tls, { port, ciphers, maxVersion, rejectUnauthorized: false });
  assert.deepStrictEqual(lax, { isReused: false, authorized: false, authorizationError: 'UNABLE_TO_GET_ISSUER_CERT' });
});

test('a key that both know proves no name in TLS 1.2', async (t) => {
  const psk = Buffer.alloc(32, 7);
  const { port } = await peer(t, { key: undefined, cert: undefined, ciphers: 'PSK', maxVersion: 'TLSv1.2', pskCallback: () => psk });
  const options = { port, ciphers: 'PSK', maxVersion: 'TLSv1.2', pskCallback: () => ({ psk, identity: 'me' }) };
  for (const implementation of [tls, nodeTls]) {
    assert.deepStrictEqual(await outcome(implementation, options), failed('ERR_TLS_CERT_ALTNAME_INVALID'));
    assert.strictEqual((await outcome(implementation, { ...options, checkServerIdentity: () => undefined })).authorized, true);
  }
});

test('refused certificates and names are told by authorizationError', async (t) => {
  const { port } = await peer(t, {});
  const LOCALLY = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', WRONG_NAME = 'ERR_TLS_CERT_ALTNAME_INVALID';
  const cases = [[{}, LOCALLY], [{ ca: [] }, LOCALLY], [{ ca, servername: 'other.example' }, WRONG_NAME], [{ ca, host: 'localhost', servername: 'localhost' }, null],
    [{ ca, servername: '' }, null], [{ ca, servername: 'localhost.' }, null], [{ ca, servername: 'LOCALHOST' }, null], ...(IS_OPENSSL_4 ? [] : [[{ ca, servername: '*.localhost' }, WRONG_NAME]]),
    [{ rejectUnauthorized: undefined }, LOCALLY], [{ rejectUnauthorized: null }, LOCALLY], [{ rejectUnauthorized: 0 }, LOCALLY], [{ rejectUnauthorized: 'false' }, LOCALLY]];
  for (const [options, error] of cases)
    for (const implementation of [tls, nodeTls]) {
      const result = await outcome(implementation, { port, host: 'localhost', ...options });
      assert.deepStrictEqual([result.error, result.authorized, result.authorizationError], [error ?? undefined, error === null, error], JSON.stringify(options));
    }
});

test('sessions: the strict stay strict, and what does not fit is left aside', async (t) => {
  const FIRST = [{ rejectUnauthorized: false }, { rejectUnauthorized: false, ca }, { ca, servername: 'other.example', checkServerIdentity: () => undefined }, { ca }];
  for (const maxVersion of VERSIONS) {
    const { port } = await peer(t, { maxVersion });
    for (const options of FIRST) {
      const { session } = await outcome(tls, { port, servername: 'localhost', ...options });
      assert.ok(session);
      const again = (more) => outcome(tls, { port, servername: 'localhost', session, ...more });
      assert.deepStrictEqual(await again({ ca: [] }), failed('UNABLE_TO_GET_ISSUER_CERT_LOCALLY'));
      assert.deepStrictEqual(await again({ ca, servername: 'other.example' }), failed('ERR_TLS_CERT_ALTNAME_INVALID'));
      const elsewhere = await again({ ca, servername: '127.0.0.1' });
      assert.deepStrictEqual([elsewhere.authorized, elsewhere.isReused], [true, false]);
      assert.strictEqual((await again({ ca, checkServerIdentity: () => Object.assign(new Error('no'), { code: 'MINE' }) })).error, 'MINE');
      assert.strictEqual((await again({ ca, session: Buffer.from('junk') })).authorized, true);
    }
  }
});

test('a client that showed no certificate has none in a session either', async (t) => {
  for (const maxVersion of VERSIONS) {
    const told = [];
    const server = tls.createServer({ ...identity, ca, requestCert: true, rejectUnauthorized: false, maxVersion }, (socket) => {
      told.push([socket.authorized, socket.authorizationError, socket.isSessionReused()]);
      socket.on('error', () => {}).write('x');
    });
    const port = await listen(t, server);
    const options = { port, ca, servername: 'localhost' };
    for (const own of [{}, clientIdentity]) {
      const { session } = await outcome(nodeTls, { ...options, ...own });
      await outcome(nodeTls, { ...options, ...own, session });
    }
    const nobody = 'UNABLE_TO_GET_ISSUER_CERT';
    assert.deepStrictEqual(told, [[false, nobody, false], [false, nobody, true], [true, null, false], [true, null, true]]);
  }
});

test('what one name of a server trusts, the next does not take over by a session', async (t) => {
  for (const maxVersion of VERSIONS) {
    const told = [];
    const other = tls.createSecureContext({ ...identity, ca: text('self-signed.pem') });
    const server = tls.createServer({ ...identity, ca, requestCert: true, maxVersion, SNICallback: (name, done) => done(null, name === 'localhost' ? undefined : other) }, (socket) => {
      told.push(socket.servername);
      socket.on('error', () => {}).write('x');
    });
    server.on('tlsClientError', () => {});
    const port = await listen(t, server);
    const options = { port, rejectUnauthorized: false, ...clientIdentity };
    const { session } = await outcome(nodeTls, { ...options, servername: 'localhost' });
    await closed(nodeTls.connect({ ...options, servername: 'b.example', session }).resume());
    assert.deepStrictEqual(told, ['localhost']);
  }
});

test('requestCert asks, whatever is true', async (t) => {
  for (const requestCert of [true, 1, 'yes']) {
    const server = tls.createServer({ ...identity, ca, requestCert }, () => assert.fail('secure'));
    const port = await listen(t, server);
    const gone = closed(nodeTls.connect({ port, ca, servername: 'localhost' }).resume());
    const [error] = await once(server, 'tlsClientError');
    assert.strictEqual(error.code, 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE');
    await gone;
  }
});

test('a connection that is gone answers, and takes nothing', async (t) => {
  const { port } = await peer(t, {});
  const socket = tls.connect({ port, ca, servername: 'localhost' });
  await once(socket, 'data');
  socket.destroy();
  for (const name of ['getCipher', 'getProtocol', 'getSession', 'getFinished', 'getPeerFinished', 'getEphemeralKeyInfo', 'isSessionReused', 'getPeerCertificate', 'getCertificate'])
    assert.strictEqual(socket[name](), null, name);
  socket.getPeerX509Certificate();
  socket.getX509Certificate();
  socket.setKeyCert({});
  for (const name of ['authorized', 'authorizationError', 'servername', 'alpnProtocol', 'encrypted', 'readyState', 'pending', 'bufferSize', 'remoteAddress']) void socket[name];
  assert.deepStrictEqual([socket.readyState, socket.pending], ['closed', true]);
  assert.throws(() => socket.exportKeyingMaterial(16, 'label'));
});

test('an empty ca trusts nobody, and none the CAs of the system', () => {
  const program = `
    const tls = require(${JSON.stringify(path.join(__dirname, '..', 'tls.js'))});
    const server = require('node:tls').createServer(${JSON.stringify(identity)}, (socket) => socket.on('error', () => {}).end()).on('tlsClientError', () => {});
    const attempt = (options) => new Promise((resolve) => {
      const socket = tls.connect({ port: server.address().port, servername: 'localhost', ...options }, () => resolve(socket.destroy().authorized));
      socket.on('error', (error) => resolve(error.code));
    });
    server.listen(0, '127.0.0.1', async () => {
      const seen = [];
      for (const ca of [undefined, null, [], '', false]) seen.push(await attempt({ ca }));
      console.log(JSON.stringify(seen));
      server.close();
    });`;
  const env = { ...process.env, SSL_CERT_FILE: file('ca.pem'), SSL_CERT_DIR: '/nonexistent' };
  const out = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', env, timeout: 60_000 });
  const nobody = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';
  assert.deepStrictEqual(JSON.parse(out), [true, true, nobody, nobody, nobody]);
});

// node:tls passes over it in silence, or takes it for the system's CAs.
test('a ca that holds no certificate is refused', () => {
  const key = text('ecdsa.key'), cases = [Buffer.alloc(0), 'no certificate', Buffer.from('no certificate'), key, Buffer.from(key), text('crl.pem'), [ca, '']];
  for (const bad of cases) {
    assert.throws(() => tls.createSecureContext({ ca: bad }), /certificate/);
    assert.throws(() => tls.connect({ port: 1, ca: bad }), /certificate/);
    assert.throws(() => tls.createServer({ ...identity, requestCert: true, ca: bad }), /certificate/);
    assert.throws(() => new tlsock.Agent({ ca: bad }), /certificate/);
    assert.throws(() => tlsock.createHttpsServer({ ...identity, requestCert: true, ca: bad }), /certificate/);
    if (!Array.isArray(bad)) assert.throws(() => tls.createSecureContext({ ca }).addCACert(bad), /certificate/);
  }
  for (const none of ['', [], [undefined], [null]]) assert.throws(() => new tlsock.Agent({ ca: none }), { code: /ERR_OUT_OF_RANGE|ERR_INVALID_ARG_TYPE/ });
  for (const none of [[undefined], [null]]) assert.throws(() => tls.createSecureContext({ ca: none }), { code: 'ERR_INVALID_ARG_TYPE' });
});

test('a server whose ca is false or empty trusts nobody, as a client', () => {
  for (const none of [false, '', 0, []]) {
    const server = tls.createServer({ ...identity, ca: none, requestCert: true });
    assert.deepStrictEqual(server._sharedCreds.contextFor({ isServer: true, verifies: true }).getCaCerts(), []);
  }
});

test('a revocation list refuses whom it names', async (t) => {
  const crl = text('crl.pem'), revoked = { key: text('revoked.key'), cert: text('revoked.pem') };
  const [bad, good] = [await peer(t, revoked), await peer(t, {})];
  const ask = async ({ port }, options) => (await outcome(tls, { port, servername: 'localhost', ca, ...options })).authorizationError;
  assert.deepStrictEqual([await ask(bad), await ask(bad, { crl }), await ask(good, { crl })], [null, 'CERT_REVOKED', null]);
});

test('an asterisk of addContext stands for one label, and a dot for a dot', async (t) => {
  const server = tls.createServer(identity, (socket) => socket.on('error', () => {}).write('x')), kinds = [];
  server.addContext('*.a.example', { key: text('rsa.key'), cert: text('rsa.pem') });
  const port = await listen(t, server);
  for (const servername of ['b.a.example', 'c.b.a.example', 'a.example', 'b.aXexample', 'b.a.example.org']) {
    const socket = nodeTls.connect({ port, servername, rejectUnauthorized: false });
    await once(socket, 'data');
    kinds.push(socket.getPeerX509Certificate().publicKey.asymmetricKeyType);
    socket.destroy();
  }
  assert.deepStrictEqual(kinds, ['rsa', 'ec', 'ec', 'ec', 'ec']);
});

test('options on Object.prototype change no server', async (t) => {
  const other = tls.createSecureContext({ key: text('rsa.key'), cert: text('rsa.pem') });
  const planted = {
    rejectUnauthorized: false, requestCert: true, SNICallback: (name, done) => done(null, other), ALPNCallback: () => 'planted', pem: text('rsa.key'),
    buf: Buffer.from('planted'), passphrase: 'planted', identity: 5, keepsSessions: true, requestsOcsp: true, pskCallback: () => null,
  };
  const forms = {
    open: [identity, {}],
    asking: [{ ...identity, ca, requestCert: true }, clientIdentity],
    strangers: [{ ...identity, ca, requestCert: true }, { key: text('self-signed.key'), cert: text('self-signed.pem') }],
    nobody: [{ ...identity, ca, requestCert: true }, {}],
    lists: [{ key: [identity.key], cert: [identity.cert] }, {}],
    pfx: [{ pfx: pkcs12('ecdsa'), passphrase: 'secret' }, {}],
  };
  const visit = async ([options, own], name) => {
    if (name) Object.defineProperty(Object.prototype, name, { value: planted[name], configurable: true, writable: true });
    let server;
    try {
      server = tls.createServer(options, (socket) => socket.on('error', () => {}).end('x'));
    } finally {
      if (name) delete Object.prototype[name];
    }
    server.on('tlsClientError', () => {});
    const port = await listen(t, server);
    const result = await new Promise((resolve) => {
      const socket = nodeTls.connect({ port, ca, servername: 'localhost', ALPNProtocols: ['planted'], maxVersion: 'TLSv1.2', ...own });
      socket.on('error', ({ code }) => resolve(code)).on('data', () => resolve([socket.alpnProtocol, socket.getPeerCertificate().serialNumber]));
    });
    return result;
  };
  for (const [form, both] of Object.entries(forms)) {
    const usual = await visit(both);
    assert.strictEqual(Array.isArray(usual), !['strangers', 'nobody'].includes(form), `${form}: ${usual}`);
    for (const name of Object.keys(planted)) assert.deepStrictEqual(await visit(both, name), usual, `${form} with ${name}`);
  }
});
