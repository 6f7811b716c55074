'use strict';

// What a ClientHello asks for, read from the first bytes of a connection before libssl has them. Nothing is checked here: libssl gets the
// same bytes, and refuses wrong ones.

// The most bytes, with record headers. Real ones have a few kilobytes.
const MOST_BYTES = 65536;
// The most pieces: each costs more memory than its bytes.
const MOST_CHUNKS = 4096;
const HEADER = 5, HANDSHAKE = 22, CLIENT_HELLO = 1;
const LONGEST_NAME = 255;
const SERVER_NAME = 0, HOST_NAME = 0, STATUS_REQUEST = 5, OCSP = 1, ALPN = 16, SESSION_TICKET = 35, PRE_SHARED_KEY = 41;

/** The message is malformed: libssl will refuse it. */
class Wrong extends Error {}

class Cursor {
  #bytes;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  get isAtEnd() {
    return this.#at === this.#bytes.length;
  }

  take(count) {
    if (this.#at + count > this.#bytes.length) throw new Wrong('a ClientHello that ends too early');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  number(size) {
    return this.take(size).readUIntBE(0, size);
  }

  /** The bytes after a length field of `size` bytes. */
  part(size) {
    return this.take(this.number(size));
  }

  cursor(size) {
    return new Cursor(this.part(size));
  }
}

function serverNameOf(body) {
  const all = new Cursor(body), names = all.cursor(2);
  const type = names.number(1), name = names.part(2);
  const isRight = type === HOST_NAME && names.isAtEnd && all.isAtEnd && name.length <= LONGEST_NAME && !name.includes(0);
  if (!isRight) throw new Wrong('a ClientHello whose server name is none');
  return name.toString('latin1');
}

function protocolsOf(body) {
  const list = new Cursor(body).cursor(2), protocols = [];
  while (!list.isAtEnd) protocols.push(list.part(1).toString('latin1'));
  return protocols;
}

function identitiesOf(body) {
  const list = new Cursor(body).cursor(2), identities = [];
  while (!list.isAtEnd) {
    identities.push(list.part(2));
    list.take(4);
  }
  return identities;
}

const READ = {
  [SERVER_NAME]: (hello, body) => { hello.serverName = serverNameOf(body); },
  [ALPN]: (hello, body) => { hello.protocols = protocolsOf(body); },
  [STATUS_REQUEST]: (hello, body) => { hello.wantsOcsp = body[0] === OCSP; },
  [SESSION_TICKET]: (hello, body) => { hello.hasTicket = body.length > 0; },
  [PRE_SHARED_KEY]: (hello, body) => { hello.identities = identitiesOf(body); },
};

const emptyHello = () =>
  ({ serverName: null, protocols: [], identities: [], sessionId: Buffer.alloc(0), hasTicket: false, wantsOcsp: false });

/** message: the body of a ClientHello. */
function parse(message) {
  const hello = emptyHello(), cursor = new Cursor(message);
  // The version and the random bytes.
  cursor.take(2 + 32);
  hello.sessionId = cursor.part(1);
  // The ciphers and the compression.
  cursor.part(2);
  cursor.part(1);
  if (cursor.isAtEnd) return hello;
  const extensions = cursor.cursor(2), seen = new Set();
  if (!cursor.isAtEnd) throw new Wrong('a ClientHello that goes on after its end');
  while (!extensions.isAtEnd) {
    const type = extensions.number(2), body = extensions.part(2), read = READ[type];
    if (read === undefined) continue;
    if (seen.has(type)) throw new Wrong('a ClientHello with an extension twice');
    seen.add(type);
    read(hello, body);
  }
  return hello;
}

/** Takes bytes until they are a whole ClientHello, or cannot become one. */
class HelloReader {
  /** undefined as long as more is needed, then what `parse` gives; null if it is no ClientHello. */
  hello = undefined;
  #bytes = 0;
  #chunks = 0;
  #header = Buffer.alloc(0);
  #left = 0;
  #message = [];
  #length = 0;

