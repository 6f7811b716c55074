'use strict';

// createHttpsServer has what https.Server has. Where possible, the same test runs against Node's own.

const assert = require('node:assert');
const { once } = require('node:events');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const { clientContext, file, serverContext, text } = require('./support/certs.js');
const curl = require('./support/curl.js');
const { closed, collect, listen } = require('./support/net.js');
const { pkcs12 } = require('./support/openssl.js');

const ca = text('ca.pem');
const MAKERS = {
  'node:https': (options, listener) => https.createServer({ cert: text('ecdsa.pem'), key: text('ecdsa.key'), ...options }, listener),
  ours: (options, listener) => tlsock.createHttpsServer({ context: serverContext(), ...options }, listener),
};
const answer = (incoming, response) => response.end('fine');

async function get(port, options) {
  const request = https.get({ host: '127.0.0.1', servername: 'localhost', port, ca, agent: false, ...options });
  const [response] = await once(request, 'response');
  return { status: response.statusCode, headers: response.headers, body: String(await collect(response)) };
}

/** A client that writes what it likes. */
function raw(port, ...lines) {
  const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca });
  client.got = '';
  client.on('data', (chunk) => (client.got += chunk)).on('error', () => {});
  client.write(lines.join('\r\n'));
  return client;
}

for (const [whose, make] of Object.entries(MAKERS)) {
  test(`options and properties, ${whose}`, async (t) => {
    class Incoming extends http.IncomingMessage {}
    class Outgoing extends http.ServerResponse {}
    const settings = {
      headersTimeout: 1234, requestTimeout: 2345, keepAliveTimeout: 3456, maxHeaderSize: 4567, insecureHTTPParser: false, joinDuplicateHeaders: true,
      requireHostHeader: false, connectionsCheckingInterval: 567, IncomingMessage: Incoming, ServerResponse: Outgoing,
    };
    const server = make(settings, (incoming, response) => {
      assert.ok(incoming instanceof Incoming && response instanceof Outgoing);
      response.end(String(incoming.headers.accept));
    });
    for (const name of ['headersTimeout', 'requestTimeout', 'keepAliveTimeout', 'maxHeaderSize', 'insecureHTTPParser', 'joinDuplicateHeaders'])
      assert.strictEqual(server[name], settings[name], name);
    assert.deepStrictEqual([server.timeout, server.maxHeadersCount, server.maxRequestsPerSocket ?? 0], [0, null, 0]);
    const port = await listen(t, server);
    const joined = raw(port, 'GET / HTTP/1.1', 'Accept: a', 'Accept: b', 'Connection: close', '', '');
    await closed(joined);
    assert.match(joined.got, /a, b$/);
    const large = raw(port, 'GET / HTTP/1.1', `X: ${'a'.repeat(5000)}`, '', '');
    await closed(large);
    assert.match(large.got, /^HTTP\/1\.1 431 /);
  });

  test(`slow clients are told so, ${whose}`, async (t) => {
    const server = make({ headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 }, answer);
    const port = await listen(t, server);
    const slow = raw(port, 'GET / HTTP/1.1', 'Host: x', 'X:');
    await closed(slow);
    assert.match(slow.got, /^HTTP\/1\.1 408 /);
  });

  test(`keepAliveTimeout and maxRequestsPerSocket, ${whose}`, async (t) => {
    const server = make({ keepAliveTimeout: 100 }, answer);
    server.maxRequestsPerSocket = 2;
    const port = await listen(t, server);
    const ask = ['GET / HTTP/1.1', 'Host: x', '', ''];
    const idle = raw(port, ...ask);
    await closed(idle);
    assert.match(idle.got, /Keep-Alive: timeout=0, max=2|Connection: keep-alive/);
    const busy = raw(port, ...ask, ...ask, ...ask);
    await closed(busy);
    const statuses = busy.got.match(/HTTP\/1\.1 \d+/g);
    assert.deepStrictEqual(statuses, ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 503']);
  });

  test(`setTimeout tells of clients that are idle, ${whose}`, async (t) => {
    const server = make({}, () => {});
    const port = await listen(t, server);
    let told;
    assert.strictEqual(server.setTimeout(50, (socket) => {
      told = socket;
      socket.destroy();
    }), server);
    assert.strictEqual(server.timeout, 50);
    await closed(raw(port, 'GET / HTTP/1.1', 'Host: x', '', ''));
    assert.strictEqual(told.encrypted, true);
    // Nobody to tell: it is ended.
    const unheard = make({}, () => {});
    unheard.timeout = 50;
    await closed(raw(await listen(t, unheard), 'GET / HTTP/1.1', 'Host: x', '', ''));
  });

  test(`events: listeners come and go, ${whose}`, async (t) => {
    const server = make({});
    const port = await listen(t, server);
    const first = (incoming, response) => response.end('first'), second = (incoming, response) => response.end('second');
    server.on('request', first);
    assert.strictEqual(server.listenerCount('request'), 1);
    assert.strictEqual((await get(port)).body, 'first');
    server.removeListener('request', first).once('request', second);
    assert.strictEqual((await get(port)).body, 'second');

    const bad = async () => {
      const client = raw(port, 'GARBAGE', '', '');
      await closed(client);
      return client.got;
    };
    assert.match(await bad(), /^HTTP\/1\.1 400 /);
    const own = (error, socket) => setImmediate(() => socket.end(`own: ${error.code}`));
    server.on('clientError', own);
    assert.match(await bad(), /^own: HPE_INVALID_\w+$/);
    server.removeListener('clientError', own);
    assert.match(await bad(), /^HTTP\/1\.1 400 /);

    const upgrade = ['GET / HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: own', '', ''];
    server.on('request', answer);
    const plain = raw(port, ...upgrade);
    await once(plain, 'data');
    assert.match(plain.got, /^HTTP\/1\.1 200 /);
    plain.destroy();
    server.once('upgrade', (incoming, socket) => socket.end('HTTP/1.1 101 x\r\n\r\nup'));
    const up = raw(port, ...upgrade);
    await closed(up);
    assert.match(up.got, /up$/);
    server.once('connect', (incoming, socket) => socket.end(`connected to ${incoming.url}`));
    const through = raw(port, 'CONNECT there:1 HTTP/1.1', 'Host: x', '', '');
    await closed(through);
    assert.strictEqual(through.got, 'connected to there:1');
    server.once('checkContinue', (incoming, response) => response.writeHead(417).end());
    const expecting = raw(port, 'POST / HTTP/1.1', 'Host: x', 'Expect: 100-continue', 'Content-Length: 2', 'Connection: close', '', '');
    await closed(expecting);
    assert.match(expecting.got, /^HTTP\/1\.1 417 /);
  });

  test(`close ends what is idle, closeAllConnections all, ${whose}`, async (t) => {
    const pending = [];
    const server = make({}, (incoming, response) => (incoming.url === '/wait' ? pending.push(response) : response.end('fine')));
    const port = await listen(t, server);
    assert.strictEqual(server.listening, true);
    const idle = raw(port, 'GET / HTTP/1.1', 'Host: x', '', '');
    await once(idle, 'data');
    const waiting = raw(port, 'GET /wait HTTP/1.1', 'Host: x', 'Connection: close', '', '');
    while (pending.length === 0) await once(server, 'request');
    const gone = closed(idle), done = new Promise((resolve) => server.close(resolve));
    await gone;
    assert.strictEqual(server.listening, false);
    pending[0].end('late');
    await closed(waiting);
    assert.match(waiting.got, /late$/);
    assert.strictEqual(await done, undefined);

    const other = make({}, (incoming, response) => (incoming.url === '/wait' ? other.emit('waits') : response.end()));
    const otherPort = await listen(t, other);
    const kept = raw(otherPort, 'GET / HTTP/1.1', 'Host: x', '', '');
    await once(kept, 'data');
    const stuck = raw(otherPort, 'GET /wait HTTP/1.1', 'Host: x', '', '');
    await once(other, 'waits');
    const idleGone = closed(kept), stuckGone = closed(stuck);
    other.closeIdleConnections();
    await idleGone;
    assert.strictEqual(stuck.destroyed, false);
    other.closeAllConnections();
    await stuckGone;
    await new Promise((resolve) => other.close(resolve));
    await assert.rejects(new Promise((resolve, reject) => other.close((error) => (error ? reject(error) : resolve()))), { code: 'ERR_SERVER_NOT_RUNNING' });
  });

  test(`a client that fails before HTTP is told by clientError too, ${whose}`, async (t) => {
    const server = make({}, answer);
    const port = await listen(t, server);
    const told = once(server, 'clientError');
    const plain = net.connect(port, '127.0.0.1').on('error', () => {});
    plain.end('GET / HTTP/1.1\r\n\r\n');
    const [error] = await told;
    assert.strictEqual(error.code, 'ERR_SSL_HTTP_REQUEST');
  });

  test(`setSecureContext: clients from now on see the other certificate, ${whose}`, async (t) => {
    const server = make({}, answer);
    const port = await listen(t, server);
    const shown = async () => {
      const client = raw(port);
      await once(client, 'secureConnect');
      const { asn1Curve = 'RSA' } = client.getPeerCertificate();
      client.destroy();
      return asn1Curve;
    };
    assert.strictEqual(await shown(), 'prime256v1');
    server.setSecureContext({ cert: text('rsa.pem'), key: text('rsa.key') });
    assert.strictEqual(await shown(), 'RSA');
    assert.throws(() => server.setSecureContext({ cert: 'x', key: 'y' }));
    if (whose === 'ours') assert.throws(() => server.setSecureContext(clientContext()), tlsock.SSLError);
    assert.strictEqual(await shown(), 'RSA');
  });
}

test('addContext: the last name that fits counts, and a star is a label', async (t) => {
  const server = tlsock.createHttpsServer({ context: serverContext() }, answer);
  const port = await listen(t, server);
  const shown = async (servername) => {
    const client = tls.connect({ port, host: '127.0.0.1', servername, ca, checkServerIdentity: () => undefined });
    await once(client, 'secureConnect');
    const { asn1Curve = 'RSA' } = client.getPeerCertificate();
    client.destroy();
    return asn1Curve;
  };
  const all = (...names) => Promise.all(names.map(shown));
  server.addContext('*.example.com', { cert: text('rsa.pem'), key: text('rsa.key') });
  assert.deepStrictEqual(await all('a.example.com', 'A.example.com', 'a.b.example.com', 'example.com', 'axexample.com', ''),
    ['RSA', 'RSA', 'prime256v1', 'prime256v1', 'prime256v1', 'prime256v1']);
  server.addContext('a.example.com', serverContext());
  assert.deepStrictEqual(await all('a.example.com', 'b.example.com'), ['prime256v1', 'RSA']);
  assert.throws(() => server.addContext('', 1), TypeError);
});

for (const [whose, make] of Object.entries(MAKERS))
  test(`a server that asks clients who they are goes on asking after setSecureContext, ${whose}`, async (t) => {
    const pair = (name) => ({ cert: text(`${name}.pem`), key: text(`${name}.key`) });
    const server = make({ context: undefined, ...pair('ecdsa'), ca, requestCert: true }, answer);
    const port = await listen(t, server);
    const ask = (options) => get(port, options).then(({ body }) => body, () => 'refused');
    assert.deepStrictEqual([await ask({}), await ask(pair('client'))], ['refused', 'fine']);
    server.setSecureContext({ ...pair('rsa'), ca });
    assert.deepStrictEqual([await ask({}), await ask(pair('client'))], ['refused', 'fine']);
    server.addContext('localhost', { ...pair('ecdsa'), ca });
    assert.deepStrictEqual([await ask({}), await ask(pair('client'))], ['refused', 'fine']);
  });

test('ticket keys are refused by name', () => {
  const server = tlsock.createHttpsServer({ context: serverContext() }, answer);
  for (const name of ['getTicketKeys', 'setTicketKeys']) assert.throws(() => server[name](Buffer.alloc(48)), tlsock.NotImplementedError);
  assert.throws(() => server.addContext('x', clientContext()), tlsock.SSLError);
});

test('the server behind knows the address, and that it listens', async (t) => {
  const server = tlsock.createHttpsServer({ context: serverContext() }, answer);
  assert.strictEqual(server.http.listening, false);
  const port = await listen(t, server);
  assert.strictEqual(server.http.listening, true);
  assert.strictEqual(server.http.address().port, port);
  assert.strictEqual(server.http.unref(), server.http);
  assert.strictEqual(server.http.ref(), server.http);
  server.http.keepAliveTimeout = 77;
  assert.strictEqual(server.keepAliveTimeout, 77);
});

test('servers made of the options of node:tls, curl asks', async (t) => {
  const server = tlsock.createHttpsServer({
    cert: text('ecdsa.pem'), key: text('ecdsa.key'), ca, requestCert: true, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  }, (incoming, response) => response.end(`${incoming.socket.cipher().name} ${incoming.socket.authorized} ${incoming.socket.alpnProtocol}`));
  const port = await listen(t, server);
  const url = `https://localhost:${port}/`, base = ['-sS', '--max-time', '20', '--cacert', file('ca.pem'), '--noproxy', '*'];
  const { stdout } = await curl([...base, '--cert', file('client.pem'), '--key', file('client.key'), url]);
  assert.strictEqual(stdout, 'ECDHE-ECDSA-AES256-GCM-SHA384 true http/1.1');
  const told = once(server, 'tlsClientError');
  await assert.rejects(curl([...base, url]));
  const [error] = await told;
  assert.strictEqual(error.reason, 'PEER_DID_NOT_RETURN_A_CERTIFICATE');
});

test('a server made of a PKCS #12 file names its authorities', async (t) => {
  const server = tlsock.createHttpsServer({ pfx: pkcs12('ecdsa'), passphrase: 'secret', ca: [ca, text('inter.pem')], requestCert: true }, answer);
  const port = await listen(t, server);
  const named = [];
  const context = clientContext((made) => made.setIdentityCallback((connection, { caNames }) => {
    named.push(...caNames.map((each) => each.text));
    return tlsock.Identity.fromFiles(file('client.pem'), file('client.key'));
  }));
  const agent = new tlsock.Agent({ context });
  t.after(() => agent.destroy());
  const [response] = await once(https.get({ host: 'localhost', port, agent }), 'response');
  assert.strictEqual(response.socket.peerCertificate.subjectText, 'CN=localhost,O=tlsock');
  response.resume();
  assert.deepStrictEqual(named, ['CN=tlsock test root', 'CN=tlsock test intermediate']);
});

test('what a server cannot be given is refused by name', () => {
  const make = (options) => () => tlsock.createHttpsServer(options, answer);
  const pair = { cert: text('ecdsa.pem'), key: text('ecdsa.key') };
  for (const name of ['dhparam', 'ticketKeys', 'sessionTimeout', 'sessionIdContext', 'pskCallback', 'enableTrace'])
    assert.throws(make({ ...pair, [name]: Buffer.alloc(1) }), { message: new RegExp(`"${name}"`) });
  assert.throws(make({ ...pair, requestCert: true, rejectUnauthorized: false }), { message: /rejectUnauthorized/ });
  assert.throws(make({ context: serverContext(), ...pair }), { message: /"cert".*context/ });
  assert.throws(make({ context: serverContext(), requestCert: true }), { message: /"requestCert".*context/ });
  assert.throws(make({ ...pair, headerTimeout: 1 }), { message: /"headersTimeout" is meant/ });
  assert.throws(make({}), { message: /^context must be/ });
  assert.throws(() => tlsock.createHttpsServer({ context: serverContext() }, 'x'), TypeError);
  assert.throws(make({ context: clientContext() }), tlsock.SSLError);
});

test('honorCipherOrder: false lets the client choose', async (t) => {
  const ciphers = ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256'];
  const chosen = async (options) => {
    const server = tlsock.createHttpsServer({ cert: text('ecdsa.pem'), key: text('ecdsa.key'), ciphers: ciphers.join(':'), maxVersion: 'TLSv1.2', ...options }, answer);
    const client = tls.connect({ port: await listen(t, server), host: '127.0.0.1', servername: 'localhost', ca, ciphers: [...ciphers].reverse().join(':') });
    await once(client, 'secureConnect');
    const { name } = client.getCipher();
    client.destroy();
    return name;
  };
  assert.strictEqual(await chosen({}), ciphers[0]);
  assert.strictEqual(await chosen({ honorCipherOrder: false }), ciphers[1]);
});
