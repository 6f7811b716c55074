'use strict';

// Checks around the handshake. Functions of the program that libssl cannot wait for are asked when the ClientHello has come, on clients
// before the first step; at the end their answers are compared with the result, and the peer's identity is checked.

const { X509Certificate } = require('node:crypto');
const { inspect, types } = require('node:util');

const { answered } = require('./callback.js');
const check = require('./check.js');
const { SSLContext } = require('./context.js');
const { SSLError, ValueError } = require('./error.js');
const { HelloGate, NO_APPLICATION_PROTOCOL, OPEN, identitiesOf } = require('./hello.js');
const { contextCallbacks } = require('./inside.js');
const { chooseProtocol } = require('./protocols.js');

const GATE_OPTIONS = ['SNICallback', 'ALPNCallback', 'checkServerIdentity'];
// The longest identity that libssl accepts, and how many identities of a client are tried.
const LONGEST_IDENTITY = 256, MOST_IDENTITIES = 8;

const isAsync = (callback) => types.isAsyncFunction(callback);

/** The answer of an SNICallback: it calls `(error, context)`, returns a promise or, if it has no parameter for that function, a context. */
function answerOf(callback, socket, serverName) {
  return new Promise((resolve, reject) => {
    const answer = callback.call(socket, serverName, (error, context) => (error ? reject(error) : resolve(context)));
    // An async function with that parameter may end before it has called it.
    const settle = (context) => (context === undefined && callback.length > 1 ? undefined : resolve(context));
    if (typeof answer?.then === 'function') answer.then(settle, reject);
    else if (callback.length < 2 && answer !== undefined) resolve(answer);
  });
}

const offerOf = ({ serverName, alpn }) => ({ servername: serverName ?? '', protocols: [...alpn] });

/** For servers: SNICallback, ALPNCallback and the context's asynchronous callbacks are asked. */
class ServerGate extends HelloGate {
  #given;
  // What ALPNCallback chose.
  #protocol = null;

  constructor(socket, given) {
    super(socket, ...(given.ALPNCallback ? ['alpn'] : []));
    this.#given = given;
  }

  async ask(hello) {
    const { SNICallback, ALPNCallback } = this.#given, socket = this.socket;
    // As in Node an empty name counts as no name.
    if (SNICallback && hello.serverName) this.#use(await answerOf(SNICallback, socket, hello.serverName));
    const sni = contextCallbacks(socket.context).get('sni');
    const alert = isAsync(sni) ? await this.#askContext(sni, hello.serverName) : 0;
    if (alert !== 0) return alert;
    const isChosen = !ALPNCallback || hello.alpn.length === 0 || this.#choose(await ALPNCallback.call(socket, offerOf(hello)), hello.alpn);
    if (!isChosen) return NO_APPLICATION_PROTOCOL;
    const psk = contextCallbacks(socket.context).get('pskServer');
    if (isAsync(psk)) await this.#askKeys(psk, identitiesOf(hello, MOST_IDENTITIES));
    return 0;
  }

  // null and undefined keep the current context.
  #use(answer) {
    if (answer === undefined || answer === null || this.socket.destroyed) return;
    const context = answer instanceof SSLContext ? answer : answer.context;
    this.socket.context = check.instance(context, SSLContext, 'the answer of SNICallback');
  }

  async #askContext(sni, serverName) {
    const socket = this.socket, { context } = socket;
    const alert = check.integer(await sni(socket, serverName, context) ?? 0, 'the answer of the SNI callback', 0, 255);
    answered.set(socket, { __proto__: null, ...answered.get(socket), sni: true });
    return alert;
  }

  #choose(protocol, offered) {
    if (protocol === undefined || protocol === null) return false;
    if (!offered.includes(protocol)) throw check.wrong('the answer of ALPNCallback', `one of ${inspect(offered)}`, protocol);
    this.#protocol = protocol;
    chooseProtocol(this.socket, protocol);
    return true;
  }

  async #askKeys(psk, identities) {
    const keys = new Map();
    for (const identity of identities) {
      if (identity.length > LONGEST_IDENTITY || identity.includes(0)) continue;
      const name = identity.toString();
      keys.set(name, check.optionalSecret(await psk(name), 'the key'));
    }
    answered.set(this.socket, { __proto__: null, ...answered.get(this.socket), keys });
  }

  /** The error of a handshake whose result is not what the functions chose: they were not called, or a second ClientHello offers no protocols. */
  judge() {
    if (!this.wasHeard) return new ValueError('no callback was asked about the ClientHello');
    const isTaken = this.#protocol === null || this.socket.selectedAlpnProtocol() === this.#protocol;
    return isTaken ? null : new ValueError('the protocol that ALPNCallback chose was not taken');
  }
}

