'use strict';

// The standard names of ciphers for which OpenSSL has its own: ECDHE-RSA-AES128-SHA is TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA. RFC 5246, RFC 5289

const EXCHANGE = /^(?:(ECDHE|DHE|ECDH|DH|ADH|AECDH|PSK|RSA|SRP)(?:-(RSA|ECDSA|DSS|PSK))?-)?((?:AES|CAMELLIA|ARIA)\d+|ARIA\d+|CHACHA20|NULL|DES|RC4)(?:-(.+))?$/;
const ANONYMOUS = { ADH: 'DH_anon', AECDH: 'ECDH_anon' };

function exchangeOf(key, auth) {
  if (key === undefined) return 'RSA';
  if (key === 'ECDHE' && auth === undefined) return 'ECDHE_RSA';
  return ANONYMOUS[key] ?? [key, auth].filter(Boolean).join('_');
}

function cipherOf(cipher, rest = '') {
  if (cipher === 'CHACHA20') return `CHACHA20_${rest}_SHA256`;
  if (cipher === 'NULL') return `NULL_${rest}`;
  const sized = cipher.replace(/(?=\d)/, '_');
  if (/^(GCM|CCM)/.test(rest)) return `${sized}_${rest.replace('CCM8', 'CCM_8').replace(/-/g, '_')}`;
  return `${sized}_CBC_${rest.replace(/^CBC-/, '')}`;
}

/** A name that no pattern matches stays as it is. */
function standardName(name) {
  if (/^TLS_/.test(name)) return name;
  const found = EXCHANGE.exec(name);
  return found === null ? name : `TLS_${exchangeOf(found[1], found[2])}_WITH_${cipherOf(found[3], found[4])}`;
}

module.exports = { standardName };
