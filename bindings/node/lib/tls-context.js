'use strict';

// node:tls's secure contexts. Each is made of several SSLContexts: node:tls decides for each connection whether it verifies and which
// protocols it offers, while an SSLContext decides for all of its connections.

const crypto = require('node:crypto');
// The one whose defaults programs may set.
const liveTls = require('node:tls');

const check = require('./check.js');
const { numbers } = require('./constants.js');
const { SSLContext } = require('./context.js');
const { SSLError } = require('./error.js');
const nodeTls = require('./node-tls.js');
const { ownBytes } = require('./own.js');
const { VERSIONS, configure, isGiven, keysOf, listOf, pfxOf } = require('./secure.js');
const { paramsFor } = require('./tls-dh.js');
const { invalid, made } = require('./tls-error.js');
const { chosenCas } = require('./tls-names.js');
const { setPsk } = require('./tls-psk.js');
const { sessionCache } = require('./tls-sessions.js');

const METHODS = { TLSv1: ['TLSv1', 'TLSv1'], TLSv1_1: ['TLSv1.1', 'TLSv1.1'], TLSv1_2: ['TLSv1.2', 'TLSv1.2'], TLS: ['TLSv1', 'TLSv1.3'], SSLv23: [undefined, 'TLSv1.2'] };
// What the library does not support, such as engines: refused by name.
const REFUSED = ['clientCertEngine', 'privateKeyEngine', 'privateKeyIdentifier', 'sessionTimeout'];
const OBEYED = ['key', 'cert', 'ca', 'crl', 'pfx', 'passphrase', 'ciphers', 'sigalgs', 'ecdhCurve', 'dhparam', 'minVersion', 'maxVersion', 'secureProtocol', 'secureOptions',
  'honorCipherOrder', 'allowPartialTrustChain', 'sessionIdContext', 'ticketKeys'];
const TICKET_KEYS = 48;
// What no list of the library's has, but a function may choose.
const NOT_ASCII = /[^\x01-\x7f]/;
const TEXTS = ['ciphers', 'sigalgs', 'passphrase', 'ecdhCurve', 'minVersion', 'maxVersion', 'secureProtocol', 'sessionIdContext'];

// What is false or empty asks for nothing.
const list = (value) => listOf(value || undefined);

function refuse(options) {
  for (const name of REFUSED)
    if (isGiven(options[name]) && options[name] !== false) throw made(Error, 'ERR_TLSOCK_NOT_IMPLEMENTED', `tlsock/tls does not know the option ${name} of node:tls`);
  for (const name of TEXTS)
    if (isGiven(options[name]) && typeof options[name] !== 'string')
      throw invalid(`options.${name}`, 'of type string', options[name]);
}

const isData = (value) => typeof value === 'string' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer;

// A copy of bytes: contexts are made of it later too, when the caller may have wiped its own.
function data(value, name) {
  if (typeof value === 'string') return value;
  if (!isData(value)) throw invalid(`options.${name}`, 'text or bytes', value);
  return ownBytes(check.bytes(value, name));
}

const dataOf = (value, name) => list(value).map((each) => data(each, name));

// node:tls takes keys with a passphrase of each one's own, in a list.
function keyData(key) {
  const isObject = (each) => Array.isArray(key) && each !== null && typeof each === 'object' && check.member(each, 'pem') !== undefined;
  return list(key).map((each) => (isObject(each) ? { pem: data(each.pem, 'key'), passphrase: check.member(each, 'passphrase') } : data(each, 'key')));
}

const BAD_PFX = 'ERR_TLSOCK_PKCS12', UNSUPPORTED_PFX = 'ERR_CRYPTO_UNSUPPORTED_OPERATION';

// node:tls's words, where it has some.
const WORDS_OF_PFX = [
  [/encryption is unsupported/, UNSUPPORTED_PFX, 'Unsupported PKCS12 PFX data'],
  [/no private key was found/, BAD_PFX, 'Unable to load private key from PFX data'],
];

// What the library says of a file.
function badPfx(error) {
  const [, code, words] = WORDS_OF_PFX.find(([pattern]) => pattern.test(error.message)) ?? [];
  return words === undefined ? Object.assign(error, { code: BAD_PFX }) : made(Error, code, words, { cause: error });
}

// The library stops at files that ask for endless work, which node:tls would do: it is asked only about wrong passwords, of which a digest tells.
function identitiesIn({ pfx, passphrase }) {
  try {
    return pfxOf({ pfx: pfx === false ? undefined : pfx, passphrase });
  } catch (error) {
    throw error instanceof SSLError && error.reason !== 'MAC_VERIFY_FAILURE' ? badPfx(error) : error;
  }
}

