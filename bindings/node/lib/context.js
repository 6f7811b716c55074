'use strict';

const { MemoryBIO, bioHandle } = require('./bio.js');
const { Callbacks } = require('./callback.js');
const { Certificate } = require('./certificate.js');
const { countChanges } = require('./changes.js');
const check = require('./check.js');
const { numbers } = require('./constants.js');
const { addCallbackProperties } = require('./context-callbacks.js');
const { trustExtraCas } = require('./environment.js');
const { setClientCaNames, useIdentity } = require('./identity.js');
const { inside, register } = require('./inside.js');
const native = require('./native.js');
const { guardClass } = require('./nearest.js');
const { SSLObject } = require('./object.js');
const { withPassword } = require('./password.js');
const { restrain } = require('./protocols.js');
const { setTicketKeys, loadTicketKeys } = require('./tickets.js');
const { WRAP_OPTIONS, wrap } = require('./wrap.js');

const CA_OPTIONS = ['cafile', 'capath', 'cadata'];
// The methods that set nothing.
const ASKING = ['copy', 'certStoreStats', 'getCaCerts', 'getCiphers', 'getGroups', 'sessionStats', 'wrapBio'];

// A handle that createDefaultContext made.
class Made {
  handle;

  constructor(handle) {
    this.handle = handle;
  }
}

function locations(options, what) {
  const { cafile, capath, cadata } = check.options(options, what, CA_OPTIONS);
  return [check.optionalString(cafile, 'cafile'), check.optionalString(capath, 'capath'), check.optionalBytes(cadata, 'cadata')];
}

/** Settings that many connections share: certificates, trust, versions, ciphers. Python: SSLContext */
class SSLContext {
  #handle;
  #callbacks;

