'use strict';

// Contexts made from node:tls's options. Unsupported options are refused by name.

const { createHash } = require('node:crypto');

const check = require('./check.js');
const { exported } = require('./constants.js');
const { SSLContext, createDefaultContext } = require('./context.js');

const VERSIONS = { TLSv1: 'TLSv1', 'TLSv1.1': 'TLSv1_1', 'TLSv1.2': 'TLSv1_2', 'TLSv1.3': 'TLSv1_3' };

// Options that describe a context. They are refused together with a given context, which would not follow them.
const SECURE_OPTIONS = ['ca', 'cert', 'key', 'passphrase', 'crl', 'ciphers', 'ecdhCurve', 'minVersion', 'maxVersion', 'secureOptions',
  'allowPartialTrustChain', 'ALPNProtocols'];
const SERVER_ONLY = ['requestCert', 'honorCipherOrder'];

// Options of node:tls that are not supported, and what to do instead.
const REFUSED_OPTIONS = {
  pfx: 'give cert and key: "openssl pkcs12" takes them out',
  secureProtocol: 'give minVersion and maxVersion',
  secureContext: 'give an SSLContext as context',
  clientCertEngine: 'OpenSSL 3 has no engines',
  privateKeyEngine: 'OpenSSL 3 has no engines',
  privateKeyIdentifier: 'OpenSSL 3 has no engines',
  dhparam: 'give a context: loadDhParams reads a file',
  minDHSize: 'the security level of the context decides',
  sigalgs: 'the signature algorithms cannot be chosen',
  sessionIdContext: 'each context has its own',
  sessionTimeout: 'it cannot be chosen',
  ticketKeys: 'each context makes its own',
  requestOCSP: 'OCSP staples are not supported',
  enableTrace: 'set messageCallback of a context',
  pskCallback: 'give a context with setPskClientCallback or setPskServerCallback',
  pskIdentityHint: 'give a context with setPskServerCallback',
  proxyEnv: 'proxies of the environment are not supported',
};

function refused(what, name, advice) {
  return Object.assign(new TypeError(`${what} has no option "${name}": ${advice}`), { code: 'ERR_INVALID_ARG_VALUE' });
}

const isGiven = (value) => value !== undefined && value !== null;

/** Refuses, by name, options of node:tls that are not supported. The value false is accepted. */
function refuseOptions(options, what) {
  for (const [name, advice] of Object.entries(REFUSED_OPTIONS))
    if (isGiven(options[name]) && options[name] !== false) throw refused(what, name, advice);
}

const listOf = (value) => (Array.isArray(value) ? value : [value]);

function version(value, name) {
  const known = VERSIONS[check.string(value, name)];
  if (known === undefined) throw check.outside(name, `one of ${Object.keys(VERSIONS).join(', ')}`, value);
  return exported.TLSVersion[known];
}

// A key may be an object with its own passphrase.
function keyOf(value, passphrase) {
  const isObject = value !== null && typeof value === 'object' && 'pem' in value;
  const pem = isObject ? value.pem : value;
  return [check.optionalSecret(pem, 'key'), (isObject ? value.passphrase : undefined) ?? passphrase];
}

function loadIdentity(context, { cert, key, passphrase }) {
  if (!isGiven(cert) && !isGiven(key)) return;
  const certs = listOf(cert), keys = listOf(key);
  if (!isGiven(cert)) throw Object.assign(new TypeError('key needs cert'), { code: 'ERR_INVALID_ARG_VALUE' });
  if (isGiven(key) && certs.length !== keys.length)
    throw check.outside('key', `as many keys as there are certificates, ${certs.length}`, keys.length);
  certs.forEach((chain, index) => context.loadCertChainData(chain, ...keyOf(keys[index] ?? null, passphrase)));
}

// Node has one option for the ciphers of all versions; those of TLS 1.3 cannot be chosen here.
function setCiphers(context, ciphers) {
  const names = check.string(ciphers, 'ciphers').split(':');
  const fixed = names.find((name) => /^[!+-]?TLS_/.test(name));
  if (fixed !== undefined) throw check.outside('ciphers', 'of TLS 1.2 and below: those of TLS 1.3 cannot be chosen', fixed);
  context.setCiphers(ciphers);
}

/** The names in a list, or in the encoded bytes of one. */
function protocolsOf(value) {
  const nameOf = (name) => (typeof name === 'string' ? name : Buffer.from(check.bytes(name, 'ALPNProtocols')).toString('latin1'));
  if (Array.isArray(value)) return value.map(nameOf);
  const bytes = Buffer.from(check.bytes(value, 'ALPNProtocols')), names = [];
  for (let at = 0; at < bytes.length; at += 1 + bytes[at]) names.push(bytes.toString('latin1', at + 1, at + 1 + bytes[at]));
  return names;
}

