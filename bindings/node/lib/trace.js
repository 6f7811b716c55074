'use strict';

// node:tls's enableTrace: a line on stderr for each message of the connections that have asked for it.

const { connectionAtWork, throwing } = require('./current.js');
const { Hidden } = require('./hidden.js');
const { contextCallbacks } = require('./inside.js');

const traced = new Hidden();

/** A connection gets a context: the library looks then for what is to be told of messages. */
function follow(connection, context) {
  if (traced.get(connection)) contextCallbacks(context).wire('message');
}

function trace(connection) {
  traced.set(connection, true);
  follow(connection, connection.context);
}

/** What the library tells of messages where connections are traced. own: the function of the context's callback; null for none. */
const tracing = (own) => throwing((direction, version, contentType, msgType, data) => {
  if (traced.get(connectionAtWork())) {
    const way = direction === 0 ? 'read' : 'write';
    process.stderr.write(`TLS ${way} version 0x${version.toString(16)} content ${contentType} message ${msgType}, ${data.length} bytes\n`);
  }
  own?.(direction, version, contentType, msgType, data);
});

module.exports = { follow, trace, tracing };
