'use strict';

// The Diffie-Hellman parameters of a server that leaves them to tlsock/tls: `dhparam: 'auto'`.

const crypto = require('node:crypto');

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

/** As libssl does, parameters that are as strong as the key of the certificate. certificates: X509Certificates. PKCS #3 */
function paramsFor(certificates) {
  const sizes = certificates.map(({ publicKey }) => publicKey.asymmetricKeyDetails?.modulusLength ?? 0);
  const least = Math.max(...sizes) || USUAL;
  const [, name] = GROUPS.find(([bits]) => bits >= least) ?? GROUPS.at(-1);
  const group = crypto.getDiffieHellman(name);
  const params = der(0x30, integer(group.getPrime()), integer(group.getGenerator()));
  return `-----BEGIN DH PARAMETERS-----\n${params.toString('base64')}\n-----END DH PARAMETERS-----\n`;
}

module.exports = { paramsFor };
