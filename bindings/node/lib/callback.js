'use strict';

// Callbacks of contexts. The library calls them in the middle of a call on a connection: current.js knows which.

const { isDeepStrictEqual, types } = require('node:util');

const { Certificate } = require('./certificate.js');
const { clientHelloCallback } = require('./client-hello.js');
const check = require('./check.js');
const { connectionAtWork, errorOf, throwing } = require('./current.js');
const { ValueError } = require('./error-classes.js');
const { askGate } = require('./hello.js');
const { Hidden } = require('./hidden.js');
const { identityCallback } = require('./identity.js');
const { contextCallbacks } = require('./inside.js');
const native = require('./native.js');
const { ownBytes } = require('./own.js');
const { choosing, placeOf, restrain } = require('./protocols.js');
const { makeSession } = require('./session.js');
const sessionCache = require('./session-cache.js');
const { tracing } = require('./trace.js');
const { patient } = require('./waiting.js');

// What asynchronous functions answered before libssl asks, by connection: see gate.js.
const answered = new Hidden();

function heard(what, name) {
  const answer = answered.get(connectionAtWork())?.[name];
  if (answer !== undefined) return answer;
  throw new ValueError(`an asynchronous ${what} callback can be asked only by a TLSSocket, before its handshake`);
}

function alert(answer) {
  return answer === undefined || answer === null ? 0 : check.integer(answer, 'the answer of the SNI callback', -1, 255);
}

function identityAndKey(answer) {
  if (answer === undefined || answer === null) return null;
  if (!Array.isArray(answer)) throw check.wrong('the answer of the PSK callback', '[identity, key]', answer);
  const [identity, key] = answer;
  return [check.optionalString(identity, 'the identity') ?? '', check.secret(key, 'the key')];
}

// libssl does not wait.
function atOnce(answer) {
  if (!types.isPromise(answer)) return answer;
  answer.catch(() => {});
  throw new ValueError('a callback that returns a promise has to be an async function: only those are asked before the handshake');
}

// Callbacks without an answer may be asynchronous; a later failure ends the connection.
function watch(answer) {
  if (!types.isPromise(answer)) return;
  const owner = connectionAtWork();
  answer.catch((error) => {
    if (typeof owner?.destroy !== 'function') throw error;
    owner.destroy(errorOf(error));
  });
}

// Only true accepts: a forgotten answer must not.
function verdict(answer) {
  if (answer instanceof Error) throw answer;
  if (typeof answer !== 'boolean') throw check.wrong('the answer of the verify callback', 'true, false or an Error', answer);
  return answer;
}

const verificationOf = (facts) => ({
  ...facts, certificate: new Certificate(facts.certificate), chain: facts.chain.map((der) => new Certificate(der)),
  sentChain: facts.sentChain.map((der) => new Certificate(der)),
});

// A certificate may expire, or be revoked, while the verdict is waited for: one on what was found before does not count then.
const foundIn = ({ code, certificate, chain }) => [code, certificate, chain];

const judging = (callback) => patient({
  ask: (connection, facts) => callback(connection, verificationOf(facts)),
  take: verdict,
  isSame: (before, now) => isDeepStrictEqual(foundIn(before), foundIn(now)),
});

function keyFor(identity) {
  const keys = heard('PSK', 'keys');
  if (!keys.has(identity)) throw new ValueError('an asynchronous PSK callback serves TLS 1.3 only: before, the identity comes too late');
  return keys.get(identity);
}

function pairFor(hint) {
  if (hint !== null) throw new ValueError('an asynchronous PSK callback cannot see a hint of the server: it comes too late');
  return heard('PSK', 'pair');
}

// Those that are waited for.
const PATIENT = { __proto__: null, identity: identityCallback.adapt, verify: judging, clientHello: clientHelloCallback.adapt };

// Asynchronous callbacks were called before: see gate.js.
const adapters = {
  sni(callback, context) {
    const isAsync = types.isAsyncFunction(callback);
    return (name) => {
      if (answered.get(connectionAtWork())?.sni) return 0;
      return isAsync ? heard('SNI', 'sni') : alert(atOnce(callback(connectionAtWork(), name, context)));
    };
  },
  alpn: (callback) => (name, protocols) =>
    placeOf(atOnce(callback(connectionAtWork(), name, [...protocols])), protocols, 'the answer of the ALPN callback'),
  pskClient(callback) {
    const ask = types.isAsyncFunction(callback) ? pairFor : (hint) => atOnce(callback(hint));
    return (hint) => identityAndKey(ask(hint));
  },
  pskServer(callback) {
    const ask = types.isAsyncFunction(callback) ? keyFor : (identity) => atOnce(callback(identity));
    return (identity) => check.optionalSecret(ask(identity), 'the key');
  },
  sessionCache: (cache) => sessionCache.runCache(cache, watch),
  message: (callback) => (direction, version, contentType, msgType, data) =>
    watch(callback(connectionAtWork(), direction === 0 ? 'read' : 'write', version, contentType, msgType, data)),
};

