'use strict';

// The connection at work: the library calls callbacks in the middle of a call, and does not tell for which connection of JavaScript's.

const { inspect } = require('node:util');

const { Hidden } = require('./hidden.js');

const { apply } = Reflect;

let current = null;

/** Runs a native call on behalf of a connection. */
function during(owner, run) {
  const before = current;
  current = owner;
  try {
    return run();
  } finally {
    current = before;
  }
}

/** For the hot path: sets the connection at work and returns the one before. */
function enter(owner) {
  const before = current;
  current = owner;
  return before;
}

// What callbacks threw, by the connection at work: the library may tell that one failed in a later call.
const thrown = new Hidden();
const NOBODY = {};

/** What was thrown, as an Error. */
function errorOf(reason) {
  try {
    return reason instanceof Error ? reason : new Error(`a callback threw ${inspect(reason)}`, { cause: reason });
  } catch {
    return new Error('a callback threw what cannot be shown');
  }
}

const throwing = (run) => (...args) => {
  try {
    return apply(run, undefined, args);
  } catch (error) {
    thrown.set(current ?? NOBODY, errorOf(error));
    throw error;
  }
};

/** What made a callback of the connection at work fail; undefined for nothing. */
function takeThrown() {
  const owner = current ?? NOBODY, error = thrown.get(owner);
  if (error !== undefined) thrown.delete(owner);
  return error;
}

/** null for none. */
const connectionAtWork = () => current;

module.exports = { connectionAtWork, during, enter, errorOf, leave: enter, takeThrown, throwing };