/** For clients: the PSK callback is called before the handshake, and checkServerIdentity at its end. */
class ClientGate {
  #hasAsked = false;
  #isAnswered = false;
  #socket;
  #checkIdentity;
  #goOn;
  #fail;

  constructor(socket, { checkServerIdentity }, goOn, fail) {
    this.#socket = socket;
    this.#checkIdentity = checkServerIdentity;
    this.#goOn = goOn;
    this.#fail = fail;
  }

  heed() {}

  waits() {
    if (!this.#hasAsked) this.#ask();
    return !this.#isAnswered;
  }

  #ask() {
    this.#hasAsked = true;
    const psk = contextCallbacks(this.#socket.context).get('pskClient');
    if (!isAsync(psk)) return void (this.#isAnswered = true);
    psk(null).then((pair) => process.nextTick(() => this.#pass(pair)), (error) => process.nextTick(() => this.#refuse(error)));
  }

  #pass(pair) {
    if (this.#socket.destroyed) return;
    answered.set(this.#socket, { __proto__: null, pair });
    this.#isAnswered = true;
    this.#goOn();
  }

  // Nothing was sent yet: no alert is needed.
  #refuse(cause) {
    if (this.#socket.destroyed) return;
    const facts = { code: 'ERR_SSL_CALLBACK_FAILED', library: 'SSL', reason: 'CALLBACK_FAILED', phase: 'handshake', cause };
    this.#fail(Object.assign(new SSLError('the callback failed'), facts));
  }

  receive(engine, chunk, start, ended) {
    engine.receive(chunk, start, ended);
  }

  /** The error of a server that checkServerIdentity refuses. */
  judge() {
    if (!this.#checkIdentity) return null;
    const socket = this.#socket;
    try {
      return refusalOf(this.#checkIdentity(socket.serverHostname ?? '', shown(socket)));
    } catch (error) {
      return error instanceof Error ? error : new Error(`checkServerIdentity threw ${inspect(error)}`, { cause: error });
    }
  }
}

/** Only undefined and null accept the server. A promise would come too late. */
function refusalOf(answer) {
  if (answer === undefined || answer === null) return null;
  if (answer instanceof Error || types.isNativeError(answer)) return answer;
  if (types.isPromise(answer)) answer.catch(() => {});
  return check.wrong('the answer of checkServerIdentity', 'undefined or an Error, at once', answer);
}

function shown(socket) {
  if (typeof socket.getPeerCertificate === 'function') return socket.getPeerCertificate(true);
  const { peerCertificate } = socket;
  return peerCertificate === null ? {} : new X509Certificate(peerCertificate.der).toLegacyObject();
}

/** goOn and fail: a client's gate calls one of them once it has its answer. */
function gateOf(socket, given, goOn, fail) {
  const callbacks = contextCallbacks(socket.context);
  if (socket.serverSide) {
    const asks = given.SNICallback || given.ALPNCallback || isAsync(callbacks.get('sni')) || isAsync(callbacks.get('pskServer'));
    return asks ? new ServerGate(socket, given) : OPEN;
  }
  return given.checkServerIdentity || isAsync(callbacks.get('pskClient')) ? new ClientGate(socket, given, goOn, fail) : OPEN;
}

function checkGateOptions(given, isServer) {
  for (const name of GATE_OPTIONS) check.optionalCallable(given[name], name);
  const wrong = isServer ? ['checkServerIdentity'] : ['SNICallback', 'ALPNCallback'];
  for (const name of wrong)
    if (given[name]) throw Object.assign(new TypeError(`${name} is for ${isServer ? 'clients' : 'servers'}`), { code: 'ERR_INVALID_ARG_VALUE' });
}

module.exports = { GATE_OPTIONS, checkGateOptions, gateOf };
