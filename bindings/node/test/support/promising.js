'use strict';

// A worker in which a handshake waits for a promise that is never settled: `during` says of which callback.

const { parentPort, workerData } = require('node:worker_threads');

const tlsock = require('../../index.js');
const { contexts } = require('./answers.js');
const { streamPair } = require('./net.js');

const ask = () => {
  setImmediate(() => parentPort.postMessage('waiting'));
  return new Promise(() => {});
};
const { client, server } = contexts(workerData.during, ask, tlsock.TLSVersion.TLSv1_3), [below, above] = streamPair();
new tlsock.TLSSocket(above, { context: server, serverSide: true });
new tlsock.TLSSocket(below, { context: client, serverHostname: 'localhost' });
parentPort.on('message', () => {});
