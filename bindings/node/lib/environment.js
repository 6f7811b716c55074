'use strict';

// Settings from the environment. As in Node, a program with raised privileges ignores them.

const native = require('./native.js');

// Read at the start, as in Node.
const EXTRA_CAS = process.env.NODE_EXTRA_CA_CERTS;

let isTold = false;

function tell(error) {
  if (isTold) return;
  isTold = true;
  process.emitWarning(`NODE_EXTRA_CA_CERTS: the CAs of ${EXTRA_CAS} are not trusted: ${error.message}`);
}

/** Trusts the file of NODE_EXTRA_CA_CERTS, where the system's CAs are trusted. A file that cannot be read gives one warning. */
function trustExtraCas(handle) {
  if (!EXTRA_CAS || !native.environmentTrusted()) return;
  try {
    native.loadVerifyLocations(handle, EXTRA_CAS, null, null);
  } catch (error) {
    tell(error);
  }
}

module.exports = { trustExtraCas };
