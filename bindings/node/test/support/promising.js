'use strict';

// A worker in which a handshake waits for a promise that is never settled: `during` says of which callback.

const { parentPort, workerData } = require('node:worker_threads');

const tlsock = require('../../index.js');
const { clientContext, serverContext, text } = require('./certs.js');
const { streamPair } = require('./net.js');

const ask = () => {
  setImmediate(() => parentPort.postMessage('waiting'));
  return new Promise(() => {});
};
const context = clientContext(), server = serverContext(), [below, above] = streamPair();
if (workerData.during === 'verify') context.setVerifyCallback(ask);
else if (workerData.during === 'identity') server.setIdentityCallback(ask);
else if (workerData.during === 'signature') server.useIdentity(tlsock.Identity.fromSigner(text('ecdsa.pem'), ask));
else server.setClientHelloCallback(ask);
new tlsock.TLSSocket(above, { context: server, serverSide: true });
new tlsock.TLSSocket(below, { context, serverHostname: 'localhost' });
parentPort.on('message', () => {});
