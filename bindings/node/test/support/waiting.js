'use strict';

// A worker whose callbacks wait for the main thread, in the middle of a handshake: `during` says which.

const { parentPort, workerData } = require('node:worker_threads');

const tlsock = require('../../index.js');
const { clientContext, file, serverContext, text } = require('./certs.js');
const { objects } = require('./pairs.js');

const { during, shared } = workerData;
const cell = new Int32Array(shared);

/** Answers with what the main thread says; for ever nothing, if it says nothing. */
function wait(answer) {
  parentPort.postMessage('waiting');
  Atomics.wait(cell, 0, 0);
  return answer;
}

const identity = tlsock.Identity.fromFiles(file('ecdsa.pem'), file('ecdsa.key'));
const client = clientContext(), server = serverContext();
if (during === 'verify') client.setVerifyCallback(() => wait(true));
if (during === 'identity') server.setIdentityCallback(() => wait(identity));
if (during === 'signer') server.useIdentity(tlsock.Identity.fromSigner(text('ecdsa.pem'), (...args) => wait(require('./signer.js').signerOf('ecdsa')(...args))));
parentPort.postMessage(objects(client, server).client.version());
