'use strict';

// Puts tlsock/tls in the place of node:tls in this process: `node --require tlsock/tls/hook program.js`, or the first line of a
// program. node:https and all drivers then do their TLS with it. Load it first: a module that took a function out of node:tls before keeps that one.

const { syncBuiltinESMExports } = require('node:module');
const nodeTls = require('node:tls');

const ours = require('../tls.js');

for (const name of Object.keys(ours)) {
  // These are node's own already, or cannot be replaced.
  if (name.startsWith('DEFAULT_') || name === 'rootCertificates') continue;
  Object.defineProperty(nodeTls, name, Object.getOwnPropertyDescriptor(ours, name));
}
require('../lib/tls-exports.js').current = nodeTls;
// It may have been loaded before, over the Server of then: its constructor calls the one of now.
const https = require('node:https');
Object.setPrototypeOf(https.Server, ours.Server);
Object.setPrototypeOf(https.Server.prototype, ours.Server.prototype);
syncBuiltinESMExports();
