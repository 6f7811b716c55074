'use strict';

const { Duplex } = require('node:stream');

const { Connection, answer } = require('./answers.js');
const { forward } = require('./below.js');
const check = require('./check.js');
const { SSLContext, WRAP_OPTIONS, contextCallbacks, createDefaultContext, wrap } = require('./context.js');
const { Engine } = require('./engine.js');
const { OSError, SSLZeroReturnError, TimeoutError, ValueError } = require('./error.js');
const native = require('./native.js');
const { JOINED, areSmall, group, join } = require('./join.js');

const SOCKET_OPTIONS = [...WRAP_OPTIONS, 'context', 'suppressRaggedEofs', 'allowHalfOpen', 'highWaterMark', 'handshakeTimeout'];

// Four full records: one slab, one write of the transport's.
const HIGH_WATER_MARK = 65536;

function closedError() {
  return Object.assign(new OSError('the transport is closed'), { code: 'EPIPE' });
}

/**
 * A TLS connection over any Duplex. Events: `secureConnect` once the handshake is done (and `connect` just before, for
 * code written for net.Socket), `session` and `keylog`, `timeout`, and those of streams. It is `authorized` when the peer proved who it is.
 */
class TLSSocket extends Duplex {
  #connection;
  #engine;
  #transport;
  // Ciphertext that came and is not used up: the chunk under way and those after it.
  #incoming = null;
  #offset = 0;
  #queue = [];
  // Whether the pump has to run though nothing came: for the first flight, and for the end.
  #kick = false;
  #transportEnded = false;
  // Whether the reader takes more, and whether the peer's end was passed on.
  #reading = true;
  #ended = false;
  #established = false;
  #suppressRaggedEofs;
  #raggedEof = false;
  // The write under way: { list, index, start, size, callback }; and the callback of the end.
  #pending = null;
  #final = null;
  #finalSent = false;
  // Whether all but the close_notify had left the transport when that was sent.
  #nothingToLose = false;
  #autoCorked = false;
  #working = false;
  #again = false;
  #unwrapping = null;
  #detached = false;
  // `destroyed`, which streams are slow to tell.
  #gone = false;
  #handshakeTimer;
  #timer;
  timeout = 0;
  bytesRead = 0;
  bytesWritten = 0;

  /**
   * transport: a Duplex that nobody else reads. options: context, serverSide, serverHostname, session,
   * insecureNoHostname, suppressRaggedEofs, allowHalfOpen, highWaterMark, handshakeTimeout (milliseconds).
   */
  constructor(transport, options) {
    const given = check.options(options, 'TLSSocket', SOCKET_OPTIONS);
    if (typeof transport?.write !== 'function' || typeof transport.on !== 'function' || typeof transport.pause !== 'function')
      throw check.wrong('transport', 'a Duplex', transport);
    const isServer = check.optionalBoolean(given.serverSide, 'serverSide');
    if (isServer) check.instance(given.context, SSLContext, 'context');
    const context = check.optionalInstance(given.context, SSLContext, 'context') ?? createDefaultContext();
    const suppress = check.optionalBoolean(given.suppressRaggedEofs, 'suppressRaggedEofs', true);
    const patience = check.integer(given.handshakeTimeout ?? 0, 'handshakeTimeout', 0);
    const highWaterMark = check.integer(given.highWaterMark ?? HIGH_WATER_MARK, 'highWaterMark', 0);
    if (!isServer) contextCallbacks(context).wireSession();
    const wrapped = wrap(context, 'TLSSocket', null, null, given);
    super({ allowHalfOpen: check.optionalBoolean(given.allowHalfOpen, 'allowHalfOpen'), highWaterMark });
    this.#suppressRaggedEofs = suppress;
    this.#connection = new Connection(wrapped);
    this.#engine = new Engine(wrapped.handle, transport, this);
    this.#transport = transport;
    if (patience > 0) this.#handshakeTimer = setTimeout(this.#onHandshakeTimeout, patience);
    this.#attach();
  }

