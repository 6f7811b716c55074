'use strict';

// The callback that is shown the first message of a client.

const check = require('./check.js');
const native = require('./native.js');
const { patient } = require('./waiting.js');

// The number of an alert, and 0 to go on.
const alert = (answer) => (answer === undefined || answer === null ? 0 : check.integer(answer, 'the answer of the client hello callback', 0, 255));

/** What the addon calls, of what a program gives, and what takes it to the library. */
const clientHelloCallback = {
  adapt: (callback) => patient({ ask: callback, take: alert }),
  set: native.setClientHelloCallback,
};

module.exports = { clientHelloCallback };
