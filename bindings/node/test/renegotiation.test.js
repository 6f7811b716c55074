'use strict';

// A further handshake of TLS 1.2, which only a server asks for here. The peer is raw libssl: tests/peers/renegotiates.c.

const assert = require('node:assert');
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { after, test } = require('node:test');

const tlsock = require('../index.js');
const tls = require('../tls.js');
const { clientContext, file, fixed, folder, text } = require('./support/certs.js');
const { env } = require('./support/openssl.js');

const WORDS = /the peer has shown another certificate in an earlier handshake of this connection$/;
const peers = path.join(__dirname, '..', '..', '..', 'tests', 'peers');
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'tlsock-renegotiation-'));
after(() => fs.rmSync(scratch, { recursive: true }));
execFileSync('sh', [path.join(peers, 'build.sh'), 'renegotiates', scratch], { env, stdio: 'inherit' });

/** A server that shows one certificate and then another: its port, and how it went as it saw it. */
async function server(t, second) {
  const child = spawn(path.join(scratch, 'renegotiates'), [folder, 'server', 'ecdsa', second], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { port: Number((await lines.next()).value), said: async () => (await lines.next()).value };
}

const CLIENTS = {
  tlsock: (port) => tlsock.connect({ host: 'localhost', port, context: clientContext(fixed(tlsock.TLSVersion.TLSv1_2)) }),
  'tlsock/tls': (port, asked) => tls.connect({
    host: 'localhost', port, ca: text('ca.pem'), maxVersion: 'TLSv1.2', checkServerIdentity: (name, cert) => { asked.push(cert.fingerprint256); },
  }),
};

for (const [name, connect] of Object.entries(CLIENTS)) {
  for (const second of ['ecdsa', 'rsa']) {
    test(`${name}: a server that was ecdsa shows ${second}`, async (t) => {
      const peer = await server(t, second), asked = [];
      const client = connect(peer.port, asked);
      t.after(() => client.destroy());
      await once(client, 'secureConnect');
      assert.strictEqual(client.authorized, true);
      client.write('!');
      if (second === 'ecdsa') {
        assert.strictEqual(String((await once(client, 'data'))[0]), 'again\n');
        client.write('!');
        assert.strictEqual(await peer.said(), 'done');
        return;
      }
      client.on('data', () => assert.fail('nobody answers for what another peer says'));
      const [error] = await once(client, 'error');
      // node:tls has few words of its own; the library's error is the cause.
      assert.match((name === 'tlsock' ? error : error.cause).message, WORDS);
      assert.strictEqual(await peer.said(), 'alert 40');
      // Nobody was asked about the other one, since it was refused before.
      assert.strictEqual(new Set(asked).size, name === 'tlsock' ? 0 : 1);
    });
  }
}
