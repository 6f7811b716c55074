'use strict';

// Takes a key and certificates out of a PKCS #12 file, with node:crypto's algorithms. RFC 7292

const crypto = require('node:crypto');

const OID = {
  data: '1.2.840.113549.1.7.1', encryptedData: '1.2.840.113549.1.7.6',
  key: '1.2.840.113549.1.12.10.1.1', shroudedKey: '1.2.840.113549.1.12.10.1.2', certificate: '1.2.840.113549.1.12.10.1.3',
  pbes2: '1.2.840.113549.1.5.13', triple: '1.2.840.113549.1.12.1.3',
};
const DIGESTS = { '1.3.14.3.2.26': 'sha1', '2.16.840.1.101.3.4.2.1': 'sha256', '2.16.840.1.101.3.4.2.2': 'sha384', '2.16.840.1.101.3.4.2.3': 'sha512' };
const PRFS = { '1.2.840.113549.2.7': 'sha1', '1.2.840.113549.2.9': 'sha256', '1.2.840.113549.2.10': 'sha384', '1.2.840.113549.2.11': 'sha512' };
const CIPHERS = { '2.16.840.1.101.3.4.1.2': ['aes-128-cbc', 16], '2.16.840.1.101.3.4.1.22': ['aes-192-cbc', 24], '2.16.840.1.101.3.4.1.42': ['aes-256-cbc', 32] };
// For all derivations of a file together. OpenSSL makes 2,048 each unless told otherwise; a file that asks for billions is hostile.
const MOST_ROUNDS = 2_000_000;
// What the key derivation of PKCS #12 makes.
const PURPOSE = { KEY: 1, IV: 2, MAC: 3 };

const TOO_MANY_ROUNDS = 'ERR_TLSOCK_PKCS12_ROUNDS';

const failed = (message, code = 'ERR_CRYPTO_OPERATION_FAILED') => Object.assign(new Error(message), { code });

/** The elements of DER, one after the other: `{ tag, body, raw }`. */
function elements(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at];
    let length = bytes[at + 1], start = at + 2;
    if (length > 0x80) {
      const size = length - 0x80;
      if (size > 4 || start + size > bytes.length) throw failed('not enough data');
      length = bytes.readUIntBE(start, size);
      start += size;
    }
    if (length === 0x80 || length === undefined || start + length > bytes.length) throw failed('not enough data');
    found.push({ tag, body: bytes.subarray(start, start + length), raw: bytes.subarray(at, start + length) });
    at = start + length;
  }
  return found;
}

const inside = (element) => elements(element.body);

function oid({ body }) {
  const numbers = [];
  let value = 0;
  for (const byte of body) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  return [Math.min(Math.floor(numbers[0] / 40), 2), numbers[0] - 40 * Math.min(Math.floor(numbers[0] / 40), 2), ...numbers.slice(1)].join('.');
}

/** The passphrase of a file, and how many rounds of derivation there may still be: they cost time, and a file may ask for any number. */
class Lock {
  #left = MOST_ROUNDS;

  constructor(passphrase) {
    this.passphrase = passphrase;
  }

