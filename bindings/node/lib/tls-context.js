'use strict';

// node:tls's secure contexts. Each is made of several SSLContexts: node:tls decides for each connection whether it verifies and which
// protocols it offers, while an SSLContext decides for all of its connections.

const crypto = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { numbers } = require('./constants.js');
const { SSLContext } = require('./context.js');
const nodeTls = require('./node-tls.js');
const { openPfx } = require('./pkcs12.js');
const { invalid, made } = require('./tls-error.js');

const VERSIONS = { 'TLSv1': numbers.TLS_VERSION_TLSV1, 'TLSv1.1': numbers.TLS_VERSION_TLSV1_1, 'TLSv1.2': numbers.TLS_VERSION_TLSV1_2, 'TLSv1.3': numbers.TLS_VERSION_TLSV1_3 };
const METHODS = { TLSv1: ['TLSv1', 'TLSv1'], TLSv1_1: ['TLSv1.1', 'TLSv1.1'], TLSv1_2: ['TLSv1.2', 'TLSv1.2'], TLS: ['TLSv1', 'TLSv1.3'], SSLv23: [undefined, 'TLSv1.2'] };
// Options for tickets, engines and algorithms that the library does not support: refused by name.
const REFUSED = ['ticketKeys', 'sigalgs', 'clientCertEngine', 'privateKeyEngine', 'privateKeyIdentifier', 'sessionTimeout'];
const TEXTS = ['ciphers', 'passphrase', 'ecdhCurve', 'minVersion', 'maxVersion', 'secureProtocol', 'sessionIdContext'];

const isGiven = (value) => value !== undefined && value !== null;
const list = (value) => (Array.isArray(value) ? value : value ? [value] : []);

function refuse(options) {
  for (const name of REFUSED)
    if (isGiven(options[name]) && options[name] !== false) throw made(Error, 'ERR_TLSOCK_NOT_IMPLEMENTED', `tlsock/tls does not know the option ${name} of node:tls`);
  for (const name of TEXTS)
    if (isGiven(options[name]) && typeof options[name] !== 'string')
      throw invalid(`options.${name}`, 'of type string', options[name]);
}

const isData = (value) => typeof value === 'string' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer;

function data(value, name) {
  if (!isData(value)) throw invalid(`options.${name}`, 'text or bytes', value);
  return value instanceof ArrayBuffer ? Buffer.from(value) : value;
}

// In node:tls each key may have its own passphrase.
function keysOf({ key, passphrase }) {
  return list(key).map((each) => {
    const isObject = Array.isArray(key) && each !== null && typeof each === 'object' && each.pem !== undefined;
    return { pem: data(isObject ? each.pem : each, 'key'), passphrase: (isObject ? each.passphrase : undefined) ?? passphrase };
  });
}

function pfxOf({ pfx, passphrase }) {
  return list(pfx).map((each) => {
    const isObject = each !== null && typeof each === 'object' && each.buf !== undefined;
    return openPfx(data(isObject ? each.buf : each, 'pfx'), (isObject ? each.passphrase : undefined) ?? passphrase);
  });
}

function versionsOf(options) {
  const { secureProtocol } = options;
  if (isGiven(secureProtocol)) {
    if (isGiven(options.minVersion) || isGiven(options.maxVersion))
      throw made(TypeError, 'ERR_TLS_PROTOCOL_VERSION_CONFLICT', `TLS protocol version conflicts with secureProtocol ${secureProtocol}`);
    const [, name] = /^(\w+?)(?:_(?:client|server))?_method$/.exec(secureProtocol) ?? [];
    if (!Object.hasOwn(METHODS, name ?? '')) throw made(TypeError, 'ERR_TLS_INVALID_PROTOCOL_METHOD', `Unknown method: ${secureProtocol}`);
    return [METHODS[name][0] ?? tlsDefaults().DEFAULT_MIN_VERSION, METHODS[name][1]];
  }
  const versions = [options.minVersion ?? tlsDefaults().DEFAULT_MIN_VERSION, options.maxVersion ?? tlsDefaults().DEFAULT_MAX_VERSION];
  for (const version of versions)
    if (!Object.hasOwn(VERSIONS, version)) throw made(TypeError, 'ERR_TLS_INVALID_PROTOCOL_VERSION', `${version} is not a valid TLS protocol version`);
  return versions;
}

// The defaults, which programs may change.
const tlsDefaults = () => require('node:tls');

// The ciphers of TLS 1.3, and those of older versions.
function split(ciphers) {
  const names = ciphers.split(':').filter(Boolean), isSuite = (name) => /^!?TLS_/.test(name);
  const suites = names.filter((name) => name.startsWith('TLS_') && !names.includes(`!${name}`));
  return { suites: suites.join(':'), below: names.filter((name) => !isSuite(name)).join(':') };
}

