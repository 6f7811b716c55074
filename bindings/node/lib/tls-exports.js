'use strict';

// Where the functions are that programs may replace: in the module tlsock/tls, or in node:tls once that is hooked.

module.exports = { current: null };
