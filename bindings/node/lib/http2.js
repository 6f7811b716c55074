'use strict';

// The handle that node:http2 needs of the socket below a session. It wraps a stream without a handle, and then neither session nor
// stream knows the address, the protocol or the peer; a socket with a handle is used as it is. Only node:http2 gets a handle, as other
// modules would read from it.

const { constants } = require('node:os');
const { Duplex } = require('node:stream');

const { readInSteps } = require('./frames.js');
const nodeTls = require('./node-tls.js');

const HTTP2 = 'node:internal/http2/core';

function isAskedByHttp2() {
  const { stackTraceLimit } = Error;
  // A program may have frozen it.
  Reflect.set(Error, 'stackTraceLimit', 6);
  const { stack } = new Error();
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  return String(stack).includes(HTTP2);
}

let Wrapper;

// The class that makes a handle of any stream is internal to Node: node:tls's own has one below each socket over a stream.
function wrapperClass() {
  if (Wrapper !== undefined) return Wrapper;
  const socket = new nodeTls.TLSSocket(new Duplex({ read() {}, write() {} }), { secureContext: nodeTls.createSecureContext() });
  Wrapper = socket._handle?._parentWrap?.constructor ?? null;
  socket.destroy();
  return Wrapper;
}

// Node's wrapper takes a write after an end, or an end after another, for a fault in itself, and throws. A peer that has ended and reads nothing
// makes a session do that. The session is told that nobody reads.
function refuseLate(handle) {
  for (const name of ['onwrite', 'onshutdown']) {
    const run = handle[name];
    handle[name] = function call(...args) {
      try {
        return run.apply(this, args);
      } catch {
        return -constants.errno.EPIPE;
      }
    };
  }
  return handle;
}

/** Guards a stream of a server's session, and what it pushes: a client can reset it, or go away. tell: `(error, stream)`, for errors that nobody listens to. */
function guardStream(stream, tell) {
  stream.on('error', (error) => {
    if (stream.listenerCount('error') === 1) tell(error, stream);
  });
  const { pushStream } = stream;
  stream.pushStream = (...args) => {
    const callback = args.pop();
    if (typeof callback !== 'function') return pushStream.call(stream, ...args, callback);
    return pushStream.call(stream, ...args, (error, pushed, ...others) => {
      if (pushed) guardStream(pushed, tell);
      callback(error, pushed, ...others);
    });
  };
}

const guarded = new WeakMap();

/** Has the streams of a session over the socket guarded, if it gets one, whichever server takes it. */
const guardStreams = (socket, tell) => guarded.set(socket, tell);

// Node notes the session in its socket, by a name of its own, before it asks for the handle; the session has no listeners yet then.
function guardSession(socket) {
  const tell = guarded.get(socket);
  if (tell === undefined) return;
  const values = Reflect.ownKeys(socket).map((name) => Object.getOwnPropertyDescriptor(socket, name).value);
  const session = values.find((value) => typeof value?.goaway === 'function');
  session?.prependListener('stream', (stream) => guardStream(stream, tell));
}

const handles = new WeakMap();

/** Whether an HTTP/2 session uses the socket. */
const hasSession = (socket) => handles.has(socket);

/** The handle for a session; undefined for any other caller. */
function handleOf(socket) {
  // A socket with a parser serves HTTP/1.
  if (handles.has(socket) || socket.parser) return handles.get(socket);
  const Class = isAskedByHttp2() ? wrapperClass() : null;
  if (Class === null) return undefined;
  // The wrapper asks for the handle of the socket too: it must find none.
  handles.set(socket, undefined);
  // It forwards errors of the socket, which the session gets from the socket itself.
  const handle = refuseLate(new Class(socket).on('error', () => {})._handle);
  handles.set(socket, socket.serverSide ? readInSteps(handle, socket) : handle);
  guardSession(socket);
  return handles.get(socket);
}

/**
 * Whether an error only says that the client of a session has gone before all was written. Over a system's socket Node tells no session of that, which
 * sees the client's end; told as an error it would be one of each of the streams.
 */
const isUnheard = (socket, error) => (error?.syscall === 'write' || error?.code === 'EPIPE') && socket.serverSide && hasSession(socket);

module.exports = { guardStream, guardStreams, handleOf, hasSession, isUnheard };
