'use strict';

// What servers of a fleet share, and what is renewed while they run.

const assert = require('node:assert');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { clientContext, fixed, serverContext, text } = require('./support/certs.js');

const key = (seed, length) => Uint8Array.from({ length }, (_, index) => seed + index * 7);

function together(...calls) {
  const waiting = new Set(calls);
  for (let i = 0; waiting.size > 0; i++) {
    assert.ok(i < 20, 'both sides wait');
    for (const call of waiting) {
      try {
        call();
        waiting.delete(call);
      } catch (error) {
        if (!(error instanceof tlsock.SSLWantReadError)) throw error;
      }
    }
  }
}

/** Does the handshake and gives the client, which has read its tickets. */
function visit(client, server, session = null) {
  const [up, down] = [new tlsock.MemoryBIO(), new tlsock.MemoryBIO()];
  const here = client.wrapBio(down, up, { serverHostname: 'localhost', session });
  const there = server.wrapBio(up, down, { serverSide: true });
  together(() => here.doHandshake(), () => there.doHandshake());
  there.write('!');
  here.read(1);
  return here;
}

test('servers that share ticket keys resume what another has begun', () => {
  for (const length of [48, 80]) {
    const [client, one, two] = [clientContext(), serverContext(), serverContext()];
    const own = key(1, length);
    one.setTicketKeys([own]);
    assert.deepStrictEqual(own, key(1, length));
    const { session } = visit(client, one);
    assert.strictEqual(visit(client, two, session).sessionReused, false);
    two.setTicketKeys([key(2, length), own]);
    const renewed = visit(client, two, session);
    assert.strictEqual(renewed.sessionReused, true);
    two.setTicketKeys([key(2, length)]);
    assert.strictEqual(visit(client, two, session).sessionReused, false);
    assert.strictEqual(visit(client, two, renewed.session).sessionReused, true);
    two.setTicketKeys([]);
    assert.strictEqual(visit(client, two, renewed.session).sessionReused, false);
  }
});

test('bad ticket keys are refused, and the old ones stay', () => {
  const [client, server] = [clientContext(), serverContext()];
  server.setTicketKeys([key(1, 80)]);
  const { session } = visit(client, server);
  for (const keys of [
    [key(1, 47)], [new Uint8Array(0)], [key(1, 48), key(2, 80)], [key(1, 48), key(1, 48)], [new Uint8Array(80)], [key(1, 80), key(2, 79)],
  ]) {
    assert.throws(() => server.setTicketKeys(keys), RangeError, `${keys.map((each) => each.length)}`);
    assert.strictEqual(visit(client, server, session).sessionReused, true);
  }
  for (const keys of [null, 5, [5], [null]]) assert.throws(() => server.setTicketKeys(keys), TypeError);
  assert.throws(() => client.setTicketKeys([key(1, 80)]), { name: 'ValueError', message: /keys are for a server/ });
});

test('revocation lists are replaced as a set', () => {
  const [client, server] = [clientContext(), serverContext('revoked')];
  client.verifyFlags |= tlsock.VERIFY_CRL_CHECK_LEAF;
  client.loadCrlData(text('crl.pem'));
  assert.throws(() => visit(client, server), { verifyCode: 23 });
  assert.strictEqual(client.certStoreStats().crl, 2);
  const [first] = text('crl.pem').match(/-----BEGIN[^]*?-----END X509 CRL-----/g).slice(-1);
  client.setCrlData(first);
  assert.strictEqual(client.certStoreStats().crl, 1);
  assert.throws(() => visit(client, server), { verifyCode: 3 });
  client.setCrlData('');
  assert.strictEqual(client.certStoreStats().crl, 0);
  assert.throws(() => client.setCrlData('junk'), { name: 'SSLError' });
});

/** A store that several servers share, and what was asked of it. */
class Store {
  kept = new Map();
  said = [];

  put(connection, id, data, seconds) {
    assert.strictEqual(this.kept.has(id.toString('hex')), false);
    this.said.push(['put', connection.serverSide, id.length, seconds > 7000 && seconds <= 7200]);
    this.kept.set(id.toString('hex'), data);
  }

  get(connection, id) {
    this.said.push(['get', connection.serverSide, id.length]);
    return this.kept.get(id.toString('hex'));
  }

  remove(connection, id) {
    this.said.push(['remove', connection.serverSide, id.length]);
    this.kept.delete(id.toString('hex'));
  }
}

const VERSIONS = [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3];

const keeping = (version, cache) => serverContext('ecdsa', (context) => {
  fixed(version)(context);
  context.options |= tlsock.OP_NO_TICKET;
  context.setSessionCache(cache);
});

test('a session cache takes the sessions of one server to another', () => {
  for (const version of VERSIONS) {
    const store = new Store(), client = clientContext(), [one, two] = [keeping(version, store), keeping(version, store)];
    const { session } = visit(client, one);
    assert.deepStrictEqual(store.said.at(-1), ['put', true, 32, true]);
    store.said = [];
    assert.strictEqual(visit(client, two, session).sessionReused, true);
    assert.deepStrictEqual(store.said[0], ['get', true, 32]);
    assert.ok(!store.said.some(([what]) => what === 'remove'));
  }
});

test('what a session cache has damaged or lost is a full handshake', () => {
  const junk = Buffer.alloc(70000, 1), spoilt = (data) => Buffer.from(data.map((byte, i) => (i === 100 ? byte ^ 1 : byte)));
  for (const version of VERSIONS)
    for (const give of [() => null, () => undefined, () => '', () => 'junk', () => junk, spoilt, (data) => data.subarray(0, -1)]) {
      const store = new Store(), client = clientContext(), server = keeping(version, store);
      const { session } = visit(client, server);
      const { get } = store;
      store.get = (...args) => give(get.apply(store, args));
      // The methods were read when the cache was set.
      server.setSessionCache(store);
      assert.strictEqual(visit(client, server, session).sessionReused, false);
    }
});

test('a session cache that throws, or answers with a promise, ends the handshake', () => {
  for (const version of VERSIONS) {
    const store = new Store(), client = clientContext(), server = keeping(version, store);
    const { session } = visit(client, server), reason = new Error('the store is down');
    for (const [get, isRight] of [
      [() => { throw reason; }, (error) => error.cause === reason],
      [async () => null, ({ cause }) => /synchronous/.test(cause.message)],
      [() => 5, ({ cause }) => cause.code === 'ERR_INVALID_ARG_TYPE'],
    ]) {
      server.setSessionCache({ put() {}, get });
      assert.throws(() => visit(client, server, session), isRight);
    }
    server.setSessionCache({ put() { throw reason; }, get() {} });
    assert.throws(() => visit(client, server), (error) => error.cause === reason);
    // In the context, as at first.
    server.setSessionCache(null);
    const own = visit(client, server).session;
    assert.strictEqual(visit(client, server, own).sessionReused, true);
  }
});

test('what is no session cache is refused', () => {
  const server = serverContext();
  for (const cache of [5, 'x', {}, { put() {} }, { get() {} }, { put() {}, get() {}, remove: 5 }]) assert.throws(() => server.setSessionCache(cache), TypeError);
  assert.throws(() => clientContext().setSessionCache({ put() {}, get() {} }), { name: 'ValueError' });
});
