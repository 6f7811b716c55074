'use strict';

// Node's names for the facts of a connection, in addition to Python's.

const { X509Certificate } = require('node:crypto');

const check = require('./check.js');
const { standardName } = require('./cipher-name.js');
const { ValueError } = require('./error.js');
const hook = require('./hook.js');
const { ownBytes } = require('./own.js');
const { SSLSession } = require('./session.js');
const { trace } = require('./trace.js');
const { outcomeName } = require('./x509.js');

// Groups by OpenSSL's names, as node:tls reports them.
const CURVES = { x25519: ['X25519', 253], x448: ['X448', 448], secp256r1: ['prime256v1', 256], secp384r1: ['secp384r1', 384], secp521r1: ['secp521r1', 521],
  prime256v1: ['prime256v1', 256], 'P-256': ['prime256v1', 256], 'P-384': ['secp384r1', 384], 'P-521': ['secp521r1', 521] };
const FIELDS = /^ffdhe(\d+)$/;

const isSelfIssued = (certificate) => certificate.checkIssued(certificate);

// The verified chain, or the certificates as the peer sent them.
function chainOf(socket) {
  const verified = socket.getVerifiedChain();
  const chain = verified.length > 0 ? verified : socket.getUnverifiedChain();
  if (chain.length > 0) return chain;
  const own = socket.peerCertificate;
  return own === null ? [] : [own];
}

const legacyOf = (certificate) => new X509Certificate(certificate.der).toLegacyObject();

// The object of node:tls: each certificate with its issuer, as far as known; a self-signed certificate is its own issuer.
function linked(socket) {
  const chain = chainOf(socket).map((certificate) => new X509Certificate(certificate.der));
  const objects = chain.map((certificate) => certificate.toLegacyObject());
  objects.forEach((object, i) => {
    if (i + 1 < chain.length && chain[i].checkIssued(chain[i + 1])) object.issuerCertificate = objects[i + 1];
    else if (isSelfIssued(chain[i])) object.issuerCertificate = object;
    else {
      const issuer = trustedIssuer(socket, chain[i]);
      if (issuer !== null) object.issuerCertificate = issuer;
    }
  });
  return objects[0];
}

// The issuer's certificate, if the context trusts it; otherwise undefined.
function trustedBy(socket, certificate) {
  for (const der of socket.context.getCaCerts(true)) {
    const candidate = new X509Certificate(der);
    if (certificate.checkIssued(candidate)) return candidate;
  }
  return undefined;
}

// seen: the certificates between the peer and this one. CAs may have certified each other.
function trustedIssuer(socket, certificate, seen = [certificate.fingerprint256]) {
  const issuer = trustedBy(socket, certificate);
  if (issuer === undefined || seen.includes(issuer.fingerprint256)) return null;
  const object = issuer.toLegacyObject();
  object.issuerCertificate = isSelfIssued(issuer) ? object : trustedIssuer(socket, issuer, [...seen, issuer.fingerprint256]) ?? undefined;
  return object;
}

// node:crypto sets the issuer only for certificates that come from node:tls.
function issue(certificate, issuer) {
  if (issuer !== undefined) Object.defineProperty(certificate, 'issuerCertificate', { value: issuer, configurable: true });
}

