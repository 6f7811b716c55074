'use strict';

// What every program that is measured is told: WORKLOAD [--name value ...].

const fs = require('node:fs');
const path = require('node:path');

const HOST = 'bench.example';
const DEFAULTS = { certs: 'certs', ver: '13', key: 'ec', resume: '0', cipher: '', size: '16384', time: '1', warm: '0.15', conns: '2000' };

function parse(words) {
  const given = { ...DEFAULTS };
  for (let i = 1; i < words.length; i += 2) given[words[i].slice(2)] = words[i + 1];
  return {
    ...given,
    words,
    work: words[0],
    tls12: given.ver === '12',
    size: Number(given.size),
    conns: Number(given.conns),
    resume: given.resume === '1',
    // In seconds.
    time: Number(given.time),
    warm: Number(given.warm),
    path: (name) => path.join(given.certs, `${given.key}.${name}.pem`),
    read: (name) => fs.readFileSync(path.join(given.certs, `${given.key}.${name}.pem`)),
  };
}

module.exports = { HOST, parse };
