'use strict';

// What a connection of tlsock/tls shows of itself, and for which name it checks the peer: with node:tls on the other end.

const assert = require('node:assert');
const { execFile, execFileSync } = require('node:child_process');
const { X509Certificate } = require('node:crypto');
const { once } = require('node:events');
const net = require('node:net');
const path = require('node:path');
const { test } = require('node:test');
const nodeTls = require('node:tls');
const { promisify } = require('node:util');

const tls = require('../tls.js');
const { text } = require('./support/certs.js');
const { closed, listen } = require('./support/net.js');

const ca = text('ca.pem');
const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };
const clientIdentity = { key: text('client.key'), cert: text('client.pem') };
const VERSIONS = ['TLSv1.2', 'TLSv1.3'];

// A server of node:tls.
async function peer(t, options) {
  const server = nodeTls.createServer({ ...identity, ...options }, (socket) => socket.on('error', () => {}).write('x'));
  server.on('tlsClientError', () => {});
  return { server, port: await listen(t, server) };
}

// A context without `ca` trusts the CAs of the system, which are many.
test('setKeyCert sets what a client shows, and neither whom it trusts nor what it allows', async (t) => {
  const strangers = { ca: text('twin-ca.pem') }, known = { ca }, shown = [];
  const { port, server } = await peer(t, { requestCert: true, rejectUnauthorized: false });
  server.on('secureConnection', (socket) => shown.push(socket.getPeerX509Certificate()?.serialNumber));
  const visit = async (implementation, own, given) => {
    const socket = implementation.connect({ port, host: 'localhost', ...own });
    socket.setKeyCert(implementation.createSecureContext({ ...clientIdentity, ...given }));
    socket.resume().on('error', () => {}).once('data', () => socket.destroy());
    await closed(socket);
    return [socket.authorizationError ?? null, shown.pop()];
  };
  const { serialNumber } = new X509Certificate(clientIdentity.cert), unknown = 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY';
  for (const given of [{}, known]) assert.deepStrictEqual([await visit(nodeTls, strangers, given), await visit(tls, strangers, given)], [[unknown, undefined], [unknown, undefined]]);
  for (const given of [{}, strangers, { crl: text('crl.pem') }, { ciphers: 'AES128-SHA', maxVersion: 'TLSv1.2' }]) {
    assert.strictEqual((await visit(nodeTls, known, given))[0], null);
    assert.deepStrictEqual(await visit(tls, known, given), [null, serialNumber], Object.keys(given).join());
  }
});

test('what is given by setKeyCert is given to one connection, and sessions go on', async (t) => {
  const secureContext = tls.createSecureContext({ ca }), given = tls.createSecureContext(clientIdentity), shown = [];
  const { port, server } = await peer(t, { requestCert: true, rejectUnauthorized: false });
  server.on('secureConnection', (socket) => shown.push(socket.getPeerX509Certificate()?.subject ?? null));
  const visit = async (change, session) => {
    const socket = tls.connect({ port, host: 'localhost', secureContext });
    change(socket);
    if (session) socket.setSession(session);
    await once(socket, 'data');
    const result = { isReused: socket.isSessionReused(), session: socket.getSession() };
    await closed(socket.destroy());
    return result;
  };
  const show = (socket) => socket.setKeyCert(given), nothing = () => {};
  const { session } = await visit(show);
  const reused = [await visit(show, session), await visit(nothing), await visit((socket) => socket.setKeyCert({}))].map(({ isReused }) => isReused);
  assert.deepStrictEqual(reused, [true, false, false]);
  const { subject } = new X509Certificate(clientIdentity.cert);
  assert.deepStrictEqual(shown, [subject, subject, null, null]);
});

