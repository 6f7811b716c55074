'use strict';

// node:tls's options for what has Python's face: contexts made of them. What cannot be obeyed is refused by name.

const { createHash } = require('node:crypto');

const check = require('./check.js');
const { exported } = require('./constants.js');
const { SSLContext, createDefaultContext } = require('./context.js');
const { VERSIONS, configure, isGiven, keysOf, listOf, pfxOf, protocolsOf } = require('./secure.js');

// What makes a context. Beside one that is given they are refused: it would not have them.
const SECURE_OPTIONS = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'crl', 'ciphers', 'sigalgs', 'ecdhCurve', 'minVersion', 'maxVersion', 'secureOptions',
  'allowPartialTrustChain', 'ALPNProtocols'];
const SERVER_ONLY = ['requestCert', 'honorCipherOrder'];

// Options of node:tls that are not obeyed, and what is to be done.
const REFUSED_OPTIONS = {
  secureProtocol: 'give minVersion and maxVersion',
  secureContext: 'give an SSLContext as context',
  clientCertEngine: 'OpenSSL 3 has no engines',
  privateKeyEngine: 'OpenSSL 3 has no engines',
  privateKeyIdentifier: 'OpenSSL 3 has no engines',
  dhparam: 'give a context: loadDhParams reads a file',
  minDHSize: 'the security level of the context decides',
  sessionIdContext: 'each context has its own',
  sessionTimeout: 'it cannot be chosen',
  ticketKeys: 'give a context: setTicketKeys takes a list of keys',
  requestOCSP: 'give a context whose ocsp is OCSP_REQUEST',
  enableTrace: 'set messageCallback of a context',
  pskCallback: 'give a context with setPskClientCallback or setPskServerCallback',
  pskIdentityHint: 'give a context with setPskServerCallback',
  proxyEnv: 'proxies of the environment are not supported',
};

function refused(what, name, advice) {
  return Object.assign(new TypeError(`${what} has no option "${name}": ${advice}`), { code: 'ERR_INVALID_ARG_VALUE' });
}

/** Refuses by name what node:tls knows and we do not. false asks for nothing. */
function refuseOptions(options, what) {
  for (const [name, advice] of Object.entries(REFUSED_OPTIONS))
    if (isGiven(options[name]) && options[name] !== false) throw refused(what, name, advice);
}

function version(value, name) {
  if (!isGiven(value)) return undefined;
  if (!Object.hasOwn(VERSIONS, check.string(value, name))) throw check.outside(name, `one of ${Object.keys(VERSIONS).join(', ')}`, value);
  return VERSIONS[value];
}

// Each certificate with the key at its place; without keys, with the one in its own text. Then those of PKCS #12 files.
function identitiesOf(options) {
  const { cert, key, passphrase } = options, certs = listOf(cert), keys = keysOf(options);
  if (isGiven(key) && !isGiven(cert)) throw Object.assign(new TypeError('key needs cert'), { code: 'ERR_INVALID_ARG_VALUE' });
  if (isGiven(key) && certs.length !== keys.length)
    throw check.outside('key', `as many keys as there are certificates, ${certs.length}`, keys.length);
  const pairs = certs.map((each, index) => ({ cert: each, keys: [keys[index] ?? { pem: null, passphrase }] }));
  return [...pairs, ...pfxOf(options).map((identity) => ({ identity }))];
}

// To createDefaultContext, as to Python, no data means the system's CAs.
function begin(purpose, { ca }) {
  if (!isGiven(ca)) return createDefaultContext(purpose);
  const [cadata] = listOf(ca);
  if (cadata === undefined || check.presentBytes(cadata, 'ca').length === 0) throw check.outside('ca', 'one certificate or more', ca);
  return createDefaultContext(purpose, { cadata });
}

function finish(context, options, isServer) {
  configure(context, {
    ...options,
    versions: [version(options.minVersion, 'minVersion'), version(options.maxVersion, 'maxVersion')],
    identities: identitiesOf(options), ca: listOf(options.ca).slice(1), named: options.requestCert ? listOf(options.ca) : [],
    protocols: isGiven(options.ALPNProtocols) ? protocolsOf(options.ALPNProtocols) : undefined,
  }, isServer);
  return context;
}

/** A client's context. A checkServerIdentity takes the place of the check of the name, as in Node. */
function clientContext(options) {
  const context = begin(exported.Purpose.SERVER_AUTH, options);
  const verifies = check.optionalBoolean(options.rejectUnauthorized ?? undefined, 'rejectUnauthorized', true);
  if (!verifies || options.checkServerIdentity) context.checkHostname = false;
  if (!verifies) context.verifyMode = exported.CERT_NONE;
  return finish(context, options, false);
}

function serverContext(options, what) {
  const context = begin(exported.Purpose.CLIENT_AUTH, options);
  if (check.optionalBoolean(options.requestCert, 'requestCert')) {
    if (options.rejectUnauthorized === false)
      throw refused(what, 'rejectUnauthorized', 'what is asked for is verified; a context with CERT_OPTIONAL lets clients have none');
    if (!isGiven(options.ca)) context.loadDefaultCerts(exported.Purpose.CLIENT_AUTH);
    context.verifyMode = exported.CERT_REQUIRED;
  }
  return finish(context, options, true);
}

function refuseBesideContext(options, names, what) {
  for (const name of names)
    if (isGiven(options[name])) throw refused(what, name, 'the context that is given has its own; set it there');
  if (options.rejectUnauthorized === false || (options.rejectUnauthorized && options.context.verifyMode !== exported.CERT_REQUIRED))
    throw refused(what, 'rejectUnauthorized', 'verifyMode of the context that is given decides');
}

/** The context that is given, or one of options as node:tls has them. */
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

// With its kind and its length: what is in it ends nothing. Text stays text, as a Buffer made of it would be one of the pool that all small
// Buffers share, and there are keys among it.
function put(hash, kind, data) {
  hash.update(`${kind}:${Buffer.byteLength(data)}:`).update(data, 'utf8');
}

function feed(hash, value) {
  if (Array.isArray(value)) {
    hash.update(`list:${value.length}:`);
    for (const item of value) feed(hash, item);
  } else if (typeof value === 'function' || value instanceof SSLContext) put(hash, 'object', String(numberOf(value)));
  else if (typeof value === 'string') put(hash, 'bytes', value);
  else if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) put(hash, 'bytes', check.bytes(value, 'value'));
  else if (value !== null && typeof value === 'object') for (const name of ['pem', 'buf', 'passphrase']) feed(hash, value[name]);
  else put(hash, typeof value, String(value));
}

const NAMED = [...SECURE_OPTIONS, 'context', 'rejectUnauthorized', 'checkServerIdentity', 'insecureNoHostname', 'suppressRaggedEofs', 'expectedNames'];

/** Tells options apart that make connections of another kind: a digest, as there are keys among them; empty for none. */
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
