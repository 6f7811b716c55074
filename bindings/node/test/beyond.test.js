'use strict';

// Names apart, copies of contexts, keys that have to be shared and keys that change: what Python's ssl does not have. node:tls is the other side.

const assert = require('node:assert');
const { once } = require('node:events');
const https = require('node:https');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext, text } = require('./support/certs.js');
const { closed, collect, connectedPair, listen, streamPair } = require('./support/net.js');
const { objects } = require('./support/pairs.js');
const { signerOf } = require('./support/signer.js');

const VERSIONS = { 'TLSv1.2': tlsock.TLSVersion.TLSv1_2, 'TLSv1.3': tlsock.TLSVersion.TLSv1_3 };
const MESSAGE = { HANDSHAKE: 22, KEY_UPDATE: 24 };

/** A server of node:tls for other.example; asked: the names that clients have sent. */
async function elsewhere(t, options = {}) {
  const asked = [];
  const server = tls.createServer({ cert: text('wrong-name.pem'), key: text('wrong-name.key'), ...options }, (socket) => {
    asked.push(socket.servername);
    socket.on('error', () => {}).end('x');
  });
  server.on('tlsClientError', () => {});
  return { port: await listen(t, server), asked };
}

test('the name to prove and the name to send are apart', async (t) => {
  for (const maxVersion of Object.keys(VERSIONS)) {
    const { port, asked } = await elsewhere(t, { maxVersion });
    const context = clientContext();
    const cases = [
      [{}, null, 'refused'],
      [{ expectedNames: ['nowhere.example', 'other.example'] }, null, 'localhost'],
      [{ expectedNames: ['other.example'], serverName: 'front.example' }, null, 'front.example'],
      [{ expectedNames: ['other.example'], serverName: null }, null, false],
      [{ serverName: 'other.example' }, null, 'refused'],
      [{ expectedNames: ['localhost'] }, null, 'refused'],
      [{ expectedNames: ['127.0.0.1'] }, null, 'refused'],
      [{}, (socket) => socket.setExpectedNames(['nowhere.example', 'other.example']), 'localhost'],
      [{ expectedNames: ['localhost'] }, (socket) => socket.setExpectedNames(['other.example']), 'localhost'],
      [{ expectedNames: ['other.example'] }, (socket) => socket.setServerName('front.example'), 'front.example'],
      [{ expectedNames: ['other.example'], serverName: 'x.example' }, (socket) => socket.setServerName(null), false],
      // What has to be proved stays where node's method sets the name to send.
      [{ expectedNames: ['other.example'] }, (socket) => socket.setServername('front.example'), 'front.example'],
      [{ expectedNames: ['localhost'] }, (socket) => socket.setServername('other.example'), 'refused'],
      [{}, (socket) => socket.setServername('other.example'), 'other.example'],
    ];
    for (const [options, change, expected] of cases) {
      const socket = tlsock.connect({ host: 'localhost', port, context, ...options });
      change?.(socket);
      const failure = await socket.doHandshake().then(() => null, (error) => error);
      const what = `${JSON.stringify(options)} ${change}`;
      if (expected === 'refused') {
        assert.ok(failure instanceof tlsock.SSLCertVerificationError, what);
        assert.ok([62, 64].includes(failure.verifyCode), what);
        continue;
      }
      assert.strictEqual(failure, null, what);
      await once(socket.resume(), 'end');
      assert.strictEqual(asked.pop(), expected, what);
      assert.deepStrictEqual([socket.servername, socket.serverHostname], [expected, change?.toString().includes('setServername') ? expected : 'localhost'], what);
      socket.destroy();
    }
  }
});

test('an address may be expected', async () => {
  for (const [expectedNames, isGood] of [[['127.0.0.1'], true], [['::1'], true], [['127.0.0.2'], false]]) {
    const [below, above] = streamPair();
    const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
    const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost', expectedNames });
    const ends = [closed(client), closed(server)];
    if (isGood) await client.doHandshake();
    else await assert.rejects(client.doHandshake(), { name: 'SSLCertVerificationError', verifyCode: 64 });
    for (const end of [client, server]) end.destroy();
    await Promise.all(ends);
  }
});

