'use strict';

const EVENTS = ['connect', 'data', 'end', 'drain', 'error', 'close'];

/**
 * Our listeners on a transport. A program that upgrades a connection may call removeAllListeners() to remove its own: ours are added
 * again before anything else is received.
 */
class Attachment {
  #transport;
  #listeners;
  #isOn = true;
  #isScheduled = false;
  // Node does not report that the only listener of an event was removed. This second listener stands behind each of ours, and is
  // removed first.
  #guard = () => {};

  /** listeners: a function for each of EVENTS. */
  constructor(transport, listeners) {
    this.#transport = transport;
    this.#listeners = listeners;
    // Nobody else knows them yet, so that none can be there.
    for (const event of EVENTS) transport.on(event, listeners[event]).on(event, this.#guard);
    transport.on('removeListener', this.#onRemoved);
  }

  // Those of an event, in their order.
  #of(event) {
    if (event === 'removeListener') return [this.#onRemoved];
    return EVENTS.includes(event) ? [this.#listeners[event], this.#guard] : [];
  }

  #each(run) {
    for (const event of [...EVENTS, 'removeListener']) for (const listener of this.#of(event)) run(event, listener);
  }

  #attachAgain() {
    this.#each((event, listener) => {
      if (!this.#transport.listeners(event).includes(listener)) this.#transport.on(event, listener);
    });
  }

  #onRemoved = (event, listener) => {
    const isOurs = this.#of(event).includes(listener);
    if (!isOurs || this.#isScheduled || !this.#isOn) return;
    this.#isScheduled = true;
    // removeAllListeners() removes event by event: a listener added at once would be removed too.
    process.nextTick(() => {
      this.#isScheduled = false;
      if (this.#isOn) this.#attachAgain();
    });
  };

  detach() {
    this.#isOn = false;
    this.#each((event, listener) => this.#transport.removeListener(event, listener));
  }
}

module.exports = { Attachment };
