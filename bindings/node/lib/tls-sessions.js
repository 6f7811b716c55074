'use strict';

// Sessions that a server of node:tls keeps by the listeners of its events newSession and resumeSession.

const { errorOf } = require('./current.js');
const { Hidden } = require('./hidden.js');

const STORE = ['newSession', 'resumeSession'];

/** Whether the connections of a server keep their sessions with its listeners. */
const keepsSessions = (server) => STORE.some((event) => server?.listenerCount?.(event) > 0);

// By connection: its server, the sessions that were found by their ids, how many are being stored, and what comes after that.
const states = new Hidden();

/** Begins to keep the sessions of a connection. */
function keepSessions(socket, server) {
  states.set(socket, { server, found: new Map(), held: 0, goOn: null });
}

const nameOf = (id) => id.toString('hex');

/** Before the handshake: what was stored under an id. */
function foundSession(socket, id, data) {
  states.get(socket).found.set(nameOf(id), data);
}

// As in node:tls, the client gets the end of the handshake once the session is stored.
function hold(socket, state) {
  let isDone = false;
  state.held++;
  socket.transport.cork();
  return () => {
    if (isDone) return;
    isDone = true;
    state.held--;
    socket.transport.uncork();
    if (state.held === 0) resume(state);
  };
}

function resume(state) {
  const { goOn } = state;
  state.goOn = null;
  if (goOn !== null) process.nextTick(goOn);
}

// A listener that throws refuses the client, which gets nothing of what was held.
function tell(socket, { server }, id, data, done) {
  try {
    if (!server.emit('newSession', id, data, done)) done();
  } catch (error) {
    socket.transport.destroy();
    socket.destroy(errorOf(error));
  }
}

/** The session cache of the contexts of such servers. */
const sessionCache = {
  put(socket, id, data) {
    const state = states.get(socket), done = hold(socket, state);
    // Listeners are not called in the middle of a native call.
    process.nextTick(tell, socket, state, id, data, done);
  },

  get: (socket, id) => states.get(socket).found.get(nameOf(id)),
};

/** Calls goOn at once, or when all sessions of the connection are stored. */
function whenStored(socket, goOn) {
  const state = states.get(socket);
  state?.found.clear();
  if (state === undefined || state.held === 0) goOn();
  else state.goOn = goOn;
}

module.exports = { foundSession, keepSessions, keepsSessions, sessionCache, whenStored };
