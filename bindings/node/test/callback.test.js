'use strict';

// Functions of ours that the library calls in the middle of a handshake.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const tls = require('node:tls');
const { Worker } = require('node:worker_threads');

const tlsock = require('../index.js');
const { askedLater, clientContext, file, fixed, serverContext, text } = require('./support/certs.js');
const { collect, connectedPair, listen, streamPair } = require('./support/net.js');
const { objects } = require('./support/pairs.js');

const VERSIONS = [tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3];

function pair(client, server, options = {}) {
  const [below, above] = streamPair();
  return {
    server: new tlsock.TLSSocket(above, { context: server, serverSide: true }),
    client: new tlsock.TLSSocket(below, { context: client, serverHostname: 'localhost', ...options }),
  };
}

const handshake = async (ends) => {
  await Promise.all([ends.client.doHandshake(), ends.server.doHandshake()]);
  return ends;
};

test('SNI: the callback sees the connection and chooses another context', async (t) => {
  const wrong = serverContext('wrong-name'), right = serverContext('rsa');
  const seen = [];
  wrong.sniCallback = (connection, name, context) => {
    seen.push([connection, name, context]);
    connection.context = right;
  };
  const accepted = [];
  const port = await listen(t, tlsock.createServer({ context: wrong }, (peer) => accepted.push(peer)));
  const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: text('ca.pem') });
  await once(client, 'secureConnect');
  assert.strictEqual(client.getPeerCertificate().subject.CN, 'localhost');
  assert.strictEqual(seen.length, 1);
  const [[connection, name, context]] = seen;
  assert.ok(connection instanceof tlsock.TLSSocket);
  assert.strictEqual(name, 'localhost');
  assert.strictEqual(context, wrong);
  assert.strictEqual(connection.context, right);
  client.destroy();
});

test('SNI: an alert refuses, an exception is the cause', async () => {
  const refusing = serverContext();
  refusing.sniCallback = () => tlsock.AlertDescription.ACCESS_DENIED;
  const refused = pair(clientContext(), refusing);
  const [ours, theirs] = await Promise.allSettled([refused.client.doHandshake(), refused.server.doHandshake()]);
  assert.strictEqual(ours.reason.alertReceived, tlsock.AlertDescription.ACCESS_DENIED);
  assert.ok(theirs.reason instanceof tlsock.SSLError);

  const throwing = serverContext();
  const thrown = new RangeError('no such host');
  throwing.sniCallback = () => {
    throw thrown;
  };
  const failed = pair(clientContext(), throwing);
  const [, outcome] = await Promise.allSettled([failed.client.doHandshake(), failed.server.doHandshake()]);
  assert.strictEqual(outcome.reason.cause, thrown);
});

test('SNI: no answer goes on', async () => {
  for (const answer of [undefined, null, 0]) {
    const context = serverContext();
    context.sniCallback = () => answer;
    const { client, server } = await handshake(pair(clientContext(), context));
    assert.strictEqual(client.version(), server.version());
    client.destroy();
    server.destroy();
  }
});

test('SNI: a connection destroyed by its own callback', async () => {
  const context = serverContext();
  context.sniCallback = (connection) => void connection.destroy();
  const { client, server } = pair(clientContext(), context);
  client.on('error', () => {});
  await once(server, 'close');
  assert.ok(server.destroyed);
  client.destroy();
});

for (const version of VERSIONS) {
  test(`pre-shared keys, version ${version}`, async () => {
    const key = Buffer.from('c0ffee', 'hex');
    const client = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT);
    client.checkHostname = false;
    client.verifyMode = tlsock.CERT_NONE;
    const server = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
    for (const context of [client, server]) {
      fixed(version)(context);
      context.setCiphers('PSK');
    }
    const asked = [];
    client.setPskClientCallback((hint) => {
      asked.push(hint);
      return ['me', key];
    });
    server.setPskServerCallback((identity) => {
      asked.push(identity);
      return identity === 'me' ? key : null;
    }, 'who are you');
    const ends = await handshake(pair(client, server));
    ends.client.end('shared');
    assert.strictEqual(String(await collect(ends.server)), 'shared');
    assert.ok(asked.includes('me'));
    assert.ok(asked.includes(version === tlsock.TLSVersion.TLSv1_2 ? 'who are you' : null));

    // To know no key is no failure of the function.
    for (const none of [null, undefined]) {
      server.setPskServerCallback(() => none);
      const [ours, theirs] = Object.values(pair(client, server)).map((end) => end.doHandshake());
      await assert.rejects(ours, (error) => error.cause === undefined);
      await assert.rejects(theirs);
    }

    const thrown = new Error('no key today');
    client.setPskClientCallback(() => {
      throw thrown;
    });
    const failed = pair(client, server);
    const [outcome] = await Promise.allSettled([failed.client.doHandshake(), failed.server.doHandshake()]);
    assert.strictEqual(outcome.reason.cause, thrown);
  });
}

