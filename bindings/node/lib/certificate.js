'use strict';

const addon = require('./addon.js');
const check = require('./check.js');

// A handle that a connection gave.
class Made {
  handle;

  constructor(handle) {
    this.handle = handle;
  }
}

/** One X.509 certificate. `toJSON()` is Python's dict; its entries are attributes too. */
class Certificate {
  #handle;
  #facts;
  #dict;

  /** Reads DER, or the first certificate of a PEM text. It is not verified. */
  constructor(data) {
    this.#handle = data instanceof Made ? data.handle : addon.certificateNew(check.bytes(data, 'data'));
    this.#facts = addon.certificateFacts(this.#handle);
  }

  get der() {
    return this.#facts.der;
  }

  get pem() {
    return this.#facts.pem;
  }

  /** Whether a connection has verified it. */
  get verified() {
    return this.#facts.verified;
  }

  /** In one line, for people to read. */
  get subjectText() {
    return this.#facts.subjectText;
  }

  get issuerText() {
    return this.#facts.issuerText;
  }

  /** Seconds since 1970. */
  get notBeforeTime() {
    return this.#facts.notBeforeTime;
  }

  get notAfterTime() {
    return this.#facts.notAfterTime;
  }

  get subject() {
    return this.toJSON().subject;
  }

  get issuer() {
    return this.toJSON().issuer;
  }

  get version() {
    return this.toJSON().version;
  }

  get serialNumber() {
    return this.toJSON().serialNumber;
  }

  get notBefore() {
    return this.toJSON().notBefore;
  }

  get notAfter() {
    return this.toJSON().notAfter;
  }

  get subjectAltName() {
    return this.toJSON().subjectAltName ?? [];
  }

  get OCSP() {
    return this.toJSON().OCSP ?? [];
  }

  get caIssuers() {
    return this.toJSON().caIssuers ?? [];
  }

  get crlDistributionPoints() {
    return this.toJSON().crlDistributionPoints ?? [];
  }

  /** Python's dict: getpeercert() */
  toJSON() {
    return (this.#dict ??= JSON.parse(addon.certificateJson(this.#handle)));
  }

  toString() {
    return this.pem;
  }

  /** The digest of the DER bytes. */
  fingerprint(digest = 'sha256') {
    return addon.certificateFingerprint(this.#handle, check.string(digest, 'digest'));
  }

  /** Whether both are the same bytes. */
  equals(other) {
    return Buffer.compare(this.der, check.instance(other, Certificate, 'other').der) === 0;
  }
}

const makeCertificate = (handle) => (handle === null ? null : new Certificate(new Made(handle)));

module.exports = { Certificate, makeCertificate };
