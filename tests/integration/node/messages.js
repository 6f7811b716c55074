'use strict';

const assert = require('node:assert');
const { once } = require('node:events');

const { client, ports, refuses, run, server, stranger, trust } = require('./drivers.js');

async function mqtt(port, options) {
  const { connectAsync } = require('mqtt');
  const connection = await connectAsync({ protocol: 'mqtts', host: '127.0.0.1', port: Number(port), reconnectPeriod: 0, ...options });
  await connection.subscribeAsync('topic');
  const message = once(connection, 'message');
  await connection.publishAsync('topic', 'x'.repeat(200000));
  assert.strictEqual((await message)[1].length, 200000);
  await connection.endAsync();
}

async function mail(isSecure, options) {
  const { SMTPServer } = require('smtp-server');
  const { createTransport } = require('nodemailer');
  const received = [];
  const listening = new SMTPServer({
    ...server, secure: isSecure, authOptional: true, disabledCommands: ['AUTH'], logger: false,
    onData(stream, session, done) {
      stream.on('data', (chunk) => received.push(chunk)).on('end', () => done(null, String(session.secure)));
    },
  });
  listening.on('error', () => {});
  listening.listen(0, '127.0.0.1');
  await once(listening.server, 'listening');
  try {
    const transport = createTransport({ host: '127.0.0.1', port: listening.server.address().port, secure: isSecure, requireTLS: true, tls: options });
    const { response } = await transport.sendMail({ from: 'a@localhost', to: 'b@localhost', text: 'x'.repeat(200000) });
    transport.close();
    assert.match(response, /true/);
    assert.ok(Buffer.concat(received).length > 200000);
  } finally {
    listening.close(() => {});
  }
}

module.exports = async function messages() {
  const psk = { ciphers: 'PSK', checkServerIdentity: () => undefined, pskCallback: () => ({ psk: Buffer.from('0123456789abcdef', 'hex'), identity: 'device' }) };
  await run('mqtt', () => mqtt(ports.TLSOCK_MOSQUITTO_PORT, trust));
  await run('mqtt with a certificate', () => mqtt(ports.TLSOCK_MOSQUITTO_MTLS_PORT, { ...trust, ...client }));
  await run('mqtt with a key shared before', () => mqtt(ports.TLSOCK_MOSQUITTO_PSK_PORT, psk));
  await run('mqtt refuses', () => refuses(mqtt(ports.TLSOCK_MOSQUITTO_PORT, stranger)));
  await run('nodemailer and smtp-server, STARTTLS', () => mail(false, trust));
  await run('nodemailer and smtp-server, TLS from the start', () => mail(true, trust));
  await run('nodemailer refuses', () => refuses(mail(false, stranger)));
};
