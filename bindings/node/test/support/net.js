'use strict';

// Servers and streams for tests: ports from the kernel, loopback only, everything closed by the test's end.

const { once } = require('node:events');
const net = require('node:net');
const { Duplex } = require('node:stream');

const tlsock = require('../../index.js');
const { clientContext, serverContext } = require('./certs.js');

async function listen(t, server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = [];
  server.on('connection', (socket) => accepted.push(socket));
  t.after(() => {
    server.close();
    for (const socket of accepted) socket.destroy();
  });
  return server.address().port;
}

/** A port at which nobody listens: that of a client's end, which the system gives to nobody meanwhile. */
async function deafPort(t) {
  const client = net.connect(await listen(t, net.createServer()), '127.0.0.1');
  t.after(() => client.destroy());
  await once(client, 'connect');
  return client.localPort;
}

/** Two ends of a stream in memory. */
function streamPair() {
  class End extends Duplex {
    _read() {
      this.waiting?.();
    }

    _write(chunk, encoding, callback) {
      if (this.other.push(chunk)) callback();
      else this.other.waiting = () => {
        this.other.waiting = null;
        callback();
      };
    }

    _final(callback) {
      this.other.push(null);
      callback();
    }
  }
  const ends = [new End(), new End()];
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}

/** A client and a server over a stream in memory, connected. */
async function connectedPair(options = {}) {
  const [below, above] = streamPair();
  const server = new tlsock.TLSSocket(above, { context: serverContext(), serverSide: true, ...options.both, ...options.server });
  const client = new tlsock.TLSSocket(below, { context: clientContext(), serverHostname: 'localhost', ...options.both, ...options.client });
  await Promise.all([client.doHandshake(), server.doHandshake()]);
  return { client, server };
}

/** All that is read; the stream lives on, unlike after `for await`. */
function collect(stream) {
  return new Promise((resolve, reject) => {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.once('end', () => resolve(Buffer.concat(parts)));
    stream.once('error', reject);
  });
}

/** Resolves at the end of a stream, whatever came before it. */
function closed(stream) {
  return new Promise((resolve) => stream.on('error', () => {}).once('close', resolve));
}

/**
 * How node:tls tells of a server that takes none of its protocols. The alert has no text in the first patch levels of OpenSSL 3.0, which
 * node:tls takes for a connection that was reset: what came is asked of the server.
 */
const NO_PROTOCOL = /^(?:ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL|ECONNRESET)$/;

module.exports = { NO_PROTOCOL, closed, collect, connectedPair, deafPort, listen, streamPair };