function versionsOf(options) {
  const { secureProtocol } = options;
  if (isGiven(secureProtocol)) {
    if (isGiven(options.minVersion) || isGiven(options.maxVersion))
      throw made(TypeError, 'ERR_TLS_PROTOCOL_VERSION_CONFLICT', `TLS protocol version conflicts with secureProtocol ${secureProtocol}`);
    const [, name] = /^(\w+?)(?:_(?:client|server))?_method$/.exec(secureProtocol) ?? [];
    if (!Object.hasOwn(METHODS, name ?? '')) throw made(TypeError, 'ERR_TLS_INVALID_PROTOCOL_METHOD', `Unknown method: ${secureProtocol}`);
    return [METHODS[name][0] ?? liveTls.DEFAULT_MIN_VERSION, METHODS[name][1]].map((version) => VERSIONS[version]);
  }
  const versions = [options.minVersion ?? liveTls.DEFAULT_MIN_VERSION, options.maxVersion ?? liveTls.DEFAULT_MAX_VERSION];
  for (const version of versions)
    if (!Object.hasOwn(VERSIONS, version)) throw made(TypeError, 'ERR_TLS_INVALID_PROTOCOL_VERSION', `${version} is not a valid TLS protocol version`);
  return versions.map((version) => VERSIONS[version]);
}

// Those of the option, or those that a program has chosen for all of its contexts, or undefined for the system's. What is given never means the
// system's: an empty text, false and 0 are nobody, and other data without a certificate is refused later.
function casOf(ca) {
  if (!isGiven(ca)) return chosenCas();
  return ca ? listOf(ca).map((each) => data(each, 'ca')) : [];
}

// A copy of the keys of tickets, which are as long in node:tls.
function ticketKeysOf(value) {
  if (!ArrayBuffer.isView(value)) throw invalid('options.ticketKeys', 'an instance of Buffer, TypedArray, or DataView', value);
  if (value.byteLength === TICKET_KEYS) return data(value, 'ticketKeys');
  throw made(TypeError, 'ERR_INVALID_ARG_VALUE', `The property 'options.ticketKeys' must be exactly ${TICKET_KEYS} bytes. Received ${value.byteLength}`);
}

// A certificate without a key, and a key without a certificate, are used for nothing; but they have to be what they are called.
function checkHalf(certs, keys) {
  if (certs.length > 0 && keys.length === 0) nodeTls.createSecureContext({ cert: certs });
  if (keys.length > 0 && certs.length === 0) nodeTls.createSecureContext({ key: keys });
}

// As CAs: an empty text would be no list, and no revocation.
const crlOf = (value) => (value === false ? [] : listOf(value).map((each) => data(each, 'crl')));

function dhparamOf(value, certs) {
  if (value === 'auto') return paramsFor(certs.flatMap(parsed));
  return isGiven(value) ? data(value, 'dhparam') : undefined;
}

// The settings of secure.js, each option read once.
function settingsOf(options) {
  const given = { __proto__: null };
  for (const name of [...OBEYED, ...REFUSED]) given[name] = check.has(options, name) ? options[name] : undefined;
  refuse(given);
  const cas = casOf(given.ca);
  const crl = crlOf(given.crl), pfx = identitiesIn(given), keys = keysOf({ ...given, key: keyData(given.key) });
  const certs = dataOf(given.cert, 'cert');
  checkHalf(certs, keys);
  const allCerts = [...certs, ...pfx.map((identity) => String(identity.certificates()[0]))];
  return {
    ...given,
    versions: versionsOf(given),
    ciphers: given.ciphers || liveTls.DEFAULT_CIPHERS,
    ecdhCurve: given.ecdhCurve ?? liveTls.DEFAULT_ECDH_CURVE,
    dhparam: dhparamOf(given.dhparam, allCerts),
    ticketKeys: isGiven(given.ticketKeys) ? ticketKeysOf(given.ticketKeys) : undefined,
    hasCas: cas !== undefined,
    // As in node:tls, a PKCS #12 file is trusted.
    ca: [...(cas ?? []), ...pfx.flatMap((identity) => identity.certificates().slice(1).map(String))],
    crl: crl.length > 0 ? crl : undefined,
    certs: allCerts,
    identities: [
      ...(keys.length > 0 ? certs.map((cert) => ({ cert, keys })) : []),
      ...pfx.map((identity) => ({ identity })),
    ],
  };
}

const certificatesIn = (data) =>
  (typeof data === 'string' ? data : data.toString('latin1')).match(/-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^]*?-----END \1-----/g) ?? [data];

