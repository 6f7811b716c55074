'use strict';

// The first message of a client, as a server's callback sees it.

const assert = require('node:assert');
const { createHash } = require('node:crypto');
const { once } = require('node:events');
const { test } = require('node:test');
const tls = require('node:tls');

const tlsock = require('../index.js');
const { clientContext, fixed, serverContext, text } = require('./support/certs.js');
const { closed, listen } = require('./support/net.js');
const { objects } = require('./support/pairs.js');

const VERSIONS = [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3];

const number = (value, size) => {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
};
const counted = (size, parts) => {
  const all = Buffer.concat(parts);
  return Buffer.concat([number(all.length, size), all]);
};

/** What a server sees of a client's first flight, and that flight. */
function seen(client, options = { serverHostname: 'localhost' }) {
  const up = new tlsock.MemoryBIO(), told = [];
  const server = serverContext('rsa', (context) => context.setClientHelloCallback((connection, hello) => void told.push({ connection, hello })));
  assert.throws(() => client.wrapBio(new tlsock.MemoryBIO(), up, options).doHandshake(), tlsock.SSLWantReadError);
  const flight = up.read(up.pending), incoming = new tlsock.MemoryBIO();
  incoming.write(flight);
  const object = server.wrapBio(incoming, new tlsock.MemoryBIO(), { serverSide: true });
  assert.throws(() => object.doHandshake(), tlsock.SSLWantReadError);
  assert.strictEqual(told.length, 1);
  assert.strictEqual(told[0].connection, object);
  return { hello: told[0].hello, flight };
}

test('all facts are those of the bytes that were sent', () => {
  for (const version of VERSIONS) {
    const { hello, flight } = seen(clientContext((context) => {
      fixed(version)(context);
      context.setAlpnProtocols(['h2', 'http/1.1']);
      context.setGroups('x25519:secp256r1');
    }));
    assert.deepStrictEqual(Object.keys(hello), ['isSecond', 'serverName', 'alpn', 'legacyVersion', 'sessionId', 'versions', 'ciphers', 'groups',
      'signatureAlgorithms', 'extensions', 'ja3', 'ja3String', 'ja4']);
    assert.deepStrictEqual([hello.isSecond, hello.serverName, hello.alpn], [false, 'localhost', ['h2', 'http/1.1']]);
    assert.deepStrictEqual([hello.legacyVersion, hello.versions, hello.groups], [0x0303, [version], [0x001d, 0x0017]]);
    // Message: type, length, version, random, session id, ciphers, compression, extensions.
    assert.deepStrictEqual(hello.sessionId, flight.subarray(44, 44 + flight[43]));
    const message = flight.subarray(5), afterId = 4 + 2 + 32 + 1 + message[38];
    const rest = Buffer.concat([
      counted(2, hello.ciphers.map((cipher) => number(cipher, 2))), Buffer.from([1, 0]),
      counted(2, hello.extensions.map(({ type, data }) => Buffer.concat([number(type, 2), counted(2, [data])]))),
    ]);
    assert.deepStrictEqual(message.subarray(afterId), rest);
    const algorithms = counted(2, hello.signatureAlgorithms.map((each) => number(each, 2)));
    assert.deepStrictEqual(hello.extensions.find(({ type }) => type === 13).data, algorithms);
    assert.strictEqual(hello.ja3, createHash('md5').update(hello.ja3String).digest('hex'));
    assert.ok(hello.ja3String.startsWith(`771,${hello.ciphers.join('-')},`));
    assert.match(hello.ja4, version === VERSIONS[0] ? /^t12d\d{4}h2_[0-9a-f]{12}_[0-9a-f]{12}$/ : /^t13d\d{4}h2_[0-9a-f]{12}_[0-9a-f]{12}$/);
    // Memory of its own, and a plain object.
    for (const { data } of hello.extensions) assert.strictEqual(data.buffer.byteLength, data.length);
    assert.deepStrictEqual(structuredClone(hello).versions, [version]);
  }
});

test('a client without name and protocols', () => {
  const { hello } = seen(clientContext(), { serverHostname: 'localhost', serverName: null });
  assert.deepStrictEqual([hello.serverName, hello.alpn], [null, []]);
});

test('protocols of any bytes have one character for each', async (t) => {
  const context = serverContext(), told = [];
  context.setClientHelloCallback((connection, { alpn }) => void told.push(...alpn));
  const port = await listen(t, tlsock.createServer({ context }, (socket) => socket.end()));
  await closed(tls.connect({ host: '127.0.0.1', port, ca: text('ca.pem'), servername: 'localhost', ALPNProtocols: Buffer.from([3, 0xc3, 0xa9, 0]) }).resume());
  assert.deepStrictEqual(told, ['\u00c3\u00a9\0']);
});

