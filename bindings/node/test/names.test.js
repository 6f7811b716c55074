'use strict';

// Misspelt names are errors that say which is meant; constants, warnings and errors of arguments are as Python's.

const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { inspect } = require('node:util');
const vm = require('node:vm');

const tlsock = require('../index.js');
const { clientContext, file, serverContext } = require('./support/certs.js');
const { listen } = require('./support/net.js');

const index = path.join(__dirname, '..', 'index.js');

/** Runs a program of its own, in which tlsock is there. */
function program(source, { env = {}, flags = [], node = process.execPath } = {}) {
  const head = `const tlsock = require(${JSON.stringify(index)});`;
  const { status, stdout, stderr } = spawnSync(node, [...flags, '-e', head + source], { encoding: 'utf8', env: { ...process.env, ...env } });
  return { status, stdout: stdout.trim(), stderr };
}

test('a misspelt property of a context is an error that names the nearest, also where code is not strict', () => {
  const context = serverContext();
  const meant = {
    verify_mode: 'verifyMode', verifymode: 'verifyMode', minimum_version: 'minimumVersion', minimumVerison: 'minimumVersion', checkHostName: 'checkHostname',
    verifyFlag: 'verifyFlags', sni_callback: 'sniCallback', option: 'options', keylog_filename: 'keylogFilename',
  };
  for (const [name, like] of Object.entries(meant)) {
    const expected = { name: 'TypeError', message: `SSLContext has no property "${name}"; "${like}" is meant` };
    assert.throws(() => vm.runInThisContext('(object, name) => { object[name] = 1; }')(context, name), expected);
    assert.throws(() => context[name], expected);
    assert.ok(!(name in context));
  }
  assert.throws(() => vm.runInThisContext('(object) => { object.other = 1; }')(context), { message: 'SSLContext has no property "other"' });
  // What programs and engines look for is not misspelt.
  for (const name of ['then', 'toJSON', 'other', 'nodeType', '$$typeof', '__esModule', 'inspect']) assert.strictEqual(context[name], undefined);
  assert.match(inspect(context), /^SSLContext/);
  const symbol = Symbol('mine');
  context[symbol] = 1;
  assert.strictEqual(context[symbol], 1);
  class Own extends tlsock.SSLContext {
    mine = 1;

    get verify_mode() {
      return this.verifyMode;
    }
  }
  const own = new Own(tlsock.PROTOCOL_TLS_SERVER);
  assert.deepStrictEqual([own.mine, own.verify_mode], [1, tlsock.CERT_NONE]);
  own.mine = 2;
  assert.strictEqual(own.mine, 2);
  const object = context.wrapBio(new tlsock.MemoryBIO(), new tlsock.MemoryBIO(), { serverSide: true });
  assert.throws(() => (object.contxt = context), { message: 'SSLObject has no property "contxt"; "context" is meant' });
});

test('a misspelt constant is an error', () => {
  assert.throws(() => tlsock.VERIFY_X509_STRIKT, { message: 'tlsock has no property "VERIFY_X509_STRIKT"; "VERIFY_X509_STRICT" is meant' });
  assert.throws(() => tlsock.createHTTPSServer, { message: /"createHttpsServer" is meant/ });
  assert.throws(() => tlsock.SSLContxt, { message: /"SSLContext" is meant/ });
  for (const name of ['then', 'default', 'module.exports', 'another']) assert.strictEqual(tlsock[name], undefined);
});

test('misspelt options are errors that name the nearest', () => {
  const context = clientContext();
  assert.throws(() => tlsock.createServer({ context, handshakeTimeut: 1 }), { message: 'createServer has no option "handshakeTimeut"; "handshakeTimeout" is meant' });
  assert.throws(() => tlsock.connect({ server_hostname: 'x' }), { message: 'connect has no option "server_hostname"; "serverHostname" is meant' });
  assert.throws(() => tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, { cafiles: 'x' }), { message: /"cafile" is meant/ });
  assert.throws(() => context.wrapBio(new tlsock.MemoryBIO(), new tlsock.MemoryBIO(), { hostname: 'x' }), { message: 'wrapBio has no option "hostname"' });
});

