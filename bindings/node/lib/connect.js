'use strict';

const net = require('node:net');
const { addAbortSignal } = require('node:stream');

const check = require('./check.js');
const { numbers } = require('./constants.js');
const { SSLContext } = require('./context.js');
const { TLSSocket, SOCKET_OPTIONS } = require('./socket.js');

const NET_OPTIONS = ['host', 'port', 'path', 'localAddress', 'localPort', 'family', 'hints', 'lookup', 'noDelay', 'keepAlive', 'keepAliveInitialDelay',
  'autoSelectFamily', 'autoSelectFamilyAttemptTimeout', 'signal'];
const FOR_SERVERS = ['serverSide', 'SNICallback', 'ALPNCallback'];
const CONNECT_OPTIONS = [...SOCKET_OPTIONS.filter((name) => !FOR_SERVERS.includes(name)), ...NET_OPTIONS, 'transport', 'timeout'];

const FOR_NET = new Set(NET_OPTIONS), FOR_SOCKET = new Set(SOCKET_OPTIONS);

function pick(options, names, into) {
  for (const name of Object.keys(options)) if (options[name] !== undefined && names.has(name)) into[name] = options[name];
  return into;
}

// Text is accepted too, such as the value of an environment variable.
function portOf(port) {
  return check.integer(typeof port === 'string' && /^\d+$/.test(port.trim()) ? Number(port) : port, 'port', 0, 65535);
}

/**
 * Connects and does the handshake with the certificate and the host name checked. options: host, port (or path, or
 * transport: a Duplex) and those of TLSSocket and net.connect; serverHostname is the host by default. The listener is
 * for `secureConnect`.
 */
function connect(options, listener) {
  const given = check.options(options, 'connect', CONNECT_OPTIONS);
  const host = check.optionalString(given.host, 'host') ?? 'localhost';
  if (given.transport === undefined && given.path === undefined) portOf(given.port);
  if (given.timeout !== undefined) check.milliseconds(given.timeout, 'timeout');
  check.optionalCallable(listener, 'listener');
  if (given.transport !== undefined) check.optionalInstance(given.signal, AbortSignal, 'signal');
  const forSocket = pick(given, FOR_SOCKET, given.transport === undefined ? { allowHalfOpen: false } : {});
  if (given.serverHostname === undefined && given.transport === undefined) forSocket.serverHostname = host;
  const transport = given.transport ?? net.connect(pick(given, FOR_NET, { noDelay: true, allowHalfOpen: true }));
  let socket;
  try {
    socket = new TLSSocket(transport, forSocket);
  } catch (error) {
    if (given.transport === undefined) transport.destroy();
    throw error;
  }
  // net.connect has not got it then.
  if (given.transport !== undefined && given.signal) addAbortSignal(given.signal, socket);
  if (given.timeout > 0) socket.setTimeout(given.timeout);
  if (listener) socket.once('secureConnect', listener);
  return socket;
}

/** Like connect; resolves when the handshake is done. */
async function connectAsync(options) {
  const socket = connect(options);
  await socket.doHandshake();
  return socket;
}

/**
 * The PEM text of a server's certificate. It is checked only against a cafile. Python: get_server_certificate
 * options: cafile, timeout (milliseconds).
 */
async function getServerCertificate(host, port, options) {
  const { cafile, timeout } = check.options(options, 'getServerCertificate', ['cafile', 'timeout']);
  const context = new SSLContext(numbers.PROTOCOL_TLS_CLIENT);
  context.checkHostname = false;
  context.verifyMode = cafile === undefined ? numbers.CERT_NONE : numbers.CERT_REQUIRED;
  if (cafile !== undefined) context.loadVerifyLocations({ cafile });
  const socket = await connectAsync({ host: check.string(host, 'host'), port, context, handshakeTimeout: timeout });
  const { pem } = socket.peerCertificate;
  socket.destroy();
  return pem;
}

module.exports = { connect, getServerCertificate, promises: { connect: connectAsync } };
