'use strict';

// What an Agent promises: each option of node:https is obeyed, or refused by name.

const assert = require('node:assert');
const crypto = require('node:crypto');
const { once } = require('node:events');
const https = require('node:https');
const net = require('node:net');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext, text } = require('./support/certs.js');
const { closed, collect, listen } = require('./support/net.js');
const { pkcs12 } = require('./support/openssl.js');

const ca = text('ca.pem');
const identity = () => ({ cert: text('client.pem'), key: text('client.key') });

/** What Node's own server sees of a client. */
function facts(incoming, answer) {
  const { socket } = incoming;
  const { subject } = socket.getPeerCertificate();
  answer.end(JSON.stringify({
    authorized: socket.authorized, subject: subject?.CN, version: socket.getProtocol(), cipher: socket.getCipher().name,
    alpn: socket.alpnProtocol, servername: socket.servername, group: socket.getEphemeralKeyInfo?.()?.name,
  }));
}

const nodeServer = (t, options) => listen(t, https.createServer({
  cert: text('ecdsa.pem'), key: text('ecdsa.key'), ca, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['a', 'http/1.1'], ...options,
}, facts));

async function get(options) {
  const request = https.get({ host: 'localhost', ...options });
  const [response] = await once(request, 'response');
  const body = String(await collect(response));
  return { ...JSON.parse(body), socket: request.socket };
}

// Each is given to the Agent, and to the request.
const EACH_WAY = {
  Agent: (options, port) => get({ port, agent: new tlsock.Agent(options) }),
  request: (options, port) => get({ port, agent: new tlsock.Agent(), ...options }),
};