  /** The number of rounds that an element says; times: how often they are made. */
  rounds({ body }, times = 1) {
    const count = body.length > 0 && body.length <= 6 && body[0] < 0x80 ? body.readUIntBE(0, body.length) : Infinity;
    this.#left -= count * times;
    if (count >= 1 && this.#left >= 0) return count;
    throw failed(`the PKCS #12 file wants more than ${MOST_ROUNDS} rounds of key derivation, or none`, TOO_MANY_ROUNDS);
  }
}

// A password in the form of PKCS #12: UTF-16, big endian, with a NUL.
const wide = (passphrase) => Buffer.from(`${passphrase}\0`, 'utf16le').swap16();

function repeated(bytes, block) {
  const length = block * Math.ceil(bytes.length / block);
  return Buffer.alloc(length, bytes.length > 0 ? bytes : 0);
}

// Adds b + 1 to each block of a, as numbers. RFC 7292, appendix B.2
function addTo(a, b) {
  for (let start = 0; start < a.length; start += b.length)
    for (let i = b.length - 1, carry = 1; i >= 0; i--) {
      carry += a[start + i] + b[i];
      a[start + i] = carry & 0xff;
      carry >>= 8;
    }
}

function derive(digest, passphrase, salt, count, purpose, size) {
  const block = digest === 'sha384' || digest === 'sha512' ? 128 : 64;
  const input = Buffer.concat([repeated(salt, block), repeated(wide(passphrase), block)]), parts = [];
  for (let length = 0; length < size;) {
    let hash = crypto.createHash(digest).update(Buffer.alloc(block, purpose)).update(input).digest();
    for (let i = 1; i < count; i++) hash = crypto.createHash(digest).update(hash).digest();
    parts.push(hash);
    length += hash.length;
    addTo(input, Buffer.alloc(block, hash));
  }
  return Buffer.concat(parts).subarray(0, size);
}

function decipher(name, key, iv, data) {
  const run = crypto.createDecipheriv(name, key, iv);
  return Buffer.concat([run.update(data), run.final()]);
}

function pbes2(parameters, lock, data) {
  const [derivation, encryption] = inside(parameters);
  const [salt, count, ...rest] = inside(inside(derivation)[1]);
  const prf = rest.find(({ tag }) => tag === 0x30);
  const digest = prf === undefined ? 'sha1' : PRFS[oid(inside(prf)[0])];
  const [cipher, iv] = inside(encryption), known = CIPHERS[oid(cipher)];
  if (digest === undefined || known === undefined) throw unsupported();
  const key = crypto.pbkdf2Sync(lock.passphrase, salt.body, lock.rounds(count), known[1], digest);
  return decipher(known[0], key, iv.body, data);
}

const unsupported = () => failed('Unsupported PKCS12 PFX data', 'ERR_CRYPTO_UNSUPPORTED_OPERATION');

function decrypt(algorithm, lock, data) {
  const [name, parameters] = inside(algorithm);
  if (oid(name) === OID.pbes2) return pbes2(parameters, lock, data);
  if (oid(name) !== OID.triple) throw unsupported();
  // Two blocks of SHA-1 for the key, and one for the rest.
  const [salt, given] = inside(parameters), count = lock.rounds(given, 3);
  const make = (purpose, size) => derive('sha1', lock.passphrase, salt.body, count, purpose, size);
  return decipher('des-ede3-cbc', make(PURPOSE.KEY, 24), make(PURPOSE.IV, 8), data);
}

function checkMac(mac, lock, content) {
  const [info, salt, count] = inside(mac), [algorithm, expected] = inside(info);
  const digest = DIGESTS[oid(inside(algorithm)[0])];
  if (digest === undefined) throw unsupported();
  const size = crypto.createHash(digest).digest().length;
  const key = derive(digest, lock.passphrase, salt.body, count === undefined ? 1 : lock.rounds(count), PURPOSE.MAC, size);
  const found = crypto.createHmac(digest, key).update(content).digest();
  if (found.length !== expected.body.length || !crypto.timingSafeEqual(found, expected.body)) throw failed('mac verify failure');
}

function bagsOf(info, lock) {
  const [type, content] = inside(info);
  if (oid(type) === OID.data) return inside(elements(inside(content)[0].body)[0]);
  if (oid(type) !== OID.encryptedData) throw unsupported();
  const [, algorithm, data] = inside(inside(inside(content)[0])[1]);
  return inside(elements(decrypt(algorithm, lock, data.body))[0]);
}

function keyOf(value, isShrouded, lock) {
  if (!isShrouded) return crypto.createPrivateKey({ key: value.raw, format: 'der', type: 'pkcs8' });
  const [algorithm, data] = inside(value);
  return crypto.createPrivateKey({ key: decrypt(algorithm, lock, data.body), format: 'der', type: 'pkcs8' });
}

function sort(bags, lock) {
  const found = { certificates: [], key: undefined };
  for (const bag of bags) {
    const [type, value] = inside(bag), id = oid(type);
    if (id === OID.certificate) found.certificates.push(new crypto.X509Certificate(inside(inside(inside(value)[0])[1])[0].body));
    if (id === OID.key || id === OID.shroudedKey) found.key = keyOf(inside(value)[0], id === OID.shroudedKey, lock);
  }
  return found;
}

function open(bytes, lock) {
  const [, safe, mac] = inside(elements(bytes)[0]);
  const content = inside(inside(safe)[1])[0].body;
  if (mac !== undefined) checkMac(mac, lock, content);
  return sort(elements(content).flatMap(inside).flatMap((info) => bagsOf(info, lock)), lock);
}

/** `{ key, cert, ca }`, each PEM, ca an array. */
function openPfx(data, passphrase = '') {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
  const { certificates, key } = open(bytes, new Lock(passphrase));
  if (key === undefined) throw failed('Unable to load private key from PFX data');
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw failed('Unable to load PFX certificate');
  const ca = certificates.filter((certificate) => certificate !== own).map(String);
  return { key: key.export({ format: 'pem', type: 'pkcs8' }), cert: [own, ...ca].join(''), ca };
}

module.exports = { TOO_MANY_ROUNDS, openPfx };
