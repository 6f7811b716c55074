'use strict';

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

  /** listeners: functions by event. */
  constructor(transport, listeners) {
    this.#transport = transport;
    this.#listeners = Object.entries(listeners).flatMap(([event, listener]) => [[event, listener], [event, this.#guard]]);
    this.#listeners.push(['removeListener', this.#onRemoved]);
    // Nobody else knows them yet, so that none can be there.
    for (const [event, listener] of this.#listeners) transport.on(event, listener);
  }

  #attachAgain() {
    for (const [event, listener] of this.#listeners)
      if (!this.#transport.listeners(event).includes(listener)) this.#transport.on(event, listener);
  }

  #onRemoved = (event, listener) => {
    const isOurs = this.#listeners.some(([name, own]) => name === event && own === listener);
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
    for (const [event, listener] of this.#listeners) this.#transport.removeListener(event, listener);
  }
}

module.exports = { Attachment };
