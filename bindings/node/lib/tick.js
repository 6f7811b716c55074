'use strict';

/** What is written to a stream in one tick of the event loop leaves together. */
class Tick {
  #stream;
  #isCorked = false;

  constructor(stream) {
    this.#stream = stream;
  }

  begin() {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#stream.cork();
    process.nextTick(Tick.#end, this);
  }

  end() {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#stream.uncork();
  }

  static #end(tick) {
    tick.end();
  }
}

module.exports = { Tick };
