'use strict';

// Identities: a chain with its key, from wherever it comes, used by contexts and chosen for connections. node:tls and openssl are the peers.

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const crypto = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext, text } = require('./support/certs.js');
const { closed, connectedPair, listen, streamPair } = require('./support/net.js');
const { env } = require('./support/openssl.js');
const { objects } = require('./support/pairs.js');
const { signerOf } = require('./support/signer.js');

const { Identity } = tlsock;
const VERSIONS = { 'TLSv1.2': tlsock.TLSVersion.TLSv1_2, 'TLSv1.3': tlsock.TLSVersion.TLSv1_3 };
const bytes = (name) => fs.readFileSync(file(name));
const der = (name) => new crypto.X509Certificate(text(name)).raw;
const key = (name) => crypto.createPrivateKey(text(`${name}.key`));
const fromFiles = (name) => Identity.fromFiles(file(`${name}.pem`), file(`${name}.key`));
const fromSigner = (name, told) => Identity.fromSigner(text(`${name}.pem`), signerOf(name, told));

const MAKERS = {
  files: () => fromFiles('ecdsa'),
  'files, a password': () => Identity.fromFiles(file('rsa.pem'), file('rsa-encrypted.key'), 'sesame'),
  'files, a password function': () => Identity.fromFiles(file('rsa.pem'), file('rsa-encrypted.key'), () => Buffer.from('sesame')),
  'PEM': () => Identity.fromData(text('ecdsa.pem'), text('ecdsa.key')),
  'PEM in one': () => Identity.fromData(text('ecdsa.key') + text('ecdsa.pem')),
  'DER': () => Identity.fromData(der('plain.pem'), key('plain').export({ format: 'der', type: 'pkcs8' })),
  'PEM, a password of bytes': () => Identity.fromData(bytes('rsa.pem'), bytes('rsa-encrypted.key'), Buffer.from('sesame')),
  'PKCS #12': () => Identity.fromPkcs12(bytes('ecdsa.p12'), 'sesame'),
  'PKCS #12 in an ArrayBuffer': () => Identity.fromPkcs12(new Uint8Array(bytes('ecdsa.p12')).buffer, 'sesame'),
  URIs: () => Identity.fromUri(`file:${file('ecdsa.pem')}`, `file:${file('ecdsa.key')}`),
  'a URI': () => Identity.fromUri(`file:${file('ecdsa.p12')}`, null, 'sesame'),
  'a KeyObject, RSA': () => Identity.fromKeyObject(text('rsa.pem'), key('rsa')),
  'a KeyObject, ECDSA': () => Identity.fromKeyObject(text('ecdsa.pem'), key('ecdsa')),
  'a KeyObject, Ed25519': () => Identity.fromKeyObject(text('ed25519.pem'), key('ed25519')),
  'a signer, RSA': () => fromSigner('rsa'),
  'a signer, ECDSA': () => fromSigner('ecdsa'),
  'a signer, Ed25519': () => fromSigner('ed25519'),
};

function serverOf(identity, change = () => {}) {
  const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
  if (identity) context.useIdentity(identity);
  change(context);
  return context;
}

/** What node:tls sees of a server: the name of its certificate's issuer, and its bytes. */
async function visit(t, context, options = {}) {
  const port = await listen(t, tlsock.createServer({ context }));
  const client = tls.connect({ host: 'localhost', port, ca: text('ca.pem'), ...options }).resume();
  await once(client, 'secureConnect');
  const seen = client.getPeerX509Certificate().raw;
  client.destroy();
  return seen;
}

test('identities from everywhere serve node:tls', async (t) => {
  for (const [what, make] of Object.entries(MAKERS))
    for (const [name, version] of Object.entries(VERSIONS)) {
      const identity = make(), certificates = identity.certificates();
      const seen = await visit(t, serverOf(identity, fixed(version)));
      assert.deepStrictEqual(seen, certificates[0].der, `${what}, ${name}`);
      assert.strictEqual(certificates.length, what === 'DER' ? 1 : 2, what);
    }
});