test('it chooses the context, whose SNI callback is asked after it', async (t) => {
  for (const version of VERSIONS) {
    const order = [];
    const right = serverContext('ecdsa', (context) => {
      context.sniCallback = () => void order.push('sni of the other');
    });
    const context = serverContext('rsa', fixed(version));
    context.sniCallback = () => void order.push('sni of the first');
    const choose = (connection) => {
      order.push('hello');
      connection.context = right;
    };
    for (const callback of [choose, async (connection) => new Promise(setImmediate).then(() => choose(connection))]) {
      order.length = 0;
      context.setClientHelloCallback(callback);
      const port = await listen(t, tlsock.createServer({ context }, (socket) => socket.end()));
      const client = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', ca: text('ca.pem') });
      await once(client, 'secureConnect');
      assert.strictEqual(client.getPeerCertificate().asn1Curve, 'prime256v1');
      assert.deepStrictEqual(order, ['hello', 'sni of the other']);
      await closed(client.resume());
    }
  }
});

test('it refuses with an alert, which node:tls is told', async (t) => {
  const reason = new Error('on the list'), { ACCESS_DENIED, HANDSHAKE_FAILURE } = tlsock.AlertDescription;
  for (const version of VERSIONS)
    for (const [callback, alert] of [
      [() => ACCESS_DENIED, ACCESS_DENIED], [async () => ACCESS_DENIED, ACCESS_DENIED],
      [() => { throw reason; }, HANDSHAKE_FAILURE], [async () => { throw reason; }, HANDSHAKE_FAILURE],
    ]) {
      const context = serverContext('rsa', fixed(version));
      context.setClientHelloCallback(callback);
      const server = tlsock.createServer({ context }), refused = once(server, 'tlsClientError');
      const client = tls.connect({ host: '127.0.0.1', port: await listen(t, server), servername: 'localhost', ca: text('ca.pem') });
      const [error] = await once(client, 'error'), [told] = await refused;
      assert.match(error.code, alert === ACCESS_DENIED ? /_ALERT_ACCESS_DENIED$/ : /_ALERT_HANDSHAKE_FAILURE$/);
      assert.strictEqual(told.alertSent, alert);
      if (alert === HANDSHAKE_FAILURE) assert.strictEqual(told.cause, reason);
      else assert.match(told.cause.message, /^the client hello callback refused the client$/);
    }
});

test('it sees both ClientHellos of a handshake with a HelloRetryRequest, also when it answers later', async (t) => {
  for (const isLater of [false, true]) {
    const told = [];
    const context = serverContext('rsa', (own) => {
      fixed(VERSIONS[1])(own);
      own.setGroups('secp384r1');
      own.setClientHelloCallback((connection, hello) => {
        told.push([hello.isSecond, hello.serverName]);
        return isLater ? new Promise((resolve) => setImmediate(resolve)) : undefined;
      });
    });
    const port = await listen(t, tlsock.createServer({ context }, (socket) => socket.end()));
    const client = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', ca: text('ca.pem'), ecdhCurve: 'X25519:P-384' });
    await closed(client.resume());
    assert.deepStrictEqual([client.errored ?? null, told], [null, [[false, 'localhost'], [true, 'localhost']]]);
  }
});

test('in memory too, both ClientHellos are asked about, and each once', async () => {
  const told = [];
  const context = serverContext('rsa', (own) => {
    own.setGroups('secp384r1');
    own.setClientHelloCallback(async (connection, { isSecond }) => void told.push(isSecond));
  });
  const up = new tlsock.MemoryBIO(), down = new tlsock.MemoryBIO();
  const client = clientContext(fixed(VERSIONS[1])).wrapBio(down, up, { serverHostname: 'localhost' }), server = context.wrapBio(up, down, { serverSide: true });
  for (let i = 0; i < 8; i++)
    for (const end of [client, server])
      try {
        end.doHandshake();
      } catch (error) {
        if (error instanceof tlsock.SSLWantCallbackError) await error.answered;
        else if (!(error instanceof tlsock.SSLWantReadError)) throw error;
      }
  assert.deepStrictEqual([client.version(), server.version(), told], ['TLSv1.3', 'TLSv1.3', [false, true]]);
});

test('it is for servers, can be taken away, and a copy of a context has its own', () => {
  const told = [];
  const context = serverContext('rsa', (own) => own.setClientHelloCallback((connection) => void told.push(connection.context)));
  objects(clientContext(), context);
  const copy = context.copy();
  objects(clientContext(), copy);
  context.setClientHelloCallback(null);
  objects(clientContext(), context);
  assert.deepStrictEqual(told.map((each) => [context, copy].indexOf(each)), [0, 1]);
  assert.throws(() => clientContext().setClientHelloCallback(() => {}), { name: 'ValueError' });
  for (const bad of [5, 'x', {}, true]) assert.throws(() => context.setClientHelloCallback(bad), { name: 'TypeError', message: /^callback must be a function/ });
});
