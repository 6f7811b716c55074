'use strict';

// How often the binding calls the library for a connection. Each call makes values, many of them handles for the garbage collector.

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

// How often both ends together may call what is not a question about the connection.
const MOST = { pump: 12, ownFinished: 4, peerFinished: 4 };

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
  assert.strictEqual(client.sessionReused, session !== undefined);
  return { made, session: client.session };
}

for (const version of [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3])
  test(`each end is asked once for what its handshake agreed on, whether resumed or not, ${version}`, async () => {
    const contexts = { client: clientContext(fixed(version)), server: serverContext('ecdsa', fixed(version)) };
    const full = await connection(contexts), resumed = await connection(contexts, full.session);
    for (const { made } of [full, resumed]) {
      assert.ok(made.pump > 0 && made.version > 0 && made.peerCertificate > 0);
      for (const [name, count] of Object.entries(made)) assert.ok(count <= (MOST[name] ?? 2), `${name} is called ${count} times`);
    }
  });
