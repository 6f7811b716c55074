'use strict';

// Every reader of options, in both faces: what stands on Object.prototype is read by none, and a misspelt name is told.

const assert = require('node:assert');
const crypto = require('node:crypto');
const { once } = require('node:events');
const https = require('node:https');
const path = require('node:path');
const { test } = require('node:test');

const tlsock = require('../index.js');
const tls = require('../tls.js');
const { REFUSED_OPTIONS } = require('../lib/node-options.js');
const { SERVER_OPTIONS } = require('../lib/server.js');
const { SOCKET_OPTIONS } = require('../lib/socket-options.js');
const { clientContext, file, serverContext, text } = require('./support/certs.js');
const { closed, listen, streamPair } = require('./support/net.js');

const LIB = path.join(__dirname, '..', 'lib') + path.sep;
const ca = text('ca.pem');
const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };
const NAMES = new Set([...SERVER_OPTIONS, ...SOCKET_OPTIONS, ...Object.keys(REFUSED_OPTIONS), 'cafile', 'capath', 'cadata', 'insecureOverride', 'includeAliases',
  'transport', 'servername', 'host', 'port', 'path', 'socket', 'secureContext', 'isServer', 'server', 'requestOCSP', 'pskCallback', 'pskIdentityHint',
  'enableTrace', 'onread', 'signal', 'pauseOnConnect', 'lookup', 'sni', 'keys', 'pair', 'pem', 'buf', 'passphrase', 'remove', 'put', 'allowHTTP1', 'settings',
  'maxCachedSessions', 'protocols', 'credentials', 'versions', 'identities', 'identity', 'named', 'asks', 'verifies', 'keepsSessions', 'requestsOcsp',
  'asksProtocol', 'checksName', 'hasCas', 'sigalgs', 'ticketKeys', 'socketIsConnected', 'handshakeTimeout', 'minDHSize', 'timeout']);

/** Which of these names this package has looked for, and found on Object.prototype only. */
async function readOf(run) {
  const read = new Set();
  for (const name of NAMES)
    Object.defineProperty(Object.prototype, name, {
      configurable: true,
      // What Node itself reads is not told here.
      get() {
        const [, , caller] = new Error().stack.split('\n');
        if (caller.includes(LIB)) read.add(`${name} ${caller.trim()}`);
        return undefined;
      },
      set(value) { Object.defineProperty(this, name, { value, configurable: true, enumerable: true, writable: true }); },
    });
  try {
    await run();
  } finally {
    for (const name of NAMES) delete Object.prototype[name];
  }
  return [...read];
}

const other = () => tls.createSecureContext({ key: text('rsa.key'), cert: text('rsa.pem') });

async function exchange(t, server, connect) {
  const port = await listen(t, server.on('tlsClientError', () => {}));
  const client = connect(port), end = closed(client.resume());
  client.on('error', () => {});
  await end;
  return client;
}

const answer = (socket) => socket.on('error', () => {}).end('x');
const mine = (options) => (port) => tlsock.connect({ host: 'localhost', port, context: clientContext(), ...options });
const theirs = (options) => (port) => tls.connect({ port, ca, servername: 'localhost', ...options });