test('enums stand beside the constants', () => {
  for (const [group, prefix] of [['VerifyMode', 'CERT_'], ['VerifyFlags', 'VERIFY_'], ['Options', 'OP_']]) {
    const names = Object.keys(tlsock).filter((name) => name.startsWith(prefix));
    assert.deepStrictEqual(Object.keys(tlsock[group]).sort(), names.sort());
    for (const name of names) assert.strictEqual(tlsock[group][name], tlsock[name]);
    assert.ok(Object.isFrozen(tlsock[group]));
  }
});

test('words of bits are taken as numbers and as BigInts', () => {
  const context = clientContext();
  context.verifyFlags = BigInt(tlsock.VERIFY_X509_STRICT);
  assert.strictEqual(context.verifyFlags & tlsock.VERIFY_X509_STRICT, tlsock.VERIFY_X509_STRICT);
  // All of the word, and nothing else.
  context.verifyFlags = 2 ** 31 + tlsock.VERIFY_X509_STRICT;
  assert.strictEqual(context.verifyFlags, 2 ** 31 + tlsock.VERIFY_X509_STRICT);
  context.options = Number(context.options | tlsock.OP_NO_TICKET);
  assert.strictEqual(context.options & tlsock.OP_NO_TICKET, tlsock.OP_NO_TICKET);
  for (const flags of [-1n, 1n << 64n, 1n << 60n, -1, 0.5]) assert.throws(() => (context.verifyFlags = flags), RangeError);
});

test('errors of arguments are one family, and Python\'s', () => {
  assert.ok(tlsock.ValueError.prototype instanceof RangeError);
  const ranges = [() => new tlsock.SSLContext(1.5), () => (serverContext().numTickets = -1), () => (clientContext().verifyMode = 7), () => tlsock.randBytes(-1)];
  for (const mistake of ranges) assert.throws(mistake, (error) => error instanceof tlsock.ValueError && error.name === 'ValueError');
});

test('times are taken as Node takes them', async (t) => {
  const port = await listen(t, tlsock.createServer({ context: serverContext(), handshakeTimeout: 1000.5 }));
  const socket = tlsock.connect({ host: 'localhost', port, context: clientContext(), timeout: 1650.0000000000002, handshakeTimeout: 2 ** 40 });
  assert.strictEqual(socket.timeout, 1650.0000000000002);
  socket.setTimeout(2 ** 40);
  assert.strictEqual(socket.timeout, 2 ** 31 - 1);
  for (const wrong of [-1, NaN, Infinity]) assert.throws(() => socket.setTimeout(wrong), RangeError);
  assert.throws(() => socket.setTimeout('1'), TypeError);
  socket.destroy();
});

test('Python\'s warnings are told by default, each once; a callback takes their place, and null silences them', () => {
  const noisy = program('new tlsock.SSLContext(); new tlsock.SSLContext(); new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER);');
  assert.strictEqual(noisy.stderr.match(/DeprecationWarning: ssl\.PROTOCOL_TLS is deprecated/g)?.length, 1, noisy.stderr);
  const seen = program("process.on('warning', (warning) => console.log(warning.name, warning.code, warning.message)); new tlsock.SSLContext();", { flags: ['--no-warnings'] });
  assert.strictEqual(seen.stdout, 'DeprecationWarning TLSOCK ssl.PROTOCOL_TLS is deprecated');
  const taken = program('tlsock.setWarningCallback((category, message) => console.log(category, message)); new tlsock.SSLContext();');
  assert.deepStrictEqual([taken.stdout, taken.stderr], ['DeprecationWarning ssl.PROTOCOL_TLS is deprecated', '']);
  assert.strictEqual(program('tlsock.setWarningCallback(null); new tlsock.SSLContext();').stderr, '');
  assert.strictEqual(program('tlsock.createDefaultContext();').stderr, '');
  const worker = program(`new (require('node:worker_threads').Worker)('require(' + ${JSON.stringify(JSON.stringify(index))} + ').createDefaultContext().minimumVersion = 769', { eval: true });`);
  assert.match(worker.stderr, /DeprecationWarning: ssl\.TLSVersion\.TLSv1 is deprecated/);
});

