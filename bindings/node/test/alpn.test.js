'use strict';

// How the application protocol of a server is chosen, and what happens where there is none in common.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');
const nodeTls = require('node:tls');

const tlsock = require('../index.js');
const tls = require('../tls.js');
const { clientContext, fixed, serverContext, text } = require('./support/certs.js');
const { TwoHellos, clientHello, extension } = require('./support/hello.js');
const { listen, streamPair } = require('./support/net.js');
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

// Each name behind its length, as it is sent.
const wire = (...names) => Buffer.concat(names.map((name) => Buffer.from([name.length, ...Buffer.from(name, 'latin1')])));
const ODD_NAMES = ['\xe9x', 'a\0b', '\0', '\xff', 'h2\0'];

test('an ALPNCallback chooses what is no text, as in node:tls', { skip: process.versions.node.startsWith('18.') && 'of Node 20' }, async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'])
    for (const name of ODD_NAMES) {
      const offered = wire('other', name), options = { maxVersion, ALPNCallback: ({ protocols }) => protocols[1] };
      const [theirs, ours] = [await visit(t, nodeTls, options, offered), await visit(t, tls, options, offered)];
      assert.strictEqual(theirs.outcome, name);
      // node:tls gives its function the names without their eighth bits.
      assert.deepStrictEqual(ours.seen.shift().protocols, ['other', name]);
      theirs.seen.shift();
      assert.deepStrictEqual(ours, theirs, JSON.stringify([maxVersion, name]));
    }
});

test('a server of tlsock/tls has ALPNProtocols that are no text, as one of node:tls', async (t) => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'])
    for (const ALPNProtocols of [wire('\xe9x', 'two'), wire('a\0b', 'two'), ['\xe9'], ['x', '\u20ac', 'a\0b']])
      for (const offered of [wire('two', '\xe9x', 'a\0b'), wire('\xc3\xa9', '\xe2\x82\xac'), undefined]) {
        const [theirs, ours] = [await visit(t, nodeTls, { maxVersion, ALPNProtocols }, offered), await visit(t, tls, { maxVersion, ALPNProtocols }, offered)];
        assert.deepStrictEqual(ours, theirs, JSON.stringify([maxVersion, ALPNProtocols, offered]));
      }
  // Clients offer only what is ASCII: at once, and not at each connection.
  assert.throws(() => tls.connect({ port: 1, ALPNProtocols: ['\xe9'] }), /is not ASCII/);
  assert.throws(() => tlsock.createServer({ cert: text('ecdsa.pem'), key: text('ecdsa.key'), ALPNProtocols: ['\xe9'] }), /is not ASCII/);
});

for (const create of ['createServer', 'createHttpsServer', 'createHttp2Server'])
  test(`${create}: whatever protocols a client offers, its ALPNCallback chooses one of them`, async (t) => {
    for (const version of VERSIONS)
      for (const [index, name] of ODD_NAMES.entries()) {
        const context = serverContext('ecdsa', fixed(version));
        context.setAlpnProtocols(['h2']);
        const ask = ({ protocols }) => protocols[1], server = tlsock[create]({ context, ALPNCallback: index % 2 === 0 ? ask : async (offer) => ask(offer) });
        const port = await listen(t, server), accepted = once(server, 'secureConnection');
        const client = nodeTls.connect({ port, ca: text('ca.pem'), servername: 'localhost', ALPNProtocols: wire('h2', name) }).on('error', () => {});
        await once(client, 'secureConnect');
        const [socket] = await accepted;
        assert.deepStrictEqual([client.alpnProtocol, socket.alpnProtocol, socket.selectedAlpnProtocol()], [name, name, name]);
        client.destroy();
      }
  });

/** A handshake in two ClientHellos, of which each offers these protocols; null for no extension. Gives the error, or null. */
async function shakeTwice(options, ...offers) {
  const client = new TwoHellos((share) => {
    const names = offers.shift();
    return clientHello(names === null ? [] : [extension(16, Buffer.from([0, wire(...names).length]), wire(...names))], share);
  });
  const [below, above] = streamPair(), socket = new tlsock.TLSSocket(above, { serverSide: true, ...options });
  const ended = new Promise((resolve) => socket.once('secureConnect', () => resolve(null)).once('error', resolve));
  below.on('data', (chunk) => below.write(client.feed(chunk))).on('error', () => {});
  below.write(client.start());
  const error = await ended, protocol = socket.alpnProtocol;
  socket.destroy();
  return { error, protocol };
}