test('a key as text is all of it, whatever its length, or is refused', async () => {
  let whole = 0;
  for (const length of [64, 255, 256, 257, 511, 512, 513]) {
    const client = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT), server = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
    client.checkHostname = false;
    client.verifyMode = tlsock.CERT_NONE;
    for (const context of [client, server]) {
      fixed(tlsock.TLSVersion.TLSv1_2)(context);
      context.setCiphers('PSK');
    }
    const text = 'k'.repeat(length - 1);
    client.setPskClientCallback(() => ['me', `${text}!`]);
    server.setPskServerCallback(() => Buffer.from(`${text}!`));
    const ends = pair(client, server);
    const [ours] = await Promise.allSettled([ends.client.doHandshake(), ends.server.doHandshake()]);
    if (ours.status === 'fulfilled') whole++;
    else assert.match(ours.reason.message, /the key is too long/, `${length} bytes`);
  }
  assert.ok(whole >= 3);
});

test('an identity that is too long is refused, not cut', async () => {
  const outcomes = new Set();
  // Around libssl's PSK_MAX_IDENTITY_LEN, and far from it.
  for (const length of [1, 126, 127, 128, 129, 254, 255, 256, 257, 258, 1000]) {
    const client = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT), server = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER), identity = 'x'.repeat(length);
    client.checkHostname = false;
    client.verifyMode = tlsock.CERT_NONE;
    for (const context of [client, server]) context.setCiphers('PSK');
    client.setPskClientCallback(() => [identity, 'secret']);
    const seen = [];
    server.setPskServerCallback((name) => seen.push(name) && 'secret');
    const ends = pair(client, server);
    ends.server.on('error', () => {});
    const [outcome] = await Promise.allSettled([ends.client.doHandshake(), ends.server.doHandshake()]);
    if (outcome.status === 'rejected') assert.match(outcome.reason.message, /the identity is too long/, `${length}`);
    outcomes.add(`${length === 1 ? 'short ' : length === 1000 ? 'long ' : ''}${outcome.status}`);
    assert.ok(seen.every((name) => name === identity), `${length}`);
    ends.client.on('error', () => {}).destroy();
    ends.server.destroy();
  }
  assert.ok(outcomes.has('short fulfilled') && outcomes.has('long rejected') && !outcomes.has('long fulfilled'));
});

test('the event session brings what can be resumed', async () => {
  const contexts = [clientContext(), serverContext()];
  const first = pair(...contexts);
  const arrived = once(first.client, 'session');
  await handshake(first);
  first.client.resume();
  const [session] = await arrived;
  assert.ok(session instanceof tlsock.SSLSession);
  const again = await handshake(pair(...contexts, { session }));
  assert.ok(again.client.sessionReused);
  const kept = tlsock.SSLSession.fromData(contexts[0], session.toData());
  assert.ok(kept.equals(session));
});

test('a callback that fails behind bytes is told right after them', async () => {
  const context = clientContext();
  const thrown = new Error('no tickets');
  context.sessionCallback = () => {
    throw thrown;
  };
  const [below, above] = streamPair();
  const { write } = above;
  let held = [];
  // What is said in one go comes in one piece: the tickets and the bytes behind them, and nothing comes after those.
  above.write = (bytes) => {
    if (held.push(Buffer.from(bytes)) > 1) return true;
    process.nextTick(() => {
      const whole = Buffer.concat(held);
      held = [];
      write.call(above, whole);
    });
    return true;
  };
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
  const client = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost' });
  const seen = [];
  client.on('data', (part) => seen.push(String(part)));
  const failed = once(client, 'error');
  server.write('the last');
  const [error] = await failed;
  assert.deepStrictEqual(seen, ['the last']);
  assert.strictEqual(error.cause, thrown);
  assert.ok(client.destroyed);
});