test('NODE_EXTRA_CA_CERTS is trusted where the system\'s CAs are', () => {
  const ask = `
    const { SSLContext, createDefaultContext, Purpose, PROTOCOL_TLS_CLIENT } = tlsock;
    const trusts = (context) => context.getCaCerts().some((ca) => JSON.stringify(ca.subject).includes('tlsock test root'));
    const loaded = new SSLContext(PROTOCOL_TLS_CLIENT), paths = new SSLContext(PROTOCOL_TLS_CLIENT);
    loaded.loadDefaultCerts();
    paths.setDefaultVerifyPaths();
    // Those who name their CAs trust no others, and servers nobody unasked.
    const others = [createDefaultContext(Purpose.SERVER_AUTH, { cafile: ${JSON.stringify(file('unknown-ca.pem'))} }), new SSLContext(PROTOCOL_TLS_CLIENT), createDefaultContext(Purpose.CLIENT_AUTH)];
    console.log([createDefaultContext(), loaded, paths, ...others].map(trusts).join());`;
  const env = { NODE_EXTRA_CA_CERTS: file('ca.pem') };
  assert.deepStrictEqual(program(ask, { env }), { status: 0, stdout: 'true,true,true,false,false,false', stderr: '' });
  const none = 'false,false,false,false,false,false';
  assert.strictEqual(program(ask).stdout, none);
  assert.strictEqual(program(`process.env.NODE_EXTRA_CA_CERTS = ${JSON.stringify(file('ca.pem'))}; ${ask}`).stdout, none, 'Node looks at the start only');
  const missing = program(ask, { env: { NODE_EXTRA_CA_CERTS: '/none/such' } });
  assert.strictEqual(missing.stdout, none);
  assert.strictEqual(missing.stderr.match(/NODE_EXTRA_CA_CERTS: the CAs of \/none\/such are not trusted/g)?.length, 1, missing.stderr);
});

// A copy of node that runs as another user: only root can make one, where the file system lets it.
function raisedNode(t) {
  if (process.platform === 'win32' || process.getuid() !== 0) return t.skip('only root can make such a program');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tlsock-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const copy = path.join(folder, 'node');
  fs.copyFileSync(process.execPath, copy);
  fs.chmodSync(folder, 0o755);
  fs.chownSync(copy, 65534, 65534);
  fs.chmodSync(copy, 0o4755);
  const { stdout } = spawnSync(copy, ['-p', 'process.getuid() !== process.geteuid()'], { encoding: 'utf8' });
  return stdout.trim() === 'true' ? copy : t.skip('the file system does not raise privileges');
}

test('NODE_EXTRA_CA_CERTS does not count in a program with raised privileges', (t) => {
  const copy = raisedNode(t);
  if (copy === undefined) return;
  const trusts = "tlsock.createDefaultContext().getCaCerts().some((ca) => JSON.stringify(ca.subject).includes('tlsock test root'))";
  // The process can read the file: only the rule keeps it from doing so.
  const readable = path.join(path.dirname(copy), 'ca.pem');
  fs.copyFileSync(file('ca.pem'), readable);
  fs.chmodSync(readable, 0o644);
  const env = { NODE_EXTRA_CA_CERTS: readable };
  assert.strictEqual(program(`console.log(${trusts})`, { env }).stdout, 'true');
  const raised = program(`require('node:fs').readFileSync(${JSON.stringify(readable)}); console.log(${trusts})`, { env, node: copy });
  assert.deepStrictEqual([raised.stdout, raised.status, raised.stderr], ['false', 0, '']);
});
