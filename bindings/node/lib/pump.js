'use strict';

// The one place that calls the pump, and that writes to the transport.

const net = require('node:net');

const { numbers, status: STATUS } = require('./constants.js');
const { enter, leave } = require('./current.js');
const { Hidden } = require('./hidden.js');
const native = require('./native.js');
const { forget, whenAnswered } = require('./waiting.js');

// Looked up once: a lookup in an object with that many properties is slow.
const { pump } = native;
const { PUMP_EOF, PUMP_CLOSE_WRITE } = numbers;
// The slots of src/addon.h. They are read and written right before and after a call of the pump, as calls inside of it use them too.
const FLAGS = 0;
const ROOM = 1;
const INDEX = 2;
const START = 3;
const STATUS_SLOT = 4;
const CIPHERTEXT_USED = 5;
const PLAINTEXT_USED = 6;
const CIPHERTEXT_PENDING = 7;
const PLAINTEXT_PENDING = 8;
const HANDSHAKE_DONE = 9;
const PEER_CLOSED = 10;
const FAILURE_PENDING = 11;
const control = new Float64Array(native.CONTROL_COUNT);
// How many bytes of automatic answers may wait in a full transport. It limits a peer that keeps asking for new keys and
// never reads.
const MOST_ANSWERS = 65536;

const engines = new Hidden();

/** A native connection and the transport it writes to. The outcome of a call is in the fields until the next call. */
class Engine {
  status = STATUS.WANT_READ;
  error = null;
  ciphertextUsed = 0;
  plaintextUsed = 0;
  /** What was decrypted; null for nothing. */
  plaintext = null;
  plaintextPending = 0;
  handshakeDone = false;
  peerClosed = false;
  /** Whether the next `receive` fails: this one had decrypted data to deliver first. */
  failurePending = false;
  /** Whether the handshake waits for the answer of a callback, or has not gone on since that has come. */
  waits = false;
  /** Called when it has. */
  onAnswer = () => {};
  /** Whether the transport was corked for the last flight of the handshake. */
  corked = false;
  #connection;
  #owner;
  #transport;
  #isSocket;
  #settled = false;
  // Whether the transport has said that it accepts no more.
  #full = false;
  // How many there are for whom ciphertext is kept, and what is kept. It does not go into a corked transport, which others may uncork or end.
  #holds = 0;
  #held = [];
  #isAnswered = false;
  #ciphertextPending = false;
  // How many bytes of answers were written to the transport since it became full.
  #answers = 0;

  constructor(connection, transport, owner) {
    this.#connection = connection;
    this.#owner = owner;
    this.#transport = transport;
    this.#isSocket = transport.constructor === net.Socket;
    engines.set(owner, this);
  }

  /** Whether the transport accepts no more for now, or gets nothing. */
  get full() {
    return this.#full || this.isHeld;
  }

  /** Whether ciphertext is kept that the peer must not get yet. Where nobody can get any more, there is nothing to wait for. */
  get isHeld() {
    return this.#holds > 0 && this.#transport.writable;
  }