test('an identity shows clients to node:tls', async (t) => {
  for (const identity of [fromFiles('client'), fromSigner('client'), Identity.fromKeyObject(text('client.pem'), key('client'))])
    for (const maxVersion of Object.keys(VERSIONS)) {
      const server = tls.createServer({ cert: text('ecdsa.pem'), key: text('ecdsa.key'), ca: text('ca.pem'), requestCert: true, maxVersion }, (socket) => {
        socket.end(socket.getPeerX509Certificate().subject);
      });
      const context = clientContext((made) => made.useIdentity(identity));
      const client = tlsock.connect({ host: 'localhost', port: await listen(t, server), context });
      let got = '';
      for await (const chunk of client) got += chunk;
      assert.strictEqual(got, new crypto.X509Certificate(text('client.pem')).subject);
      assert.match(client.clientSigalg(), /./);
    }
});

test('what does not make an identity is refused, and tells why', () => {
  const p12 = bytes('ecdsa.p12'), thrown = new Error('not today');
  const cases = [
    [() => Identity.fromFiles(file('missing.pem')), { name: 'OSError', code: 'ENOENT', path: file('missing.pem') }],
    [() => Identity.fromFiles(file('ecdsa.pem'), file('rsa.key')), { name: 'SSLError', message: /keyfile .* is not that of the first certificate in certfile/ }],
    [() => Identity.fromFiles(file('ecdsa.pem'), file('names.key')), { name: 'SSLError', reason: 'KEY_VALUES_MISMATCH' }],
    [() => Identity.fromFiles(file('rsa.pem'), file('rsa-encrypted.key'), 'open'), { name: 'SSLError', message: /password is wrong/ }],
    [() => Identity.fromFiles(file('rsa.pem'), file('rsa-encrypted.key'), () => 5), { name: 'TypeError', message: /^the password must be a string/ }],
    [() => Identity.fromFiles(file('rsa.pem'), file('rsa-encrypted.key'), () => { throw thrown; }), thrown],
    [() => Identity.fromFiles(file('rsa.pem'), file('rsa-encrypted.key'), async () => { throw thrown; }), { name: 'TypeError', message: /synchronous/ }],
    [() => Identity.fromFiles(5), { name: 'TypeError', message: /^certfile must be/ }],
    [() => Identity.fromFiles('a\0b'), { name: 'ValueError', message: /^certfile must be without NUL/ }],
    [() => Identity.fromData(''), { name: 'SSLError' }],
    [() => Identity.fromData(null), { name: 'TypeError', message: /^cert must be/ }],
    [() => Identity.fromData(text('ecdsa.pem'), 'junk'), { name: 'SSLError' }],
    [() => Identity.fromPkcs12(p12, 'open'), { name: 'SSLError', message: /the password is wrong/ }],
    [() => Identity.fromPkcs12(p12), { name: 'SSLError' }],
    [() => Identity.fromPkcs12(p12.subarray(0, p12.length / 2), 'sesame'), { name: 'SSLError' }],
    [() => Identity.fromPkcs12(Buffer.alloc(0), 'sesame'), { name: 'SSLError' }],
    [() => Identity.fromPkcs12(Buffer.alloc((16 << 20) + 1)), { name: 'ValueError' }],
    [() => Identity.fromPkcs12(p12.toString('latin1'), 'sesame'), { name: 'TypeError', message: /^data must be/ }],
    [() => Identity.fromPkcs12(p12, Buffer.from('sesame')), { name: 'TypeError', message: /^password must be/ }],
    [() => Identity.fromUri(file('ecdsa.pem')), { name: 'ValueError' }],
    [() => Identity.fromUri('nowhere:x;pin-value=1234'), { name: 'NotImplementedError', message: /^(?!.*1234)/ }],
    [() => Identity.fromUri(`file:${file('missing.pem')}`), { name: 'OSError' }],
    [() => Identity.fromSigner('junk', () => {}), { name: 'SSLError' }],
    [() => Identity.fromSigner(text('ecdsa.pem'), null), { name: 'TypeError', message: /^signer must be a function/ }],
    [() => Identity.fromKeyObject(text('ecdsa.pem'), text('ecdsa.key')), { name: 'TypeError', message: /^key must be a private KeyObject/ }],
    [() => Identity.fromKeyObject(text('ecdsa.pem'), crypto.createPublicKey(text('ecdsa.key'))), { name: 'TypeError', message: /^key must be a private KeyObject/ }],
    [() => Identity.fromKeyObject(text('ecdsa.pem'), key('rsa')), { name: 'SSLError' }],
    [() => new Identity(), { name: 'TypeError', message: /fromFiles/ }],
    [() => new Identity({ handle: null }), { name: 'TypeError' }],
  ];
  const before = tlsock.handleCount();
  for (const [run, expected] of cases) assert.throws(run, expected, String(run));
  assert.strictEqual(tlsock.handleCount(), before);
});

