'use strict';

// What a socket of the system, below a TLSSocket, can tell and do.

const { handleOf } = require('./http2.js');

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
  // Only sessions of HTTP/2 are given one.
  Object.defineProperty(Class.prototype, '_handle', { get() { return handleOf(this); }, configurable: true });
  Class.prototype.address = function address() {
    return this.transport.address?.() ?? {};
  };
}

/** Has a socket of the system remember who its ends were, once it is closed. */
function remember(transport) {
  return [transport.remoteAddress, transport.localAddress];
}

/** Destroys a transport; what waits in it, such as an alert, has a second to leave. */
function drop(transport) {
  remember(transport);
  if (transport.destroyed || !transport.writableLength) return void transport.destroy();
  const destroy = () => transport.destroy();
  const timer = setTimeout(destroy, 1000).unref();
  transport.once('close', () => clearTimeout(timer));
  transport.end(destroy);
}

module.exports = { drop, forward, remember };
