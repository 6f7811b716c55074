'use strict';

// The folders of prebuilt addons: one for each system, processor and C library. With Node-API one addon works in all versions of Node.

const name = `${process.platform}-${process.arch}`;
const musl = `${name}-musl`;

/** The folder for the C library of this process. The call is slow. */
function current() {
  // A report has the version of glibc, and nothing with musl.
  return process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined ? musl : name;
}

module.exports = { candidates: [name, musl], current };
