'use strict';

// The object with the functions that programs may replace: the module tlsock/tls, or node:tls once that is hooked.

module.exports = { current: null };