test('names that cannot be set are refused, and those of before count', async () => {
  const context = clientContext(), bios = [new tlsock.MemoryBIO(), new tlsock.MemoryBIO()], count = tlsock.handleCount();
  assert.throws(() => context.wrapBio(...bios, { serverHostname: 'localhost', expectedNames: [] }), tlsock.ValueError);
  assert.strictEqual(tlsock.handleCount(), count, 'nothing is left');
  const make = (options, own = context) => own.wrapBio(new tlsock.MemoryBIO(), new tlsock.MemoryBIO(), { serverHostname: 'localhost', ...options });
  const used = ['localhost'].values();
  used.next();
  for (const bad of [null, 'localhost', [5], [undefined], used, new Set(), new Array(1)]) {
    assert.throws(() => make({ expectedNames: bad }), { name: 'TypeError', message: /^expectedNames/ });
    assert.throws(() => make().setExpectedNames(bad), { name: 'TypeError', message: /^names/ });
  }
  for (const bad of [[], [''], ['a..b'], ['127.0.0.1', 'localhost'], ['.localhost'], ['a\0b']]) {
    assert.throws(() => make({ expectedNames: bad }), tlsock.ValueError, `${bad}`);
    assert.throws(() => make().setExpectedNames(bad), tlsock.ValueError, `${bad}`);
  }
  for (const bad of [5, {}, ['x']]) assert.throws(() => make({ serverName: bad }), { name: 'TypeError', message: /^serverName/ });
  for (const bad of [undefined, 5, {}]) assert.throws(() => make().setServerName(bad), { name: 'TypeError', message: /^name must be/ });
  for (const bad of ['127.0.0.1', '', 'a..b']) assert.throws(() => make().setServerName(bad), tlsock.ValueError, bad);
  // Where no name is checked, and on servers.
  const trusting = clientContext((made) => { made.checkHostname = false; });
  assert.throws(() => make({ expectedNames: ['localhost'] }, trusting), tlsock.ValueError);
  for (const option of [{ expectedNames: ['localhost'] }, { serverName: 'localhost' }])
    assert.throws(() => make({ serverHostname: null, serverSide: true, ...option }, serverContext()), tlsock.ValueError);
  const { client, server } = await connectedPair();
  for (const socket of [client, server]) {
    assert.throws(() => socket.setExpectedNames(['localhost']), tlsock.ValueError);
    assert.throws(() => socket.setServerName('localhost'), tlsock.ValueError);
    socket.destroy();
    assert.throws(() => socket.setServerName('localhost'), tlsock.ValueError);
  }
  const [below, above] = streamPair(), far = new tlsock.TLSSocket(above, { context: serverContext('wrong-name'), serverSide: true });
  const near = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost', expectedNames: ['other.example'] });
  assert.throws(() => near.setExpectedNames([]), tlsock.ValueError);
  assert.throws(() => near.setServerName('127.0.0.1'), tlsock.ValueError);
  await Promise.all([near.doHandshake(), far.doHandshake()]);
  assert.strictEqual(far.servername, 'localhost');
  near.destroy();
  far.destroy();
});

test('requests share connections only where they expect the same names', async (t) => {
  const server = https.createServer({ cert: text('wrong-name.pem'), key: text('wrong-name.key') }, (request, response) => response.end('x'));
  const port = await listen(t, server);
  const agent = new tlsock.Agent({ context: clientContext(), keepAlive: true });
  t.after(() => agent.destroy());
  const ask = (options) => new Promise((resolve) => {
    const request = https.get({ host: 'localhost', port, agent, ...options }, (response) => {
      response.resume().on('end', () => setImmediate(resolve, request.reusedSocket));
    });
    request.on('error', (error) => resolve(error.name));
  });
  const answers = [];
  for (const names of [['other.example'], ['other.example'], ['localhost'], ['x.example', 'other.example'], ['x.exampleother.example'], undefined])
    answers.push(await ask(names && { expectedNames: names }));
  assert.deepStrictEqual(answers, [false, true, 'SSLCertVerificationError', false, 'SSLCertVerificationError', 'SSLCertVerificationError']);
});

