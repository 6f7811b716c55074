'use strict';

// How the application protocol of a server is chosen, and what happens where there is none in common.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const tlsock = require('../index.js');
const tls = require('../tls.js');
const { clientContext, fixed, serverContext, text } = require('./support/certs.js');
const { listen } = require('./support/net.js');
const { objects } = require('./support/pairs.js');

const VERSIONS = [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3];
const NO_APPLICATION_PROTOCOL = 120;

function offering(version, ...protocols) {
  const context = clientContext(fixed(version));
  context.setAlpnProtocols(protocols);
  return context;
}

/** The protocol of both ends. */
function agreed(client, server) {
  const ends = objects(client, server);
  assert.strictEqual(ends.client.selectedAlpnProtocol(), ends.server.selectedAlpnProtocol());
  return ends.client.selectedAlpnProtocol();
}

const refusal = { name: 'SSLError', alertSent: NO_APPLICATION_PROTOCOL };

test('a callback chooses by the whole list', () => {
  for (const version of VERSIONS) {
    const server = serverContext(), seen = [];
    server.setAlpnProtocols(['one']);
    assert.strictEqual(server.alpnCallback, null);
    server.alpnCallback = (connection, serverName, protocols) => {
      assert.ok(connection.serverSide);
      seen.push([serverName, ...protocols]);
      const chosen = protocols.find((name) => name === 'two');
      // The list is a copy.
      protocols.length = 0;
      return chosen;
    };
    const client = offering(version, 'one', 'two');
    assert.strictEqual(agreed(client, server), 'two');
    assert.strictEqual(agreed(offering(version, 'one'), server), null);
    assert.strictEqual(agreed(clientContext(fixed(version)), server), null);
    assert.deepStrictEqual(seen, [['localhost', 'one', 'two'], ['localhost', 'one']]);
    server.alpnCallback = null;
    assert.strictEqual(agreed(client, server), 'one');
  }
});

test('a callback that throws, that waits or that chooses what was not offered refuses', () => {
  const mine = new Error('not today');
  const wrong = {
    'not today': () => { throw mine; },
    'has to be an async function': () => Promise.resolve('one'),
    'one of the protocols that the client offers': () => 'two',
    'the client offers, not 0': () => 0,
  };
  for (const version of VERSIONS) {
    for (const [words, callback] of Object.entries(wrong)) {
      const server = serverContext();
      server.alpnCallback = callback;
      assert.throws(() => agreed(offering(version, 'one'), server), (error) => {
        assert.strictEqual(error.alertSent, NO_APPLICATION_PROTOCOL);
        const all = [error.message, error.cause?.message, error.cause?.cause?.message].join();
        assert.ok(all.includes(words), all);
        return true;
      });
    }
  }
});

test('a strict server refuses where there is none in common', () => {
  for (const version of VERSIONS) {
    const server = serverContext();
    assert.strictEqual(server.alpnStrict, false);
    server.alpnStrict = true;
    assert.strictEqual(server.alpnStrict, true);
    server.setAlpnProtocols(['one']);
    assert.throws(() => agreed(offering(version, 'other'), server), refusal);
    assert.strictEqual(agreed(offering(version, 'other', 'one'), server), 'one');
    assert.strictEqual(agreed(clientContext(fixed(version)), server), null);
    server.alpnCallback = () => null;
    assert.throws(() => agreed(offering(version, 'one'), server), refusal);
    server.alpnStrict = false;
    assert.strictEqual(agreed(offering(version, 'one'), server), null);
  }
  const client = clientContext();
  assert.throws(() => (client.alpnStrict = true), tlsock.ValueError);
  assert.throws(() => (client.alpnCallback = () => null), tlsock.ValueError);
  assert.throws(() => (client.alpnStrict = 1), TypeError);
  assert.throws(() => (client.alpnCallback = 1), TypeError);
});

// What a client of node:tls gets of a server, and what the server sees.
async function visit(t, implementation, options, offered) {
  const seen = [];
  const spy = options.ALPNCallback && { ALPNCallback(offer) {
    seen.push(offer, this instanceof implementation.TLSSocket);
    return options.ALPNCallback(offer);
  } };
  let accepted;
  const accept = new Promise((resolve) => { accepted = resolve; });
  const server = implementation.createServer({ key: text('ecdsa.key'), cert: text('ecdsa.pem'), ...options, ...spy }, (socket) => {
    accepted();
    seen.push(socket.alpnProtocol, socket.servername);
    socket.on('error', () => {}).end('hi');
  });
  // What OpenSSL says names a line of its sources.
  const told = once(server, 'tlsClientError').then(([{ code, message }]) => [code, code.startsWith('ERR_TLS') && message]);
  const port = await listen(t, server);
  const client = nodeTls.connect({ port, ca: text('ca.pem'), servername: 'localhost', maxVersion: options.maxVersion, ALPNProtocols: offered });
  const outcome = await new Promise((resolve) => {
    client.on('error', ({ code }) => resolve(code)).on('end', () => resolve(client.alpnProtocol)).resume();
  });
  return { outcome, seen, told: await Promise.race([accept, told]) };
}

test('an ALPNCallback may give the connection another certificate, and an SNICallback answer by a promise', async (t) => {
  const [ecdsa, rsa] = ['ecdsa', 'rsa'].map((name) => ({ key: text(`${name}.key`), cert: text(`${name}.pem`) }));
  const ALPNCallback = function choose({ protocols }) {
    this.setKeyCert(rsa);
    return protocols[0];
  };
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'])
    for (const own of [{ ALPNCallback }, { ALPNCallback: () => 'a', SNICallback: async () => tls.createSecureContext(rsa) }]) {
      const port = await listen(t, tls.createServer({ ...ecdsa, ...own, maxVersion }, (socket) => socket.end('x')));
      const client = nodeTls.connect({ port, ca: text('ca.pem'), servername: 'localhost', ALPNProtocols: ['a'] });
      await once(client, 'secureConnect');
      assert.deepStrictEqual([client.alpnProtocol, client.getPeerX509Certificate().publicKey.asymmetricKeyType], ['a', 'rsa']);
      client.destroy();
    }
});

// Node 18 has no ALPNCallback, and its servers refuse nobody.
test('a server of tlsock/tls chooses as one of node:tls', { skip: process.versions.node.startsWith('18.') && 'of Node 20' }, async (t) => {
  const SNICallback = (name, done) => setImmediate(done, null, tls.createSecureContext({ key: text('ecdsa.key'), cert: text('ecdsa.pem') }));
  const nodes = (name, done) => setImmediate(done, null, nodeTls.createSecureContext({ key: text('ecdsa.key'), cert: text('ecdsa.pem') }));
  const servers = [{}, { ALPNProtocols: ['one', 'two'] }, { ALPNCallback: ({ protocols }) => protocols.at(-1) }, { ALPNCallback: () => undefined }, { ALPNCallback: () => 'other' }];
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3']) {
    for (const server of servers) {
      for (const offered of [undefined, ['two'], ['two', 'one'], ['three']]) {
        const where = JSON.stringify([maxVersion, servers.indexOf(server), offered]);
        for (const [own, other] of [[undefined, undefined], [SNICallback, nodes]]) {
          const theirs = await visit(t, nodeTls, { maxVersion, ...server, SNICallback: other }, offered);
          // node:tls hangs up without an alert where the answer is none of the protocols.
          if (theirs.told?.[1]) theirs.outcome = 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL';
          assert.deepStrictEqual(await visit(t, tls, { maxVersion, ...server, SNICallback: own }, offered), theirs, where);
        }
      }
    }
  }
});
