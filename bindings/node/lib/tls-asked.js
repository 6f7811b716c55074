'use strict';

// The events of node:tls's servers whose listeners give something to the handshake: resumeSession and OCSPRequest. They are
// emitted when the ClientHello has come.

const check = require('./check.js');
const { hasTicket, identitiesOf, wantsOcsp } = require('./hello.js');
const { ownBytes } = require('./own.js');
const { Choice, choiceOf } = require('./tls-choice.js');
const { made } = require('./tls-error.js');
const { foundSession, keepSessions, keepsSessions } = require('./tls-sessions.js');

// The bytes of the ids that the library gives to sessions, and how many of a client are asked about.
const ID_LENGTH = 32, MOST_IDS = 8, MOST_IDENTITIES = 64;

// Emits an event whose last argument answers it; null if nobody listens.
function answerTo(socket, server, event, ...args) {
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const answer = (error, value) => {
      if (isAnswered) return void socket.destroy(made(Error, 'ERR_MULTIPLE_CALLBACK', 'Callback called multiple times'));
      isAnswered = true;
      if (error) reject(error);
      else resolve(value);
    };
    if (!server.emit(event, ...args, answer)) resolve(null);
  });
}

// A copy of bytes, as the listener may use its own again; null for no bytes.
function copyOf(value) {
  const isBytes = ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
  const bytes = isBytes ? check.bytes(value, 'the answer') : [];
  return bytes.length > 0 ? ownBytes(bytes) : null;
}

// In TLS 1.3 the id of a session stands where tickets do. AWS-LC fills it up with zeros.
const isId = (identity) => identity.length >= ID_LENGTH && identity.subarray(ID_LENGTH).every((byte) => byte === 0);

// Tickets need no store.
function idsOf(hello) {
  const ids = identitiesOf(hello, MOST_IDENTITIES).filter(isId).map((identity) => identity.subarray(0, ID_LENGTH));
  if (ids.length > 0) return ids.slice(0, MOST_IDS);
  return hasTicket(hello) || hello.sessionId.length === 0 ? [] : [hello.sessionId];
}

const warned = new Set();

function warn(message) {
  if (warned.has(message)) return;
  warned.add(message);
  process.emitWarning(`what a listener of OCSPRequest answered is not sent: ${message}`, { code: 'TLSOCK_OCSP_RESPONSE' });
}

const listensToOcsp = (server) => server?.listenerCount?.('OCSPRequest') > 0;

/** For servers with such listeners. options: SNICallback, ALPNCallback, server, and secureContext, which gives the one that was chosen. */
class Asking extends Choice {
  #server;
  #secureContext;
  // As its context was made: listeners may come and go meanwhile.
  #keepsSessions;

  constructor(socket, options) {
    super(socket, options);
    this.#server = options.server;
    this.#secureContext = options.secureContext;
    this.#keepsSessions = keepsSessions(options.server);
    if (this.#keepsSessions) keepSessions(socket, options.server);
  }

  async choose(hello) {
    const alert = await super.choose(hello);
    if (alert !== 0) return alert;
    for (const id of this.#keepsSessions ? idsOf(hello) : []) if (!this.socket.destroyed) await this.#find(Buffer.from(id));
    if (wantsOcsp(hello) && !this.socket.destroyed && listensToOcsp(this.#server)) await this.#request();
    return 0;
  }

  async #find(id) {
    const data = copyOf(await answerTo(this.socket, this.#server, 'resumeSession', id));
    if (data !== null) foundSession(this.socket, id, data);
  }

  async #request() {
    const { certificate, issuer } = this.#secureContext();
    if (certificate === undefined) return;
    const response = copyOf(await answerTo(this.socket, this.#server, 'OCSPRequest', certificate.raw, issuer?.raw ?? null));
    if (response !== null && !this.socket.destroyed) this.#staple(response);
  }

  // Other connections have the same context: this one gets another, which has the response.
  #staple(response) {
    const context = this.#contextWith(response);
    if (context !== null) this.socket.context = context;
  }

  // Without a response that is one, none is sent. A client that demands one refuses then.
  #contextWith(response) {
    try {
      return this.#secureContext().stapled(this.socket.context, response);
    } catch (error) {
      warn(error.message);
      return null;
    }
  }
}

/** For a server whose listeners give OCSP responses: each is in a context of its own, of which without shared keys none would resume the sessions of another. */
function shareSessions(server, secureContext) {
  if (listensToOcsp(server)) secureContext.getTicketKeys();
}

/** What a server is asked about before the handshake of a connection. */
function gateOf(socket, options) {
  const isAsked = keepsSessions(options.server) || listensToOcsp(options.server);
  return isAsked ? new Asking(socket, options) : choiceOf(socket, options);
}

module.exports = { gateOf, shareSessions };
