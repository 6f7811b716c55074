'use strict';

// A context's connections: the native part.

const check = require('./check.js');
const { numbers } = require('./constants.js');
const { contextHandle } = require('./inside.js');
const native = require('./native.js');
const { SSLSession, sessionHandle } = require('./session.js');

const WRAP_OPTIONS = ['serverSide', 'serverHostname', 'session', 'insecureNoHostname', 'reportVerification'];

/** What the constructors of connections take: made here only. */
class Wrapped {
  handle;
  context;
  serverSide;
  serverHostname;

  constructor(handle, context, serverSide, serverHostname) {
    this.handle = handle;
    this.context = context;
    this.serverSide = serverSide;
    this.serverHostname = serverHostname;
  }
}

function wrap(context, incoming, outgoing, { serverSide, serverHostname, session, insecureNoHostname, reportVerification }) {
  const isServer = check.optionalBoolean(serverSide, 'serverSide');
  const flags = (isServer ? numbers.WRAP_SERVER_SIDE : 0) |
    (check.optionalBoolean(insecureNoHostname, 'insecureNoHostname') ? numbers.WRAP_INSECURE_NO_HOSTNAME : 0) |
    (check.optionalBoolean(reportVerification, 'reportVerification') ? numbers.WRAP_REPORT_VERIFICATION : 0);
  const name = check.optionalString(serverHostname, 'serverHostname');
  const resumed = sessionHandle(check.optionalInstance(session, SSLSession, 'session'));
  const handle = native.wrapBio(contextHandle(context), incoming, outgoing, flags, name, resumed);
  return new Wrapped(handle, context, isServer, name === null ? null : native.serverHostname(handle));
}

module.exports = { WRAP_OPTIONS, Wrapped, wrap };