test('a server that is given a certificate without CAs goes on to trust its own', async (t) => {
  const rsa = { key: text('rsa.key'), cert: text('rsa.pem') }, strangers = { ca: text('twin-ca.pem') };
  for (const maxVersion of VERSIONS)
    for (const [own, given, expected] of [[{ ca }, {}, 'rsa'], [strangers, {}, 'refused'], [strangers, { ca }, 'rsa'], [{ ca }, strangers, 'refused']]) {
      const server = tls.createServer({
        ...identity, ...own, requestCert: true, maxVersion,
        ALPNCallback() {
          this.setKeyCert({ ...rsa, ...given });
          return 'a';
        },
      }, (socket) => socket.on('error', () => {}).end('x'));
      const socket = nodeTls.connect({ port: await listen(t, server.on('tlsClientError', () => {})), ca, host: 'localhost', ALPNProtocols: ['a'], ...clientIdentity });
      const kind = () => socket.getPeerX509Certificate().publicKey.asymmetricKeyType;
      assert.strictEqual(await once(socket, 'data').then(kind, () => 'refused'), expected, JSON.stringify([maxVersion, own === strangers, Object.keys(given)]));
      socket.destroy();
    }
});

test('setServername changes what is sent, and the certificate is checked for the name of the options', async (t) => {
  const other = { key: text('wrong-name.key'), cert: text('wrong-name.pem') }, wrong = 'ERR_TLS_CERT_ALTNAME_INVALID';
  const cases = [
    [identity, {}, 'other.example', null], [identity, { servername: 'localhost' }, 'other.example', null], [identity, { servername: 'localhost' }, '', null],
    [other, {}, 'other.example', wrong], [other, { servername: 'localhost' }, 'other.example', wrong], [other, { servername: 'other.example' }, 'localhost', null],
  ];
  for (const maxVersion of VERSIONS)
    for (const [index, [shown, options, name, expected]] of cases.entries()) {
      const { server, port } = await peer(t, { ...shown, maxVersion });
      for (const rejectUnauthorized of [true, false])
        for (const implementation of [nodeTls, tls]) {
          const socket = implementation.connect({ port, host: 'localhost', ca, rejectUnauthorized, ...options }), asked = once(server, 'secureConnection');
          socket.setServername(name);
          socket.on('error', () => {}).once('data', () => socket.destroy());
          await closed(socket);
          const what = JSON.stringify([implementation === tls, index, rejectUnauthorized]);
          assert.deepStrictEqual([socket.authorizationError?.code ?? socket.authorizationError, socket.authorized], [expected, expected === null], what);
          if (expected === null) assert.strictEqual((await asked)[0].servername, name || false, what);
        }
    }
});

test('own functions are asked about the name of the options, whatever setServername sends', async (t) => {
  const { port } = await peer(t, {});
  for (const implementation of [nodeTls, tls]) {
    const names = [], socket = implementation.connect({ port, host: 'localhost', ca, checkServerIdentity: (name) => void names.push(name) });
    socket.setServername('other.example');
    await once(socket, 'data');
    await closed(socket.destroy());
    assert.deepStrictEqual(names, ['localhost']);
  }
});

test('what setServername has said is sent where connect gives another host, and a session stays', async (t) => {
  const { server, port } = await peer(t, {}), names = [];
  server.on('secureConnection', (socket) => names.push(socket.servername));
  const secureContext = tls.createSecureContext({ ca });
  const visit = async (prepare) => {
    const socket = new tls.TLSSocket(undefined, { secureContext, host: 'elsewhere.example' });
    prepare(socket);
    await once(socket.connect({ port, host: 'localhost' }), 'data');
    const result = [socket.isSessionReused(), socket.getSession()];
    socket.setServername('too.late');
    await closed(socket.destroy());
    socket.setServername('much.too.late');
    return result;
  };
  const [, session] = await visit((socket) => socket.setServername('other.example'));
  const connected = tls.connect({ port, host: 'localhost', secureContext });
  connected.setSession(session);
  connected.setServername('other.example');
  await once(connected, 'data');
  assert.strictEqual(connected.isSessionReused(), true);
  await closed(connected.destroy());
  assert.deepStrictEqual(names, ['other.example', 'other.example']);
});

