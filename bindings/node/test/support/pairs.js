'use strict';

// Connections after their handshake, and harm to buffers.

const tlsock = require('../../index.js');
const { clientContext, serverContext } = require('./certs.js');

/** Takes the memory of a buffer away. */
function harmed(buffer) {
  structuredClone(buffer, { transfer: [buffer] });
  global.gc();
}

/** A client and a server over two ends of a stream. */
async function connected(below, above, { client = clientContext(), server = serverContext(), ...rest } = {}) {
  const ends = {
    server: new tlsock.TLSSocket(above, { context: server, serverSide: true, ...rest }),
    client: new tlsock.TLSSocket(below, { context: client, serverHostname: 'localhost', ...rest }),
  };
  await Promise.all([ends.client.doHandshake(), ends.server.doHandshake()]);
  return ends;
}

/** Two connections in memory after their handshake. */
function objects(client = clientContext(), server = serverContext()) {
  const up = new tlsock.MemoryBIO(), down = new tlsock.MemoryBIO();
  const ends = [client.wrapBio(down, up, { serverHostname: 'localhost' }), server.wrapBio(up, down, { serverSide: true })];
  for (const end of [...ends, ...ends]) {
    try {
      end.doHandshake();
    } catch (error) {
      if (!(error instanceof tlsock.SSLWantReadError)) throw error;
    }
  }
  return { client: ends[0], server: ends[1], up, down };
}

module.exports = { connected, harmed, objects };
