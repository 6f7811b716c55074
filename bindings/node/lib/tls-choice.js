'use strict';

// What a server chooses from the ClientHello: the context by the name, the protocol by the list.

const { HelloGate, OPEN, sendAlert } = require('./hello.js');
const { SecureContext } = require('./tls-context.js');
const { made } = require('./tls-error.js');

const NO_APPLICATION_PROTOCOL = 120;

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

function protocolBy(callback, hello) {
  const chosen = callback({ servername: hello.servername || '', protocols: hello.protocols });
  if (chosen === undefined) return undefined;
  if (!hello.protocols.includes(chosen))
    throw made(TypeError, 'ERR_TLS_ALPN_CALLBACK_INVALID_RESULT', `ALPN callback returned a value (${chosen}) that did not match any of the client's offered protocols (${hello.protocols.join(', ')})`);
  return chosen;
}

// The protocols of this connection; undefined if the client offers none.
function protocolsFor(socket, hello, { ALPNCallback, protocols }) {
  if (hello.protocols === null || (!ALPNCallback && !protocols)) return undefined;
  const chosen = ALPNCallback ? protocolBy(ALPNCallback.bind(socket), hello) : protocols.find((each) => hello.protocols.includes(each));
  if (chosen !== undefined) return [chosen];
  const error = made(Error, 'ERR_SSL_NO_APPLICATION_PROTOCOL', 'no application protocol', { library: 'SSL routines', reason: 'no application protocol' });
  sendAlert(socket.transport, NO_APPLICATION_PROTOCOL);
  throw error;
}

async function choose(socket, { serverName, protocols }, options) {
  const hello = { servername: serverName || false, protocols: protocols.length > 0 ? protocols : null };
  const { SNICallback, ALPNCallback } = options;
  const context = hello.servername && SNICallback ? await contextFor(socket, SNICallback, hello.servername) : undefined;
  if (socket.destroyed) return;
  const chosen = protocolsFor(socket, hello, { ALPNCallback, protocols: options.protocols });
  if (context !== undefined || chosen !== undefined) socket.adopt(context, chosen);
}

/** For servers, as node:tls has it. */
class Choice extends HelloGate {
  #options;

  constructor(socket, options, goOn, fail) {
    super(socket, goOn, fail);
    this.#options = options;
  }

  async ask(hello) {
    this.socket.hear(hello.serverName);
    await choose(this.socket, hello, this.#options);
  }

  /** The error of a handshake that continued although the functions could not be called. */
  judge() {
    return this.wasHeard ? null : made(Error, 'ERR_TLSOCK_VALUE', 'the ClientHello could not be read ahead, so that no callback was asked');
  }
}

function choiceOf(socket, options, goOn, fail) {
  return options.SNICallback || options.ALPNCallback || options.protocols ? new Choice(socket, options, goOn, fail) : OPEN;
}

module.exports = { Choice, choiceOf };
