'use strict';

/** A map with a limited number of entries: it keeps those used last. */
class Bounded {
  #most;
  #entries = new Map();

  constructor(most) {
    this.#most = most;
  }

  get size() {
    return this.#entries.size;
  }

  get(key) {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key, value) {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value);
    return value;
  }

  delete(key) {
    this.#entries.delete(key);
  }
}

module.exports = { Bounded };
