'use strict';

// The names that node:tls has for OpenSSL's X509_V_ERR_* numbers.

const NAMES = {
  2: 'UNABLE_TO_GET_ISSUER_CERT', 3: 'UNABLE_TO_GET_CRL', 4: 'UNABLE_TO_DECRYPT_CERT_SIGNATURE', 5: 'UNABLE_TO_DECRYPT_CRL_SIGNATURE',
  6: 'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 7: 'CERT_SIGNATURE_FAILURE', 8: 'CRL_SIGNATURE_FAILURE', 9: 'CERT_NOT_YET_VALID', 10: 'CERT_HAS_EXPIRED',
  11: 'CRL_NOT_YET_VALID', 12: 'CRL_HAS_EXPIRED', 13: 'ERROR_IN_CERT_NOT_BEFORE_FIELD', 14: 'ERROR_IN_CERT_NOT_AFTER_FIELD',
  15: 'ERROR_IN_CRL_LAST_UPDATE_FIELD', 16: 'ERROR_IN_CRL_NEXT_UPDATE_FIELD', 17: 'OUT_OF_MEM', 18: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  19: 'SELF_SIGNED_CERT_IN_CHAIN', 20: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 21: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 22: 'CERT_CHAIN_TOO_LONG',
  23: 'CERT_REVOKED', 24: 'INVALID_CA', 25: 'PATH_LENGTH_EXCEEDED', 26: 'INVALID_PURPOSE', 27: 'CERT_UNTRUSTED', 28: 'CERT_REJECTED',
  62: 'HOSTNAME_MISMATCH', 63: 'EMAIL_MISMATCH', 64: 'IP_ADDRESS_MISMATCH',
};
const NO_ISSUER = 20, LEAF_ALONE = 21;

/** isAlone: whether the peer sent only its own certificate. The verification ends at the first error; node:tls reports the last one. */
function outcomeName(code, isAlone) {
  return NAMES[code === NO_ISSUER && isAlone ? LEAF_ALONE : code] ?? 'UNSPECIFIED';
}

const TEXTS = { [LEAF_ALONE]: 'unable to verify the first certificate' };

/** The text of node:tls, which is OpenSSL's. */
const outcomeText = (code, isAlone, text) => (code === NO_ISSUER && isAlone ? TEXTS[LEAF_ALONE] : text);

module.exports = { outcomeName, outcomeText };
