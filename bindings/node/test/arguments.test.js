'use strict';

// Arguments of another type: what C's types rule out and a language like this one has to say. The names are those of
// tests/coverage/checklist.tsv.

const assert = require('node:assert');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { clientContext, file, serverContext, text } = require('./support/certs.js');
const { objects } = require('./support/pairs.js');

const client = () => new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT);
const server = () => new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);

/** Each value is refused, with a message that names the argument, and the setting stays. */
function refused(context, name, values, kind = TypeError) {
  const before = context[name];
  for (const value of values) {
    assert.throws(() => (context[name] = value), (error) => error instanceof kind && error.message.startsWith(`${name} must be `), String(value));
    assert.strictEqual(context[name], before);
  }
}

test('a_protocol_is_a_whole_number', () => {
  assert.throws(() => new tlsock.SSLContext('x'), { name: 'TypeError', message: /^protocol must be a number/ });
  assert.throws(() => new tlsock.SSLContext(null), TypeError);
  assert.throws(() => new tlsock.SSLContext(2.5), RangeError);
});

test('more_arguments_than_one_are_ignored', () => {
  assert.strictEqual(new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT, 1, { more: 'x' }).protocol, tlsock.PROTOCOL_TLS_CLIENT);
});

test('a_mode_is_a_number', () => refused(server(), 'verifyMode', [null, 'x', {}]));

test('options_fit_a_word', () => refused(client(), 'options', [-1, -1n, 1n << 64n, 1n << 100n], RangeError));

test('options_are_numbers', () => refused(client(), 'options', ['abc', null, true, undefined]));

test('flags_are_numbers', () => {
  refused(client(), 'verifyFlags', [null, 'x']);
  refused(client(), 'verifyFlags', [1.5], RangeError);
});

test('a_version_fits_an_int', () => {
  refused(client(), 'minimumVersion', [2 ** 31, -(2 ** 31) - 1], RangeError);
  refused(client(), 'maximumVersion', [2 ** 31], RangeError);
});

test('a_version_is_a_number', () => refused(client(), 'minimumVersion', [null, 'x']));

test('a_count_of_tickets_is_a_number', () => refused(server(), 'numTickets', [null, 'x']));

test('a_path_is_a_string', () => {
  assert.throws(() => server().loadCertChain(1.5, file('ecdsa.key')), { name: 'TypeError', message: /^certfile must be a string/ });
  assert.throws(() => server().loadCertChain(file('ecdsa.pem'), 1.5), { name: 'TypeError', message: /^keyfile must be a string/ });
  assert.throws(() => client().loadVerifyLocations({ cafile: 1.5 }), { name: 'TypeError', message: /^cafile must be a string/ });
  assert.throws(() => client().loadVerifyLocations({ capath: true }), { name: 'TypeError', message: /^capath must be a string/ });
});

test('a_path_holds_no_null_character', () => {
  const nul = `${file('ecdsa.pem')}\0`;
  assert.throws(() => server().loadCertChain(nul), { name: 'ValueError', message: /^certfile must be without NUL characters/ });
  assert.throws(() => server().loadCertChain(file('ecdsa.pem'), nul), { message: /^keyfile/ });
  assert.throws(() => client().loadVerifyLocations({ cafile: nul }), { message: /^cafile/ });
  assert.throws(() => client().loadVerifyLocations({ capath: nul }), { message: /^capath/ });
  assert.throws(() => server().loadDhParams(nul), { message: /^dhfile/ });
  assert.throws(() => (client().keylogFilename = nul), { message: /^keylogFilename/ });
});

test('a_password_is_text_bytes_or_a_function', () => {
  for (const password of [true, 5, {}]) {
    assert.throws(() => server().loadCertChain(file('rsa.pem'), file('rsa-encrypted.key'), password), { name: 'TypeError', message: /^password must be/ });
  }
});

test('a_password_function_gives_text_or_bytes', () => {
  for (const answer of [true, 5, null]) {
    assert.throws(() => server().loadCertChain(file('rsa.pem'), file('rsa-encrypted.key'), () => answer), { name: 'TypeError', message: /^the password must be/ });
  }
});

test('a_password_that_is_not_needed_is_checked', () => {
  assert.throws(() => server().loadCertChain(file('ecdsa.pem'), file('ecdsa.key'), 5), TypeError);
});

test('a_password_is_checked_before_files', () => {
  assert.throws(() => server().loadCertChain('/none/such', undefined, 5), { name: 'TypeError', message: /^password/ });
});

test('a_path_is_checked_before_a_password', () => {
  assert.throws(() => server().loadCertChain(file('rsa.pem'), 5, 5), { name: 'TypeError', message: /^keyfile/ });
});

test('a_purpose_is_a_number', () => {
  for (const purpose of [null, 'SERVER_AUTH']) {
    assert.throws(() => client().loadDefaultCerts(purpose), { name: 'TypeError', message: /^purpose must be a number/ });
  }
});

test('sources_of_trust_have_names', () => {
  assert.throws(() => tlsock.createDefaultContext(tlsock.PURPOSE_SERVER_AUTH, file('ca.pem')), { name: 'TypeError', message: /must be an object/ });
});

test('a_callback_is_a_function', () => {
  const keep = () => undefined;
  const context = server();
  context.sniCallback = keep;
  context.messageCallback = keep;
  refused(context, 'sniCallback', [4, 'x']);
  refused(context, 'messageCallback', [4]);
  assert.throws(() => context.setServernameCallback(4), { name: 'TypeError', message: /^callback must be/ });
  assert.strictEqual(context.sniCallback, keep);
  assert.throws(() => client().setPskClientCallback(4), { name: 'TypeError', message: /^callback must be/ });
  assert.throws(() => context.setPskServerCallback(4), { name: 'TypeError', message: /^callback must be/ });
});

