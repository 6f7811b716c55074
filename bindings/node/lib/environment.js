'use strict';

// What the process's environment asks for. It counts as in Node: not in a program with raised privileges.

const native = require('./native.js');

// As it was at the start: Node too looks only then.
const EXTRA_CAS = process.env.NODE_EXTRA_CA_CERTS;

let isTold = false;

function tell(error) {
  if (isTold) return;
  isTold = true;
  process.emitWarning(`NODE_EXTRA_CA_CERTS: the CAs of ${EXTRA_CAS} are not trusted: ${error.message}`);
}

/** Trusts the file of NODE_EXTRA_CA_CERTS, where the system's CAs are trusted. One that cannot be read is told once. */
function trustExtraCas(handle) {
  if (!EXTRA_CAS || !native.environmentTrusted()) return;
  try {
    native.loadVerifyLocations(handle, EXTRA_CAS, null, null);
  } catch (error) {
    tell(error);
  }
}

module.exports = { trustExtraCas };
