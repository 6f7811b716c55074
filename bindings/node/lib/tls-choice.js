'use strict';

// What a server chooses from the ClientHello: the context by the name, the protocol by the list.

const { types } = require('node:util');

const { errorOf } = require('./current.js');
const { HelloGate, NO_APPLICATION_PROTOCOL, OPEN } = require('./hello.js');
const { SecureContext } = require('./tls-context.js');
const { INVALID_PROTOCOL, made } = require('./tls-error.js');

function contextIn(answer) {
  if (answer === undefined || answer === null) return undefined;
  const found = answer instanceof SecureContext ? answer : answer.context;
  if (found instanceof SecureContext) return found;
  throw made(TypeError, 'ERR_TLS_INVALID_CONTEXT', 'Invalid SNI context');
}

// The context that the function of the user's gives for the name; undefined for the server's own.
function contextFor(socket, callback, servername) {
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const answer = (error, context) => {
      if (isAnswered) return void socket.destroy(made(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times'));
      isAnswered = true;
      if (error) return void reject(error);
      // What an object of the program's throws is nobody else's: this may be called from anywhere.
      try {
        resolve(contextIn(context));
      } catch (reason) {
        reject(reason);
      }
    };
    const given = callback.call(socket, servername, answer);
    // An async function may answer by what it returns, as node:tls's may not; and it may fail.
    if (types.isPromise(given)) given.then((context) => context !== undefined && answer(null, context), reject);
  });
}

/** What the option ALPNCallback of a server's socket chooses; undefined refuses. */
function protocolBy(socket, callback, servername, protocols) {
  const chosen = callback.call(socket, { servername: servername ?? '', protocols: [...protocols] });
  // A promise would come too late, and its rejection would end the process.
  if (types.isPromise(chosen)) chosen.catch(() => {});
  if (chosen !== undefined && !protocols.includes(chosen))
    throw made(TypeError, INVALID_PROTOCOL, `ALPN callback returned a value (${chosen}) that did not match any of the client's offered protocols (${protocols.join(', ')})`);
  return chosen;
}

/** For servers, as node:tls has it. choose: gives the number of an alert, 0 for none. */
class Choice extends HelloGate {
  #given;

  constructor(socket, given) {
    super(socket);
    this.#given = given;
  }

  async ask(hello) {
    try {
      return await this.choose(hello);
    } catch (error) {
      // Without an alert, as node:tls hangs up.
      this.socket.destroy(errorOf(error));
      throw error;
    }
  }

  async choose({ serverName, alpn }) {
    const { SNICallback, ALPNCallback } = this.#given, { socket } = this;
    socket.hear(serverName);
    const context = serverName && SNICallback ? await contextFor(socket, SNICallback, serverName) : undefined;
    if (socket.destroyed) return 0;
    if (context !== undefined) socket.adopt(context);
    return ALPNCallback && alpn.length > 0 ? this.#chooseProtocol(ALPNCallback, serverName, alpn) : 0;
  }

  // The function may give the connection another certificate, for which it is too late when libssl asks.
  #chooseProtocol(callback, serverName, alpn) {
    try {
      this.socket.choose(protocolBy(this.socket, callback, serverName, alpn));
      return 0;
    } catch (error) {
      this.socket.deny(error);
      return NO_APPLICATION_PROTOCOL;
    }
  }

  /** The error of a handshake that continued although the functions could not be called. */
  judge() {
    return this.wasHeard ? null : made(Error, 'ERR_TLSOCK_VALUE', 'no callback was asked about the ClientHello');
  }
}

function choiceOf(socket, options) {
  return options.SNICallback || options.ALPNCallback ? new Choice(socket, options) : OPEN;
}

module.exports = { Choice, choiceOf };