// What each kind of option reader is asked.
const READERS = {
  'contexts of Python\'s face': () => {
    tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, {}).loadVerifyLocations({ cafile: file('ca.pem') });
    const context = serverContext('ecdsa', (made) => made.setVerifyCallback(() => true, {}));
    context.setClientHelloCallback(() => undefined);
    context.setIdentityCallback(() => null);
    context.setSessionCache({ put() {}, get: () => null });
    context.getGroups({});
    context.wrapBio(new tlsock.MemoryBIO(), new tlsock.MemoryBIO(), { serverSide: true });
    tlsock.Identity.fromKeyObject(identity.cert, crypto.createPrivateKey(identity.key)).certificates();
  },
  'servers and clients': (t) => {
    const context = serverContext('ecdsa', (made) => { made.sniCallback = async () => undefined; });
    return exchange(t, tlsock.createServer({ context, SNICallback: async () => null, ALPNCallback: () => 'x' }, answer), mine({ context: clientContext((made) => made.setAlpnProtocols(['x'])) }));
  },
  'servers and clients of HTTP': async (t) => {
    const server = tlsock.createHttpsServer(identity, (request, response) => response.end('x')), agent = new tlsock.Agent({ ca, keepAlive: false });
    const port = await listen(t, server), [response] = await once(https.get({ host: 'localhost', port, agent }), 'response');
    await closed(response.resume());
    const both = tlsock.createHttp2Server({ ...identity, allowHTTP1: true });
    await exchange(t, both, (own) => tlsock.connect({ host: 'localhost', port: own, context: clientContext(), handshakeTimeout: 50_000 }).once('secureConnect', function end() { this.end(); }));
  },
  'a server that gets another context': async (t) => {
    const server = tlsock.createServer(identity, answer);
    server.addContext('localhost', { key: text('rsa.key'), cert: text('rsa.pem') });
    server.setSecureContext(identity);
    server.addContext('x', serverContext());
    server.setSecureContext(serverContext());
    await exchange(t, server, mine({}));
  },
  'a client that gets another name': async (t) => {
    await exchange(t, tlsock.createServer(identity, answer), (port) => {
      const client = mine({})(port);
      client.setServername('localhost');
      return client;
    });
    await exchange(t, tls.createServer(identity, answer), (port) => new tls.TLSSocket(undefined, { ca }).connect({ port, host: '127.0.0.1' }));
  },
  'node:tls\'s face': async (t) => {
    const server = tls.createServer({ ...identity, SNICallback: (name, done) => done(null, other()), ALPNCallback: ({ protocols }) => protocols[0] }, answer);
    server.on('newSession', (id, data, done) => done()).on('resumeSession', (id, done) => done(null, null)).on('OCSPRequest', (certificate, issuer, done) => done());
    await exchange(t, server, theirs({ ALPNProtocols: ['x'] }));
    tls.createSecureContext({ ca, sigalgs: 'ed25519' });
  },
  'sockets of node:tls\'s face': async () => {
    const [below, above] = streamPair();
    const server = new tls.TLSSocket(above, { isServer: true, secureContext: tls.createSecureContext(identity) });
    const client = new tls.TLSSocket(below, { secureContext: tls.createSecureContext({ ca }) });
    client.on('error', () => {});
    server.on('error', () => {});
    await Promise.all([once(server, 'close'), once(client, 'close'), server.destroy(), client.destroy()]);
  },
};

for (const [what, run] of Object.entries(READERS))
  test(`${what}: nobody has asked for what stands on Object.prototype`, { timeout: 60_000 }, async (t) => {
    assert.deepStrictEqual(await readOf(() => run(t)), []);
  });

test('a misspelt option is told, with the one that is meant', () => {
  const context = serverContext(), [below] = streamPair();
  const wrap = (options) => context.wrapBio(new tlsock.MemoryBIO(), new tlsock.MemoryBIO(), options);
  const readers = [
    [(options) => tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, options), { caFile: 'x' }, 'cafile'],
    [(options) => context.loadVerifyLocations(options), { ca_data: 'x' }, 'cadata'],
    [(options) => context.setVerifyCallback(() => true, options), { insecureOverrides: true }, 'insecureOverride'],
    [(options) => context.getGroups(options), { includeAlias: true }, 'includeAliases'],
    [wrap, { serverSide: true, reportVerfication: true }, 'reportVerification'],
    [(options) => new tlsock.TLSSocket(below, options), { context: clientContext(), expectedName: [] }, 'expectedNames'],
    [(options) => tlsock.connect({ port: 1, ...options }), { server_hostname: 'x' }, 'serverHostname'],
    [(options) => tlsock.createServer(options), { context, SNIcallback: () => null }, 'SNICallback'],
    [(options) => tlsock.createServer(identity).setSecureContext(options), { ...identity, sigAlgs: 'x' }, 'sigalgs'],
    [(options) => tlsock.createServer(identity).addContext('x', options), { ...identity, cipher: 'x' }, 'ciphers'],
    [(options) => tlsock.createHttpsServer(options), { ...identity, requestcert: true }, 'requestCert'],
    [(options) => tlsock.createHttp2Server(options), { ...identity, allowHttp1: true }, 'allowHTTP1'],
    [(options) => new tlsock.Agent(options), { rejectUnauthorised: false }, 'rejectUnauthorized'],
  ];
  for (const [read, options, meant] of readers)
    assert.throws(() => read(options), { name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE', message: new RegExp(`"${meant}" is meant`) }, meant);
});
