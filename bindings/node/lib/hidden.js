'use strict';

// What belongs to an object and only this module's files may see: a program may have replaced the methods of WeakMap.

const { apply } = Reflect;
const methods = { get: WeakMap.prototype.get, set: WeakMap.prototype.set, delete: WeakMap.prototype.delete };

/** A WeakMap that a program's own methods of WeakMap never see. */
class Hidden {
  #map = new WeakMap();

  /** undefined for none. */
  get(key) {
    return apply(methods.get, this.#map, [key]);
  }

  set(key, value) {
    apply(methods.set, this.#map, [key, value]);
  }

  delete(key) {
    apply(methods.delete, this.#map, [key]);
  }
}

module.exports = { Hidden };
