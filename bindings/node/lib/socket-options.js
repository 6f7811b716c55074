'use strict';

const net = require('node:net');

const check = require('./check.js');
const { SSLContext, createDefaultContext } = require('./context.js');
const { GATE_OPTIONS, checkGateOptions } = require('./gate.js');
const { WRAP_OPTIONS } = require('./wrap.js');

const SOCKET_OPTIONS = [...WRAP_OPTIONS, ...GATE_OPTIONS, 'context', 'suppressRaggedEofs', 'allowHalfOpen', 'highWaterMark', 'handshakeTimeout'];

// Four full records: one buffer, one write to the transport.
const HIGH_WATER_MARK = 65536;

/** The options of a TLSSocket, with the default values filled in. */
function checkedOptions(transport, options) {
  const given = check.options(options, 'TLSSocket', SOCKET_OPTIONS);
  if (typeof transport?.write !== 'function' || typeof transport.on !== 'function' || typeof transport.pause !== 'function')
    throw check.wrong('transport', 'a Duplex', transport);
  const isServer = check.optionalBoolean(given.serverSide, 'serverSide');
  if (isServer) check.instance(given.context, SSLContext, 'context');
  const context = check.optionalInstance(given.context, SSLContext, 'context') ?? createDefaultContext();
  const suppressRaggedEofs = check.optionalBoolean(given.suppressRaggedEofs, 'suppressRaggedEofs', true);
  const handshakeTimeout = check.milliseconds(given.handshakeTimeout ?? 0, 'handshakeTimeout');
  checkGateOptions(given, isServer);
  const highWaterMark = check.integer(given.highWaterMark ?? HIGH_WATER_MARK, 'highWaterMark', 0);
  const inherited = transport instanceof net.Socket && transport.allowHalfOpen;
  const allowHalfOpen = check.optionalBoolean(given.allowHalfOpen, 'allowHalfOpen', inherited);
  return { given, context, allowHalfOpen, highWaterMark, suppressRaggedEofs, handshakeTimeout };
}

module.exports = { SOCKET_OPTIONS, checkedOptions };
