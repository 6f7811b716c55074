'use strict';

const { errorOf } = require('./current.js');

/** The work of a connection: one turn after another, never one in the middle of another. */
class Work {
  #turn;
  #isOver;
  #fail;
  #isUnderWay = false;
  #isAsked = false;
  #isHeld = false;

  /** turn: does what there is to do; isOver: whether nothing is to be done any more; fail: ends the connection with an error. */
  constructor(turn, isOver, fail) {
    this.#turn = turn;
    this.#isOver = isOver;
    this.#fail = fail;
  }

  /**
   * Asks for a turn. If one is under way, another follows it. What a turn throws ends the connection: no peer can end the process by it.
   * For what a listener of the program throws, see hold.
   */
  ask() {
    this.#isAsked = true;
    if (this.#isUnderWay || this.#isHeld) return;
    this.#isUnderWay = true;
    try {
      while (this.#isAsked && !this.#isHeld && !this.#isOver()) {
        this.#isAsked = false;
        this.#turn();
      }
    } catch (error) {
      this.#fail(errorOf(error));
    } finally {
      this.#isUnderWay = false;
    }
  }

  /**
   * A listener of the program has thrown this. It is uncaught, in a tick of its own, and neither the event of the transport that has led to
   * it nor the caller of a method is left by it. Until then the program is told nothing more. Then the work goes on.
   */
  hold(error) {
    this.#isHeld = true;
    process.nextTick(() => { throw error; });
    process.nextTick(() => {
      this.#isHeld = false;
      this.ask();
    });
  }

  /** Whether a turn has to end where it is. */
  get isHeld() {
    return this.#isHeld;
  }

  /** No turn begins any more, in the middle of what follows. */
  stop() {
    this.#isUnderWay = true;
  }
}

module.exports = { Work };
