'use strict';

// The folders of prebuilt addons: one for each system, processor and C library. With Node-API one addon works in all versions of Node.

const fs = require('node:fs');

const name = `${process.platform}-${process.arch}`;
const musl = `${name}-musl`;

/** The folder for the C library of this process. The call is slow. */
function current() {
  // A report has the version of glibc, and nothing with musl.
  return process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined ? musl : name;
}

// A guess: what is loaded may have that word in another place of its path.
function seemsMusl() {
  try {
    return fs.readFileSync('/proc/self/maps', 'latin1').includes('musl');
  } catch {
    return false;
  }
}

/**
 * The folders to try. The right one comes first: musl takes its own functions for those of an addon for glibc, and with a package such as
 * gcompat it loads one.
 */
const candidates = () => (seemsMusl() ? [musl, name] : [name, musl]);

module.exports = { candidates, current };
