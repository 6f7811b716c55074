'use strict';

// Required before a test file: its tests begin in an order that TLSOCK_TEST_SEED draws.

const runner = require('node:test');

const { test } = runner;
const waiting = [];
let state = Number(process.env.TLSOCK_TEST_SEED) >>> 0;

// Numbers from 0 to below the limit: a linear congruential generator, whose high bits are the better ones.
function draw(limit) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
}

// The file has told all its tests when its code has run.
runner.test = (...args) => {
  if (waiting.length === 0) setImmediate(begin);
  waiting.push(args);
};

function begin() {
  while (waiting.length > 0) test(...waiting.splice(draw(waiting.length), 1)[0]);
}