function trust(context, { crl, allowPartialTrustChain }) {
  for (const list of isGiven(crl) ? listOf(crl) : []) context.loadCrlData(list);
  if (isGiven(crl)) context.verifyFlags |= exported.VERIFY_CRL_CHECK_CHAIN;
  if (allowPartialTrustChain) context.verifyFlags |= exported.VERIFY_X509_PARTIAL_CHAIN;
}

function settings(context, options) {
  if (isGiven(options.minVersion)) context.minimumVersion = version(options.minVersion, 'minVersion');
  if (isGiven(options.maxVersion)) context.maximumVersion = version(options.maxVersion, 'maxVersion');
  if (isGiven(options.ciphers)) setCiphers(context, options.ciphers);
  if (isGiven(options.ecdhCurve) && options.ecdhCurve !== 'auto') context.setEcdhCurve(options.ecdhCurve);
  if (isGiven(options.secureOptions)) context.options |= check.word(options.secureOptions, 'secureOptions');
  if (isGiven(options.ALPNProtocols)) context.setAlpnProtocols(protocolsOf(options.ALPNProtocols));
}

function begin(purpose, { ca }) {
  const cas = isGiven(ca) ? listOf(ca) : [];
  const context = createDefaultContext(purpose, cas.length > 0 ? { cadata: cas[0] } : {});
  for (const cadata of cas.slice(1)) context.loadVerifyLocations({ cadata });
  return context;
}

/** A client's context. As in Node, a checkServerIdentity replaces the check of the name. */
function clientContext(options) {
  const context = begin(exported.Purpose.SERVER_AUTH, options);
  const verifies = check.optionalBoolean(options.rejectUnauthorized ?? undefined, 'rejectUnauthorized', true);
  if (!verifies || options.checkServerIdentity) context.checkHostname = false;
  if (!verifies) context.verifyMode = exported.CERT_NONE;
  loadIdentity(context, options);
  trust(context, options);
  settings(context, options);
  return context;
}

function serverContext(options, what) {
  const context = begin(exported.Purpose.CLIENT_AUTH, options);
  if (check.optionalBoolean(options.requestCert, 'requestCert')) {
    if (options.rejectUnauthorized === false)
      throw refused(what, 'rejectUnauthorized', 'what is asked for is verified; a context with CERT_OPTIONAL lets clients have none');
    if (!isGiven(options.ca)) context.loadDefaultCerts(exported.Purpose.CLIENT_AUTH);
    context.verifyMode = exported.CERT_REQUIRED;
  }
  if (options.honorCipherOrder === false) context.options &= ~exported.OP_CIPHER_SERVER_PREFERENCE;
  loadIdentity(context, options);
  trust(context, options);
  settings(context, options);
  return context;
}

function refuseBesideContext(options, names, what) {
  for (const name of names)
    if (isGiven(options[name])) throw refused(what, name, 'the context that is given has its own; set it there');
  if (options.rejectUnauthorized === false || (options.rejectUnauthorized && options.context.verifyMode !== exported.CERT_REQUIRED))
    throw refused(what, 'rejectUnauthorized', 'verifyMode of the context that is given decides');
}

/** The given context, or one made from node:tls's options. */
function contextOf(options, what, isServer) {
  refuseOptions(options, what);
  if (!isGiven(options.context)) return isServer ? serverContext(options, what) : clientContext(options);
  check.instance(options.context, SSLContext, 'context');
  refuseBesideContext(options, isServer ? [...SECURE_OPTIONS, ...SERVER_ONLY] : SECURE_OPTIONS, what);
  return options.context;
}

const numbers = new WeakMap();
let count = 0;

function numberOf(object) {
  if (!numbers.has(object)) numbers.set(object, ++count);
  return numbers.get(object);
}

// With kind and length, so that the bytes cannot be mistaken for a separator.
function put(hash, kind, bytes) {
  hash.update(`${kind}:${bytes.length}:`).update(bytes);
}

function feed(hash, value) {
  if (Array.isArray(value)) {
    hash.update(`list:${value.length}:`);
    for (const item of value) feed(hash, item);
  } else if (typeof value === 'function' || value instanceof SSLContext) put(hash, 'object', String(numberOf(value)));
  else if (typeof value === 'string' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) put(hash, 'bytes', check.bytes(value, 'value'));
  else if (value !== null && typeof value === 'object') for (const name of ['pem', 'passphrase']) feed(hash, value[name]);
  else put(hash, typeof value, String(value));
}

const NAMED = [...SECURE_OPTIONS, 'context', 'rejectUnauthorized', 'checkServerIdentity', 'insecureNoHostname', 'suppressRaggedEofs'];

/** Identifies the options that change a connection. It is a digest, as keys are among them; empty if there are none. */
function fingerprint(options) {
  const given = NAMED.filter((name) => isGiven(options[name]));
  if (given.length === 0) return '';
  const hash = createHash('sha256');
  for (const name of given) {
    hash.update(`${name}=`);
    feed(hash, options[name]);
  }
  return hash.digest('base64');
}

module.exports = { REFUSED_OPTIONS, SECURE_OPTIONS, SERVER_ONLY, contextOf, fingerprint, refuseOptions };
