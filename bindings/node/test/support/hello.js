'use strict';

// A client of TLS 1.3 that says in each ClientHello what it is told to say: libssl's clients say the same twice.

const crypto = require('node:crypto');

const { RawSender } = require('./raw.js');

const number = (value, size) => {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
};
const part = (size, ...bytes) => {
  const all = Buffer.concat(bytes);
  return Buffer.concat([number(all.length, size), all]);
};
const extension = (type, ...bytes) => Buffer.concat([number(type, 2), part(2, ...bytes)]);
const record = (bytes) => Buffer.concat([Buffer.from([22, 3, 1]), part(2, bytes)]);

/** The extension that names a server; more: further names, `[type, bytes]`. */
const nameExtension = (name, ...more) =>
  extension(0, part(2, ...[[0, name], ...more].map(([type, bytes]) => Buffer.concat([Buffer.from([type]), part(2, Buffer.from(bytes))]))));

/** A ClientHello with these extensions besides what every handshake needs. share: a key of P-256, or null, which asks for a second hello. */
function clientHello(extensions, share) {
  const shares = share === null ? [] : [number(23, 2), part(2, share)];
  const all = [
    ...extensions, extension(10, part(2, number(23, 2))), extension(13, part(2, Buffer.from('040308040401', 'hex'))),
    extension(43, part(1, number(0x0304, 2))), extension(51, part(2, ...shares)),
  ];
  const body = Buffer.concat([number(0x0303, 2), Buffer.alloc(32, 'r'), part(1), part(2, number(0x1301, 2)), part(1, Buffer.alloc(1)), part(2, ...all)]);
  return Buffer.concat([Buffer.from([1]), part(3, body)]);
}

const sha256 = (...bytes) => crypto.createHash('sha256').update(Buffer.concat(bytes)).digest();
const hmac = (key, bytes) => crypto.createHmac('sha256', key).update(bytes).digest();
const expand = (secret, label, context, length) =>
  hmac(secret, Buffer.concat([number(length, 2), part(1, Buffer.from(`tls13 ${label}`)), part(1, Buffer.from(context)), Buffer.from([1])])).subarray(0, length);

/** Does the handshake in two hellos. hello(share): the message to send. feed(bytes) gives the answer; isDone after its Finished. */
class TwoHellos {
  #hello;
  #ecdh = crypto.createECDH('prime256v1');
  #records = Buffer.alloc(0);
  #messages = Buffer.alloc(0);
  #transcript = [];
  #secrets = null;
  #count = 0;
  isDone = false;

  constructor(hello) {
    this.#hello = hello;
    this.#ecdh.generateKeys();
  }

  start() {
    return record(this.#say(this.#hello(null)));
  }

  #say(message) {
    this.#transcript.push(message);
    return message;
  }

  feed(bytes) {
    this.#records = Buffer.concat([this.#records, bytes]);
    let answer = Buffer.alloc(0);
    while (this.#records.length >= 5 && this.#records.length >= 5 + this.#records.readUInt16BE(3) && !this.isDone) {
      const length = 5 + this.#records.readUInt16BE(3), whole = this.#records.subarray(0, length);
      this.#records = this.#records.subarray(length);
      answer = Buffer.concat([answer, this.#receive(whole)]);
    }
    return answer;
  }

  #receive(whole) {
    if (whole[0] === 22) return this.#read(whole.subarray(5));
    return whole[0] === 23 ? this.#read(this.#decrypt(whole)) : Buffer.alloc(0);
  }

  #decrypt(whole) {
    const { server } = this.#secrets, nonce = expand(server, 'iv', '', 12);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ this.#count++) >>> 0, 8);
    const cipher = crypto.createDecipheriv('aes-128-gcm', expand(server, 'key', '', 16), nonce);
    cipher.setAAD(whole.subarray(0, 5)).setAuthTag(whole.subarray(-16));
    const inner = Buffer.concat([cipher.update(whole.subarray(5, -16)), cipher.final()]);
    return inner.subarray(0, -1);
  }

  #read(bytes) {
    this.#messages = Buffer.concat([this.#messages, bytes]);
    let answer = Buffer.alloc(0);
    while (this.#messages.length >= 4 && this.#messages.length >= 4 + this.#messages.readUIntBE(1, 3)) {
      const length = 4 + this.#messages.readUIntBE(1, 3), message = this.#messages.subarray(0, length);
      this.#messages = this.#messages.subarray(length);
      answer = Buffer.concat([answer, this.#hear(message)]);
    }
    return answer;
  }

  #hear(message) {
    const isFirst = this.#transcript.length === 1;
    // RFC 8446 section 4.4.1: a hash stands for the first hello.
    if (isFirst) this.#transcript = [Buffer.concat([Buffer.from([254]), part(3, sha256(this.#transcript[0]))])];
    this.#transcript.push(message);
    if (isFirst) return record(this.#say(this.#hello(this.#ecdh.getPublicKey())));
    if (message[0] === 2) this.#agree(message);
    return message[0] === 20 ? this.#finish() : Buffer.alloc(0);
  }

  #agree(serverHello) {
    const shared = this.#ecdh.computeSecret(keyOf(serverHello));
    const early = hmac(Buffer.alloc(32), Buffer.alloc(32));
    const secret = hmac(expand(early, 'derived', sha256(), 32), shared), hash = sha256(...this.#transcript);
    this.#secrets = { server: expand(secret, 's hs traffic', hash, 32), client: expand(secret, 'c hs traffic', hash, 32) };
  }

  #finish() {
    this.isDone = true;
    const { client } = this.#secrets;
    const proof = hmac(expand(client, 'finished', '', 32), sha256(...this.#transcript));
    return new RawSender(client.toString('hex'), 'TLS_AES_128_GCM_SHA256').record(22, Buffer.concat([Buffer.from([20]), part(3, proof)]));
  }
}

/** The key of a ServerHello: 65 bytes that begin with 4, after the group and the length. */
function keyOf(serverHello) {
  const at = serverHello.indexOf(Buffer.from('00170041', 'hex')) + 4;
  return serverHello.subarray(at, at + 65);
}

module.exports = { TwoHellos, clientHello, extension, nameExtension, record };
