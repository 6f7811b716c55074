'use strict';

// Misspelt names: finding the one that was meant, and objects that refuse them.

const bare = (name) => name.toLowerCase().replaceAll('_', '');

// The Levenshtein distance, or any number above most.
function distance(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++)
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1));
    row = next;
  }
  return row[other.length];
}

/** The known name that was probably meant: the same letters in another case or with underscores, or nearly the same; undefined for none. */
function nearest(name, known) {
  const given = bare(name), most = Math.floor(given.length / 5);
  let best, least = most + 1;
  for (const word of known) {
    const far = distance(given, bare(word), most);
    if (far < least) [best, least] = [word, far];
  }
  return best;
}

const meant = (like) => (like === undefined ? '' : `; "${like}" is meant`);

function unknown(what, kind, name, known) {
  const error = new TypeError(`${what} has no ${kind} "${name}"${meant(nearest(name, known))}`);
  error.code = 'ERR_INVALID_ARG_VALUE';
  return error;
}

const namesOf = (object) => Object.getOwnPropertyNames(object).filter((name) => name !== 'constructor');

/** An object to inherit from: looking up or setting a misspelt form of one of the names in `known()` is an error. */
function misspellings(what, parent, known, set) {
  return new Proxy(Object.create(parent), {
    get(target, name, receiver) {
      if (typeof name === 'string' && !(name in target) && nearest(name, known()) !== undefined) throw unknown(what, 'property', name, known());
      return Reflect.get(target, name, receiver);
    },
    set(target, name, value, receiver) {
      if (typeof name === 'string' && !(name in target)) set(name);
      return Reflect.set(target, name, value, receiver);
    },
  });
}

/** Makes instances of a class refuse misspelt properties, also in sloppy mode. Subclasses may define their own. */
function guardClass(Class) {
  const known = () => namesOf(Class.prototype);
  Object.setPrototypeOf(Class.prototype, misspellings(Class.name, Object.prototype, known, (name) => {
    throw unknown(Class.name, 'property', name, known());
  }));
}

/** Makes a module refuse misspelt names: a misspelt constant would be undefined, which `|=` takes for 0. */
function guardModule(exported, what) {
  const known = () => namesOf(exported);
  Object.setPrototypeOf(exported, misspellings(what, Object.prototype, known, () => {}));
  return exported;
}

module.exports = { guardClass, guardModule, nearest, unknown };
