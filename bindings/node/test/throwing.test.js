'use strict';

// Functions and listeners of a program that throw: the connection ends at once with what they threw, or goes on and it is uncaught.

const assert = require('node:assert');
const { constants: { SSL_OP_NO_TICKET } } = require('node:crypto');
const { once } = require('node:events');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const tlsock = require('../index.js');
const hook = require('../lib/hook.js');
const tls = require('../tls.js');
const { clientContext, serverContext, text } = require('./support/certs.js');
const { closed, listen, streamPair } = require('./support/net.js');
const { printed } = require('./support/printed.js');

const ca = text('ca.pem');
const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };
const VERSIONS = ['TLSv1.2', 'TLSv1.3'];
const reason = new Error('of the program');
const fail = () => { throw reason; };

// The options and the listeners of a server, and what its client asks for.
const SERVERS = {
  SNICallback: [{ SNICallback: fail }],
  'an SNICallback that is told so': [{ SNICallback: (name, done) => done(reason) }],
  'an SNICallback that is async': [{ SNICallback: async () => fail() }],
  ALPNCallback: [{ ALPNCallback: fail }],
  OCSPRequest: [{}, 'OCSPRequest', { requestOCSP: true }],
  newSession: [{ secureOptions: SSL_OP_NO_TICKET }, 'newSession'],
  resumeSession: [{ secureOptions: SSL_OP_NO_TICKET }, 'resumeSession'],
};

