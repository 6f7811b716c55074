'use strict';

const net = require('node:net');
const { Duplex } = require('node:stream');

const { Ahead } = require('./ahead.js');
const { Connection, answer } = require('./connection.js');
const { Attachment } = require('./attachment.js');
const { drop, forward, refuseWrite, tell } = require('./below.js');
const { Engine } = require('./pump.js');
const { SSLZeroReturnError, ValueError } = require('./error.js');
const failure = require('./failure.js');
const { gateOf } = require('./gate.js');
const { OPEN } = require('./hello.js');
const hook = require('./hook.js');
const { hasSession, isUnheard } = require('./http2.js');
const { Idle } = require('./idle.js');
const { Incoming } = require('./incoming.js');
const { contextCallbacks } = require('./inside.js');
const { nameAsNode } = require('./node-names.js');
const { Sending } = require('./sending.js');
const { limited, shaken, withResolvers } = require('./shaken.js');
const { SOCKET_OPTIONS, checkedOptions } = require('./socket-options.js');
const { Tick } = require('./tick.js');
const { Work } = require('./work.js');
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
  #ahead = new Ahead();
  // What was decrypted and the program has not taken.
  #plaintext = null;
  // Whether the pump has to run although nothing was received: for the first flight, and for the end.
  #kick = false;
  #transportEnded = false;
  #transportClosed = false;
  // Whether the reader accepts more, and whether the peer's end was delivered.
  #reading = true;
  #ended = false;
  #established = false;
  #connectTold = false;
  #suppressRaggedEofs;
  #raggedEof = false;
  #tick = new Tick(this);
  #work = new Work(() => this.#turn(), () => this.#gone || this.#detached, (error) => this.#fail(error));
  #sending;
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
    this.#sending = new Sending(transport, this.#work);
    this.#use(wrapped);
    this.#handshakeTimer = limited(transport, () => this.destroy(failure.late()), handshakeTimeout);
    this.#attachment = new Attachment(transport, {
      connect: this.#start, data: this.#onData, end: this.#onEnd, drain: this.#onDrain, error: this.#onError, close: this.#onClose,
    });
    // It may be paused, for example after unwrap.
    transport.resume();
    this.#gate = (given[hook.GATE] ?? gateOf)(this, given, () => this.#goOn(), (error) => this.#fail(error));
    // One that was destroyed counts as pending, and is connected no more.
    if (transport.destroyed || (!transport.connecting && !transport.pending)) process.nextTick(this.#start);
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
    if (this.#transport.errored) return void this.#onError(this.#transport.errored);
    this.#kick = true;
    this.#isFresh = false;
    if (!this.#transport.destroyed) this.#tellConnected();
    // The library reports secrets only if a callback was set before the handshake.
    if (this.listenerCount('keylog') > 0) contextCallbacks(this.#connection.context).wireKeylog();
    if (this.#transport.readableEnded || this.#transport.destroyed) this.#onEnd();
    else this.#work.ask();
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
      this.#ahead.count(this.#incoming.push(chunk, this.#transport.readableEncoding));
    } catch (error) {
      return void this.#fail(error);
    }
    this.#work.ask();
  };

  #onEnd = () => {
    if (this.#transportEnded) return;
    this.#transportEnded = true;
    this.#kick = !this.#mayBeRagged();
    this.#work.ask();
  };

  #onDrain = () => {
    this.#idle.refresh();
    this.#engine.flushed();
    this.#goOn();
  };

  #goOn() {
    if (this.#reading && !this.#ended) this.#transport.resume();
    this.#work.ask();
  }

  // If only our close_notify could not be sent because the peer has closed, nothing is lost: no error.
  #onError = (error) => this.#lose(this.#ended && this.#sending.nothingToLose ? null : error);

  // Nothing can be sent any more.
  #lose = (error) => (isUnheard(this, error) ? setImmediate(() => super.destroy()) : this.destroy(error));

  // Only an end is told as one: without it nobody knows whether the peer had more to say.
  #onClose = () => {
    this.#transportClosed = true;
    if (!this.#mayBeRagged()) this.#onEnd();
    this.#work.ask();
    if (this.#engine.waits || !this.#established) this.destroy(failure.gone());
    else if (this.#sending.isUnderWay) this.#lose(this.#sending.loss());
  };

  #turn() {
    this.#sendAll();
    this.#receiveAll();
  }

  // Data that is still to be sent is lost.
  #fail = (error) => (isUnheard(this, error) ? this.#lose(error) : super.destroy(this[hook.TOLD](error)));

  #hasInput() {
    return this.#plaintext !== null || this.#incoming.chunk !== null || this.#kick || this.#engine.plaintextPending > 0 || this.#engine.failurePending;
  }

  #receiveAll() {
    const engine = this.#engine, incoming = this.#incoming;
    if (this.#gate.waits()) return void this.#transport.pause();
    while (this.#reading && !this.#ended && !this.#gone && !this.#work.isHeld && !engine.choked && this.#hasInput()) {
      if (this.#plaintext !== null) {
        this.#deliver();
        continue;
      }
      if (incoming.wasChanged) return void this.#fail(failure.changed('a buffer of the transport'));
      this.#kick = false;
      const isLast = this.#transportEnded && incoming.isLast && !this.#mayBeRagged();
      const waited = engine.waits;
      this.#gate.receive(engine, incoming.chunk, incoming.start, isLast);
      // What was written meanwhile can be sent.
      if (waited && !engine.waits) this.#work.ask();
      const { error, plaintext, ciphertextUsed, peerClosed } = engine, idle = ciphertextUsed === 0 && plaintext === null;
      incoming.use(ciphertextUsed);
      if (engine.handshakeDone && !this.#established && !this.#gone) this.#establish();
      if (plaintext !== null && !this.#gone) {
        this.bytesRead += plaintext.length;
        this.#plaintext = plaintext;
        this.#deliver();
      }
      if (this.#gone) return;
      // What comes after it is asked for again.
      if (this.#plaintext !== null) {
        this.#kick = true;
        continue;
      }
      // Both sides have ended: SSLZeroReturnError. A fatal alert closes too. Before the end of the handshake anybody can send an end.
      const isEnd = peerClosed && engine.plaintextPending === 0, refusal = isEnd && !this.#established ? failure.gone() : error;
      if (refusal !== null && !(refusal instanceof SSLZeroReturnError)) this.#fail(refusal);
      else if (isEnd) this.#finish();
      else if (idle) break;
    }
    if (this.#atRaggedEof()) this.#finish();
    else if (this.#isCutOff()) this.#lose(this.#sending.loss());
    if (this.#transportEnded && this.#ahead.isAsking(engine, this.#gate)) return void this.#fail(failure.gone());
    if (!this.#reading || this.#ended || this.#ahead.stops(engine, this.#gate)) this.#transport.pause();
  }

  #deliver() {
    try {
      if (!this[hook.GIVE](this.#plaintext, this.#take)) this.#reading = false;
    } catch (error) {
      this.#work.hold(error);
    }
  }

  #take = (count) => {
    const { length } = this.#plaintext;
    this.#plaintext = count < length ? this.#plaintext.subarray(count) : null;
  };

  // The peer sends no more.
  #finish() {
    this.#ended = true;
    try {
      this.push(null);
    } catch (error) {
      this.#work.hold(error);
    }
    // As in net.Socket: with nothing left to be read the end is emitted, even if nobody reads.
    this.read(0);
    this.#detachIfDone();
  }

  // The transport ended without close_notify. This is not reported to the library: it would refuse to send from then on.
  #atRaggedEof() {
    if (!this.#transportEnded || this.#ended || this.#hasInput() || !this.#reading) return false;
    return (this.#raggedEof = this.#mayBeRagged());
  }

  // The transport has closed without an end. Data received before is still delivered, however slow the reader is.
  #isCutOff() {
    if (!this.#transportClosed || !this.#established || this.#engine.waits || this.#ended || !this.#reading || this.#work.isHeld) return false;
    return this.readableLength === 0 && (this.#engine.choked || !this.#hasInput());
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
    this.#kick = true;
    this.#work.ask();
    try {
      this.#tellConnected();
      this[hook.ESTABLISHED]();
    } catch (error) {
      this.#work.hold(error);
    }
    // After what the listeners write.
    if (this.#engine.corked) process.nextTick(() => this.#engine.uncork());
  }

  #sendAll() {
    if (!this.#established || this.#engine.waits) return;
    const error = this.#sending.send(this.#engine);
    if (error !== null) return void this.#fail(error);
    if (this.#sending.isEndDue && !this.#engine.isHeld && this.#sending.sendEnd(this.#engine, this.#unwrapping !== null)) this.#detachIfDone();
  }

  #detachIfDone() {
    if (this.#unwrapping === null || !this.#ended || !this.#sending.isEnded || this.#detached) return;
    this.#detached = true;
    const transport = this.#transport;
    this.#attachment.detach();
    transport.pause();
    for (const chunk of this.#incoming.take().reverse()) transport.unshift(chunk);
    this.#unwrapping.resolve(transport);
    // Nothing is left to be read: let `end` be emitted.
    if (this.readableLength === 0) this.resume();
  }

  // As in streams. What was the last of a connection that is cut off ends it.
  read(size) {
    const data = super.read(size);
    if (this.#transportClosed && !this.#ended) this.#work.ask();
    return data;
  }

  _read() {
    if (this.#reading) return;
    this.#reading = true;
    if (!this.#ended && !this.#engine.choked) this.#transport.resume();
    this.#work.ask();
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
    this.#sending.write(chunks, this.writableLength, callback);
    this.#idle.refresh();
    this.#work.ask();
  }

  _final(callback) {
    this.#sending.end(callback);
    this.#work.ask();
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
    this.#work.stop();
    this.#tick.end();
    this.#sending.send(this.#engine);
  }

  _destroy(error, callback) {
    this.#gone = true;
    clearTimeout(this.#handshakeTimer);
    for (const part of [this.#idle, this.#engine]) part.stop();
    const tell = this.#sending.stop(), reason = error ?? failure.destroyed(), hadError = this._hadError || Boolean(error);
    this.#unwrapping?.reject(reason);
    this.#engine.uncork();
    if (!this.#detached) drop(this.#transport);
    this.#connection.free();
    this.#incoming.clear();
    this.#plaintext = null;
    callback(error);
    // As in node:tls: the error, then the callbacks, then, behind those of calls that came too late, the close.
    process.nextTick(() => {
      this._hadError = true;
      tell(reason);
      this._hadError = hadError;
      process.nextTick(() => this.emit('close', Boolean(error)));
    });
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
    if (this.destroyed || this.#detached || (this.#sending.isEnded && this.#unwrapping === null))
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
