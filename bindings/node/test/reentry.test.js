'use strict';

// What callbacks do in the middle of a native call: to its buffers, to its connection, to themselves and with other connections.

const assert = require('node:assert');
const { once } = require('node:events');
const { test } = require('node:test');

const tlsock = require('../index.js');
const { clientContext, file, fixed, serverContext, text } = require('./support/certs.js');
const { closed, collect, streamPair } = require('./support/net.js');
const { connected, harmed, objects } = require('./support/pairs.js');
const { signerOf } = require('./support/signer.js');

const VERSIONS = [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3];
// libssl's PSK_MAX_PSK_LEN.
const LONGEST_KEY = 512;

function readAll(object) {
  const parts = [];
  for (;;) {
    try {
      parts.push(object.read(65536));
    } catch (error) {
      if (error instanceof tlsock.SSLWantReadError) return Buffer.concat(parts);
      throw error;
    }
  }
}

// Callbacks and events that run in the middle of a native call, set for a client.
const HOOKS = {
  message: (context, hook) => (context.messageCallback = hook),
  keylog: (context, hook) => (context.keylogCallback = hook),
  session: (context, hook) => (context.sessionCallback = hook),
  verify: (context, hook) => context.setVerifyCallback(hook && (() => {
    hook();
    return true;
  })),
  identity: (context, hook) => context.setIdentityCallback(hook && (() => {
    hook();
    return clientIdentity;
  })),
  signer: (context, hook) => context.useIdentity(hook === null ? clientIdentity : signing('client', hook)),
};

const clientIdentity = tlsock.Identity.fromFiles(file('client.pem'), file('client.key'));

/** An identity whose signer calls a hook. */
function signing(name, hook) {
  const sign = signerOf(name);
  return tlsock.Identity.fromSigner(text(`${name}.pem`), (...args) => {
    hook();
    return sign(...args);
  });
}

/** A server that asks for certificates: so clients use theirs. */
const askingContext = () => serverContext('ecdsa', (context) => {
  context.loadVerifyLocations({ cafile: file('ca.pem') });
  context.verifyMode = tlsock.CERT_OPTIONAL;
});

test('a callback detaches what a write of a TLSSocket works on', async () => {
  const context = clientContext();
  let hook = () => {};
  context.messageCallback = () => hook();
  const [below, above] = streamPair();
  const { client, server } = await connected(below, above, { client: context });
  const got = collect(server);
  const written = new Uint8Array(60_000).fill(7);
  let calls = 0;
  hook = () => {
    if (++calls === 2) harmed(written.buffer);
  };
  client.end(written);
  const bytes = await got;
  assert.ok(calls >= 2);
  assert.strictEqual(bytes.length, 60_000);
  assert.ok(bytes.every((byte) => byte === 7));
});

for (const [name, set] of Object.entries(HOOKS))
  test(`a callback detaches what the transport gave: ${name}`, async () => {
    const context = clientContext();
    const [below, above] = streamPair();
    let under = null, calls = 0;
    set(context, () => {
      calls++;
      if (under === null || under.buffer.byteLength === 0) return;
      harmed(under.buffer);
    });
    below.prependListener('data', (chunk) => (under = chunk));
    const server = new tlsock.TLSSocket(above, { context: askingContext(), serverSide: true });
    const client = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost' });
    client.on('error', () => {});
    server.on('error', () => {});
    // Either all that was in it was read by then, or that it is gone is told.
    server.write('hello');
    const outcome = await Promise.race([once(client, 'data').then(([chunk]) => String(chunk)), closed(client).then(() => client.errored?.message)]);
    assert.ok(calls > 0);
    assert.match(outcome, /^hello$|detached or resized/);
    client.destroy();
    server.destroy();
  });

