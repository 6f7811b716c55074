'use strict';

// node:tls.

const tls = require('node:tls');

const { HOST } = require('./options.js');

const CIPHERS = { aes128: 'TLS_AES_128_GCM_SHA256:ECDHE+AESGCM+AES128', chacha: 'TLS_CHACHA20_POLY1305_SHA256:ECDHE+CHACHA20',
  aes256: 'TLS_AES_256_GCM_SHA384:ECDHE+AESGCM+AES256' };

module.exports = (options) => {
  const version = options.tls12 ? 'TLSv1.2' : 'TLSv1.3';
  const both = { minVersion: version, maxVersion: version, ...(options.cipher && { ciphers: CIPHERS[options.cipher] }) };
  const forServer = () => ({ ...both, key: options.read('key'), cert: options.read('chain') });
  return {
    name: `node ${process.version}`,
    clientContext: () => tls.createSecureContext({ ...both, ca: options.read('ca') }),
    serverContext: () => tls.createSecureContext(forServer()),
    systemContext: () => tls.createSecureContext(),
    connect: (where, secureContext, session) => tls.connect({ ...where, secureContext, servername: HOST, session }),
    createServer: (listener) => tls.createServer(forServer(), listener),
    client: (socket, secureContext, session) => tls.connect({ socket, secureContext, servername: HOST, session }),
    server: (stream, secureContext) => new tls.TLSSocket(stream, { isServer: true, secureContext }),
    resumed: (socket) => socket.isSessionReused(),
    session: (socket) => socket.getSession(),
  };
};
