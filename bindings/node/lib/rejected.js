'use strict';

const net = require('node:net');

const REJECTION = Symbol.for('nodejs.rejection');

/** For servers, with events.captureRejections: what an async listener rejects ends its connection, as in node:tls, and not the server. */
function rejected(error, event, socket) {
  if (event === 'secureConnection') socket.destroy(error);
  else net.Server.prototype[REJECTION].call(this, error, event, socket);
}

module.exports = { rejected };
