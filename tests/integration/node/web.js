'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const https = require('node:https');

const { refuses, run, server, stranger, trust } = require('./drivers.js');

const BODY = 'x'.repeat(200000);

async function served(listener, work) {
  const listening = https.createServer(server, listener).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  try {
    await work(listening, listening.address().port);
  } finally {
    listening.close();
    listening.closeAllConnections();
  }
}

const undici = (options) => served((request, response) => request.pipe(response), async (_, port) => {
  const { Agent, request } = require('undici');
  const dispatcher = new Agent({ connect: options });
  const { body } = await request(`https://127.0.0.1:${port}/`, { dispatcher, method: 'POST', body: BODY });
  assert.strictEqual((await body.text()).length, BODY.length);
  await dispatcher.close();
});

const ws = (options) => served(undefined, async (listening, port) => {
  const { WebSocket, WebSocketServer } = require('ws');
  new WebSocketServer({ server: listening }).on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  const socket = new WebSocket(`wss://127.0.0.1:${port}/`, options);
  await once(socket, 'open');
  const answer = once(socket, 'message');
  socket.send(BODY);
  assert.strictEqual((await answer)[0].length, BODY.length);
  socket.terminate();
});

async function grpc({ ca }) {
  const { Client, Server, ServerCredentials, credentials } = require('@grpc/grpc-js');
  const same = (value) => value;
  const echo = { path: '/echo/Echo', requestStream: false, responseStream: false, requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };
  const listening = new Server();
  listening.addService({ Echo: echo }, { Echo: (call, done) => done(null, call.request) });
  const pair = { private_key: Buffer.from(server.key), cert_chain: Buffer.from(server.cert) };
  const port = await new Promise((resolve, reject) =>
    listening.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(null, [pair]), (error, bound) => (error ? reject(error) : resolve(bound))));
  const client = new Client(`localhost:${port}`, credentials.createSsl(Buffer.from(ca)));
  try {
    const answer = await new Promise((resolve, reject) => {
      client.makeUnaryRequest(echo.path, same, same, Buffer.from(BODY), { deadline: Date.now() + 10_000 }, (error, value) => (error ? reject(error) : resolve(value)));
    });
    assert.strictEqual(answer.length, BODY.length);
  } finally {
    client.close();
    listening.forceShutdown();
  }
}

module.exports = async function web() {
  await run('undici', () => undici(trust));
  await run('undici refuses', () => refuses(undici(stranger)));
  await run('ws', () => ws(trust));
  await run('ws refuses', () => refuses(ws(stranger)));
  await run('grpc-js', () => grpc(trust));
  await run('grpc-js refuses', () => refuses(grpc(stranger)));
};
