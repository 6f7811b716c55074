'use strict';

// Callbacks of the handshake that may answer with a promise. The library then waits, and asks again: the answer is kept until it does.

const { types } = require('node:util');

const { connectionAtWork, throwing } = require('./current.js');
const { Hidden } = require('./hidden.js');

/** What the addon takes for "no answer yet". */
const LATER = Symbol('later');

/** What a function was asked, and its answer once there is one. */
class Question {
  facts;
  /** Resolves once there is an answer, or a failure. */
  answered;
  /** What is called then. It holds a connection, and this is held by the promise: see forget. */
  wake = null;
  #outcome = null;

  constructor(facts, promise) {
    this.facts = facts;
    this.answered = promise.then((value) => this.#settle(() => value), (reason) => this.#settle(() => { throw reason; }));
  }

  // What the listeners of a connection throw is theirs, and no rejection of ours.
  #settle(outcome) {
    this.#outcome = outcome;
    if (this.wake !== null) process.nextTick(this.wake);
  }

  get isSettled() {
    return this.#outcome !== null;
  }

  /** The answer; throws what the promise was rejected with. */
  take() {
    return this.#outcome();
  }
}

// What each connection waits for, by the function that was asked.
const open = new Hidden();

function questionsOf(connection) {
  if (open.get(connection) === undefined) open.set(connection, new Map());
  return open.get(connection);
}

/**
 * A function for the addon. ask: calls the program's function, `(connection, facts)`; take: makes of its answer what the addon gets.
 * isSame: whether the facts of before are those of now, so that an answer still counts.
 *
 * Answers are kept until the call goes on: the library asks all contexts of a connection again when one of them has no answer yet.
 */
function patient({ ask, take, isSame = () => true }) {
  const run = throwing((facts) => {
    const connection = connectionAtWork(), question = open.get(connection)?.get(run);
    if (question !== undefined && isSame(question.facts, facts)) return question.isSettled ? take(question.take()) : LATER;
    const answer = ask(connection, facts);
    if (!types.isPromise(answer)) return take(answer);
    // The library asks this function again, though another has taken its place by then: it must be there.
    questionsOf(connection).set(run, new Question(facts, answer));
    return LATER;
  });
  return run;
}

/** Has a function called once there is an answer that a connection waits for. */
function whenAnswered(connection, wake) {
  for (const question of questionsOf(connection).values()) question.wake = wake;
}

/** A promise of the answer that a connection waits for. */
const answerTo = (connection) => [...questionsOf(connection).values()].find((question) => !question.isSettled)?.answered;

/** The handshake has gone on, or the connection has ended: what it was answered counts no more, and what it waited for does not keep it. */
function forget(connection) {
  const questions = open.get(connection);
  if (questions === undefined) return;
  for (const question of questions.values()) question.wake = null;
  open.delete(connection);
}

module.exports = { answerTo, forget, patient, whenAnswered };