  #attach() {
    const transport = this.#transport;
    transport.on('data', this.#onData).on('end', this.#onEnd).on('drain', this.#onDrain).on('error', this.#onError);
    transport.on('close', this.#onClose);
    // It may have been paused, as unwrap leaves it.
    transport.resume();
    if (transport.connecting) transport.once('connect', this.#start);
    else process.nextTick(this.#start);
  }

  #start = () => {
    this.#kick = true;
    // The library tells secrets only if somebody had asked before the handshake.
    if (this.listenerCount('keylog') > 0) contextCallbacks(this.#connection.context).wireKeylog();
    if (this.#transport.readableEnded || this.#transport.destroyed) this.#onEnd();
    else this.#work();
  };

  #onData = (chunk) => {
    if (typeof chunk === 'string') chunk = Buffer.from(chunk, 'latin1');
    if (this.#timer !== undefined) this.#timer.refresh();
    if (this.#incoming === null) {
      this.#incoming = chunk;
      this.#offset = 0;
    } else {
      this.#queue.push(chunk);
    }
    this.#work();
  };

  #onEnd = () => {
    if (this.#transportEnded) return;
    this.#transportEnded = true;
    this.#kick = !this.#mayBeRagged();
    this.#work();
  };

  #onDrain = () => {
    this.#engine.drained();
    this.#work();
  };

  // The peer has gone and takes our close_notify no more: nobody misses it.
  #onError = (error) => this.destroy(this.#ended && this.#nothingToLose ? null : error);

  // What was received before is still passed on, however slow the reader.
  #onClose = () => {
    this.#onEnd();
    if (!this.#ended && this.#reading) this.destroy();
    else if (this.#pending !== null) this.destroy(closedError());
  };

  #onHandshakeTimeout = () => {
    this.destroy(Object.assign(new TimeoutError('the TLS handshake timed out'), { code: 'ETIMEDOUT', phase: 'handshake' }));
  };

  // The only loop that pumps. Whatever calls in meanwhile (listeners, callbacks of the library) has it go round again.
  #work() {
    this.#again = true;
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.#again && !this.#gone && !this.#detached) {
        this.#again = false;
        this.#sendAll();
        this.#receiveAll();
      }
    } finally {
      this.#working = false;
      if (this.#gone) this.#connection.free();
    }
  }

  #hasInput() {
    return this.#incoming !== null || this.#kick || this.#engine.plaintextPending > 0 || this.#engine.failurePending;
  }