test('a copy of a context has its settings, and a life of its own', async () => {
  const calls = [], note = (what, answer) => (...args) => {
    calls.push([what, ...args]);
    return answer;
  };
  const client = clientContext((context) => {
    context.verifyDepth = 4;
    context.setAlpnProtocols(['h2', 'x']);
    context.setVerifyCallback(note('verify', true));
    context.sessionCallback = note('session');
    context.keylogCallback = note('keylog');
    context.setIdentityCallback(note('identity', tlsock.Identity.fromFiles(file('client.pem'), file('client.key'))));
  });
  const server = serverContext('ecdsa', (context) => {
    context.loadVerifyLocations({ cafile: file('ca.pem') });
    context.verifyMode = tlsock.CERT_REQUIRED;
    context.setAlpnProtocols(['x']);
    context.sniCallback = note('sni');
    context.messageCallback = () => {};
  });
  const [near, far] = [client.copy(), server.copy()];
  assert.ok(near instanceof tlsock.SSLContext && near !== client);
  assert.deepStrictEqual([near.verifyDepth, near.checkHostname, near.verifyMode, near.protocol], [4, true, tlsock.CERT_REQUIRED, tlsock.PROTOCOL_TLS_CLIENT]);
  assert.deepStrictEqual([near.sessionCallback, near.keylogCallback, far.sniCallback, far.messageCallback], [client.sessionCallback, null, server.sniCallback, server.messageCallback]);
  // The originals end, and their callbacks are changed: the copies keep theirs.
  client.verifyDepth = 0;
  for (const set of ['setVerifyCallback', 'setIdentityCallback']) client[set](null);
  client.sessionCallback = server.sniCallback = server.messageCallback = null;
  const ends = await connectedPair({ client: { context: near }, server: { context: far } });
  ends.server.write('x');
  await once(ends.client, 'data');
  assert.deepStrictEqual([...new Set(calls.map(([what]) => what))].sort(), ['identity', 'session', 'sni', 'verify']);
  const [, connection, name, context] = calls.find(([what]) => what === 'sni');
  assert.deepStrictEqual([connection === ends.server, name, context === far], [true, 'localhost', true]);
  assert.strictEqual(ends.client.selectedAlpnProtocol(), 'x');
  assert.strictEqual(ends.client.context, near);
  for (const end of Object.values(ends)) end.destroy();
  calls.length = 0;
  near.sessionCallback = null;
  near.setVerifyCallback(null);
  near.setIdentityCallback(null);
  assert.throws(() => objects(near, far), tlsock.SSLError);
  assert.deepStrictEqual(calls.map(([what]) => what), ['sni']);
  assert.throws(() => objects(client, server), tlsock.SSLCertVerificationError);
});

test('a copy keeps what it needs when the original is gone', async () => {
  // The originals are garbage when these have returned.
  const near = (() => clientContext((context) => context.setVerifyCallback(() => true)).copy())();
  const far = (() => {
    const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
    context.useIdentity(tlsock.Identity.fromSigner(text('ecdsa.pem'), signerOf('ecdsa')));
    context.setPskServerCallback(() => null, 'a hint');
    return context.copy().copy();
  })();
  for (let i = 0; i < 5; i++) {
    await new Promise(setImmediate);
    global.gc();
  }
  objects(near, far).client.write('works');
});

function keyed(version) {
  const client = clientContext(fixed(version)), server = serverContext('ecdsa', fixed(version));
  if (version === VERSIONS['TLSv1.2']) for (const each of [client, server]) each.setCiphers('PSK:ECDHE+AESGCM');
  // OpenSSL's server that has a certificate takes a key with this one.
  else for (const each of [client, server]) each.setCiphersuites('TLS_AES_128_GCM_SHA256');
  client.setPskClientCallback(() => ['me', 'secret']);
  server.setPskServerCallback((identity) => (identity === 'me' ? 'secret' : null));
  return [client, server];
}