// loadDhParams needs a file; the parameters are not secret.
function loadDhParams(context, pem) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tlsock-'));
  try {
    const file = path.join(folder, 'dh.pem');
    fs.writeFileSync(file, pem);
    context.loadDhParams(file);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

// Loads the certificate with the key that fits it.
function loadIdentity(context, cert, keys) {
  let failure;
  for (const { pem, passphrase } of keys) {
    try {
      return void context.loadCertChainData(cert, pem, passphrase);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

// As in node:tls, data without a certificate is no error: it adds no trust.
function trust(context, cadata) {
  if (String(Buffer.from(cadata)).includes('-----BEGIN') && !/-----BEGIN (X509 |TRUSTED )?CERTIFICATE-----/.test(Buffer.from(cadata).toString('latin1'))) return;
  context.loadVerifyLocations({ cadata });
}

class SecureContext {
  #options;
  #pfx;
  #keys;
  #versions;
  #contexts = new Map();
  #added = [];

  constructor(options = {}) {
    refuse(options);
    this.#options = { ...options };
    for (const name of ['cert', 'ca', 'crl']) for (const each of list(options[name])) data(each, name);
    this.#pfx = pfxOf(options);
    this.#keys = keysOf(options);
    this.#versions = versionsOf(options);
    // As in node:tls: programs read the property `context`.
    this.context = this;
    // Wrong options throw now.
    this.contextFor({ isServer: false, verifies: true, checksName: false });
    this.contextFor({ isServer: true, verifies: false });
  }

  /** Trusts one more CA, in addition to those of the option ca or the default ones: undocumented in node:tls, but in use. */
  addCACert(ca) {
    this.#added.push(data(ca, 'ca'));
    this.#contexts.clear();
  }

  /** This side's first certificate, as an X509Certificate of node:crypto; undefined for none. */
  get certificate() {
    const [first] = [...list(this.#options.cert), ...this.#pfx.map((each) => each.cert)];
    return first === undefined ? undefined : new crypto.X509Certificate(first);
  }

  /** about: isServer, verifies, checksName, protocols (ALPN), pskCallback, pskIdentityHint. */
  contextFor(about) {
    // A connection with its own callback needs its own context.
    if (about.pskCallback) return this.#make(about);
    const key = JSON.stringify([about.isServer, about.verifies, about.checksName, about.protocols]);
    if (!this.#contexts.has(key)) this.#contexts.set(key, this.#make(about));
    return this.#contexts.get(key);
  }

  #make({ isServer, verifies, checksName = false, protocols, pskCallback, pskIdentityHint }) {
    const context = new SSLContext(isServer ? numbers.PROTOCOL_TLS_SERVER : numbers.PROTOCOL_TLS_CLIENT);
    context.checkHostname = false;
    context.verifyMode = verifies ? numbers.CERT_REQUIRED : numbers.CERT_NONE;
    context.checkHostname = checksName;
    this.#setVersions(context);
    this.#setCiphers(context, isServer);
    this.#setTrust(context, isServer);
    for (const cert of list(this.#options.cert)) if (this.#keys.length > 0) loadIdentity(context, data(cert, 'cert'), this.#keys);
    for (const { cert, key } of this.#pfx) if (cert && key) context.loadCertChainData(cert, key);
    if (protocols?.length > 0) context.setAlpnProtocols(protocols);
    if (pskCallback) this.#setPsk(context, isServer, pskCallback, pskIdentityHint);
    return context;
  }

  #setVersions(context) {
    const [least, most] = this.#versions;
    context.minimumVersion = VERSIONS[least];
    context.maximumVersion = VERSIONS[most];
  }

  #setCiphers(context, isServer) {
    const { ciphers, ecdhCurve, dhparam, secureOptions, honorCipherOrder } = this.#options;
    SecureContext.#setLists(context, split(ciphers || tlsDefaults().DEFAULT_CIPHERS));
    if (isGiven(ecdhCurve) && ecdhCurve !== 'auto') context.setGroups(ecdhCurve);
    if (isGiven(dhparam) && dhparam !== 'auto' && isServer) loadDhParams(context, data(dhparam, 'dhparam'));
    if (isGiven(secureOptions)) context.options |= BigInt(secureOptions);
    if (isServer && honorCipherOrder !== undefined) {
      const preference = BigInt(numbers.OP_CIPHER_SERVER_PREFERENCE);
      context.options = honorCipherOrder ? context.options | preference : context.options & ~preference;
    }
  }

  // With ciphers of TLS 1.3 only, older versions are turned off.
  static #setLists(context, { suites, below }) {
    const newest = VERSIONS['TLSv1.3'];
    const [least, most] = [context.minimumVersion, context.maximumVersion];
    if (suites !== '') context.setCiphersuites(suites);
    if (below !== '' || suites === '') context.setCiphers(below);
    else if (least < newest && most === newest) context.minimumVersion = newest;
  }

  #setTrust(context, isServer) {
    const { ca, crl } = this.#options;
    if (isGiven(ca)) for (const each of list(ca)) trust(context, data(each, 'ca'));
    else context.loadDefaultCerts(isServer ? numbers.PURPOSE_CLIENT_AUTH : numbers.PURPOSE_SERVER_AUTH);
    for (const each of this.#added) trust(context, each);
    for (const pfx of this.#pfx) for (const each of pfx.ca) context.loadVerifyLocations({ cadata: each });
    for (const each of list(crl)) context.loadCrlData(data(each, 'crl'));
    if (this.#options.allowPartialTrustChain) context.verifyFlags |= numbers.VERIFY_X509_PARTIAL_CHAIN;
    if (list(crl).length > 0) context.verifyFlags |= numbers.VERIFY_CRL_CHECK_CHAIN;
  }

  #setPsk(context, isServer, callback, hint) {
    if (isServer) context.setPskServerCallback(callback, hint);
    else context.setPskClientCallback(callback);
  }
}

/** Throws node:tls's errors for wrong options. */
function createSecureContext(options = {}) {
  try {
    return new SecureContext(options);
  } catch (error) {
    nodeTls.createSecureContext(options);
    throw error;
  }
}

module.exports = { SecureContext, createSecureContext };
