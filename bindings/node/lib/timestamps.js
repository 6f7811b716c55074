'use strict';

// Signed certificate timestamps: a SignedCertificateTimestampList (RFC 6962, section 3.3) has two bytes for the length of the whole
// and of each.

const check = require('./check.js');

const MOST = 0xffff;

function counted(bytes, name) {
  if (bytes.length > MOST) throw check.outside(name, `at most ${MOST} bytes long`, bytes.length);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The list of what a program gives; no bytes for none. */
function join(scts) {
  const list = check.list(scts, 'scts', check.presentBytes).map((sct, index) => counted(sct, `scts[${index}]`));
  return list.length === 0 ? Buffer.alloc(0) : counted(Buffer.concat(list), 'scts');
}

/** What a list has, whose lengths the library has checked, each in memory of its own; none for null. */
function split(list) {
  const scts = [];
  if (list === null) return scts;
  for (let at = 2; at < list.length; ) {
    const sct = Buffer.alloc(list.readUInt16BE(at));
    list.copy(sct, 0, at + 2);
    scts.push(sct);
    at += 2 + sct.length;
  }
  return scts;
}

module.exports = { join, split };
