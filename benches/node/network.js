'use strict';

// The workloads over sockets of the system. The server runs in a worker thread, as the second thread of ../c does.

const { Meter, cpuSeconds, fail, print } = require('./report.js');

/** What the server does with a connection. */
function serve(library, options) {
  return (socket) => {
    socket.on('error', () => {});
    if (options.work === 'hs') return void socket.write('x');
    if (options.work === 'bulk') return void receive(library, options, socket);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => socket.write(chunk));
  };
}

function receive(library, options, socket) {
  const meter = new Meter(library.name, options);
  socket.on('data', (chunk) => {
    if (!meter.add(chunk.length)) return;
    meter.report('MB/s', 1e6);
    // Ends this thread, and with it the other.
    process.exit(0);
  });
}

/** A connection at a time: handshake, a byte from the server, close. */
async function handshakes(library, options, where) {
  const context = library.clientContext();
  let session;
  const one = () => new Promise((resolve) => {
    const socket = library.connect(where, context, session);
    let next, answered = false;
    const step = () => {
      // TLS 1.3: a session comes by itself, before or after the first data. node:tls has none of a resumed connection.
      if (!answered || (options.resume && !options.tls12 && !next && !session)) return;
      const wasResumed = library.resumed(socket);
      if (options.resume) session = next ?? session ?? library.session(socket);
      socket.destroy();
      resolve(wasResumed);
    };
    if (options.resume)
      socket.once('session', (made) => {
        next = made;
        step();
      });
    socket.on('error', fail);
    socket.once('data', () => {
      answered = true;
      step();
    });
  });
  await one();
  const meter = new Meter(library.name, options);
  for (;;) {
    if (await one() !== options.resume) fail(options.resume ? 'a handshake was full' : 'a handshake was resumed');
    if (meter.add(1)) break;
  }
  meter.report('hs/s');
  process.exit(0);
}

function bulk(library, options, where) {
  const socket = library.connect(where, library.clientContext());
  const piece = Buffer.alloc(options.size, 'b');
  const send = () => {
    while (socket.write(piece));
    socket.once('drain', send);
  };
  // It is the other end that stops.
  socket.on('error', () => {}).on('secureConnect', send);
}

function ping(library, options, where) {
  const socket = library.connect(where, library.clientContext());
  const piece = Buffer.alloc(options.size, 'p');
  let meter, got = 0;
  socket.setNoDelay(true);
  socket.on('error', fail).on('secureConnect', () => {
    meter = new Meter(library.name, options);
    socket.write(piece);
  });
  socket.on('data', (chunk) => {
    got += chunk.length;
    if (got < options.size) return;
    got = 0;
    if (meter.add(1)) {
      meter.report('rt/s');
      process.exit(0);
    }
    socket.write(piece);
  });
}

/** What 2,000 connections that have nothing to do keep in memory, for each of their ends. */
async function idle(library, options, where) {
  const context = library.clientContext(), kept = [];
  const open = async (count) => {
    for (let i = 0; i < count; i++)
      await new Promise((resolve) => {
        const socket = library.connect(where, context).on('error', fail);
        socket.write(Buffer.alloc(64));
        socket.once('data', resolve);
        kept.push(socket);
      });
    global.gc?.();
  };
  await open(50);
  const before = process.memoryUsage.rss(), start = performance.now(), cpu = cpuSeconds();
  await open(options.conns);
  const grown = (process.memoryUsage.rss() - before) / 1024;
  print(library.name, options, 'KiB/end', grown / options.conns / 2, { wall_s: (performance.now() - start) / 1000, cpu_s: cpuSeconds() - cpu });
  process.exit(0);
}

module.exports = { serve, workloads: { hs: handshakes, bulk, ping, idle } };
