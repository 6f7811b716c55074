'use strict';

// Everything at the wrong moment: node --expose-gc stress.js [--seconds 60] [--rounds 100] [--seed 1]. Connections whose buffers are detached,
// resized and transferred, and that are destroyed and used again inside their own and each other's callbacks, at random. All bytes of a
// connection are the same number: whatever else arrives is somebody else's memory. The last line is the summary.

const tlsock = require('../index.js');
const { clientContext, fixed, serverContext } = require('./support/certs.js');
const { closed, streamPair } = require('./support/net.js');

const options = { seconds: '0', rounds: '0', seed: String(Date.now() % 2 ** 32) };
for (let i = 2; i < process.argv.length; i += 2) {
  const name = process.argv[i].slice(2);
  if (!(name in options)) throw new Error(`no option ${process.argv[i]}`);
  options[name] = process.argv[i + 1];
}
const SECONDS = Number(options.seconds), ROUNDS = Number(options.rounds) || (SECONDS > 0 ? Infinity : 100);

// mulberry32
let state = Number(options.seed);
function random(limit) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % limit;
}
const pick = (list) => list[random(list.length)];

const counts = { rounds: 0, connections: 0, actions: 0, harmed: 0, bytes: 0, errors: 0 };
// Buffers that can be harmed, and connections that can be used, by anybody.
let victims = [], sockets = [], objects = [];
// How deep actions are inside of actions.
let depth = 0;

function buffer(size, fill) {
  const isResizable = typeof ArrayBuffer.prototype.resize === 'function' && random(2) === 0;
  const made = isResizable ? new ArrayBuffer(size, { maxByteLength: size }) : new ArrayBuffer(size);
  victims.push(made);
  return new Uint8Array(made).fill(fill);
}

const ignored = (run) => {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    counts.errors++;
    return undefined;
  }
};

const SIZES = [0, 1, 100, 1000, 16384, 16385, 65536, 70_000, 300_000];

const socketActions = {
  write: (socket) => socket.write(buffer(pick(SIZES), socket.tag)),
  uncork: (socket) => socket.uncork(),
  cork: (socket) => socket.cork(),
  pause: (socket) => socket.pause(),
  resume: (socket) => socket.resume(),
  read: (socket) => socket.read(),
  end: (socket) => random(4) === 0 && socket.end(),
  destroy: (socket) => random(6) === 0 && socket.destroy(random(2) ? undefined : new Error('mine')),
  unwrap: (socket) => random(6) === 0 && socket.unwrap().then((plain) => plain.destroy(), () => {}),
  garbage: (socket) => random(12) === 0 && socket.transport.emit('data', buffer(100, 0x17)),
  cut: (socket) => random(12) === 0 && socket.transport.destroy(),
  drop: (socket) => random(12) === 0 && socket.removeAllListeners('data'),
  ask: (socket) => [socket.getpeercert(), socket.version(), socket.authorized, socket.getVerifiedChain(), socket.session, socket.getChannelBinding()],
  context: (socket) => (socket.context = pick(contexts).server),
};

const objectActions = {
  handshake: ({ end }) => end.doHandshake(),
  write: ({ end, tag }) => end.write(buffer(pick(SIZES), tag)),
  read: ({ end, peerTag }) => check(end.read(pick(SIZES)), peerTag),
  readInto: ({ end, peerTag }) => {
    const into = buffer(pick(SIZES), 0);
    const len = end.read(into);
    if (into.length >= len) check(into.subarray(0, len), peerTag);
  },
  ask: ({ end }) => [end.version(), end.getVerifiedChain(), end.pending(), end.session, end.getpeercert()],
  close: ({ end }) => random(8) === 0 && end.closeWrite(),
  unwrap: ({ end }) => random(8) === 0 && end.unwrap(),
  garbage: ({ incoming }) => random(20) === 0 && incoming.write(buffer(50, 0x17)),
  bio: ({ incoming }) => random(20) === 0 && incoming.read(random(1000)),
};

function check(bytes, tag) {
  counts.bytes += bytes.length;
  for (const byte of bytes)
    if (byte !== tag) {
      console.error(`a byte of somebody else's: ${byte} instead of ${tag}, seed ${options.seed}, round ${counts.rounds}`);
      process.exit(1);
    }
}

