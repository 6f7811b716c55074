'use strict';

const check = require('./check.js');
const { throwing } = require('./current.js');
const native = require('./native.js');

/** Python: txt2obj(txt, name) */
const txt2obj = (txt, name = false) => native.txt2obj(check.string(txt, 'txt'), check.boolean(name, 'name'));

const nid2obj = (nid) => native.nid2obj(check.integer(nid, 'nid'));

const getProtocolName = (protocol) => native.getProtocolName(check.integer(protocol, 'protocol'));

const getDefaultVerifyPaths = () => native.getDefaultVerifyPaths();

const derCertToPemCert = (der) => native.derCertToPemCert(check.bytes(der, 'der'));

const pemCertToDerCert = (pem) => native.pemCertToDerCert(check.string(pem, 'pem'));

/** Random bytes that are good enough for keys. */
function randBytes(size) {
  const buffer = Buffer.alloc(check.integer(size, 'size', 0));
  native.randBytes(buffer);
  return buffer;
}

const randStatus = () => native.randStatus();

function randAdd(data, entropy) {
  if (typeof entropy !== 'number') throw check.wrong('entropy', 'a number', entropy);
  native.randAdd(check.bytes(data, 'data'), entropy);
}

/** A certificate's time, such as "Jan  5 09:34:43 2018 GMT", as seconds since 1970. */
const certTimeToSeconds = (time) => native.certTimeToSeconds(check.string(time, 'time'));

/** The certificates of a Windows store: `[{ data, encoding, trust }]`. */
const enumCertificates = (storeName) => native.enumCertificates(check.string(storeName, 'storeName'));

const enumCrls = (storeName) => native.enumCrls(check.string(storeName, 'storeName'));

/** The signature algorithms that setServerSigalgs and setClientSigalgs take. Python 3.15: get_sigalgs */
const getSigalgs = () => native.getSigalgs().split(':');

/** A key for `loadEchKeys`, in PEM, and the ECHConfigList for clients: `{ keys, configs }`. */
const generateEchKeys = (publicName, maxNameLength = 0) =>
  native.generateEchKeys(check.string(publicName, 'publicName'), check.integer(maxNameLength, 'maxNameLength'));

/** How many handles of the C library are not freed yet, in the whole process: for tests that look for leaks. */
const handleCount = () => native.handleCount();

// Each warning is emitted once, as Python emits it once for each place.
const told = new Set();

function warn(category, message) {
  const warning = `${category}: ${message}`;
  if (told.has(warning)) return;
  told.add(warning);
  process.emitWarning(message, { type: category, code: 'TLSOCK' });
}

// The addon refers to it weakly.
let warned = null;

/**
 * `(category, message)`: receives Python's warnings, such as a DeprecationWarning, of this thread, in place of
 * `process.emitWarning`; null silences them. An exception makes the call fail with a ValueError, as Python's filter "error" does, and
 * is its cause.
 */
function setWarningCallback(callback) {
  warned = check.optionalCallable(callback, 'callback') === null ? null : throwing((category, message) => void callback(category, message));
  native.setWarningCallback(null, warned);
}

setWarningCallback(warn);

module.exports = {
  txt2obj, nid2obj, getProtocolName, getDefaultVerifyPaths, derCertToPemCert, pemCertToDerCert, randBytes, randStatus, randAdd,
  certTimeToSeconds, enumCertificates, enumCrls, handleCount, getSigalgs, generateEchKeys, setWarningCallback,
  VERSION: native.libraryVersion(),
  BACKEND: native.backend(),
  OPENSSL_VERSION: native.opensslVersion(),
  OPENSSL_VERSION_INFO: Object.freeze(native.opensslVersionInfo()),
  OPENSSL_VERSION_NUMBER: native.opensslVersionNumber(),
  CHANNEL_BINDING_TYPES: Object.freeze(native.channelBindingTypes()),
};
