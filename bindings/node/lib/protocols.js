'use strict';

// The application protocol of a server's connection (ALPN): the one that it has chosen for itself, or what its context says. It is told to
// libssl by its place among those that the client offers, whose names may have any bytes; here each is a character.

const check = require('./check.js');
const { connectionAtWork, throwing } = require('./current.js');
const { Hidden } = require('./hidden.js');
const { inside } = require('./inside.js');
const native = require('./native.js');

// By connection: what it has chosen, and what libssl was told, of which the library gives only what is text.
const chosen = new Hidden(), told = new Hidden();

/** A connection has chosen one of those that its client offers, whatever its contexts say. */
const chooseProtocol = (connection, name) => chosen.set(connection, name);

/** What libssl was told for a connection; undefined for nothing. */
const toldProtocol = (connection) => told.get(connection);

/** Before the end of the handshake: another context may say something else. */
const forgetTold = (connection) => told.delete(connection);

/** The place of an answer among what a client offers; -1 for no answer. */
function placeOf(answer, offered, what) {
  const connection = connectionAtWork();
  // A second ClientHello is answered anew.
  told.delete(connection);
  if (answer === undefined || answer === null) return -1;
  const place = offered.indexOf(answer);
  if (place === -1) throw check.outside(what, 'one of the protocols that the client offers', answer);
  told.set(connection, answer);
  return place;
}

/** What libssl asks where connections choose for themselves. own: the function of the context's callback; null for none. */
const choosing = (own, context) => throwing((name, offered) => {
  const mine = chosen.get(connectionAtWork());
  if (mine !== undefined) return placeOf(mine, offered, 'the answer of ALPNCallback');
  return own === null ? placeOf(inside(context).alpn.find((each) => offered.includes(each)), offered) : own(name, offered);
});

/**
 * Has libssl be as strict as a context is. One that has nothing to choose from refuses nobody; where connections choose for themselves, libssl
 * asks, and is told of none for the others.
 */
function restrain(context) {
  const { handle, callbacks, alpn, alpnStrict } = inside(context);
  if (callbacks.isWired('alpn')) native.setAlpnStrict(handle, alpnStrict && (alpn.length > 0 || callbacks.get('alpn') !== null));
}

module.exports = { chooseProtocol, choosing, forgetTold, placeOf, restrain, toldProtocol };