test('with an empty servername the host is checked, and nothing is sent', async (t) => {
  for (const [shown, expected] of [[identity, null], [{ key: text('wrong-name.key'), cert: text('wrong-name.pem') }, 'ERR_TLS_CERT_ALTNAME_INVALID']]) {
    const { server, port } = await peer(t, shown);
    for (const implementation of [nodeTls, tls]) {
      const asked = once(server, 'secureConnection');
      const socket = implementation.connect({ port, host: 'localhost', ca, servername: '', rejectUnauthorized: false }).on('error', () => {}).once('data', () => socket.destroy());
      await closed(socket);
      assert.deepStrictEqual([socket.authorizationError?.code ?? socket.authorizationError, (await asked)[0].servername], [expected, false]);
    }
  }
});

// A program may have the name from anywhere, such as the answer of a server that sends it elsewhere.
const NO_NAMES = ['a..b', '.a', '127.1', '1.2.3', `${'a'.repeat(64)}.x`, `${'a'.repeat(60)}.`.repeat(5), 'a\0b'];

test('a name that no server can have is told by an event, as one that nobody knows', async (t) => {
  const { port } = await peer(t, {});
  const lookup = (host, { all }, done) => process.nextTick(() => (all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)));
  const ways = {
    host: (implementation, host, own) => implementation.connect({ port, ca, host, lookup, ...own }),
    servername: (implementation, servername, own) => implementation.connect({ port, ca, servername, ...own }),
    socket: (implementation, servername, own) => implementation.connect({ socket: net.connect(port, '127.0.0.1'), ca, servername, ...own }),
    later: (implementation, host, own) => new implementation.TLSSocket(undefined, { ca, servername: implementation === nodeTls ? host : undefined, rejectUnauthorized: true, ...own }).connect({ port, host, lookup }),
  };
  for (const [way, connect] of Object.entries(ways))
    for (const name of NO_NAMES)
      for (const own of [{}, { rejectUnauthorized: false }, { checkServerIdentity: () => undefined }]) {
        const isChecked = Object.keys(own).length === 0;
        // node:tls throws for those that are too long or have a NUL.
        for (const implementation of way === 'later' || name.includes('\0') || name.length > 255 ? [tls] : [nodeTls, tls]) {
          const socket = connect(implementation, name, own);
          const came = await once(socket, 'data').then(() => 'connected', ({ code }) => code);
          const what = JSON.stringify([way, name, own, implementation === tls]);
          if (isChecked) assert.match(came, implementation === tls ? /^ERR_TLSOCK_VALUE$|^ERR_OUT_OF_RANGE$|^ERR_SSL_SSL3_EXT_INVALID_SERVERNAME$/ : /^ERR_TLS_CERT_ALTNAME_INVALID$/, what);
          else assert.strictEqual(came, 'connected', what);
          socket.destroy();
        }
      }
});

test('a name that nobody can have does not go out, and a better one may follow', async (t) => {
  const { server, port } = await peer(t, {}), names = [];
  server.on('secureConnection', (socket) => names.push(socket.servername));
  const through = async (prepare, own) => {
    const socket = new tls.TLSSocket(undefined, { ca, ...own });
    const end = closed(socket);
    prepare(socket);
    const came = await once(socket, 'data').then(() => 'connected', ({ code }) => code);
    socket.destroy();
    await end;
    return came;
  };
  const outcomes = [
    await through((socket) => socket.connect({ port, host: 'localhost' }), { host: 'a..b' }),
    await through((socket) => socket.connect({ port, host: 'localhost' }).setServername('a..b')),
    await through((socket) => {
      socket.connect({ port, host: 'localhost' }).setServername('a..b');
      socket.setServername('other.example');
    }),
    await through((socket) => socket.connect({ port, host: 'localhost' }).setServername('a..b'), { rejectUnauthorized: false }),
    await through((socket) => socket.connect({ port, servername: 'a..b' }).setServername('other.example'), { rejectUnauthorized: false }),
  ];
  assert.deepStrictEqual(outcomes, ['connected', 'ERR_TLSOCK_VALUE', 'connected', 'connected', 'connected']);
  assert.deepStrictEqual(names, ['localhost', 'other.example', false, 'other.example']);
});

