'use strict';

// Misspelt names: which one is meant, and objects that refuse them.

const bare = (name) => name.toLowerCase().replaceAll('_', '');

// Levenshtein's distance, or more than most.
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

/** The known name that is meant: the same letters in another case or with underscores, or nearly the same; undefined for none. */
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

/** An object to inherit from: what is looked up there is unknown, and an error if it is a name that `known()` has, misspelt. */
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

/** Has instances of a class refuse properties that it does not have, also in code that is not strict. Subclasses may define their own. */
function guardClass(Class) {
  const known = () => namesOf(Class.prototype);
  Object.setPrototypeOf(Class.prototype, misspellings(Class.name, Object.prototype, known, (name) => {
    throw unknown(Class.name, 'property', name, known());
  }));
}

/** Has the names of a module be right: a misspelt constant is undefined, which `|=` takes for 0. */
function guardModule(exported, what) {
  const known = () => namesOf(exported);
  Object.setPrototypeOf(exported, misspellings(what, Object.prototype, known, () => {}));
  return exported;
}

module.exports = { guardClass, guardModule, nearest, unknown };