test('a callback detaches what a call of an SSLObject works on', () => {
  const context = clientContext();
  let hook = () => {};
  context.messageCallback = () => hook();
  const { client, server } = objects(context);
  const written = new Uint8Array(200_000).fill(7);
  let calls = 0;
  hook = () => {
    if (++calls === 3) harmed(written.buffer);
  };
  assert.strictEqual(client.write(written), 200_000);
  const got = readAll(server);
  assert.strictEqual(got.length, 200_000);
  assert.ok(got.every((byte) => byte === 7));

  hook = () => {};
  server.write(Buffer.alloc(60_000, 9));
  const into = new Uint8Array(100_000);
  hook = () => into.buffer.byteLength > 0 && harmed(into.buffer);
  assert.throws(() => client.read(into), /detached or resized/);
  hook = () => {};
  assert.ok(readAll(client).every((byte) => byte === 9));
});

test('a password function detaches the certificate and the key', () => {
  const [cert, key] = [text('rsa.pem'), text('rsa-encrypted.key')].map((pem) => new Uint8Array(Buffer.from(pem).slice()).slice());
  const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
  context.loadCertChainData(cert, key, () => {
    for (const { buffer } of [cert, key]) if (buffer.byteLength > 0) harmed(buffer);
    return 'sesame';
  });
  objects(clientContext(), context).client.write('works');
});

/** Runs a whole conversation in the middle of a call on another connection, and sees that it is its own. */
function conversation(word) {
  const { client, server } = objects();
  client.write(`question ${word}`);
  assert.strictEqual(String(server.read()), `question ${word}`);
  server.write(`answer ${word}`);
  assert.strictEqual(String(client.read()), `answer ${word}`);
}

test('every callback may use other connections', async () => {
  const [one, other] = [streamPair(), streamPair()];
  const another = await connected(...other);
  let heard = '';
  another.server.on('data', (chunk) => (heard += chunk));
  const calls = {};
  const within = (name) => () => {
    calls[name] = (calls[name] ?? 0) + 1;
    conversation(name);
    another.client.write(`${name};`);
    another.client.uncork();
  };
  const context = clientContext(), server = askingContext();
  for (const [name, set] of Object.entries(HOOKS)) set(context, within(name));
  // The one that is chosen has no signer.
  context.setIdentityCallback(null);
  const choosing = within('identity'), chosen = signing('ecdsa', within('signing'));
  server.setIdentityCallback(() => {
    choosing();
    return chosen;
  });
  server.sniCallback = within('sni');
  const ends = await connected(...one, { client: context, server });
  ends.client.on('session', within('event'));
  const got = collect(ends.server);
  ends.client.end(Buffer.alloc(200_000, 'a'));
  assert.ok((await got).equals(Buffer.alloc(200_000, 'a')));
  another.client.end();
  await once(another.server, 'end');
  for (const name of [...Object.keys(HOOKS), 'sni', 'signing']) {
    assert.ok(calls[name] > 0, name);
    assert.strictEqual(heard.split(`${name};`).length - 1, calls[name], name);
  }
  assert.match(heard, /^((message|keylog|session|sni|event|verify|identity|signer|signing);)+$/);
});

function withKeys(version, clientKey, serverKey) {
  const client = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT), server = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
  client.checkHostname = false;
  client.verifyMode = tlsock.CERT_NONE;
  for (const each of [client, server]) {
    fixed(version)(each);
    each.setCiphers('PSK');
  }
  const answer = (word, result) => () => {
    conversation(word);
    return result;
  };
  client.setPskClientCallback(answer('client', ['me', clientKey]));
  server.setPskServerCallback(answer('server', serverKey));
  return { client, server };
}

for (const version of VERSIONS)
  test(`pre-shared keys: a callback uses other connections, and a key does not fit, version ${version}`, async () => {
    const keys = (size) => [Buffer.alloc(size, 'k'), 'k'.repeat(size)];
    for (const key of [...keys(3), ...keys(LONGEST_KEY)]) {
      const ends = await connected(...streamPair(), withKeys(version, key, key));
      ends.client.destroy();
    }
    for (const long of [...keys(LONGEST_KEY + 1), ...keys(100_000)])
      for (const side of ['client', 'server']) {
        const [below, above] = streamPair();
        const contexts = withKeys(version, side === 'client' ? long : 'short', side === 'server' ? long : 'short');
        const ends = {
          server: new tlsock.TLSSocket(above, { context: contexts.server, serverSide: true }),
          client: new tlsock.TLSSocket(below, { context: contexts.client, serverHostname: 'localhost' }),
        };
        await Promise.allSettled([ends.client.doHandshake(), ends.server.doHandshake()]);
        const { errored } = ends[side];
        assert.match(errored.cause?.message ?? errored.message, /^the key is too long$/, `${side}, ${long.length}`);
      }
  });