test('no name ends a process that listens for errors', () => {
  const program = `
    require('${path.join(__dirname, '..', 'tls', 'hook.js')}');
    const https = require('node:https'), http2 = require('node:http2');
    const tell = (what) => ({ code }) => console.log(what, code);
    https.get('https://a..b/').on('error', tell('https'));
    http2.connect('https://a..b').on('error', tell('http2'));
    https.get({ host: '127.0.0.1', port: 1, headers: { host: 'a..b' } }).on('error', tell('header'));`;
  const out = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 60_000 });
  assert.deepStrictEqual(out.trim().split('\n').sort(), ['header', 'http2', 'https'].map((what) => `${what} ERR_TLSOCK_VALUE`));
});

test('what stands on a prototype makes no two contexts one', async (t) => {
  const { port } = await peer(t, { key: text('wrong-name.key'), cert: text('wrong-name.pem') });
  for (const prototype of [Object.prototype, Array.prototype, Boolean.prototype]) {
    const secureContext = tls.createSecureContext({ ca });
    prototype.toJSON = () => 1; // eslint-disable-line no-extend-native
    try {
      const open = tls.connect({ port, secureContext, host: 'localhost', rejectUnauthorized: false });
      await once(open, 'data');
      open.destroy();
      await assert.rejects(once(tls.connect({ port, secureContext, host: 'localhost' }), 'data'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    } finally {
      delete prototype.toJSON;
    }
  }
});

test('DEFAULT_ECDH_CURVE counts where no option does', async (t) => {
  for (const implementation of [nodeTls, tls])
    for (const [options, isTaken] of [[{}, false], [{ ecdhCurve: 'X25519' }, true]]) {
      const usual = implementation.DEFAULT_ECDH_CURVE;
      implementation.DEFAULT_ECDH_CURVE = 'P-521';
      let server;
      try {
        server = implementation.createServer({ ...identity, ...options }, (socket) => socket.on('error', () => {}).write('x')).on('tlsClientError', () => {});
      } finally {
        implementation.DEFAULT_ECDH_CURVE = usual;
      }
      const socket = nodeTls.connect({ port: await listen(t, server), ca, host: 'localhost', ecdhCurve: 'X25519' });
      assert.strictEqual(await once(socket, 'data').then(() => true, () => false), isTaken);
      socket.destroy();
    }
});

// Each module in a process of its own: what node:tls was given stays in OpenSSL's queue there, and another of its sockets may fail of it.
test('setSession leaves aside what is no session, and takes no other types', async (t) => {
  const { port } = await peer(t, {});
  for (const name of ['node:tls', path.join(__dirname, '..', 'tls.js')]) {
    const script = `
      const [assert, { once }, tls] = [require('node:assert'), require('node:events'), require(${JSON.stringify(name)})];
      (async () => {
        for (const session of [Buffer.from('garbage'), Buffer.alloc(0), Buffer.alloc(400, 1)]) {
          const socket = tls.connect({ port: ${port}, ca: ${JSON.stringify(ca)}, host: 'localhost' });
          socket.setSession(session);
          await once(socket, 'data');
          assert.strictEqual(socket.isSessionReused(), false);
          assert.throws(() => socket.setSession(5), { name: 'TypeError' });
          socket.destroy();
        }
        console.log('all');
      })();`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
    assert.strictEqual(stdout, 'all\n', name);
  }
});
