'use strict';

// What a ClientHello asks for, read from the first bytes of a connection before libssl has them. Nothing is judged here: libssl gets the
// same bytes, and refuses what is wrong.

// In records, as they come. Real ones have a few kilobytes.
const MOST_BYTES = 65536;
const HEADER = 5, HANDSHAKE = 22, CLIENT_HELLO = 1;
const SERVER_NAME = 0, HOST_NAME = 0, ALPN = 16, PRE_SHARED_KEY = 41;

class Short extends Error {}

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
    if (this.#at + count > this.#bytes.length) throw new Short('a ClientHello that ends too early');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  number(size) {
    return this.take(size).readUIntBE(0, size);
  }

  /** What a length of so many bytes stands before. */
  part(size) {
    return this.take(this.number(size));
  }

  cursor(size) {
    return new Cursor(this.part(size));
  }
}

function serverNameOf(body) {
  const names = new Cursor(body).cursor(2);
  while (!names.isAtEnd) {
    const type = names.number(1), name = names.part(2);
    if (type === HOST_NAME) return name.toString('latin1');
  }
  return null;
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

/** message: the body of a ClientHello. */
function parse(message) {
  const hello = { serverName: null, protocols: [], identities: [] };
  const cursor = new Cursor(message);
  // The version, the random bytes, the session, the ciphers and the compression.
  cursor.take(2 + 32);
  cursor.part(1);
  cursor.part(2);
  cursor.part(1);
  if (cursor.isAtEnd) return hello;
  const extensions = cursor.cursor(2);
  while (!extensions.isAtEnd) {
    const type = extensions.number(2), body = extensions.part(2);
    if (type === SERVER_NAME) hello.serverName = serverNameOf(body);
    else if (type === ALPN) hello.protocols = protocolsOf(body);
    else if (type === PRE_SHARED_KEY) hello.identities = identitiesOf(body);
  }
  return hello;
}

/** Takes bytes until they are a whole ClientHello, or cannot become one. */
class HelloReader {
  /** undefined as long as more is needed, then `{ serverName, protocols, identities }`; null if it is no ClientHello. */
  hello = undefined;
  #bytes = 0;
  #header = Buffer.alloc(0);
  #left = 0;
  #message = [];
  #length = 0;

  push(chunk) {
    const room = MOST_BYTES - this.#bytes;
    this.#bytes += chunk.length;
    try {
      // A copy: chunks are the transport's, who may take them away.
      for (let rest = Buffer.from(chunk.subarray(0, room)); rest.length > 0 && this.hello === undefined;)
        rest = this.#header.length < HEADER ? this.#readHeader(rest) : this.#readBody(rest);
    } catch (error) {
      if (!(error instanceof Short)) throw error;
      this.hello = null;
    }
    if (this.hello === undefined && chunk.length > room) this.hello = null;
  }

  #readHeader(bytes) {
    const count = HEADER - this.#header.length;
    this.#header = Buffer.concat([this.#header, bytes.subarray(0, count)]);
    if (this.#header.length < HEADER) return bytes.subarray(count);
    // That of SSL 2 has no extensions; libssl still takes it.
    const isOld = (this.#header[0] & 0x80) !== 0 && this.#header[2] === CLIENT_HELLO;
    if (isOld) this.hello = { serverName: null, protocols: [], identities: [] };
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

module.exports = { HelloReader };
