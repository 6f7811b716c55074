'use strict';

// How a subclass changes TLSSocket: methods to override, which only TLSSocket calls, and options.

const hook = {
  /** A method, `(error)`: returns the error in the form that is reported. */
  TOLD: Symbol('told'),
  /** A method: the error of a peer that is refused at the end of the handshake, or null. No data of the program has been sent yet. */
  JUDGE: Symbol('judge'),
  /** A method, `(plaintext, take)`: gives the program decrypted bytes, after `take(count)`: the rest is given later. Whether more is wanted. */
  GIVE: Symbol('give'),
  /** A method: the handshake has ended. */
  ESTABLISHED: Symbol('established'),
  /** A method, `(context, options)`: starts again, before anything was sent; false if it is too late. */
  REWRAP: Symbol('rewrap'),
  /** An option: the function to use in place of gateOf. */
  GATE: Symbol('gate'),
  /** An option: `connect` made the socket, and its caller listens to errors from the start. */
  CONNECTED: Symbol('connected'),
  /** An option: what a server does once a connection is secure, in place of the event. */
  SECURED: Symbol('secured'),
};

/** Adds the default methods to a class; subclasses override them. */
function fill(Class) {
  const methods = {
    [hook.TOLD]: (error) => error,
    [hook.JUDGE]: () => null,
    [hook.GIVE](plaintext, take) {
      take(plaintext.length);
      return this.push(plaintext);
    },
    [hook.ESTABLISHED]() { this.emit('secureConnect'); },
  };
  for (const name of Object.getOwnPropertySymbols(methods)) Object.defineProperty(Class.prototype, name, { value: methods[name], configurable: true, writable: true });
}

module.exports = { ...hook, fill };
