'use strict';

const check = require('./check.js');

/**
 * Loads what may be encrypted. A password is a string, bytes or a function that gives one of them. What the function throws is the error.
 * load: gets the password as the addon takes it, text, a function or null.
 */
function withPassword(password, load) {
  let thrown;
  const ask = () => {
    try {
      return check.secret(check.synchronous(password(), 'the password function'), 'the password');
    } catch (error) {
      thrown = { error };
      throw new Error('the password function threw');
    }
  };
  const bytes = () => check.bytes(password, 'password');
  let secret = null;
  if (typeof password === 'function') secret = ask;
  else if (typeof password === 'string') secret = check.string(password, 'password');
  else if (password !== undefined && password !== null) secret = bytes() && bytes;
  try {
    return load(secret);
  } catch (error) {
    throw thrown ? thrown.error : error;
  }
}

module.exports = { withPassword };
