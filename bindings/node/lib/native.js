'use strict';

// Loads the addon. Node exports the functions of its own OpenSSL; with RTLD_DEEPBIND ours, and the system's libssl,
// look among their own dependencies first and the two never meet.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');
const places = [
  path.join(root, 'build', 'tlsock.node'),
  path.join(root, 'prebuilds', `${process.platform}-${process.arch}`, 'tlsock.node'),
];

function load() {
  const found = places.find((place) => fs.existsSync(place));
  if (!found) throw new Error('tlsock: the addon is not built; run "npm rebuild tlsock"');
  const { RTLD_NOW = 2, RTLD_DEEPBIND = 0 } = os.constants.dlopen;
  const module = { exports: {} };
  process.dlopen(module, found, RTLD_NOW | RTLD_DEEPBIND);
  return module.exports;
}

module.exports = load();
