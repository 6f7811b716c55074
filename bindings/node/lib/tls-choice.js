'use strict';

// What a server chooses from the ClientHello: the context by the name, the protocol by the list.

const { HelloGate, OPEN } = require('./hello.js');
const { SecureContext } = require('./tls-context.js');
const { INVALID_PROTOCOL, made } = require('./tls-error.js');

// The context that the function of the user's gives for the name; undefined for the server's own.
function contextFor(socket, callback, servername) {
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const answer = (error, context) => {
      if (isAnswered) return void socket.destroy(made(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times'));
      isAnswered = true;
      if (error) return void reject(error);
      if (context === undefined || context === null) return void resolve(undefined);
      const found = context instanceof SecureContext ? context : context.context;
      if (found instanceof SecureContext) resolve(found);
      else reject(made(TypeError, 'ERR_TLS_INVALID_CONTEXT', 'Invalid SNI context'));
    };
    callback.call(socket, servername, answer);
  });
}

/** What the option ALPNCallback of a server's socket chooses; undefined refuses. */
function protocolBy(socket, callback, servername, protocols) {
  const chosen = callback.call(socket, { servername: servername ?? '', protocols: [...protocols] });
  if (chosen !== undefined && !protocols.includes(chosen))
    throw made(TypeError, INVALID_PROTOCOL, `ALPN callback returned a value (${chosen}) that did not match any of the client's offered protocols (${protocols.join(', ')})`);
  return chosen;
}

async function choose(socket, serverName, callback) {
  const context = serverName && callback ? await contextFor(socket, callback, serverName) : undefined;
  if (context !== undefined && !socket.destroyed) socket.adopt(context);
}

/** For servers, as node:tls has it. */
class Choice extends HelloGate {
  #callback;

  constructor(socket, callback, goOn, fail) {
    super(socket, goOn, fail);
    this.#callback = callback;
  }

  async ask(hello) {
    this.socket.hear(hello.serverName);
    await choose(this.socket, hello.serverName, this.#callback);
  }

  /** The error of a handshake that continued although the functions could not be called. */
  judge() {
    return this.wasHeard ? null : made(Error, 'ERR_TLSOCK_VALUE', 'the ClientHello could not be read ahead, so that no callback was asked');
  }
}

function choiceOf(socket, { SNICallback }, goOn, fail) {
  return SNICallback ? new Choice(socket, SNICallback, goOn, fail) : OPEN;
}

module.exports = { Choice, choiceOf, protocolBy };