function harm() {
  if (victims.length === 0) return;
  const [victim] = victims.splice(random(victims.length), 1);
  if (victim.byteLength === 0) return;
  counts.harmed++;
  if (victim.resizable && random(2)) victim.resize(random(victim.byteLength));
  else structuredClone(victim, { transfer: [victim] });
  if (random(20) === 0) global.gc?.();
}

/** Something happens. */
function act() {
  if (depth > 3) return;
  depth++;
  counts.actions++;
  ignored(() => {
    const kind = random(10);
    if (kind < 3) harm();
    else if (kind < 7 && sockets.length > 0) pick(Object.values(socketActions))(pick(sockets));
    else if (objects.length > 0) pick(Object.values(objectActions))(pick(objects));
  });
  depth--;
}

/** In the middle of a native call. */
function hook() {
  for (let i = random(3); i > 0; i--) act();
  if (random(200) === 0) throw new Error('a callback throws');
}

function makeContexts() {
  const change = (context) => {
    if (random(2)) fixed(pick([tlsock.TLSVersion.TLSv1_2, tlsock.TLSVersion.TLSv1_3]))(context);
    if (random(2)) context.messageCallback = hook;
    if (random(2)) context.keylogCallback = hook;
    if (random(2)) context.sessionCallback = hook;
  };
  const client = clientContext(change), server = serverContext('ecdsa', change);
  if (random(2)) server.sniCallback = () => void hook();
  return { client, server };
}

let contexts = [];

function addSockets() {
  const [below, above] = streamPair();
  const tag = 1 + random(100), peerTag = 101 + random(100);
  const { client: context, server: serverSide } = pick(contexts);
  for (const transport of [below, above]) {
    transport.on('error', () => {});
    if (random(4) === 0) transport.prependListener('data', (chunk) => chunk.byteOffset === 0 && victims.push(chunk.buffer));
  }
  const server = new tlsock.TLSSocket(above, { context: serverSide, serverSide: true, highWaterMark: pick([1, 1000, 65536]) });
  const client = new tlsock.TLSSocket(below, { context, serverHostname: 'localhost', highWaterMark: pick([1, 1000, 65536]) });
  for (const [socket, own, other] of [[client, tag, peerTag], [server, peerTag, tag]]) {
    counts.connections++;
    socket.tag = own;
    // All of it: what is unwrapped or dropped is read by nobody.
    socket.on('data', (chunk) => {
      check(chunk, other);
      if (random(3) === 0) victims.push(chunk.buffer);
      if (random(3) === 0) act();
    }).on('error', () => {});
    for (const event of ['secureConnect', 'session', 'keylog', 'drain', 'close', 'end']) socket.on(event, () => random(2) && act());
    sockets.push(socket);
  }
}

function addObjects() {
  const up = new tlsock.MemoryBIO(), down = new tlsock.MemoryBIO();
  const { client: context, server: serverSide } = pick(contexts);
  const client = context.wrapBio(down, up, { serverHostname: 'localhost' }), server = serverSide.wrapBio(up, down, { serverSide: true });
  objects.push({ end: client, tag: 201, peerTag: 202, incoming: down }, { end: server, tag: 202, peerTag: 201, incoming: up });
  for (const end of [client, server, client, server]) ignored(() => end.doHandshake());
}

async function round() {
  counts.rounds++;
  victims = [];
  [sockets, objects] = [[], []];
  contexts = [makeContexts(), makeContexts()];
  for (let i = 1 + random(4); i > 0; i--) addSockets();
  for (let i = random(3); i > 0; i--) addObjects();
  for (let turn = 5 + random(30); turn > 0; turn--) {
    for (let i = random(6); i > 0; i--) act();
    if (random(2)) await new Promise(setImmediate);
    else await null;
  }
  const ends = sockets.map((socket) => (socket.closed ? null : closed(socket)));
  for (const socket of sockets) socket.destroy();
  await Promise.all(ends);
  await new Promise(setImmediate);
}

async function run() {
  tlsock.setWarningCallback(() => {});
  const until = SECONDS > 0 ? Date.now() + 1000 * SECONDS : Infinity;
  while (counts.rounds < ROUNDS && Date.now() < until) await round();
  console.log(`${Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ')}, seed ${options.seed}`);
  process.exit();
}

process.on('exit', (code) => code === 0 || console.log(`failed in round ${counts.rounds}, seed ${options.seed}`));
run();
