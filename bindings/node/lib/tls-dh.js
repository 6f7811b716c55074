'use strict';

// Diffie-Hellman: the parameters of a server that leaves them to tlsock/tls, `dhparam: 'auto'`, and the least that a client accepts, `minDHSize`.

const crypto = require('node:crypto');
const { inspect } = require('node:util');

const { made } = require('./tls-error.js');

// The groups of RFC 3526 by their bits.
const GROUPS = [[2048, 'modp14'], [3072, 'modp15'], [4096, 'modp16'], [8192, 'modp18']];
// Without a key of RSA: as strong as P-256, and as ciphers with keys of 128 bits.
const USUAL = 3072;

function der(tag, ...parts) {
  const content = Buffer.concat(parts), { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

// A number without sign.
const integer = (bytes) => der(2, Buffer.from(bytes[0] & 0x80 ? [0] : []), bytes);

// 0 for a key of another kind than RSA, and for one that node:crypto does not know.
function bitsOf(certificate) {
  try {
    return certificate.publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  } catch {
    return 0;
  }
}

/** As libssl does, parameters that are as strong as the key of the certificate. certificates: X509Certificates. PKCS #3 */
function paramsFor(certificates) {
  const least = Math.max(0, ...certificates.map(bitsOf)) || USUAL;
  const [, name] = GROUPS.find(([bits]) => bits >= least) ?? GROUPS.at(-1);
  const group = crypto.getDiffieHellman(name);
  const params = der(0x30, integer(group.getPrime()), integer(group.getGenerator()));
  return `-----BEGIN DH PARAMETERS-----\n${params.toString('base64')}\n-----END DH PARAMETERS-----\n`;
}

// The least that libssl accepts, by the security level.
const LEAST = [1024, 1024, 2048, 3072, 7680, 15360];

const tooSmall = (what, least) => made(Error, 'ERR_TLS_DH_PARAM_SIZE', `DH parameter size ${what} is less than ${least}`);

/** Checks the option minDHSize. node:tls has these words, in an error that calls itself a fault of Node. */
function checkLeastSize(least) {
  if (typeof least !== 'number') throw made(TypeError, 'ERR_INVALID_ARG_TYPE', `options.minDHSize is not a number: ${inspect(least)}`);
  if (!(least > 0)) throw made(RangeError, 'ERR_OUT_OF_RANGE', `options.minDHSize is not a positive number: ${least}`);
}

/** The error of a client whose server has chosen smaller parameters; null for nothing. */
function refusalOfSize(socket, least) {
  const { type, size } = socket.getEphemeralKeyInfo();
  if (type === 'DH') return size < least ? tooSmall(size, least) : null;
  // In TLS 1.2 a server has parameters of its own, without a name: the security level has accepted them.
  const hasOwn = type === undefined && /^A?DHE?-/.test(socket.getCipher().name), known = LEAST[socket.context.securityLevel];
  return hasOwn && known < least ? tooSmall(`of at least ${known}`, least) : null;
}

module.exports = { checkLeastSize, paramsFor, refusalOfSize };