test('a callback that fails where no bytes follow is told at once', async () => {
  const context = clientContext();
  const thrown = new Error('no tickets');
  context.sessionCallback = () => {
    throw thrown;
  };
  const ends = pair(context, serverContext());
  ends.client.resume();
  const failed = once(ends.client, 'error');
  ends.server.on('error', () => {});
  await ends.server.doHandshake();
  const [error] = await failed;
  assert.strictEqual(error.cause, thrown);
});

test('a broken record behind bytes is told when the reader has taken them', async () => {
  const [below, above] = streamPair();
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true });
  const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost', highWaterMark: 5 });
  await handshake({ client, server });
  const refused = once(server, 'error');
  const { write } = above;
  above.write = (bytes) => write.call(above, Buffer.concat([bytes, Buffer.from('1703030014', 'hex'), Buffer.alloc(20)]));
  server.write('bytes');
  await once(client, 'readable');
  assert.strictEqual(client.destroyed, false);
  const failed = once(client, 'error');
  assert.strictEqual(String(client.read()), 'bytes');
  const [error] = await failed;
  assert.strictEqual(error.alertSent, tlsock.AlertDescription.BAD_RECORD_MAC);
  const [answer] = await refused;
  assert.strictEqual(answer.alertReceived, tlsock.AlertDescription.BAD_RECORD_MAC);
});

test('what a callback threw is the cause of no other connection\'s error', async () => {
  const context = clientContext();
  let calls = 0;
  context.sessionCallback = () => {
    calls++;
    throw new Error('no tickets');
  };
  const first = pair(context, serverContext());
  const failed = once(first.client, 'error');
  await first.server.doHandshake();
  await failed;
  assert.ok(calls > 0);
  const other = pair(clientContext(), serverContext('expired'));
  const [outcome] = await Promise.allSettled([other.client.doHandshake(), other.server.doHandshake()]);
  assert.ok(outcome.reason instanceof tlsock.SSLCertVerificationError);
  assert.strictEqual(outcome.reason.cause, undefined);
});

test('what a callback threw is the cause of the call that it failed, and of no later one', () => {
  const thrown = new Error('thrown once');
  const context = clientContext();
  let hook = () => {};
  context.messageCallback = () => hook();
  const { client, server } = objects(context);
  const attempt = (run) => {
    try {
      return run();
    } catch (error) {
      return error;
    }
  };
  server.write('hello');
  // What fails inside of a later callback is another matter.
  const inside = [];
  let calls = 0;
  hook = () => {
    if (++calls === 1) throw thrown;
    inside.push(attempt(() => new tlsock.Certificate('nonsense')));
  };
  const outcomes = [];
  for (let i = 0; i < 5 && !outcomes.some((outcome) => outcome instanceof tlsock.ValueError); i++) outcomes.push(attempt(() => client.read()));
  hook = () => {};
  assert.strictEqual(outcomes.at(-1).cause, thrown);
  assert.ok(inside.length > 0);
  for (const later of [...inside, attempt(() => client.read()), attempt(() => new tlsock.Certificate('nonsense'))]) {
    assert.ok(later instanceof Error);
    assert.strictEqual(later.cause, undefined, later.message);
  }

  // Nobody's: a warning callback.
  tlsock.setWarningCallback(hook = () => {
    throw thrown;
  });
  const deprecated = attempt(() => (context.minimumVersion = tlsock.TLSVersion.TLSv1));
  tlsock.setWarningCallback(null);
  assert.strictEqual(deprecated.cause, thrown);
  for (const run of [() => context.loadCertChain('/nowhere'), () => new tlsock.Certificate('nonsense')])
    assert.strictEqual(attempt(run).cause, undefined);
});

test('the event keylog, the callback and the file tell the same', async () => {
  const context = clientContext();
  const lines = [], events = [];
  context.keylogCallback = (connection, line) => lines.push(line);
  context.keylogFilename = file('keys.log');
  fs.truncateSync(file('keys.log'));
  const ends = pair(context, serverContext());
  ends.client.on('keylog', (line) => events.push(String(line)));
  await handshake(ends);
  assert.ok(lines.some((line) => line.startsWith('CLIENT_HANDSHAKE_TRAFFIC_SECRET ')));
  assert.deepStrictEqual(events, lines.map((line) => `${line}\n`));
  assert.deepStrictEqual(fs.readFileSync(file('keys.log'), 'utf8').split('\n').filter((line) => line && !line.startsWith('#')), lines);
  context.keylogFilename = null;
  assert.strictEqual(context.keylogFilename, null);
});

