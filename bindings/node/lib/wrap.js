'use strict';

// A context's connections: the native part.

const check = require('./check.js');
const { numbers } = require('./constants.js');
const { contextHandle } = require('./inside.js');
const native = require('./native.js');
const { SSLSession, sessionHandle } = require('./session.js');

const WRAP_OPTIONS = ['serverSide', 'serverHostname', 'expectedNames', 'serverName', 'session', 'insecureNoHostname', 'reportVerification'];

/** What the constructors of connections take: made here only. */
class Wrapped {
  handle;
  context;
  serverSide;
  serverHostname;
  expectedNames;

  constructor(handle, context, serverSide, serverHostname, expectedNames) {
    this.handle = handle;
    this.context = context;
    this.serverSide = serverSide;
    this.serverHostname = serverHostname;
    this.expectedNames = expectedNames;
  }
}

// What the peer must prove, and what it is asked for, where these are not its serverHostname.
function setNames(handle, expectedNames, serverName) {
  try {
    if (expectedNames !== undefined) native.setExpectedNames(handle, expectedNames);
    if (serverName !== undefined) native.setServerName(handle, serverName);
  } catch (error) {
    native.free(handle);
    throw error;
  }
}

function wrap(context, incoming, outgoing, { serverSide, serverHostname, expectedNames, serverName, session, insecureNoHostname, reportVerification }) {
  const isServer = check.optionalBoolean(serverSide, 'serverSide');
  const flags = (isServer ? numbers.WRAP_SERVER_SIDE : 0) |
    (check.optionalBoolean(insecureNoHostname, 'insecureNoHostname') ? numbers.WRAP_INSECURE_NO_HOSTNAME : 0) |
    (check.optionalBoolean(reportVerification, 'reportVerification') ? numbers.WRAP_REPORT_VERIFICATION : 0);
  const name = check.optionalString(serverHostname, 'serverHostname');
  const resumed = sessionHandle(check.optionalInstance(session, SSLSession, 'session'));
  const names = expectedNames === undefined ? undefined : check.list(expectedNames, 'expectedNames', check.string);
  const sent = serverName === undefined ? undefined : check.optionalString(serverName, 'serverName');
  const handle = native.wrapBio(contextHandle(context), incoming, outgoing, flags, name, resumed);
  setNames(handle, names, sent);
  return new Wrapped(handle, context, isServer, name === null ? null : native.serverHostname(handle), names);
}

module.exports = { WRAP_OPTIONS, Wrapped, wrap };
