'use strict';

// How often the binding calls the library for a connection that nothing is asked of.

const assert = require('node:assert');
const { test } = require('node:test');

const addon = require('../lib/addon.js');

// Before the binding looks up any function.
let calls = null;
for (const [name, call] of Object.entries(addon))
  if (typeof call === 'function')
    addon[name] = (...args) => {
      if (calls !== null) calls[name] = (calls[name] ?? 0) + 1;
      return call(...args);
    };

const tlsock = require('../index.js');
const { clientContext, fixed, serverContext } = require('./support/certs.js');
const { closed, connectedPair } = require('./support/net.js');

// Of both ends together. What is remembered of them takes no call of its own but `close`: the pump remembers at the end of the handshake.
const CALLS = { wrapBio: 2, serverHostname: 1, close: 2 };
const MOST_PUMPS = 12;
// Calls for the contexts that connectedPair makes.
const OF_CONTEXTS = ['contextNew', 'createDefaultContext', 'loadCertChain', 'setSessionCallback'];

/** A connection from its first byte to its end; the calls by name, and the client's session. */
async function connection(contexts, session) {
  calls = {};
  const { client, server } = await connectedPair({ client: { context: contexts.client, session }, server: { context: contexts.server } });
  server.write('x');
  await new Promise((resolve) => client.once('data', resolve));
  const ends = [closed(client), closed(server)];
  client.destroy();
  server.destroy();
  await Promise.all(ends);
  const made = calls;
  calls = null;
  for (const name of OF_CONTEXTS) delete made[name];
  assert.strictEqual(client.sessionReused, session !== undefined);
  return { made, session: client.session };
}

for (const version of [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3])
  test(`a connection takes few calls of the library, whether resumed or not, ${version}`, async () => {
    const contexts = { client: clientContext(fixed(version)), server: serverContext('ecdsa', fixed(version)) };
    const full = await connection(contexts), resumed = await connection(contexts, full.session);
    for (const { made: { pump, ...others } } of [full, resumed]) {
      assert.ok(pump > 0 && pump <= MOST_PUMPS, `pump is called ${pump} times`);
      assert.deepStrictEqual(others, CALLS);
    }
  });
