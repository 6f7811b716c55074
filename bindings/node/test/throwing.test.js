'use strict';

// Functions and listeners of a program that throw: the connection ends at once with what they threw, or goes on and it is uncaught.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { constants: { SSL_OP_NO_TICKET } } = require('node:crypto');
const { once } = require('node:events');
const { test } = require('node:test');
const nodeTls = require('node:tls');
const { promisify } = require('node:util');

const tls = require('../tls.js');
const { text } = require('./support/certs.js');
const { closed, listen } = require('./support/net.js');

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
    const source = `
      const tls = require(${JSON.stringify(require.resolve('../tls.js'))}), { text } = require(${JSON.stringify(require.resolve('./support/certs.js'))});
      process.on('uncaughtException', (error) => console.log('uncaught', error.message));
      const server = tls.createServer({ key: text('ecdsa.key'), cert: text('ecdsa.pem') }, (socket) => socket.end('served'));
      server.listen(0, '127.0.0.1', () => {
        const client = tls.connect({ port: server.address().port, ca: text('ca.pem'), servername: 'localhost' });
        client.once('${event}', () => { throw new Error('of the program'); });
        client.on('data', (data) => console.log(String(data))).on('close', (hadError) => server.close(() => console.log('closed', hadError)));
      });`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', source], { timeout: 60_000 });
    assert.deepStrictEqual(stdout.trim().split('\n'), ['uncaught of the program', 'served', 'closed false'], event);
  }
});
