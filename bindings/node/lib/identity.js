'use strict';

// A certificate chain with its private key, made once and used by any number of contexts and connections.

const { KeyObject, X509Certificate } = require('node:crypto');

const { Certificate } = require('./certificate.js');
const check = require('./check.js');
const { connectionAtWork } = require('./current.js');
const { Hidden } = require('./hidden.js');
const native = require('./native.js');
const { withPassword } = require('./password.js');
const { join } = require('./timestamps.js');
const { patient } = require('./waiting.js');

// What makes identities; not exported.
class Made {
  handle;
  signer;
  kind;

  /** signer: the function that the addon calls, and holds weakly; kind: of its key. */
  constructor(handle, signer = null, kind = null) {
    this.handle = handle;
    this.signer = signer;
    this.kind = kind;
  }
}

function signatureOf(answer) {
  // Text would be its UTF-8.
  if (typeof answer === 'string') throw check.wrong('the answer of the signer', 'a Buffer or an ArrayBuffer', answer);
  return check.presentBytes(answer, 'the answer of the signer');
}

// A further handshake has something else signed.
const sameRequest = (one, other) => one.algorithm === other.algorithm && one.digest === other.digest && one.data.equals(other.data);

/** A chain with its key. It never changes. */
class Identity {
  #made;

  constructor(made) {
    if (!(made instanceof Made)) throw new TypeError('identities are made by Identity.fromFiles, fromData, fromPkcs12, fromUri, fromSigner and fromKeyObject');
    this.#made = made;
  }

  /** Reads PEM files. password: a string, bytes or a function that gives them. */
  static fromFiles(certfile, keyfile, password) {
    const cert = check.string(certfile, 'certfile'), key = check.optionalString(keyfile, 'keyfile');
    return new Identity(new Made(withPassword(password, (secret) => native.identityNewFiles(cert, key, secret))));
  }

  /** Reads memory, PEM or DER. */
  static fromData(cert, key, password) {
    const chain = check.secret(cert, 'cert'), own = check.optionalSecret(key, 'key');
    return new Identity(new Made(withPassword(password, (secret) => native.identityNewData(chain, own, secret))));
  }

  /** Reads the bytes of a PKCS #12 file (.p12, .pfx). */
  static fromPkcs12(data, password) {
    // Text is no such file.
    if (typeof data === 'string') throw check.wrong('data', 'a Buffer or an ArrayBuffer', data);
    const secret = check.optionalString(password, 'password');
    return new Identity(new Made(native.identityNewPkcs12(check.bytes(data, 'data'), secret)));
  }

  /** Reads what OpenSSL's stores have: `file:`, and what providers add, such as `pkcs11:`. */
  static fromUri(certUri, keyUri, password) {
    const cert = check.string(certUri, 'certUri'), key = check.optionalString(keyUri, 'keyUri');
    return new Identity(new Made(native.identityNewUri(cert, key, check.optionalString(password, 'password'))));
  }

  /** The key is elsewhere: `signer(algorithm, digest, data)` returns the signature, or a promise of it. */
  static fromSigner(chain, signer) {
    check.callable(signer, 'signer');
    const certificates = check.secret(chain, 'chain');
    const ask = (_, { algorithm, digest, data }) => signer(algorithm, digest, data);
    const asked = patient({ ask, take: signatureOf, what: 'the signer', isSame: sameRequest });
    const sign = (algorithm, digest, data) => asked({ algorithm, digest, data });
    const handle = native.identityNewSigner(certificates, sign);
    const [own] = native.identityCertificates(handle);
    return new Identity(new Made(handle, sign, new X509Certificate(own).publicKey.asymmetricKeyType));
  }

  /** The key is a private KeyObject of node:crypto. */
  static fromKeyObject(chain, key) {
    if (!(key instanceof KeyObject) || key.type !== 'private') throw check.wrong('key', 'a private KeyObject', key);
    const der = key.export({ format: 'der', type: 'pkcs8' });
    try {
      return Identity.fromData(chain, der);
    } finally {
      der.fill(0);
    }
  }

  /** The same with an OCSP response, in DER, that a server sends with it. This one does not change. */
  withOcspResponse(response) {
    const { handle, signer, kind } = this.#made;
    return new Identity(new Made(native.identityWithOcspResponse(handle, check.bytes(response, 'response')), signer, kind));
  }

  /** The same with certificate timestamps that a server sends with it; none are sent with none. This one does not change. */
  withScts(scts) {
    const { handle, signer, kind } = this.#made;
    return new Identity(new Made(native.identityWithScts(handle, join(scts)), signer, kind));
  }

  /** This side's own certificate, then the chain as peers get it. */
  certificates() {
    return native.identityCertificates(this.#made.handle).map((der) => new Certificate(der));
  }

  static made(identity) {
    return identity.#made;
  }
}

// Only for this module.
const madeOf = Identity.made;
delete Identity.made;

/**
 * Gives a context an identity. signers: those of the context, of which a connection keeps the list that was there when it was made; returns
 * the new list.
 */
function useIdentity(handle, identity, signers) {
  const made = madeOf(check.instance(identity, Identity, 'identity'));
  native.useIdentity(handle, made.handle);
  return made.signer === null ? signers : signers.filter(({ kind }) => kind !== made.kind).concat(made);
}

const setClientCaNames = (handle, certificates) => native.setClientCaNames(handle, check.optionalBytes(certificates, 'certificates'));

// The identities that a callback has chosen, by connection: their signers are held weakly by the addon.
const chosen = new Hidden();

function choose(answer) {
  if (answer === null) return null;
  const made = madeOf(check.instance(answer, Identity, 'the answer of the identity callback'));
  if (made.signer !== null) chosen.set(connectionAtWork(), { made, before: chosen.get(connectionAtWork()) });
  return made.handle;
}

/** What the addon calls, of what a program gives, and what takes it to the library. */
const identityCallback = {
  adapt: (callback) => patient({ ask: callback, take: choose }),
  set: native.setIdentityCallback,
};

module.exports = { Identity, identityCallback, setClientCaNames, useIdentity };
