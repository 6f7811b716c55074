'use strict';

// Errors of the binding itself.

const { OSError, TimeoutError, ValueError } = require('./error.js');

const closed = () => Object.assign(new OSError('the transport is closed'), { code: 'EPIPE' });

const ended = () => Object.assign(new OSError('the peer has ended the connection'), { code: 'EPIPE' });

const destroyed = () => Object.assign(new ValueError('the connection was destroyed'), { code: 'ERR_STREAM_DESTROYED' });

/** A buffer of the program has changed. */
const changed = (what) => Object.assign(new ValueError(`${what} was detached or resized before all of it was used`), { code: 'ERR_INVALID_STATE' });

const late = () => Object.assign(new TimeoutError('the TLS handshake timed out'), { code: 'ETIMEDOUT', phase: 'handshake' });

/** A peer that has gone. */
const gone = () =>
  Object.assign(new OSError('the connection was closed before the end of the handshake'), { code: 'ECONNRESET', phase: 'handshake' });

module.exports = { changed, closed, destroyed, ended, gone, late };