test('a context that refuses an identity keeps its own', async (t) => {
  const context = serverOf(fromFiles('ecdsa'));
  for (const bad of [null, undefined, {}, text('ecdsa.pem'), Object.create(Identity.prototype), Identity])
    assert.throws(() => context.useIdentity(bad), TypeError);
  context.setCiphers('ALL:@SECLEVEL=5');
  assert.throws(() => context.useIdentity(fromFiles('ecdsa')), tlsock.SSLError);
  context.setCiphers('ALL:@SECLEVEL=2');
  assert.deepStrictEqual(await visit(t, context), der('ecdsa.pem'));
});

test('a server takes up another certificate while it serves', async (t) => {
  const context = serverOf(fromFiles('plain'));
  const server = tlsock.createServer({ context }, (socket) => socket.pipe(socket));
  const port = await listen(t, server);
  const open = async () => {
    const client = tls.connect({ host: 'localhost', port, ca: text('ca.pem') });
    await once(client, 'secureConnect');
    return client;
  };
  const clients = [];
  for (const [i, name] of ['plain', 'ecdsa', 'plain', 'ecdsa', 'plain'].entries()) {
    context.useIdentity(i % 2 ? fromSigner(name) : fromFiles(name));
    clients.push(await open());
    assert.deepStrictEqual(clients.at(-1).getPeerX509Certificate().raw, der(`${name}.pem`));
  }
  for (const client of clients) {
    client.write('still here');
    assert.strictEqual(String((await once(client, 'data'))[0]), 'still here');
    client.destroy();
  }
});

test('a signer gets what each algorithm signs', async (t) => {
  const cases = [
    ['rsa', 'TLSv1.2', 'RSA+SHA256', ['rsa_pkcs1', 'sha256', 32]],
    ['rsa', 'TLSv1.2', 'RSA+SHA512', ['rsa_pkcs1', 'sha512', 64]],
    ['rsa', 'TLSv1.3', 'rsa_pss_rsae_sha384', ['rsa_pss', 'sha384', 48]],
    ['ecdsa', 'TLSv1.3', 'ECDSA+SHA256', ['ecdsa', 'sha256', 32]],
    ['ed25519', 'TLSv1.3', 'ed25519', ['ed25519', null, undefined]],
  ];
  for (const [name, maxVersion, sigalgs, expected] of cases) {
    const told = [];
    // The chain itself is signed otherwise.
    assert.deepStrictEqual(await visit(t, serverOf(fromSigner(name, told)), { maxVersion, sigalgs: [...new Set([sigalgs, 'ECDSA+SHA256'])].join(':') }), der(`${name}.pem`));
    if (name === 'ed25519') told[0][2] = undefined;
    assert.deepStrictEqual(told, [expected], sigalgs);
  }
});

/** The error of a server in memory, which comes before that of the client. */
function failureOf(server) {
  try {
    objects(clientContext(), server);
  } catch (error) {
    return error;
  }
  return null;
}

