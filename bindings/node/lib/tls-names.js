'use strict';

// Lists of node:tls: ciphers and trusted CAs.

const { trustExtraCas } = require('./environment.js');
const { derCertToPemCert } = require('./module.js');
const { createDefaultContext, SSLContext } = require('./context.js');
const { numbers } = require('./constants.js');
const { contextHandle } = require('./inside.js');
const nodeTls = require('./node-tls.js');
const { invalid, made } = require('./tls-error.js');

let names, roots, chosen;

/** The names of all ciphers, in lower case. */
function cipherNames() {
  if (names === undefined) {
    const context = new SSLContext(numbers.PROTOCOL_TLS_CLIENT);
    context.setCiphers('ALL:COMPLEMENTOFDEFAULT');
    names = context.getCiphers().map(({ name }) => name.toLowerCase()).sort();
  }
  return [...names];
}

const pemsOf = (context) => Object.freeze([...new Set(context.getCaCerts(true).map(derCertToPemCert))]);

/** The system's CAs and those of NODE_EXTRA_CA_CERTS, as PEM. */
function trusted() {
  roots ??= pemsOf(createDefaultContext());
  return roots;
}

function extraCas() {
  const context = new SSLContext(numbers.PROTOCOL_TLS_CLIENT);
  trustExtraCas(contextHandle(context));
  return pemsOf(context);
}

/** Whom contexts without `ca` trust from now on, as a program has said; undefined where it has said nothing. */
const chosenCas = () => chosen;

/** As in node:tls, where Node 24 has it. */
function setDefaultCACertificates(certs) {
  if (!Array.isArray(certs)) throw invalid('certs', 'an instance of Array', certs);
  certs.forEach((each, index) => {
    if (typeof each !== 'string' && !ArrayBuffer.isView(each)) throw invalid(`certs[${index}]`, 'of type string or an instance of ArrayBufferView', each);
  });
  const context = new SSLContext(numbers.PROTOCOL_TLS_CLIENT);
  for (const cadata of certs) context.loadVerifyLocations({ cadata });
  chosen = pemsOf(context);
}

const CAS = { default: () => chosen ?? trusted(), system: trusted, bundled: () => nodeTls.rootCertificates, extra: extraCas };

/** As in node:tls. Unless a program chooses, the default is the system's. */
function getCACertificates(type = 'default') {
  if (typeof type !== 'string') throw invalid('type', 'of type string', type);
  if (!Object.hasOwn(CAS, type)) throw made(TypeError, 'ERR_INVALID_ARG_VALUE', `The argument 'type' is invalid. Received '${type}'`);
  return CAS[type]();
}

/** Certificates are not compressed. */
const getCertificateCompressionAlgorithms = () => [];

module.exports = { chosenCas, cipherNames, getCACertificates, getCertificateCompressionAlgorithms, setDefaultCACertificates, trusted };