const methods = {
  /** The object of node:tls; `{}` if the peer sent none, null once the connection is destroyed. detailed: with the issuers. */
  getPeerCertificate(detailed = false) {
    const certificate = this.peerCertificate;
    if (certificate === null) return this.destroyed ? null : {};
    return detailed ? linked(this) : legacyOf(certificate);
  },

  /** An X509Certificate of node:crypto; undefined for none. */
  getPeerX509Certificate() {
    const chain = chainOf(this).map((certificate) => new X509Certificate(certificate.der));
    chain.forEach((certificate, i) => issue(certificate, chain[i + 1] ?? (isSelfIssued(certificate) ? certificate : trustedBy(this, certificate))));
    return chain[0];
  },

  /** The object of node:tls for the certificate that this side has shown; `{}` for none, null once the connection is destroyed. */
  getCertificate() {
    const certificate = this.ownCertificate;
    if (certificate === null) return this.destroyed ? null : {};
    return legacyOf(certificate);
  },

  /** The same as an X509Certificate of node:crypto; undefined for none. */
  getX509Certificate() {
    const certificate = this.ownCertificate;
    return certificate === null ? undefined : new X509Certificate(certificate.der);
  },

  /** `{ name, standardName, version }`; `{}` before the handshake. version is that of the cipher, as in node:tls. */
  getCipher() {
    const cipher = this.cipher();
    return cipher === null ? {} : { name: cipher.name, standardName: standardName(cipher.name), version: cipher.protocol };
  },

  /** "TLSv1.3" and the like. */
  getProtocol() {
    return this.version();
  },

  /** The session that a later connection can resume, as bytes; undefined for none. */
  getSession() {
    const session = this.session;
    return session === null ? undefined : session.toData();
  },

  isSessionReused() {
    return this.sessionReused;
  },

  /** `{ type, name, size }` of the key exchange on clients; `{}` for none, null on servers. */
  getEphemeralKeyInfo() {
    if (this.serverSide) return null;
    const group = this.group();
    if (group === null) return {};
    if (Object.hasOwn(CURVES, group)) return { type: 'ECDH', name: CURVES[group][0], size: CURVES[group][1] };
    const field = FIELDS.exec(group);
    return field ? { type: 'DH', size: Number(field[1]) } : { type: 'ECDH', name: group, size: undefined };
  },

  /** Before the handshake: a session from getSession. One that does not fit is ignored, and the handshake is a full one. */
  setSession(data) {
    const bytes = typeof data === 'string' ? ownBytes(data, 'latin1') : data;
    this.session = bytes instanceof SSLSession ? bytes : SSLSession.fromData(this.context, check.bytes(bytes, 'session'));
  },

  /** Before the handshake, on clients: the name to send and to check. A session that was to be resumed is dropped. */
  setServername(name) {
    check.string(name, 'name');
    if (this.serverSide) throw Object.assign(new ValueError('a server cannot ask for a name'), { code: 'ERR_TLS_SNI_FROM_SERVER' });
    if (!this[hook.REWRAP](this.context, { serverHostname: name })) throw new ValueError('the handshake has begun');
  },

  /** Prints the messages of the handshake to stderr, for debugging. */
  enableTrace() {
    trace(this);
  },

  /** Ends the stream, and destroys it once everything is sent. */
  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  },

  /** As in node:tls: only a system's socket can be reset. One that is closed already stays so. */
  resetAndDestroy() {
    if (!this.destroyed) throw Object.assign(new TypeError('a TLS connection cannot be reset; its transport can'), { code: 'ERR_INVALID_HANDLE_TYPE' });
    return this;
  },

  /** Does nothing: renegotiation is always off. */
  disableRenegotiation() {},
};

const attributes = {
  encrypted: () => true,

  /** The protocol that was agreed on, or false. */
  alpnProtocol() {
    return this.selectedAlpnProtocol() ?? false;
  },

  /** What is wrong with the peer's certificate, such as "DEPTH_ZERO_SELF_SIGNED_CERT", where a bad one is allowed; null for nothing. */
  authorizationError() {
    const code = this.verifyResult;
    return code === 0 || code === null ? null : outcomeName(code, this.getUnverifiedChain().length === 1);
  },

  readyState() {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  },

  pending() {
    // As in net.Socket, also once it is closed.
    return this.connecting || this.destroyed;
  },

  bufferSize() {
    return this.writableLength;
  },
};

const failed = new WeakSet();

/** Adds all of these to a class of sockets. */
function nameAsNode(Class) {
  for (const [name, value] of Object.entries(methods)) Object.defineProperty(Class.prototype, name, { value, configurable: true, writable: true });
  for (const [name, get] of Object.entries(attributes)) Object.defineProperty(Class.prototype, name, { get, configurable: true });
  // Undocumented: node:http asks it in the callback of a write, to know whether the data has left, and sets it when it has told an error.
  Object.defineProperty(Class.prototype, '_hadError', {
    get() { return failed.has(this); },
    set(value) { if (value) failed.add(this); else failed.delete(this); },
    configurable: true,
  });
}

module.exports = { nameAsNode };