/** Bytes of a session that resumeSession is asked about. */
async function sessionOf(version) {
  const server = tls.createServer({ ...identity, secureOptions: SSL_OP_NO_TICKET, maxVersion: version }, (socket) => socket.end('x'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = nodeTls.connect({ port: server.address().port, ca, servername: 'localhost' }).resume(), end = closed(client);
  const [session] = await once(client, 'session');
  await end;
  server.close();
  return session;
}

for (const [what, [options, event, wanted]] of Object.entries(SERVERS))
  for (const version of VERSIONS)
    test(`${what}, ${version}: the client is refused at once, and the server told why`, { timeout: 60_000 }, async (t) => {
      const server = tls.createServer({ ...identity, ...options, maxVersion: version }, () => assert.fail('it was refused'));
      if (event) server.on(event, fail);
      const told = once(server, 'tlsClientError'), port = await listen(t, server);
      const session = event === 'resumeSession' ? await sessionOf(version) : undefined;
      const client = nodeTls.connect({ port, ca, servername: 'localhost', ALPNProtocols: ['x'], session, ...wanted }), end = closed(client.resume());
      // In TLS 1.3 the client's side ends before the server has a session.
      client.on('secureConnect', () => assert.deepStrictEqual([event, version], ['newSession', 'TLSv1.3']));
      assert.strictEqual((await told)[0], reason);
      await end;
    });

test('what listeners throw in the middle of an event of the transport is uncaught, and the connection goes on', { timeout: 60_000 }, async () => {
  for (const event of ['connect', 'ready', 'secure', 'secureConnect']) {
    const lines = await printed(`
      const server = tls.createServer(identity, (socket) => socket.end('served'));
      server.listen(0, '127.0.0.1', () => {
        const client = tls.connect({ port: server.address().port, ca: text('ca.pem'), servername: 'localhost' });
        client.once('${event}', fail);
        client.on('data', (data) => console.log(String(data))).on('close', (hadError) => server.close(() => console.log('closed', hadError)));
      });`);
    assert.deepStrictEqual(lines, ['uncaught of the program', 'served', 'closed false'], event);
  }
});

// A server that throws once it is told of a connection. What the client writes comes together with the end of the handshake.
const SECURED = {
  'node:tls': 'nodeTls.createServer({ ...identity, maxVersion }, serve)',
  'tlsock/tls': 'tls.createServer({ ...identity, maxVersion }, serve)',
  tlsock: "tlsock.createServer({ context: serverContext('ecdsa', (context) => (context.maximumVersion = tlsock.TLSVersion[maxVersion.replace('.', '_')])) }, serve)",
};

for (const [face, server] of Object.entries(SECURED))
  for (const version of VERSIONS)
    test(`what a listener of secureConnection throws takes nothing from the connection: ${face}, ${version}`, { timeout: 60_000 }, async () => {
      const lines = await printed(`
        const maxVersion = '${version}', serve = (socket) => {
          socket.on('data', (data) => { console.log(String(data)); socket.end(); }).on('close', () => server.close());
          fail();
        };
        const server = ${server};
        server.listen(0, '127.0.0.1', () => tls.connect({ port: server.address().port, ca: text('ca.pem'), servername: 'localhost' }, function () { this.resume().write('hello'); }));`);
      assert.deepStrictEqual(lines, ['uncaught of the program', 'hello']);
    });

const LONG = 400_000;
// What is done with a client that gets LONG bytes and the end in one piece. Each prints how many bytes came.
const READERS = {
  'a listener of data': "client.on('data', (part) => { count += part.length; if (count === part.length) fail(); });",
  'each call of a listener of data': "client.on('data', (part) => { count += part.length; fail(); });",
  'a domain': "require('node:domain').create().on('error', ({ message }) => console.log('uncaught', message)).add(client); client.on('data', (part) => { count += part.length; if (count === part.length) fail(); });",
};

for (const [what, read] of Object.entries(READERS))
  test(`what a program throws takes nothing from a stream: ${what}`, { timeout: 60_000 }, async () => {
    const lines = await printed(`
      const server = nodeTls.createServer(identity, (socket) => socket.end(Buffer.alloc(${LONG})));
      server.listen(0, '127.0.0.1', () => {
        const raw = net.connect({ port: server.address().port, host: '127.0.0.1', allowHalfOpen: true }), parts = [];
        const transport = new Duplex({ allowHalfOpen: false, read() {}, write: (chunk, encoding, done) => raw.write(chunk, done), final: (done) => raw.end(done) });
        const client = tls.connect({ socket: transport, ca: text('ca.pem'), servername: 'localhost' });
        let isSecure = false, count = 0;
        raw.on('data', (data) => (isSecure ? parts.push(data) : transport.push(data)));
        client.once('secureConnect', () => { isSecure = true; });
        raw.on('end', () => { transport.push(Buffer.concat(parts)); transport.push(null); });
        client.on('close', () => { console.log('closed', count, client.readableEnded); raw.destroy(); server.close(); });
        ${read}
      });`);
    const told = lines.filter((line) => line === 'uncaught of the program').length;
    assert.ok(told >= 1, lines.join());
    assert.deepStrictEqual(lines.filter((line) => !line.startsWith('uncaught')), [`closed ${LONG} true`], lines.join());
  });

test('what the callback of a write throws as the connection is destroyed is uncaught, and the connection closes: as over node:tls', { timeout: 60_000 }, async () => {
  const [theirs, ours] = await Promise.all(['nodeTls', 'tls'].map((face) => printed(`
    const server = nodeTls.createServer(identity, (socket) => socket.on('error', () => {}).pause());
    server.listen(0, '127.0.0.1', () => {
      const client = ${face}.connect({ port: server.address().port, ca: text('ca.pem'), servername: 'localhost' });
      client.on('error', () => {}).on('close', () => { console.log('close'); process.exit(); });
      client.once('secureConnect', () => {
        client.write(Buffer.alloc(8 << 20), fail);
        client.destroy(new Error('mine'));
      });
    });`)));
  assert.deepStrictEqual(theirs.sort(), ['close', 'uncaught of the program']);
  assert.deepStrictEqual(ours.sort(), theirs);
});

test('what a stream below throws is uncaught, and the connection goes on', { timeout: 60_000 }, async () => {
  const lines = await printed(`
    const { streamPair } = require(${JSON.stringify(require.resolve('./support/net.js'))});
    const [below, above] = streamPair(), { write } = below;
    below.write = (...args) => {
      const answer = write.apply(below, args);
      below.write = write;
      fail();
      return answer;
    };
    const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
    const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost' });
    server.end('served');
    client.on('data', (data) => console.log(String(data)));`);
  assert.deepStrictEqual(lines.sort(), ['served', 'uncaught of the program']);
});

// What is ours, and no program's: a connection's gate stands for it.
const GATE = { heed() {}, waits: () => false, receive: (engine, ...rest) => engine.receive(...rest), judge: () => null };

for (const name of ['waits', 'receive', 'judge'])
  for (const side of ['client', 'server'])
    test(`what our own code throws ends the connection, and no process: ${name} on the ${side}`, { timeout: 60_000 }, async () => {
      const [below, above] = streamPair(), gate = () => ({ ...GATE, [name]: fail }), own = (wanted) => (side === wanted ? { [hook.GATE]: gate } : {});
      const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true, ...own('server') });
      const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost', ...own('client') });
      const [one, other] = side === 'client' ? [client, server] : [server, client];
      await assert.rejects(one.doHandshake(), reason);
      other.destroy();
    });

test('a client whose protocol the library does not take ends no process', { timeout: 60_000 }, async (t) => {
  const server = tlsock.createServer({ context: serverContext(), ALPNCallback: ({ protocols }) => protocols[0] }, (socket) => socket.on('error', () => {}));
  const port = await listen(t, server), end = Promise.race([once(server, 'tlsClientError'), once(server, 'secureConnection')]);
  const client = nodeTls.connect({ port, ca, servername: 'localhost', ALPNProtocols: Buffer.from([2, 0xe9, 0x78]) });
  client.on('error', () => {}).resume();
  await end;
  client.destroy();
});
