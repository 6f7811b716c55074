'use strict';

// Handles of the library: programs never see them, and the addon takes each only for what it is.

const assert = require('node:assert');
const { test } = require('node:test');
const { types } = require('node:util');

const tlsock = require('../index.js');
const native = require('../lib/native.js');
const { clientContext, file, serverContext, text } = require('./support/certs.js');
const { objects } = require('./support/pairs.js');

const { apply } = Reflect;
const BUILT_IN = [...[WeakMap, Map, Set, Array, Function].map(({ prototype }) => prototype), Object.getPrototypeOf([].values())];

/** What a program sees that has replaced the methods of the language: handles, and where. */
function seenDuring(run) {
  const seen = new Set(), before = [];
  let isLooking = false;
  // What looks uses the methods itself.
  const look = (name, args, self, answer) => {
    if (isLooking) return;
    isLooking = true;
    for (const value of [self, answer, ...args])
      if ([value, ...(value !== null && typeof value === 'object' && !types.isProxy(value) ? Object.values(value) : [])].some((each) => types.isExternal(each))) seen.add(String(name));
    isLooking = false;
  };
  for (const prototype of BUILT_IN) {
    for (const name of Reflect.ownKeys(prototype)) {
      const property = Object.getOwnPropertyDescriptor(prototype, name), real = property.value;
      if (typeof real !== 'function' || name === 'constructor' || !property.configurable) continue;
      before.push([prototype, name, property]);
      Object.defineProperty(prototype, name, { ...property, value(...args) {
        const answer = apply(real, this, args);
        look(name, args, this, answer);
        return answer;
      } });
    }
  }
  try {
    run();
  } finally {
    for (const [prototype, name, property] of before) Object.defineProperty(prototype, name, property);
  }
  return [...seen];
}

test('replaced methods of the language see no handle', () => {
  const contexts = [clientContext(), serverContext()];
  contexts[1].sniCallback = (connection) => { connection.context = contexts[1]; };
  const seen = seenDuring(() => {
    const { client, server } = objects(...contexts);
    server.write('x');
    client.read();
    client.session?.toData();
    client.context = contexts[0];
    for (const each of [client.getVerifiedChain(), client.peerCertificate.pem, server.sharedCiphers(), contexts[0].getCaCerts()]) assert.ok(each);
  });
  assert.deepStrictEqual(seen, []);
});

test('a handle of another kind is refused', () => {
  const context = native.contextNew(tlsock.PROTOCOL_TLS_CLIENT), bio = native.bioNew(), certificate = native.certificateNew(Buffer.from(text('ca.pem')));
  const object = native.wrapBio(context, null, null, 0, 'localhost', null);
  const kinds = { context, bio, certificate, object };
  const takers = {
    context: [(handle) => native.contextFacts(handle), (handle) => native.setPins(handle, []), (handle) => native.loadVerifyLocations(handle, file('ca.pem'), null, null),
      (handle) => native.wrapBio(handle, null, null, 0, 'localhost', null), (handle) => native.setKeylogCallback(handle, () => {}), (handle) => native.setContext(object, handle)],
    bio: [(handle) => native.bioPending(handle), (handle) => native.bioWrite(handle, Buffer.alloc(1)), (handle) => native.wrapBio(context, handle, null, 0, 'localhost', null)],
    certificate: [(handle) => native.certificateFacts(handle), (handle) => native.certificateJson(handle), (handle) => native.certificateFingerprint(handle, 'sha256')],
    object: [(handle) => native.version(handle), (handle) => native.doHandshake(handle), (handle) => native.infoJson(handle), (handle) => native.ownFinished(handle),
      (handle) => native.pump(handle, new Float64Array(native.CONTROL_COUNT), [null, null, null], null)],
    session: [(handle) => native.sessionFacts(handle), (handle) => native.wrapBio(context, null, null, 0, 'localhost', handle), (handle) => native.setSession(object, handle)],
    list: [(handle) => native.certificatesOf(handle), (handle) => native.ciphersOf(handle)],
  };
  for (const [kind, calls] of Object.entries(takers))
    for (const call of calls)
      for (const [other, handle] of Object.entries(kinds))
        if (other !== kind) assert.throws(() => call(handle), { name: 'TypeError', message: 'tlsock: a handle of another kind' }, `${other} for ${kind}: ${call}`);
  assert.strictEqual(native.contextFacts(context).protocol, tlsock.PROTOCOL_TLS_CLIENT);
});

test('a handle that was freed is none', () => {
  const context = native.contextNew(tlsock.PROTOCOL_TLS_CLIENT);
  native.free(context);
  native.free(context);
  assert.throws(() => native.setVerifyDepth(context, 1), /context must not be NULL/);
});
