'use strict';

// Sessions that a server of node:tls keeps by the listeners of its events newSession and resumeSession.

const { errorOf } = require('./current.js');
const { Hidden } = require('./hidden.js');
const { hold } = require('./pump.js');

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

// As in node:tls, the client gets the end of the handshake once the session is stored, and nothing of it if it never is.
function wait(socket, state) {
  const release = hold(socket);
  let isDone = false;
  state.held++;
  return () => {
    if (isDone) return;
    isDone = true;
    state.held--;
    release();
    if (state.held === 0) resume(state);
  };
}

function resume(state) {
  const { goOn } = state;
  state.goOn = null;
  if (goOn !== null) process.nextTick(goOn);
}

// A listener that throws refuses the client.
function tell(socket, { server }, id, data, done) {
  try {
    if (!server.emit('newSession', id, data, done)) done();
  } catch (error) {
    socket.destroy(errorOf(error));
  }
}

/** The session cache of the contexts of such servers. */
const sessionCache = {
  put(socket, id, data) {
    const state = states.get(socket), done = wait(socket, state);
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