test('a password function loads into the same context', () => {
  const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
  const files = [file('rsa.pem'), file('rsa-encrypted.key')];
  let calls = 0;
  context.loadCertChain(...files, () => {
    calls++;
    context.loadCertChain(...files, () => 'sesame');
    context.loadCertChain(file('ecdsa.pem'), file('ecdsa.key'));
    return 'sesame';
  });
  assert.strictEqual(calls, 1);
  // Nobody is asked any more.
  assert.throws(() => context.loadCertChain(...files), tlsock.SSLError);
  assert.strictEqual(calls, 1);
});

test('a password that does not fit is refused', () => {
  const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
  for (const password of ['x'.repeat(100_000), Buffer.alloc(100_000, 'x')])
    assert.throws(() => context.loadCertChain(file('rsa.pem'), file('rsa-encrypted.key'), () => password), /too long|longer/);
});

test('a warning callback replaces itself and throws', (t) => {
  t.after(() => tlsock.setWarningCallback(null));
  for (const next of [null, () => {}]) {
    const thrown = new Error('not here');
    tlsock.setWarningCallback(() => {
      tlsock.setWarningCallback(next);
      global.gc();
      throw thrown;
    });
    assert.throws(() => new tlsock.SSLContext(tlsock.PROTOCOL_TLS), (error) => error.cause === thrown);
  }
});

test('callbacks replace themselves while they run', async () => {
  for (const [name, set] of Object.entries(HOOKS)) {
    const context = clientContext();
    let calls = 0;
    const first = () => {
      calls++;
      set(context, null);
      global.gc();
    };
    set(context, first);
    const ends = await connected(...streamPair(), { client: context, server: askingContext() });
    ends.server.write('hello');
    await once(ends.client, 'data');
    assert.strictEqual(calls, 1, name);
    ends.client.destroy();
    ends.server.on('error', () => {}).destroy();
  }
});

/** Everything that can be called on a connection in memory and its context; what may not be, throws. */
function meddle(object, context) {
  const trials = [
    () => object.doHandshake(), () => object.read(10), () => object.write('x'), () => object.unwrap(), () => object.closeWrite(), () => object.keyUpdate(true), () => object.setExpectedNames(['localhost']), () => object.setServerName(null), () => context.copy(), () => object.pending(),
    () => object.infoJson(), () => object.verifyAgain(), () => object.getVerifiedChain(), () => object.getUnverifiedChain(), () => object.peerCertificate,
    () => object.session, () => { object.session = object.session; }, () => object.verifyOverridden, () => object.verifyResult, // eslint-disable-line no-self-assign
    () => object.exportKeyingMaterial(10, 'EXPORTER-x'), () => object.getChannelBinding('tls-exporter'), () => { object.context = context; },
    () => object.verifyClientPostHandshake(), () => context.setPins([]), () => { context.verifyDepth = 5; }, () => context.setAlpnProtocols(['x']),
    () => context.loadVerifyLocations({ cafile: file('ca.pem') }), () => context.getCaCerts(), () => context.useIdentity(clientIdentity), () => global.gc(),
    () => context.setVerifyCallback(() => true), () => context.setIdentityCallback(() => clientIdentity), () => context.setIdentityCallback(null),
  ];
  for (const trial of trials) {
    try {
      trial();
    } catch (error) {
      if (!(error instanceof tlsock.SSLError || error instanceof tlsock.ValueError)) throw error;
    }
  }
}