  push(chunk) {
    const room = MOST_BYTES - this.#bytes;
    this.#bytes += chunk.length;
    try {
      // A copy: chunks belong to the transport, which may detach them.
      for (let rest = Buffer.from(chunk.subarray(0, room)); rest.length > 0 && this.hello === undefined;)
        rest = this.#header.length < HEADER ? this.#readHeader(rest) : this.#readBody(rest);
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      this.hello = null;
    }
    if (this.hello === undefined && (chunk.length > room || ++this.#chunks > MOST_CHUNKS)) this.hello = null;
  }

  #readHeader(bytes) {
    const count = HEADER - this.#header.length;
    this.#header = Buffer.concat([this.#header, bytes.subarray(0, count)]);
    if (this.#header.length < HEADER) return bytes.subarray(count);
    // A ClientHello in SSL 2 format has no extensions; libssl still accepts it.
    const isOld = (this.#header[0] & 0x80) !== 0 && this.#header[2] === CLIENT_HELLO;
    if (isOld) this.hello = emptyHello();
    else if (this.#header[0] !== HANDSHAKE || this.#header[1] !== 3) this.hello = null;
    this.#left = this.#header.readUInt16BE(3);
    if (this.#left === 0) this.#header = Buffer.alloc(0);
    return bytes.subarray(count);
  }

  #readBody(bytes) {
    const part = bytes.subarray(0, this.#left);
    this.#message.push(part);
    this.#length += part.length;
    this.#left -= part.length;
    if (this.#left === 0) {
      this.#header = Buffer.alloc(0);
      this.#finish();
    }
    return bytes.subarray(part.length);
  }

  // Once for each record, of which there are few.
  #finish() {
    if (this.#length < 4) return;
    const message = this.#message.length === 1 ? this.#message[0] : Buffer.concat(this.#message);
    this.#message = [message];
    if (message[0] !== CLIENT_HELLO) this.hello = null;
    else if (message.length >= 4 + message.readUIntBE(1, 3)) this.hello = parse(message.subarray(4, 4 + message.readUIntBE(1, 3)));
  }
}

/** For connections that nobody has to be asked about. */
const OPEN = {
  isAsking: false,
  see() {},
  waits: () => false,
  receive: (engine, chunk, start, ended) => engine.receive(chunk, start, ended),
  judge: () => null,
};

const READING = 'reading', ASKING = 'asking', PASSED = 'passed';

/** For servers: the ClientHello is read, functions are asked about it, and only then libssl gets it. */
class HelloGate {
  #state = READING;
  // null once it has been read: nothing of it is kept.
  #reader = new HelloReader();
  #goOn;
  #wasHeard = false;

  /** goOn and fail: what it does once it has its answers. */
  constructor(socket, goOn, fail) {
    this.socket = socket;
    this.fail = fail;
    this.#goOn = goOn;
  }

  /** Whether nothing is to be read meanwhile. */
  get isAsking() {
    return this.#state === ASKING;
  }

  /** Whether the functions were asked, and had nothing against it. */
  get wasHeard() {
    return this.#wasHeard;
  }

  /** Bytes that came. */
  see(chunk) {
    if (this.#state === READING) this.#reader.push(chunk);
  }

  /** Whether libssl has to wait. ended: no more will come. */
  waits(ended) {
    if (this.#state === READING) this.#look(ended);
    return this.#state !== PASSED;
  }

  #look(ended) {
    const { hello } = this.#reader;
    if (hello === undefined && !ended) return;
    this.#reader = null;
    // libssl says what is wrong.
    if (!hello) return void (this.#state = PASSED);
    this.#state = ASKING;
    this.socket.transport.pause();
    // What listeners throw is theirs, and no rejection of ours.
    this.ask(hello).then(() => process.nextTick(() => this.#pass()), (error) => process.nextTick(() => this.#refuse(error)));
  }

  #pass() {
    if (this.socket.destroyed) return;
    this.#wasHeard = true;
    this.#state = PASSED;
    this.socket.transport.resume();
    this.#goOn();
  }

  #refuse(reason) {
    if (!this.socket.destroyed) this.refuse(reason);
  }

  /** A subclass asks here: a promise. */
  async ask() {}

  /** What `ask` failed with. */
  refuse(error) {
    this.fail(error);
  }

  receive(engine, chunk, start, ended) {
    engine.receive(chunk, start, ended);
  }
}

/** A handshake that has not begun is refused in the clear. RFC 8446, section 6 */
function sendAlert(transport, alert) {
  if (transport.writable) transport.write(Buffer.from([21, 3, 3, 0, 2, 2, alert]));
}

module.exports = { HelloGate, OPEN, sendAlert };
