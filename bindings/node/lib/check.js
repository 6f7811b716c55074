'use strict';

// Arguments are checked here, before any native call: a wrong one gives a TypeError, or a ValueError (a RangeError), that names it.

const { inspect, types } = require('node:util');

const { ValueError } = require('./error-classes.js');
const { unknown } = require('./nearest.js');
const { ownBytes } = require('./own.js');

function wrong(name, expected, value) {
  const error = new TypeError(`${name} must be ${expected}, not ${inspect(value, { depth: 0 })}`);
  error.code = 'ERR_INVALID_ARG_TYPE';
  return error;
}

function outside(name, expected, value) {
  const error = new ValueError(`${name} must be ${expected}, not ${inspect(value, { depth: 0 })}`);
  error.code = 'ERR_OUT_OF_RANGE';
  return error;
}

/** Whether an object has a property, or inherits it. Object.prototype does not count: what is there was asked for by nobody. */
function has(object, name) {
  for (let at = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) if (Object.hasOwn(at, name)) return true;
  return false;
}

/** What an object has, or inherits from others than Object.prototype; undefined for nothing. */
const member = (object, name) => (has(object, name) ? object[name] : undefined);

const { propertyIsEnumerable: isEnumerable } = Object.prototype;

/** The given options, each read once. Unknown ones are refused: the error names the first one and the option that was probably meant. */
function options(value, what, known) {
  if (value === undefined || value === null) return { __proto__: null };
  if (typeof value !== 'object') throw wrong(`the options of ${what}`, 'an object', value);
  const given = { __proto__: null }, parent = Object.getPrototypeOf(value), own = Reflect.ownKeys(value);
  for (const name of own)
    if (typeof name === 'string' && !known.includes(name) && isEnumerable.call(value, name)) throw unknown(what, 'option', name, known);
  for (const name of own) if (typeof name === 'symbol' || known.includes(name)) given[name] = value[name];
  // Most inherit nothing.
  if (parent === null || parent === Object.prototype) return given;
  for (const name of known) if (!Object.hasOwn(value, name) && has(parent, name)) given[name] = value[name];
  return given;
}

function string(value, name) {
  if (typeof value !== 'string') throw wrong(name, 'a string', value);
  if (value.includes('\0')) throw outside(name, 'without NUL characters', value);
  return value;
}

const optionalString = (value, name) => (value === undefined || value === null ? null : string(value, name));

function boolean(value, name) {
  if (typeof value !== 'boolean') throw wrong(name, 'a boolean', value);
  return value;
}

const optionalBoolean = (value, name, otherwise = false) => (value === undefined ? otherwise : boolean(value, name));

function integer(value, name, least = -0x80000000, most = 0x7fffffff) {
  if (typeof value !== 'number') throw wrong(name, 'a number', value);
  if (!Number.isInteger(value) || value < least || value > most)
    throw outside(name, `an integer from ${least} to ${most}`, value);
  return value;
}

/** A 64-bit number, as a BigInt. */
function word(value, name) {
  const big = typeof value === 'number' ? BigInt(integer(value, name, 0, Number.MAX_SAFE_INTEGER)) : value;
  if (typeof big !== 'bigint') throw wrong(name, 'a BigInt or an integer', value);
  if (big < 0n || big >= 1n << 64n) throw outside(name, 'a word of 64 bits', value);
  return big;
}

/** A time in milliseconds, as Node's timers accept it: fractions count, and the longest time they support is the limit. */
function milliseconds(value, name) {
  if (typeof value !== 'number') throw wrong(name, 'a number', value);
  if (!(value >= 0 && value < Infinity)) throw outside(name, 'milliseconds, 0 or more', value);
  return Math.min(value, 0x7fffffff);
}

/** The bytes of a string (UTF-8), a typed array, a DataView or an ArrayBuffer, without a copy where possible. They may be secret. */
function bytes(value, name) {
  if (typeof value === 'string') return ownBytes(value);
  if (types.isUint8Array(value)) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (types.isArrayBuffer(value)) return new Uint8Array(value);
  throw wrong(name, 'a string, a Buffer or an ArrayBuffer', value);
}

const keysOf = Uint8Array.prototype.keys;

/** Like bytes, for calls in which no bytes have a meaning: what has lost its bytes is refused. */
function presentBytes(value, name) {
  const given = bytes(value, name);
  try {
    // Throws for an array that was detached or is out of bounds.
    Reflect.apply(keysOf, given, []);
  } catch {
    throw wrong(name, 'bytes, which a buffer that was detached or resized no longer has', value);
  }
  return given;
}

/** Like bytes, but text stays text: the addon copies it and wipes the copy. */
const secret = (value, name) => (typeof value === 'string' ? value : presentBytes(value, name));

const optionalSecret = (value, name) => (value === undefined || value === null ? null : secret(value, name));

/**
 * A copy of an array, so that the checked values are the used ones. each: `(value, name)` checks one. Nothing else that can be iterated is
 * taken: one that was used up would be none.
 */
function list(value, name, each) {
  if (!Array.isArray(value)) throw wrong(name, 'an array', value);
  const { length } = value, copy = [];
  for (let i = 0; i < length; i++) copy[i] = each(value[i], `${name}[${i}]`);
  return copy;
}

const optionalBytes = (value, name) => (value === undefined || value === null ? null : presentBytes(value, name));

function instance(value, Type, name) {
  if (!(value instanceof Type)) throw wrong(name, `of class ${Type.name}`, value);
  return value;
}

const optionalInstance = (value, Type, name) => (value === undefined || value === null ? null : instance(value, Type, name));

function callable(value, name) {
  if (typeof value !== 'function') throw wrong(name, 'a function', value);
  return value;
}

/** The answer of a function that has to give it at once. */
function synchronous(answer, what) {
  if (!types.isPromise(answer)) return answer;
  answer.catch(() => {});
  throw Object.assign(new TypeError(`${what} must be synchronous, not return a promise: OpenSSL cannot wait for it`), { code: 'ERR_INVALID_RETURN_VALUE' });
}

const optionalCallable = (value, name) => (value === undefined || value === null ? null : callable(value, name));

module.exports = {
  wrong, outside, has, member, options, string, optionalString, boolean, optionalBoolean, integer, word, milliseconds, bytes, presentBytes, list, optionalBytes, secret, optionalSecret,
  instance, optionalInstance, callable, optionalCallable, synchronous,
};