test('the message callback sees the handshake', async () => {
  const context = clientContext();
  const seen = [];
  context.messageCallback = (connection, direction, version, contentType, msgType, data) => seen.push([direction, contentType, msgType, data.length]);
  await handshake(pair(context, serverContext()));
  assert.ok(seen.some(([direction, contentType, msgType]) => direction === 'write' && contentType === 22 && msgType === 1));
  assert.ok(seen.some(([direction]) => direction === 'read'));
});

test('writing inside a callback waits until it is done', async () => {
  const context = clientContext();
  let ends = null;
  context.keylogCallback = (connection, line) => {
    if (line.startsWith('CLIENT_TRAFFIC_SECRET_0')) ends.client.write(Buffer.alloc(20_000, 'x'));
  };
  ends = pair(context, serverContext());
  await handshake(ends);
  ends.client.end();
  assert.strictEqual((await collect(ends.server)).length, 20_000);
});

test('a context and its callbacks that refer to each other are collected', async () => {
  let gone = 0;
  const registry = new FinalizationRegistry(() => gone++);
  for (let i = 0; i < 20; i++) {
    const context = serverContext();
    context.sniCallback = () => void context;
    registry.register(context);
  }
  for (let i = 0; i < 10 && gone < 19; i++) {
    await new Promise(setImmediate);
    global.gc();
  }
  assert.ok(gone >= 19, `${gone} of 20`);
});

test('the password function, and what it throws', () => {
  const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);
  const files = [file('rsa.pem'), file('rsa-encrypted.key')];
  for (const password of ['sesame', Buffer.from('sesame'), () => 'sesame', () => Buffer.from('sesame')]) context.loadCertChain(...files, password);
  context.loadCertChainData(text('rsa.pem'), text('rsa-encrypted.key'), () => 'sesame');
  const thrown = new Error('not today');
  assert.throws(() => context.loadCertChain(...files, () => {
    throw thrown;
  }), (error) => error === thrown);
  assert.throws(() => context.loadCertChain(...files, () => 7), /the password must be a string/);
  assert.throws(() => context.loadCertChain(...files, 'wrong'), tlsock.SSLError);
  assert.throws(() => context.loadCertChain(...files), tlsock.SSLError);
});

test('post-handshake authentication', async () => {
  const { client, server } = askedLater();
  const ends = await handshake(pair(client, server));
  assert.strictEqual(ends.server.peerCertificate, null);
  ends.server.verifyClientPostHandshake();
  ends.server.write('who are you');
  ends.client.once('data', () => ends.client.write('me'));
  await once(ends.server, 'data');
  assert.strictEqual(ends.server.peerCertificate.subjectText, 'CN=client,O=tlsock');
});

test('warnings are seen, and refused by throwing', async (t) => {
  t.after(() => tlsock.setWarningCallback(null));
  const seen = [];
  tlsock.setWarningCallback((...warning) => seen.push(warning));
  const context = new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT);
  context.minimumVersion = tlsock.TLSVersion.TLSv1_1;
  assert.deepStrictEqual(seen, [['DeprecationWarning', 'ssl.TLSVersion.TLSv1_1 is deprecated']]);

  // Another thread has its own, and its end does not take ours away.
  const script = `const tlsock = require(${JSON.stringify(require.resolve('../index.js'))});
    let count = 0;
    tlsock.setWarningCallback(() => count++);
    tlsock.setWarningCallback(() => count++);
    new tlsock.SSLContext(tlsock.PROTOCOL_TLS_CLIENT).minimumVersion = tlsock.TLSVersion.TLSv1;
    require('node:worker_threads').parentPort.postMessage(count);`;
  const worker = new Worker(script, { eval: true });
  const [[count]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
  assert.strictEqual(count, 1);
  assert.strictEqual(seen.length, 1);

  const thrown = new Error('not here');
  tlsock.setWarningCallback(() => {
    throw thrown;
  });
  assert.throws(() => (context.minimumVersion = tlsock.TLSVersion.TLSv1), (error) => error instanceof tlsock.ValueError && error.cause === thrown);
  assert.strictEqual(context.minimumVersion, tlsock.TLSVersion.TLSv1_1);
  assert.throws(() => tlsock.setWarningCallback(7), /callback must be a function/);
  tlsock.setWarningCallback(null);
  context.minimumVersion = tlsock.TLSVersion.TLSv1;
});