test('callbacks do what they like with their own connection and context', () => {
  for (const [name, set] of Object.entries(HOOKS)) {
    const context = clientContext();
    let calls = 0, client = null;
    set(context, () => {
      calls++;
      if (client !== null) meddle(client, context);
    });
    const up = new tlsock.MemoryBIO(), down = new tlsock.MemoryBIO(), failures = [];
    client = context.wrapBio(down, up, { serverHostname: 'localhost' });
    const server = askingContext().wrapBio(up, down, { serverSide: true });
    for (const step of [() => client.doHandshake(), () => server.doHandshake(), () => client.doHandshake(), () => server.doHandshake(), () => server.write('hello'), () => client.read()]) {
      try {
        step();
      } catch (error) {
        if (!(error instanceof tlsock.SSLWantReadError)) failures.push(error);
      }
    }
    assert.ok(calls > 0, name);
    for (const error of failures) assert.ok(error instanceof tlsock.SSLError || error instanceof tlsock.ValueError, name);
    if (failures.length === 0) assert.strictEqual(client.version(), 'TLSv1.3', name);
  }
});

test('keys are changed in the middle of writes and reads', async () => {
  const context = clientContext();
  let hook = () => {};
  context.messageCallback = () => hook();
  const { client, server } = await connected(...streamPair(), { client: context });
  const outcomes = new Set();
  let isInside = false;
  hook = () => {
    if (isInside) return;
    isInside = true;
    try {
      client.keyUpdate(true);
      outcomes.add('changed');
    } catch (error) {
      outcomes.add(error.name);
    }
    isInside = false;
  };
  const [sent, received] = [Buffer.alloc(300_000, 'a'), Buffer.alloc(300_000, 'b')];
  const got = [collect(client), collect(server)];
  client.end(sent);
  server.end(received);
  assert.ok((await got[0]).equals(received));
  assert.ok((await got[1]).equals(sent));
  assert.deepStrictEqual([...outcomes], ['ValueError']);
});

test('a signer harms what it got and what it gives', () => {
  const sign = signerOf('ecdsa');
  for (const harm of ['input', 'output']) {
    const server = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
    server.useIdentity(tlsock.Identity.fromSigner(text('ecdsa.pem'), (algorithm, digest, data) => {
      const signature = new Uint8Array(sign(algorithm, digest, data));
      harmed(harm === 'input' ? data.buffer : signature.buffer);
      return signature;
    }));
    if (harm === 'input') objects(clientContext(), server).client.write('works');
    else assert.throws(() => objects(clientContext(), server), (error) => error.cause instanceof TypeError && /detached/.test(error.cause.message));
  }
});

test('a connection destroyed by any of its callbacks', async () => {
  for (const [name, set] of Object.entries(HOOKS)) {
    const context = clientContext();
    let client = null;
    set(context, () => client?.destroy());
    const [below, above] = streamPair();
    const server = new tlsock.TLSSocket(above, { context: askingContext(), serverSide: true });
    server.on('error', () => {});
    client = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost' });
    client.write('unsent');
    await closed(client);
    assert.ok(client.destroyed, name);
    server.destroy();
  }
});

test('objects that the addon makes run no JavaScript: setters of Object.prototype are not called', () => {
  const { client } = objects();
  const certificate = new tlsock.Certificate(text('ca.pem'));
  const context = clientContext();
  const ask = () => [client.cipher(), client.session.id, certificate.subjectText, certificate.der.length, context.protocol, context.options, context.sessionStats(),
    context.getCiphers()[0], context.certStoreStats(), tlsock.getDefaultVerifyPaths(), tlsock.txt2obj('CN', true), new tlsock.Certificate(text('ca.pem')).pem];
  const expected = ask(), called = [];
  const names = new Set(expected.flatMap((each) => (each !== null && typeof each === 'object' && !Array.isArray(each) ? Object.keys(each) : [])));
  for (const name of ['der', 'pem', 'verified', 'id', 'time', 'timeout', 'protocol', 'options']) names.add(name);
  try {
    for (const name of names) Object.defineProperty(Object.prototype, name, { set(value) { called.push([name, value]); }, configurable: true });
    const found = ask();
    for (const name of names) delete Object.prototype[name];
    assert.deepStrictEqual([found, called], [expected, []]);
  } finally {
    for (const name of names) delete Object.prototype[name];
  }
});
