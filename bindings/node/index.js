'use strict';

// Python's ssl module. Names are Python's, with underscores turned to camel case.

const { MemoryBIO } = require('./lib/bio.js');
const { Agent } = require('./lib/agent.js');
const { Certificate } = require('./lib/certificate.js');
const { connect, getServerCertificate, promises } = require('./lib/connect.js');
const { exported } = require('./lib/constants.js');
const { SSLContext, createDefaultContext } = require('./lib/context.js');
const errors = require('./lib/error.js');
const { createHttp2Server, createHttpsServer } = require('./lib/https.js');
const { Identity } = require('./lib/identity.js');
const functions = require('./lib/module.js');
const { guardModule } = require('./lib/nearest.js');
const { SSLObject } = require('./lib/object.js');
const { Server, createServer } = require('./lib/server.js');
const { SSLSession } = require('./lib/session.js');
const { TLSSocket } = require('./lib/socket.js');

module.exports = guardModule({
  SSLContext, SSLObject, SSLSession, MemoryBIO, Certificate, Identity, createDefaultContext,
  TLSSocket, connect, getServerCertificate, promises, Server, createServer, createHttpsServer, createHttp2Server, Agent,
  ...functions,
  ...errors,
  ...exported,
}, 'tlsock');
