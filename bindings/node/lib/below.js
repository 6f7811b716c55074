'use strict';

// What a socket of the system, below a TLSSocket, can tell and do.

const FACTS = ['remoteAddress', 'remotePort', 'remoteFamily', 'localAddress', 'localPort', 'localFamily'];
const METHODS = ['setNoDelay', 'setKeepAlive', 'ref', 'unref'];

/** Gives a class with a `transport` all of these. */
function forward(Class) {
  for (const name of FACTS)
    Object.defineProperty(Class.prototype, name, { get() { return this.transport[name]; }, configurable: true });
  for (const name of METHODS)
    Object.defineProperty(Class.prototype, name, {
      value(...args) {
        this.transport[name]?.(...args);
        return this;
      }, configurable: true, writable: true,
    });
  Class.prototype.address = function address() {
    return this.transport.address?.() ?? {};
  };
}

module.exports = { forward };