test('a_host_name_is_a_string', () => {
  const [up, down] = [new tlsock.MemoryBIO(), new tlsock.MemoryBIO()];
  for (const serverHostname of [5, true, {}]) {
    assert.throws(() => clientContext().wrapBio(down, up, { serverHostname }), { name: 'TypeError', message: /^serverHostname must be a string/ });
  }
});

test('a_session_is_a_session', () => {
  const [up, down] = [new tlsock.MemoryBIO(), new tlsock.MemoryBIO()];
  for (const session of [5, 'x', {}]) {
    assert.throws(() => clientContext().wrapBio(down, up, { serverHostname: 'localhost', session }), { name: 'TypeError', message: /^session must be/ });
  }
});

test('a_key_is_bytes', () => {
  for (const answer of [5, true, {}]) {
    const [up, down] = [new tlsock.MemoryBIO(), new tlsock.MemoryBIO()];
    const contexts = [client(), server()];
    contexts[0].checkHostname = false;
    contexts[0].verifyMode = tlsock.CERT_NONE;
    for (const context of contexts) {
      context.maximumVersion = tlsock.TLSVersion.TLSv1_2;
      context.setCiphers('PSK');
    }
    contexts[0].setPskClientCallback(() => ['me', 'secret']);
    contexts[1].setPskServerCallback(() => answer);
    const one = contexts[0].wrapBio(down, up);
    const other = contexts[1].wrapBio(up, down, { serverSide: true });
    assert.throws(() => one.doHandshake(), tlsock.SSLWantReadError);
    assert.throws(() => other.doHandshake(), tlsock.SSLWantReadError);
    assert.throws(() => one.doHandshake(), tlsock.SSLWantReadError);
    assert.throws(() => other.doHandshake(), (error) => error instanceof tlsock.SSLError && /^the key must be/.test(error.cause?.message));
  }
});

test('connections_and_sessions_are_not_constructed', () => {
  for (const kind of [tlsock.SSLObject, tlsock.SSLSession]) assert.throws(() => new kind(), TypeError);
});

test('a_connection_in_memory_is_an_object', () => {
  const [up, down] = [new tlsock.MemoryBIO(), new tlsock.MemoryBIO()];
  assert.ok(serverContext().wrapBio(up, down, { serverSide: true }) instanceof tlsock.SSLObject);
});

test('a_refused_certificate_is_an_error_of_ssl', () => {
  assert.ok(tlsock.SSLCertVerificationError.prototype instanceof tlsock.SSLError);
  assert.ok(tlsock.SSLError.prototype instanceof Error);
  assert.strictEqual(tlsock.CertificateError, tlsock.SSLCertVerificationError);
});

test('failures_are_told_in_words', () => {
  assert.throws(() => (server().numTickets = -1), { name: 'ValueError', message: 'value must be non-negative' });
  assert.throws(() => (client().verifyMode = 7), { name: 'ValueError', message: 'invalid value for verify_mode' });
  assert.throws(() => client().loadCrlData('junk'), { name: 'SSLError', library: 'ASN1' });
  assert.throws(() => (client().sniCallback = () => undefined), { name: 'ValueError', message: 'sni_callback cannot be set on TLS_CLIENT context' });
});

test('bytes that are gone are not "none"', () => {
  const gone = new Uint8Array(5), none = { name: 'TypeError', message: /detached or resized/ };
  structuredClone(gone, { transfer: [gone.buffer] });
  // Without CAs of its own a client trusts those of the system.
  assert.throws(() => tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, { cadata: gone }), none);
  assert.throws(() => new tlsock.Agent({ ca: gone }), none);
  assert.throws(() => client().loadVerifyLocations({ cafile: file('ca.pem'), cadata: gone }), none);
  assert.throws(() => new tlsock.Agent({ ALPNProtocols: gone }), none);
  assert.throws(() => server().setClientCaNames(gone), none);
  assert.throws(() => server().loadCertChainData(text('ecdsa.key') + text('ecdsa.pem'), gone), none);
  assert.throws(() => tlsock.Identity.fromData(text('ecdsa.key') + text('ecdsa.pem'), gone), none);
  assert.throws(() => objects().client.write(gone), none);
  assert.throws(() => objects().client.exportKeyingMaterial(10, 'EXPORTER-x', gone), none);
  // A key of no bytes declines. AWS-LC has such keys in TLS 1.2 alone.
  const near = clientContext(), far = serverContext();
  for (const context of [near, far]) {
    context.maximumVersion = tlsock.TLSVersion.TLSv1_2;
    context.setCiphers('PSK');
  }
  near.setPskClientCallback(() => ['me', 'x']);
  far.setPskServerCallback(() => gone);
  assert.throws(() => objects(near, far), (error) => none.message.test(error.cause?.message));
});

test('methods on Object.prototype are none of a session cache', () => {
  for (const [name, missing] of [['put', { get() {} }], ['get', { put() {} }]]) {
    Object.defineProperty(Object.prototype, name, { value: () => {}, configurable: true, writable: true });
    try {
      assert.throws(() => server().setSessionCache(missing), { name: 'TypeError', message: `cache.${name} must be a function, not undefined` });
    } finally {
      delete Object.prototype[name];
    }
  }
  server().setSessionCache(new class { put() {} get() {} }());
});
