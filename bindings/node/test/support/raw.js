'use strict';

// A peer that speaks TLS well until it does not: records made by hand, with the keys of a handshake in memory.

const crypto = require('node:crypto');

const tlsock = require('../../index.js');

// A record of application data whose tag is wrong.
const BROKEN = Buffer.concat([Buffer.from('1703030020', 'hex'), Buffer.alloc(32, 'g')]);

/** A client in memory that hands out what it would send: feed(bytes) gives the answer. */
class RawClient {
  #incoming = new tlsock.MemoryBIO();
  #outgoing = new tlsock.MemoryBIO();
  #object;
  isDone = false;

  constructor(context) {
    this.#object = context.wrapBio(this.#incoming, this.#outgoing, { serverHostname: 'localhost' });
  }

  feed(bytes = null) {
    if (bytes !== null) this.#incoming.write(bytes);
    try {
      if (!this.isDone) this.#object.doHandshake();
      this.isDone = true;
    } catch (error) {
      if (!(error instanceof tlsock.SSLWantReadError)) throw error;
    }
    return this.#outgoing.read();
  }

  /** A record with these bytes. */
  encrypt(bytes) {
    this.#object.write(bytes);
    return this.#outgoing.read();
  }
}

function expand(hash, secret, label, length) {
  const name = Buffer.from(`tls13 ${label}`);
  const info = Buffer.concat([Buffer.from([0, length, name.length]), name, Buffer.from([0, 1])]);
  return crypto.createHmac(hash, secret).update(info).digest().subarray(0, length);
}

/** Makes TLS 1.3 records for AES-GCM from a traffic secret. */
class RawSender {
  #hash;
  #secret;
  #count = 0;

  /** secret: as in a key log, in hex; cipher: its name. */
  constructor(secret, cipher) {
    this.#hash = cipher.endsWith('SHA384') ? 'sha384' : 'sha256';
    this.algorithm = cipher.includes('256_GCM') ? 'aes-256-gcm' : 'aes-128-gcm';
    this.#secret = Buffer.from(secret, 'hex');
  }

  record(type, bytes) {
    const size = this.algorithm === 'aes-256-gcm' ? 32 : 16;
    const nonce = expand(this.#hash, this.#secret, 'iv', 12);
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ this.#count++) >>> 0, 8);
    const header = Buffer.from([23, 3, 3, 0, 0]);
    header.writeUInt16BE(bytes.length + 1 + 16, 3);
    const cipher = crypto.createCipheriv(this.algorithm, expand(this.#hash, this.#secret, 'key', size), nonce);
    cipher.setAAD(header);
    return Buffer.concat([header, cipher.update(Buffer.concat([bytes, Buffer.from([type])])), cipher.final(), cipher.getAuthTag()]);
  }

  /** Changes the keys, and asks the peer to change its own. */
  keyUpdate() {
    const record = this.record(22, Buffer.from([24, 0, 0, 1, 1]));
    this.#secret = expand(this.#hash, this.#secret, 'traffic upd', this.#hash === 'sha384' ? 48 : 32);
    this.#count = 0;
    return record;
  }
}

module.exports = { BROKEN, RawClient, RawSender };