// There may be a key in it too.
const certificateOf = (data) => new crypto.X509Certificate(ownBytes(data));

// None where node:crypto cannot read what the library could.
function parsed(data) {
  try {
    return [certificateOf(data)];
  } catch {
    return [];
  }
}

// What contexts are kept by. Not by JSON: a toJSON on a prototype would make all of them one.
function keyOf(flags, { protocols, pskIdentityHint }) {
  const texts = [pskIdentityHint ?? '', ...(protocols ?? [])];
  return `${flags.map((flag) => (flag ? 1 : 0)).join('')}${protocols ? 1 : 0}${texts.map((each) => `${each.length}:${each}`).join('')}`;
}

// Stands for options: what a secure context that is made of others has of them.
class Derived {
  constructor(settings, tickets) {
    this.settings = settings;
    this.tickets = tickets;
  }
}

class SecureContext {
  #settings;
  #contexts = new Map();
  // Those with the pskCallback that was given last: a server gives the same to each of its connections.
  #keyed = { callback: null, contexts: new Map() };
  // Copies that have an OCSP response, the last one that was given, by what they are copies of.
  #stapled = { response: null, contexts: new WeakMap() };
  // What this is with the certificates of others, by those.
  #showing = new WeakMap();
  // servers: all that connections may have, also those that are not kept here any more; keys: null where each of them has its own.
  #tickets;
  #added = [];
  #issuer;

  constructor(options = {}) {
    const isDerived = options instanceof Derived;
    this.#settings = isDerived ? options.settings : settingsOf(options);
    this.#tickets = isDerived ? options.tickets : { servers: [], keys: this.#settings.ticketKeys ?? null };
    // As node:tls has it: what is asked for is `context`.
    this.context = this;
    // Wrong options throw now.
    this.contextFor({ isServer: false, verifies: true, checksName: false });
    this.contextFor({ isServer: true, verifies: false });
  }

  /** Trusts one more CA, in addition to those of the option ca or the default ones: undocumented in node:tls, but in use. */
  addCACert(ca) {
    const added = data(ca, 'ca');
    // Wrong data throws now.
    new SSLContext(numbers.PROTOCOL_TLS_CLIENT).loadVerifyLocations({ cadata: added });
    this.#added.push(added);
    this.#contexts.clear();
    this.#keyed.contexts.clear();
    this.#stapled.contexts = new WeakMap();
    this.#showing = new WeakMap();
  }

  /** Whether its options say whom to trust. */
  get namesCas() {
    return this.#settings.hasCas;
  }