  #receiveAll() {
    const engine = this.#engine;
    while (this.#reading && !this.#ended && !this.#gone && this.#hasInput()) {
      const ended = this.#transportEnded && this.#queue.length === 0 && !this.#mayBeRagged();
      this.#kick = false;
      engine.receive(this.#incoming, this.#offset, ended);
      const { error, plaintext, ciphertextUsed, peerClosed } = engine;
      const idle = ciphertextUsed === 0 && plaintext === null;
      this.#used(ciphertextUsed);
      if (engine.handshakeDone && !this.#established) this.#establish();
      if (plaintext !== null && !this.#gone) this.#deliver(plaintext);
      if (this.#gone) return;
      // Both sides have ended: SSLZeroReturnError. A fatal alert closes too.
      if (error !== null && !(error instanceof SSLZeroReturnError)) this.destroy(error);
      else if (peerClosed && engine.plaintextPending === 0) this.#finish();
      else if (idle) break;
    }
    if (this.#atRaggedEof()) this.#finish();
    if (!this.#reading || this.#ended) this.#transport.pause();
  }

  #used(count) {
    if (this.#incoming === null) return;
    this.#offset += count;
    if (this.#offset < this.#incoming.length) return;
    this.#incoming = this.#queue.shift() ?? null;
    this.#offset = 0;
  }

  #deliver(plaintext) {
    this.bytesRead += plaintext.length;
    if (!this.push(plaintext)) this.#reading = false;
  }

  // The peer sends no more.
  #finish() {
    this.#ended = true;
    this.push(null);
    // As net.Socket does: with nothing left to be read the end is seen, though nobody reads.
    this.read(0);
    this.#detachIfDone();
  }

  // The transport ended without close_notify. The library is not told: it would refuse to send from then on.
  #atRaggedEof() {
    if (!this.#transportEnded || this.#ended || this.#hasInput() || !this.#reading) return false;
    this.#raggedEof = this.#mayBeRagged();
    return this.#raggedEof;
  }

  #mayBeRagged() {
    return this.#suppressRaggedEofs && this.#established && this.#unwrapping === null;
  }

  #establish() {
    this.#established = true;
    clearTimeout(this.#handshakeTimer);
    this.#again = true;
    try {
      this.emit('connect');
      this.emit('secureConnect');
    } finally {
      // After what the listeners write.
      if (this.#engine.corked) process.nextTick(TLSSocket.#uncorkTransport, this);
    }
  }

  #sendAll() {
    if (!this.#established) return;
    if (this.#pending !== null) this.#sendPending();
    if (this.#pending === null && this.#final !== null && !this.#finalSent) this.#sendFinal();
  }

  #sendPending() {
    const engine = this.#engine, pending = this.#pending;
    while (pending.index < pending.list.length) {
      if (engine.full) return;
      if (!this.#transport.writable) return void this.destroy(closedError());
      const { index, start } = pending;
      engine.send(pending);
      if (this.destroyed) return;
      if (engine.error !== null) return void this.destroy(engine.error);
      if (pending.index === index && pending.start === start) return;
    }
    if (engine.full) return;
    this.#pending = null;
    pending.callback();
  }

  // close_notify; then the transport ends too, unless it is to go on without TLS.
  #sendFinal() {
    this.#finalSent = true;
    const transport = this.#transport, callback = this.#final;
    this.#nothingToLose = transport.writableLength === 0;
    if (transport.writable) this.#engine.closeWrite();
    if (this.destroyed) return;
    const { error } = this.#engine;
    if (error !== null && transport.writable) return void callback(error);
    if (this.#unwrapping === null && transport.writable) return void transport.end(() => callback());
    callback();
    this.#detachIfDone();
  }

  #detachIfDone() {
    if (this.#unwrapping === null || !this.#ended || !this.#finalSent || this.#detached) return;
    this.#detached = true;
    const transport = this.#transport;
    transport.off('data', this.#onData).off('end', this.#onEnd).off('drain', this.#onDrain).off('error', this.#onError);
    transport.off('close', this.#onClose);
    transport.pause();
    if (this.#incoming !== null) this.#queue.unshift(this.#incoming.subarray(this.#offset));
    while (this.#queue.length > 0) transport.unshift(this.#queue.pop());
    this.#unwrapping.resolve(transport);
    // Nothing is left to be read: let the end be seen.
    if (this.readableLength === 0) this.resume();
  }

  _read() {
    if (this.#reading) return;
    this.#reading = true;
    if (!this.#ended) this.#transport.resume();
    this.#work();
  }

  write(chunk, encoding, callback) {
    if (!this.#autoCorked && !this.destroyed) {
      this.#autoCorked = true;
      this.cork();
      process.nextTick(TLSSocket.#uncork, this);
    }
    return super.write(chunk, encoding, callback);
  }

  static #uncorkTransport(socket) {
    socket.#engine.uncork();
  }

  static #uncork(socket) {
    socket.#autoCorked = false;
    socket.uncork();
  }

  _write(chunk, encoding, callback) {
    this.#pending = { list: [chunk], index: 0, start: 0, size: chunk.length, callback };
    if (this.#timer !== undefined) this.#timer.refresh();
    this.#work();
  }

  _writev(chunks, callback) {
    let size = 0;
    for (const { chunk } of chunks) size += chunk.length;
    if (this.#timer !== undefined) this.#timer.refresh();
    const shared = size <= JOINED && this.#established && !this.#working && areSmall(chunks);
    const list = shared ? [join(chunks, size)] : group(chunks);
    const pending = { list, index: 0, start: 0, size, callback };
    this.#pending = pending;
    this.#work();
    // Not all gone, and others will want the shared buffer.
    if (shared && this.#pending === pending) pending.list[0] = Buffer.from(pending.list[0]);
  }

  _final(callback) {
    this.#final = callback;
    this.#work();
  }

  _destroy(error, callback) {
    this.#gone = true;
    clearTimeout(this.#handshakeTimer);
    clearTimeout(this.#timer);
    this.#unwrapping?.reject(error ?? new ValueError('the connection was destroyed'));
    if (!this.#detached) this.#dropTransport();
    // A native call that is under way frees it when it is done.
    if (!this.#working) this.#connection.free();
    this.#incoming = this.#pending = null;
    this.#queue = [];
    callback(error);
  }

  // An alert may wait in a transport that is not a socket of the system.
  #dropTransport() {
    const transport = this.#transport;
    transport.removeListener('connect', this.#start);
    this.#engine.uncork();
    if (transport.destroyed || !transport.writableLength) return void transport.destroy();
    const drop = () => transport.destroy();
    const timer = setTimeout(drop, 1000).unref();
    transport.once('close', () => clearTimeout(timer));
    transport.end(drop);
  }

  /** Resolves when the handshake is done. */
  doHandshake() {
    if (this.#established) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (this.destroyed) return void reject(this.errored ?? new ValueError('the connection was destroyed'));
      const settle = (run) => (value) => {
        this.removeListener('secureConnect', done);
        this.removeListener('error', failed);
        this.removeListener('close', closed);
        run(value);
      };
      const done = settle(resolve);
      const failed = settle(reject);
      const closed = settle(() => reject(new ValueError('the connection was destroyed')));
      this.on('secureConnect', done).on('error', failed).on('close', closed);
    });
  }

  /**
   * Leaves TLS: ends our data with close_notify, waits for the peer's, and gives the transport back, paused, for plain
   * use. A side that answers calls it in its `end` listener, or sets allowHalfOpen.
   */
  unwrap() {
    if (this.destroyed || this.#detached || (this.#finalSent && this.#unwrapping === null))
      return Promise.reject(new ValueError('the connection was closed'));
    this.#unwrapping ??= Promise.withResolvers?.() ?? TLSSocket.#promise();
    this.end();
    return this.#unwrapping.promise;
  }

  static #promise() {
    const made = {};
    made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
  }

  /** Emits `timeout` after so many milliseconds without traffic; 0 for never. */
  setTimeout(milliseconds, listener) {
    this.timeout = check.integer(milliseconds, 'milliseconds', 0);
    clearTimeout(this.#timer);
    this.#timer = this.timeout > 0 ? setTimeout(() => this.emit('timeout'), this.timeout).unref() : undefined;
    if (check.optionalCallable(listener, 'listener') === null) return this;
    return this.timeout > 0 ? this.once('timeout', listener) : this.removeListener('timeout', listener);
  }

  /** Ends, and destroys once all is sent. */
  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  /** The stream below. */
  get transport() {
    return this.#transport;
  }

  /** Whether the handshake is still to be finished. */
  get connecting() {
    return !this.#established && !this.destroyed;
  }

  get secureConnecting() {
    return this.connecting;
  }

  get encrypted() {
    return true;
  }

  /** Whether the peer showed a certificate that was verified. */
  get authorized() {
    return this.#established && !this.destroyed && native.getpeercert(this.#connection.handle) !== null;
  }

  /** Whether the stream ended without close_notify: what came may be cut short. */
  get raggedEof() {
    return this.#raggedEof;
  }

  /** As in node:tls, for http2: the protocol, or false. */
  get alpnProtocol() {
    return this.selectedAlpnProtocol() ?? false;
  }

  static {
    answer(TLSSocket, (socket) => socket.#connection);
  }
}

forward(TLSSocket);

module.exports = { TLSSocket, SOCKET_OPTIONS };