// The connection's own questions come first: they may choose the context whose callback is asked then.
const askConnection = patient({ ask: askGate, take: (alert) => alert ?? 0, what: 'a callback of a server' });
const hearAll = (hello) => askConnection(hello) || contextCallbacks(connectionAtWork().context).hear(hello);

// What asks a connection first, and then the function of the context's own callback, null for none.
const WIRED = { __proto__: null, clientHello: () => hearAll, alpn: choosing, message: tracing };

const functionFor = (kind, callback, context) => PATIENT[kind]?.(callback) ?? throwing(adapters[kind](callback, context));

// What takes each kind of callback to the library.
const SETTERS = {
  sni: native.setSniCallback,
  alpn: native.setAlpnCallback,
  servername: native.setServernameCallback,
  pskClient: native.setPskClientCallback,
  pskServer: native.setPskServerCallback,
  message: native.setMessageCallback,
  identity: identityCallback.set,
  verify: native.setVerifyCallback,
  clientHello: clientHelloCallback.set,
  sessionCache: sessionCache.set,
};

const lineOf = (text) => ownBytes(`${text}\n`);

/** The callbacks of one context: what the user set, and the functions that the addon calls, which must be kept alive here. */
class Callbacks {
  #functions = { __proto__: null };
  // How each was set, for a copy.
  #settings = { __proto__: null };
  #context;
  #handle;
  #user = { __proto__: null, keylog: null, session: null };
  // What is asked about a ClientHello after the connection's own questions; null for nothing.
  #hello = null;
  // The kinds for which connections are asked first.
  #wired = new Set();

  constructor(context, handle) {
    this.#context = context;
    this.#handle = handle;
  }

  get(kind) {
    return this.#user[kind] ?? null;
  }

  /** rest: what the native setter takes further. */
  set(kind, callback, ...rest) {
    this.#set(kind, SETTERS[kind], callback, rest);
  }

  /** The other way to set the callback of `sni`: a name that is no valid host name fails the handshake. */
  setServername(callback) {
    this.#set('sni', SETTERS.servername, callback, []);
  }

  #set(kind, setter, callback, rest) {
    const own = callback === null ? null : functionFor(kind, callback, this.#context);
    const run = this.#wired.has(kind) ? WIRED[kind](own, this.#context) : own;
    setter(this.#handle, run, ...rest);
    this.#functions[kind] = run;
    this.#user[kind] = callback;
    this.#settings[kind] = { setter, rest };
    if (kind === 'clientHello') this.#hello = own;
    if (kind === 'alpn') restrain(this.#context);
  }

  /** A connection is to be asked itself: about its ClientHello, see hello.js, its protocol or its trace. For the others of the context nothing changes. */
  wire(kind) {
    if (this.#wired.has(kind)) return;
    this.#wired.add(kind);
    try {
      this.#set(kind, SETTERS[kind], this.get(kind), []);
    } catch (error) {
      this.#wired.delete(kind);
      throw error;
    }
  }

  isWired(kind) {
    return this.#wired.has(kind);
  }

  hear(hello) {
    return this.#hello === null ? 0 : this.#hello(hello);
  }

  /** For a copied context: its callbacks become its own. The key log is not copied. */
  adopt(other) {
    for (const [kind, { setter, rest }] of Object.entries(other.#settings)) this.#set(kind, setter, other.#user[kind], rest);
    if (other.#functions.session) this.setSession(other.#user.session);
  }

  get pskRequired() {
    return native.pskRequired(this.#handle);
  }

  set pskRequired(required) {
    native.setPskRequired(this.#handle, required);
  }

  // Key log lines and sessions go to the context's callback and to the events of a TLSSocket.
  setKeylog(callback) {
    this.wireKeylog();
    this.#user.keylog = callback;
  }

  setSession(callback) {
    this.wireSession();
    this.#user.session = callback;
  }

  wireKeylog() {
    this.#wire('keylog', native.setKeylogCallback, lineOf, (line) => line);
  }

  // Each connection of a client asks for this.
  wireSession() {
    if (this.#functions.session) return;
    this.#wire('session', native.setSessionCallback, makeSession, makeSession);
  }

  #wire(kind, setter, forEvent, forCallback) {
    if (this.#functions[kind]) return;
    const run = throwing((value) => {
      watch(this.#user[kind]?.(connectionAtWork(), forCallback(value)));
      const owner = connectionAtWork();
      // A listener may have destroyed it in the same call.
      if (owner?.listenerCount?.(kind) > 0 && !owner.destroyed) owner.emit(kind, forEvent(value));
    });
    setter(this.#handle, run);
    this.#functions[kind] = run;
  }
}

module.exports = { Callbacks, answered };
