'use strict';

// Options of the module tlsock/tls that are wrong, beside those of node:tls.

const assert = require('node:assert');
const { test } = require('node:test');
const nodeTls = require('node:tls');
const { inspect } = require('node:util');

const tls = require('../tls.js');
const { text } = require('./support/certs.js');

const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') };

test('wrong options have the words of node:tls', () => {
  for (const options of [{ key: true }, { cert: 1 }, { minVersion: 'x' }, { secureProtocol: 'x' }, { ciphers: 1 }, { sigalgs: 1 }, { sigalgs: '' },
    { secureProtocol: 'TLS_method', minVersion: 'TLSv1.3' }, { secureProtocol: 'TLS_method', maxVersion: 'TLSv1.2' }]) {
    let expected;
    try {
      nodeTls.createSecureContext(options);
    } catch (error) {
      expected = error;
    }
    assert.throws(() => tls.createSecureContext(options), { code: expected.code, message: expected.message });
  }
  for (const name of ['clientCertEngine', 'privateKeyEngine', 'sessionTimeout'])
    assert.throws(() => tls.createSecureContext({ [name]: 5 }), new RegExp(name));
});

// What is passed over in silence leaves a server without what it was to have, or with what it was to refuse.
test('what holds nothing is refused where node:tls refuses it, and lists of revoked certificates also on a server', () => {
  const empty = ['', Buffer.alloc(0)], wrong = [...empty, 'x', Buffer.from('x')];
  const cases = [...[0, NaN, ...wrong].map((pfx) => ({ pfx })), ...wrong.flatMap((each) => [{ crl: each }, { crl: [each] }, { ticketKeys: each }]),
    ...wrong.slice(2).flatMap((each) => [{ cert: each }, { key: each }]), { key: text('ecdsa.pem') }, { cert: text('ecdsa.key') }, { ticketKeys: false }];
  for (const options of cases)
    for (const implementation of [nodeTls, tls]) assert.throws(() => implementation.createSecureContext(options), undefined, inspect(options));
  for (const options of [...wrong.map((crl) => ({ crl })), { sigalgs: '' }, { sigalgs: false }, { ecdhCurve: '' }, { ecdhCurve: 0 }])
    assert.throws(() => tls.createServer({ ...identity, ...options }), undefined, inspect(options));
  for (const options of [1, 'x', () => {}, Symbol('x')])
    for (const implementation of [nodeTls, tls]) assert.throws(() => implementation.createSecureContext(options), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const ALPNProtocols of [1, true, {}, 'h2', () => {}]) assert.throws(() => tls.connect({ port: 1, ALPNProtocols }), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const options of [{ pfx: undefined }, { cert: text('ecdsa.pem') }, { key: text('ecdsa.key') }, { crl: [] }, { ticketKeys: null }])
    for (const implementation of [nodeTls, tls]) implementation.createSecureContext(options);
});
