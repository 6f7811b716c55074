'use strict';

// What a server chooses from the ClientHello: the context by the name, the protocol by the list.

const { HelloReader } = require('./hello.js');
const { SecureContext } = require('./tls-context.js');
const { made } = require('./tls-error.js');

const NO_APPLICATION_PROTOCOL = 120;

// Nothing was sent yet: the alert is sent unencrypted. RFC 8446, section 6
function refuse(socket, alert, error) {
  if (socket.transport.writable) socket.transport.write(Buffer.from([21, 3, 3, 0, 2, 2, alert]));
  throw error;
}

// The context that the program's function gives for the name; undefined for the server's own.
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
  return refuse(socket, NO_APPLICATION_PROTOCOL, error);
}

async function choose(socket, { serverName, protocols }, options) {
  const hello = { servername: serverName || false, protocols: protocols.length > 0 ? protocols : null };
  const { SNICallback, ALPNCallback } = options;
  const context = hello.servername && SNICallback ? await contextFor(socket, SNICallback, hello.servername) : undefined;
  if (socket.destroyed) return;
  const chosen = protocolsFor(socket, hello, { ALPNCallback, protocols: options.protocols });
  if (context !== undefined || chosen !== undefined) socket.adopt(context, chosen);
}

const READING = 'reading', ASKING = 'asking', PASSED = 'passed';

/** For servers: the ClientHello is read, the functions are called, and only then libssl gets it. The methods are those of the gates in gate.js. */
class Choice {
  #state = READING;
  #reader = new HelloReader();
  #isSeen = false;

  /** goOn and fail: it calls one of them once it has its answers. */
  constructor(socket, options, goOn, fail) {
    Object.assign(this, { socket, options, goOn, fail });
    this.isNeeded = Boolean(options.SNICallback || options.ALPNCallback || options.protocols);
    if (!this.isNeeded) this.#state = PASSED;
  }

  get isAsking() {
    return this.#state === ASKING;
  }

  see(chunk) {
    if (this.#state === READING) this.#reader.push(chunk);
  }

  waits(ended) {
    if (this.#state === READING) this.#look(ended);
    return this.#state !== PASSED;
  }

  #look(ended) {
    const { hello } = this.#reader;
    if (hello === undefined && !ended) return;
    this.#reader = null;
    // libssl reports what is wrong.
    if (!hello) return void (this.#state = PASSED);
    this.#state = ASKING;
    this.#isSeen = true;
    this.socket.transport.pause();
    this.socket.hear(hello.serverName);
    choose(this.socket, hello, this.options).then(() => this.#pass(), (error) => {
      if (!this.socket.destroyed) this.fail(error);
    });
  }

  #pass() {
    if (this.socket.destroyed) return;
    this.#state = PASSED;
    this.socket.transport.resume();
    this.goOn();
  }

  receive(engine, chunk, start, ended) {
    engine.receive(chunk, start, ended);
  }

  /** The error of a handshake that continued although the functions could not be called. */
  judge() {
    if (this.#isSeen || !this.isNeeded) return null;
    return made(Error, 'ERR_TLSOCK_VALUE', 'the ClientHello could not be read ahead, so that no callback was asked');
  }
}

module.exports = { Choice };