test('a signer that does not sign ends the handshake here', (t) => {
  const thrown = new Error('the card is locked');
  const rejections = [];
  const listener = (reason) => rejections.push(reason);
  process.on('unhandledRejection', listener);
  t.after(() => process.off('unhandledRejection', listener));
  const detached = new Uint8Array(8);
  structuredClone(detached, { transfer: [detached.buffer] });
  const right = signerOf('ecdsa');
  const cases = [
    [() => { throw thrown; }, thrown],
    [() => ({ then() {} }), { name: 'TypeError' }],
    [() => undefined, { name: 'TypeError', message: /^the answer of the signer must be/ }],
    [() => 'signed', { name: 'TypeError' }],
    [() => null, { name: 'TypeError' }],
    [() => detached, { name: 'TypeError' }],
    [() => Buffer.alloc(0), { message: /not one of the certificate's key/ }],
    [() => Buffer.alloc(70, 1), { message: /not one of the certificate's key/ }],
    [(...args) => right(...args).subarray(1), { message: /not one of the certificate's key/ }],
    [(algorithm, digest, data) => right(algorithm, digest, Buffer.alloc(data.length)), { message: /not one of the certificate's key/ }],
    [signerOf('plain'), { message: /not one of the certificate's key/ }],
    [() => Buffer.alloc(100_000), { message: 'the signature is too long' }],
  ];
  for (const version of Object.values(VERSIONS))
    for (const [signer, expected] of cases) {
      const failure = failureOf(serverOf(Identity.fromSigner(text('ecdsa.pem'), signer), fixed(version)));
      assert.ok(failure instanceof tlsock.SSLError, String(signer));
      assert.throws(() => { throw failure.cause; }, expected, String(signer));
    }
  assert.deepStrictEqual(rejections, []);
});

test('a signer lives as long as what uses it, and no longer', async () => {
  const settle = async () => {
    for (let i = 0; i < 10; i++) {
      await new Promise(setImmediate);
      global.gc();
    }
  };
  // Nobody but the context, and then the connection, has the identity.
  const context = serverOf(fromSigner('ecdsa'));
  const [below, above] = streamPair();
  const server = new tlsock.TLSSocket(above, { context, serverSide: true });
  context.useIdentity(fromFiles('plain'));
  context.useIdentity(fromSigner('plain'));
  await settle();
  const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost' });
  await Promise.all([client.doHandshake(), server.doHandshake()]);
  assert.deepStrictEqual(client.peerCertificate.der, der('ecdsa.pem'));
  client.destroy();
  server.destroy();
  // What a callback has chosen is the connection's alone.
  const choosing = serverOf(null);
  choosing.messageCallback = () => global.gc();
  choosing.setIdentityCallback(() => fromSigner('ecdsa'));
  assert.deepStrictEqual(objects(clientContext(), choosing).client.peerCertificate.der, der('ecdsa.pem'));
  // One that knows its context does not keep it.
  const collected = [];
  const registry = new FinalizationRegistry((what) => collected.push(what));
  (() => {
    const own = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
    const identity = Identity.fromSigner(text('ecdsa.pem'), () => own.protocol && Buffer.alloc(1));
    own.useIdentity(identity);
    own.setIdentityCallback(() => own.protocol && identity);
    failureOf(own);
    for (const [what, object] of Object.entries({ own, identity })) registry.register(object, what);
  })();
  await settle();
  assert.deepStrictEqual(collected.sort(), ['identity', 'own']);
});

test('a callback chooses the identity of each connection', async () => {
  const [near, far] = [fromFiles('ecdsa'), fromSigner('rsa')], asked = [];
  const context = serverOf(null), other = serverOf(fromFiles('plain'));
  context.setIdentityCallback((connection, request) => {
    asked.push([connection, request]);
    return request.serverName === 'localhost' ? near : far;
  });
  const quiet = clientContext((made) => { made.checkHostname = false; });
  for (const [serverHostname, expected] of [['localhost', 'ecdsa'], ['elsewhere.example', 'rsa']]) {
    const { client, server } = await connectedPair({ server: { context }, client: { context: quiet, serverHostname } });
    assert.deepStrictEqual(client.peerCertificate.der, der(`${expected}.pem`));
    const [connection, request] = asked.pop();
    assert.strictEqual(connection, server);
    assert.deepStrictEqual(Object.keys(request), ['serverSide', 'serverName', 'signatureAlgorithms', 'caNames']);
    assert.deepStrictEqual([request.serverSide, request.serverName, request.caNames], [true, serverHostname, []]);
    assert.ok(request.signatureAlgorithms.includes(0x0403) && request.signatureAlgorithms.includes(0x0804));
    for (const end of [client, server]) end.destroy();
  }
  // The one of the context that was chosen by the name.
  other.sniCallback = (connection) => { connection.context = context; };
  assert.deepStrictEqual(objects(clientContext(), other).client.peerCertificate.der, der('ecdsa.pem'));
  context.setIdentityCallback(null);
  context.useIdentity(far);
  assert.deepStrictEqual(objects(clientContext(), context).client.peerCertificate.der, der('rsa.pem'));
});

test('a client is told whose certificates node:tls wants', async (t) => {
  const subjects = ['ca.pem', 'inter.pem'].map((name) => new crypto.X509Certificate(text(name)).subject);
  for (const maxVersion of Object.keys(VERSIONS))
    for (const [answer, expected] of [[fromFiles('client'), true], [fromSigner('client'), true], [null, false]]) {
      const shown = [];
      const options = { cert: text('ecdsa.pem'), key: text('ecdsa.key'), ca: [text('ca.pem'), text('inter.pem')], requestCert: true, rejectUnauthorized: false, maxVersion };
      const server = tls.createServer(options, (socket) => {
        shown.push(socket.authorized);
        socket.end('x');
      });
      const asked = [];
      const context = clientContext((made) => made.useIdentity(fromFiles('client')));
      context.setIdentityCallback((connection, request) => {
        asked.push(request);
        return answer;
      });
      const client = tlsock.connect({ host: 'localhost', port: await listen(t, server), context }).resume();
      await once(client, 'end');
      assert.deepStrictEqual(shown, [expected]);
      assert.strictEqual(asked.length, 1);
      const [{ serverSide, caNames, serverName }] = asked;
      assert.deepStrictEqual([serverSide, serverName], [false, 'localhost']);
      assert.strictEqual(caNames.length, 2);
      for (const [i, subject] of subjects.entries()) {
        const name = caNames.find((each) => each.text.includes(/CN=(.*)/.exec(subject)[1]));
        assert.ok(name, subject);
        // Memory of its own.
        assert.strictEqual(name.der.buffer.byteLength, name.der.length);
        assert.ok(der(['ca.pem', 'inter.pem'][i]).includes(name.der));
      }
    }
});

test('a callback that gives no identity ends the handshake', (t) => {
  const thrown = new Error('no more'), rejections = [];
  const listener = (reason) => rejections.push(reason);
  process.on('unhandledRejection', listener);
  t.after(() => process.off('unhandledRejection', listener));
  for (const [callback, expected] of [
    [() => { throw thrown; }, thrown],
    [() => undefined, { name: 'TypeError', message: /^the answer of the identity callback must be of class Identity/ }],
    [() => text('ecdsa.pem'), { name: 'TypeError' }],
    [() => Object.create(Identity.prototype), { name: 'TypeError' }],
  ]) {
    const context = serverContext('ecdsa');
    context.setIdentityCallback(callback);
    const failure = failureOf(context);
    assert.ok(failure instanceof tlsock.SSLError, String(callback));
    assert.throws(() => { throw failure.cause; }, expected, String(callback));
  }
  const none = serverContext('ecdsa');
  none.setIdentityCallback(() => null);
  assert.ok(failureOf(none) instanceof tlsock.SSLError);
  for (const bad of [5, 'x', {}]) assert.throws(() => none.setIdentityCallback(bad), TypeError);
  assert.deepStrictEqual(rejections, []);
});

/** The openssl program, which is fed by stdin and tells at its end what it has printed. */
function openssl(words) {
  const child = spawn('openssl', words, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  return { child, promise: once(child, 'close').then(() => out) };
}

test('a server names its authorities to openssl, and to clients here', async (t) => {
  const server = serverContext('ecdsa', (context) => {
    context.loadVerifyLocations({ cafile: file('ca.pem') });
    context.verifyMode = tlsock.CERT_OPTIONAL;
  });
  const seen = async (context) => {
    const port = await listen(t, tlsock.createServer({ context }));
    const { promise, child } = openssl(['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', file('ca.pem'), '-tls1_2']);
    child.stdin.end();
    return /Acceptable client certificate CA names\n([^]*?)\n(?:Client|Requested)/.exec(await promise)?.[1] ?? 'none';
  };
  assert.strictEqual(await seen(server), 'none');
  server.setClientCaNames(text('ca.pem') + text('inter.pem'));
  assert.match(await seen(server), /^CN ?= ?tlsock test root\nCN ?= ?tlsock test intermediate$/);
  const asked = [], client = clientContext();
  client.setIdentityCallback((connection, request) => {
    asked.push(request.caNames.map((each) => each.text));
    return null;
  });
  objects(client, server);
  for (const bad of ['junk', Buffer.from([1, 2])]) assert.throws(() => server.setClientCaNames(bad), tlsock.SSLError);
  for (const bad of [5, {}]) assert.throws(() => server.setClientCaNames(bad), TypeError);
  assert.throws(() => client.setClientCaNames(text('ca.pem')), tlsock.ValueError);
  objects(client, server);
  server.setClientCaNames(null);
  objects(client, server);
  const both = ['CN=tlsock test root', 'CN=tlsock test intermediate'];
  assert.deepStrictEqual(asked, [both, both, []]);
});
