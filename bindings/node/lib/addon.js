'use strict';

// Loads the addon. Node exports the functions of its own OpenSSL; with RTLD_DEEPBIND ours, and the system's libssl,
// look among their own dependencies first and the two never meet.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { candidates } = require('./platform.js');

const root = path.join(__dirname, '..');
const places = [path.join(root, 'build'), ...candidates().map((name) => path.join(root, 'prebuilds', name))].map((folder) => path.join(folder, 'tlsock.node'));

function open(file) {
  const { RTLD_NOW = 2, RTLD_DEEPBIND = 0 } = os.constants.dlopen;
  const module = { exports: {} };
  process.dlopen(module, file, RTLD_NOW | RTLD_DEEPBIND);
  return module.exports;
}

// One that was prebuilt for another C library does not load.
function load() {
  let failure = new Error('tlsock: the addon is not built; run "npm rebuild tlsock"');
  for (const file of places.filter((place) => fs.existsSync(place))) {
    try {
      return open(file);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

module.exports = load();
