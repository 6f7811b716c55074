'use strict';

// Sockets without TLS: what no TLS over Node's sockets can go beyond.

const net = require('node:net');

module.exports = () => ({
  name: `plain sockets of node ${process.version}`,
  clientContext: () => null,
  connect: (where) => {
    const socket = net.connect({ ...where, noDelay: true });
    return socket.once('connect', () => socket.emit('secureConnect'));
  },
  createServer: (listener) => net.createServer({ noDelay: true }, listener),
});