test('a handshake without a shared key fails where one is required', { skip: !tlsock.HAS_PSK_TLS13 }, () => {
  for (const [name, version] of Object.entries(VERSIONS)) {
    for (const side of [0, 1]) {
      const contexts = keyed(version);
      assert.strictEqual(contexts[side].pskRequired, false);
      contexts[side].pskRequired = true;
      assert.strictEqual(contexts[side].pskRequired, true);
      assert.strictEqual(contexts[side].copy().pskRequired, true);
      objects(...contexts);
      for (const bad of [null, 1, 'yes']) assert.throws(() => { contexts[side].pskRequired = bad; }, TypeError);
      contexts[1].setPskServerCallback(() => null);
      assert.throws(() => objects(...contexts), tlsock.SSLError, `${name}, ${side}`);
      // In TLS 1.3 a key that was declined falls back to certificates otherwise.
      contexts[side].pskRequired = false;
      if (name === 'TLSv1.3') assert.strictEqual(objects(...contexts).client.peerCertificate.verified, true);
    }
  }
});

test('keys change while data is sent', { timeout: 60_000 }, async () => {
  const seen = { client: [], server: [] };
  let tell = () => {};
  const counted = (context, side) => {
    fixed(VERSIONS['TLSv1.3'])(context);
    context.messageCallback = (connection, direction, version, contentType, msgType) => {
      if (contentType !== MESSAGE.HANDSHAKE || msgType !== MESSAGE.KEY_UPDATE) return;
      seen[side].push(direction);
      if (side === 'server' && direction === 'read') tell();
    };
    return context;
  };
  const { client, server } = await connectedPair({ client: { context: counted(clientContext(), 'client') }, server: { context: counted(serverContext(), 'server') } });
  const got = [];
  server.on('data', (chunk) => got.push(String(chunk)));
  for (const [i, request] of [undefined, false, true].entries()) {
    // It is sent at once, not with what is written next.
    const arrived = new Promise((resolve) => { tell = resolve; });
    client.keyUpdate(request);
    await arrived;
    client.write(`${i}`);
    while (got.join('').length <= i) await once(server, 'data');
  }
  server.write('answer');
  await once(client, 'data');
  assert.deepStrictEqual(seen, { client: ['write', 'write', 'write', 'read'], server: ['read', 'read', 'read', 'write'] });
  assert.strictEqual(got.join(''), '012');
  for (const bad of [1, 'yes', null]) assert.throws(() => client.keyUpdate(bad), { name: 'TypeError', message: /^requestPeer must be/ });
  const ends = [closed(client), closed(server)];
  for (const end of [client, server]) end.destroy();
  await Promise.all(ends);
  assert.throws(() => client.keyUpdate(), tlsock.ValueError);
});

test('keys change only in TLS 1.3, after the handshake', async (t) => {
  const { client, server } = objects(clientContext(fixed(VERSIONS['TLSv1.2'])));
  for (const end of [client, server]) assert.throws(() => end.keyUpdate(), tlsock.ValueError);
  const [below] = streamPair();
  const early = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost' });
  assert.throws(() => early.keyUpdate(), tlsock.ValueError);
  early.destroy();
  // node:tls goes on after it, and answers.
  const peer = tls.createServer({ cert: text('ecdsa.pem'), key: text('ecdsa.key') }, (socket) => socket.pipe(socket));
  const near = tlsock.connect({ host: 'localhost', port: await listen(t, peer), context: clientContext() });
  await near.doHandshake();
  near.keyUpdate(true);
  near.write('hello');
  assert.strictEqual(String((await once(near, 'data'))[0]), 'hello');
  near.keyUpdate();
  const rest = collect(near);
  near.end(' and more');
  assert.strictEqual(String(await rest), ' and more');
});

test('an object in memory gives what changes its keys', () => {
  const { client, server, up } = objects();
  up.read();
  client.keyUpdate(true);
  const message = up.read();
  assert.ok(message.length > 5);
  up.write(message);
  client.write('x');
  assert.strictEqual(String(server.read()), 'x');
});

test('features are told', () => {
  const isOpenSSL = tlsock.BACKEND === 'openssl';
  assert.deepStrictEqual([tlsock.HAS_PHA, tlsock.HAS_PSK_TLS13], [isOpenSSL, isOpenSSL && tlsock.HAS_PSK && tlsock.HAS_TLSv1_3]);
});
