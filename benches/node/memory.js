'use strict';

// The workloads between two ends in one thread: over a pair of streams and, where the library can, without any stream.

const { Duplex } = require('node:stream');

const { Meter, fail } = require('./report.js');

class Half extends Duplex {
  #waiting = null;
  other;

  _read() {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }

  _write(chunk, encoding, callback) {
    if (this.other.push(chunk)) callback();
    else this.other.#waiting = callback;
  }

  _final(callback) {
    this.other.push(null);
    callback();
  }
}

function pair(library, clientContext, serverContext, session) {
  const below = new Half(), above = new Half();
  below.other = above;
  above.other = below;
  const server = library.server(above, serverContext).on('error', () => {});
  const client = library.client(below, clientContext, session).on('error', fail);
  return { client, server };
}

const contexts = (library) => [library.clientContext(), library.serverContext()];

// Its first connections find a session, with which all others are resumed if that is asked for.
async function handshakes(library, options) {
  const made = contexts(library);
  let session;
  const one = () => new Promise((resolve) => {
    const { client, server } = pair(library, ...made, session);
    server.write('x');
    if (options.resume && !session) client.once('session', (found) => (session = found));
    client.once('data', () => {
      const wasResumed = library.resumed(client);
      const close = () => {
        client.destroy();
        server.destroy();
        resolve(wasResumed);
      };
      // The session may be right behind.
      if (options.resume && !session) setImmediate(close);
      else close();
    });
  });
  while (await one() !== options.resume);
  const meter = new Meter(library.name, options);
  do if (await one() !== options.resume) fail(options.resume ? 'a handshake was full' : 'a handshake was resumed');
  while (!meter.add(1));
  meter.report('hs/s');
}

function bulk(library, options) {
  const { client, server } = pair(library, ...contexts(library));
  const piece = Buffer.alloc(options.size, 'm');
  client.on('secureConnect', () => {
    const meter = new Meter(library.name, options);
    server.on('data', (chunk) => {
      if (!meter.add(chunk.length)) return;
      meter.report('MB/s', 1e6);
      process.exit(0);
    });
    const send = () => {
      // Lets go of the thread now and then, so that the other end has its turn.
      for (let sent = 1; client.write(piece); sent++) if (sent % 64 === 0) return setImmediate(send);
      client.once('drain', send);
    };
    send();
  });
}

function ping(library, options) {
  const { client, server } = pair(library, ...contexts(library));
  const piece = Buffer.alloc(options.size, 'p');
  let meter, got = 0;
  server.on('data', (chunk) => server.write(chunk));
  client.on('secureConnect', () => {
    meter = new Meter(library.name, options);
    client.write(piece);
  });
  client.on('data', (chunk) => {
    got += chunk.length;
    if (got < options.size) return;
    got = 0;
    if (meter.add(1)) {
      meter.report('rt/s');
      process.exit(0);
    }
    client.write(piece);
  });
}

function objects(library) {
  const ends = library.objects(...contexts(library));
  for (const end of [...ends, ...ends])
    try {
      end.doHandshake();
    } catch (error) {
      if (!library.wantsMore(error)) throw error;
    }
  return ends;
}

/** SSLObject over MemoryBIOs. */
function objectBulk(library, options) {
  const [client, server] = objects(library);
  const piece = Buffer.alloc(options.size, 'm'), into = Buffer.alloc(262144);
  const meter = new Meter(library.name, options);
  for (;;) {
    client.write(piece);
    let got = 0;
    while (got < options.size) got += server.read(into);
    if (meter.add(got)) break;
  }
  meter.report('MB/s', 1e6);
}

function objectPing(library, options) {
  const [client, server] = objects(library);
  const piece = Buffer.alloc(options.size, 'p'), into = Buffer.alloc(options.size);
  const meter = new Meter(library.name, options);
  do {
    client.write(piece);
    server.read(into);
    server.write(into);
    client.read(into);
  } while (!meter.add(1));
  meter.report('rt/s');
}

/** Contexts that trust the system's CAs. */
function contextsOfSystem(library, options) {
  library.systemContext();
  const meter = new Meter(library.name, options);
  do library.systemContext();
  while (!meter.add(1));
  meter.report('ctx/s');
}

module.exports = {
  workloads: { mem_hs: handshakes, mem_bulk: bulk, mem_ping: ping, object_bulk: objectBulk, object_ping: objectPing, ctx: contextsOfSystem },
};
