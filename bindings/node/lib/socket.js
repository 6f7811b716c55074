'use strict';

const net = require('node:net');
const { Duplex } = require('node:stream');

const { Connection, answer } = require('./connection.js');
const { Attachment } = require('./attachment.js');
const { drop, forward, refuseWrite, tell } = require('./below.js');
const { Engine } = require('./pump.js');
const { SSLZeroReturnError, ValueError } = require('./error.js');
const failure = require('./failure.js');
const { gateOf } = require('./gate.js');
const { OPEN } = require('./hello.js');
const hook = require('./hook.js');
const { hasSession } = require('./http2.js');
const { Idle } = require('./idle.js');
const { Incoming } = require('./incoming.js');
const { contextCallbacks } = require('./inside.js');
const { nameAsNode } = require('./node-names.js');
const { Outgoing } = require('./outgoing.js');
const { limited, shaken, withResolvers } = require('./shaken.js');
const { SOCKET_OPTIONS, checkedOptions } = require('./socket-options.js');
const { Tick } = require('./tick.js');
const { wrap } = require('./wrap.js');

/**
 * A TLS connection over any Duplex. Events: `connect` once the transport is connected, `secureConnect` once the handshake is done,
 * `session` and `keylog`, `timeout`, and those of streams. It is `authorized` when the peer proved who it is.
 */
class TLSSocket extends Duplex {
  #connection;
  #engine;
  #transport;
  #attachment;
  #gate = OPEN;
  #incoming = new Incoming();
  // Whether the pump has to run although nothing was received: for the first flight, and for the end.
  #kick = false;
  #transportEnded = false;
  // Whether the reader accepts more, and whether the peer's end was delivered.
  #reading = true;
  #ended = false;
  #established = false;
  #connectTold = false;
  #suppressRaggedEofs;
  #raggedEof = false;
  // The write under way, an Outgoing; and the callback of the end.
  #pending = null;
  #final = null;
  #finalSent = false;
  // Whether the transport had sent everything else when close_notify was written.
  #nothingToLose = false;
  #tick = new Tick(this);
  #working = false;
  #again = false;
  #unwrapping = null;
  #detached = false;
  // The same as `destroyed`, which is slow on streams.
  #gone = false;
  #handshakeTimer;
  #idle = new Idle(this);
  // Whether nothing was sent yet.
  #isFresh = true;
  timeout = 0;
  bytesRead = 0;
  bytesWritten = 0;

