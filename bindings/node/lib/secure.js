'use strict';

// The one way from node:tls's options to an SSLContext. Which options are known, and whose defaults count, is for those to say who have
// one made: node-options.js for Python's face, tls-context.js for node:tls's.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { Certificate } = require('./certificate.js');
const check = require('./check.js');
const { numbers } = require('./constants.js');
const { Identity } = require('./identity.js');
const { ownBytes } = require('./own.js');

const VERSIONS = {
  'TLSv1': numbers.TLS_VERSION_TLSV1, 'TLSv1.1': numbers.TLS_VERSION_TLSV1_1, 'TLSv1.2': numbers.TLS_VERSION_TLSV1_2, 'TLSv1.3': numbers.TLS_VERSION_TLSV1_3,
};
const NEWEST = VERSIONS['TLSv1.3'];

const isGiven = (value) => value !== undefined && value !== null;
const listOf = (value) => (Array.isArray(value) ? value : isGiven(value) ? [value] : []);

/** The keys, `{ pem, passphrase }`: each may be an object with a passphrase of its own. */
function keysOf({ key, passphrase }) {
  return listOf(key).map((each) => {
    const isObject = each !== null && typeof each === 'object' && check.has(each, 'pem');
    return { pem: check.secret(isObject ? each.pem : each, 'key'), passphrase: (isObject ? check.member(each, 'passphrase') : undefined) ?? passphrase };
  });
}

/** The Identities of PKCS #12 files: each may be an object with a passphrase of its own, `{ buf, passphrase }`. */
function pfxOf({ pfx, passphrase }) {
  return listOf(pfx).map((each) => {
    const buf = typeof each === 'object' ? check.member(each, 'buf') : undefined, isObject = isGiven(buf), data = isObject ? buf : each;
    // As in node:tls, each character of a text is a byte.
    const bytes = typeof data === 'string' ? ownBytes(data, 'latin1') : check.bytes(data, 'pfx');
    return Identity.fromPkcs12(bytes, (isObject ? check.member(each, 'passphrase') : undefined) ?? passphrase);
  });
}

// As they stand in a ClientHello: each name behind its length.
function namesIn(bytes) {
  const names = [];
  for (let at = 0; at < bytes.length; at += 1 + bytes[at]) {
    if (at + 1 + bytes[at] > bytes.length) throw check.outside('ALPNProtocols', 'names, each behind its length', bytes);
    names.push(bytes.toString('latin1', at + 1, at + 1 + bytes[at]));
  }
  return names;
}

/** The names of ALPN protocols, each character a byte: of a list of them, or of the bytes of one. As in node:tls, text is UTF-8. */
function protocolsOf(value) {
  const bytesOf = (bytes) => Buffer.from(check.presentBytes(bytes, 'ALPNProtocols'));
  const nameOf = (name) => (typeof name === 'string' ? Buffer.from(name) : bytesOf(name)).toString('latin1');
  return Array.isArray(value) ? value.map(nameOf) : namesIn(bytesOf(value));
}

// Those of TLS 1.3 that are named, or there, without those that are ruled out; null if none is mentioned.
function suitesOf(context, names) {
  const [named, ruledOut] = [/^TLS_/, /^[!-]TLS_/].map((pattern) => names.filter((name) => pattern.test(name)));
  if (named.length + ruledOut.length === 0) return null;
  const all = named.length > 0 ? named : context.getCiphers().map(({ name }) => name).filter((name) => name.startsWith('TLS_'));
  return all.filter((name) => !ruledOut.some((each) => each.slice(1) === name));
}

// node:tls has one list for TLS 1.3 and below. A program that names only ciphers of TLS 1.3 wants no older version.
function setCiphers(context, ciphers) {
  const names = check.string(ciphers, 'ciphers').split(':').filter(Boolean), suites = suitesOf(context, names);
  const moved = names.find((name) => name.startsWith('+TLS_'));
  if (moved !== undefined) throw check.outside('ciphers', 'names of TLS 1.3, which are not moved by +', moved);
  const below = names.filter((name) => !/^[!-]?TLS_/.test(name)).join(':');
  if (suites !== null) context.setCiphersuites(suites.join(':'));
  if (below !== '' || suites === null) context.setCiphers(below);
  else if (names.some((name) => name.startsWith('TLS_'))) newestOnly(context);
}

function newestOnly(context) {
  const { minimumVersion, maximumVersion } = context;
  const reaches = maximumVersion === NEWEST || maximumVersion === numbers.TLS_VERSION_MAXIMUM_SUPPORTED;
  if (minimumVersion < NEWEST && reaches) context.minimumVersion = NEWEST;
}

// loadDhParams takes a file; the parameters are no secret.
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

function setPreference(context, isOurs) {
  const bit = BigInt(numbers.OP_CIPHER_SERVER_PREFERENCE);
  context.options = isOurs ? context.options | bit : context.options & ~bit;
}

// A certificate goes with the key that fits it.
function loadIdentity(context, given) {
  if (Object.hasOwn(given, 'identity')) return void context.useIdentity(given.identity);
  const { cert, keys } = given;
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

// Whom a server names to its clients.
function nameCas(context, cas) {
  const pemOf = (ca) => {
    const text = ownBytes(check.bytes(ca, 'ca')).toString('latin1');
    return text.includes('-----BEGIN') ? text : new Certificate(ca).pem;
  };
  if (cas.length > 0) context.setClientCaNames(cas.map(pemOf).join('\n'));
}

function setTrust(context, { ca, crl, allowPartialTrustChain }) {
  for (const cadata of ca) context.loadVerifyLocations({ cadata });
  for (const list of listOf(crl)) context.loadCrlData(list);
  if (isGiven(crl)) context.verifyFlags |= numbers.VERIFY_CRL_CHECK_CHAIN;
  if (allowPartialTrustChain) context.verifyFlags |= numbers.VERIFY_X509_PARTIAL_CHAIN;
}

/**
 * Gives a context what options say. Names and meaning are node:tls's, but for these: versions (two numbers, each may be undefined),
 * identities (`[{ identity }]` or `[{ cert, keys }]`), ca (a list, beside those that are trusted already), named (the CAs that a server names when
 * it asks for certificates), protocols (names).
 */
function configure(context, options, isServer) {
  // What stands on Object.prototype was asked for by nobody.
  const given = { __proto__: null, ...options };
  const { versions: [least, most], identities, named, ciphers, sigalgs, ecdhCurve, dhparam, secureOptions, honorCipherOrder, protocols } = given;
  if (least !== undefined) context.minimumVersion = least;
  if (most !== undefined) context.maximumVersion = most;
  // Before certificates are loaded: the security level is among them.
  if (isGiven(ciphers)) setCiphers(context, ciphers);
  if (isGiven(sigalgs)) context.setServerSigalgs(sigalgs);
  if (isGiven(ecdhCurve) && ecdhCurve !== 'auto') context.setGroups(ecdhCurve);
  if (isServer && isGiven(dhparam)) loadDhParams(context, check.bytes(dhparam, 'dhparam'));
  if (isGiven(secureOptions)) context.options |= check.word(secureOptions, 'secureOptions');
  if (isServer && isGiven(honorCipherOrder)) setPreference(context, honorCipherOrder);
  setTrust(context, given);
  if (isServer) nameCas(context, named);
  for (const identity of identities) loadIdentity(context, identity);
  if (isGiven(protocols)) context.setAlpnProtocols(protocols);
}

module.exports = { VERSIONS, configure, isGiven, keysOf, listOf, pfxOf, protocolsOf };
