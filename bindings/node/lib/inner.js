'use strict';

// Node's HTTP servers behind a TLS server. They never listen themselves: they get connections, and their events are emitted by the TLS
// server, whose listeners they ask for.

// Events about the server itself, not about its clients.
const OWN_EVENTS = new Set(['connection', 'listening', 'close', 'error', 'newListener', 'removeListener']);

/** own: further events that the inner server keeps to itself. */
function putBehind(inner, outer, own = []) {
  const { emit, listenerCount } = inner;
  const isForwarded = (event) => !OWN_EVENTS.has(event) && !own.includes(event);
  Object.assign(inner, {
    emit(event, ...args) {
      const isHeard = emit.call(this, event, ...args);
      return (isForwarded(event) && outer.emit(event, ...args)) || isHeard;
    },
    listenerCount(event, ...rest) {
      return listenerCount.call(this, event, ...rest) + (isForwarded(event) ? outer.listenerCount(event, ...rest) : 0);
    },
    address: () => outer.address(),
  });
  Object.defineProperty(inner, 'listening', { get: () => outer.listening, configurable: true });
  for (const name of ['ref', 'unref'])
    inner[name] = function run() {
      outer[name]();
      return this;
    };
  return inner;
}

module.exports = { putBehind };