  /** Whether reading has to wait: for the answer of a callback, or until the transport has room for ours. */
  get choked() {
    return (this.waits && !this.#isAnswered) || (this.full && this.#answers > MOST_ANSWERS);
  }

  /**
   * Ciphertext in (or null; `ended`: no more will come), plaintext out. The call that finishes the handshake does nothing else:
   * the peer can be checked before a failure of what follows.
   */
  receive(ciphertext, start, ended) {
    const sent = this.#pump(ended ? PUMP_EOF : 0, this.handshakeDone, 0, start, ciphertext);
    if (sent !== null) this.#answers = this.full ? this.#answers + sent.length : sent.length;
    this.#finish(sent);
  }

  /** Encrypts and sends as much of an Outgoing as fits one call. */
  send(outgoing) {
    const sent = this.#pump(0, false, outgoing.index, outgoing.start, outgoing.chunks);
    outgoing.use(this.plaintextUsed);
    this.#owner.bytesWritten += this.plaintextUsed;
    this.#finish(sent);
  }

  /** Sends close_notify. */
  closeWrite() {
    this.#finish(this.#pump(PUMP_CLOSE_WRITE, false, 0, 0, null));
  }

  /** The transport has sent everything. */
  flushed() {
    this.#full = false;
    this.#answers = 0;
  }

  /** Keeps all that comes out until the function that it returns is called. What is kept when the connection ends is never sent. */
  hold() {
    let isDone = false;
    this.#holds++;
    return () => {
      if (!isDone && --this.#holds === 0) this.#release();
      isDone = true;
    };
  }

  #release() {
    for (const bytes of this.#held.splice(0)) this.#write(bytes);
    if (!this.#owner.destroyed) this.onAnswer();
  }

  // The ciphertext that came out, or null.
  #pump(flags, room, index, start, bytes) {
    const outcome = [null, null, null];
    this.#call(flags, room, index, start, bytes, outcome);
    this.error = outcome[0];
    this.plaintext = outcome[1];
    const waited = this.status === STATUS.WANT_CALLBACK;
    this.status = control[STATUS_SLOT];
    this.ciphertextUsed = control[CIPHERTEXT_USED];
    this.plaintextUsed = control[PLAINTEXT_USED];
    this.plaintextPending = control[PLAINTEXT_PENDING];
    this.handshakeDone = control[HANDSHAKE_DONE] !== 0;
    this.peerClosed = control[PEER_CLOSED] !== 0;
    this.failurePending = control[FAILURE_PENDING] !== 0;
    if (waited || this.status === STATUS.WANT_CALLBACK) this.#wait();
    return outcome[2];
  }

  // A callback may have destroyed the connection.
  #wait() {
    this.waits = this.status === STATUS.WANT_CALLBACK && !this.#owner.destroyed;
    this.#isAnswered = false;
    if (this.waits) whenAnswered(this.#owner, this.#onAnswered);
    else forget(this.#owner);
  }

  #onAnswered = () => {
    this.#isAnswered = true;
    this.onAnswer();
  };

  /** The connection has ended: no answer is waited for. */
  stop() {
    forget(this.#owner);
    this.#held.length = 0;
  }

  #call(flags, room, index, start, bytes, outcome) {
    control[FLAGS] = flags;
    control[ROOM] = room ? 1 : 0;
    control[INDEX] = index;
    control[START] = start;
    const connection = this.#connection, before = enter(this.#owner);
    connection.enter();
    try {
      pump(connection.handle, control, outcome, bytes);
      this.#ciphertextPending = control[CIPHERTEXT_PENDING] > 0;
    } finally {
      connection.leave();
      leave(before);
    }
  }

  #finish(sent) {
    if (this.handshakeDone && !this.#settled) this.#settle(sent !== null);
    const more = this.#ciphertextPending;
    this.#write(sent);
    if (more) this.drain();
  }

  // Tickets and the last flight are sent in one packet with the data that follows. Streams in memory have no packets. The side
  // that only received the last flight has nothing to hold back: its data must not wait.
  #settle(hasFlight) {
    this.#settled = true;
    this.corked = this.#isSocket && hasFlight;
    if (this.corked) this.#transport.cork();
  }

  uncork() {
    if (!this.corked) return;
    this.corked = false;
    this.#transport.uncork();
  }

  /** Sends ciphertext that did not fit, which is rare, or that came of a call other than these. The fields do not change. */
  drain() {
    for (;;) {
      const outcome = [null, null, null];
      this.#call(0, false, 0, 0, null, outcome);
      const more = this.#ciphertextPending;
      this.#write(outcome[2]);
      if (!more || outcome[2] === null) return;
    }
  }

  #write(sent) {
    const transport = this.#transport;
    if (sent === null || !transport.writable) return;
    if (this.isHeld) return void this.#held.push(sent);
    const full = !this.#pass(sent);
    // A socket may have sent everything at once although it was more than the high water mark.
    this.#full = full && (!this.#isSocket || transport.writableLength > 0);
  }

  // What a stream throws, or a listener that it has called, is the program's: uncaught, in a tick of its own.
  #pass(sent) {
    try {
      return this.#transport.write(sent);
    } catch (error) {
      process.nextTick(() => { throw error; });
      return !this.#transport.writableNeedDrain;
    }
  }
}

/** Keeps all that a connection is to send: see Engine.hold. */
const hold = (owner) => engines.get(owner).hold();

module.exports = { Engine, hold };