  /**
   * transport: a Duplex that nobody else reads. options: context, serverSide, serverHostname, session,
   * insecureNoHostname, suppressRaggedEofs, allowHalfOpen, highWaterMark, handshakeTimeout (milliseconds).
   */
  constructor(transport, options) {
    const { given, context, allowHalfOpen, highWaterMark, suppressRaggedEofs, handshakeTimeout } = checkedOptions(transport, options);
    const wrapped = TLSSocket.#wrap(context, given);
    // This class emits `close`, with whether there was an error.
    super({ allowHalfOpen, highWaterMark, emitClose: false });
    this.#suppressRaggedEofs = suppressRaggedEofs;
    this.#transport = transport;
    this.#use(wrapped);
    this.#handshakeTimer = limited(transport, () => this.destroy(failure.late()), handshakeTimeout);
    this.#attachment = new Attachment(transport, {
      connect: this.#start, data: this.#onData, end: this.#onEnd, drain: this.#onDrain, error: this.#onError, close: this.#onClose,
    });
    // It may be paused, for example after unwrap.
    transport.resume();
    this.#gate = (given[hook.GATE] ?? gateOf)(this, given, () => this.#goOn(), (error) => this.#fail(error));
    if (!transport.connecting && !transport.pending) process.nextTick(this.#start);
  }

  static #wrap(context, options) {
    if (!options.serverSide) contextCallbacks(context).wireSession();
    return wrap(context, null, null, options);
  }

  #use(wrapped) {
    const connection = new Connection(wrapped, true), engine = new Engine(connection, this.#transport, this);
    // In the middle of a call nothing comes out: that call sends it.
    connection.onOutput = () => engine.drain();
    connection.onContext = (context) => this.#gate.heed(context);
    engine.onAnswer = () => {
      this.#kick = true;
      this.#goOn();
    };
    this.#connection = connection;
    this.#engine = engine;
  }

  /** Before anything was sent: starts again, with another context or name. */
  [hook.REWRAP](context, options) {
    if (!this.#isFresh) return false;
    const { expectedNames } = this.#connection;
    const wrapped = TLSSocket.#wrap(context, { __proto__: null, expectedNames, ...options });
    this.#connection.free();
    this.#use(wrapped);
    return true;
  }

  #start = () => {
    if (this.#gone) return;
    this.#kick = true;
    this.#isFresh = false;
    this.#tellConnected();
    // The library reports secrets only if a callback was set before the handshake.
    if (this.listenerCount('keylog') > 0) contextCallbacks(this.#connection.context).wireKeylog();
    if (this.#transport.readableEnded || this.#transport.destroyed) this.#onEnd();
    else this.#work();
  };

  // HTTP/2 sessions take `connect` for the end of the handshake.
  #tellConnected() {
    if (this.#connectTold || (!this.#established && hasSession(this))) return;
    this.#connectTold = true;
    tell(this, 'connect', 'ready');
  }

  #onData = (chunk) => {
    if (this.#gone) return;
    this.#idle.refresh();
    try {
      this.#incoming.push(chunk, this.#transport.readableEncoding);
    } catch (error) {
      return void this.#fail(error);
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
    this.#idle.refresh();
    this.#engine.flushed();
    this.#goOn();
  };

  #goOn() {
    if (this.#reading && !this.#ended) this.#transport.resume();
    this.#work();
  }

  // If only our close_notify could not be sent because the peer has closed, nothing is lost: no error.
  #onError = (error) => this.destroy(this.#ended && this.#nothingToLose ? null : error);

  // Data received before is still delivered, however slow the reader is.
  #onClose = () => {
    this.#onEnd();
    if (!this.#ended && this.#reading) this.destroy(this.#engine.waits || !this.#established ? failure.gone() : null);
    else if (this.#pending !== null || this.#final !== null) this.destroy(this.#nothingToLose ? null : failure.closed());
  };

  // The only loop that pumps. A call made meanwhile (by a listener or a callback of the library) makes it run once more.
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
    }
  }

  // Data that is still to be sent is lost.
  #fail(error) {
    super.destroy(this[hook.TOLD](error));
  }

  #hasInput() {
    return this.#incoming.chunk !== null || this.#kick || this.#engine.plaintextPending > 0 || this.#engine.failurePending;
  }

  #receiveAll() {
    const engine = this.#engine, incoming = this.#incoming;
    if (this.#gate.waits()) return void this.#transport.pause();
    while (this.#reading && !this.#ended && !this.#gone && !engine.choked && this.#hasInput()) {
      if (incoming.wasChanged) return void this.#fail(failure.changed('a buffer of the transport'));
      this.#kick = false;
      const isLast = this.#transportEnded && incoming.isLast && !this.#mayBeRagged();
      const waited = engine.waits;
      this.#gate.receive(engine, incoming.chunk, incoming.start, isLast);
      // What was written meanwhile can be sent.
      if (waited && !engine.waits) this.#again = true;
      const { error, plaintext, ciphertextUsed, peerClosed } = engine, idle = ciphertextUsed === 0 && plaintext === null;
      incoming.use(ciphertextUsed);
      if (engine.handshakeDone && !this.#established && !this.#gone) this.#establish();
      if (plaintext !== null && !this.#gone) this.#deliver(plaintext);
      if (this.#gone) return;
      // Both sides have ended: SSLZeroReturnError. A fatal alert closes too. Before the end of the handshake anybody can send an end.
      const isEnd = peerClosed && engine.plaintextPending === 0, refusal = isEnd && !this.#established ? failure.gone() : error;
      if (refusal !== null && !(refusal instanceof SSLZeroReturnError)) this.#fail(refusal);
      else if (isEnd) this.#finish();
      else if (idle) break;
    }
    if (this.#atRaggedEof()) this.#finish();
    if (!this.#reading || this.#ended || engine.choked) this.#transport.pause();
  }

  #deliver(plaintext) {
    this.bytesRead += plaintext.length;
    if (!this.push(plaintext)) this.#reading = false;
  }

  // The peer sends no more.
  #finish() {
    this.#ended = true;
    this.push(null);
    // As in net.Socket: with nothing left to be read the end is emitted, even if nobody reads.
    this.read(0);
    this.#detachIfDone();
  }

  // The transport ended without close_notify. This is not reported to the library: it would refuse to send from then on.
  #atRaggedEof() {
    if (!this.#transportEnded || this.#ended || this.#hasInput() || !this.#reading) return false;
    return (this.#raggedEof = this.#mayBeRagged());
  }

  #mayBeRagged() {
    return this.#suppressRaggedEofs && this.#established && this.#unwrapping === null;
  }

  #establish() {
    clearTimeout(this.#handshakeTimer);
    const refusal = this.#gate.judge() ?? this[hook.JUDGE]();
    if (refusal !== null) return void this.#fail(refusal);
    if (this.#gone) return;
    this.#established = true;
    // libssl may have read ahead all that was received.
    this.#kick = this.#again = true;
    try {
      this.#tellConnected();
      this[hook.ESTABLISHED]();
    } finally {
      // After what the listeners write.
      if (this.#engine.corked) process.nextTick(() => this.#engine.uncork());
    }
  }

  #sendAll() {
    if (!this.#established || this.#engine.waits) return;
    const error = this.#pending === null ? null : this.#sendPending();
    if (error !== null) return void this.#fail(error);
    if (this.#pending === null && this.#final !== null && !this.#finalSent) this.#sendFinal();
  }

  // The error that ended sending, or null.
  #sendPending() {
    const engine = this.#engine, pending = this.#pending;
    while (!pending.done) {
      if (engine.full) return null;
      if (!this.#transport.writable) return failure.closed();
      const { index, start } = pending, changed = pending.check();
      if (changed !== null) return changed;
      engine.send(pending);
      if (this.#gone) return null;
      if (engine.error !== null) return engine.error;
      if (pending.index === index && pending.start === start) return null;
    }
    if (engine.full) return null;
    this.#pending = null;
    pending.callback();
    return null;
  }

  // Sends close_notify; then the transport ends too, unless it is to be used without TLS.
  #sendFinal() {
    this.#finalSent = true;
    const transport = this.#transport;
    this.#nothingToLose = transport.writableLength === 0;
    if (transport.writable) this.#engine.closeWrite();
    if (this.destroyed) return;
    const { error } = this.#engine;
    if (error !== null && transport.writable) return void this.#settleFinal(error);
    if (this.#unwrapping === null && transport.writable) return void transport.end((lost) => this.#settleFinal(this.#nothingToLose ? null : lost));
    this.#settleFinal(null);
    this.#detachIfDone();
  }

  #settleFinal(error) {
    const callback = this.#final;
    this.#final = null;
    callback?.(error);
  }

  #detachIfDone() {
    if (this.#unwrapping === null || !this.#ended || !this.#finalSent || this.#detached) return;
    this.#detached = true;
    const transport = this.#transport;
    this.#attachment.detach();
    transport.pause();
    for (const chunk of this.#incoming.take().reverse()) transport.unshift(chunk);
    this.#unwrapping.resolve(transport);
    // Nothing is left to be read: let `end` be emitted.
    if (this.readableLength === 0) this.resume();
  }

  _read() {
    if (this.#reading) return;
    this.#reading = true;
    if (!this.#ended && !this.#engine.choked) this.#transport.resume();
    this.#work();
  }

  write(chunk, encoding, callback) {
    if (this.writableEnded && this.readableEnded && !this.allowHalfOpen) return refuseWrite(this, typeof encoding === 'function' ? encoding : callback);
    if (!this.destroyed) this.#tick.begin();
    return super.write(chunk, encoding, callback);
  }

  _write(chunk, encoding, callback) {
    this.#send([chunk], callback);
  }

  _writev(chunks, callback) {
    this.#send(chunks.map(({ chunk }) => chunk), callback);
  }

  // Sends all that was written so far. The length is the one at the time of the write.
  #send(chunks, callback) {
    this.#pending = new Outgoing(chunks, this.writableLength, callback);
    this.#idle.refresh();
    this.#work();
  }

  _final(callback) {
    this.#final = callback;
    this.#work();
  }

  /** Data written before is still passed to the transport, as far as that accepts it at once. */
  destroy(error, callback) {
    if (!this.destroyed) this.#flush();
    return super.destroy(error, callback);
  }

  // Data that can no longer be sent is reported by the callback of its write.
  #flush() {
    // A callback in the middle of a native call cannot make another.
    if (!this.#established || this.#detached || this.#connection.isInUse) return;
    // Destroying: the loop must not run any more.
    this.#working = true;
    this.#tick.end();
    if (this.#pending !== null) this.#sendPending();
  }

  _destroy(error, callback) {
    this.#gone = true;
    clearTimeout(this.#handshakeTimer);
    for (const part of [this.#idle, this.#engine]) part.stop();
    const pending = this.#pending, reason = error ?? failure.destroyed(), hadError = this._hadError || Boolean(error);
    this.#unwrapping?.reject(reason);
    this.#engine.uncork();
    if (!this.#detached) drop(this.#transport);
    this.#connection.free();
    this.#incoming.clear();
    this.#pending = null;
    callback(error);
    this._hadError = true;
    pending?.callback(reason);
    this.#settleFinal(reason);
    this._hadError = hadError;
    process.nextTick(() => this.emit('close', Boolean(error)));
  }

  /** Resolves when the handshake is done. */
  doHandshake() {
    return shaken(this, this.#established);
  }

  /**
   * Ends TLS: sends close_notify, waits for the peer's, and gives the transport back, paused, for use without TLS.
   * The side that answers calls it in its `end` listener, or sets allowHalfOpen.
   */
  unwrap() {
    if (this.destroyed || this.#detached || (this.#finalSent && this.#unwrapping === null))
      return Promise.reject(new ValueError('the connection was closed'));
    this.#unwrapping ??= withResolvers();
    this.end();
    return this.#unwrapping.promise;
  }

  /** Emits `timeout` after that many milliseconds without traffic; 0 for never. As net.Socket */
  setTimeout(milliseconds, listener) {
    this.#idle.set(milliseconds, listener);
    return this;
  }

  /** The stream below. */
  get transport() {
    return this.#transport;
  }

  /** Whether the transport is still to be connected. */
  get connecting() {
    return !this.#connectTold && !this.destroyed;
  }

  /** Whether the handshake is still to be finished. */
  get secureConnecting() {
    return !this.#established && !this.destroyed;
  }

  /** Whether the peer sent a certificate that was verified. */
  get authorized() {
    return this.#established && (this.peerCertificate?.verified ?? false);
  }

  /** Whether the stream ended without close_notify: the data may be incomplete. */
  get raggedEof() {
    return this.#raggedEof;
  }

  static { answer(TLSSocket, (socket) => socket.#connection); }
}

forward(TLSSocket);
nameAsNode(TLSSocket);
hook.fill(TLSSocket);
// For `instanceof net.Socket`, which database drivers check. Inherited methods do not touch a system's socket.
Object.setPrototypeOf(TLSSocket.prototype, net.Socket.prototype);

module.exports = { TLSSocket, SOCKET_OPTIONS };
