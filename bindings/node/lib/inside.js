'use strict';

// What only the modules beside this one know of a context. Contexts need much of what needs a context.

const check = require('./check.js');
const { Hidden } = require('./hidden.js');

const contexts = new Hidden();

/** For the constructor. what: handle, callbacks, alpn (the protocols that setAlpnProtocols was last given), alpnStrict, signers (see identity.js), changes (see changes.js). */
function register(context, what) {
  contexts.set(context, what);
}

/** name: the argument that a context has to be. */
function inside(context, name = 'context') {
  const what = contexts.get(context);
  if (what === undefined) throw check.wrong(name, 'of class SSLContext', context);
  return what;
}

const contextHandle = (context, name) => inside(context, name).handle;
const contextCallbacks = (context) => inside(context).callbacks;
const contextSigners = (context) => inside(context).signers;
const contextAlpn = (context) => inside(context).alpn;

module.exports = { contextAlpn, contextCallbacks, contextHandle, contextSigners, inside, register };
