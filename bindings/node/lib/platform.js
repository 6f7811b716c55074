'use strict';

// The folders of prebuilt addons: one for each system, processor and C library. Node-API makes it one for all of Node's versions.

const name = `${process.platform}-${process.arch}`;
const musl = `${name}-musl`;

/** The one for the C library that runs this. It takes a while. */
function current() {
  // A report names the version of glibc; musl has none.
  return process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined ? musl : name;
}

module.exports = { candidates: [name, musl], current };
