'use strict';

// The original node:tls, copied before tlsock/tls/hook replaces it.

module.exports = Object.defineProperties({}, Object.getOwnPropertyDescriptors(require('node:tls')));
