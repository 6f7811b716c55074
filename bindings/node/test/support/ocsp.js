'use strict';

// OCSP responses for the certificates of the tests.

const { X509Certificate } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { file } = require('./certs.js');
const { openssl } = require('./openssl.js');

/** The openssl program's response for a certificate of the tests. */
function staple(t, name, revoked = '') {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tlsock-ocsp-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const serial = new X509Certificate(fs.readFileSync(file(`${name}.pem`))).serialNumber;
  const [index, out] = [path.join(folder, 'index'), path.join(folder, 'response')];
  fs.writeFileSync(index, `${revoked ? 'R' : 'V'}\t491231235959Z\t${revoked}\t${serial}\tunknown\t/CN=localhost\n`);
  openssl([
    'ocsp', '-index', index, '-CA', file('inter.pem'), '-rsigner', file('inter.pem'), '-rkey', file('inter.key'), '-ndays', '1',
    '-issuer', file('inter.pem'), '-cert', file(`${name}.pem`), '-respout', out, '-no_nonce', '-noverify',
  ]);
  return fs.readFileSync(out);
}

module.exports = { staple };
