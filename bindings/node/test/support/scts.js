'use strict';

// Lists of certificate timestamps as they are sent, which have two bytes for the length of the whole and of each.

function split(list) {
  const scts = [];
  for (let at = 2; at < list.length; at += 2 + list.readUInt16BE(at)) scts.push(list.subarray(at + 2, at + 2 + list.readUInt16BE(at)));
  return scts;
}

function counted(bytes) {
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/** null for none. */
const join = (scts) => (scts.length === 0 ? null : counted(Buffer.concat(scts.map(counted))));

module.exports = { join, split };
