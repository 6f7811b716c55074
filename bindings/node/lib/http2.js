'use strict';

// What node:http2 asks of the socket below a session. A stream that is no socket of its own it wraps, and then neither session nor
// stream knows the address, the protocol or the peer; one that has a handle it takes as it is. Others, who would read from a handle,
// are given none.

const { Duplex } = require('node:stream');
const tls = require('node:tls');

const HTTP2 = 'node:internal/http2/core';

function isAskedByHttp2() {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 6;
  const { stack } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return String(stack).includes(HTTP2);
}

let Wrapper;

// The class that makes a handle of any stream is Node's own: node:tls has one below each socket over a stream.
function wrapperClass() {
  if (Wrapper !== undefined) return Wrapper;
  const socket = new tls.TLSSocket(new Duplex({ read() {}, write() {} }));
  Wrapper = socket._handle?._parentWrap?.constructor ?? null;
  socket.destroy();
  return Wrapper;
}

const handles = new WeakMap();

/** Whether a session has taken the socket. */
const hasSession = (socket) => handles.has(socket);

/** The handle for a session; undefined for all others. */
function handleOf(socket) {
  // One with a parser serves HTTP/1.
  if (handles.has(socket) || socket.parser) return handles.get(socket);
  const Class = isAskedByHttp2() ? wrapperClass() : null;
  if (Class === null) return undefined;
  // The wrapper has none of its own to ask for.
  handles.set(socket, undefined);
  // It passes on errors of the socket, which the session hears from the socket itself.
  handles.set(socket, new Class(socket).on('error', () => {})._handle);
  return handles.get(socket);
}

module.exports = { handleOf, hasSession };
