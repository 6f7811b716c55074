'use strict';

// What a face of TLSSocket does in its own way: the methods that it overrides, which are nobody else's to call, and its options.

const hook = {
  /** A method, `(error)`: gives the error as it is told. */
  TOLD: Symbol('told'),
  /** A method: the error of a peer that is refused at the end of the handshake, or null. Nothing of the user's has been sent yet. */
  JUDGE: Symbol('judge'),
  /** A method: the handshake has ended. */
  ESTABLISHED: Symbol('established'),
  /** A method, `(context, options)`: begins anew, before anything was sent; false if it is too late. */
  REWRAP: Symbol('rewrap'),
  /** An option: makes the gate instead of gateOf. */
  GATE: Symbol('gate'),
  /** An option: `connect` made it, whose user listens to errors from the start. */
  CONNECTED: Symbol('connected'),
  /** An option: what a server does once a connection is secure, instead of the event. */
  SECURED: Symbol('secured'),
};

/** Gives a class what it does unless a face overrides it. */
function fill(Class) {
  const methods = {
    [hook.TOLD]: (error) => error,
    [hook.JUDGE]: () => null,
    [hook.ESTABLISHED]() { this.emit('secureConnect'); },
  };
  for (const name of Object.getOwnPropertySymbols(methods)) Object.defineProperty(Class.prototype, name, { value: methods[name], configurable: true, writable: true });
}

module.exports = { ...hook, fill };
