'use strict';

// The addon holds functions weakly. lib/ keeps them, so this cannot happen; if it did, the peer about whom such a function decides is refused.

const assert = require('node:assert');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { contextHandle } = require('../lib/inside.js');
const native = require('../lib/native.js');
const { clientContext, fixed, serverContext } = require('./support/certs.js');
const { objects } = require('./support/pairs.js');

const SERVER = ['setSniCallback', 'setServernameCallback', 'setAlpnCallback', 'setIdentityCallback', 'setClientHelloCallback', 'setPskServerCallback'];
const CLIENT = ['setVerifyCallback', 'setPskClientCallback'];

/** Has the addon call a function that nobody has any more. */
function give(context, setter) {
  (() => native[setter](contextHandle(context), () => 0, setter === 'setVerifyCallback' ? 0 : null))();
  global.gc();
}

function psk(context) {
  context.setCiphers('PSK');
  context.pskRequired = true;
}

for (const setter of [...SERVER, ...CLIENT])
  test(`${setter}: a function that was collected refuses the peer`, async () => {
    const version = fixed(tlsock.TLSVersion.TLSv1_2), client = clientContext(version), server = serverContext('ecdsa', version);
    client.setAlpnProtocols(['a']);
    if (setter.startsWith('setPsk')) {
      client.checkHostname = false;
      client.verifyMode = tlsock.CERT_NONE;
      for (const context of [client, server]) psk(context);
      client.setPskClientCallback(() => ['me', 'key']);
      server.setPskServerCallback(() => 'key');
    }
    // Without it there is nothing to refuse.
    assert.strictEqual(objects(client, server).server.version(), 'TLSv1.2');
    // Functions are collected once the turn is over in which they were made.
    await new Promise(setImmediate);
    give(SERVER.includes(setter) ? server : client, setter);
    await new Promise(setImmediate);
    global.gc();
    assert.throws(() => objects(client, server), (error) => {
      const words = [error.message, error.cause?.message, error.cause?.cause?.message].join();
      assert.match(words, setter === 'setVerifyCallback' ? /the verify callback refused the peer/ : /the .*callback is gone/);
      return true;
    });
  });