  /** protocol: one of PROTOCOL_*. A client context requires and checks certificates and host names. */
  constructor(protocol = numbers.PROTOCOL_TLS) {
    this.#handle = protocol instanceof Made ? protocol.handle : native.contextNew(check.integer(protocol, 'protocol'));
    this.#callbacks = new Callbacks(this, this.#handle);
    register(this, { handle: this.#handle, callbacks: this.#callbacks, alpn: [], alpnStrict: false, signers: [], changes: 0 });
  }

  /** A context with the same settings, and a life of its own. Ticket keys, sessions and the key log are not copied. */
  copy() {
    const copy = new SSLContext(new Made(native.contextCopy(this.#handle))), { alpn, alpnStrict, signers } = inside(this);
    Object.assign(inside(copy), { alpn, signers });
    copy.#callbacks.adopt(this.#callbacks);
    if (alpnStrict) copy.alpnStrict = true;
    return copy;
  }

  #fact(name) {
    return native.contextFacts(this.#handle)[name];
  }

  get protocol() {
    return this.#fact('protocol');
  }

  get securityLevel() {
    return this.#fact('securityLevel');
  }

  /** TLS 1.3 authentication of the client after the handshake. */
  get postHandshakeAuth() {
    return this.#fact('postHandshakeAuth');
  }

  set postHandshakeAuth(on) {
    native.setPostHandshakeAuth(this.#handle, check.boolean(on, 'postHandshakeAuth'));
  }

  /** OP_* bits, a BigInt: `context.options |= OP_NO_TICKET`. */
  get options() {
    return this.#fact('options');
  }

  set options(options) {
    native.setOptions(this.#handle, check.word(options, 'options'));
  }

  /** One of TLSVersion. */
  get minimumVersion() {
    return this.#fact('minimumVersion');
  }

  set minimumVersion(version) {
    native.setMinimumVersion(this.#handle, check.integer(version, 'minimumVersion'));
  }

  get maximumVersion() {
    return this.#fact('maximumVersion');
  }

  set maximumVersion(version) {
    native.setMaximumVersion(this.#handle, check.integer(version, 'maximumVersion'));
  }

  /** How many TLS 1.3 tickets a server sends. */
  get numTickets() {
    return this.#fact('numTickets');
  }

  set numTickets(count) {
    native.setNumTickets(this.#handle, check.integer(count, 'numTickets'));
  }

  /** CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED. */
  get verifyMode() {
    return this.#fact('verifyMode');
  }

  set verifyMode(mode) {
    native.setVerifyMode(this.#handle, check.integer(mode, 'verifyMode'));
  }

  get checkHostname() {
    return this.#fact('checkHostname');
  }

  set checkHostname(on) {
    native.setCheckHostname(this.#handle, check.boolean(on, 'checkHostname'));
  }

  get hostnameChecksCommonName() {
    return this.#fact('hostnameChecksCommonName');
  }

  set hostnameChecksCommonName(on) {
    native.setHostnameChecksCommonName(this.#handle, check.boolean(on, 'hostnameChecksCommonName'));
  }

  /** VERIFY_* bits. */
  get verifyFlags() {
    return this.#fact('verifyFlags');
  }

  set verifyFlags(flags) {
    const word = check.word(flags, 'verifyFlags');
    if (word > Number.MAX_SAFE_INTEGER) throw check.outside('verifyFlags', 'of 53 bits', flags);
    native.setVerifyFlags(this.#handle, Number(word));
  }

  /** An OpenSSL cipher list, for TLS 1.2 and below. */
  setCiphers(ciphers) {
    native.setCiphers(this.#handle, check.string(ciphers, 'ciphers'));
  }

  setAlpnProtocols(protocols) {
    const given = check.list(protocols, 'protocols', check.string);
    native.setAlpnProtocols(this.#handle, given);
    inside(this).alpn = given;
    restrain(this);
  }

  /** Whether a client that offers none of a server's protocols is refused (RFC 7301, 3.2). */
  get alpnStrict() {
    return inside(this).alpnStrict;
  }

  set alpnStrict(strict) {
    native.setAlpnStrict(this.#handle, check.boolean(strict, 'alpnStrict'));
    inside(this).alpnStrict = strict;
    restrain(this);
  }

  setNpnProtocols(protocols) {
    native.setNpnProtocols(this.#handle, check.list(protocols, 'protocols', check.string));
  }

  /** Loads this side's chain and key from PEM files. password: a string, bytes or a function that gives them. */
  loadCertChain(certfile, keyfile, password) {
    const cert = check.string(certfile, 'certfile'), key = check.optionalString(keyfile, 'keyfile');
    withPassword(password, (secret) => native.loadCertChain(this.#handle, cert, key, secret));
  }

  /** Loads chain and key from memory, PEM or DER. */
  loadCertChainData(cert, key, password) {
    const chain = check.secret(cert, 'cert'), own = check.optionalSecret(key, 'key');
    withPassword(password, (secret) => native.loadCertChainData(this.#handle, chain, own, secret));
  }

  /** Uses an Identity for connections made from now on, in place of the one of the same key type. */
  useIdentity(identity) {
    const own = inside(this);
    own.signers = useIdentity(this.#handle, identity, own.signers);
  }

  /** The authorities that a server names when it asks for certificates: their certificates, PEM or DER; null for none. */
  setClientCaNames(certificates) {
    setClientCaNames(this.#handle, certificates);
  }

  /** Trusts more CAs: `{ cafile, capath, cadata }`. */
  loadVerifyLocations(options) {
    native.loadVerifyLocations(this.#handle, ...locations(options, 'loadVerifyLocations'));
  }

  /** Adds revocation lists. They are used once verifyFlags has a CRL_CHECK bit. */
  loadCrlData(crl) {
    native.loadCrlData(this.#handle, check.bytes(crl, 'crl'));
  }

  /** Replaces all revocation lists, from files or memory, by these; no bytes leave none. */
  setCrlData(crl) {
    native.setCrlData(this.#handle, check.presentBytes(crl, 'crl'));
  }

  /** The keys of session tickets, 48 or 80 bytes each: the first encrypts, all decrypt. None: one of its own. */
  setTicketKeys(keys) {
    setTicketKeys(this.#handle, keys);
  }

  /** The same from files of nginx (TICKET_KEYS_NGINX) or HAProxy (TICKET_KEYS_HAPROXY), which are read now, once. */
  loadTicketKeys(format, files) {
    loadTicketKeys(this.#handle, format, files);
  }

  /** How many certificates may stand between a peer's own and its trust anchor; -1 for OpenSSL's own limit. */
  get verifyDepth() {
    return this.#fact('verifyDepth');
  }

  set verifyDepth(depth) {
    native.setVerifyDepth(this.#handle, check.integer(depth, 'verifyDepth'));
  }

  /** How many bytes a peer's chain may have. */
  get maxCertList() {
    return this.#fact('maxCertList');
  }

  set maxCertList(bytes) {
    native.setMaxCertList(this.#handle, check.integer(bytes, 'maxCertList'));
  }

  /** OCSP_IGNORE, OCSP_REQUEST or OCSP_REQUIRE: what a client demands of OCSP responses. */
  get ocsp() {
    return native.ocsp(this.#handle);
  }

  set ocsp(mode) {
    native.setOcsp(this.#handle, check.integer(mode, 'ocsp'));
  }

  /** Whether clients ask for certificate timestamps (RFC 6962). */
  get sctsRequested() {
    return native.sctsRequested(this.#handle);
  }

  set sctsRequested(requested) {
    native.setSctsRequested(this.#handle, check.boolean(requested, 'sctsRequested'));
  }

  /** The OCSP response that a server sends with the certificate that it is for; no bytes remove all. */
  setOcspResponse(response) {
    native.setOcspResponse(this.#handle, check.presentBytes(response, 'response'));
  }

  /** Client: the ECHConfigList of the server for which ClientHellos are encrypted (RFC 9849); null ends that. */
  setEchConfigs(configs) {
    native.setEchConfigs(this.#handle, check.optionalBytes(configs, 'configs'));
  }

  /** Client: whether something that looks like an encrypted ClientHello is sent without configurations. */
  get echGrease() {
    return native.echGrease(this.#handle);
  }

  set echGrease(enabled) {
    native.setEchGrease(this.#handle, check.boolean(enabled, 'echGrease'));
  }

  /** Server: the keys that decrypt ClientHellos, in PEM, and those of before, which clients are not told. null: none any more. */
  loadEchKeys(keys, former) {
    native.loadEchKeys(this.#handle, check.optionalSecret(keys, 'keys'), check.optionalSecret(former, 'former'));
  }

  /** Keys of which a peer's chain must have one, as curl writes them: "sha256//" and base64. None: any key. */
  setPins(pins) {
    native.setPins(this.#handle, check.list(pins, 'pins', check.string));
  }

  /**
   * Whether connections keep the peer's chain once it was verified, and do not verify the signatures
   * of the same certificates again while trust, name, flags and security level are the same. Dates are checked each
   * time, and only successes are kept. Off by default; turning it off clears the cache.
   */
  get chainCache() {
    return this.#fact('chainCache');
  }

  set chainCache(enabled) {
    native.setChainCache(this.#handle, check.boolean(enabled, 'chainCache'));
  }

  /** How many chains did not have to be verified again since the context was made. */
  get chainCacheHits() {
    return this.#fact('chainCacheHits');
  }

  /** Trusts the system's CAs for a purpose, and those of NODE_EXTRA_CA_CERTS. */
  loadDefaultCerts(purpose = numbers.PURPOSE_SERVER_AUTH) {
    native.loadDefaultCerts(this.#handle, check.integer(purpose, 'purpose'));
    trustExtraCas(this.#handle);
  }

  setDefaultVerifyPaths() {
    native.setDefaultVerifyPaths(this.#handle);
    trustExtraCas(this.#handle);
  }

  /** `{ x509, crl, x509Ca }` */
  certStoreStats() {
    return native.certStoreStats(this.#handle);
  }

  /** The CA certificates in the trust store: Python's dicts, or DER bytes. */
  getCaCerts(binaryForm = false) {
    const found = native.getCaCerts(this.#handle);
    return check.boolean(binaryForm, 'binaryForm') ? found : found.map((der) => new Certificate(der).toJSON());
  }

  /** The ciphers that would be offered, as Python's dicts in camel case. */
  getCiphers() {
    return native.getCiphers(this.#handle);
  }

  /** The ciphers of TLS 1.3 by name, separated by colons; "" for none. Python 3.15: set_ciphersuites */
  setCiphersuites(ciphersuites) {
    native.setCiphersuites(this.#handle, check.string(ciphersuites, 'ciphersuites'));
  }

  /** The groups for key exchange, the preferred one first, separated by colons. Python 3.15: set_groups */
  setGroups(groups) {
    native.setGroups(this.#handle, check.string(groups, 'groups'));
  }

  /** The groups that setGroups takes for the context's versions; with includeAliases all names of each. Python 3.15: get_groups */
  getGroups(options) {
    const { includeAliases = false } = check.options(options, 'getGroups', ['includeAliases']);
    return native.getGroups(this.#handle, check.boolean(includeAliases, 'includeAliases')).split(':');
  }

  /** By which algorithms servers may sign, separated by colons: a client offers these. Python 3.15: set_server_sigalgs */
  setServerSigalgs(sigalgs) {
    native.setServerSigalgs(this.#handle, check.string(sigalgs, 'sigalgs'));
  }

  /** By which algorithms clients may sign, separated by colons: a server asks for these. Python 3.15: set_client_sigalgs */
  setClientSigalgs(sigalgs) {
    native.setClientSigalgs(this.#handle, check.string(sigalgs, 'sigalgs'));
  }

  setEcdhCurve(curveName) {
    native.setEcdhCurve(this.#handle, check.string(curveName, 'curveName'));
  }

  loadDhParams(dhfile) {
    native.loadDhParams(this.#handle, check.string(dhfile, 'dhfile'));
  }

  /** Counters: `{ number, connect, ..., cacheFull }`. */
  sessionStats() {
    return native.sessionStats(this.#handle);
  }

  /** The file that secrets are appended to, for debugging; null for none. */
  get keylogFilename() {
    return native.keylogFilename(this.#handle);
  }

  set keylogFilename(filename) {
    native.setKeylogFilename(this.#handle, check.optionalString(filename, 'keylogFilename'));
  }

  /** Makes a connection in memory, between two MemoryBIOs. */
  wrapBio(incoming, outgoing, options) {
    check.instance(incoming, MemoryBIO, 'incoming');
    check.instance(outgoing, MemoryBIO, 'outgoing');
    return new SSLObject(wrap(this, bioHandle(incoming), bioHandle(outgoing), check.options(options, 'wrapBio', WRAP_OPTIONS)));
  }
}

addCallbackProperties(SSLContext);
countChanges(SSLContext, ASKING);
// `context.verify_mode = CERT_REQUIRED` would leave a server open.
guardClass(SSLContext);

/** A context with the safe settings of the day. Python: create_default_context(purpose, cafile, capath, cadata) */
function createDefaultContext(purpose = numbers.PURPOSE_SERVER_AUTH, options = {}) {
  const places = locations(options, 'createDefaultContext');
  const handle = native.createDefaultContext(check.integer(purpose, 'purpose'), ...places);
  // The system's CAs are trusted by clients that name no others.
  if (purpose === numbers.PURPOSE_SERVER_AUTH && places.every((place) => place === null)) trustExtraCas(handle);
  return new SSLContext(new Made(handle));
}

module.exports = { SSLContext, createDefaultContext };