for (const [where, ask] of Object.entries(EACH_WAY)) {
  test(`options of the ${where} are obeyed`, async (t) => {
    const port = await nodeServer(t);
    const plain = await ask({ ca }, port);
    assert.strictEqual(plain.authorized, false);
    assert.strictEqual(plain.subject, undefined);
    assert.strictEqual(plain.version, 'TLSv1.3');
    assert.strictEqual(plain.servername, 'localhost');
    assert.strictEqual(plain.alpn, false);
    for (const shows of [ask, (options) => get({ port, agent: new https.Agent(options) })]) assert.strictEqual((await shows({ ca, servername: '' }, port)).servername, false);
    const shown = await ask({ ca, ...identity() }, port);
    assert.deepStrictEqual([shown.authorized, shown.subject], [true, 'client']);
    const bytes = (name) => Buffer.from(text(name));
    const lists = { ca: [bytes('unknown-ca.pem'), bytes('ca.pem')], cert: [bytes('client.pem')], key: [{ pem: text('client.key') }] };
    for (const pfx of [pkcs12('client'), [{ buf: pkcs12('client'), passphrase: 'secret' }]]) {
      const packed = await ask({ ca, pfx, passphrase: Array.isArray(pfx) ? 'another' : 'secret' }, port);
      assert.deepStrictEqual([packed.authorized, packed.subject], [true, 'client']);
      await assert.rejects(async () => ask({ ca, pfx, passphrase: 'another', ...(Array.isArray(pfx) && { pfx: pfx[0].buf }) }, port), { name: 'SSLError', message: /the password is wrong/ });
    }
    await assert.rejects(ask({ pfx: pkcs12('client', '-certfile', file('ca.pem')), passphrase: 'secret' }, port), tlsock.SSLCertVerificationError, 'a file is no trust');
    const inBytes = await ask(lists, port);
    assert.deepStrictEqual([inBytes.authorized, inBytes.subject], [true, 'client']);
    const old = await ask({ ca, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' }, port);
    assert.deepStrictEqual([old.version, old.cipher], ['TLSv1.2', 'ECDHE-ECDSA-CHACHA20-POLY1305']);
    for (const ciphers of ['TLS_CHACHA20_POLY1305_SHA256', 'DEFAULT:!TLS_AES_256_GCM_SHA384:-TLS_AES_128_GCM_SHA256'])
      assert.strictEqual((await ask({ ca, ciphers }, port)).cipher, 'TLS_CHACHA20_POLY1305_SHA256', ciphers);
    const tooOld = await nodeServer(t, { maxVersion: 'TLSv1.2' });
    await assert.rejects(ask({ ca, ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }, tooOld), tlsock.SSLError, 'no cipher that was not named');
    assert.strictEqual((await ask({ ca, ALPNProtocols: ['b', 'a'] }, port)).alpn, 'a');
    assert.strictEqual((await ask({ ca, ALPNProtocols: Buffer.from('\x01b\x01a') }, port)).alpn, 'a');
    assert.strictEqual((await ask({ ca, servername: '127.0.0.1' }, port)).authorized, false);
    assert.strictEqual((await ask({ ca, ecdhCurve: 'secp384r1' }, port)).socket.group().toLowerCase(), 'secp384r1');
    assert.strictEqual((await ask({ ca, sigalgs: 'ECDSA+SHA512', maxVersion: 'TLSv1.2' }, port)).socket.serverSigalg(), 'ecdsa_secp521r1_sha512');
    assert.strictEqual((await ask({ ca, secureOptions: crypto.constants.SSL_OP_NO_TLSv1_3 }, port)).version, 'TLSv1.2');
    await assert.rejects(ask({ ca, minVersion: 'TLSv1.3' }, await nodeServer(t, { maxVersion: 'TLSv1.2' })), tlsock.SSLError);
    // Nobody is trusted unasked.
    await assert.rejects(ask({}, port), tlsock.SSLCertVerificationError);
    assert.strictEqual((await ask({ rejectUnauthorized: false }, port)).socket.authorized, false);
    await assert.rejects(ask({ ca: text('unknown-ca.pem') }, port), tlsock.SSLCertVerificationError);
    await assert.rejects(ask({ ca, servername: 'another.name' }, port), tlsock.SSLCertVerificationError);
    await assert.rejects(ask({ ca, servername: '' }, await nodeServer(t, { cert: text('wrong-name.pem'), key: text('wrong-name.key') })), tlsock.SSLCertVerificationError);
    const revoked = await listen(t, tlsock.createHttpsServer({ context: serverContext('revoked') }, facts));
    await assert.rejects(ask({ ca, crl: text('crl.pem') }, revoked), { verifyCode: 23 });
    assert.strictEqual((await ask({ ca, crl: text('crl.pem') }, port)).version, 'TLSv1.3');
  });

  test(`checkServerIdentity of the ${where} decides, before anything is sent`, async (t) => {
    const seen = [];
    let requests = 0;
    const server = https.createServer({ cert: text('wrong-name.pem'), key: text('wrong-name.key') }, (incoming, answer) => {
      requests++;
      answer.end('{}');
    });
    const port = await listen(t, server);
    await assert.rejects(ask({ ca }, port), { code: 'ERR_SSL_CERTIFICATE_VERIFY_FAILED' });
    const pinned = (host, certificate) => {
      seen.push([host, certificate.fingerprint256, certificate.subject.CN]);
      return undefined;
    };
    await ask({ ca, checkServerIdentity: pinned }, port);
    const expected = new crypto.X509Certificate(text('wrong-name.pem'));
    assert.deepStrictEqual(seen, [['localhost', expected.fingerprint256, /CN=(.*)/.exec(expected.subject)[1]]]);
    assert.strictEqual(requests, 1);
    const why = new Error('not the pinned one');
    for (const refuse of [() => why, () => { throw why; }])
      await assert.rejects(ask({ ca, checkServerIdentity: refuse }, port), (error) => error === why);
    await assert.rejects(ask({ ca, checkServerIdentity: tls.checkServerIdentity }, port), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    assert.strictEqual(requests, 1);
  });

  test(`what the ${where} cannot be given is refused by name`, async (t) => {
    const port = await nodeServer(t);
    const refusals = {
      secureProtocol: 'TLSv1_2_method', secureContext: tls.createSecureContext(), clientCertEngine: 'x', dhparam: 'x',
      minDHSize: 512, sessionIdContext: 'x', sessionTimeout: 1, ticketKeys: Buffer.alloc(48), requestOCSP: true, enableTrace: true,
      pskCallback: () => {}, proxyEnv: {}, privateKeyEngine: 'x', privateKeyIdentifier: 'x',
      rejectUnauthorised: false, checkServerIdentitiy: () => {}, serverName: 'x', CA: ca, min_version: 'TLSv1.3', minVersoin: 'TLSv1.3',
      cipher: 'x',
    };
    for (const [name, value] of Object.entries(refusals))
      await assert.rejects(async () => ask({ ca, [name]: value }, port), (error) => error instanceof TypeError && error.message.includes(`"${name}"`), name);
    const mistakes = { ca: 1, cert: true, ciphers: 'NONE-SUCH', sigalgs: 'none', minVersion: 'TLSv2', ecdhCurve: 'none', maxVersion: 3, secureOptions: 'x', rejectUnauthorized: 'no', ALPNProtocols: 3, checkServerIdentity: 1 };
    for (const [name, value] of Object.entries(mistakes)) await assert.rejects(async () => ask({ ca, [name]: value }, port), name);
    await assert.rejects(async () => ask({ ca, ciphers: 'ALL:+TLS_AES_128_GCM_SHA256' }, port), { message: /TLS 1\.3/ });
    await assert.rejects(async () => ask({ ca, ALPNProtocols: Buffer.from('\x01a\x05b') }, port), { message: /ALPNProtocols/ });
    await assert.rejects(async () => ask({ ca, key: text('client.key') }, port), { message: /key needs cert/ });
    await assert.rejects(async () => ask({ ca, cert: [text('client.pem'), text('ecdsa.pem')], key: text('client.key') }, port), { message: /as many keys/ });
    const context = clientContext();
    for (const [name, value] of Object.entries({ ca, ...identity(), ciphers: 'ALL', minVersion: 'TLSv1.3', rejectUnauthorized: false, ALPNProtocols: ['a'] }))
      await assert.rejects(async () => ask({ context, [name]: value }, port), (error) => error.message.includes(`"${name}"`) && /context/.test(error.message), name);
    assert.strictEqual((await ask({ context, rejectUnauthorized: true }, port)).version, 'TLSv1.3');
    context.checkHostname = false;
    context.verifyMode = tlsock.CERT_NONE;
    await assert.rejects(async () => ask({ context, rejectUnauthorized: true }, port), { message: /rejectUnauthorized/ });
  });
}

test('an option that the Agent does not have is an error that names the nearest', () => {
  assert.throws(() => new tlsock.Agent({ keepalive: true }), { message: 'Agent has no option "keepalive"; "keepAlive" is meant' });
  assert.throws(() => new tlsock.Agent({ rejectUnauthorised: true }), { message: /"rejectUnauthorized" is meant/ });
  assert.throws(() => new tlsock.Agent({ bogus: 1 }), { message: 'Agent has no option "bogus"' });
  assert.throws(() => new tlsock.Agent({ context: {} }), TypeError);
  assert.throws(() => new tlsock.Agent({ maxCachedSessions: -1 }), RangeError);
});

test('what libraries add to requests is no mistake', async (t) => {
  const port = await nodeServer(t);
  const others = ['maxRedirects', 'maxBodyLength', 'beforeRedirect', 'beforeRedirects', 'trackRedirects', 'nativeProtocols', 'pathname', 'params', 'data', 'url', 'uri',
    'body', 'json', 'setHost', 'uniqueHeaders', 'createConnection', 'responseType', 'followRedirects', 'transport', 'retry', 'curl', 'proxy', 'username', 'password'];
  const options = Object.fromEntries(others.filter((name) => name !== 'createConnection' && name !== 'uniqueHeaders').map((name) => [name, undefined]));
  assert.strictEqual((await get({ port, agent: new tlsock.Agent({ ca }), ...options })).version, 'TLSv1.3');
});

test('a mistake in a request that waits for its turn is an error of that request', async (t) => {
  const port = await nodeServer(t);
  const agent = new tlsock.Agent({ ca, maxSockets: 1, maxTotalSockets: 1 });
  const first = get({ port, agent });
  const second = https.get({ host: 'localhost', port, agent, ciphers: 'NONE-SUCH' });
  const [error] = await once(second, 'error');
  assert.ok(error instanceof tlsock.SSLError);
  assert.strictEqual((await first).version, 'TLSv1.3');
});

test('a request that cannot be connected stands in the way of none behind it', async (t) => {
  const port = await nodeServer(t);
  const wrong = [{ ciphers: 'NONE-SUCH' }, { port: -1 }, { lookup: 5 }, { session: 5 }, { handshakeTimeout: -1 }, { requestOCSP: true }, { rejectUnauthorised: true }];
  for (const options of wrong) {
    const agent = new tlsock.Agent({ ca, maxSockets: 1, maxTotalSockets: 1 });
    const first = get({ port, agent });
    const second = https.get({ host: 'localhost', port, agent, servername: 'second', ...options });
    const told = once(second, 'error'), gone = new Promise((resolve) => second.once('close', resolve));
    const third = get({ port, agent, checkServerIdentity: () => undefined });
    const [error] = await told;
    assert.match(error.code, /^ERR_/);
    await gone;
    assert.strictEqual((await first).version, 'TLSv1.3');
    assert.strictEqual((await third).version, 'TLSv1.3');
    assert.deepStrictEqual(Object.keys(agent.requests), []);
  }
});

test('what a request cannot be given is refused over a kept connection too', async (t) => {
  const port = await nodeServer(t);
  const agent = new tlsock.Agent({ ca, keepAlive: true });
  t.after(() => agent.destroy());
  const { socket } = await get({ port, agent });
  await assert.rejects(get({ port, agent, requestOCSP: true }), { code: 'ERR_INVALID_ARG_VALUE', message: /"requestOCSP"/ });
  await assert.rejects(get({ port, agent, checkServerIdentitiy: () => undefined }), { message: /"checkServerIdentity" is meant/ });
  assert.strictEqual((await get({ port, agent })).socket, socket);
});

test('createConnection takes options, and nothing else', () => {
  const agent = new tlsock.Agent({ ca });
  for (const args of [[], [null], [443, 'localhost', {}], ['localhost']])
    assert.throws(() => agent.createConnection(...args), { name: 'TypeError', message: /^options must be an object/ });
});

test('connections are kept for requests that ask the same of them, and for no others', async (t) => {
  const port = await nodeServer(t);
  const agent = new tlsock.Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const pin = () => undefined, kept = [];
  const others = [{ ca }, { ca, pfx: pkcs12('client'), passphrase: 'secret' }, { ca, pfx: [{ buf: pkcs12('client'), passphrase: 'secret' }] }, { ca, pfx: [{ buf: pkcs12('plain'), passphrase: 'secret' }] }, { ca, ...identity() }, { ca, checkServerIdentity: pin }, { ca, checkServerIdentity: () => undefined }, { ca, maxVersion: 'TLSv1.2' },
    { ca, ALPNProtocols: ['a'] }, { context: clientContext() }, { context: clientContext() }, { rejectUnauthorized: false }];
  for (const options of others) kept.push((await get({ port, agent, ...options })).socket);
  assert.strictEqual(new Set(kept).size, kept.length);
  for (const [index, options] of others.entries()) assert.strictEqual((await get({ port, agent, ...options })).socket, kept[index]);
  // Keys are no part of the names, which programs print.
  assert.ok(!agent.getName({ ...identity(), ca }).includes('PRIVATE'));
  assert.ok(Object.keys(agent.freeSockets).every((name) => !name.includes('PRIVATE')));
});

test('a kept connection has the name that it was made by, whatever becomes of the options', async (t) => {
  const port = await nodeServer(t);
  const agent = new tlsock.Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const cas = [ca], other = text('unknown-ca.pem');
  const first = get({ port, agent, ca: cas });
  // Once the connection is being made.
  cas[0] = other;
  const { socket } = await first;
  await assert.rejects(get({ port, agent, ca: [other] }), tlsock.SSLCertVerificationError);
  assert.strictEqual((await get({ port, agent, ca: [ca] })).socket, socket);
});

const PIN = 'sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
// What a program may ask of a context's connections from now on.
const CHANGES = {
  setPins: (context) => context.setPins([PIN]),
  verifyMode(context) {
    context.checkHostname = false;
    context.verifyMode = tlsock.CERT_NONE;
  },
  checkHostname: (context) => (context.checkHostname = false),
  verifyFlags: (context) => (context.verifyFlags |= tlsock.VERIFY_CRL_CHECK_LEAF),
  setCrlData: (context) => context.setCrlData(Buffer.alloc(0)),
  setVerifyCallback: (context) => context.setVerifyCallback(() => false),
  ocsp: (context) => (context.ocsp = tlsock.OCSP_REQUIRE),
  useIdentity: (context) => context.useIdentity(tlsock.Identity.fromFiles(file('client.pem'), file('client.key'))),
  loadVerifyLocations: (context) => context.loadVerifyLocations({ cafile: file('unknown-ca.pem') }),
  minimumVersion: (context) => (context.minimumVersion = tlsock.TLSVersion.TLSv1_3),
  setCiphersuites: (context) => context.setCiphersuites('TLS_CHACHA20_POLY1305_SHA256'),
};

// What a server sees of a client, or why there is none.
const outcome = (options) => get(options).then(({ socket, ...seen }) => seen, ({ code, message }) => ({ code, message }));

for (const [what, change] of Object.entries(CHANGES))
  test(`a connection of before a change of its context serves no request: ${what}`, async (t) => {
    const port = await nodeServer(t), context = clientContext(), agent = new tlsock.Agent({ context, keepAlive: true, maxTotalSockets: 1 });
    t.after(() => agent.destroy());
    const { socket } = await get({ port, agent });
    assert.strictEqual((await get({ port, agent })).socket, socket);
    change(context);
    // As if there had been none.
    assert.deepStrictEqual(await outcome({ port, agent }), await outcome({ port, agent: new tlsock.Agent({ context }) }));
    assert.ok(socket.destroyed);
    assert.ok(!Object.values(agent.freeSockets).flat().includes(socket));
  });

test('a request that waits for a connection gets none of before a change of its context', async (t) => {
  const port = await nodeServer(t), context = clientContext(), agent = new tlsock.Agent({ context, keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  // The others wait while this one is answered.
  const first = https.get({ host: 'localhost', port, agent }, (response) => {
    context.setPins([PIN]);
    response.resume();
  });
  const refused = (next) => assert.rejects(next, { message: /no key is pinned/ });
  await Promise.all([refused(get({ port, agent })), refused(get({ port, agent }))]);
  const { socket } = first;
  assert.ok(socket.destroyed);
  context.setPins([]);
  assert.strictEqual((await get({ port, agent })).version, 'TLSv1.3');
});

test('each setter and method of a context counts as a change, but for those that only ask', async (t) => {
  const asking = new Set(['copy', 'wrapBio', 'certStoreStats', 'sessionStats', 'getCaCerts', 'getCiphers', 'getGroups']);
  const port = await nodeServer(t), context = clientContext(), agent = new tlsock.Agent({ context, keepAlive: true });
  t.after(() => agent.destroy());
  const found = { changing: [], asking: [] };
  let { socket: before } = await get({ port, agent });
  for (const [name, { set, value }] of Object.entries(Object.getOwnPropertyDescriptors(tlsock.SSLContext.prototype))) {
    if (name === 'constructor') continue;
    const run = set ?? value ?? (() => context[name]);
    // Nothing takes this. What is refused may have set a part, and counts.
    try {
      run.call(context, Symbol(name));
    } catch {}
    const { socket } = await get({ port, agent }), isChange = socket !== before;
    assert.strictEqual(isChange, (set ?? value) !== undefined && !asking.has(name), name);
    if (isChange || asking.has(name)) found[isChange ? 'changing' : 'asking'].push(name);
    before = socket;
  }
  assert.deepStrictEqual(new Set(found.asking), asking);
  assert.ok(['setPins', 'verifyMode', 'setVerifyCallback', 'pskRequired'].every((name) => found.changing.includes(name)));
});

test('texts of options are not put into the memory that all small Buffers share', () => {
  const agent = new tlsock.Agent(), sharedBy = (bytes) => Buffer.from(bytes.buffer);
  const pools = [sharedBy(Buffer.from('x'))], secretOf = () => crypto.randomBytes(30).toString('hex');
  const [key, passphrase, inList, control] = [secretOf(), secretOf(), secretOf(), secretOf()];
  agent.getName({ host: 'h', key, passphrase, cert: [{ pem: inList }] });
  pools.push(sharedBy(Buffer.from('x')));
  const isShared = (text) => pools.some((pool) => pool.includes(text));
  assert.deepStrictEqual([key, passphrase, inList].map(isShared), [false, false, false]);
  pools.push(sharedBy(Buffer.from(control)));
  assert.ok(isShared(control));
});

test('no two requests that ask for something else have one name', () => {
  const agent = new tlsock.Agent(), pin = () => undefined;
  const others = [{}, { ca: 'A', cert: 'B' }, { ca: 'A\0cert=B' }, { ca: ['A', 'B'] }, { ca: 'A\0B\0' }, { ca: [['A'], 'B'] }, { ca: 'A\0B' }, { ca: ['AB'] },
    { checkServerIdentity: pin }, { checkServerIdentity: '#1' }, { rejectUnauthorized: false }, { rejectUnauthorized: 'false' }, { suppressRaggedEofs: false },
    { family: 6, servername: 'b' }, { servername: '6:b' }, { socketPath: '/p', servername: 'b:c' }, { socketPath: '/p:b', servername: 'c' },
    { servername: '' }, { key: { pem: 'A', passphrase: 'B' } }, { key: { pem: 'A\0B' } }];
  const names = others.map((options) => agent.getName({ host: 'h', port: 1, ...options }));
  assert.strictEqual(new Set(names).size, others.length);
});

test('nobody has asked for what is on Object.prototype', async (t) => {
  const server = https.createServer({ cert: text('wrong-name.pem'), key: text('wrong-name.key') }, (incoming, answer) => answer.end('{}'));
  const port = await listen(t, server);
  const there = { rejectUnauthorized: false, checkServerIdentity: () => undefined, insecureNoHostname: true, serverHostname: 'another.name', context: null };
  const tlsockTls = require('../tls.js');
  for (const [name, value] of Object.entries(there)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true });
    try {
      await assert.rejects(get({ port, agent: new tlsock.Agent({ ca }) }), { code: 'ERR_SSL_CERTIFICATE_VERIFY_FAILED' }, name);
      const socket = tlsock.connect({ port, host: 'localhost', context: clientContext() });
      await assert.rejects(socket.doHandshake(), { code: 'ERR_SSL_CERTIFICATE_VERIFY_FAILED' }, name);
      const face = tlsockTls.connect({ port, host: 'localhost', ca });
      await assert.rejects(once(face, 'secureConnect'), name);
    } finally {
      delete Object.prototype[name];
    }
  }
  // What an object of the program's inherits is the program's.
  const options = Object.create({ get ca() { return ca; }, checkServerIdentity: () => undefined });
  assert.throws(() => new tlsock.Agent(Object.assign(Object.create({ context: {} }), {})), TypeError);
  assert.strictEqual((await get({ port, agent: new tlsock.Agent(options) }).catch((error) => error)).code, undefined);
});

test('what checkServerIdentity throws or answers is a refusal, unless it is nothing', async (t) => {
  const port = await nodeServer(t);
  const refusals = [() => { throw null; }, () => { throw undefined; }, () => false, () => true, () => 'no', async () => undefined, async () => { throw new Error('late'); }];
  for (const checkServerIdentity of refusals)
    await assert.rejects(get({ port, agent: new tlsock.Agent({ ca, checkServerIdentity }) }), { message: /checkServerIdentity/ }, String(checkServerIdentity));
  for (const checkServerIdentity of [() => undefined, () => null])
    assert.strictEqual((await get({ port, agent: new tlsock.Agent({ ca, checkServerIdentity }) })).version, 'TLSv1.3');
});

test('sessions are kept by name: options that differ resume none', async (t) => {
  const port = await listen(t, tlsock.createHttpsServer({ context: serverContext() }, (incoming, answer) => answer.end('{}')));
  const agent = new tlsock.Agent();
  const reused = async (options) => (await get({ port, agent, ...options })).socket.sessionReused;
  assert.strictEqual(await reused({ ca }), false);
  assert.strictEqual(await reused({ ca }), true);
  assert.strictEqual(await reused({ ca, checkServerIdentity: () => undefined }), false);
  assert.strictEqual(await reused({ ca, servername: '127.0.0.1' }), false);
  assert.strictEqual(await reused({ ca, rejectUnauthorized: true }), false);
  assert.strictEqual(await reused({ ca }), true);
  const none = new tlsock.Agent({ ca, maxCachedSessions: 0 });
  for (let i = 0; i < 2; i++) assert.strictEqual((await get({ port, agent: none })).socket.sessionReused, false);
});

test('a session that the context vouches for no more gives way to a full handshake', async (t) => {
  const server = tlsock.createHttpsServer({ context: serverContext() }, (incoming, answer) => answer.end('{}'));
  const port = await listen(t, server);
  const context = clientContext();
  const agent = new tlsock.Agent({ context });
  const reused = async () => (await get({ port, agent })).socket.sessionReused;
  assert.strictEqual(await reused(), false);
  assert.strictEqual(await reused(), true);
  context.loadVerifyLocations({ cafile: file('unknown-ca.pem') });
  context.verifyFlags |= tlsock.VERIFY_X509_STRICT;
  assert.strictEqual(await reused(), false);
  assert.strictEqual(await reused(), true);
  // One that is refused with VALUE: of another context. It is not offered again, though no other takes its place.
  server.setSecureContext(serverContext('ecdsa', (made) => (made.numTickets = 0)));
  const { setSession } = require('../lib/native.js');
  let refused = 0;
  require('../lib/native.js').setSession = () => {
    refused++;
    throw Object.assign(new tlsock.ValueError('Session refers to a different SSLContext.'), { code: 'ERR_TLSOCK_VALUE' });
  };
  t.after(() => (require('../lib/native.js').setSession = setSession));
  for (let i = 0; i < 2; i++) assert.strictEqual(await reused(), false);
  assert.strictEqual(refused, 1);
  require('../lib/native.js').setSession = setSession;
  server.setSecureContext(serverContext());
  assert.strictEqual(await reused(), false);
  assert.strictEqual(await reused(), true);
  // The caller's own is the caller's mistake.
  const other = (await get({ port, agent: new tlsock.Agent({ context: clientContext() }) })).socket.session;
  await assert.rejects(async () => get({ port, agent, session: other }), tlsock.ValueError);
});

test('a session whose connection fails is not offered again', async (t) => {
  const port = await listen(t, tlsock.createServer({ context: serverContext() }, (peer) => peer.end('x')));
  const agent = new tlsock.Agent({ context: clientContext() });
  const visit = async () => {
    const socket = agent.createConnection({ host: 'localhost', port });
    await collect(socket);
    return socket;
  };
  await visit();
  const second = agent.createConnection({ host: 'localhost', port });
  await once(second, 'secureConnect');
  assert.strictEqual(second.sessionReused, true);
  const gone = closed(second);
  second.destroy(new Error('broken'));
  await gone;
  assert.strictEqual((await visit()).sessionReused, false);
});

test('timeouts of the Agent and of requests count before the handshake and after', async (t) => {
  const silent = await listen(t, net.createServer((peer) => peer.on('error', () => {})));
  const unanswering = await listen(t, tlsock.createHttpsServer({ context: serverContext() }, () => {}));
  for (const port of [silent, unanswering])
    for (const [ofAgent, ofRequest, later] of [[50, undefined], [undefined, 50], [undefined, undefined, 50], [undefined, 50.5], [2 ** 40, 50]]) {
      const agent = new tlsock.Agent({ context: clientContext(), ...(ofAgent && { timeout: ofAgent }) });
      const request = https.get({ host: 'localhost', port, agent, ...(ofRequest && { timeout: ofRequest }) });
      request.on('error', () => {});
      if (later) request.setTimeout(later);
      await once(request, 'timeout');
      request.destroy();
    }
});

test('the key log of the Agent, and aborted requests', async (t) => {
  const port = await nodeServer(t);
  const agent = new tlsock.Agent({ ca });
  const lines = [];
  agent.on('keylog', (line) => lines.push(String(line)));
  await get({ port, agent });
  assert.ok(lines.some((line) => line.startsWith('CLIENT_TRAFFIC_SECRET_0 ')));
  const controller = new AbortController();
  const request = https.get({ host: 'localhost', port, agent, signal: controller.signal });
  controller.abort();
  const [error] = await once(request, 'error');
  assert.strictEqual(error.name, 'AbortError');
});
