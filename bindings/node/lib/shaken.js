'use strict';

const net = require('node:net');
const { Duplex } = require('node:stream');

const check = require('./check.js');
const failure = require('./failure.js');

function settled(socket) {
  return new Promise((resolve, reject) => {
    const fail = () => reject(socket.errored ?? failure.destroyed());
    if (socket.destroyed) return void fail();
    const settle = (run) => () => {
      socket.removeListener('secureConnect', done).removeListener('close', closed);
      run();
    };
    const done = settle(resolve), closed = settle(fail);
    socket.on('secureConnect', done).on('close', closed);
  });
}

const waiting = new WeakMap();

/**
 * Resolves when the handshake of a TLSSocket is done. An error that comes together with its end is emitted before the caller continues,
 * so it rejects this promise.
 */
function shaken(socket, isDone) {
  if (isDone || socket.destroyed) return watched(socket, isDone);
  // However often it is asked for, the socket gets one set of listeners.
  if (!waiting.has(socket)) waiting.set(socket, watched(socket, false).finally(() => waiting.delete(socket)));
  return waiting.get(socket);
}

async function watched(socket, isDone) {
  const guard = () => {};
  socket.on('error', guard);
  try {
    if (!isDone) await settled(socket);
  } finally {
    socket.removeListener('error', guard);
  }
  if (socket.errored) throw socket.errored;
}

// What is below all TLS.
function lowest(transport) {
  const below = check.member(transport, 'transport');
  return below instanceof Duplex ? lowest(below) : transport;
}

/**
 * The timer for a handshake; undefined for none. A system's socket keeps the process running by itself, unless it was told not to. Of a class
 * derived from it nobody knows what is below: node:tls's own may have a stream there, with which the process would end before the time is up.
 */
function limited(transport, run, milliseconds) {
  if (milliseconds === 0) return undefined;
  const timer = setTimeout(run, milliseconds);
  return lowest(transport).constructor === net.Socket ? timer.unref() : timer;
}

/** Promise.withResolvers, which exists since Node 22. */
function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

module.exports = { limited, shaken, withResolvers };
