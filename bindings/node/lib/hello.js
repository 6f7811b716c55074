'use strict';

// What a server's connection asks its program about a client: once the ClientHello has been read, in the middle of the library's callback
// for it, which waits for the answer.

const { Hidden } = require('./hidden.js');
const { contextCallbacks } = require('./inside.js');

const STATUS_REQUEST = 5, OCSP = 1, SESSION_TICKET = 35, PRE_SHARED_KEY = 41;
const NONE = Buffer.alloc(0);
// RFC 7301: an alert that Python has no name for.
const NO_APPLICATION_PROTOCOL = 120;

const bytesOf = (hello, wanted) => hello.extensions.find(({ type }) => type === wanted)?.data ?? NONE;

/** Whether a client asks for an OCSP response. */
const wantsOcsp = (hello) => bytesOf(hello, STATUS_REQUEST)[0] === OCSP;

/** Whether it offers a session in a ticket, as clients of TLS 1.2 do. */
const hasTicket = (hello) => bytesOf(hello, SESSION_TICKET).length > 0;

/** The identities of the keys that a client of TLS 1.3 offers, at most that many. libssl says what is wrong with them. */
function identitiesOf(hello, most) {
  const bytes = bytesOf(hello, PRE_SHARED_KEY), found = [];
  const end = bytes.length < 2 ? 0 : Math.min(bytes.length, 2 + bytes.readUInt16BE(0));
  for (let at = 2; at + 2 <= end && found.length < most;) {
    const length = bytes.readUInt16BE(at), identity = bytes.subarray(at + 2, Math.min(at + 2 + length, end));
    if (identity.length === length) found.push(identity);
    // The age of a ticket stands behind it.
    at += 2 + length + 4;
  }
  return found;
}

/** For connections that nobody has to be asked about. */
const OPEN = {
  heed() {},
  waits: () => false,
  receive: (engine, chunk, start, ended) => engine.receive(chunk, start, ended),
  judge: () => null,
};

const gates = new Hidden();

/** What a connection has to ask about a ClientHello: a promise of an alert's number, or of nothing; nothing where there is nothing to ask. */
const askGate = (connection, hello) => gates.get(connection)?.hear(hello);

/** For servers. A subclass asks in `ask`, which gives such a promise. */
class HelloGate {
  #wasHeard = false;
  #kinds;

  /** further: the other callbacks of its contexts that have to ask it. */
  constructor(socket, ...further) {
    this.socket = socket;
    this.#kinds = ['clientHello', ...further];
    gates.set(socket, this);
    this.heed(socket.context);
  }

  /** The connection gets a context: its ClientHello is to come to `hear`. */
  heed(context) {
    for (const kind of this.#kinds) contextCallbacks(context).wire(kind);
  }

  /** Whether the functions were asked, and had nothing against it. */
  get wasHeard() {
    return this.#wasHeard;
  }

  // A second ClientHello, after a HelloRetryRequest, asks for what the first has asked for: libssl compares them.
  hear(hello) {
    return this.#wasHeard ? undefined : this.#ask(hello);
  }

  // The functions of the program run once the native call has returned: they may do as they like with the connection.
  async #ask(hello) {
    await undefined;
    const alert = await this.ask(hello);
    this.#wasHeard = !alert;
    return alert;
  }

  waits() {
    return false;
  }

  receive(engine, chunk, start, ended) {
    engine.receive(chunk, start, ended);
  }
}

module.exports = { HelloGate, NO_APPLICATION_PROTOCOL, OPEN, askGate, hasTicket, identitiesOf, wantsOcsp };