test('what an ALPNCallback has chosen has to be in a second ClientHello too', async () => {
  const given = (names) => ({ context: serverContext(), ALPNCallback: () => names });
  assert.deepStrictEqual(await shakeTwice(given('\xe9'), ['a', '\xe9'], ['\xe9']), { error: null, protocol: '\xe9' });
  const refused = await shakeTwice(given('a'), ['a', 'b'], ['b']);
  assert.strictEqual(refused.error.alertSent, NO_APPLICATION_PROTOCOL);
  assert.match(refused.error.cause.message, /^the answer of ALPNCallback must be one of the protocols/);
  assert.match((await shakeTwice(given('a'), ['a'], null)).error.message, /^the protocol that ALPNCallback chose was not taken/);
});

test('a protocol that the first ClientHello was answered with counts no more once the second has another context', async () => {
  const context = serverContext();
  let count = 0;
  context.alpnCallback = () => 'a';
  context.sniCallback = (connection) => {
    if (++count > 1) connection.context = serverContext('ecdsa', (made) => made.setAlpnProtocols(['b']));
  };
  assert.deepStrictEqual(await shakeTwice({ context }, ['a', 'b'], ['a', 'b']), { error: null, protocol: 'b' });
  assert.strictEqual(count, 2);
});

/** Has a connection of a context choose its own protocol, which gives the others nothing. */
async function chooseOnce(t, context, ALPNCallback = () => 'mine') {
  const port = await listen(t, tlsock.createServer({ context, ALPNCallback }, (socket) => socket.on('error', () => {})));
  const client = nodeTls.connect({ port, ca: text('ca.pem'), servername: 'localhost', ALPNProtocols: ['mine'] });
  await once(client, 'secureConnect');
  assert.strictEqual(client.alpnProtocol, 'mine');
  client.destroy();
}

test('a connection that chooses for itself changes nothing for the others of its context', async (t) => {
  const changes = {
    nothing: () => {},
    list: (context) => context.setAlpnProtocols(['two', 'one']),
    callback: (context) => { context.alpnCallback = (connection, name, protocols) => protocols.find((each) => each === 'two'); },
  };
  // What each context agrees on, or how it refuses.
  const answers = (context) => [['one', 'two'], ['three'], ['one']].map((offered) => {
    try {
      return agreed(offering(tlsock.TLSVersion.TLSv1_3, ...offered), context);
    } catch (error) {
      return [error.code, error.reason, error.alertSent];
    }
  });
  for (const alpnStrict of [false, true])
    for (const [what, change] of Object.entries(changes)) {
      const where = `${what} ${alpnStrict}`, [context, untouched] = [0, 1].map(() => serverContext('ecdsa', (made) => { made.alpnStrict = alpnStrict; }));
      // Before a connection chooses, and after.
      for (const each of [context, untouched]) change(each);
      await chooseOnce(t, context);
      assert.deepStrictEqual(answers(context), answers(untouched), where);
      assert.strictEqual(context.alpnStrict, alpnStrict);
      for (const each of [context, untouched]) {
        each.alpnCallback = null;
        each.setAlpnProtocols([]);
        each.alpnStrict = !alpnStrict;
      }
      assert.deepStrictEqual(answers(context), answers(untouched), where);
      for (const each of [context, untouched]) change(each);
      assert.deepStrictEqual(answers(context), answers(untouched), where);
      assert.deepStrictEqual(answers(context.copy()), answers(untouched.copy()), where);
      assert.strictEqual(context.copy().alpnStrict, !alpnStrict);
    }
});

test('a connection that is served in the middle of another one gets what its own context says', async (t) => {
  for (const version of VERSIONS) {
    const context = serverContext('ecdsa', fixed(version)), inner = [];
    context.setAlpnProtocols(['one', 'mine']);
    context.keylogCallback = () => {
      context.keylogCallback = null;
      inner.push(agreed(offering(version, 'mine', 'one'), context), agreed(offering(version, 'mine'), context));
    };
    await chooseOnce(t, context);
    assert.deepStrictEqual(inner, ['one', 'mine']);
  }
});
