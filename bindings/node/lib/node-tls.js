'use strict';

// node:tls as it is before tlsock/tls/hook takes its place.

module.exports = Object.defineProperties({}, Object.getOwnPropertyDescriptors(require('node:tls')));
