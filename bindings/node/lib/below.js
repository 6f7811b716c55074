'use strict';

// Facts and methods of the system's socket below a TLSSocket.

const failure = require('./failure.js');
const { handleOf } = require('./http2.js');

const FACTS = ['remoteAddress', 'remotePort', 'remoteFamily', 'localAddress', 'localPort', 'localFamily'];
const METHODS = ['setNoDelay', 'setKeepAlive', 'ref', 'unref'];

/** Adds all of these to a class that has a `transport`. */
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
  // Only HTTP/2 sessions get a handle.
  Object.defineProperty(Class.prototype, '_handle', { get() { return handleOf(this); }, configurable: true });
  Class.prototype.address = function address() {
    return this.transport.address?.() ?? {};
  };
}

/** Makes a socket remember its addresses for the time after it is closed: reading them once caches them. */
function remember(transport) {
  return [transport.remoteAddress, transport.localAddress];
}

/** Emits what has become of a transport. That is in the middle of an event of its own, and would not read on after what a listener throws. */
function tell(socket, ...events) {
  for (const event of events) {
    try {
      socket.emit(event);
    } catch (error) {
      process.nextTick(() => { throw error; });
    }
  }
}

/** What net.Socket does with a write after both ends: programs look for its code. */
function refuseWrite(socket, callback) {
  const error = failure.ended();
  if (typeof callback === 'function') process.nextTick(callback, error);
  socket.destroy(error);
  return false;
}

/** Destroys a transport, after at most a second in which buffered data, such as an alert, is sent. */
function drop(transport) {
  remember(transport);
  if (transport.destroyed || !transport.writableLength) return void transport.destroy();
  const destroy = () => transport.destroy();
  const timer = setTimeout(destroy, 1000).unref();
  transport.once('close', () => clearTimeout(timer));
  transport.end(destroy);
}

module.exports = { drop, forward, refuseWrite, remember, tell };
