'use strict';

// How often a context was changed: a connection of before a change may be one that the context would no longer make.

const { inside } = require('./inside.js');

const { apply } = Reflect;

/** The number of changes so far. */
const changesOf = (context) => inside(context).changes;

// Also what is refused counts: it may have set a part. After the call, as a callback of it may have made a connection meanwhile.
function counted(name, change) {
  return { [name](...args) {
    try {
      return apply(change, this, args);
    } finally {
      inside(this).changes++;
    }
  } }[name];
}

/** Has a class of contexts count its changes. asking: the methods that change nothing; all others count, and so does each setter. */
function countChanges(Class, asking) {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(Class.prototype))) {
    if (name === 'constructor' || asking.includes(name)) continue;
    const { value, set } = property;
    if (typeof value === 'function') property.value = counted(name, value);
    if (set !== undefined) property.set = counted(name, set);
    Object.defineProperty(Class.prototype, name, property);
  }
}

module.exports = { changesOf, countChanges };
