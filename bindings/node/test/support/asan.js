'use strict';

// Preloaded by ../asan.sh: takes the addon that AddressSanitizer watches. The sanitizer refuses RTLD_DEEPBIND, which that
// addon does not need, as its OpenSSL is its own and hidden.

const os = require('node:os');

const { dlopen } = process;
process.dlopen = (module, file, ...rest) =>
  (file.endsWith('tlsock.node') ? dlopen.call(process, module, process.env.TLSOCK_ASAN_ADDON, os.constants.dlopen.RTLD_NOW) : dlopen.call(process, module, file, ...rest));
