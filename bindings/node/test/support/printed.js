'use strict';

const { execFile } = require('node:child_process');
const { promisify } = require('node:util');

/** What a program prints, by lines. What is uncaught it prints, and goes on. */
async function printed(source) {
  const path = (name) => JSON.stringify(require.resolve(name));
  const all = `
    const nodeTls = require('node:tls'), net = require('node:net'), { Duplex } = require('node:stream');
    const tls = require(${path('../../tls.js')}), tlsock = require(${path('../../index.js')}), { clientContext, serverContext, text } = require(${path('./certs.js')});
    const identity = { key: text('ecdsa.key'), cert: text('ecdsa.pem') }, fail = () => { throw new Error('of the program'); };
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    ${source}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', all], { timeout: 60_000 });
  return stdout.trim().split('\n');
}

module.exports = { printed };
