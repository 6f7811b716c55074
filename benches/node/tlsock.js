'use strict';

// The Node binding of tlsock.

const tlsock = require('../../bindings/node');

const { HOST } = require('./options.js');

module.exports = (options) => {
  const limit = (context) => {
    context.minimumVersion = context.maximumVersion = options.tls12 ? tlsock.TLSVersion.TLSv1_2 : tlsock.TLSVersion.TLSv1_3;
    return context;
  };
  const serverContext = () => {
    const context = limit(new tlsock.SSLContext(tlsock.PROTOCOL_TLS_SERVER));
    context.loadCertChain(options.path('chain'), options.path('key'));
    return context;
  };
  return {
    name: `tlsock ${tlsock.VERSION}`,
    clientContext: () => limit(tlsock.createDefaultContext(tlsock.Purpose.SERVER_AUTH, { cafile: options.path('ca') })),
    serverContext,
    systemContext: () => tlsock.createDefaultContext(),
    connect: (where, context, session) => tlsock.connect({ ...where, context, serverHostname: HOST, session }),
    createServer: (listener) => tlsock.createServer({ context: serverContext() }, listener),
    client: (transport, context, session) => tlsock.connect({ transport, context, serverHostname: HOST, session }),
    server: (stream, context) => new tlsock.TLSSocket(stream, { context, serverSide: true }),
    resumed: (socket) => socket.sessionReused,
    session: (socket) => socket.session,
    // What node:tls has not got: two connections without a stream.
    objects: (clientContext, context) => {
      const up = new tlsock.MemoryBIO(), down = new tlsock.MemoryBIO();
      return [clientContext.wrapBio(down, up, { serverHostname: HOST }), context.wrapBio(up, down, { serverSide: true })];
    },
    wantsMore: (error) => error instanceof tlsock.SSLWantReadError,
  };
};
