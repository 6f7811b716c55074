'use strict';

// The callbacks of a context, as properties and setters of it.

const check = require('./check.js');
const { numbers } = require('./constants.js');
const { contextCallbacks } = require('./inside.js');
const { checkedCache } = require('./session-cache.js');

class CallbackProperties {
  /**
   * `(connection, serverName, context) => alert`: answers a ClientHello. It may set `connection.context` to another
   * context; undefined continues, an AlertDescription refuses the client, an exception fails the handshake and is the error's cause.
   */
  get sniCallback() {
    return contextCallbacks(this).get('sni');
  }

  set sniCallback(callback) {
    contextCallbacks(this).set('sni', check.optionalCallable(callback, 'sniCallback'));
  }

  /** `(connection, hello) => alert`: sees each ClientHello before anything is chosen; like sniCallback, but a promise is waited for. */
  setClientHelloCallback(callback) {
    contextCallbacks(this).set('clientHello', check.optionalCallable(callback, 'callback'));
  }

  /** `(connection, request) => identity`: chooses an Identity for each connection, or null for no certificate. A promise is waited for. */
  setIdentityCallback(callback) {
    contextCallbacks(this).set('identity', check.optionalCallable(callback, 'callback'));
  }

  /**
   * `(connection, verification) => true`: judges each peer after the check, and may refuse. With insecureOverride it is asked about
   * peers that the check has refused as well, and true accepts them.
   */
  setVerifyCallback(callback, options) {
    const { insecureOverride } = check.options(options, 'setVerifyCallback', ['insecureOverride']);
    const flags = check.optionalBoolean(insecureOverride, 'insecureOverride') ? numbers.CALLBACK_INSECURE_OVERRIDE : 0;
    contextCallbacks(this).set('verify', check.optionalCallable(callback, 'callback'), flags);
  }

  /** `(connection, serverName, protocols) => protocol`: chooses a server's protocol; null for none, an exception refuses the client. */
  get alpnCallback() {
    return contextCallbacks(this).get('alpn');
  }

  set alpnCallback(callback) {
    contextCallbacks(this).set('alpn', check.optionalCallable(callback, 'alpnCallback'));
  }

  setServernameCallback(callback) {
    contextCallbacks(this).setServername(check.optionalCallable(callback, 'callback'));
  }

  /** `(hint) => [identity, key]`, or null to decline. */
  setPskClientCallback(callback) {
    contextCallbacks(this).set('pskClient', check.optionalCallable(callback, 'callback'));
  }

  /** `(identity) => key`, or null to decline. */
  setPskServerCallback(callback, identityHint) {
    const hint = check.optionalString(identityHint, 'identityHint');
    contextCallbacks(this).set('pskServer', check.optionalCallable(callback, 'callback'), hint);
  }

  /** Whether a handshake without a pre-shared key fails. */
  get pskRequired() {
    return contextCallbacks(this).pskRequired;
  }

  set pskRequired(required) {
    contextCallbacks(this).pskRequired = check.boolean(required, 'pskRequired');
  }

  /** `(connection, direction, version, contentType, msgType, data)`, for debugging. Python: _msg_callback */
  get messageCallback() {
    return contextCallbacks(this).get('message');
  }

  set messageCallback(callback) {
    contextCallbacks(this).set('message', check.optionalCallable(callback, 'messageCallback'));
  }

  /** `(connection, line)`: lines with secrets, for debugging. TLSSocket has the event `keylog` too. */
  get keylogCallback() {
    return contextCallbacks(this).get('keylog');
  }

  set keylogCallback(callback) {
    contextCallbacks(this).setKeylog(check.optionalCallable(callback, 'keylogCallback'));
  }

  /** `(connection, session)`: each session that can be resumed. TLSSocket has the event `session` too. */
  get sessionCallback() {
    return contextCallbacks(this).get('session');
  }

  set sessionCallback(callback) {
    contextCallbacks(this).setSession(check.optionalCallable(callback, 'sessionCallback'));
  }

  /**
   * Where a server keeps sessions that are not in tickets: `{ put(connection, id, data, seconds), get(connection, id), remove(connection, id) }`;
   * null for in the context.
   */
  setSessionCache(cache) {
    contextCallbacks(this).set('sessionCache', checkedCache(cache));
  }
}

/** For the class of contexts, which is too long for one file. */
function addCallbackProperties(Class) {
  const { constructor, ...properties } = Object.getOwnPropertyDescriptors(CallbackProperties.prototype);
  Object.defineProperties(Class.prototype, properties);
}

module.exports = { addCallbackProperties };