  /**
   * This one with the certificates and keys of another, for connections that are given those. Whom it trusts and what it allows stay. Where the
   * other has none, as in node:tls, this is it. One that is made counts for all connections with the same two, so that sessions are resumed.
   */
  showing(other) {
    if (other === this || other.#settings.identities.length === 0) return this;
    const made = this.#showing.get(other) ?? this.#derive(other);
    this.#showing.set(other, made);
    return made;
  }

  #derive(other) {
    const { identities, certs } = other.#settings, ca = [...this.#settings.ca, ...this.#added];
    return new SecureContext(new Derived({ ...this.#settings, ca, identities, certs }, this.#tickets));
  }

  /** The keys of a server's session tickets, which other servers may share. */
  getTicketKeys() {
    if (this.#tickets.keys === null) this.setTicketKeys(crypto.randomBytes(TICKET_KEYS));
    return ownBytes(this.#tickets.keys);
  }

  /** Replaces them; tickets of before are not resumed any more. */
  setTicketKeys(keys) {
    const given = ticketKeysOf(keys);
    for (const context of this.#tickets.servers) context.deref()?.setTicketKeys([given]);
    this.#tickets.keys = given;
  }

  /** This side's first certificate, as an X509Certificate of node:crypto; undefined for none. */
  get certificate() {
    const [first] = this.#settings.certs;
    return first === undefined ? undefined : certificateOf(first);
  }

  /** The certificate of its issuer, if that is known here; otherwise undefined. */
  get issuer() {
    this.#issuer ??= { found: this.#findIssuer() };
    return this.#issuer.found;
  }

  #findIssuer() {
    const { certificate } = this, { certs, ca } = this.#settings;
    const isIssuer = (candidate) => certificate.checkIssued(candidate);
    const trusted = () => this.contextFor({ isServer: true, verifies: false }).getCaCerts(true);
    const given = [...certs.slice(0, 1).flatMap(certificatesIn).slice(1), ...ca.flatMap(certificatesIn)].flatMap(parsed);
    return certificate && (given.find(isIssuer) ?? trusted().flatMap(parsed).find(isIssuer));
  }

  /** wanted: isServer, asks (a server for certificates), verifies, checksName, protocols (ALPN), asksProtocol, keepsSessions, requestsOcsp, pskCallback, pskIdentityHint. */
  contextFor(wanted) {
    const about = { __proto__: null, ...wanted };
    const key = keyOf([about.isServer, about.asks, about.verifies, about.checksName, about.asksProtocol, about.keepsSessions, about.requestsOcsp], about);
    const contexts = about.pskCallback ? this.#contextsWith(about.pskCallback) : this.#contexts;
    if (!contexts.has(key)) contexts.set(key, this.#make(about));
    return contexts.get(key);
  }

  // A program may make a callback for each connection: of those no more than one is kept.
  #contextsWith(callback) {
    if (this.#keyed.callback !== callback) this.#keyed = { callback, contexts: new Map() };
    return this.#keyed.contexts;
  }

  #make({ isServer, asks, verifies, checksName = false, protocols, asksProtocol, keepsSessions, requestsOcsp, pskCallback, pskIdentityHint }) {
    const context = new SSLContext(isServer ? numbers.PROTOCOL_TLS_SERVER : numbers.PROTOCOL_TLS_CLIENT);
    context.checkHostname = false;
    context.verifyMode = verifies ? numbers.CERT_REQUIRED : numbers.CERT_NONE;
    context.checkHostname = checksName;
    const { hasCas, ca } = this.#settings;
    if (!hasCas) context.loadDefaultCerts(isServer ? numbers.PURPOSE_CLIENT_AUTH : numbers.PURPOSE_SERVER_AUTH);
    const all = [...ca, ...this.#added];
    const isPlain = !isServer || !protocols?.some((name) => NOT_ASCII.test(name));
    const own = { ca: all, named: asks ? all : [], protocols: protocols?.length > 0 && isPlain ? protocols : undefined };
    configure(context, { ...this.#settings, ...own }, isServer);
    if (isServer) this.#share(context);
    if (keepsSessions) context.setSessionCache(sessionCache);
    if (requestsOcsp) context.ocsp = numbers.OCSP_REQUEST;
    if (isServer) context.alpnStrict = true;
    if (!isPlain) context.alpnCallback = (connection, name, offered) => protocols.find((each) => offered.includes(each));
    if (asksProtocol) context.alpnCallback = (connection) => connection.chosenProtocol();
    if (pskCallback) setPsk(context, isServer, pskCallback, pskIdentityHint);
    return context;
  }

  // A server's context has the keys of tickets that there are now, and gets those that are set later.
  #share(context) {
    const { keys, servers } = this.#tickets;
    if (keys !== null) context.setTicketKeys([keys]);
    this.#tickets.servers = servers.filter((each) => each.deref() !== undefined).concat(new WeakRef(context));
  }

  /** A server's context with an OCSP response in addition, for the connections that send it; throws what is wrong with the response. */
  stapled(context, response) {
    const isKept = this.#stapled.response !== null && Buffer.compare(this.#stapled.response, response) === 0;
    const { contexts } = isKept ? this.#stapled : { contexts: new WeakMap() };
    if (!contexts.has(context)) contexts.set(context, this.#staple(context, response));
    this.#stapled = { response, contexts };
    return contexts.get(context);
  }

  #staple(context, response) {
    const copy = context.copy();
    copy.setOcspResponse(response);
    this.#share(copy);
    return copy;
  }
}

const ownText = (value) => (typeof value === 'string' && value !== '' ? ownBytes(value) : value);

/** Options to ask node:tls with, which copies the texts of PKCS #12 files, and their passwords, into the pool that small Buffers share. */
function forNode(options) {
  const { pfx, passphrase } = options;
  if (!pfx) return options;
  const one = (each) => (each ? { buf: ownText(each.buf || each), passphrase: ownText(each.passphrase || passphrase) } : each);
  const value = passphrase || Array.isArray(pfx) ? listOf(pfx).map(one) : ownText(pfx);
  return Object.create(options, { pfx: { value, enumerable: true } });
}

/** Throws what is wrong with options, as node:tls tells it where it refuses them too. ask: gives them to node:tls. */
function tellAsNode(error, ask) {
  if (error.code !== BAD_PFX && error.code !== UNSUPPORTED_PFX) ask();
  throw error;
}

function createSecureContext(options = {}) {
  if (options && typeof options !== 'object') throw invalid('options', 'of type object', options);
  try {
    return new SecureContext(options);
  } catch (error) {
    return tellAsNode(error, () => nodeTls.createSecureContext(forNode(options)));
  }
}

module.exports = { SecureContext, createSecureContext, forNode, tellAsNode };
