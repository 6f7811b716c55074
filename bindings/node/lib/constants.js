'use strict';

// Python's constants under Python's names. The numbers come from tlsock.h.

const addon = require('./addon.js');

const { constants: numbers } = addon;
const PYTHON = {
  SSLV2: 'SSLv2', SSLV3: 'SSLv3', SSLV23: 'SSLv23', TLSV1: 'TLSv1', TLSV1_1: 'TLSv1_1', TLSV1_2: 'TLSv1_2', TLSV1_3: 'TLSv1_3',
};
const spell = (name) => name.replace(/(?<=_|^)(SSLV\d+|TLSV1(_[123])?)$/, (word) => PYTHON[word]);

const pick = (prefix) => Object.entries(numbers).filter(([name]) => name.startsWith(prefix));
const flat = (prefix) => Object.fromEntries(pick(prefix).map(([name, value]) => [spell(name), value]));
const group = (prefix) =>
  Object.freeze(Object.fromEntries(pick(prefix).map(([name, value]) => [spell(name.slice(prefix.length)), value])));
const features = Object.fromEntries(pick('HAS_').map(([name, value]) => [spell(name), addon.has(value)]));

const exported = {
  ...flat('PROTOCOL_'), ...flat('CERT_'), ...flat('VERIFY_'), ...flat('OCSP_'), ...flat('TICKET_KEYS_'), ...flat('OP_'), ...flat('SSL_ERROR_'), ...flat('ALERT_DESCRIPTION_'),
  ...features,
  Purpose: group('PURPOSE_'),
  VerifyMode: Object.freeze(flat('CERT_')),
  VerifyFlags: Object.freeze(flat('VERIFY_')),
  Options: Object.freeze(flat('OP_')),
  TLSVersion: group('TLS_VERSION_'),
  AlertDescription: group('ALERT_DESCRIPTION_'),
  SSLErrorNumber: group('SSL_ERROR_'),
};

const status = group('STATUS_');

module.exports = { exported, numbers, status };
