'use strict';
// node:tls as a peer. One argument: the options in JSON. Prints one JSON object a line about what happens.

const fs = require('fs');
const tls = require('tls');

const options = JSON.parse(process.argv[2]);
const say = (event, facts) => process.stdout.write(JSON.stringify({ event, ...facts }) + '\n');
const file = (path) => (path ? fs.readFileSync(path) : undefined);

const settings = {
  cert: file(options.cert),
  key: file(options.key),
  ca: file(options.ca),
  // node takes one list each.
  crl: options.crl && String(file(options.crl)).match(/-----BEGIN[^]+?-----END.+/g),
  minVersion: options.version,
  maxVersion: options.version,
  ALPNProtocols: options.alpn,
};

function facts(socket) {
  return {
    version: socket.getProtocol(),
    alpn: socket.alpnProtocol || null,
    reused: socket.isSessionReused(),
    servername: socket.servername || null,
    peer: (socket.getPeerCertificate().subject || {}).CN || null,
  };
}

// Sends back what came, once all of it is there.
function echo(socket, done) {
  const chunks = [];
  let size = 0;
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= options.size) socket.write(Buffer.concat(chunks), done);
  });
}

function serve() {
  const server = tls.createServer({
    ...settings,
    requestCert: Boolean(options.ca),
    rejectUnauthorized: Boolean(options.ca),
  });
  server.on('secureConnection', (socket) => {
    say('secure', facts(socket));
    socket.on('error', (error) => say('error', { code: error.code, message: error.message }));
    echo(socket);
  });
  server.on('tlsClientError', (error) => say('error', { code: error.code, message: error.message }));
  server.listen(0, '127.0.0.1', () => say('listening', { port: server.address().port }));
}

function connect(session, connections) {
  const socket = tls.connect({
    ...settings,
    host: '127.0.0.1',
    port: options.port,
    servername: options.servername,
    session,
  });
  let ticket;
  socket.on('session', (data) => { ticket = data; });
  socket.on('secureConnect', () => say('secure', facts(socket)));
  socket.on('error', (error) => say('error', { code: error.code, message: error.message }));
  socket.on('end', () => {
    socket.end();
    if (connections > 1) connect(ticket, connections - 1);
  });
  echo(socket);
}

if (options.port) connect(undefined, options.connections || 1);
else serve();
